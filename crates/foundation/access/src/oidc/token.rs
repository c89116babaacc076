//! ID tokens: read, held to the provider's keys and to what was asked, and refused with the reason.
//!
//! OpenID Connect Core 1.0 §3.1.3.7, RFC 7515 (JWS), RFC 7517 and 7518 (keys; RS256 and ES256, and nothing else).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::Instant;
use ring::signature::{ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;
use serde_json::Value;
use subtle::ConstantTimeEq;

/// Clocks of two machines may differ by this.
const SKEW_SECONDS: i64 = 60;
/// A token is longer than this only where somebody plays with us.
const MOST_CHARACTERS: usize = 64 * 1024;

/// Why a token is not taken; for the log, and for tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Not three parts of JSON and bytes, or a claim of another kind than it must be.
    Unreadable,
    /// Another algorithm than RS256 and ES256, or than the key is for.
    Algorithm,
    /// No key of the provider has this id; its keys may have been changed since they were read.
    UnknownKey,
    Signature,
    Issuer,
    /// Made for another client, or for several of which it does not name us as the one that asked.
    Audience,
    Expired,
    /// From a time that is still to come.
    Early,
    /// An answer to another question than the one that this browser asked.
    Nonce,
}

/// What the provider publishes at its `jwks_uri`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Keys {
    keys: Vec<Value>,
}

#[derive(Debug, Deserialize)]
struct Key {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// What the token must say.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    pub issuer: &'a str,
    pub client: &'a str,
    pub nonce: &'a str,
    pub now: Instant,
}

/// What a token said that was taken.
#[derive(Debug, Clone)]
pub struct Claims(serde_json::Map<String, Value>);

impl Claims {
    /// A claim that names somebody: a text or a whole number.
    pub fn name(&self, claim: &str) -> Option<String> {
        match self.0.get(claim)? {
            Value::String(text) if !text.is_empty() && text.len() <= 255 && !text.contains('\0') => Some(text.clone()),
            Value::Number(number) if number.is_u64() => Some(number.to_string()),
            _ => None,
        }
    }
    /// Whether the person has shown more than one thing (RFC 8176).
    pub fn is_multi_factor(&self) -> bool {
        self.0.get("amr").and_then(Value::as_array).is_some_and(|methods| methods.iter().any(|method| method.as_str() == Some("mfa")))
    }
}

#[derive(Debug, Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    /// Extensions that must be understood, of which we know none.
    crit: Option<Value>,
}

fn bytes(text: &str) -> Result<Vec<u8>, Refusal> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Refusal::Unreadable)
}

fn json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Refusal> {
    serde_json::from_slice(&bytes(text)?).map_err(|_| Refusal::Unreadable)
}

/// Takes a token that the provider signed, for us, just now, as the answer to what this browser asked.
pub fn check(token: &str, keys: &Keys, expected: &Expected<'_>) -> Result<Claims, Refusal> {
    if token.len() > MOST_CHARACTERS {
        return Err(Refusal::Unreadable);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(Refusal::Unreadable)?;
    let (header, claims) = signed.split_once('.').ok_or(Refusal::Unreadable)?;
    let header: Header = json(header)?;
    if header.crit.is_some() || !["RS256", "ES256"].contains(&header.alg.as_str()) {
        return Err(Refusal::Algorithm);
    }
    keys.verify(&header, signed.as_bytes(), &bytes(signature)?)?;
    let claims = Claims(json(claims)?);
    claims.meet(expected)?;
    Ok(claims)
}

impl Keys {
    /// With a key's id that key alone is asked; without one, each that can have signed it.
    fn verify(&self, header: &Header, signed: &[u8], signature: &[u8]) -> Result<(), Refusal> {
        let kind = if header.alg == "RS256" { "RSA" } else { "EC" };
        // A key that we do not understand is none of ours to trip over.
        let known = self.keys.iter().filter_map(|key| Key::deserialize(key).ok());
        let mut named = known
            .filter(|key| header.kid.is_none() || key.kid == header.kid)
            .filter(|key| key.purpose.as_deref().is_none_or(|purpose| purpose == "sig"))
            .peekable();
        if named.peek().is_none() {
            return Err(Refusal::UnknownKey);
        }
        let mut fitting = named.filter(|key| key.kty == kind && key.alg.as_ref().is_none_or(|alg| *alg == header.alg)).peekable();
        if fitting.peek().is_none() {
            return Err(Refusal::Algorithm);
        }
        if fitting.any(|key| key.has_signed(signed, signature).unwrap_or(false)) { Ok(()) } else { Err(Refusal::Signature) }
    }
}

impl Key {
    fn has_signed(&self, signed: &[u8], signature: &[u8]) -> Option<bool> {
        let part = |text: &Option<String>| bytes(text.as_deref()?).ok();
        if self.kty == "RSA" {
            let key = RsaPublicKeyComponents { n: part(&self.n)?, e: part(&self.e)? };
            return Some(key.verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature).is_ok());
        }
        let (x, y) = (part(&self.x)?, part(&self.y)?);
        if self.crv.as_deref() != Some("P-256") || x.len() != 32 || y.len() != 32 {
            return None;
        }
        // SEC 1 §2.3.3: an uncompressed point.
        let point = [&[4][..], &x, &y].concat();
        Some(UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signed, signature).is_ok())
    }
}

impl Claims {
    fn text(&self, claim: &str) -> Option<&str> {
        self.0.get(claim).and_then(Value::as_str)
    }
    /// Seconds since 1970; some providers write them with a fraction.
    fn seconds(&self, claim: &str) -> Result<Option<i64>, Refusal> {
        let Some(value) = self.0.get(claim) else { return Ok(None) };
        let whole = value.as_i64().or_else(|| value.as_f64().filter(|seconds| seconds.abs() < 1e15).map(|seconds| seconds as i64));
        whole.map(Some).ok_or(Refusal::Unreadable)
    }
    fn meet(&self, expected: &Expected<'_>) -> Result<(), Refusal> {
        if self.text("iss") != Some(expected.issuer) {
            return Err(Refusal::Issuer);
        }
        let for_us = match self.0.get("aud") {
            Some(Value::String(one)) => one == expected.client,
            Some(Value::Array(several)) => several.iter().any(|one| one.as_str() == Some(expected.client)),
            _ => false,
        };
        let among_others = self.0.get("aud").and_then(Value::as_array).is_some_and(|several| several.len() > 1);
        let asked_by = self.text("azp");
        if !for_us || (among_others && asked_by.is_none()) || asked_by.is_some_and(|party| party != expected.client) {
            return Err(Refusal::Audience);
        }
        let now = expected.now.micros() / Instant::MICROS_PER_SECOND;
        if self.seconds("exp")?.is_none_or(|end| now >= end + SKEW_SECONDS) {
            return Err(Refusal::Expired);
        }
        let begins = [self.seconds("nbf")?, self.seconds("iat")?];
        if begins[1].is_none() || begins.into_iter().flatten().any(|begin| begin > now + SKEW_SECONDS) {
            return Err(Refusal::Early);
        }
        let nonce = self.text("nonce").unwrap_or_default();
        if bool::from(nonce.as_bytes().ct_eq(expected.nonce.as_bytes())) { Ok(()) } else { Err(Refusal::Nonce) }
    }
}

#[cfg(test)]
mod tests;
