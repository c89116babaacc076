//! Passing a problem on to a neighbouring street (同区移交): handed over here like to anybody outside, it begins there as a problem
//! of theirs that names ours; what becomes of it there comes back as the answer.
//!
//! Two tenants never meet in a transaction: each command here is of one tenant, and a reaction to the fact of the one runs
//! that of the other.

use crate::case::{Case, Found, WRONG_STAGE, find};
use crate::clocks::Hours;
use crate::days::Tally;
use crate::facts::{CaseTakenOver, CaseTransferred};
use crate::kinds::Receiver;
use crate::office::Office;
use crate::reporting::{Finding, OUTSIDE_KNOWN, Reported, Spot, Under, enter};
use crate::steps::{Source, Stage, Step};
use crate::transferring::{AnswerTransfer, Handing, TakeBack, hand_outside};
use crate::verbs::{HandleCase, PassOnCase, ReportCase};
use crate::wording::{self, WordsKind};
use access::account::{self, Tenant};
use access::{Actor, Permit};
use contracts::CaseId;
use kernel::coordinates::Point;
use kernel::ids::AttachmentId;
use kernel::{Code, Error, Instant, Result, TenantId, ensure};
use std::sync::Arc;
use store::attachments::Attachments;
use store::{Command, Pass, Sql, Store, Write, args, sql};
use web::{App, Lang, Words};

/// No street of the same district was chosen.
pub const NO_NEIGHBOUR: Code = Code::invalid("case.pass_on.no_neighbour");

/// Photos that go along; those of a problem with more stay here.
const MOST_PHOTOS: usize = 6;

/// A street or town of the same district, found by looking.
#[derive(Debug, Clone)]
pub struct Neighbour(Tenant);

impl Neighbour {
    pub fn id(&self) -> TenantId {
        self.0.id
    }
    pub fn tenant(&self) -> &Tenant {
        &self.0
    }
}

/// The other streets and towns of a tenant's district; none where no district stands above it.
pub async fn neighbours(store: &Store, tenant: &Tenant) -> Result<Vec<Neighbour>> {
    let Some(district) = tenant.parent_id else { return Ok(Vec::new()) };
    let all = account::children(store, district).await?;
    Ok(all.into_iter().filter(|other| other.id != tenant.id).map(Neighbour).collect())
}

/// Passes a case on. Errors: `case.deadline.past` at `due`, `case.stale`, `case.wrong_stage`.
pub struct PassOn {
    pub by: Permit<PassOnCase>,
    pub case: Found,
    pub to: Neighbour,
    /// This tenant's own short name, by which the other calls the case.
    pub slug: String,
    pub set_due: Option<Instant>,
    /// Why it is theirs.
    pub words: String,
    pub hours: Arc<Hours>,
}

impl Command for PassOn {
    const KIND: &'static str = "case.pass_on";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let PassOn { case, to, slug, set_due, words, hours, .. } = self;
        case.stage.after(Step::PassOn).ok_or(WRONG_STAGE)?;
        let minute = tx.now().to_timestamp().to_zoned_datetime(hours.zone().clone()).strftime("%m%d%H%M").to_string();
        let reference = format!("{slug}-{}-{minute}", case.number);
        let handing = Handing { receiver: Receiver::Tenant, receipt: Some(&reference), set_due: *set_due };
        let clock = hand_outside(tx, case, &handing, hours).await?;
        let words = wording::keep(tx, case.id, WordsKind::Reason, words)?;
        tx.fact(CaseTransferred {
            case: case.id,
            place: case.place_id,
            unit: case.unit_id,
            receiver: Receiver::Tenant,
            receipt: Some(reference),
            words,
            clock,
            to: Some(to.id()),
        })
    }
}

/// What was passed on begins here. Errors: `case.outside_known` where it has begun already.
pub struct TakeOver {
    pub by: Permit<ReportCase>,
    pub finding: Finding,
    pub from: TenantId,
    pub number: i64,
    pub found_at: Instant,
    pub hours: Arc<Hours>,
}

impl Command for TakeOver {
    const KIND: &'static str = "case.take_over";
    type Out = Reported;

    async fn run(&self, tx: &mut Write<'_>) -> Result<Reported> {
        let TakeOver { finding, from, number, found_at, hours, .. } = self;
        let now = tx.now();
        let clock = hours.file(now).unwrap_or_else(|_| Hours::none(now));
        let mut tally = Tally::default();
        let reported = enter(tx, finding, None, None, clock, hours, &mut tally).await?;
        tally.write(tx);
        let place = Some(finding.spot.place);
        tx.fact(CaseTakenOver { case: reported.case, place, unit: finding.unit, from: *from, number: *number, found_at: *found_at })?;
        Ok(reported)
    }
}

static LAST_TO: Sql = sql!(
    "SELECT data
    FROM fact
    WHERE tenant_id = :tenant AND subject = 'case' AND subject_id = :case AND kind = 'case.transferred'
    ORDER BY recorded_at DESC, ordinal DESC
    LIMIT 1"
);

/// A system's command with an id that the fact gives, so that a second time is answered with the first.
pub type PassOf<'a> = &'a (dyn Fn(TenantId, u32) -> Pass + Send + Sync);

/// Photos of a case in one tenant, and its video, as drafts of the other's.
async fn photos_of(app: &App, case: &Case, role: &str, to: TenantId) -> Result<(Vec<AttachmentId>, Option<AttachmentId>)> {
    let attachments = app.get::<Attachments>();
    let all = store::attachments::of_subject(&app.store, case.tenant_id, "case", case.id.0).await?;
    let (mut photos, mut video) = (Vec::new(), None);
    for kept in &all {
        let full = if kept.kind.is_video() { video.is_some() } else { photos.len() == MOST_PHOTOS };
        if kept.role.as_deref() != Some(role) || full {
            continue;
        }
        let draft = match attachments.draft_of(&app.store, case.tenant_id, kept, to).await {
            Ok(draft) => draft,
            // A file that is gone leaves its place empty; the problem is no less true.
            Err(error) if error.kind() == kernel::Kind::NotFound => continue,
            Err(error) => return Err(error),
        };
        if draft.kind.is_video() { video = Some(draft.id) } else { photos.push(draft.id) }
    }
    Ok((photos, video))
}

/// Begins, in the tenant that it was passed on to, what this tenant's case `case` is; `again` where it came back unmended.
pub async fn begin_there(app: &App, from: TenantId, case: CaseId, again: bool, pass: PassOf<'_>) -> Result<()> {
    let store = &app.store;
    let case = crate::case::find_by_id(store, &Actor::system(from), case).await?;
    let told = store.opt::<(String,)>(&LAST_TO, args! { tenant: from, case: case.id }).await?;
    let data: serde_json::Value = told.and_then(|(data,)| serde_json::from_str(&data).ok()).unwrap_or_default();
    let (Some(to), Some(receipt)) = (data["to"].as_i64().map(TenantId), data["receipt"].as_str()) else { return Ok(()) };
    // Taken back meanwhile, there is nothing to begin.
    if case.stage != Stage::Transferred || case.receiver != Some(Receiver::Tenant) {
        return Ok(());
    }
    let reference = if again { format!("{receipt}/{}", case.rework) } else { receipt.to_owned() };
    let (here, there) = (Office::of_tenant(app, from).await?, Office::of_tenant(app, to).await?);
    let point = case.lng_e7.zip(case.lat_e7).and_then(|(lng, lat)| Point::new(lng, lat).ok());
    let located = match point {
        Some(point) => {
            let located = territory::locate(app, to, point).await?;
            located.compound.or(located.grid).or(located.community)
        }
        None => None,
    };
    let directory = &there.directory;
    let root = directory.root().ok_or_else(Error::not_found)?.id;
    let place = directory.place_or_404(located.unwrap_or(root))?;
    let code = case.category_id.and_then(|id| here.directory.category(id)).map(|category| category.code().clone());
    let category = code.as_ref().and_then(|code| directory.category_in_force(code));
    let on = directory.date_of(store.world().now())?;
    let proposal = directory.unit_for(place.id, category.map(|category| category.id.0), on);
    let words = wording::last(store, &case, if again { WordsKind::Finding } else { WordsKind::Reason }).await?;
    let said = [case.what.as_str(), words.as_str()].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n");
    let role = if again { format!("reinspection-{}", case.rework) } else { "before".to_owned() };
    let (photos, video) = photos_of(app, &case, &role, to).await?;
    let finding = Finding {
        source: Source::Tenant,
        what: said.chars().take(wording::MAX_WORDS).collect(),
        where_words: case.where_words.clone(),
        spot: Spot {
            place: place.id,
            path: place.path.clone(),
            community: place.community_id,
            compound: place.compound_id,
            point: case.lng_e7.zip(case.lat_e7),
            cell: point.map(Point::cell_key),
        },
        under: category.map(Under::of),
        unit: proposal.as_ref().map(|proposal| proposal.unit),
        unit_reason: proposal.as_ref().map(|proposal| proposal.reason.to_json()),
        set_due: None,
        circular: None,
        photos,
        video,
        outside_number: Some(reference),
        order: None,
    };
    let by = Actor::system(to).permit::<ReportCase>(&to)?;
    let take = TakeOver { by, finding, from, number: case.number, found_at: case.reported_at, hours: there.hours.clone() };
    match store.run(pass(to, 0), take).await {
        Ok(_) => Ok(()),
        Err(error) if error.field_errors().iter().any(|field| field.code == OUTSIDE_KNOWN.name) => Ok(()),
        Err(error) => Err(error),
    }
}

/// The case that an outside number of a passed-on problem names: the tenant's short name and the number there.
fn named(reference: &str) -> Option<(&str, i64)> {
    let mut parts = reference.split('/').next()?.rsplitn(3, '-');
    let (_, number) = (parts.next()?, parts.next()?.parse().ok()?);
    Some((parts.next()?, number))
}

/// What became of a passed-on problem goes back to where it came from: mended, or not taken.
pub async fn answer_back(app: &App, tenant: TenantId, case: CaseId, pass: PassOf<'_>) -> Result<()> {
    let done = crate::case::find_by_id(&app.store, &Actor::system(tenant), case).await?;
    // What became part of it ends with it.
    let inside = crate::joining::inside(&app.store, tenant, done.id).await?;
    let passed_on = std::iter::once(&done.case).chain(&inside).filter(|case| case.source == Source::Tenant);
    let references: Vec<String> = passed_on.filter_map(|case| case.outside_number.clone()).collect();
    for (n, reference) in (0_u32..).zip(&references) {
        answer(app, &done, reference, &|to| pass(to, n + 1)).await?;
    }
    Ok(())
}

async fn answer(app: &App, done: &Found, reference: &str, pass: &(dyn Fn(TenantId) -> Pass + Send + Sync)) -> Result<()> {
    let store = &app.store;
    let Some((slug, number)) = named(reference) else { return Ok(()) };
    let Some(home) = account::tenant_by_slug(store, slug).await? else { return Ok(()) };
    let asked = match find(store, &Actor::system(home.id), number).await {
        Ok(asked) => asked,
        Err(error) if error.kind() == kernel::Kind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    // Only the one that waits for this answer.
    let waits = asked.stage == Stage::Transferred && asked.receiver == Some(Receiver::Tenant);
    if !waits || asked.receipt.as_deref() != reference.split('/').next() {
        return Ok(());
    }
    let office = Office::of_tenant(app, home.id).await?;
    let by = Actor::system(home.id).permit::<HandleCase>(&home.id)?;
    let kind = if done.stage == Stage::Closed { WordsKind::Answer } else { WordsKind::Reason };
    let mut words = wording::last(store, done, kind).await?;
    if words.is_empty() {
        let key = if done.stage == Stage::Closed { "pass_on-mended" } else { "pass_on-not-taken" };
        words = Words::of(Lang::default()).t(key).into_owned();
    }
    let hours = office.hours.clone();
    if done.stage == Stage::Closed {
        let role = format!("after-{}", done.rework + 1);
        let (photos, _) = photos_of(app, done, &role, home.id).await?;
        store.run(pass(home.id), AnswerTransfer { by, case: asked, receipt: None, words, photos, hours }).await.map(drop)
    } else {
        store.run(pass(home.id), TakeBack { by, case: asked, words, hours }).await.map(drop)
    }
}

/// The neighbour that was chosen. Errors: `case.pass_on.no_neighbour` at `tenant`.
pub fn chosen(neighbours: Vec<Neighbour>, slug: &str) -> Result<Neighbour> {
    let found = neighbours.into_iter().find(|neighbour| neighbour.0.slug == slug);
    ensure(found.is_some(), Error::field("tenant", NO_NEIGHBOUR))?;
    found.ok_or_else(Error::not_found)
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn a_reference_names_the_street_and_the_number_there() {
        assert_eq!(named("lsw-1001-02131000"), Some(("lsw", 1001)));
        assert_eq!(named("new-town-7-02131000/2"), Some(("new-town", 7)));
        for other in ["", "1001", "lsw-1001", "lsw-x-02131000"] {
            assert_eq!(named(other), None, "{other}");
        }
    }
}
