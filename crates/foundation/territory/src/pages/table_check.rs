//! The check of the table of responsibilities: gaps, conflicts and rows that say nothing any more, each with the way to mend it.

use super::organisations::today;
use super::{Choice, may_manage, paged, titled};
use crate::directory::Directory;
use crate::explain::category_words;
use crate::responsibility::{Reason, Responsibility};
use crate::table_check::{Checked, Conflict, Gap, check};
use crate::verbs::ViewTerritory;
use access::http::Desk;
use axum::extract::Query;
use axum::response::Response;
use kernel::ids::PlaceId;
use serde::Deserialize;
use std::collections::HashMap;
use web::html::render;
use web::{PageContext, Words};

struct Tab {
    href: String,
    label: String,
    count: usize,
    on: bool,
}

struct GapView {
    community: String,
    community_href: String,
    class: String,
    class_href: String,
    /// How many items, where it is not the whole class.
    part: String,
    stands_in: String,
    unit_href: String,
    add_href: String,
}

struct RowView {
    number: i64,
    href: String,
    unit: String,
    from: String,
    to: String,
}

struct ConflictView {
    category: String,
    place: String,
    place_href: String,
    rows: [RowView; 2],
    days: String,
    says: String,
}

struct VoidView {
    row: RowView,
    category: String,
    place: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// `gaps`, `conflicts`, `void`.
    pub show: String,
    /// A community, or nothing for all.
    pub community: String,
    pub page: String,
}

#[derive(askama::Template)]
#[template(path = "table_check.html")]
struct CheckPage {
    page: PageContext,
    tabs: Vec<Tab>,
    show: &'static str,
    communities: Vec<Choice>,
    gaps: Vec<GapView>,
    conflicts: Vec<ConflictView>,
    void: Vec<VoidView>,
    first: String,
    next: String,
    may_manage: bool,
}

const SHOWN: [&str; 3] = ["gaps", "conflicts", "void"];
/// How many findings a page shows.
const LINES: usize = 50;

pub async fn show(desk: Desk, Query(asked): Query<Asked>) -> web::Result<Response> {
    desk.actor.permit_some::<ViewTerritory>()?;
    let directory = crate::directory_of(&desk).await?;
    let page = titled(&desk, "table-check-title");
    let w = page.w;
    let Checked { gaps, conflicts, void } = check(&directory, today(&desk, &directory)?);
    let show = SHOWN.into_iter().find(|name| *name == asked.show).unwrap_or(SHOWN[0]);
    let community: Option<PlaceId> = asked.community.parse().ok();
    let counts = [gaps.len(), conflicts.len(), void.len()];
    let tabs = SHOWN.into_iter().zip(counts).map(|(name, count)| Tab {
        href: page.href(&format!("/responsibilities/check?show={name}")),
        label: w.t(&format!("table-check-{name}")).into_owned(),
        count,
        on: name == show,
    });
    let tabs = tabs.collect();
    let chosen = community.map(|id| id.to_string()).unwrap_or_default();
    let href = |at: usize| page.href(&format!("/responsibilities/check?show={show}&community={chosen}&page={at}"));
    let rows: HashMap<i64, &Responsibility> = directory.responsibility_rows().iter().map(|row| (row.number, row)).collect();
    let view = Viewing { page: &page, directory: &directory, rows };
    let (mut gap_views, mut conflict_views, mut void_views) = (Vec::new(), Vec::new(), Vec::new());
    let (first, next) = match show {
        "conflicts" => {
            let (some, first, next) = paged(conflicts.len(), &asked.page, LINES, href);
            conflict_views = conflicts[some].iter().filter_map(|conflict| view.conflict(conflict)).collect();
            (first, next)
        }
        "void" => {
            let (some, first, next) = paged(void.len(), &asked.page, LINES, href);
            void_views = void[some].iter().filter_map(|number| view.void(*number)).collect();
            (first, next)
        }
        _ => {
            let wanted: Vec<Gap> = gaps.into_iter().filter(|gap| community.is_none_or(|id| id == gap.community)).collect();
            let (some, first, next) = paged(wanted.len(), &asked.page, LINES, href);
            gap_views = wanted[some].iter().map(|gap| view.gap(gap)).collect();
            (first, next)
        }
    };
    let choice =
        |place: &crate::PlaceInfo| Choice { value: place.id.to_string(), label: place.name.clone(), on: Some(place.id) == community };
    let template = CheckPage {
        tabs,
        show,
        communities: directory.communities().map(choice).collect(),
        gaps: gap_views,
        conflicts: conflict_views,
        void: void_views,
        first,
        next,
        may_manage: may_manage(&desk),
        page,
    };
    Ok(render(axum::http::StatusCode::OK, &template))
}

struct Viewing<'a> {
    page: &'a PageContext,
    directory: &'a Directory,
    rows: HashMap<i64, &'a Responsibility>,
}

impl Viewing<'_> {
    fn w(&self) -> Words {
        self.page.w
    }

    fn gap(&self, gap: &Gap) -> GapView {
        let (w, about) = (self.w(), gap.about().text());
        let (bare, all) = gap.items;
        let unit = gap.stands_in.as_ref().and_then(|proposal| Some((self.directory.organisation(proposal.unit)?, &proposal.reason)));
        let stands_in = match unit {
            Some((unit, Reason::Cooperative { .. })) => w.a("table-gap-cooperative", "unit", unit.name.clone()),
            Some((unit, _)) => w.a("table-gap-office", "unit", unit.name.clone()),
            None => w.t("table-gap-nobody"),
        };
        GapView {
            community: self.directory.full_name(gap.community).to_owned(),
            community_href: self.page.href(&format!("/places?at={}", gap.community)),
            class: category_words(w, self.directory, &about),
            class_href: self.page.href(&format!("/categories?class={about}")),
            part: if bare == all { String::new() } else { w.a2("table-gap-part", "n", bare, "all", all).into_owned() },
            stands_in: stands_in.into_owned(),
            unit_href: unit.map(|(unit, _)| self.page.href(&format!("/organisations/{}", unit.id))).unwrap_or_default(),
            add_href: self.page.href(&format!("/responsibilities?about={about}&place={}#add", gap.community)),
        }
    }

    fn row(&self, row: &Responsibility) -> RowView {
        RowView {
            number: row.number,
            href: self.page.href(&format!("/responsibilities?number={}", row.number)),
            unit: self.directory.organisation(row.organisation_id).map(|unit| unit.name.clone()).unwrap_or_default(),
            from: row.valid_from.clone(),
            to: row.valid_to.clone().unwrap_or_default(),
        }
    }

    fn conflict(&self, conflict: &Conflict) -> Option<ConflictView> {
        let w = self.w();
        let (one, other) = (*self.rows.get(&conflict.rows.0)?, *self.rows.get(&conflict.rows.1)?);
        let says = if conflict.same_unit { "table-conflict-same" } else { "table-conflict-holds" };
        Some(ConflictView {
            category: category_words(w, self.directory, &one.category_text().unwrap_or_default()),
            place: self.directory.full_name(one.place_id).to_owned(),
            place_href: self.page.href(&format!("/places?at={}", one.place_id)),
            days: match &conflict.last {
                Some(last) => w.a2("calendar-span", "first", conflict.first.clone(), "last", last.clone()).into_owned(),
                None => w.a("duty-since", "first", conflict.first.clone()).into_owned(),
            },
            says: w.a(says, "number", other.number).into_owned(),
            rows: [self.row(one), self.row(other)],
        })
    }

    fn void(&self, number: i64) -> Option<VoidView> {
        let row = *self.rows.get(&number)?;
        let text = row.category_text().unwrap_or_default();
        // A category that is no longer in use has its name still.
        let code = crate::category::CategoryCode::parse(&text);
        let latest = code.and_then(|code| self.directory.versions_of(&code).first().map(|version| version.name.clone()));
        Some(VoidView {
            row: self.row(row),
            category: latest.unwrap_or_else(|| category_words(self.w(), self.directory, &text)),
            place: self.directory.full_name(row.place_id).to_owned(),
        })
    }
}
