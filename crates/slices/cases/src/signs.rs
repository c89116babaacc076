//! What looks as if a month's figures had been made to look well: the same picture for several cases, many closings just before their
//! deadlines, cases filed anew or in pieces, one pair of eyes on all of a unit's work. Each has innocent reasons; a person looks.
//!
//! It is about units and cases. Who did something is compared and never told.

use crate::spots::{RECURRING_DAYS, SAME_SPOT_METRES};
use crate::steps::Stage;
use contracts::CaseId;
use contracts::scoring::Of;
use contracts::signs::{Sign, SignCase, SignKind, Watcher};
use futures::future::BoxFuture;
use kernel::coordinates::Point;
use kernel::ids::{AccountId, OrganisationId, PlaceId, Uuid};
use kernel::{Instant, Result, TenantId};
use std::collections::{BTreeMap, BTreeSet};
use store::attachments::{Look, looks};
use store::images::pairs;
use store::{Sql, Store, args, sql};

/// A minute and a day, in microseconds.
const MINUTE: i64 = 60_000_000;
const DAY: i64 = 86_400_000_000;
/// So long before the month pictures and cases are looked at too: a picture comes back from last month as well.
const BEFORE: i64 = 2 * 31 * DAY;
/// Cases of a sign that are told.
const MOST_TOLD: usize = 12;
/// Five within ten minutes: a person who mends and photographs takes longer for one. Thirty minutes before the deadline: as late as that
/// nobody looks at them again before it.
const BURST: usize = 5;
const BURST_WITHIN: i64 = 10 * MINUTE;
const BURST_BEFORE_DUE: i64 = 30 * MINUTE;
/// What was taken off the list and is filed anew within a week is likely the same problem with a new clock. What was closed and comes
/// back later than after three days is a recurring problem, which the figures count as one anyway.
const REFILED_WITHIN: i64 = 7 * DAY;
const CLOSED_WITHIN: i64 = 3 * DAY;
/// Three of one kind at one spot within ten minutes by one person.
const SPLIT: usize = 3;
const SPLIT_WITHIN: i64 = 10 * MINUTE;
/// Of at least twenty looks, where at least three people look, nine of ten are one person's, who makes fewer than half of all others.
const LOOKS: i64 = 20;
const WHO_LOOK: usize = 3;
/// At one place this many of one kind are compared with those behind them.
const MOST_BESIDE: usize = 50;

store::row! {
    #[derive(Debug, Clone)]
    struct Line {
        id: CaseId,
        number: i64,
        stage: Stage,
        category_id: Option<Uuid>,
        place_id: Option<PlaceId>,
        community_id: Option<PlaceId>,
        compound_id: Option<PlaceId>,
        unit_id: Option<OrganisationId>,
        lng_e7: Option<i32>,
        lat_e7: Option<i32>,
        where_words: String,
        reported_by: Option<AccountId>,
        reported_at: Instant,
        ended_at: Option<Instant>,
        rectified_at: Option<Instant>,
        unit_due: Option<Instant>,
    }
}

macro_rules! columns {
    () => {
        "SELECT id, number, stage, category_id, place_id, community_id, compound_id, unit_id, lng_e7, lat_e7, where_words, reported_by, reported_at,
        ended_at, rectified_at, unit_due
    FROM cases
    WHERE tenant_id = :tenant"
    };
}

static FOUND: Sql = sql!(concat!(
    columns!(),
    " AND apart IS NULL AND (reported_at, id) > (:at, :id) AND reported_at < :to ORDER BY reported_at, id LIMIT 5000"
));
static VOID: Sql = sql!(concat!(
    columns!(),
    " AND apart = 'void' AND (reported_at, id) > (:at, :id) AND reported_at < :to ORDER BY apart, reported_at, id LIMIT 5000"
));
static ONE: Sql = sql!(concat!(columns!(), " AND id = :id"));
static LOOKED_AT: Sql = sql!(
    "SELECT c.unit_id, f.actor_id, COUNT(*) AS n
    FROM cases c JOIN fact f ON f.tenant_id = c.tenant_id AND f.subject = 'case' AND f.subject_id = c.id
    WHERE c.tenant_id = :tenant AND c.open = FALSE AND c.stage = 'closed' AND c.ended_at >= :from AND c.ended_at < :to
        AND c.unit_id IS NOT NULL AND f.kind = 'case.passed' AND f.actor_id IS NOT NULL
    GROUP BY c.unit_id, f.actor_id"
);

/// What looks at problems.
pub struct Watch;

impl Watcher for Watch {
    fn signs<'a>(&'a self, store: &'a Store, tenant: TenantId, from: Instant, to: Instant) -> BoxFuture<'a, Result<Vec<Sign>>> {
        Box::pin(async move {
            let since = Instant(from.0 - BEFORE);
            let mut cases = lines(store, tenant, &FOUND, since, to).await?;
            cases.extend(lines(store, tenant, &VOID, since, to).await?);
            cases.sort_by_key(|case| (case.reported_at, case.id));
            let mut found = same_pictures(store, tenant, &cases, since, from, to).await?;
            found.extend(bursts(&cases, from, to));
            found.extend(refiled(&cases, from, to));
            found.extend(split(&cases, from, to));
            let looked: Vec<(OrganisationId, AccountId, i64)> = store.all(&LOOKED_AT, args! { tenant: tenant, from: from, to: to }).await?;
            found.extend(same_pairs(&looked, to));
            Ok(found)
        })
    }
}

async fn lines(store: &Store, tenant: TenantId, sql: &'static Sql, since: Instant, to: Instant) -> Result<Vec<Line>> {
    let (mut all, mut at, mut id) = (Vec::<Line>::new(), since, Uuid::nil());
    loop {
        let some: Vec<Line> = store.all(sql, args! { tenant: tenant, at: at, id: id, to: to }).await?;
        let Some(last) = some.last() else { return Ok(all) };
        (at, id) = (last.reported_at, last.id.0);
        all.extend(some);
    }
}

/// A sign of cases, of which so many are told.
fn sign(kind: SignKind, at: Instant, cases: &[&Line], of: i64) -> Sign {
    let told = |case: &&Line| SignCase {
        of: Of { unit: case.unit_id, compound: case.compound_id, community: case.community_id },
        at: case.reported_at,
        name: format!("#{}", case.number),
        opens: format!("/cases/{}", case.number),
    };
    Sign {
        kind,
        at,
        more: cases.len().saturating_sub(MOST_TOLD),
        count: i64::try_from(cases.len()).unwrap_or(i64::MAX),
        cases: cases.iter().take(MOST_TOLD).map(told).collect(),
        unit: None,
        of,
    }
}

fn is_after(look: &Look) -> bool {
    look.role.starts_with("after")
}

/// The first of those that a picture hangs together with.
fn root(first: &mut [usize], mut at: usize) -> usize {
    while first[at] != at {
        first[at] = first[first[at]];
        at = first[at];
    }
    at
}

/// Which of these pictures are one: those that hang together by pairs, of which each has a picture of something mended. A picture that
/// shows one case twice in one role was sent twice with one form, and is none.
fn groups(looks: &[Look]) -> Vec<Vec<usize>> {
    let bits: Vec<u64> = looks.iter().map(|look| look.bits).collect();
    let mut first: Vec<usize> = (0..looks.len()).collect();
    for (a, b) in pairs(&bits) {
        let (one, other) = (&looks[a], &looks[b]);
        let another = one.subject != other.subject || one.role != other.role;
        // Another crop of the same shades is another picture.
        let shape = u64::from(one.width) * u64::from(other.height);
        let alike = shape.abs_diff(u64::from(other.width) * u64::from(one.height)) * 20 <= shape;
        if another && alike && (is_after(one) || is_after(other)) {
            let (a, b) = (root(&mut first, a), root(&mut first, b));
            first[a.max(b)] = a.min(b);
        }
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for at in 0..looks.len() {
        let of = root(&mut first, at);
        groups.entry(of).or_default().push(at);
    }
    groups.into_values().filter(|group| group.len() > 1).collect()
}

async fn same_pictures(store: &Store, tenant: TenantId, cases: &[Line], since: Instant, from: Instant, to: Instant) -> Result<Vec<Sign>> {
    let looks: Vec<Look> = looks(store, tenant, "case", since, to).await?;
    let looks: Vec<Look> = looks.into_iter().filter(|look| is_after(look) || look.role == "before").collect();
    let by_id: BTreeMap<Uuid, &Line> = cases.iter().map(|case| (case.id.0, case)).collect();
    let mut found = Vec::new();
    for group in groups(&looks) {
        // In this month somebody sent it as something mended.
        let new = group.iter().map(|at| &looks[*at]).filter(|look| is_after(look) && look.at >= from);
        let Some(at) = new.map(|look| look.at).max() else { continue };
        let mut shown: BTreeMap<Uuid, Line> = BTreeMap::new();
        for subject in group.iter().map(|at| looks[*at].subject).collect::<BTreeSet<Uuid>>() {
            let known = match by_id.get(&subject) {
                Some(line) => Some((*line).clone()),
                // Found longer ago.
                None => store.opt(&ONE, args! { tenant: tenant, id: subject }).await?,
            };
            shown.extend(known.map(|line| (subject, line)));
        }
        let lines: Vec<&Line> = shown.values().collect();
        if !lines.is_empty() {
            found.push(sign(SignKind::SamePicture, at, &lines, i64::try_from(group.len()).unwrap_or(i64::MAX)));
        }
    }
    Ok(found)
}

/// Many of one unit that were said to be mended within minutes, each shortly before its deadline.
fn bursts(cases: &[Line], from: Instant, to: Instant) -> Vec<Sign> {
    let mut by_unit: BTreeMap<OrganisationId, Vec<(Instant, &Line)>> = BTreeMap::new();
    for case in cases {
        let (Some(unit), Some(at), Some(due)) = (case.unit_id, case.rectified_at, case.unit_due) else { continue };
        if from <= at && at < to && (0..=BURST_BEFORE_DUE).contains(&(due.0 - at.0)) {
            by_unit.entry(unit).or_default().push((at, case));
        }
    }
    let mut found = Vec::new();
    for mut list in by_unit.into_values() {
        list.sort_by_key(|(at, case)| (*at, case.id));
        let mut rest = list.as_slice();
        while let Some((first, _)) = rest.first() {
            let many = rest.iter().take_while(|(at, _)| at.0 - first.0 <= BURST_WITHIN).count();
            if many < BURST {
                rest = &rest[1..];
                continue;
            }
            let such: Vec<&Line> = rest[..many].iter().map(|(_, case)| *case).collect();
            found.push(sign(SignKind::Burst, *first, &such, (rest[many - 1].0.0 - first.0) / MINUTE + 1));
            rest = &rest[many..];
        }
    }
    found
}

fn point(case: &Line) -> Option<Point> {
    case.lng_e7.zip(case.lat_e7).and_then(|(lng, lat)| Point::new(lng, lat).ok())
}

/// Whether two of one kind and place are at one spot: by their points where both have one, else by their words.
fn one_spot(one: &Line, other: &Line) -> bool {
    match (point(one), point(other)) {
        (Some(here), Some(there)) => here.distance_m(there) <= SAME_SPOT_METRES,
        _ => {
            let folded = |case: &Line| territory::sheets::fold(&case.where_words);
            one.compound_id.is_some() && one.compound_id == other.compound_id && folded(one) == folded(other)
        }
    }
}

/// Those of one kind at one place, as they were found.
fn by_place(cases: &[Line]) -> BTreeMap<(PlaceId, Uuid), Vec<&Line>> {
    let mut all: BTreeMap<(PlaceId, Uuid), Vec<&Line>> = BTreeMap::new();
    for case in cases {
        if let Some(key) = case.place_id.zip(case.category_id) {
            all.entry(key).or_default().push(case);
        }
    }
    all
}

/// Filed anew at the spot of one that was taken off the list shortly before.
fn refiled(cases: &[Line], from: Instant, to: Instant) -> Vec<Sign> {
    let mut found = Vec::new();
    for list in by_place(cases).values() {
        for (nth, anew) in list.iter().enumerate().filter(|(_, case)| from <= case.reported_at && case.reported_at < to) {
            // What was merged or is void itself is nobody's new clock.
            if matches!(anew.stage, Stage::Merged | Stage::Void | Stage::Declined) {
                continue;
            }
            let before = list[..nth].iter().rev().take(MOST_BESIDE).find(|before| {
                let most = match before.stage {
                    Stage::Void | Stage::Declined | Stage::Transferred => REFILED_WITHIN,
                    Stage::Closed => CLOSED_WITHIN,
                    _ => return false,
                };
                // What is with somebody outside has not ended: the day that it was found stands for it.
                let off = before.ended_at.unwrap_or(before.reported_at);
                (0..=most).contains(&(anew.reported_at.0 - off.0)) && one_spot(before, anew)
            });
            if let Some(before) = before {
                found.push(sign(SignKind::Refiled, anew.reported_at, &[*before, *anew], 0));
            }
        }
    }
    found
}

/// Several of one kind filed at one spot within minutes by one person.
fn split(cases: &[Line], from: Instant, to: Instant) -> Vec<Sign> {
    let mut found = Vec::new();
    for list in by_place(cases).values() {
        let such = |case: &&&Line| {
            let stands = !matches!(case.stage, Stage::Merged | Stage::Void | Stage::Declined);
            stands && case.reported_by.is_some() && from <= case.reported_at && case.reported_at < to
        };
        let mut rest: Vec<&Line> = list.iter().filter(such).copied().collect();
        while !rest.is_empty() {
            let first = rest.remove(0);
            let with = |case: &&Line| {
                case.reported_by == first.reported_by && case.reported_at.0 - first.reported_at.0 <= SPLIT_WITHIN && one_spot(first, case)
            };
            let (mut together, others): (Vec<&Line>, Vec<&Line>) = rest.iter().copied().partition(with);
            together.insert(0, first);
            if together.len() >= SPLIT {
                found.push(sign(SignKind::Split, first.reported_at, &together, 0));
                rest = others;
            }
        }
    }
    found
}

/// Units of which nearly all was looked at again by one person, of several. Who that is leaves this function in no form.
fn same_pairs(looked: &[(OrganisationId, AccountId, i64)], to: Instant) -> Vec<Sign> {
    let (mut units, mut people): (BTreeMap<OrganisationId, i64>, BTreeMap<AccountId, i64>) = Default::default();
    for (unit, person, n) in looked {
        *units.entry(*unit).or_default() += n;
        *people.entry(*person).or_default() += n;
    }
    let all: i64 = units.values().sum();
    if people.len() < WHO_LOOK {
        return Vec::new();
    }
    let such = looked.iter().filter(|(unit, person, n)| {
        let (own, others) = (units[unit], people[person] - n);
        own >= LOOKS && n * 10 >= own * 9 && others * 2 < all - own
    });
    let pair = |(unit, _, n): &(OrganisationId, AccountId, i64)| Sign {
        kind: SignKind::SamePair,
        // Of the month as a whole.
        at: Instant(to.0 - 1),
        cases: Vec::new(),
        more: 0,
        unit: Some(*unit),
        count: *n,
        of: units[unit],
    };
    such.map(pair).collect()
}

// A sign of a case filed anew is narrower than what the figures count as recurring.
const _: () = assert!(REFILED_WITHIN < RECURRING_DAYS * DAY);

#[cfg(test)]
mod tests {
    use super::*;

    fn case(number: i64, stage: Stage, minute: i64) -> Line {
        Line {
            id: CaseId(Uuid::from_u128(u128::from(number.unsigned_abs()))),
            number,
            stage,
            category_id: Some(Uuid::from_u128(1)),
            place_id: Some(PlaceId(Uuid::from_u128(2))),
            community_id: None,
            compound_id: Some(PlaceId(Uuid::from_u128(2))),
            unit_id: Some(OrganisationId(Uuid::from_u128(3))),
            lng_e7: Some(1_200_000_000),
            lat_e7: Some(360_000_000),
            where_words: "At the gate".into(),
            reported_by: Some(AccountId(Uuid::from_u128(4))),
            reported_at: Instant(minute * MINUTE),
            ended_at: None,
            rectified_at: None,
            unit_due: None,
        }
    }

    const ALWAYS: (Instant, Instant) = (Instant(0), Instant(i64::MAX));

    fn numbers(signs: &[Sign]) -> Vec<Vec<String>> {
        signs.iter().map(|sign| sign.cases.iter().map(|case| case.name.clone()).collect()).collect()
    }

    #[test]
    fn a_burst_is_many_within_minutes_shortly_before_their_deadlines() {
        let mended = |number, at: i64, due: i64| Line {
            rectified_at: Some(Instant(at * MINUTE)),
            unit_due: Some(Instant(due * MINUTE)),
            ..case(number, Stage::Closed, 0)
        };
        let burst: Vec<Line> = (1..=6).map(|n| mended(n, 1000 + n, 1010)).collect();
        let found = bursts(&burst, ALWAYS.0, ALWAYS.1);
        assert_eq!((found.len(), found[0].count, found[0].of), (1, 6, 6));
        assert!(bursts(&burst[..4], ALWAYS.0, ALWAYS.1).is_empty(), "four are no burst");
        let early: Vec<Line> = (1..=6).map(|n| mended(n, 1000 + n, 1100)).collect();
        assert!(bursts(&early, ALWAYS.0, ALWAYS.1).is_empty(), "long before the deadline");
        let slowly: Vec<Line> = (1..=6).map(|n| mended(n, 1000 + 5 * n, 1030 + 5 * n)).collect();
        assert!(bursts(&slowly, ALWAYS.0, ALWAYS.1).is_empty(), "one after the other");
        assert!(bursts(&burst, Instant(2000 * MINUTE), ALWAYS.1).is_empty(), "another month's");
    }

    #[test]
    fn filed_anew_is_the_same_kind_at_the_same_spot_within_days() {
        let day = 24 * 60;
        let ended = |stage, at: i64| Line { ended_at: Some(Instant(at * MINUTE)), ..case(1, stage, 0) };
        for (stage, after, expected) in [
            (Stage::Void, 6 * day, true),
            (Stage::Void, 8 * day, false),
            (Stage::Declined, 6 * day, true),
            (Stage::Closed, 2 * day, true),
            (Stage::Closed, 4 * day, false),
            (Stage::Merged, day, false),
            (Stage::Dispatched, day, false),
        ] {
            let all = [ended(stage, 60), case(2, Stage::Dispatched, 60 + after)];
            assert_eq!(!refiled(&all, ALWAYS.0, ALWAYS.1).is_empty(), expected, "{stage} {after}");
        }
        let far = Line { lng_e7: Some(1_200_100_000), ..case(2, Stage::Dispatched, 120) };
        assert!(refiled(&[ended(Stage::Void, 60), far], ALWAYS.0, ALWAYS.1).is_empty(), "nine hundred metres away");
        let other = Line { category_id: Some(Uuid::from_u128(9)), ..case(2, Stage::Dispatched, 120) };
        assert!(refiled(&[ended(Stage::Void, 60), other], ALWAYS.0, ALWAYS.1).is_empty(), "another kind");
        let nowhere = |number, words: &str| Line { lng_e7: None, where_words: words.into(), ..case(number, Stage::Dispatched, 120) };
        let words = |there: &str| [Line { where_words: "At the gate".into(), ..ended(Stage::Void, 60) }, nowhere(2, there)];
        assert_eq!(numbers(&refiled(&words("At the  gate"), ALWAYS.0, ALWAYS.1)).len(), 1);
        assert!(refiled(&words("Behind building 3"), ALWAYS.0, ALWAYS.1).is_empty());
    }

    #[test]
    fn split_is_one_persons_several_at_one_spot_within_minutes() {
        let all = [case(1, Stage::Closed, 0), case(2, Stage::Dispatched, 4), case(3, Stage::Reported, 9), case(4, Stage::Reported, 30)];
        assert_eq!(numbers(&split(&all, ALWAYS.0, ALWAYS.1)), [["#1", "#2", "#3"]]);
        assert!(split(&all[..2], ALWAYS.0, ALWAYS.1).is_empty());
        let mut others = all.clone();
        others[1].reported_by = Some(AccountId(Uuid::from_u128(5)));
        assert!(split(&others, ALWAYS.0, ALWAYS.1).is_empty(), "two people saw it");
        let mut merged = all;
        merged[1].stage = Stage::Merged;
        assert!(split(&merged, ALWAYS.0, ALWAYS.1).is_empty(), "it was noticed and merged");
    }

    #[test]
    fn one_pair_is_noticed_where_others_could_look_and_never_says_who() {
        let unit = |n: u128| OrganisationId(Uuid::from_u128(n));
        let person = |n: u128| AccountId(Uuid::from_u128(n));
        let looked = [(unit(1), person(1), 29), (unit(1), person(2), 1), (unit(2), person(2), 30), (unit(2), person(3), 20)];
        let found = same_pairs(&looked, Instant(10));
        assert_eq!((found.len(), found[0].unit, found[0].count, found[0].of), (1, Some(unit(1)), 29, 30));
        assert!(found[0].cases.is_empty(), "a list of cases would say who looked");
        assert!(same_pairs(&looked[..3], Instant(10)).is_empty(), "two people cannot take turns everywhere");
        let few = [(unit(1), person(1), 19), (unit(2), person(2), 30), (unit(2), person(3), 20)];
        assert!(same_pairs(&few, Instant(10)).is_empty(), "nineteen are few");
        let main = [(unit(1), person(1), 30), (unit(2), person(1), 40), (unit(2), person(2), 5), (unit(2), person(3), 5)];
        assert!(same_pairs(&main, Instant(10)).iter().all(|sign| sign.unit != Some(unit(1))), "who looks at nearly everything is no pair");
    }

    #[test]
    fn pictures_hang_together_by_looks_and_need_one_of_something_mended() {
        let look = |subject: u128, role: &str, bits: u64| Look {
            subject: Uuid::from_u128(subject),
            role: role.into(),
            at: Instant(0),
            bits,
            width: 640,
            height: 480,
        };
        assert_eq!(groups(&[look(1, "after-1", 7), look(2, "after-1", 7), look(3, "after-1", 0xFFFF_0000)]), [vec![0, 1]]);
        assert_eq!(groups(&[look(1, "before", 7), look(1, "after-1", 6)]), [vec![0, 1]], "before is after");
        assert!(groups(&[look(1, "before", 7), look(2, "before", 7)]).is_empty(), "found twice is no mending");
        assert!(groups(&[look(1, "after-1", 7), look(1, "after-1", 7)]).is_empty(), "sent twice with one form");
        let turned = Look { width: 480, height: 640, ..look(2, "after-1", 7) };
        assert!(groups(&[look(1, "after-1", 7), turned]).is_empty());
    }
}
