//! A month's bulletin (月度考评通报): what was scored and said, on a page of its own for ever, every issue of it; as PDF, for the office
//! suite and as a workbook; and as the draft that is signed.

use crate::bulletin_making;
use crate::bulletin_text::{ProblemText, Reader, Writing, check_code};
use crate::bulletin_words::{self, Issue, Issued, Kept, Typical};
use crate::evaluation::{self, Evaluation, EvaluationId, EvaluationState, Take};
use crate::evaluation_page::{in_order, inside, sheet_of};
use crate::league::{self, League, Shows};
use crate::reckoning::MONTH_NEEDED;
use crate::scheme;
use crate::scoring::{first_of, month_before};
use crate::verbs::{ReadRanking, ShareBulletin, WriteBulletin};
use crate::witness;
use access::http::{Desk, picture};
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use contracts::problems::Shown;
use documents::{Bulletin, BulletinTable, Printed};
use kernel::canonical::hex;
use kernel::ids::{AttachmentId, CommandId};
use kernel::{Code, Error, Instant, Result, TenantId, ensure};
use serde::Deserialize;
use std::collections::BTreeMap;
use store::Store;
use store::attachments::{Attachment, Size};
use store::journal::{Journal, SignedHead};
use territory::sheets::workbook::{self, Sheet};
use web::PageContext;
use web::html::render;

/// Nothing of the month was published, or checked where it is to be signed.
pub const NOTHING: Code = Code::not_found("bulletin.nothing");

store::text_enum! {
    /// What it is made into.
    pub enum Form {
        Pdf = "pdf",
        Docx = "docx",
        Xlsx = "xlsx",
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// The check code of a paper, to be held against what was published.
    pub code: String,
    /// Which issue, from 1; the latest where nobody says.
    pub issue: String,
}

/// The evaluations of a month that a bulletin is of, league by league; a draft for signature is of what was checked as well.
pub(crate) async fn of_month(store: &Store, tenant: TenantId, month: &str, draft: bool) -> Result<Vec<(League, Evaluation)>> {
    first_of(month).ok_or(MONTH_NEEDED)?;
    let mut found = Vec::new();
    for league in league::all(store, tenant).await? {
        let all = evaluation::editions(store, tenant, league.id, month).await?.into_iter();
        let good = |state| state == EvaluationState::Published || (draft && state == EvaluationState::Checked);
        if let Some(one) = all.into_iter().find(|one| good(one.state)) {
            found.push((league, one));
        }
    }
    ensure(!found.is_empty(), NOTHING)?;
    Ok(found)
}

/// The signed head that covers the publication of all of these.
pub(crate) async fn head_of(journal: &Journal, tenant: TenantId, all: &[(League, Evaluation)]) -> Result<SignedHead> {
    let ids: Vec<EvaluationId> = all.iter().map(|(_, one)| one.id).collect();
    witness::head(journal, tenant, &ids).await
}

/// A month as it was published: the issue that is asked for, the latest else. Of the months before there were words there is none.
pub(crate) struct Published {
    pub kept: Option<Kept>,
    pub issued: Option<Issued>,
    pub issue: Option<Issue>,
    pub all: Vec<(League, Evaluation)>,
}

impl Published {
    /// Errors: 404 where nothing of it was published, or no such issue.
    pub async fn of(store: &Store, tenant: TenantId, month: &str, asked: &str) -> Result<Published> {
        first_of(month).ok_or(MONTH_NEEDED)?;
        let kept = bulletin_words::of_month(store, tenant, month).await?;
        let issues = kept.as_ref().map_or(0, |kept| kept.issues);
        let nth = match asked {
            "" => issues,
            asked => asked.parse().ok().filter(|nth| (1..=issues).contains(nth)).ok_or_else(Error::not_found)?,
        };
        match &kept {
            Some(one) if nth > 0 => {
                let issued = bulletin_words::issue(store, tenant, one.id, nth).await?;
                Published::issued(store, tenant, kept, issued).await
            }
            _ => Ok(Published { kept, issued: None, issue: None, all: of_month(store, tenant, month, false).await? }),
        }
    }

    async fn issued(store: &Store, tenant: TenantId, kept: Option<Kept>, issued: Issued) -> Result<Published> {
        let issue = issued.issue()?;
        let mut all = Vec::with_capacity(issue.evaluations.len());
        for id in &issue.evaluations {
            let one = evaluation::find(store, tenant, *id).await?;
            all.push((league::find(store, tenant, one.league_id).await?, one));
        }
        Ok(Published { kept, issued: Some(issued), issue: Some(issue), all })
    }
}

/// A photo on a page.
pub(crate) struct ShotView {
    pub src: String,
    pub alt: String,
    pub caption: String,
}

pub(crate) struct ProblemView {
    pub heading: String,
    pub facts: Vec<(String, String)>,
    pub words: String,
    pub shots: Vec<ShotView>,
}

pub(crate) struct SectionView {
    pub heading: String,
    /// The table with all that is known of it; empty for who has no account.
    pub href: String,
    pub paragraphs: Vec<String>,
    pub tables: Vec<BulletinTable>,
    pub problems: Vec<ProblemView>,
}

/// The sections of a page; photos stand below the address `at`.
pub(crate) async fn sections(writing: &Writing<'_>, bulletin: &Bulletin, at: &str) -> Result<Vec<SectionView>> {
    let photos = writing.photos().await?;
    let view = |(nth, section): (usize, &documents::BulletinSection)| {
        let league = writing.all.get(nth);
        let problems = league.map(|(league, _)| writing.problems(league.id)).unwrap_or_default();
        let href =
            league.filter(|_| writing.reader == Reader::Inside).map(|(_, one)| writing.page.href(&format!("/evaluations/{}", one.id)));
        SectionView {
            heading: section.heading.clone(),
            href: href.unwrap_or_default(),
            paragraphs: section.paragraphs.clone(),
            tables: section.tables.clone(),
            problems: problems.into_iter().map(|one| problem(writing, one, &photos, at)).collect(),
        }
    };
    Ok(bulletin.sections.iter().enumerate().map(view).collect())
}

fn problem(writing: &Writing<'_>, one: &Typical, photos: &BTreeMap<AttachmentId, Attachment>, at: &str) -> ProblemView {
    let w = writing.page.w;
    let ProblemText { heading, number, unit, words } = writing.problem(one);
    let shot = |key: &str, id: Option<AttachmentId>| {
        let photo = photos.get(&id?)?;
        let (of, taken) = (w.t(key).into_owned(), writing.caption(photo));
        Some(ShotView { src: format!("{at}/photos/{}", photo.id), alt: format!("{of} {heading}"), caption: format!("{of} {taken}") })
    };
    let shots = [shot("paper-before", one.before), shot("paper-after", one.after)].into_iter().flatten().collect();
    let facts = [("paper-case", number), ("paper-unit", unit)].into_iter().filter(|(_, value)| !value.is_empty());
    let facts = facts.map(|(key, value)| (w.t(key).into_owned(), value)).collect();
    ProblemView { heading, facts, words, shots }
}

/// An issue in the list of all.
struct IssueView {
    href: String,
    name: String,
    now: bool,
}

/// The link for people without an account.
pub(crate) struct LinkView {
    address: String,
    qr: String,
    version: i64,
    may_share: bool,
    command: CommandId,
}

#[derive(askama::Template)]
#[template(path = "bulletin.html")]
struct BulletinPage {
    page: PageContext,
    href: String,
    /// Behind the address of a paper: which issue.
    query: String,
    bulletin: Bulletin,
    sections: Vec<SectionView>,
    /// The signed head that covers it: what it is called, and what it is.
    head: Vec<(String, String)>,
    issues: Vec<IssueView>,
    /// Not the latest: since then something else was published.
    older: bool,
    /// Of a code that was brought along: whether it is this one; or the issue of which it is.
    same: Option<bool>,
    earlier: String,
    inside: bool,
    /// Something of the month is not published, and the reader may write for it.
    words_href: String,
    link: Option<LinkView>,
    error: String,
}

/// What was published of a month, at an address that stays.
pub async fn page(desk: Desk, Path((_, month)): Path<(String, String)>, Query(asked): Query<Asked>) -> web::Result<Response> {
    show(&desk, &month, &asked, None).await
}

/// The page, with what went wrong with what was asked on it.
pub(crate) async fn show(desk: &Desk, month: &str, asked: &Asked, error: Option<&Error>) -> web::Result<Response> {
    desk.actor.permit_some::<ReadRanking>()?;
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let mut page = desk.page("evaluations-title");
    let published = Published::of(store, tenant, month, &asked.issue).await?;
    let journal = desk.app.get::<Journal>();
    let head = head_of(&journal, tenant, &published.all).await?;
    let writing = writing(desk, &page, month, &published, Some(&head));
    let bulletin = writing.written().await?;
    let href = page.href(&format!("/bulletins/{month}"));
    let sections = sections(&writing, &bulletin, &href).await?;
    let said = [
        ("proof-head-size", head.size.to_string()),
        ("proof-head-root", hex(&head.root)),
        ("proof-head-signed", page.at_full(&head.signed_at)),
        ("proof-head-key", head.key_id.clone()),
    ];
    let head = said.into_iter().map(|(key, text)| (page.w.t(key).into_owned(), text)).collect();
    let nth = published.issued.as_ref().map_or(0, |issued| issued.nth);
    let all = match &published.kept {
        Some(kept) => bulletin_words::issues(store, tenant, kept.id).await?,
        None => Vec::new(),
    };
    let issue_name = |one: &Issued| page.w.a2("bulletin-issue", "n", one.nth, "at", page.at(&one.issued_at)).into_owned();
    let last = all.len().try_into().unwrap_or(i64::MAX);
    let issues = all.iter().map(|one| IssueView {
        href: if one.nth == last { href.clone() } else { format!("{href}?issue={}", one.nth) },
        name: issue_name(one),
        now: one.nth == nth,
    });
    let issues: Vec<IssueView> = if all.len() > 1 { issues.collect() } else { Vec::new() };
    let same = (!asked.code.is_empty()).then(|| asked.code.trim().eq_ignore_ascii_case(&bulletin.check_code));
    let mut earlier = String::new();
    if same == Some(false) {
        for other in all.iter().filter(|other| other.nth != nth) {
            let one = Published::issued(store, tenant, None, other.clone()).await?;
            let head = head_of(&journal, tenant, &one.all).await?;
            if asked.code.trim().eq_ignore_ascii_case(&check_code(&one.all, Some(other), &head)) {
                earlier = issue_name(other);
            }
        }
    }
    let latest = bulletin_words::latest(store, tenant, month).await?;
    let may_write = bulletin_words::open(&latest).next().is_some() && desk.actor.can::<WriteBulletin>(&tenant);
    let may_share = desk.actor.can::<ShareBulletin>(&tenant);
    let link = published.kept.as_ref().filter(|kept| kept.issues > 0 && (may_share || (inside(desk) && kept.link.is_some())));
    let link = link.map(|kept| {
        let link = kept.link.as_ref().map(|link| format!("{}/b/{}/{link}", desk.app.public_url, desk.tenant.slug));
        LinkView {
            qr: link.as_ref().and_then(|link| documents::qr_svg(link).ok()).unwrap_or_default(),
            address: link.unwrap_or_default(),
            version: kept.version,
            may_share,
            command: desk.app.world.new_id(),
        }
    });
    page.title.clone_from(&bulletin.title);
    let template = BulletinPage {
        head,
        query: if nth > 0 && nth < last { format!("?issue={nth}") } else { String::new() },
        older: nth > 0 && nth < last,
        issues,
        sections,
        same,
        earlier,
        inside: inside(desk),
        words_href: if may_write { format!("{href}/words") } else { String::new() },
        link,
        error: error.map(|error| page.w.error(error.code(), error.args()).into_owned()).unwrap_or_default(),
        bulletin,
        href,
        page,
    };
    Ok(render(crate::scheme_page::status_of(error), &template))
}

fn writing<'a>(desk: &'a Desk, page: &'a PageContext, month: &'a str, of: &'a Published, head: Option<&'a SignedHead>) -> Writing<'a> {
    Writing {
        app: &desk.app,
        tenant: &desk.tenant,
        page,
        month,
        all: &of.all,
        head,
        issue: of.issue.as_ref(),
        issued: of.issued.as_ref(),
        reader: Reader::Inside,
    }
}

/// A photo of a typical problem that was published, small as it is on paper: who may read the bulletin need not see the case.
pub async fn photo(desk: Desk, Path((_, month, photo)): Path<(String, String, String)>, headers: HeaderMap) -> web::Result<Response> {
    desk.actor.permit_some::<ReadRanking>()?;
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let photo: AttachmentId = photo.parse().map_err(|_| Error::not_found())?;
    let kept = bulletin_words::of_month(store, tenant, &month).await?.ok_or_else(Error::not_found)?;
    let mut shown = false;
    for issued in bulletin_words::issues(store, tenant, kept.id).await? {
        shown |= issued.issue()?.of_photo(photo).is_some();
    }
    let found = store::attachments::find(store, tenant, photo).await?.filter(|found| shown && found.bound_id.is_some());
    picture(&desk, &found.ok_or_else(Error::not_found)?, Size::Thumb, &headers).await
}

/// The bulletin on paper, `bulletin.pdf` or `bulletin.docx`, and its tables, `bulletin.xlsx`; the draft for signature, `draft.pdf` or
/// `draft.docx`, is for those who evaluate.
pub async fn paper(
    desk: Desk,
    Path((_, month, file)): Path<(String, String, String)>,
    Query(asked): Query<Asked>,
) -> web::Result<Response> {
    let by = desk.actor.permit_some::<ReadRanking>()?;
    let (name, form) = file.split_once('.').ok_or_else(Error::not_found)?;
    let draft = name == "draft";
    ensure(name == "bulletin" || (draft && inside(&desk)), Error::not_found())?;
    let form: Form = form.parse().map_err(|_| Error::not_found())?;
    ensure(!draft || form != Form::Xlsx, Error::not_found())?;
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let page = desk.page("evaluations-title");
    let (published, head) = if draft {
        let all = of_month(store, tenant, &month, true).await?;
        let directory = territory::directory_of(&desk).await?;
        let made = bulletin_making::made(store, desk.app.get::<Shown>().0, &directory, &month, &all).await?;
        (Published { kept: None, issued: None, issue: Some(made.issue), all }, None)
    } else {
        let published = Published::of(store, tenant, &month, &asked.issue).await?;
        let head = head_of(&desk.app.get::<Journal>(), tenant, &published.all).await?;
        (published, Some(head))
    };
    let writing = writing(&desk, &page, &month, &published, head.as_ref());
    let mut bulletin = writing.written().await?;
    let name = format!("{} {}", page.tenant_name, bulletin.title);
    let evaluations = published.all.iter().map(|(_, one)| one.id).collect();
    let take = Take { by, evaluations, form: form.as_str() };
    if form == Form::Xlsx {
        let bytes = workbook::write(page.now, &page.zone, &sheets(&desk, &page, &published).await?)?;
        store.run(desk.own_pass(), take).await?;
        return Ok(workbook::download(&name, bytes));
    }
    writing.illustrate(&mut bulletin).await?;
    let press = desk.app.press.clone();
    let work = move || match form {
        Form::Docx => documents::docx(&Printed::Bulletin(bulletin)).map_err(Error::from),
        _ => press.pdf(&Printed::Bulletin(bulletin)),
    };
    let bytes = tokio::task::spawn_blocking(work).await.map_err(Error::internal)??;
    store.run(desk.own_pass(), take).await?;
    let (media, shown) = match form {
        Form::Docx => ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "attachment"),
        _ => ("application/pdf", "inline"),
    };
    let headers = [
        (header::CONTENT_TYPE, media.to_owned()),
        // RFC 8187 §3.2.1
        (header::CONTENT_DISPOSITION, format!("{shown}; filename*=UTF-8''{}.{form}", access::http::encode(&name))),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

/// The tables, a sheet for each league, as the league publishes them.
async fn sheets(desk: &Desk, page: &PageContext, of: &Published) -> Result<Vec<Sheet>> {
    let at = of.issued.as_ref().map_or(page.now, |issued| issued.issued_at);
    let mut sheets = Vec::with_capacity(of.all.len());
    for (league, one) in &of.all {
        sheets.push(sheet(desk, page, league, one, at).await?);
    }
    Ok(sheets)
}

async fn sheet(desk: &Desk, page: &PageContext, league: &League, one: &Evaluation, at: Instant) -> Result<Sheet> {
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let rules = scheme::table(store, tenant, one.scheme_id).await?;
    let grades: Vec<String> = rules.grades.iter().map(|grade| grade.name.clone()).collect();
    let with_places = league.shows != Shows::Grades;
    let table = in_order(evaluation::table(store, tenant, one.id).await?, &grades, !with_places);
    let before = month_before(&one.month, 1).unwrap_or_default();
    let past = evaluation::history_at(store, tenant, league.id, &before, &before, at).await?;
    let was = |member| past.get(&member).and_then(|months| months.get(&before)).and_then(|past| past.place);
    sheet_of(page, league.name.clone(), &rules, &table, with_places, Some(&was))
}
