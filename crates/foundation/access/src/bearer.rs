//! A program at a person's desk: the token of a request, whose it is now, and how often it may ask.

use crate::client::party;
use crate::http::{Desk, MUST_CHANGE, TOTP_NEEDED, Visit, acting};
use crate::session;
use crate::token_scope::{Limit, TokenScope};
use crate::tokens::{self, ApiToken, OwnToken, Secret};
use axum::http::header;
use axum::http::request::Parts;
use kernel::{Code, Instant, Kind, Result, ensure};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use web::App;

/// The request carries no token.
pub const NO_TOKEN: Code = Code::new(Kind::Unauthenticated, "token.missing");
/// The token is none, has ended, or its owner's account is closed.
pub const WRONG: Code = Code::new(Kind::Unauthenticated, "token.wrong");
/// More requests than a token, or an address without one, may send.
pub const TOO_OFTEN: Code = Code::new(Kind::TooMany, "token.too_often");

/// A program at its owner's desk.
#[derive(Clone)]
pub struct Machine {
    pub desk: Desk,
    pub token: OwnToken,
}

impl Machine {
    /// Whether anything can be changed with the token at all.
    pub fn acts(&self) -> bool {
        self.token.scopes.iter().any(|scope| scope.acts())
    }
}

/// Whom requests are counted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Source {
    Token(kernel::ids::Uuid),
    Address(IpAddr),
}

/// Sources remembered at once. Who is not remembered any more begins anew.
const MOST_SOURCES: usize = 20_000;
/// An address that shows no good token is looked up for so much less often than a token.
const WRONG_SHARE: u32 = 10;

/// How often programs ask, for one process; in memory, and nothing of it is kept.
#[derive(Debug)]
pub struct Rates {
    a_minute: u32,
    /// When each source will have had what it has taken: a leaky bucket that holds a minute's worth.
    full_until: Mutex<HashMap<Source, Instant>>,
}

impl Rates {
    /// So many requests a minute for each token.
    pub fn new(a_minute: u32) -> Rates {
        Rates { a_minute: a_minute.max(1), full_until: Mutex::default() }
    }
    fn all(&self) -> MutexGuard<'_, HashMap<Source, Instant>> {
        self.full_until.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// Counts a request. Errors: [`TOO_OFTEN`], with the `seconds` to wait.
    fn count(&self, source: Source, a_minute: u32, now: Instant) -> Result<()> {
        const MINUTE: i64 = 60_000_000;
        let mut all = self.all();
        if all.len() >= MOST_SOURCES && !all.contains_key(&source) {
            all.retain(|_, until| *until > now);
            if all.len() >= MOST_SOURCES {
                all.clear();
            }
        }
        let until = all.entry(source).or_insert(now);
        let taken = (until.0 - now.0).max(0);
        let next = taken + MINUTE / i64::from(a_minute);
        if next > MINUTE {
            return Err(TOO_OFTEN.err().arg("seconds", (next - MINUTE + 999_999) / 1_000_000));
        }
        *until = Instant(now.0 + next);
        Ok(())
    }
}

/// The desk that a request's token opens in the tenant `slug`.
///
/// Errors: [`NO_TOKEN`], [`WRONG`], [`TOO_OFTEN`]; 404 where the owner has nothing to do with the tenant; 403 while the owner
/// has to set something right first.
pub async fn machine(parts: &Parts, app: &App, slug: &str) -> Result<Machine> {
    let visit = Visit::of(parts, app);
    let (rates, now) = (app.get::<Rates>(), app.world.now());
    let Some(said) = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()) else {
        return Err(NO_TOKEN.err());
    };
    let secret =
        said.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).and_then(|(_, token)| Secret::read(token.trim()));
    let found = match secret {
        Some(secret) => tokens::find(&app.store, &secret).await?,
        None => None,
    };
    let Some(tokens::Who { token, account, home, assignments }) = found else {
        rates.count(Source::Address(party(visit.client)), (rates.a_minute / WRONG_SHARE).max(1), now)?;
        return Err(WRONG.err());
    };
    rates.count(Source::Token(token.id), rates.a_minute, now)?;
    note(app, &token, &home.zone).await?;
    ensure(!account.must_change, MUST_CHANGE)?;
    let (tenant, actor) = acting(&app.store, Some(slug), home, &account, assignments).await?;
    let roles = actor.assignments.iter().map(|given| given.role);
    ensure(account.totp_confirmed || !tenant.demands_totp(roles)?, TOTP_NEEDED)?;
    let scopes: Vec<TokenScope> = token.scopes();
    let actor = actor.limited(Limit::to(&scopes));
    let own = OwnToken { name: token.name.shown().to_owned(), scopes, ends_at: token.ends_at };
    // No page's form is ever signed with it: a program has no session.
    let nobody = session::Token::new(account.tenant_id, &app.world.entropy);
    Ok(Machine { desk: Desk { app: app.clone(), actor, tenant, account, token: nobody, visit }, token: own })
}

async fn note(app: &App, token: &ApiToken, zone: &str) -> Result<()> {
    let zone = jiff::tz::TimeZone::get(zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let day = app.world.now().to_timestamp().to_zoned_datetime(zone).date().to_string();
    tokens::used(&app.store, token, &day).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::ids::Uuid;

    const NOW: Instant = Instant(1_769_994_000_000_000);

    fn made(rates: &Rates, source: Source, most: usize, now: Instant) -> usize {
        (0..most).take_while(|_| rates.count(source, rates.a_minute, now).is_ok()).count()
    }

    #[test]
    fn a_minutes_worth_may_come_at_once_and_then_as_time_gives_it_back() {
        let rates = Rates::new(120);
        let (one, other) = (Source::Token(Uuid::from_u128(1)), Source::Token(Uuid::from_u128(2)));
        assert_eq!(made(&rates, one, 500, NOW), 120);
        let refused = rates.count(one, 120, NOW).unwrap_err();
        assert!(refused.is(TOO_OFTEN) && refused.args()["seconds"] == "1");
        assert_eq!(made(&rates, one, 500, NOW.plus_seconds(5)), 10);
        assert_eq!(made(&rates, other, 500, NOW), 120, "one token's haste is not another's");
    }

    #[test]
    fn memory_is_bounded() {
        let rates = Rates::new(10);
        for n in 0..50_000 {
            let _ = rates.count(Source::Token(Uuid::from_u128(n)), 10, NOW);
        }
        assert!(rates.all().len() <= MOST_SOURCES);
    }
}
