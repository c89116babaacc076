//! Passwords: argon2id, off the async threads and a few at a time, so that a flood of log-ins cannot take the memory.

use crate::account::Account;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use kernel::ids::AccountId;
use kernel::{Code, Entropy, Error, Result, ensure};
use tokio::sync::Semaphore;

/// Ten characters, and not one of the first that anybody tries.
pub const WEAK: Code = Code::invalid("account.password.weak");

/// The present password is not right.
pub const NOT_PRESENT: Code = Code::invalid("account.password.not_present");

/// 19 MiB, two passes, one lane (OWASP's recommendation for argon2id).
const MEMORY_KIB: u32 = 19_456;
const AT_ONCE: usize = 2;

static TURNS: Semaphore = Semaphore::const_new(AT_ONCE);

/// A hash that no password has, for log-in names that do not exist: they must cost the same.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$PGsvMkHOVSzyXpDc1vFUVXqPZNoOTl4BHJ9jyJ8nDMU";

fn argon() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(MEMORY_KIB, 2, 1, None).unwrap_or_default())
}

/// Errors: `account.password.weak`.
pub fn check_strength(password: &str) -> Result<()> {
    let length = password.chars().count();
    let first = password.chars().next();
    let varied = password.chars().any(|c| Some(c) != first);
    let common = ["1234567890", "0123456789", "password123", "qwertyuiop", "1q2w3e4r5t", "11111111111", "abcdefghij"];
    ensure((10..=200).contains(&length) && varied && !common.contains(&password.to_lowercase().as_str()), WEAK)
}

/// The hash of a password, in PHC format.
pub async fn hash(password: String, entropy: &Entropy) -> Result<String> {
    let salt: [u8; 16] = entropy.bytes();
    let turn = TURNS.acquire().await.map_err(Error::internal)?;
    // The turn is over when the work is, even where nobody waits for it any more.
    let hashed = tokio::task::spawn_blocking(move || {
        let hash = argon().hash_password_with_salt(password.as_bytes(), &salt).map(|hash| hash.to_string());
        drop(turn);
        hash
    });
    hashed.await.map_err(Error::internal)?.map_err(Error::internal)
}

/// Whether the password is right; `None` for a name that doesn't exist costs the same and is never right.
pub async fn verify(password: String, hash: Option<String>) -> Result<bool> {
    let turn = TURNS.acquire().await.map_err(Error::internal)?;
    let verified = tokio::task::spawn_blocking(move || {
        let known = hash.is_some();
        let right = argon().verify_password(password.as_bytes(), hash.as_deref().unwrap_or(NOBODY)).is_ok();
        drop(turn);
        known && right
    });
    verified.await.map_err(Error::internal)
}

/// Proof that somebody has shown the account's present password just now; made only by comparing it.
#[derive(Debug)]
pub struct Shown(AccountId);

impl Shown {
    pub fn account(&self) -> AccountId {
        self.0
    }
}

/// Compares what is said to be the present password of an account. Errors: `account.password.not_present`.
pub async fn shown(account: &Account, present: String) -> Result<Shown> {
    ensure(verify(present, Some(account.password.clone())).await?, NOT_PRESENT)?;
    Ok(Shown(account.id))
}

/// A one-time password: 14 characters without those that are mistaken for one another.
pub fn one_time(entropy: &Entropy) -> String {
    const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    (0..14).map(|_| char::from(LETTERS[usize::try_from(entropy.below(LETTERS.len() as u64)).unwrap_or(0)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_and_no_other() {
        let entropy = Entropy::seeded(1);
        let hash = hash("correct horse battery".into(), &entropy).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(verify("correct horse battery".into(), Some(hash.clone())).await.unwrap());
        assert!(!verify("correct horse batterz".into(), Some(hash)).await.unwrap());
        assert!(!verify("anything".into(), None).await.unwrap());
    }

    #[test]
    fn what_everybody_tries_first_is_refused() {
        for weak in ["short", "1234567890", "aaaaaaaaaaaa", "Password123"] {
            assert!(check_strength(weak).unwrap_err().is(WEAK), "{weak}");
        }
        check_strength(&one_time(&Entropy::seeded(3))).unwrap();
    }
}
