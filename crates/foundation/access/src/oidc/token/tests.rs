//! Every way in which an ID token can be wrong is tried on one that is right.

use super::*;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::json;

const NOW: Instant = Instant(1_764_000_100_000_000);
const EXPECTED: Expected<'static> = Expected { issuer: "https://id.example", client: "xiuhua", nonce: "n-1", now: NOW };

/// Signed once by a key that nobody has any more.
const RSA_MODULUS: &str = concat!(
    "tfWDedg6D2_dicRUZZA2-jrDKTaoaQUv8vUEdKaAHlz17JoqTtCLA5Qah2e0rKSRzD-H1KmrA9ZEwn07jsQs0b2jB9LY2jq9ZexK7gLdDFGTze",
    "SKbyR0_tIAYum0Sh_I5tdSap9h2Aw8w7TXvAb6xp3BuGKq2l6iAdGgCruzebc7E1xyGVYwV6ls4OTh_UvWo4yrBq7uqO-P_bEXO9kpHpHrygZ3",
    "sQAzcL1FInN4xC61Z6_ZjrX78hHm_-AG1xknrOvB-L4P8Gq1eQeSnw_N8Ynk0H1vTCU0J0umquQF5pxtZvmkigCTHtpxvTIBpTiKenmsbRJWGq",
    "kf7o809YmemQ"
);
const RSA_TOKEN: &str = concat!(
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJhdWQiOiJ4aXVodWEiLCJleHAiOjE3NjQwM",
    "DAzMDAsImlhdCI6MTc2NDAwMDAwMCwibm9uY2UiOiJuLTEiLCJzdWIiOiJ1LTcifQ.TEpv9f2wrq_ZgGz8uZPCjOA5fl6XoDjOGlNU2N-jIIWc",
    "hjLXjCcxOoQ1hc6zJRb5evO7MCVGd6IquziGz6vgmMUZI2enmev9KCfHCAckV2WCfctE3ZQvtQ14_TMm_eAyTcBvWDmmPb_87VXO18iJIIZ8RE",
    "NUFzJm6ofFsPZEF4RhxdUBrdG4k57dgVUgMNwfflxHOGCRMDZRlJV0MhGCkZm3Kblf61O_V6_WGDncdArg6k_oKavEFwNUlaINfdzHNo8PgKVl",
    "2pCkKlH5QhklqGbfreYbNV0C0_2rsp8eFcGKaSEt4uoyYfbZ02iGIkogGjGI1tILEM7I-nky2qY5TQ"
);

struct Signer {
    key: EcdsaKeyPair,
    id: &'static str,
}

impl Signer {
    fn new(id: &'static str) -> Signer {
        let chance = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &chance).unwrap();
        Signer { key: EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &chance).unwrap(), id }
    }
    fn public(&self) -> Value {
        let point = self.key.public_key().as_ref();
        json!({ "kty": "EC", "crv": "P-256", "kid": self.id, "use": "sig",
            "x": URL_SAFE_NO_PAD.encode(&point[1..33]), "y": URL_SAFE_NO_PAD.encode(&point[33..]) })
    }
    fn keys(&self) -> Keys {
        Keys { keys: vec![json!({ "kty": "OKP", "crv": "Ed25519" }), self.public()] }
    }
    fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }
    fn token(&self, claims: &Value) -> String {
        self.sign(&json!({ "alg": "ES256", "kid": self.id }), claims)
    }
}

fn right() -> Value {
    json!({ "iss": "https://id.example", "aud": "xiuhua", "exp": 1_764_000_300, "iat": 1_764_000_000, "nonce": "n-1", "sub": "u-7", "number": 4711 })
}

fn with(claim: &str, value: Value) -> Value {
    let mut claims = right();
    claims[claim] = value;
    claims
}

fn without(claim: &str) -> Value {
    let mut claims = right();
    claims.as_object_mut().unwrap().remove(claim);
    claims
}

#[test]
fn a_token_that_is_right_is_taken_of_either_kind() {
    let signer = Signer::new("a");
    let claims = check(&signer.token(&right()), &signer.keys(), &EXPECTED).unwrap();
    assert_eq!((claims.name("sub").as_deref(), claims.name("number").as_deref()), (Some("u-7"), Some("4711")));
    assert!(claims.name("email").is_none() && !claims.is_multi_factor());
    let rsa = Keys { keys: vec![signer.public(), json!({ "kty": "RSA", "kid": "rsa", "n": RSA_MODULUS, "e": "AQAB" })] };
    assert_eq!(check(RSA_TOKEN, &rsa, &EXPECTED).unwrap().name("sub").as_deref(), Some("u-7"));
    for fine in
        [with("aud", json!(["xiuhua"])), with("azp", json!("xiuhua")), with("exp", json!(1_764_000_300.5)), with("amr", json!(["pwd"]))]
    {
        assert!(check(&signer.token(&fine), &signer.keys(), &EXPECTED).is_ok(), "{fine}");
    }
    let several = json!({ "aud": ["other", "xiuhua"], "azp": "xiuhua" });
    let mut claims = right();
    claims.as_object_mut().unwrap().extend(several.as_object().unwrap().clone());
    assert!(check(&signer.token(&claims), &signer.keys(), &EXPECTED).is_ok());
    let mfa = check(&signer.token(&with("amr", json!(["pwd", "mfa"]))), &signer.keys(), &EXPECTED).unwrap();
    assert!(mfa.is_multi_factor());
}

#[test]
fn whatever_is_wrong_with_a_claim_it_is_refused_for_it() {
    let signer = Signer::new("a");
    for (claims, refusal) in [
        (with("iss", json!("https://id.example/")), Refusal::Issuer),
        (without("iss"), Refusal::Issuer),
        (with("aud", json!("another")), Refusal::Audience),
        (with("aud", json!(["another"])), Refusal::Audience),
        (with("aud", json!(["xiuhua", "another"])), Refusal::Audience),
        (with("azp", json!("another")), Refusal::Audience),
        (without("aud"), Refusal::Audience),
        (with("exp", json!(1_764_000_040)), Refusal::Expired),
        (without("exp"), Refusal::Expired),
        (with("exp", json!("soon")), Refusal::Unreadable),
        (with("iat", json!(1_764_000_200)), Refusal::Early),
        (with("nbf", json!(1_764_000_200)), Refusal::Early),
        (without("iat"), Refusal::Early),
        (with("nonce", json!("n-2")), Refusal::Nonce),
        (with("nonce", json!("")), Refusal::Nonce),
        (without("nonce"), Refusal::Nonce),
    ] {
        assert_eq!(check(&signer.token(&claims), &signer.keys(), &EXPECTED).unwrap_err(), refusal, "{claims}");
    }
}

#[test]
fn another_key_another_algorithm_and_a_changed_token_are_refused() {
    let (signer, other) = (Signer::new("a"), Signer::new("a"));
    let of = |token: &str, keys: &Keys| check(token, keys, &EXPECTED).unwrap_err();
    // Another key under the same id, and one that the provider does not have.
    assert_eq!(of(&other.token(&right()), &signer.keys()), Refusal::Signature);
    assert_eq!(of(&Signer::new("b").token(&right()), &signer.keys()), Refusal::UnknownKey);
    assert_eq!(of(&signer.token(&right()), &Keys::default()), Refusal::UnknownKey);
    // No signature, a secret in place of one, a key that is for something else.
    for alg in ["none", "HS256", "RS512", ""] {
        assert_eq!(of(&signer.sign(&json!({ "alg": alg, "kid": "a" }), &right()), &signer.keys()), Refusal::Algorithm, "{alg}");
    }
    assert_eq!(of(&signer.sign(&json!({ "alg": "RS256", "kid": "a" }), &right()), &signer.keys()), Refusal::Algorithm);
    assert_eq!(of(&signer.sign(&json!({ "alg": "ES256", "kid": "a", "crit": ["b64"] }), &right()), &signer.keys()), Refusal::Algorithm);
    let mut encrypting = signer.public();
    encrypting["use"] = json!("enc");
    assert_eq!(of(&signer.token(&right()), &Keys { keys: vec![encrypting] }), Refusal::UnknownKey);
    // One claim changed behind the signature's back.
    let token = signer.token(&right());
    let parts: Vec<&str> = token.split('.').collect();
    let forged = URL_SAFE_NO_PAD.encode(with("sub", json!("u-8")).to_string());
    assert_eq!(of(&format!("{}.{forged}.{}", parts[0], parts[2]), &signer.keys()), Refusal::Signature);
    assert_eq!(of(&format!("{}.{}.", parts[0], parts[1]), &signer.keys()), Refusal::Signature);
    for nonsense in ["", ".", "..", "a.b.c", &"x".repeat(100_000), &format!("{}.{}", parts[0], parts[1])] {
        assert_eq!(of(nonsense, &signer.keys()), Refusal::Unreadable);
    }
}

#[test]
fn a_name_is_a_text_or_a_whole_number_and_never_empty() {
    let signer = Signer::new("a");
    let name = |value: Value| check(&signer.token(&with("sub", value)), &signer.keys(), &EXPECTED).unwrap().name("sub");
    for none in [json!(""), json!(null), json!(true), json!([]), json!(1.5), json!("x".repeat(300)), json!("a\u{0}b")] {
        assert_eq!(name(none.clone()), None, "{none}");
    }
}
