//! The check of a score's proof: from its file alone, without server and database; it names the first thing that is wrong.

use crate::appeal::AppealEnd;
use crate::bundle::{Bundle, Evaluated, FORMAT, Listed};
use crate::facts::{EvaluationChecked, EvaluationDrafted, EvaluationPublished, SchemeAdopted, ScoreAppealDecided};
use crate::scheme::hash_of;
use crate::scoring::{Kept, Struck, digest_of, key, measures, without};
use kernel::canonical::{canonical_text, content_hash, hex, to_canonical};
use kernel::ids::Uuid;
use kernel::sign::VerifyingKey;
use rules::{Fact, Input, Line, LineOf, Scheme, Score, Vocabulary};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use store::journal::{FactRow, Finding, SignedHead};

/// What a finding says; the words for it stand with those of `verify`.
pub mod what {
    /// From `byte` on it is not written as a bundle is.
    pub const FORM: &str = "verify.bundle_form";
    /// `at` holds something that no bundle holds.
    pub const VALUE: &str = "verify.bundle_value";
    /// It is of another `format`, which this program does not know.
    pub const FORMAT: &str = "verify.bundle_format";
    /// The public key that it brings along is not the one that the head names (`key`).
    pub const KEY: &str = "verify.bundle_key";
    /// The head was signed by `key`, and it is to be checked with `given`.
    pub const OTHER_KEY: &str = "verify.bundle_other_key";
    /// The signature of the head at `size` does not hold.
    pub const SIGNATURE: &str = "verify.bundle_signature";
    /// The fact (`kind`, `fact`, `position`) does not lead to the signed head.
    pub const FACT: &str = "verify.bundle_fact";
    /// The fact does not stand where it has to: among the others, or in the journal beside the steps of the evaluation.
    pub const ORDER: &str = "verify.bundle_order";
    /// The fact is of no use to this score.
    pub const NEEDLESS: &str = "verify.bundle_needless";
    /// There is no fact of this `kind` about `of`, or none that can be read.
    pub const MISSING: &str = "verify.bundle_missing";
    /// The `part` of the evaluation is not what its fact says.
    pub const EVALUATION: &str = "verify.bundle_evaluation";
    /// The fact of this `kind` has another `hash` of the scores.
    pub const DIGEST: &str = "verify.bundle_digest";
    /// The list of units has another `hash` than the evaluation.
    pub const LIST: &str = "verify.bundle_list";
    /// The list has no unit of this id (`unit`).
    pub const NOT_LISTED: &str = "verify.bundle_not_listed";
    /// What was kept of the unit has another `hash` than the list.
    pub const SCORE: &str = "verify.bundle_score";
    /// The score was sealed by a program that writes it in another way.
    pub const UNREADABLE: &str = "verify.bundle_unreadable";
    /// The list ranks (`place`) who is not compared, or the other way round.
    pub const PLACE: &str = "verify.bundle_place";
    /// The table of the scheme has another `hash` than the one that was adopted.
    pub const SCHEME: &str = "verify.bundle_scheme";
    /// The scheme holds `from` a month on that is after the `month`.
    pub const SCHEME_MONTH: &str = "verify.bundle_scheme_month";
    /// The score has a `fact` that the journal does not prove.
    pub const UNPROVEN: &str = "verify.bundle_unproven";
    /// What was struck from the line `row` is not what the appeal (`appeal`) upheld.
    pub const STRUCK: &str = "verify.bundle_struck";
    /// The lines add up to `sum`, and the total is `total`.
    pub const SUM: &str = "verify.bundle_sum";
    /// This program cannot score by the scheme.
    pub const RULES: &str = "verify.bundle_rules";
    /// Reckoned anew, the line of the `row` comes to `now`; it `was` another.
    pub const LINE: &str = "verify.bundle_line";
    /// Reckoned anew, the `part` of the score is another.
    pub const RECKONED: &str = "verify.bundle_reckoned";
}

/// What a sound bundle shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub score: Kept,
    pub month: String,
    pub edition: i64,
    /// 0 for none.
    pub place: i64,
    /// Units of the evaluation.
    pub units: usize,
    /// Facts that scored.
    pub facts: usize,
    pub head: SignedHead,
}

type Checked<T = ()> = Result<T, Finding>;

fn hold(condition: bool, otherwise: impl FnOnce() -> Finding) -> Checked {
    if condition { Ok(()) } else { Err(otherwise()) }
}

fn of_fact(what: &'static str, fact: &FactRow) -> Finding {
    let position = fact.position.unwrap_or(-1);
    Finding::new(what).with("position", position).with("kind", &fact.kind).with("fact", fact.id)
}

/// Checks a bundle's bytes; with `trusted` the head must be signed by that key, else by the one that the bundle brings along, of which
/// nobody has said whose it is. Reckons the score anew in the terms of `vocabulary`.
pub fn check(bytes: &[u8], trusted: Option<&VerifyingKey>, vocabulary: &Vocabulary) -> Checked<Shown> {
    let bundle = read(bytes)?;
    signed(&bundle, trusted)?;
    proven(&bundle)?;
    let steps = Steps::of(&bundle)?;
    steps.agree(&bundle)?;
    let (kept, listed) = listed(&bundle)?;
    let scheme = adopted(&bundle, &steps)?;
    cited(&bundle, &steps, &kept)?;
    reckoned_anew(&kept, &scheme, vocabulary)?;
    Ok(Shown {
        place: listed.place,
        month: bundle.evaluation.month.clone(),
        edition: bundle.evaluation.edition,
        units: bundle.units.len(),
        facts: kept.facts.len(),
        head: bundle.head.clone(),
        score: kept,
    })
}

/// Written as a bundle is, to the byte: whatever was added, left out or put otherwise is found.
fn read(bytes: &[u8]) -> Checked<Bundle> {
    #[derive(Deserialize)]
    struct Named {
        format: String,
    }
    let named = serde_json::from_slice::<Named>(bytes);
    if let Ok(Named { format }) = named {
        hold(format == FORMAT, || Finding::new(what::FORMAT).with("format", format))?;
    }
    let bundle: Bundle = serde_json::from_slice(bytes).map_err(|error| {
        // The error counts lines and columns, of which a bundle has one line.
        let before: usize = bytes.split(|byte| *byte == b'\n').take(error.line().saturating_sub(1)).map(|line| line.len() + 1).sum();
        Finding::new(what::FORM).with("byte", before + error.column())
    })?;
    let text = to_canonical(&bundle).map_err(|error| Finding::new(what::VALUE).with("at", error))?;
    let same = text.bytes().zip(bytes).take_while(|(ours, theirs)| ours == *theirs).count();
    hold(text.as_bytes() == bytes, || Finding::new(what::FORM).with("byte", same + 1))?;
    Ok(bundle)
}

fn signed(bundle: &Bundle, trusted: Option<&VerifyingKey>) -> Checked {
    let head = &bundle.head;
    let brought = VerifyingKey::parse(&bundle.key).ok();
    let brought = brought.filter(|key| key.id().0 == head.key_id && key.to_pem().is_ok_and(|pem| pem == bundle.key));
    let brought = brought.ok_or_else(|| Finding::new(what::KEY).with("key", &head.key_id))?;
    let given = trusted.unwrap_or(&brought);
    hold(given.id() == brought.id(), || Finding::new(what::OTHER_KEY).with("key", &head.key_id).with("given", given.id()))?;
    hold(head.is_signed_by(given), || Finding::new(what::SIGNATURE).with("size", head.size).with("key", &head.key_id))
}

fn proven(bundle: &Bundle) -> Checked {
    let mut before = -1;
    for proven in &bundle.facts {
        hold(proven.is_below(&bundle.head), || of_fact(what::FACT, &proven.fact))?;
        let position = proven.fact.position.unwrap_or(-1);
        hold(position > before, || of_fact(what::ORDER, &proven.fact))?;
        before = position;
    }
    Ok(())
}

/// A step that the evaluation took: its fact, and what the fact says.
struct Step<'a, T> {
    fact: &'a FactRow,
    says: T,
}

impl<'a, T: DeserializeOwned + store::Fact> Step<'a, T> {
    fn of(bundle: &'a Bundle, subject: Uuid) -> Checked<Step<'a, T>> {
        let mut facts = bundle.facts.iter().map(|proven| &proven.fact);
        let fact = facts.find(|fact| fact.kind == T::KIND && fact.subject == T::SUBJECT && fact.subject_id == subject);
        let step = fact.and_then(|fact| Some(Step { fact, says: serde_json::from_str(&fact.data).ok()? }));
        step.ok_or_else(|| Finding::new(what::MISSING).with("kind", T::KIND).with("of", subject))
    }
}

struct Steps<'a> {
    adopted: Step<'a, SchemeAdopted>,
    drafted: Step<'a, EvaluationDrafted>,
    checked: Step<'a, EvaluationChecked>,
    published: Step<'a, EvaluationPublished>,
}

impl<'a> Steps<'a> {
    fn of(bundle: &'a Bundle) -> Checked<Steps<'a>> {
        let (evaluation, scheme) = (bundle.evaluation.id.0, bundle.scheme.id.0);
        Ok(Steps {
            published: Step::of(bundle, evaluation)?,
            checked: Step::of(bundle, evaluation)?,
            drafted: Step::of(bundle, evaluation)?,
            adopted: Step::of(bundle, scheme)?,
        })
    }

    fn all(&self) -> [&'a FactRow; 4] {
        [self.adopted.fact, self.drafted.fact, self.checked.fact, self.published.fact]
    }

    /// What the bundle says of the evaluation is what its facts say, and they follow one another.
    fn agree(&self, bundle: &Bundle) -> Checked {
        let (of, drafted) = (&bundle.evaluation, &self.drafted.says);
        let units = i64::try_from(bundle.units.len()).unwrap_or(i64::MAX);
        let parts = [
            ("league", of.league == drafted.league),
            ("month", of.month == drafted.month),
            ("edition", of.edition == drafted.edition),
            ("cut", of.cut == drafted.cut),
            ("scheme", bundle.scheme.id == drafted.scheme),
            ("units", units == drafted.units),
        ];
        for (part, same) in parts {
            hold(same, || Finding::new(what::EVALUATION).with("part", part))?;
        }
        let digests = [
            (self.published.fact, &self.published.says.digest),
            (self.checked.fact, &self.checked.says.digest),
            (self.drafted.fact, &drafted.digest),
        ];
        for (fact, digest) in digests {
            hold(*digest == of.digest, || of_fact(what::DIGEST, fact).with("hash", digest))?;
        }
        // Scored from what was before the cut, by rules that were adopted before; then checked; then published.
        for pair in self.all().windows(2) {
            hold(pair[0].position < pair[1].position, || of_fact(what::ORDER, pair[1]))?;
        }
        hold(Some(of.cut) <= self.drafted.fact.position, || of_fact(what::ORDER, self.drafted.fact))
    }
}

/// The list is the one that was published, and the score is the one that the list has.
fn listed(bundle: &Bundle) -> Checked<(Kept, &Listed)> {
    let found = digest_of(bundle.units.iter().map(|one| (one.member, one.place, one.hash.as_str())));
    hold(found == bundle.evaluation.digest, || Finding::new(what::LIST).with("hash", &found))?;
    let member = bundle.score["member"].as_str().unwrap_or_default();
    let line = bundle.units.iter().find(|one| one.member.to_string() == member);
    let line = line.ok_or_else(|| Finding::new(what::NOT_LISTED).with("unit", member))?;
    let text = canonical_text(&bundle.score).map_err(|error| Finding::new(what::VALUE).with("at", error))?;
    let found = hex(&content_hash(text.as_bytes()));
    hold(found == line.hash, || Finding::new(what::SCORE).with("unit", member).with("hash", &found))?;
    let kept: Kept = serde_json::from_value(bundle.score.clone()).map_err(|_| Finding::new(what::UNREADABLE))?;
    hold(kept.not_ranked().is_none() == (line.place > 0), || Finding::new(what::PLACE).with("place", line.place))?;
    Ok((kept, line))
}

/// The table is the one that was adopted, and holds in the month.
fn adopted(bundle: &Bundle, steps: &Steps<'_>) -> Checked<Scheme> {
    let text = canonical_text(&bundle.scheme.table).map_err(|error| Finding::new(what::VALUE).with("at", error))?;
    let (found, adopted) = (hash_of(&text), &steps.adopted.says);
    hold(found == bundle.scheme.hash && found == adopted.hash, || Finding::new(what::SCHEME).with("hash", &found))?;
    let month = &bundle.evaluation.month;
    hold(adopted.from_month <= *month, || Finding::new(what::SCHEME_MONTH).with("from", &adopted.from_month).with("month", month))?;
    Scheme::from_json(&text).map_err(|_| Finding::new(what::RULES))
}

/// The journal has every fact that scored, and every appeal that struck something, before the cut; and the bundle brings no other facts.
fn cited(bundle: &Bundle, steps: &Steps<'_>, kept: &Kept) -> Checked {
    let mut ids = crate::bundle::cited(kept).map_err(|_| Finding::new(what::UNREADABLE))?;
    for one in &kept.struck {
        let decided: Step<'_, ScoreAppealDecided> = Step::of(bundle, one.appeal.0)?;
        struck_as_decided(&bundle.evaluation, kept, one, &decided.says)?;
        ids.insert(decided.fact.id);
    }
    let proven: BTreeMap<_, _> = bundle.facts.iter().map(|proven| (proven.fact.id, &proven.fact)).collect();
    for id in &ids {
        let fact = proven.get(id).ok_or_else(|| Finding::new(what::UNPROVEN).with("fact", id))?;
        hold(fact.position < Some(bundle.evaluation.cut), || of_fact(what::ORDER, fact))?;
    }
    let used: BTreeSet<_> = steps.all().iter().map(|fact| fact.id).chain(ids).collect();
    match bundle.facts.iter().find(|proven| !used.contains(&proven.fact.id)) {
        Some(needless) => Err(of_fact(what::NEEDLESS, &needless.fact)),
        None => Ok(()),
    }
}

/// The appeal was upheld, against this line of this unit's month, for the facts that were struck or for the row as a whole.
pub fn struck_as_decided(of: &Evaluated, kept: &Kept, struck: &Struck, decided: &ScoreAppealDecided) -> Checked {
    let here = decided.league == of.league && decided.month == of.month && decided.member == kept.known.member;
    let same = decided.line == struck.line && decided.facts.is_empty() == struck.row;
    let facts = struck.facts.keys().all(|fact| decided.facts.contains(fact));
    hold(decided.end == AppealEnd::Upheld && here && same && facts, || {
        Finding::new(what::STRUCK).with("row", &struck.line).with("appeal", struck.appeal)
    })
}

/// A line's name as findings say it.
fn name(of: &LineOf) -> &str {
    match of {
        LineOf::Row { code } => code,
        LineOf::Start { dimension } | LineOf::DimensionBound { dimension } => dimension,
        LineOf::Base => "base",
        LineOf::TotalBound => "total",
    }
}

/// The score comes out again from the facts that scored, line by line. Facts that matched no row are not in a bundle: what is told of
/// them beside the score (what could not be decided, what rows contradict each other about) is left as it was sealed.
pub fn reckoned_anew(kept: &Kept, scheme: &Scheme, vocabulary: &Vocabulary) -> Checked {
    let score = &kept.score;
    let sum: i64 = score.lines.iter().map(|line| line.points.0).sum();
    hold(sum == score.total.0, || Finding::new(what::SUM).with("sum", rules::Points(sum)).with("total", score.total))?;
    let mut facts = Vec::with_capacity(score.facts.len());
    for fact in &score.facts {
        let seen = kept.facts.get(&key(&fact.kind, &fact.id)).ok_or_else(|| Finding::new(what::UNPROVEN).with("fact", &fact.id))?;
        facts.push(Fact { points: seen.points, ..Fact::new(fact.kind.clone(), &fact.id, fact.at, seen.values.clone()) });
    }
    hold(facts.len() == kept.facts.len(), || Finding::new(what::RECKONED).with("part", "facts"))?;
    let table = without(scheme, &kept.struck_rows()).compile(vocabulary).map_err(|_| Finding::new(what::RULES))?;
    let (counts, last, measures) = (kept.counts.clone(), kept.last.clone(), measures(&kept.known, Some(&kept.counts)));
    let again = table.score(&Input { facts, counts, last, measures });
    let points = |line: Option<&Line>| line.map_or_else(|| "—".to_owned(), |line| line.points.to_string());
    for nth in 0..score.lines.len().max(again.lines.len()) {
        let (was, now) = (score.lines.get(nth), again.lines.get(nth));
        hold(was == now, || {
            let row = was.or(now).map(|line| name(&line.of)).unwrap_or_default();
            Finding::new(what::LINE).with("row", row).with("was", points(was)).with("now", points(now))
        })?;
    }
    // Told of facts that a row matched, or of rows and rates as a whole.
    let known = |score: &Score| -> Vec<rules::Undecided> {
        let here = |fact: &rules::FactRef| kept.facts.contains_key(&key(&fact.kind, &fact.id));
        score.undecided.iter().filter(|one| one.fact.as_ref().is_none_or(here)).cloned().collect()
    };
    let parts = [
        ("total", score.total == again.total),
        ("grade", score.grade == again.grade),
        ("not_ranked", score.not_ranked == again.not_ranked),
        ("dimensions", score.dimensions == again.dimensions),
        ("rates", score.rates == again.rates),
        ("facts", score.facts == again.facts),
        ("undecided", known(score) == known(&again)),
    ];
    for (part, same) in parts {
        hold(same, || Finding::new(what::RECKONED).with("part", part))?;
    }
    Ok(())
}
