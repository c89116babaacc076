//! The scores that were published last, for the pages on which units and communities look at their own work.

use crate::evaluation::EvaluationId;
use crate::league::{MemberId, Shows};
use contracts::scoring::{Published, Scores};
use futures::future::BoxFuture;
use kernel::ids::{OrganisationId, PlaceId};
use kernel::{Result, TenantId};
use rules::Points;
use std::collections::BTreeMap;
use store::{Sql, Store, args, sql};

macro_rules! latest {
    ($what:literal, $most:literal) => {
        concat!(
            "SELECT e.id, e.month, s.member_id, s.name, s.total, s.place, s.grade, l.shows
    FROM evaluation_score s
    JOIN evaluation e ON e.tenant_id = s.tenant_id AND e.id = s.evaluation_id
    JOIN league l ON l.tenant_id = e.tenant_id AND l.id = e.league_id
    WHERE s.tenant_id = :tenant AND e.state = 'published' AND ",
            $what,
            " ORDER BY s.month DESC, s.edition DESC LIMIT ",
            $most
        )
    };
}

static OF_UNIT: Sql = sql!(latest!("s.unit_id = :unit", "100"));
static OF_MEMBER: Sql = sql!(latest!("s.member_id = :member", "1"));

store::row! {
    struct Line {
        id: EvaluationId,
        month: String,
        member_id: MemberId,
        name: String,
        total: i64,
        place: Option<i64>,
        grade: String,
        shows: Shows,
    }
}

/// Places asked for at once; whoever has more looks at the table.
const MOST_PLACES: usize = 40;

pub struct Latest;

impl Scores for Latest {
    fn latest<'a>(
        &'a self,
        store: &'a Store,
        tenant: TenantId,
        units: &'a [OrganisationId],
        places: &'a [PlaceId],
    ) -> BoxFuture<'a, Result<Vec<Published>>> {
        Box::pin(async move {
            let mut lines: Vec<Line> = Vec::new();
            for unit in units {
                lines.extend(store.all::<Line>(&OF_UNIT, args! { tenant: tenant, unit: unit }).await?);
            }
            for place in places.iter().take(MOST_PLACES) {
                lines.extend(store.opt::<Line>(&OF_MEMBER, args! { tenant: tenant, member: MemberId(place.0) }).await?);
            }
            let last = lines.iter().map(|line| line.month.clone()).max().unwrap_or_default();
            let mut found: BTreeMap<MemberId, Published> = BTreeMap::new();
            // The latest edition of a month comes first.
            for line in lines.into_iter().filter(|line| line.month == last) {
                let Line { id, month, member_id, name, total, place, grade, shows } = line;
                let opens = format!("/evaluations/{id}/units/{member_id}");
                let graded = shows == Shows::Grades;
                let score = if graded { grade } else { Points(total).to_string() };
                found.entry(member_id).or_insert(Published { name, month, score, place: place.filter(|_| !graded), opens });
            }
            let mut all: Vec<Published> = found.into_values().collect();
            all.sort_by(|a, b| a.name.cmp(&b.name));
            Ok(all)
        })
    }
}
