//! A notice as its unit sees it on the phone: what to mend, where, until when; and the words for its chat group.

use crate::case::{Case, of_notice};
use crate::issuing::{Circular, Notice, circular, notice};
use crate::office::Office;
use crate::rectifying::OpenNotice;
use crate::verbs::ReadNotice;
use crate::views::{LineView, line_of, unit_name};
use crate::wording::{self, WordsKind};
use access::http::Desk;
use access::{Governed, Subject};
use axum::extract::Path;
use axum::response::Response;
use contracts::NoticeId;
use kernel::ids::CommandId;
use kernel::{Error, Result, TenantId};
use store::Pass;
use web::html::render;
use web::{PageContext, Words};

/// A notice with its unit, as permission sees it.
pub struct NoticeSubject {
    pub tenant: TenantId,
    pub unit: kernel::ids::OrganisationId,
}

impl Governed for NoticeSubject {
    fn subject(&self) -> Subject<'_> {
        Subject { unit: Some(self.unit), ..Subject::of_tenant(self.tenant) }
    }
}

/// A notice with as much of it as the actor may see.
pub struct Seen {
    pub notice: Notice,
    pub circular: Option<Circular>,
    pub cases: Vec<Case>,
    /// Numbers of what was handed out with it and is the unit's no more: handed back, or gone to somebody outside.
    pub left: Vec<i64>,
}

/// The notice with its circular and its cases, if the actor may see it; a community sees those of its own places. 404 otherwise.
pub async fn find(desk: &Desk, id: &str) -> Result<Seen> {
    let id = id.parse::<NoticeId>().map_err(|_| Error::not_found())?;
    let store = &desk.app.store;
    let notice = notice(store, desk.actor.tenant, id).await?;
    let mut cases = of_notice(store, desk.actor.tenant, id).await?;
    let subject = NoticeSubject { tenant: desk.actor.tenant, unit: notice.unit_id };
    if !desk.actor.can::<ReadNotice>(&subject) {
        cases.retain(|case| {
            let place = Subject { place_path: Some(&case.place_path), ..subject.subject() };
            desk.actor.can::<ReadNotice>(&place)
        });
        if cases.is_empty() {
            return Err(Error::not_found());
        }
    }
    let (cases, left) = crate::case::split_by_sight(store, &desk.actor, cases).await?;
    let circular = match notice.circular_id {
        Some(id) => Some(circular(store, desk.actor.tenant, id).await?),
        None => None,
    };
    Ok(Seen { notice, circular, cases, left })
}

/// One problem on the phone: the photo of the fault, what and where in large words, what to do.
pub struct Card {
    pub line: LineView,
    pub what: String,
    pub thumb: Option<String>,
    pub due: String,
    pub rework_words: String,
    pub mine: bool,
}

#[derive(askama::Template)]
#[template(path = "notice_page.html")]
struct NoticePage {
    page: PageContext,
    href: String,
    number: i64,
    unit: String,
    circular: String,
    issued: String,
    due: String,
    cards: Vec<Card>,
    /// Numbers of what is the unit's no more.
    left: String,
    done: usize,
    /// Whether the unit knows of it, for those who see to that.
    seen: String,
    unseen: bool,
    may_tell: bool,
    command: CommandId,
}

pub async fn get(desk: Desk, Path((_, id)): Path<(String, String)>) -> web::Result<Response> {
    let Seen { notice, circular, cases, left } = find(&desk, &id).await?;
    let office = Office::of(&desk).await?;
    if notice.opened_at.is_none() && desk.actor.works_for(notice.unit_id) {
        let by = desk.actor.permit::<ReadNotice>(&NoticeSubject { tenant: desk.actor.tenant, unit: notice.unit_id })?;
        let pass =
            Pass { tenant: desk.actor.tenant, actor: desk.actor.account, on_behalf_of: None, id: desk.app.world.new_id(), body: [0; 32] };
        desk.app.store.run(pass, OpenNotice { by, notice: notice.clone() }).await?;
    }
    let mut page = desk.page("notice-title");
    page.title = page.w.a("notice-name", "number", notice.number).into_owned();
    let own = desk.actor.works_for(notice.unit_id);
    let may_tell = crate::circular_page::may_tell(&desk.actor, &notice, &cases).is_ok();
    let seen = match (notice.opened_at, notice.told_at) {
        _ if own => String::new(),
        (Some(at), _) => page.w.a("notice-opened", "at", page.at(&at)).into_owned(),
        (None, Some(at)) => page.w.a("notice-told", "at", page.at(&at)).into_owned(),
        (None, None) => page.w.t("notice-unseen").into_owned(),
    };
    let unseen = notice.opened_at.is_none() && notice.told_at.is_none() && !own;
    let cards = cards(&desk, &page, &office, &cases).await?;
    let template = NoticePage {
        may_tell: may_tell && unseen,
        seen,
        unseen,
        command: desk.app.world.new_id(),
        href: page.href(&format!("/notices/{}", notice.id)),
        number: notice.number,
        unit: unit_name(&office.directory, Some(notice.unit_id)),
        circular: circular.as_ref().map(|circular| crate::circular_page::name_of(page.w, circular)).unwrap_or_default(),
        issued: page.at(&notice.issued_at),
        due: page.at(&notice.last_due),
        done: cases.iter().filter(|case| !case.stage.open()).count(),
        left: left.iter().map(ToString::to_string).collect::<Vec<_>>().join(page.w.t("list-comma").as_ref()),
        cards,
        page,
    };
    Ok(render(axum::http::StatusCode::OK, &template))
}

/// Cards of cases, those that wait for the unit first, the nearest deadline first.
pub async fn cards(desk: &Desk, page: &PageContext, office: &Office, cases: &[Case]) -> Result<Vec<Card>> {
    let store = &desk.app.store;
    let photos = crate::photos::first_of(store, desk.actor.tenant, &cases.iter().map(|case| case.id).collect::<Vec<_>>()).await?;
    let mut ordered: Vec<&Case> = cases.iter().collect();
    ordered.sort_by_key(|case| (case.stage != crate::steps::Stage::Dispatched, case.due, case.number));
    let mut cards = Vec::new();
    for case in ordered {
        let rework_words = if case.rework > 0 { wording::last(store, case, WordsKind::Finding).await? } else { String::new() };
        cards.push(Card {
            line: line_of(page, &office.directory, case),
            what: case.what.clone(),
            thumb: photos.get(&case.id).map(|photo| page.href(&format!("/photos/{photo}/thumb"))),
            due: case.unit_due.map(|due| page.at(&due)).unwrap_or_default(),
            rework_words,
            mine: case.stage == crate::steps::Stage::Dispatched && case.unit_id.is_some_and(|unit| desk.actor.works_for(unit)),
        });
    }
    Ok(cards)
}

/// The message that the clerk copies into the unit's chat group.
pub fn chat_text(page: &PageContext, office: &Office, circular: &Circular, notice: &Notice, cases: &[&Case], public_url: &str) -> String {
    let w: Words = page.w;
    let mut lines = vec![
        w.with(
            "chat-head",
            &[
                ("unit", unit_name(&office.directory, Some(notice.unit_id))),
                ("circular", crate::circular_page::name_of(w, circular)),
                ("number", notice.number.to_string()),
                ("count", notice.cases.to_string()),
            ],
        )
        .into_owned(),
    ];
    for (i, case) in cases.iter().enumerate() {
        let (category, place) = crate::case_page::heading(w, office, case);
        let due = case.unit_due.map(|due| page.at(&due)).unwrap_or_default();
        lines.push(w.with("chat-line", &[("i", (i + 1).to_string()), ("place", place), ("category", category), ("due", due)]).into_owned());
    }
    lines.push(w.a("chat-link", "link", format!("{public_url}{}", page.href(&format!("/notices/{}", notice.id)))).into_owned());
    lines.join("\n")
}
