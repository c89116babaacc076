//! What a search finds beside cases: places and units, circulars, difficult matters, people; each for those who may see them.

use crate::circular_page::name_of;
use crate::issuing::Circular;
use crate::matters::Matter;
use crate::search_find::{Piece, Typed};
use crate::verbs::{ListCases, ListCirculars, ListMatters};
use crate::worklist::Asked;
use access::account::ListAccounts;
use access::http::Desk;
use kernel::Result;
use store::{Sql, args, sql};
use territory::{Directory, Level, ViewTerritory};
use web::PageContext;

/// Of each kind that are shown at most.
const MOST: usize = 6;

// A tenant has some dozens a year: the latest thousand are those of many years.
static CIRCULARS: Sql = sql!(
    "SELECT tenant_id, id, number, year, title, state, opened_at, opened_by, issued_at, issued_by, version
    FROM circular
    WHERE tenant_id = :tenant
    ORDER BY opened_at DESC, id DESC
    LIMIT 1000"
);
static MATTERS: Sql = sql!(
    "SELECT tenant_id, id, number, state, origin, title, what, salt, place_id, place_path, opened_at, opened_by, ended_at, version
    FROM matter
    WHERE tenant_id = :tenant
    ORDER BY number DESC
    LIMIT 1000"
);

/// Things of one kind.
pub struct Group {
    pub label: String,
    pub links: Vec<Link>,
    /// Where all of them stand, if these are not all; else empty.
    pub all: String,
}

/// One of them.
pub struct Link {
    pub href: String,
    pub name: Vec<Piece>,
    pub note: String,
}

/// Whether the actor may look for anything at all.
pub fn may_search(actor: &access::Actor) -> bool {
    actor.can_some::<ListCases>() || actor.can_some::<ListAccounts>() || actor.can_some::<ViewTerritory>()
}

/// Everything that fits and that the actor may see, by kind; kinds without any are left out.
pub async fn also(desk: &Desk, page: &PageContext, directory: &Directory, text: &str, typed: &Typed) -> Result<Vec<Group>> {
    let mut groups = Vec::new();
    // One more than is shown says that there are more.
    let mut add = |key: &str, mut links: Vec<Link>, all: &str| {
        let all = if links.len() > MOST { page.href(all) } else { String::new() };
        links.truncate(MOST);
        if !links.is_empty() {
            groups.push(Group { label: page.w.t(key).into_owned(), links, all });
        }
    };
    let named = format!("?q={}", access::http::encode(text));
    if desk.actor.can_some::<ViewTerritory>() {
        add("search-units", units(desk, page, directory, text, typed), &format!("/organisations{named}"));
        add("search-places", places(desk, page, directory, text, typed), &format!("/places{named}"));
    }
    if !typed.is_empty() {
        add("search-circulars", circulars(desk, page, typed).await?, "/circulars");
        add("search-matters", matters(desk, page, typed).await?, "/matters");
        add("search-people", people(desk, page, text, typed).await?, "/accounts");
    }
    Ok(groups)
}

fn list_of(page: &PageContext, asked: &Asked) -> String {
    format!("{}{}", page.href("/cases"), asked.query_string())
}

fn units(desk: &Desk, page: &PageContext, directory: &Directory, text: &str, typed: &Typed) -> Vec<Link> {
    let found = if text.is_empty() { Vec::new() } else { directory.find_organisations(text, MOST + 1) };
    let cases = desk.actor.can_some::<ListCases>();
    let link = |unit: &&territory::organisation::Organisation| Link {
        href: if cases {
            list_of(page, &Asked { unit: unit.id.to_string(), ..Asked::default() })
        } else {
            page.href(&format!("/organisations/{}", unit.id))
        },
        name: typed.marked(&unit.name),
        note: page.w.t(&format!("organisation-kind-{}", unit.kind)).into_owned(),
    };
    found.iter().map(link).collect()
}

fn places(desk: &Desk, page: &PageContext, directory: &Directory, text: &str, typed: &Typed) -> Vec<Link> {
    let cases = desk.actor.can_some::<ListCases>();
    let link = |place: &&territory::directory::PlaceInfo| Link {
        href: if cases && place.level == Level::Community {
            list_of(page, &Asked { community: place.id.to_string(), ..Asked::default() })
        } else {
            page.href(&format!("/places?at={}", place.id))
        },
        name: typed.marked(&place.full_name),
        note: page.w.t(&format!("level-{}", place.level)).into_owned(),
    };
    directory.find_by_name(text, MOST + 1).iter().map(link).collect()
}

async fn circulars(desk: &Desk, page: &PageContext, typed: &Typed) -> Result<Vec<Link>> {
    let Ok(by) = desk.actor.permit_some::<ListCirculars>() else { return Ok(Vec::new()) };
    let all: Vec<Circular> = desk.app.store.all(&CIRCULARS, args! { tenant: by.tenant() }).await?;
    let named = all.iter().map(|circular| (circular, name_of(page.w, circular)));
    // 第 23 期 is found as 第23期 too.
    let fits = |name: &str| typed.fits([name, &name.replace(' ', "")].into_iter());
    let link = |(circular, name): (&Circular, String)| Link {
        href: page.href(&format!("/circulars/{}", circular.id)),
        name: typed.marked(&name),
        note: page.at(&circular.issued_at.unwrap_or(circular.opened_at)),
    };
    Ok(named.filter(|(_, name)| fits(name)).take(MOST + 1).map(link).collect())
}

async fn matters(desk: &Desk, page: &PageContext, typed: &Typed) -> Result<Vec<Link>> {
    let Ok(by) = desk.actor.permit_some::<ListMatters>() else { return Ok(Vec::new()) };
    let all: Vec<Matter> = desk.app.store.all(&MATTERS, args! { tenant: by.tenant() }).await?;
    let fits = |matter: &&Matter| {
        let number = matter.number.to_string();
        desk.actor.can::<ListMatters>(*matter) && typed.fits([matter.title.as_str(), &matter.what, &number].into_iter())
    };
    let link = |matter: &Matter| Link {
        href: page.href(&format!("/matters/{}", matter.number)),
        name: typed.marked(&matter.title),
        note: page.w.t(&format!("matter-state-{}", matter.state)).into_owned(),
    };
    Ok(all.iter().filter(fits).take(MOST + 1).map(link).collect())
}

async fn people(desk: &Desk, page: &PageContext, text: &str, typed: &Typed) -> Result<Vec<Link>> {
    let Ok(by) = desk.actor.permit::<ListAccounts>(&desk.actor.tenant) else { return Ok(Vec::new()) };
    let fits = |name: &str| typed.fits(std::iter::once(name)) || kernel::words::matches_initials(name, text);
    let found = access::finding::people(&desk.app.store, &by, fits, MOST + 1).await?;
    let link = |one: access::finding::Someone| Link {
        href: page.href(&format!("/accounts/{}", one.id)),
        name: typed.marked(one.name.shown()),
        note: if one.active { String::new() } else { page.w.t("search-person-closed").into_owned() },
    };
    Ok(found.into_iter().map(link).collect())
}
