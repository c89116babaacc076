//! Schemes for programs: which there are, and what the table of one says in words.

use super::{some_day, stamp};
use crate::scheme::{self, Ranked, SchemeId, SchemeState, Version};
use crate::scheme_page::{Room, drafts, grid_views, now_of, seen};
use crate::verbs::ReadScheme;
use api::{Answer, Call, Day, Stamp};
use web::Words;

api::operations! { "evaluation":
    /// The schemes: of each kind those that were adopted, the latest first; then the drafts, for those who evaluate.
    get "/schemes" list_schemes;
    /// One version of a scheme with its tables, in words of the language that the request accepts.
    get "/schemes/{id}" get_scheme;
}

api::params! {
    pub struct OfScheme {
        id: SchemeId,
    }
}

api::object! {
    /// A version of a scheme.
    pub struct SchemeLine {
        id: SchemeId,
        /// What is scored by it.
        ranked: Ranked,
        name: String,
        state: SchemeState,
        /// Of those that were adopted for its kind.
        number: Option<i64>,
        /// Whether this month is scored by it.
        in_force: bool,
        /// The first month that is scored by it.
        from_month: Option<String>,
        drafted_at: Stamp,
        adopted_at: Option<Stamp>,
        /// The hash of its table, which the journal has too.
        hash: String,
    }
    /// Schemes.
    pub struct Schemes {
        schemes: Vec<SchemeLine>,
    }
    /// A part of a scheme as it is printed.
    pub struct SchemeTable {
        title: String,
        heads: Vec<String>,
        lines: Vec<Vec<String>>,
    }
    /// One version of a scheme.
    pub struct SchemeView {
        scheme: SchemeLine,
        /// Where it was decided.
        meeting: String,
        met_on: Option<Day>,
        tables: Vec<SchemeTable>,
    }
}

fn line(version: &Version, in_force: bool) -> SchemeLine {
    SchemeLine {
        id: version.id,
        ranked: version.ranked,
        name: version.name.clone(),
        state: version.state,
        number: version.number,
        in_force,
        from_month: version.from_month.clone(),
        drafted_at: Stamp(version.drafted_at),
        adopted_at: stamp(version.adopted_at),
        hash: version.hash.clone(),
    }
}

async fn list_schemes(call: Call<()>) -> web::Result<Answer<Schemes>> {
    call.actor.permit_some::<ReadScheme>()?;
    let month = Room::of(&call).await?.month(&call)?;
    let mut schemes = Vec::new();
    for ranked in Ranked::ALL {
        let adopted = scheme::adopted(&call.app.store, call.actor.tenant, *ranked).await?;
        let now = now_of(&adopted, &month);
        schemes.extend(adopted.iter().map(|version| line(version, now == Some(version.id))));
    }
    schemes.extend(drafts(&call).await?.iter().map(|version| line(version, false)));
    Ok(Answer(Schemes { schemes }))
}

async fn get_scheme(call: Call<OfScheme>) -> web::Result<Answer<SchemeView>> {
    let version = seen(&call, &call.path.id.to_string()).await?;
    let (store, tenant) = (&call.app.store, call.actor.tenant);
    let room = Room::of(&call).await?;
    let now = scheme::in_force(store, tenant, version.ranked, &room.month(&call)?).await?;
    let table = scheme::table(store, tenant, version.id).await?;
    let grids = grid_views(Words::of(call.visit.lang), &table, &room.sheet(&table)).into_iter().map(|grid| SchemeTable {
        title: grid.title,
        heads: grid.heads,
        lines: grid.lines.into_iter().map(|line| line.into_iter().map(|cell| cell.text).collect()).collect(),
    });
    Ok(Answer(SchemeView {
        scheme: line(&version, now.is_some_and(|now| now.id == version.id)),
        met_on: some_day(version.met_on.as_ref())?,
        meeting: version.meeting,
        tables: grids.collect(),
    }))
}
