//! One unit's score for programs: line by line, and why a fact counted as it did.

use super::months::{EvaluationLine, line};
use crate::appeal::AppealId;
use crate::evaluated_page::{ReadBack, Rules, explained, fact_words, open, reason_words, scored};
use crate::evaluation::{self, EvaluationId};
use crate::evaluation_page::{inside, with_places};
use crate::league::MemberId;
use crate::scheme;
use crate::scheme_page::Room;
use crate::scoring::{Kept, key};
use api::{Answer, Call, Stamp, Text};
use kernel::Instant;
use kernel::ids::OrganisationId;
use rules::{LineOf, Truth};
use web::Words;

api::operations! { "evaluation":
    /// The score of one unit, line by line, each with the facts behind it.
    ///
    /// It is for those who evaluate, for the unit itself, and for the community that it lies in.
    get "/evaluations/{id}/units/{member}" get_score;
    /// Why a fact of a score counted as it did: every row of the scheme, each condition, and the value that it read.
    get "/evaluations/{id}/units/{member}/why" get_why;
}

api::params! {
    pub struct OfScore {
        id: EvaluationId,
        member: MemberId,
    }
    pub struct WhichFact {
        /// The key of the fact, as the score has it.
        fact: Text<1, 200>,
    }
}

api::object! {
    /// What a dimension came to, in thousandths of a point.
    pub struct ScoreDimension {
        name: String,
        points: i64,
        full: i64,
    }
    /// A fact behind a line; points are thousandths.
    pub struct ScoreFact {
        /// By which it is asked why it counted.
        key: String,
        at: Stamp,
        /// What it is, in words.
        what: String,
        /// The page that it opens to, inside of the tenant.
        opens: String,
        /// The number of the case that it opens to, where it is one.
        case: Option<i64>,
        /// Its own points, before normalising and the cap.
        points: i64,
        /// What it added to the line.
        counted: i64,
    }
    /// A line of a score; points are thousandths.
    pub struct ScoreLine {
        /// The code of the scheme's row; empty of what is no row's.
        code: String,
        name: String,
        /// What the row says, in words.
        rule: String,
        dimension: Option<String>,
        /// The code of the rate that the row is of.
        rate: Option<String>,
        /// Of that rate, what was counted.
        numerator: Option<i64>,
        /// Of that rate, out of how many.
        denominator: Option<i64>,
        /// What counts, with its sign.
        points: i64,
        /// What the facts came to before normalising and the cap.
        before_cap: i64,
        facts: Vec<ScoreFact>,
    }
    /// A rate of the unit, or why there is none.
    pub struct ScoreRate {
        code: String,
        name: String,
        numerator: Option<i64>,
        denominator: Option<i64>,
        why_not: Option<String>,
    }
    /// Something that was counted of the unit.
    pub struct ScoreCount {
        /// As schemes call it.
        name: String,
        now: i64,
        /// In the month before.
        last: Option<i64>,
    }
    /// How large the unit was.
    pub struct ScoreMeasure {
        /// As schemes call it.
        name: String,
        value: i64,
    }
    /// What an upheld appeal took away from a line.
    pub struct ScoreStruck {
        /// The code of the row.
        line: String,
        appeal: AppealId,
    }
    /// The score of one unit; points are thousandths.
    pub struct ScoreView {
        evaluation: EvaluationLine,
        member: MemberId,
        name: String,
        /// The company beside a compound.
        unit: Option<OrganisationId>,
        unit_name: String,
        /// Null: not ranked, or the league publishes grades alone.
        place: Option<i64>,
        total: i64,
        /// Empty where the scheme has no grades.
        grade: String,
        /// Why it is scored and not ranked, in words.
        not_ranked: Option<String>,
        dimensions: Vec<ScoreDimension>,
        lines: Vec<ScoreLine>,
        rates: Vec<ScoreRate>,
        counts: Vec<ScoreCount>,
        measures: Vec<ScoreMeasure>,
        /// What could not be evaluated or is contradicted, in words.
        open: Vec<String>,
        struck: Vec<ScoreStruck>,
    }
    /// A value of a fact.
    pub struct WhyValue {
        /// What it is, in words.
        name: String,
        value: String,
    }
    /// A condition of a row, and what it read.
    pub struct WhyCondition {
        /// In words.
        condition: String,
        value: String,
        /// Null: a value that decides is not known.
        holds: Option<bool>,
    }
    /// What a row of the scheme made of the fact.
    pub struct WhyRow {
        code: String,
        name: String,
        /// Null: a value that decides is not known.
        matched: Option<bool>,
        /// In thousandths, with its sign, before normalising and the cap; null where it does not score.
        points: Option<i64>,
        /// Why it does not score, though it may match, in words.
        why: String,
        conditions: Vec<WhyCondition>,
    }
    /// Why a fact counted as it did.
    pub struct WhyView {
        at: Stamp,
        /// What it is, in words.
        what: String,
        /// The page that it opens to, inside of the tenant.
        opens: String,
        /// The number of the case that it opens to, where it is one.
        case: Option<i64>,
        values: Vec<WhyValue>,
        rows: Vec<WhyRow>,
        /// The codes of rows that contradict one another about it.
        conflict: Vec<String>,
    }
}

/// The number of the case at an address of the pages.
fn case(opens: &str) -> Option<i64> {
    opens.strip_prefix("/cases/")?.parse().ok()
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn score_line(room: &Room, w: Words, rules: &Rules<'_>, kept: &Kept, line: &rules::Line) -> ScoreLine {
    let (code, name) = rules.name(&line.of);
    let row = match &line.of {
        LineOf::Row { code } => rules.scheme.rows.iter().find(|row| row.code == *code),
        _ => None,
    };
    let rate = row.and_then(|row| kept.score.rates.iter().find(|rate| rate.code == row.applies));
    let fraction = rate.and_then(|rate| rate.value.as_ref().ok());
    let fact = |part: &rules::Contribution| {
        let fact = kept.score.facts.get(usize::try_from(part.fact).ok()?)?;
        let key = key(&fact.kind, &fact.id);
        let opens = kept.facts.get(&key).map(|seen| seen.opens.clone()).unwrap_or_default();
        Some(ScoreFact {
            at: Stamp(Instant(fact.at)),
            what: fact_words(room, w, fact, kept),
            case: case(&opens),
            opens,
            key,
            points: part.points.0,
            counted: part.counted.0,
        })
    };
    ScoreLine {
        rule: if code.is_empty() { String::new() } else { rules.rule(&code) },
        code,
        name,
        dimension: line.dimension.clone(),
        rate: rate.map(|rate| rate.code.clone()),
        numerator: fraction.map(|fraction| fraction.numerator),
        denominator: fraction.map(|fraction| fraction.denominator),
        points: line.points.0,
        before_cap: line.raw.0,
        facts: line.facts.iter().filter_map(fact).collect(),
    }
}

async fn get_score(call: Call<OfScore>) -> web::Result<Answer<ScoreView>> {
    let room = Room::of(&call).await?;
    let (one, league, kept) = scored(&call, &room, &call.path.id.to_string(), &call.path.member.to_string()).await?;
    let (store, tenant) = (&call.app.store, call.actor.tenant);
    let w = Words::of(call.visit.lang);
    let standing = evaluation::standing(store, tenant, one.id, kept.known.member).await?;
    let scheme = scheme::table(store, tenant, one.scheme_id).await?;
    let rules = Rules { w, scheme: &scheme, sheet: room.sheet(&scheme) };
    let points = |name: &str| kept.score.dimensions.iter().find(|sum| sum.name == name).map_or(0, |sum| sum.points.0);
    let dimensions = scheme.dimensions.iter().map(|dimension| ScoreDimension {
        name: dimension.name.clone(),
        points: points(&dimension.name),
        full: dimension.full.0,
    });
    let rates = kept.score.rates.iter().map(|rate| {
        let fraction = rate.value.as_ref().ok();
        ScoreRate {
            code: rate.code.clone(),
            name: scheme.rates.iter().find(|known| known.code == rate.code).map(|known| known.name.clone()).unwrap_or_default(),
            numerator: fraction.map(|fraction| fraction.numerator),
            denominator: fraction.map(|fraction| fraction.denominator),
            why_not: rate.value.as_ref().err().map(|reason| reason_words(w, reason)),
        }
    });
    let counts = kept.counts.iter().map(|(name, now)| ScoreCount {
        name: name.clone(),
        now: whole(*now),
        last: kept.last.get(name).map(|last| whole(*last)),
    });
    Ok(Answer(ScoreView {
        evaluation: line(&one, &league, inside(&call)),
        member: kept.known.member,
        name: kept.known.name.clone(),
        unit: kept.known.unit,
        unit_name: kept.known.unit_name.clone(),
        place: standing.place.filter(|_| with_places(&call, &league)),
        total: kept.score.total.0,
        grade: kept.score.grade.clone().unwrap_or_default(),
        not_ranked: kept.not_ranked().map(|reason| reason_words(w, reason)),
        dimensions: dimensions.collect(),
        lines: kept.score.lines.iter().map(|line| score_line(&room, w, &rules, &kept, line)).collect(),
        rates: rates.collect(),
        counts: counts.collect(),
        measures: kept.known.measures.iter().map(|(name, n)| ScoreMeasure { name: name.clone(), value: whole(*n) }).collect(),
        open: open(&room, w, &rules, &kept),
        struck: kept.struck.iter().map(|one| ScoreStruck { line: one.line.clone(), appeal: one.appeal }).collect(),
    }))
}

fn known(truth: Truth) -> Option<bool> {
    match truth {
        Truth::Yes => Some(true),
        Truth::No => Some(false),
        Truth::Unknown => None,
    }
}

async fn get_why(call: Call<OfScore, WhichFact>) -> web::Result<Answer<WhyView>> {
    let room = Room::of(&call).await?;
    let (one, _, kept) = scored(&call, &room, &call.path.id.to_string(), &call.path.member.to_string()).await?;
    let said = explained(&call, &room, Words::of(call.visit.lang), &one, &kept, &call.query.fact.0).await?;
    let mut rows = Vec::with_capacity(said.rows.len());
    for row in said.rows {
        let condition = |read: ReadBack| WhyCondition { condition: read.words, value: read.value, holds: known(read.truth) };
        rows.push(WhyRow {
            code: row.code,
            name: row.name,
            matched: known(row.truth),
            points: row.points.map(|points| points.0),
            why: row.why,
            conditions: row.read.into_iter().map(condition).collect(),
        });
    }
    Ok(Answer(WhyView {
        at: Stamp(said.at),
        what: said.what,
        case: case(&said.opens),
        opens: said.opens,
        values: said.values.into_iter().map(|(name, value)| WhyValue { name, value }).collect(),
        rows,
        conflict: said.conflict,
    }))
}
