//! Every shape that the lists of cases can take, for the test that prepares and plans each on both engines.

use super::*;

/// Every shape that the lists can take, for the test that prepares and plans each on both engines.
fn shapes() -> Vec<Query> {
    let id = Uuid::nil();
    let legs = [Leg::All, Leg::Community(PlaceId(id)), Leg::Under("1/".into()), Leg::Unit(OrganisationId(id))];
    // Within the period and the lamp's bounds, and before and behind both.
    let pages = [0, -1, i64::MAX].map(|first| store::query::encode_keys(&[Value::Int(first), Value::Id(id)]));
    let mut queries = Vec::new();
    for leg in &legs {
        for &kind in Kind::ALL {
            let base = Filter { kind: Some(kind), from: Some(Instant(0)), to: Some(Instant(1)), ..Filter::default() };
            let mut filters = vec![base.clone()];
            filters.push(Filter { unit: Some(OrganisationId(id)), ..base.clone() });
            filters.push(Filter { community: Some(PlaceId(id)), ..base.clone() });
            filters.push(Filter { unit: Some(OrganisationId(id)), community: Some(PlaceId(id)), ..base.clone() });
            filters.push(Filter { category: Some(id), ..base.clone() });
            filters.push(Filter { square: Some(1), ..base.clone() });
            filters.push(Filter { square: Some(1), category: Some(id), ..base.clone() });
            filters.push(Filter { compound: Some(PlaceId(id)), ..base.clone() });
            filters.push(Filter { source: Some(Source::Call), ..base.clone() });
            filters.push(Filter { hour: Some(9), ..base.clone() });
            filters.push(Filter { weekday: Some(4), ..base.clone() });
            filters.push(Filter { hour: Some(9), weekday: Some(4), ..base.clone() });
            filters.extend(Without::ALL.iter().map(|&without| Filter { without: Some(without), ..base.clone() }));
            let stages: &[Stage] = match kind {
                Kind::Ended => &[Stage::Closed, Stage::Declined, Stage::Merged, Stage::Void],
                Kind::Open | Kind::Found | Kind::Dispatched => Stage::ALL,
                _ => &[],
            };
            filters.extend(stages.iter().map(|&stage| Filter { stage: Some(stage), ..base.clone() }));
            if kind == Kind::Ended {
                let mine = Filter { whose: Some((Whose::Found, AccountId(id))), ..base.clone() };
                filters.extend([Stage::Closed, Stage::Declined, Stage::Merged].map(|stage| Filter { stage: Some(stage), ..mine.clone() }));
            }
            if kind == Kind::Open {
                filters.extend(Lamp::ALL.iter().map(|&lamp| Filter { lamp: Some(lamp), ..base.clone() }));
                filters.extend(Whose::ALL.iter().map(|&whose| Filter { whose: Some((whose, AccountId(id))), ..base.clone() }));
                let (from, to) = (Some(Instant(0)), Some(Instant(1)));
                filters.push(Filter { due_from: from, due_to: to, stage: Some(Stage::Dispatched), ..base.clone() });
                filters.push(Filter { due_to: to, stage: Some(Stage::Dispatched), ..base.clone() });
            } else if kind == Kind::Asked {
                filters.push(Filter { ask: Some(Ask::Hold), ..base.clone() });
                filters.extend(Answers::ALL.iter().map(|&answers| Filter { answers: Some(answers), ..base.clone() }));
            } else if kind == Kind::Orders {
                filters.push(Filter { due_to: Some(Instant(1)), ..base.clone() });
            } else if matches!(kind, Kind::Ended | Kind::Found | Kind::Dispatched) {
                filters.extend(Outcome::ALL.iter().map(|&outcome| Filter { outcome: Some(outcome), ..base.clone() }));
            }
            filters.extend(Flag::ALL.iter().map(|&flag| Filter { flag: Some(flag), ..base.clone() }));
            filters.push(Filter { source: Some(Source::Hotline), ..base.clone() });
            filters.push(Filter { under: Some("1/".into()), ..base.clone() });
            queries.push(base.sized(TenantId(1), leg, Instant(0), MANY));
            for filter in filters {
                queries.push(filter.ids(TenantId(1), leg, Instant(0)));
                queries.push(filter.query(TenantId(1), leg, Instant(0)));
                queries.push(filter.page(TenantId(1), leg, Instant(0), PLOT, PAGE));
                for page in &pages {
                    queries.push(Filter { after: Some(page.clone()), ..filter.clone() }.query(TenantId(1), leg, Instant(0)));
                }
            }
        }
    }
    queries
}
store::shapes!("worklist", shapes);

/// Lists of one circular, which holds so few cases that an engine may sort them.
fn circular_shapes() -> Vec<Query> {
    let id = Uuid::nil();
    let mut queries = Vec::new();
    for leg in [Leg::All, Leg::Community(PlaceId(id)), Leg::Under("1/".into()), Leg::Unit(OrganisationId(id))] {
        for &kind in Kind::ALL {
            let filter = Filter { kind: Some(kind), circular: Some(CircularId(id)), ..Filter::default() };
            queries.push(filter.ids(TenantId(1), &leg, Instant(0)));
            queries.push(filter.query(TenantId(1), &leg, Instant(0)));
        }
    }
    queries
}
store::shapes!("worklist of a circular", circular_shapes);

/// Lists of what is open by when it was found: narrowed to a unit, a community, a kind or a stage, an engine may sort the few
/// that are open there.
fn sorted_shapes() -> Vec<Query> {
    let id = Uuid::nil();
    let mut queries = Vec::new();
    for leg in [Leg::All, Leg::Community(PlaceId(id)), Leg::Under("1/".into()), Leg::Unit(OrganisationId(id))] {
        for sort in [Sort::Newest, Sort::Oldest] {
            let base = Filter { sort: Some(sort), ..Filter::default() };
            let mut filters = vec![base.clone()];
            filters.push(Filter { stage: Some(Stage::Reported), ..base.clone() });
            filters.push(Filter { unit: Some(OrganisationId(id)), ..base.clone() });
            filters.push(Filter { community: Some(PlaceId(id)), ..base.clone() });
            filters.push(Filter { category: Some(id), ..base.clone() });
            let page = store::query::encode_keys(&[Value::Int(0), Value::Id(id)]);
            for filter in filters {
                queries.push(filter.query(TenantId(1), &leg, Instant(0)));
                queries.push(Filter { after: Some(page.clone()), ..filter }.query(TenantId(1), &leg, Instant(0)));
            }
        }
    }
    queries
}
store::shapes!("worklist by finding", sorted_shapes);
