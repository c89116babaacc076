//! What an evaluation hears of what this slice keeps itself: entries, and the improvement list; as sealed facts alone tell of them.

use crate::entry::EntryKind;
use crate::facts::{EntryMade, ImprovementListed, StepAccepted, StepPlanned, StepReported};
use crate::scheme::Ranked;
use contracts::scoring::{Of, Span, Teller, Told, ToldFact};
use futures::future::BoxFuture;
use jiff::civil::Date;
use kernel::ids::{FactId, Uuid, beginning};
use kernel::{Error, Instant, Result, TenantId};
use rules::{Column, Fact, FactKind, Measure, Points, Value, Vocabulary};
use std::collections::BTreeMap;
use store::{Sql, Store, args, sql};
use territory::Directory;

/// Points that a committee gave for a row of the scheme.
pub const ITEM: &str = "entry.item";
/// 巡查轮次: rounds made at a member's place; also the measure by which what was found is made comparable.
pub const ROUNDS: &str = "rounds";
/// 调查户数, 满意户数: how many residents were asked, and how many of them were content.
pub const SURVEYED: &str = "surveyed";
pub const CONTENT: &str = "content";

/// A step of a plan on the improvement list whose last day lies in the period: done, or not.
pub const IMPROVED: &str = "improvement.done";
pub const MISSED: &str = "improvement.missed";
/// 应完成提升步骤数, 已完成提升步骤数: those steps, and those of them that are done at all.
pub const STEPS_DUE: &str = "steps_due";
pub const STEPS_DONE: &str = "steps_done";

/// The latest that something is entered, in days after its own.
pub const MOST_DAYS_AFTER: i64 = 92;
const DAY: i64 = 86_400_000_000;
const STRIDE: usize = 5_000;

static FACTS: Sql = sql!(
    "SELECT id, subject_id, kind, recorded_at, ordinal, data, position
    FROM fact
    WHERE tenant_id = :tenant AND subject = :subject AND (subject_id, recorded_at, ordinal) > (:after, :at, :ordinal) AND subject_id < :end
    ORDER BY subject_id, recorded_at, ordinal
    LIMIT 5000"
);

store::row! {
    #[derive(Debug, Clone)]
    pub(crate) struct Heard {
        pub id: FactId,
        pub subject_id: Uuid,
        pub kind: String,
        pub recorded_at: Instant,
        pub ordinal: i64,
        pub data: String,
        pub position: Option<i64>,
    }
}

/// What speaks of entries and of the improvement list.
pub struct Entries;

/// Whose a member's things are.
pub(crate) fn of(ranked: Ranked, member: Uuid) -> Of {
    match ranked {
        Ranked::Compound => Of { compound: Some(kernel::ids::PlaceId(member)), ..Of::default() },
        Ranked::Community => Of { community: Some(kernel::ids::PlaceId(member)), ..Of::default() },
        Ranked::Cooperative | Ranked::Department => Of { unit: Some(kernel::ids::OrganisationId(member)), ..Of::default() },
    }
}

/// The first instant of a day in the tenant. Errors: 500 beyond the calendar.
pub(crate) fn begins(directory: &Directory, day: Date) -> Result<Instant> {
    let zone = directory.calendar().zone();
    Ok(Instant::from_timestamp(zone.to_timestamp(day.at(0, 0, 0, 0)).map_err(Error::internal)?))
}

impl Teller for Entries {
    fn vocabulary(&self) -> Vocabulary {
        Vocabulary {
            kinds: vec![
                FactKind::new(ITEM, vec![Column::code("item")]).by_hand(),
                FactKind::new(IMPROVED, vec![Column::bool("on_time")]),
                FactKind::new(MISSED, Vec::new()),
            ],
            counts: [ROUNDS, SURVEYED, CONTENT, STEPS_DUE, STEPS_DONE].map(str::to_owned).to_vec(),
            measures: vec![Measure::new(ROUNDS, 1)],
        }
    }

    fn tell<'a>(&'a self, store: &'a Store, tenant: TenantId, span: Span) -> BoxFuture<'a, Result<Told>> {
        Box::pin(async move {
            let directory = Directory::load(store, tenant).await?;
            let mut told = Told::default();
            // Made on its day or within the time for it; ids rise with time.
            let end = beginning(Instant(span.to.0 + (MOST_DAYS_AFTER + 1) * DAY));
            let entries = heard(store, tenant, "entry", beginning(span.from), end, span.cut).await?;
            for (entry, facts) in &entries {
                Story::of(*entry, facts).tell(&directory, span, &mut told)?;
            }
            // A plan may be of any time before.
            for (improvement, facts) in &heard(store, tenant, "improvement", Uuid::nil(), beginning(span.to), span.cut).await? {
                steps(*improvement, facts, &directory, span, &mut told)?;
            }
            told.facts.sort_by(|a, b| (a.fact.at, &a.fact.id).cmp(&(b.fact.at, &b.fact.id)));
            Ok(told)
        })
    }
}

/// The facts of each thing of a subject with ids in `[from, end)`, sealed before a position, in their order.
pub(crate) async fn heard(
    store: &Store,
    tenant: TenantId,
    subject: &str,
    from: Uuid,
    end: Uuid,
    cut: i64,
) -> Result<BTreeMap<Uuid, Vec<Heard>>> {
    let mut all: BTreeMap<Uuid, Vec<Heard>> = BTreeMap::new();
    let (mut after, mut at, mut ordinal) = (from, Instant(i64::MIN), i64::MIN);
    loop {
        let values = args! { tenant: tenant, subject: subject, after: after, at: at, ordinal: ordinal, end: end };
        let facts: Vec<Heard> = store.all(&FACTS, values).await?;
        let Some(last) = facts.last() else { return Ok(all) };
        (after, at, ordinal) = (last.subject_id, last.recorded_at, last.ordinal);
        let full = facts.len() >= STRIDE;
        for fact in facts.into_iter().filter(|fact| fact.position.is_some_and(|position| position < cut)) {
            all.entry(fact.subject_id).or_default().push(fact);
        }
        if !full {
            return Ok(all);
        }
    }
}

/// One step of a plan, as its facts tell of it.
struct Step {
    by: FactId,
    due: Date,
    reported: Option<(FactId, Date)>,
    accepted: bool,
}

/// The steps of one plan whose last day lies in the period; none of those after it left the list.
fn steps(improvement: Uuid, facts: &[Heard], directory: &Directory, span: Span, told: &mut Told) -> Result<()> {
    let (mut whose, mut left) = (None, None);
    let mut plan: BTreeMap<i64, Step> = BTreeMap::new();
    for fact in facts {
        match fact.kind.as_str() {
            "improvement.listed" => {
                whose = serde_json::from_str::<ImprovementListed>(&fact.data).ok().map(|listed| of(listed.ranked, listed.member.0));
            }
            "improvement.planned" => {
                let Ok(planned) = serde_json::from_str::<StepPlanned>(&fact.data) else { continue };
                let Ok(due) = planned.due.parse() else { continue };
                plan.insert(planned.nth, Step { by: fact.id, due, reported: None, accepted: false });
            }
            "improvement.reported" => {
                let Ok(said) = serde_json::from_str::<StepReported>(&fact.data) else { continue };
                let Some(step) = plan.get_mut(&said.nth) else { continue };
                step.reported = said.day.parse().ok().map(|day| (fact.id, day));
            }
            "improvement.accepted" => {
                let Ok(said) = serde_json::from_str::<StepAccepted>(&fact.data) else { continue };
                if let Some(step) = plan.get_mut(&said.nth) {
                    step.accepted = true;
                }
            }
            "improvement.left" => left = Some(fact.recorded_at),
            _ => {}
        }
    }
    let Some(of) = whose else { return Ok(()) };
    for step in plan.into_values() {
        let at = begins(directory, step.due)?;
        if !span.has(at) || left.is_some_and(|left| left < at) {
            continue;
        }
        told.count(of, STEPS_DUE);
        let done = step.reported.filter(|_| step.accepted);
        let fact = match done {
            Some((by, day)) => {
                told.count(of, STEPS_DONE);
                Fact::new(IMPROVED, &by.to_string(), at.0, vec![Some(Value::Bool(day <= step.due))])
            }
            None => Fact::new(MISSED, &step.by.to_string(), at.0, Vec::new()),
        };
        told.facts.push(ToldFact { of, fact, opens: format!("/improvements/{improvement}") });
    }
    Ok(())
}

/// One entry's facts as they are heard.
#[derive(Default)]
struct Story {
    entry: Uuid,
    made: Option<(FactId, EntryMade)>,
    stands: bool,
}

impl Story {
    fn of(entry: Uuid, facts: &[Heard]) -> Story {
        let mut story = Story { entry, ..Story::default() };
        for fact in facts {
            match fact.kind.as_str() {
                "entry.made" => {
                    story.made = serde_json::from_str(&fact.data).ok().map(|made: EntryMade| (fact.id, made));
                    story.stands = story.made.as_ref().is_some_and(|(_, made)| !made.waits);
                }
                "entry.confirmed" => story.stands = true,
                "entry.withdrawn" => (story.made, story.stands) = (None, false),
                _ => {}
            }
        }
        story
    }

    fn tell(self, directory: &Directory, span: Span, told: &mut Told) -> Result<()> {
        let Some((id, made)) = self.made.filter(|_| self.stands) else { return Ok(()) };
        let Ok(day) = made.day.parse::<Date>() else { return Ok(()) };
        let at = begins(directory, day)?;
        if !span.has(at) {
            return Ok(());
        }
        let of = of(made.ranked, made.member.0);
        let number = |text: i64| u64::try_from(text).unwrap_or(0);
        match made.kind {
            EntryKind::Round => told.count_more(of, ROUNDS, 1),
            EntryKind::Survey => {
                told.count_more(of, SURVEYED, number(made.asked));
                told.count_more(of, CONTENT, number(made.content));
            }
            EntryKind::Item => {
                let values = vec![Some(Value::Code(made.item))];
                let fact = Fact::new(ITEM, &id.to_string(), at.0, values).with_points(Points(made.points));
                told.facts.push(ToldFact { of, fact, opens: format!("/entries/{}", self.entry) });
            }
        }
        Ok(())
    }
}
