//! Signing in by OpenID Connect: what is known of each provider, and what is asked of it.
//!
//! The authorization code flow with PKCE (RFC 7636), a nonce, and a state that only the browser that left can bring back.

pub mod link;
pub mod pages;
pub mod token;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{Request, Uri};
use kernel::{Code, Error, Instant, Kind, Result, ensure};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use token::{Claims, Expected, Keys, Refusal};
use tokio::sync::Mutex;

use crate::http::encode;

/// The provider cannot be reached, or what it says of itself is not what it must be.
pub const UNREACHABLE: Code = Code::new(Kind::Unavailable, "oidc.provider_unreachable");
/// The provider did not let the person in, or what it gave was refused here.
pub const REFUSED: Code = Code::new(Kind::Unauthenticated, "oidc.refused");

/// What a provider says of itself is read again after this.
const KNOWN_FOR_SECONDS: i64 = 3600;
/// Keys that are not known are asked for no oftener.
const ASKED_AGAIN_AFTER_SECONDS: i64 = 60;

/// A provider as the configuration names it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// In addresses, and what links hold to: it lasts.
    pub id: String,
    /// On the button.
    pub name: String,
    pub issuer: String,
    pub client_id: String,
    /// A public client has none.
    pub secret: Option<String>,
    /// Which claim of the ID token names somebody, for ever.
    pub claim: String,
    /// Asked for beside `openid`.
    pub scopes: Vec<String>,
}

/// All providers of the installation, in the order of their buttons.
#[derive(Debug, Default)]
pub struct Providers(Vec<Arc<Provider>>);

impl Providers {
    /// None is asked anything before somebody wants to log in by it.
    pub fn new(settings: Vec<Settings>) -> Providers {
        Providers(settings.into_iter().map(|settings| Arc::new(Provider { settings, known: Mutex::new(None) })).collect())
    }
    /// In the order of their buttons.
    pub fn all(&self) -> impl Iterator<Item = &Settings> {
        self.0.iter().map(|provider| &provider.settings)
    }
    /// The one with this id.
    pub fn get(&self, id: &str) -> Option<Arc<Provider>> {
        self.0.iter().find(|provider| provider.settings.id == id).cloned()
    }
}

/// One provider, with what it last said of itself.
#[derive(Debug)]
pub struct Provider {
    pub settings: Settings,
    known: Mutex<Option<Arc<Known>>>,
}

/// OpenID Connect Discovery 1.0 §3, as far as it is needed.
#[derive(Debug, Deserialize)]
struct Discovery {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

#[derive(Debug)]
struct Known {
    read_at: Instant,
    discovery: Discovery,
    keys: Keys,
}

/// What a browser is sent away with; each is made for one log-in.
#[derive(Debug, Clone)]
pub struct Asked {
    pub state: String,
    pub nonce: String,
    /// Its hash goes to the provider; it follows with the code.
    pub verifier: String,
}

#[derive(Debug, Deserialize)]
struct Answer {
    id_token: String,
}

async fn get<T: serde::de::DeserializeOwned>(address: &str) -> Result<T> {
    let request = Request::get(outgoing::address(address)?).header(ACCEPT, "application/json").body(Bytes::new());
    read(request.map_err(Error::internal)?).await
}

async fn read<T: serde::de::DeserializeOwned>(request: Request<Bytes>) -> Result<T> {
    let answer = outgoing::send(request).await?;
    ensure(answer.status().is_success(), Error::unavailable(format!("status {}", answer.status())))?;
    serde_json::from_slice(answer.body()).map_err(Error::unavailable)
}

impl Provider {
    fn unreachable(&self, error: &Error) -> Error {
        UNREACHABLE.err().arg("name", &self.settings.name).detail(error)
    }
    fn refused(&self, detail: impl std::fmt::Display) -> Error {
        REFUSED.err().arg("name", &self.settings.name).detail(detail)
    }

    async fn look(&self, now: Instant) -> Result<Known> {
        let address = format!("{}/.well-known/openid-configuration", self.settings.issuer.trim_end_matches('/'));
        let discovery: Discovery = get(&address).await?;
        ensure(discovery.issuer == self.settings.issuer, Error::unavailable(format!("it calls itself {}", discovery.issuer)))?;
        outgoing::address(&discovery.authorization_endpoint)?;
        let keys = get(&discovery.jwks_uri).await?;
        Ok(Known { read_at: now, discovery, keys })
    }

    /// What it says of itself; looked up again where that is old, or older than `at_most` seconds.
    async fn known(&self, now: Instant, at_most: i64) -> Result<Arc<Known>> {
        let mut known = self.known.lock().await;
        if let Some(known) = known.as_ref().filter(|known| now.seconds_since(known.read_at) < at_most) {
            return Ok(known.clone());
        }
        let fresh = Arc::new(self.look(now).await.map_err(|error| self.unreachable(&error))?);
        *known = Some(fresh.clone());
        Ok(fresh)
    }

    /// Where the browser goes. Errors: [`UNREACHABLE`].
    pub async fn way_out(&self, now: Instant, asked: &Asked, redirect: &str) -> Result<String> {
        let known = self.known(now, KNOWN_FOR_SECONDS).await?;
        let endpoint = &known.discovery.authorization_endpoint;
        let scope = ["openid"].into_iter().chain(self.settings.scopes.iter().map(String::as_str).filter(|scope| *scope != "openid"));
        let pairs = [
            ("response_type", "code".to_owned()),
            ("client_id", self.settings.client_id.clone()),
            ("redirect_uri", redirect.to_owned()),
            ("scope", scope.collect::<Vec<_>>().join(" ")),
            ("state", asked.state.clone()),
            ("nonce", asked.nonce.clone()),
            ("code_challenge", URL_SAFE_NO_PAD.encode(Sha256::digest(&asked.verifier))),
            ("code_challenge_method", "S256".to_owned()),
        ];
        Ok(format!("{endpoint}{}{}", if endpoint.contains('?') { '&' } else { '?' }, form(&pairs)))
    }

    /// The token for a code, held to the provider's keys and to what was asked. `issuer` is what the answer itself said of
    /// who gives it (RFC 9207). Errors: [`UNREACHABLE`], [`REFUSED`].
    pub async fn claims(&self, now: Instant, asked: &Asked, code: &str, issuer: Option<&str>, redirect: &str) -> Result<Claims> {
        let known = self.known(now, KNOWN_FOR_SECONDS).await?;
        let named = issuer.map_or(!known.discovery.authorization_response_iss_parameter_supported, |issuer| issuer == self.settings.issuer);
        ensure(named, self.refused("the answer is another provider's"))?;
        let token = self.token(&known.discovery, asked, code, redirect).await?;
        let expected = Expected { issuer: &self.settings.issuer, client: &self.settings.client_id, nonce: &asked.nonce, now };
        match token::check(&token, &known.keys, &expected) {
            // It may have changed its keys since.
            Err(Refusal::UnknownKey) => {
                let known = self.known(now, ASKED_AGAIN_AFTER_SECONDS).await?;
                token::check(&token, &known.keys, &expected)
            }
            checked => checked,
        }
        .map_err(|refusal| self.refused(format!("the ID token is refused: {refusal:?}")))
    }

    async fn token(&self, discovery: &Discovery, asked: &Asked, code: &str, redirect: &str) -> Result<String> {
        let mut pairs = vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", code.to_owned()),
            ("redirect_uri", redirect.to_owned()),
            ("code_verifier", asked.verifier.clone()),
            ("client_id", self.settings.client_id.clone()),
        ];
        let address: Uri = outgoing::address(&discovery.token_endpoint).map_err(|error| self.unreachable(&error))?;
        let mut request =
            Request::post(address).header(ACCEPT, "application/json").header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(secret) = &self.settings.secret {
            // Basic is what every provider takes that does not say otherwise (RFC 6749 §2.3.1).
            let methods = &discovery.token_endpoint_auth_methods_supported;
            let has = |name: &str| methods.iter().any(|method| method == name);
            if has("client_secret_post") && !has("client_secret_basic") {
                pairs.push(("client_secret", secret.clone()));
            } else {
                let both = format!("{}:{}", encode(&self.settings.client_id), encode(secret));
                request = request.header(AUTHORIZATION, format!("Basic {}", STANDARD.encode(both)));
            }
        }
        let request = request.body(Bytes::from(form(&pairs))).map_err(Error::internal)?;
        let answer = outgoing::send(request).await.map_err(|error| self.unreachable(&error))?;
        // What it says beside may hold what is nobody's but the person's: never into a log.
        ensure(answer.status().is_success(), self.refused(format!("the code was not taken: status {}", answer.status())))?;
        let answer: Answer = serde_json::from_slice(answer.body()).map_err(|_| self.refused("the answer to the code holds no ID token"))?;
        Ok(answer.id_token)
    }
}

fn form(pairs: &[(&str, String)]) -> String {
    pairs.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect::<Vec<_>>().join("&")
}
