//! Language files: both languages say the same things, nothing that the program says is missing, nothing is left over.

use crate::lex::{Kind, Token, lex, matching};
use crate::repo::{File, Repo};
use crate::templates::take_apart;
use crate::{Finding, catches, hold};
use std::collections::{BTreeMap, BTreeSet};

/// Keys made from the values of an enum: what stands before the value, and `crate::Enum`. Each value must have its words.
const ENUM_WORDS: &[(&str, &str)] = &[
    ("solved-", "cases::Solved"),
    ("satisfied-", "cases::Satisfied"),
    ("flag-", "cases::Flag"),
    ("when-", "cases::When"),
    ("sort-", "cases::Sort"),
    ("import-aside-", "cases::Aside"),
    ("advice-", "cases::AppealEnd"),
    ("apart-", "cases::Apart"),
    ("ground-", "cases::AppealGround"),
    ("category-kind-", "territory::CategoryKind"),
    ("decided-", "cases::AppealEnd"),
    ("decline-", "cases::DeclineReason"),
    ("desk-", "cases::Optional"),
    ("desk-help-", "cases::Optional"),
    ("hand_back-", "cases::HandBackReason"),
    ("hold-", "cases::HoldReason"),
    ("kind-", "cases::Kind"),
    ("lamp-", "cases::Lamp"),
    ("import-state-", "territory::SheetState"),
    ("level-", "territory::Level"),
    ("matter-list-", "cases::MatterList"),
    ("matter-origin-", "cases::MatterOrigin"),
    ("matter-state-", "cases::MatterState"),
    ("organisation-kind-", "territory::OrganisationKind"),
    ("outcome-", "cases::Outcome"),
    ("place-kind-", "territory::PlaceKind"),
    ("reinspect-", "territory::Reinspection"),
    ("receiver-", "cases::Receiver"),
    ("role-", "access::Role"),
    ("sampled-", "cases::Sample"),
    ("source-", "cases::Source"),
    ("stage-", "cases::Stage"),
    ("step-", "cases::Step"),
    ("tag-ask-", "cases::Ask"),
    ("verdict-", "cases::Verdict"),
    ("verified-", "cases::Verdict"),
    ("token-scope-", "access::TokenScope"),
    ("token-scope-help-", "access::TokenScope"),
    ("unmask-field-", "access::UnmaskField"),
    ("unmask-reason-", "access::UnmaskReason"),
    ("personal-until-", "access::Until"),
    ("who-", "cases::Who"),
    ("whose-", "cases::Whose"),
    ("without-", "cases::Without"),
    ("summary-by-", "cases::Part"),
    ("circular-state-", "cases::CircularState"),
    ("evaluation-run-kind-", "evaluation::RunKind"),
    ("evaluation-run-step-", "evaluation::RunStep"),
    ("ranked-", "evaluation::Ranked"),
    ("shows-", "evaluation::Shows"),
    ("entry-kind-", "evaluation::EntryKind"),
    ("entry-state-", "evaluation::EntryState"),
    ("sign-kind-", "contracts::SignKind"),
    ("sign-why-", "contracts::SignKind"),
    ("sign-innocent-", "contracts::SignKind"),
    ("score-appeal-state-", "evaluation::AppealState"),
    ("consequence-state-", "evaluation::ConsequenceState"),
    ("consequence-kind-", "evaluation::ConsequenceKind"),
    ("consequence-ground-", "evaluation::ConsequenceGround"),
    ("done-consequence-", "evaluation::ConsequenceAct"),
    ("done-improvement-", "evaluation::ImprovementAct"),
    ("truth-", "rules::Truth"),
    ("why-", "rules::Why"),
    ("fault-", "rules::Fault"),
    ("rule-word-", "rules::Word"),
    ("scheme-cell-", "rules::Cell"),
    ("scheme-part-", "rules::Part"),
    ("scheme-part-help-", "rules::Part"),
    ("order-column-", "cases::Given"),
    ("order-told-", "cases::Told"),
];

/// Keys made from something that no enum lists, each with what makes them.
const OTHER_PREFIXES: &[(&str, &str)] = &[
    ("column-", "the columns that a list may show"),
    ("categories-", "the sections of the categories' page"),
    ("depends-", "what stands against an undoing, by the subject of its fact"),
    ("urban-rural-", "the urban-rural classification of the statistical code rules"),
    ("place-list-", "what a list does, by the column of its plan, and where it stands"),
    ("table-line-", "the lines of a table of responsibilities, by what becomes of them"),
    ("table-check-", "the findings of the check of that table, by their tab"),
    ("datum-", "kernel's datums, as the import's form offers them"),
    ("error-", "the codes of errors, held by a rule of their own"),
    ("import-", "what an import counted, by the column of its result"),
    ("import-line-", "the lines of an import, by what becomes of them"),
    ("import-stage-", "where a case of another register stands"),
    ("limit-unit-", "kernel's units of a limit"),
    ("done-", "what a case page's form did, by the form"),
    ("dated-", "the moment that the days of a list are of, by its column, as listing::Filter names it"),
    ("done-matter-", "what a difficult matter's form did, by the form"),
    ("grant-may-", "what a role that crosses tenants may do there, by the role"),
    ("fact-", "kinds of facts in a timeline, held by a rule of their own"),
    ("personal-", "groups of personal columns by what registers them, each held by a test of the whole program"),
    ("personal-keep-", "the days of access::keeping::Keeping, as its form names them"),
    ("told-", "codes of a closed list that a line of work tells of, each held by a test of the whole program, as the four below"),
    ("told-kind-", "kinds of facts that it tells of"),
    ("told-column-", "their columns"),
    ("told-count-", "what it counts"),
    ("told-measure-", "by what a score may be normalised"),
    ("evaluation-size-", "how large a unit is, by what is known of it without its rounds"),
    ("script-", "words for scripts, listed where the page hands them over"),
    ("summary-matters-by-", "what difficult matters are counted by, of cases::Part those in cases::matters::PARTS"),
];

/// Keys whose use another test holds: they are made from what the source does not show.
const HELD_ELSEWHERE: &[&str] = &["cli", "cli-"];

/// Made-up names that are no keys (fields of a form, roles of a photo), by how they start.
const NOT_PREFIXES: &[&str] = &["after-", "case-", "reinspection-"];

/// Codes with dots that have words like errors do (dots become hyphens), by how they start.
const DOTTED: &[&str] = &["verify."];

/// Words that look like keys and are none (names of headers, classes, files), by the part before the first hyphen.
const NOT_KEYS: &[&str] = &[
    "category-name-en",
    "cli-arg",
    "demo-begun",
    "import-boundaries",
    "import-boundaries-datum",
    "import-file",
    "import-places",
    "import-places-datum",
    "limit-unit",
    "limit-value",
    "no-limit",
    "no-store",
    "sign-due",
    "verify-ca",
    "verify-full",
];

/// English texts that hold Chinese on purpose: names of languages are written in their own.
const CHINESE_IN_ENGLISH: &[&str] = &["other-lang"];

struct Message {
    path: String,
    line: usize,
    variables: BTreeSet<String>,
    text: String,
}

type Messages = BTreeMap<String, Message>;

fn is_key_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

/// The messages of one file. Attributes and continued lines belong to the message above them.
fn messages(file: &File, findings: &mut Vec<Finding>) -> Messages {
    let mut found = Messages::new();
    let mut last: Option<String> = None;
    if let Err((_, errors)) = fluent_bundle::FluentResource::try_new(file.text.clone()) {
        for error in errors {
            let at = file.text.get(..error.pos.start).map_or(1, |before| before.matches('\n').count() + 1);
            findings.push(Finding::new(&file.path, at, format!("the file does not parse here: {error}")));
        }
    }
    for (at, line) in file.text.lines().enumerate() {
        let opens = line.starts_with(|c: char| c.is_ascii_alphabetic() || c == '-');
        if opens && let Some((id, value)) = line.split_once('=') {
            let id = id.trim().to_owned();
            let message = Message { path: file.path.clone(), line: at + 1, variables: variables(value), text: value.trim().to_owned() };
            if found.insert(id.clone(), message).is_some() {
                findings.push(Finding::new(&file.path, at + 1, format!("{id} stands twice in this file; remove one")));
            }
            last = Some(id);
        } else if line.starts_with([' ', '\t'])
            && let Some(message) = last.as_ref().and_then(|id| found.get_mut(id))
        {
            message.variables.extend(variables(line));
            message.text.push('\n');
            message.text.push_str(line);
        } else if line.starts_with('#') {
            last = None;
        }
    }
    found
}

fn variables(text: &str) -> BTreeSet<String> {
    text.split('$')
        .skip(1)
        .map(|rest| rest.chars().take_while(|c| is_key_char(*c)).collect::<String>())
        .filter(|name| !name.is_empty())
        .collect()
}

/// Keys that other messages mention: `{ key }` and `{ -term }`.
fn mentioned(text: &str) -> Vec<String> {
    text.split('{')
        .skip(1)
        .filter_map(|rest| rest.split('}').next())
        .map(str::trim)
        .filter(|inner| !inner.is_empty() && inner.chars().all(is_key_char))
        .map(str::to_owned)
        .collect()
}

/// All messages of both languages, with what is wrong in the files themselves.
fn gather(repo: &Repo) -> (Messages, Messages, Vec<Finding>) {
    let mut findings = Vec::new();
    let (mut chinese, mut english) = (Messages::new(), Messages::new());
    for file in repo.files.iter().filter(|file| file.is(".ftl") && file.path.contains("/locales/")) {
        let all = match file.path.rsplit('/').next() {
            Some("zh-CN.ftl") => &mut chinese,
            Some("en.ftl") => &mut english,
            _ => {
                findings.push(Finding::new(&file.path, 1, "language files are called zh-CN.ftl and en.ftl"));
                continue;
            }
        };
        for (key, message) in messages(file, &mut findings) {
            if let Some(other) = all.get(&key) {
                findings.push(Finding::new(
                    &message.path,
                    message.line,
                    format!("{key} stands in {}:{} too; one would hide the other", other.path, other.line),
                ));
            }
            all.insert(key, message);
        }
    }
    (chinese, english, findings)
}

/// Both languages have the same keys, in the same crate, with the same arguments; English is English.
fn languages_agree(repo: &Repo) -> Vec<Finding> {
    let (chinese, english, mut findings) = gather(repo);
    for (one, other, language) in [(&chinese, &english, "English"), (&english, &chinese, "Chinese")] {
        for (key, message) in one {
            let twin =
                message.path.replace("zh-CN.ftl", "en.ftl").replace(if language == "Chinese" { "en.ftl" } else { "\0" }, "zh-CN.ftl");
            match other.get(key) {
                None => {
                    findings.push(Finding::new(&message.path, message.line, format!("{key} has no {language} words; write them in {twin}")))
                }
                Some(found) if found.path != twin => findings.push(Finding::new(
                    &message.path,
                    message.line,
                    format!("{key} has its {language} words in {}; move them to {twin}", found.path),
                )),
                Some(found) if found.variables != message.variables => {
                    findings.push(Finding::new(
                        &message.path,
                        message.line,
                        format!("{key} takes {:?} here and {:?} in {language}; let both say the same", message.variables, found.variables),
                    ));
                }
                Some(_) => {}
            }
        }
    }
    for (key, message) in &english {
        let allowed = CHINESE_IN_ENGLISH.iter().any(|prefix| key.starts_with(prefix));
        if !allowed && message.text.chars().any(|c| matches!(c, '\u{3000}'..='\u{9FFF}' | '\u{FF00}'..='\u{FFEF}')) {
            findings.push(Finding::new(&message.path, message.line, format!("{key} holds Chinese in the English file; translate it")));
        }
    }
    findings
}

/// A string that the program holds, and where.
struct Said {
    path: String,
    line: usize,
    text: String,
}

/// Every string of the product's code and of its templates' expressions; and calls that name a key outright.
fn said(repo: &Repo) -> (Vec<Said>, Vec<Call>) {
    let (mut strings, mut calls) = (Vec::new(), Vec::new());
    let mut take = |path: &str, first: usize, tokens: &[Token]| {
        for token in tokens.iter().filter(|token| token.kind == Kind::Text && !token.test) {
            strings.push(Said { path: path.to_owned(), line: first + token.line - 1, text: token.text.clone() });
        }
        calls.extend(key_calls(path, first, tokens));
    };
    for file in repo.product() {
        take(&file.path, 1, file.tokens());
        for window in file.tokens().windows(3).filter(|window| window[0].is("source") && window[1].is("=") && window[2].kind == Kind::Text)
        {
            for (line, expression) in take_apart(&window[2].text.replace("\\\"", "\"")).expressions {
                take(&file.path, window[2].line + line - 1, &lex(&expression));
            }
        }
    }
    for file in repo.templates() {
        for (line, expression) in take_apart(&file.text).expressions {
            take(&file.path, line, &lex(&expression));
        }
    }
    (strings, calls)
}

/// `w.t("key")`, `w.a("key", "n", …)`, `w.a2(…)`, `w.with("key", &[…])`, `some_key: "key"`.
struct Call {
    path: String,
    line: usize,
    key: String,
    /// The names of the arguments, where the call spells them out.
    arguments: Option<BTreeSet<String>>,
}

fn key_calls(path: &str, first: usize, tokens: &[Token]) -> Vec<Call> {
    let mut calls = Vec::new();
    for at in 1..tokens.len().saturating_sub(2) {
        if tokens[at].kind != Kind::Word || tokens[at].test {
            continue;
        }
        let mut text = at + 2;
        if tokens.get(text).is_some_and(|token| token.is("&")) {
            text += 1;
        }
        let Some(key) = tokens.get(text).filter(|token| token.kind == Kind::Text) else { continue };
        let call = tokens[at - 1].is(".") && tokens[at + 1].is("(");
        // Something that stands behind the text makes the key from it: not a key by itself.
        let whole = tokens.get(text + 1).is_some_and(|token| token.is(",") || token.is(")") || token.is("}"));
        let end = matching(tokens, at + 1);
        let arguments = match tokens[at].text.as_str() {
            "t" if call && whole => Some(BTreeSet::new()),
            "a" | "a2" if call && whole => Some(spelled(&tokens[text + 1..end.max(text + 1)])),
            "with"
                if call
                    && whole
                    && tokens.get(text + 2).is_some_and(|token| token.is("&"))
                    && tokens.get(text + 3).is_some_and(|token| token.is("[")) =>
            {
                None
            }
            name if name.ends_with("_key") && tokens[at + 1].is(":") && whole => None,
            _ => continue,
        };
        calls.push(Call { path: path.to_owned(), line: first + key.line - 1, key: key.text.clone(), arguments });
    }
    calls
}

/// The names among `, "n", value, "m", value`: every string that follows a comma outside inner brackets, at an odd place.
fn spelled(tokens: &[Token]) -> BTreeSet<String> {
    let (mut names, mut at, mut place) = (BTreeSet::new(), 0, 0);
    while at < tokens.len() {
        if tokens[at].is("(") || tokens[at].is("[") || tokens[at].is("{") {
            at = matching(tokens, at) + 1;
            continue;
        }
        if tokens[at].is(",") {
            place += 1;
            if place % 2 == 1
                && let Some(name) = tokens.get(at + 1).filter(|token| token.kind == Kind::Text)
            {
                names.insert(name.text.clone());
            }
        }
        at += 1;
    }
    names
}

fn looks_like_key(text: &str) -> bool {
    text.contains('-')
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_')
}

/// What stands before the hole of a made-up key: `stage-{}` and `stage-` give `stage-`, `case-{a}-title` gives `case-`.
fn prefix(text: &str) -> Option<(&str, &str)> {
    let start = text.find('{').unwrap_or(text.len());
    let (head, tail) = text.split_at(start);
    let tail = tail.rsplit('}').next().unwrap_or("");
    let well_formed = head.ends_with('-') && head.len() > 1 && head.starts_with(|c: char| c.is_ascii_lowercase());
    (well_formed && !NOT_PREFIXES.contains(&head) && head.chars().chain(tail.chars()).all(is_key_char)).then_some((head, tail))
}

/// `crate::Enum` → the texts of its values, from every `enum Name { Value = "text" }`.
fn enums(repo: &Repo) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    for file in repo.product() {
        let tokens = file.tokens();
        for at in 0..tokens.len().saturating_sub(2) {
            if !(tokens[at].is("enum") && tokens[at + 1].kind == Kind::Word && tokens[at + 2].is("{")) {
                continue;
            }
            let inside = &tokens[at + 3..matching(tokens, at + 2)];
            let values: Vec<_> =
                inside.windows(2).filter(|pair| pair[0].is("=") && pair[1].kind == Kind::Text).map(|pair| pair[1].text.clone()).collect();
            if !values.is_empty() {
                found.insert(format!("{}::{}", file.crate_name(), tokens[at + 1].text), values);
            }
        }
    }
    found
}

/// Codes of errors, as `Code::invalid("case.stale")` and its like declare them.
fn codes(repo: &Repo) -> Vec<Said> {
    let mut found = Vec::new();
    for file in repo.product() {
        let tokens = file.tokens();
        for at in 0..tokens.len().saturating_sub(5) {
            let call =
                tokens[at].is("Code") && tokens[at + 1].is(":") && tokens[at + 2].is(":") && tokens[at + 4].is("(") && !tokens[at].test;
            if !call {
                continue;
            }
            let end = matching(tokens, at + 4);
            if let Some(name) = tokens[at + 5..end].iter().find(|token| token.kind == Kind::Text) {
                found.push(Said { path: file.path.clone(), line: name.line, text: name.text.clone() });
            }
        }
    }
    found
}

/// Kinds of facts, as `impl Fact for …` or a macro that writes it declares them: `KIND … = "case.closed"`, or `Closed = "case.closed"`.
fn fact_kinds(repo: &Repo) -> Vec<Said> {
    let mut found = Vec::new();
    for file in repo.product().filter(|file| file.is("/facts.rs")) {
        for pair in file.tokens().windows(2).filter(|pair| pair[0].is("=") && pair[1].kind == Kind::Text && !pair[1].test) {
            let kind = &pair[1].text;
            if kind.contains('.') && kind.chars().all(|c| c.is_ascii_lowercase() || c == '.' || c == '_') {
                found.push(Said { path: file.path.clone(), line: pair[1].line, text: kind.clone() });
            }
        }
    }
    found
}

/// Subjects whose timeline people read: those that have any `fact-…` words.
fn facts_have_words(repo: &Repo) -> Vec<Finding> {
    let (chinese, _, _) = gather(repo);
    let kinds = fact_kinds(repo);
    let key = |kind: &str| format!("fact-{}", kind.replace('.', "-"));
    let shown: BTreeSet<&str> =
        kinds.iter().filter(|kind| chinese.contains_key(&key(&kind.text))).filter_map(|kind| kind.text.split('.').next()).collect();
    let missing = kinds.iter().filter(|kind| {
        kind.text.split('.').next().is_some_and(|subject| shown.contains(subject)) && !chinese.contains_key(&key(&kind.text))
    });
    missing
        .map(|kind| {
            Finding::new(
                &kind.path,
                kind.line,
                format!("{} stands in a timeline without words; write {} in the language files", kind.text, key(&kind.text)),
            )
        })
        .collect()
}

/// Everything that the program says has its words.
fn none_missing(repo: &Repo) -> Vec<Finding> {
    let (chinese, _, _) = gather(repo);
    let (strings, calls) = said(repo);
    let mut findings = Vec::new();
    for call in &calls {
        match chinese.get(&call.key) {
            None => findings.push(Finding::new(
                &call.path,
                call.line,
                format!("{} has no words; write them in the crate's locales/zh-CN.ftl and en.ftl", call.key),
            )),
            Some(message) => {
                if let Some(arguments) = &call.arguments
                    && let Some(wanted) = message.variables.iter().find(|wanted| !arguments.contains(*wanted))
                {
                    findings.push(Finding::new(&call.path, call.line, format!("{} wants ${wanted}, which is not given here", call.key)));
                }
            }
        }
    }
    for code in codes(repo) {
        let key = format!("error-{}", code.text.replace('.', "-"));
        if !chinese.contains_key(&key) {
            findings.push(Finding::new(
                &code.path,
                code.line,
                format!(
                    "the error {} has no words; write {key} in the language files: what happened, what was kept, what to do next",
                    code.text
                ),
            ));
        }
    }
    for string in &strings {
        let key = string.text.replace('.', "-");
        if DOTTED.iter().any(|start| string.text.starts_with(start)) && !string.text.contains(' ') && !chinese.contains_key(&key) {
            findings.push(Finding::new(
                &string.path,
                string.line,
                format!("{} has no words; write {key} in the language files", string.text),
            ));
        }
    }
    let enums = enums(repo);
    for (prefix, name) in ENUM_WORDS {
        for value in enums.get(*name).into_iter().flatten() {
            let key = format!("{prefix}{value}");
            if !chinese.contains_key(&key) {
                findings.push(Finding::new(
                    "crates/app/tests/house_rules/language.rs",
                    1,
                    format!("{name} has the value {value}, and {key} has no words"),
                ));
            }
        }
    }
    // A string that shares its first part with real keys is meant as one.
    let groups: BTreeSet<&str> = chinese.keys().filter_map(|key| key.split_once('-')).map(|(group, _)| group).collect();
    for string in strings.iter().filter(|string| looks_like_key(&string.text) && !chinese.contains_key(&string.text)) {
        let group = string.text.split('-').next().unwrap_or("");
        if groups.contains(group) && !NOT_KEYS.contains(&group) && !NOT_KEYS.contains(&string.text.as_str()) {
            findings.push(Finding::new(
                &string.path,
                string.line,
                format!("{} looks like a key and has no words; write them, or list it under NOT_KEYS", string.text),
            ));
        }
    }
    for string in &strings {
        if let Some((head, _)) = prefix(&string.text)
            && chinese.keys().any(|key| key.starts_with(head))
            && !ENUM_WORDS.iter().chain(OTHER_PREFIXES).any(|(known, _)| *known == head)
        {
            findings.push(Finding::new(
                &string.path,
                string.line,
                format!(
                    "keys are made from \"{head}\"; list it under ENUM_WORDS (so that no value lacks words) or OTHER_PREFIXES (with what makes them)"
                ),
            ));
        }
    }
    findings
}

/// Every key is said somewhere.
fn none_unused(repo: &Repo) -> Vec<Finding> {
    let (chinese, _, _) = gather(repo);
    let (strings, _) = said(repo);
    let exact: BTreeSet<&str> = strings.iter().map(|string| string.text.as_str()).collect();
    let dotted: BTreeSet<String> = strings
        .iter()
        .filter(|string| DOTTED.iter().any(|start| string.text.starts_with(start)))
        .map(|string| string.text.replace('.', "-"))
        .collect();
    let errors: BTreeSet<String> = codes(repo).iter().map(|code| format!("error-{}", code.text.replace('.', "-"))).collect();
    let mentioned: BTreeSet<String> = chinese.values().flat_map(|message| mentioned(&message.text)).collect();
    let enums = enums(repo);
    let made: Vec<(&str, &str)> = strings.iter().filter_map(|string| prefix(&string.text)).filter(|(head, _)| *head != "error-").collect();
    let of_enum = |key: &str| {
        // Where the enum is known, only its values count.
        ENUM_WORDS
            .iter()
            .filter(|(head, _)| key.starts_with(head))
            .max_by_key(|(head, _)| head.len())
            .and_then(|(head, name)| enums.get(*name).map(|values| values.iter().any(|value| *value == key[head.len()..])))
    };
    let mut findings = Vec::new();
    for (key, message) in &chinese {
        let by_prefix = made.iter().any(|(head, tail)| key.len() > head.len() + tail.len() && key.starts_with(head) && key.ends_with(tail));
        let elsewhere = HELD_ELSEWHERE.iter().any(|start| key == start || (start.ends_with('-') && key.starts_with(start)));
        let used = elsewhere
            || exact.contains(key.as_str())
            || dotted.contains(key)
            || errors.contains(key)
            || mentioned.contains(key)
            || of_enum(key).unwrap_or(by_prefix);
        if !used {
            findings.push(Finding::new(&message.path, message.line, format!("{key} is said nowhere; remove it from both language files")));
        }
    }
    findings
}

#[test]
fn both_languages_say_the_same() {
    hold("languages", languages_agree(Repo::read()));
}

#[test]
fn no_language_key_is_missing() {
    hold("missing words", none_missing(Repo::read()));
    hold("missing words", facts_have_words(Repo::read()));
}

#[test]
fn no_language_key_is_unused() {
    hold("unused words", none_unused(Repo::read()));
}

#[cfg(test)]
mod violations {
    use super::*;

    const CODE: &str = "crates/slices/cases/src/a.rs";
    const PAGE: &str = "crates/slices/cases/src/a.html";
    const ZH: &str = "crates/slices/cases/locales/zh-CN.ftl";
    const EN: &str = "crates/slices/cases/locales/en.ftl";
    const GOOD_ZH: &str = "case-title = 问题\ncase-left = 剩 { $n } 天\nerror-case-stale = 已有人改动\nstage-filed = 待派遣\n";
    const GOOD_EN: &str = "case-title = Problem\ncase-left = { $n ->\n    [one] one day\n   *[other] { $n } days\n }\nerror-case-stale = Changed\nstage-filed = To dispatch\n";
    const GOOD_CODE: &str = "text_enum! { pub enum Stage { Filed = \"filed\" } }\nconst STALE: Code = Code::conflict(\"case.stale\");\nfn f() { w.a(\"case-left\", \"n\", 3); w.t(&format!(\"stage-{stage}\")); }";
    const GOOD_PAGE: &str = "{{ p.w.t(\"case-title\") }}";
    const GOOD: &[(&str, &str)] = &[(CODE, GOOD_CODE), (PAGE, GOOD_PAGE), (ZH, GOOD_ZH), (EN, GOOD_EN)];

    #[track_caller]
    fn bad(rule: fn(&Repo) -> Vec<Finding>, path: &'static str, text: &str, at: (&str, usize)) {
        let files: Vec<_> = GOOD.iter().map(|(known, good)| (*known, if *known == path { text } else { *good })).collect();
        catches(rule, GOOD, &files, at);
    }

    #[test]
    fn languages_that_differ_are_caught() {
        bad(languages_agree, EN, "case-title = Problem\n", (ZH, 2));
        bad(languages_agree, EN, &GOOD_EN.replace("$n", "$m"), (ZH, 2));
        bad(languages_agree, EN, &GOOD_EN.replace("Problem", "问题"), (EN, 1));
        bad(languages_agree, ZH, &format!("{GOOD_ZH}case-title = 问题\n"), (ZH, 5));
        bad(languages_agree, ZH, &GOOD_ZH.replace("{ $n } 天", "{ $n 天"), (ZH, 2));
    }

    #[test]
    fn missing_words_are_caught() {
        bad(none_missing, PAGE, "\n{{ p.w.t(\"case-none\") }}", (PAGE, 2));
        bad(none_missing, CODE, "\nlet key = if late { \"case-late\" } else { \"case-title\" };", (CODE, 2));
        bad(none_missing, CODE, "\nconst GONE: Code = Code::new(Kind::NotFound, \"case.gone\");", (CODE, 2));
        bad(none_missing, CODE, "\nw.a(\"case-left\", \"days\", 3)", (CODE, 2));
        bad(none_missing, CODE, "\nw.t(\"case-left\")", (CODE, 2));
        bad(none_missing, CODE, "\nw.t(&format!(\"error-case-{}\", x))", (CODE, 2));
        bad(
            none_missing,
            CODE,
            "text_enum! { pub enum Stage { Filed = \"filed\", Gone = \"gone\" } }",
            ("crates/app/tests/house_rules/language.rs", 1),
        );
    }

    #[test]
    fn a_fact_without_words_is_caught() {
        const FACTS: &str = "crates/slices/cases/src/facts.rs";
        let words = [(ZH, "fact-case-closed = 结案"), (EN, "fact-case-closed = Closed")];
        let good = [words[0], words[1], (FACTS, "const KIND: &str = \"case.closed\";")];
        let bad = [words[0], words[1], (FACTS, "const KIND: &str = \"case.closed\";\nconst KIND: &str = \"case.failed\";")];
        catches(facts_have_words, &good, &bad, (FACTS, 2));
    }

    #[test]
    fn words_that_nobody_says_are_caught() {
        bad(none_unused, PAGE, "{{ x }}", (ZH, 1));
        bad(none_unused, CODE, "fn f() {}", (ZH, 3));
        let more = GOOD_ZH.replace("stage-filed = 待派遣\n", "stage-filed = 待派遣\nstage-gone = 无\n");
        bad(none_unused, ZH, &more, (ZH, 5));
    }
}
