//! `xiuhua verify bundle`: holds the proof of a score to itself and to the journal's signature, without server, database or data folder.

use crate::compose;
use crate::console::Console;
use crate::operate::tell;
use evaluation::bundle_check::{Shown, check};
use kernel::canonical::hex;
use kernel::sign::VerifyingKey;
use kernel::{Code, Result};
use std::path::Path;

/// The file is not there, or not ours to read.
pub const UNREADABLE: Code = Code::invalid("bundle.unreadable");

/// Characters of a root that bulletins print.
const PRINTED: usize = 16;

/// Whether the bundle is sound, in words; with `key`, the file of a public key, the journal must be signed by that one.
///
/// Errors: [`UNREADABLE`], `journal.key`.
pub fn verify(console: &Console, file: &Path, key: Option<&Path>) -> Result<bool> {
    let read = |file: &Path| std::fs::read(file).map_err(|error| UNREADABLE.err().arg("file", file.display()).detail(error));
    let trusted = match key {
        Some(key) => Some(VerifyingKey::parse(&String::from_utf8_lossy(&read(key)?))?),
        None => None,
    };
    match check(&read(file)?, trusted.as_ref(), &compose::TELLERS.vocabulary()) {
        Ok(shown) => {
            say(console, &shown);
            let word = if trusted.is_some() { "bundle-key-given" } else { "bundle-key-own" };
            console.say(word, &[("key", shown.head.key_id)]);
            Ok(true)
        }
        Err(finding) => {
            tell(console, &finding);
            console.say("bundle-not_sound", &[]);
            Ok(false)
        }
    }
}

fn say(console: &Console, shown: &Shown) {
    let Shown { score, head, .. } = shown;
    let place = if shown.place > 0 { shown.place.to_string() } else { console.words().t("bundle-no_place").into_owned() };
    console.say("bundle-sound", &[]);
    console.say(
        "bundle-score",
        &[
            ("unit", score.known.name.clone()),
            ("month", shown.month.clone()),
            ("edition", shown.edition.to_string()),
            ("total", score.score.total.to_string()),
            ("place", place),
            ("units", shown.units.to_string()),
        ],
    );
    console.say("bundle-facts", &[("facts", shown.facts.to_string()), ("lines", score.score.lines.len().to_string())]);
    let root: String = hex(&head.root).chars().take(PRINTED).collect();
    let at = head.signed_at.to_timestamp().to_string();
    console.say("bundle-head", &[("size", head.size.to_string()), ("at", at), ("root", root)]);
}
