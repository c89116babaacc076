//! Providers of log-ins as the configuration names them, with their secrets from where it says.

use access::oidc::Settings;
use kernel::{Code, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// An entry under `[[oidc]]` cannot be used; the detail says why.
pub const BAD: Code = Code::invalid("oidc.bad");

/// One provider (OpenID Connect): an entry under `[[oidc]]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oidc {
    /// In the address that the provider sends people back to, `{public_url}/login/oidc/{id}/back`, and what links hold to.
    pub id: String,
    /// On the button.
    pub name: String,
    /// As the provider writes it of itself.
    pub issuer: String,
    pub client_id: String,
    /// A file that holds the client's secret; relative to the data folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_file: Option<PathBuf>,
    /// A variable of the environment that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_variable: Option<String>,
    /// Which claim names somebody and is never given to anybody else.
    #[serde(default = "subject")]
    pub claim: String,
    /// Asked for beside `openid`, where the claim needs it.
    #[serde(default)]
    pub scopes: Vec<String>,
}

fn subject() -> String {
    "sub".to_owned()
}

/// Claims that are given to somebody else one day, or that people choose themselves.
const NAMES_NOBODY: &[&str] = &["email", "phone_number", "name", "nickname", "given_name", "family_name"];

/// The entries, looked through, with their secrets. Errors: [`BAD`].
pub fn settings(entries: &[Oidc], data: &Path, variable: impl Fn(&str) -> Option<String>) -> Result<Vec<Settings>> {
    let mut known = BTreeSet::new();
    entries
        .iter()
        .map(|entry| {
            let bad = |why: &dyn std::fmt::Display| BAD.err().arg("id", &entry.id).detail(why);
            let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            let checks: [(bool, &str); 6] = [
                ((1..=40).contains(&entry.id.len()) && entry.id.chars().all(letters), "id: 1 to 40 small letters, digits and hyphens"),
                (known.insert(entry.id.clone()), "id: another entry has it"),
                (!entry.name.trim().is_empty(), "name: what the button says"),
                (!entry.client_id.is_empty(), "client_id: what the provider calls this installation"),
                (
                    !entry.claim.is_empty() && !NAMES_NOBODY.contains(&entry.claim.as_str()),
                    "claim: one that is never given to somebody else",
                ),
                (entry.secret_file.is_none() || entry.secret_variable.is_none(), "secret_file or secret_variable, not both"),
            ];
            if let Some((_, why)) = checks.into_iter().find(|(fine, _)| !fine) {
                return Err(bad(&why));
            }
            let issuer =
                outgoing::address(&entry.issuer).map_err(|error| bad(&format!("issuer: {error}; https, with nothing behind a ? or #")))?;
            if issuer.query().is_some() || entry.issuer.contains('#') {
                return Err(bad(&"issuer: nothing behind a ? or #"));
            }
            let secret = secret(entry, data, &variable).map_err(|error| bad(&error))?;
            Ok(Settings {
                id: entry.id.clone(),
                name: entry.name.trim().to_owned(),
                issuer: entry.issuer.clone(),
                client_id: entry.client_id.clone(),
                secret,
                claim: entry.claim.clone(),
                scopes: entry.scopes.clone(),
            })
        })
        .collect()
}

fn secret(entry: &Oidc, data: &Path, variable: impl Fn(&str) -> Option<String>) -> Result<Option<String>, String> {
    let found = match (&entry.secret_file, &entry.secret_variable) {
        (Some(file), _) => {
            let file = data.join(file);
            std::fs::read_to_string(&file).map_err(|error| format!("secret_file {}: {error}", file.display()))?
        }
        (None, Some(name)) => variable(name).ok_or_else(|| format!("secret_variable: {name} is not set"))?,
        (None, None) => return Ok(None),
    };
    let secret = found.trim();
    if secret.is_empty() { Err("the secret is empty".to_owned()) } else { Ok(Some(secret.to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    fn entries(more: &str) -> Vec<Oidc> {
        let folder = tempfile::tempdir().expect("a folder");
        let text =
            format!("[[oidc]]\nid = \"city\"\nname = \"City\"\nissuer = \"https://id.example/realm\"\nclient_id = \"xiuhua\"\n{more}");
        std::fs::write(folder.path().join(config::FILE), text).expect("a file");
        config::load(folder.path(), None, &[]).expect("loads").config.oidc
    }

    #[test]
    fn a_secret_comes_from_its_file_or_its_variable_and_is_never_printed() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("secret"), "s3cret\n").expect("a file");
        let of = |more: &str| settings(&entries(more), folder.path(), |name| (name == "XIUHUA_CITY").then(|| "t0ken".to_owned()));
        assert_eq!(of("").expect("fine")[0].secret, None);
        assert_eq!(of("secret_file = \"secret\"").expect("fine")[0].secret.as_deref(), Some("s3cret"));
        assert_eq!(of("secret_variable = \"XIUHUA_CITY\"").expect("fine")[0].secret.as_deref(), Some("t0ken"));
        assert_eq!(of("claim = \"staff_number\"\nscopes = [\"profile\"]").expect("fine")[0].claim, "staff_number");
        for (more, why) in [("secret_file = \"nowhere\"", "nowhere"), ("secret_variable = \"OTHER\"", "OTHER")] {
            let error = of(more).expect_err("refused");
            assert!(error.is(BAD) && error.log_detail().is_some_and(|detail| detail.contains(why)), "{error}");
        }
        let loaded = config::Loaded {
            config: config::Config { oidc: entries("secret_file = \"secret\""), ..Default::default() },
            origins: Default::default(),
        };
        let lines: Vec<String> = loaded.lines().expect("prints").into_iter().map(|(line, _)| line).collect();
        assert!(lines.iter().any(|line| line.starts_with("oidc = ") && line.contains("https://id.example/realm")), "{lines:?}");
        assert!(!lines.iter().any(|line| line.contains("s3cret")));
    }

    #[test]
    fn an_entry_that_cannot_be_trusted_is_refused_at_the_start() {
        let good = entries("").remove(0);
        let refused = |change: &dyn Fn(&mut Oidc)| {
            let mut entry = good.clone();
            change(&mut entry);
            settings(&[entry], Path::new("."), |_| None).expect_err("refused").is(BAD)
        };
        assert!(refused(&|entry| entry.id = "City".to_owned()) && refused(&|entry| entry.id = String::new()));
        assert!(refused(&|entry| entry.issuer = "http://id.example".to_owned()), "not over TLS");
        assert!(refused(&|entry| entry.issuer = "https://id.example/?x=1".to_owned()));
        assert!(refused(&|entry| entry.claim = "email".to_owned()), "given to the next one when somebody leaves");
        assert!(refused(&|entry| entry.name = " ".to_owned()) && refused(&|entry| entry.client_id = String::new()));
        assert!(settings(&[good.clone(), good], Path::new("."), |_| None).expect_err("twice").is(BAD));
    }
}
