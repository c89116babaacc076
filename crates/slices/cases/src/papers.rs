//! The round on paper: the circular (问题通报), each unit's notice (整改通知单) and answer sheet (整改反馈表), as PDF, as a
//! file for the office suite, and the circular as long pictures for chat groups.

use crate::case::{Case, Found, of_circular};
use crate::case_page::{NoteView, StepView};
use crate::case_steps::MAX_PHOTOS;
use crate::facts::{CasePrinted, CircularPrinted, NoticePrinted};
use crate::issuing::{Circular, CircularState, Notice, circular, notices};
use crate::office::Office;
use crate::steps::Stage;
use crate::verbs::{IssueCircular, ListCirculars, NoteCase, ReadNotice};
use crate::views::{place_words, title, unit_name};
use crate::wording::{self, WordsKind};
use access::Permit;
use access::http::Desk;
use access::unmasking::PersonalUnmasked;
use axum::extract::{Path, Query};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use contracts::{CircularId, NoticeId};
use documents::paper::{AT_ISSUE, MOST_DOSSIERS, MOST_STEPS, PICTURED_PROBLEMS, PRINTED_PHOTOS, Stitch};
use documents::{Answer, AnswerSheet, DossierStep, Photo, Printed, Problem};
use kernel::ids::{AttachmentId, OrganisationId};
use kernel::{Code, Error, Result};
use serde::Deserialize;
use std::collections::BTreeMap;
use store::attachments::{Attachment, Attachments, Size};
use store::{Command, Write};
use web::{PageContext, Words};

/// Before a circular is issued it has neither number nor deadlines: only those who issue it print its draft.
pub const NOT_ISSUED: Code = Code::conflict("circular.not_issued");

/// Pixels across a long picture: what phones show sharply and chat programs do not shrink.
const PICTURE_PX: u32 = 900;

store::text_enum! {
    /// What a paper is made into.
    pub enum Form {
        Pdf = "pdf",
        Docx = "docx",
        Picture = "jpg",
    }
}

impl Form {
    const fn media_type(self) -> &'static str {
        match self {
            Form::Pdf => "application/pdf",
            Form::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Form::Picture => "image/jpeg",
        }
    }
}

/// Notes that somebody took a circular out of the house.
pub struct PrintCircular {
    pub by: Permit<ListCirculars>,
    pub circular: CircularId,
    pub form: Form,
}

impl Command for PrintCircular {
    const KIND: &'static str = "circular.print";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        tx.fact(CircularPrinted { circular: self.circular, form: self.form.to_string() })
    }
}

/// Notes that somebody took the whole of these cases out of the house.
pub struct PrintDossiers {
    pub cases: Vec<(Permit<NoteCase>, Found)>,
}

impl Command for PrintDossiers {
    const KIND: &'static str = "case.print";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        for (_, case) in &self.cases {
            tx.fact(CasePrinted { case: case.id, place: case.place_id, unit: case.unit_id })?;
        }
        Ok(())
    }
}

/// Notes that somebody took a notice or its answer sheet out of the house.
pub struct PrintNotice {
    pub by: Permit<ReadNotice>,
    pub notice: NoticeId,
    pub unit: OrganisationId,
    pub paper: &'static str,
    pub form: Form,
    /// The unit's contact stands on it in full, which is an unmasking.
    pub contact: bool,
}

impl Command for PrintNotice {
    const KIND: &'static str = "notice.print";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let PrintNotice { notice, unit, paper, form, contact, .. } = self;
        if *contact {
            tx.fact(PersonalUnmasked::on_paper(*unit))?;
        }
        tx.fact(NoticePrinted { notice: *notice, unit: *unit, paper: (*paper).to_owned(), form: form.to_string() })
    }
}

/// The paper in its form, off the async threads.
async fn made(desk: &Desk, paper: Printed, form: Form, name: String) -> web::Result<Response> {
    let press = desk.app.press.clone();
    let work = move || match form {
        Form::Pdf => press.pdf(&paper),
        Form::Docx => documents::docx(&paper).map_err(Error::from),
        Form::Picture => press.picture(&paper, PICTURE_PX),
    };
    let bytes = tokio::task::spawn_blocking(work).await.map_err(Error::internal)??;
    let shown = if form == Form::Docx { "attachment" } else { "inline" };
    let headers = [
        (header::CONTENT_TYPE, form.media_type().to_owned()),
        // RFC 8187 §3.2.1
        (header::CONTENT_DISPOSITION, format!("{shown}; filename*=UTF-8''{}.{form}", access::http::encode(&name))),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

/// What filling a paper needs beside its own rows.
struct Filling<'a> {
    desk: &'a Desk,
    page: &'a PageContext,
    office: &'a Office,
    /// Numbers of notices, where a problem names its own.
    numbers: BTreeMap<NoticeId, i64>,
    /// The unit's contact in full, where the taker may see it.
    contact: String,
}

impl Filling<'_> {
    fn w(&self) -> Words {
        self.page.w
    }

    fn office_name(&self) -> Result<String> {
        self.desk.tenant.office_name(self.page)
    }

    fn labels(&self) -> documents::Labels {
        let w = self.w();
        documents::labels(|key| w.t(key).into_owned())
    }

    /// The local day, written out.
    fn date(&self, at: kernel::Instant) -> String {
        let day = at.to_timestamp().to_zoned_datetime(self.page.zone.clone()).date();
        let parts = [("year", day.year().to_string()), ("month", day.month().to_string()), ("day", day.day().to_string())];
        self.w().with("paper-date", &parts).into_owned()
    }

    /// `1月19日 17:30`; the year where it is not this one's.
    fn minute(&self, at: kernel::Instant) -> String {
        self.page.at(&at)
    }

    async fn photos(&self, photos: &[&Attachment]) -> Result<Vec<Photo>> {
        self.first_photos(photos, PRINTED_PHOTOS).await
    }

    /// The first of these that are photos, at most so many.
    async fn first_photos(&self, photos: &[&Attachment], most: usize) -> Result<Vec<Photo>> {
        let attachments = self.desk.app.get::<Attachments>();
        let mut printed = Vec::new();
        for photo in photos.iter().filter(|photo| !photo.kind.is_video()).take(most) {
            let jpeg = match attachments.read(self.desk.actor.tenant, &photo.hash, Size::Thumb).await {
                Ok(bytes) => bytes.to_vec(),
                // A file that is gone leaves its place empty; the rest of the paper is no less true.
                Err(error) if error.kind() == kernel::Kind::NotFound => continue,
                Err(error) => return Err(error),
            };
            printed.push(Photo { jpeg, caption: crate::case_page::photo(self.page, photo, "").caption });
        }
        Ok(printed)
    }

    /// That there is a video, which paper cannot show; empty where there is none.
    fn video(&self, kept: &[&Attachment]) -> String {
        let video = kept.iter().find(|one| one.kind.is_video());
        video
            .map(|video| self.w().a("paper-video", "video", crate::case_page::video_words(self.w(), video)).into_owned())
            .unwrap_or_default()
    }

    async fn problem(&self, case: &Case) -> Result<Problem> {
        let photos = self.attachments(case).await?;
        let before: Vec<&Attachment> = photos.iter().filter(|photo| photo.role.as_deref() == Some("before")).collect();
        let (w, directory) = (self.w(), &self.office.directory);
        Ok(Problem {
            number: case.number.to_string(),
            community: case
                .community_id
                .and_then(|id| directory.place(id))
                .map_or_else(|| self.w().t("circular-no-community").into_owned(), |place| place.name.clone()),
            unit: unit_name(directory, case.unit_id),
            notice: case
                .notice_id
                .and_then(|id| self.numbers.get(&id))
                .map(|number| self.w().a("notice-name", "number", *number).into_owned()),
            place: place_words(directory, case.place_id, &case.where_words),
            category: title(self.w(), directory, case.category_id, case.stage, &case.what),
            what: {
                let closing = crate::conditions::closing_words(w, directory, case);
                [case.what.clone(), closing, self.video(&before)]
                    .into_iter()
                    .filter(|words| !words.is_empty())
                    .collect::<Vec<_>>()
                    .join(&w.t("list-semicolon"))
            },
            deadline: match (case.unit_due.or(case.set_due), crate::clocks::limit(case.limit_unit.as_deref(), case.limit_value)) {
                (Some(due), _) => self.minute(due),
                // Of a draft: the clock starts with the issue.
                (None, Some(limit)) => w.a("paper-limit", "limit", territory::limit_words(w, limit)).into_owned(),
                (None, None) => String::new(),
            },
            photos: self.photos(&before).await?,
        })
    }

    async fn problems(&self, cases: &[&Case]) -> Result<Vec<Problem>> {
        let mut problems = Vec::new();
        for case in cases {
            problems.push(self.problem(case).await?);
        }
        Ok(problems)
    }

    async fn attachments(&self, case: &Case) -> Result<Vec<Attachment>> {
        store::attachments::of_subject(&self.desk.app.store, self.desk.actor.tenant, "case", case.id.0).await
    }

    async fn circular(&self, circular: &Circular, cases: &[&Case], part: Option<(usize, usize)>) -> Result<documents::Circular> {
        let w = self.w();
        let days = cases.iter().map(|case| case.reported_at);
        let period = match (days.clone().min(), days.max()) {
            (Some(from), Some(to)) if self.date(from) == self.date(to) => w.a("paper-day", "day", self.date(from)).into_owned(),
            (Some(from), Some(to)) => w.a2("paper-period", "from", self.date(from), "to", self.date(to)).into_owned(),
            _ => String::new(),
        };
        let date = circular.issued_at.map(|at| self.date(at)).unwrap_or_default();
        let mut paper = documents::Circular {
            tenant: self.page.tenant_name.clone(),
            office: self.office_name()?,
            number: match circular.number.zip(circular.year) {
                Some((number, year)) => w.a2("paper-number", "number", number, "year", year).into_owned(),
                None => w.t("paper-draft").into_owned(),
            },
            title: circular.title.clone(),
            period,
            date,
            addressees: w.t("paper-addressees").into_owned(),
            problems: self.problems(cases).await?,
            labels: self.labels(),
            demo_banner: self.page.demo_banner.clone(),
            ..documents::Circular::default()
        };
        let totals = paper.totals();
        let counts = [
            ("problems", totals.problems.to_string()),
            ("communities", totals.communities.to_string()),
            ("units", totals.units.to_string()),
        ];
        paper.intro = vec![w.with("paper-circular-intro", &counts).into_owned()];
        paper.closing = vec![w.t("paper-circular-closing").into_owned()];
        if let Some((part, of)) = part.filter(|(_, of)| *of > 1) {
            // A part says that it is one; its counts are its own.
            paper.number = format!("{} {}", paper.number, w.a2("paper-part", "part", part, "of", of));
            if part < of {
                paper.closing.clear();
            }
        }
        Ok(paper)
    }

    async fn notice(&self, notice: &Notice, circular: Option<&Circular>, cases: &[&Case]) -> Result<documents::Notice> {
        let w = self.w();
        let path = self.page.href(&format!("/notices/{}", notice.id));
        let one_deadline = cases.iter().all(|case| case.unit_due == Some(notice.last_due));
        let deadline = self.minute(notice.last_due);
        Ok(documents::Notice {
            tenant: self.page.tenant_name.clone(),
            office: self.office_name()?,
            number: w.a("notice-name", "number", notice.number).into_owned(),
            unit: unit_name(&self.office.directory, Some(notice.unit_id)),
            contact: self.contact.clone(),
            circular: circular.map(|circular| crate::circular_page::name_of(w, circular)).unwrap_or_default(),
            deadline: if one_deadline { deadline } else { w.a("paper-deadlines", "last", deadline).into_owned() },
            date: self.date(notice.issued_at),
            intro: vec![w.a("paper-notice-intro", "problems", cases.len()).into_owned()],
            problems: self.problems(cases).await?,
            closing: vec![w.t("paper-notice-closing").into_owned()],
            link: format!("{}{path}", self.desk.app.public_url),
            thread: thread(cases),
            labels: self.labels(),
            demo_banner: self.page.demo_banner.clone(),
        })
    }

    /// The notice's problems, each with what was done about it.
    async fn answer_sheet(&self, notice: &Notice, circular: Option<&Circular>, cases: &[&Case]) -> Result<AnswerSheet> {
        let w = self.w();
        let asked = self.notice(notice, circular, cases).await?;
        let mut answers = Vec::new();
        for (case, problem) in cases.iter().zip(asked.problems) {
            answers.push(if matches!(case.stage, Stage::Rectified | Stage::Closed) {
                let role = format!("after-{}", case.rework + 1);
                let photos = self.attachments(case).await?;
                let after: Vec<&Attachment> = photos.iter().filter(|photo| photo.role.as_deref() == Some(&role)).collect();
                let done = wording::last(&self.desk.app.store, case, WordsKind::Answer).await?;
                let video = self.video(&after);
                Answer {
                    problem,
                    after: self.photos(&after).await?,
                    done: if video.is_empty() { done } else { format!("{done}{}{video}", w.t("list-semicolon")) },
                    done_at: case.rectified_at.map(|at| self.minute(at)).unwrap_or_default(),
                }
            } else {
                Answer { problem, ..Answer::default() }
            });
        }
        let documents::Notice { tenant, office, number, unit, contact, circular, date, labels, demo_banner, .. } = asked;
        Ok(AnswerSheet { tenant, office, number, unit, contact, circular, date, answers, labels, demo_banner })
    }

    /// The clocks of the order that a case is, a line each: until when it is to be done, and when it was.
    async fn order(&self, case: &Found) -> Result<Vec<(String, String)>> {
        let w = self.w();
        let order = match case.source.orders() {
            true => crate::outside::of_case(&self.desk.app.store, self.desk.actor.tenant, case.id).await?,
            false => None,
        };
        let Some(order) = order else { return Ok(Vec::new()) };
        let mut lines = vec![(w.t("field-received").into_owned(), self.minute(order.received_at))];
        for (until, due, label, done) in [
            ("order-sign-due", order.sign_due, "order-sign", order.signed_at),
            ("order-call-due", order.call_due, "order-call", order.called_at),
            ("order-answer-due", order.answer_due, "order-answer", order.answered_at),
        ] {
            if let Some(due) = due {
                lines.push((w.t(until).into_owned(), self.minute(due)));
            }
            if let Some(done) = done {
                let words = if due.is_some_and(|due| due < done) { "order-done-late" } else { "order-done" };
                lines.push((w.t(label).into_owned(), w.a(words, "at", self.minute(done)).into_owned()));
            }
        }
        if let Some((solved, satisfied)) = order.solved.zip(order.satisfied) {
            let outcome = format!("{} · {}", w.t(&format!("solved-{solved}")), w.t(&format!("satisfied-{satisfied}")));
            lines.push((w.t("order-outcome").into_owned(), outcome));
        }
        Ok(lines)
    }

    /// The steps as they are printed, the latest that there is room for, each with the photos that do not stand above it.
    async fn way(&self, steps: Vec<StepView>, photos: &[Attachment], above: &[AttachmentId]) -> Result<Vec<DossierStep>> {
        let skipped = left_out(steps.len());
        let mut printed = self.earlier(skipped);
        for step in steps.into_iter().skip(skipped) {
            let of_step = |one: &Attachment| step.photos.iter().any(|view| view.id == one.id.to_string());
            let own: Vec<&Attachment> = photos.iter().filter(|&one| !above.contains(&one.id) && of_step(one)).collect();
            let photos = self.first_photos(&own, MAX_PHOTOS).await?;
            let beside = [step.detail, self.video(&own)].into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>();
            printed.push(DossierStep {
                title: step.title,
                at: step.at,
                by: step.by,
                detail: beside.join(&self.w().t("list-semicolon")),
                words: step.words,
                photos,
            });
        }
        Ok(printed)
    }

    /// What was said beside the way, the latest that there is room for.
    fn said(&self, said: Vec<NoteView>, title: impl Fn(&NoteView) -> String) -> Vec<DossierStep> {
        let skipped = left_out(said.len());
        let line =
            |note: NoteView| DossierStep { title: title(&note), at: note.at, by: note.by, words: note.words, ..DossierStep::default() };
        self.earlier(skipped).into_iter().chain(said.into_iter().skip(skipped).map(line)).collect()
    }

    /// A line that says how many earlier ones the page alone shows, where there are such.
    fn earlier(&self, skipped: usize) -> Vec<DossierStep> {
        let title = || self.w().a("dossier-left-out", "n", skipped).into_owned();
        (skipped > 0).then(|| DossierStep { title: title(), ..DossierStep::default() }).into_iter().collect()
    }

    /// The whole of one case, as the centre's own people see it.
    async fn dossier(&self, case: &Found) -> Result<documents::Dossier> {
        let (page, w) = (self.page, self.w());
        let photos = self.attachments(case).await?;
        let of_role = |prefix: &str| -> Vec<&Attachment> {
            photos.iter().filter(|photo| photo.role.as_deref().is_some_and(|role| role.starts_with(prefix))).collect()
        };
        let problem = self.problem(case).await?;
        let way = crate::case_page::Way::of(self.desk, case).await?;
        let fact = |label: &str, value: String| (w.t(label).into_owned(), value);
        let attempt = format!("after-{}", case.rework + 1);
        let (before, after, reinspection) = (of_role("before"), of_role(&attempt), of_role("reinspection"));
        let mut above: Vec<AttachmentId> = Vec::new();
        for list in [&before, &after, &reinspection] {
            above.extend(list.iter().filter(|one| !one.kind.is_video()).take(PRINTED_PHOTOS).map(|one| one.id));
        }
        // Of the videos of before and after the facts tell.
        above.extend(before.iter().chain(&after).filter(|one| one.kind.is_video()).map(|one| one.id));
        let explained = case.unit_due.map(|_| crate::case_page::explained(page, self.office, case, &way.told)).unwrap_or_default();
        let mut facts = vec![
            fact("th-progress", crate::views::stage_words(w, case.stage)),
            fact("field-source", w.t(&format!("source-{}", case.source)).into_owned()),
            fact("field-outside", case.outside_number.clone().unwrap_or_default()),
            fact("filter-community", problem.community.clone()),
            fact("th-unit", problem.unit.clone()),
            fact("field-due", problem.deadline.clone()),
            fact("paper-explained", explained.join(&w.t("list-semicolon"))),
            fact("column-with_reported", self.minute(case.reported_at)),
            fact("stitch-circular", case.dispatched_at.map(|at| self.minute(at)).unwrap_or_default()),
            fact("stitch-rectify", case.rectified_at.map(|at| self.minute(at)).unwrap_or_default()),
            fact("stitch-reinspect", case.ended_at.map(|at| self.minute(at)).unwrap_or_default()),
            fact("paper-after-video", self.video(&after)),
        ];
        facts.extend(self.order(case).await?);
        let title_of = |note: &NoteView| w.t(if note.from_unit { "fact-case-reply" } else { "fact-case-message" }).into_owned();
        Ok(documents::Dossier {
            tenant: page.tenant_name.clone(),
            office: self.office_name()?,
            number: w.a("case-number", "number", case.number).into_owned(),
            title: problem.category,
            place: problem.place,
            what: problem.what,
            date: self.date(page.now),
            facts: facts.into_iter().filter(|(_, value)| !value.is_empty()).collect(),
            before: problem.photos,
            after: self.photos(&after).await?,
            reinspection: self.photos(&reinspection).await?,
            steps: self.way(way.steps(page, self.office, &photos), &photos, &above).await?,
            messages: self.said(way.messages(page), title_of),
            notes: self.said(way.notes(page), |_| String::new()),
            labels: self.labels(),
            demo_banner: page.demo_banner.clone(),
        })
    }
}

/// How many of so many lines a dossier leaves out, so that there is room for one that says so.
fn left_out(lines: usize) -> usize {
    if lines > MOST_STEPS { lines - (MOST_STEPS - 1) } else { 0 }
}

/// The thread of a notice: as far as its least advanced problem.
fn thread(cases: &[&Case]) -> [Stitch; 4] {
    match cases.iter().map(|case| case.stage.stitches()).min() {
        Some(done) if done >= 4 => [Stitch::Done; 4],
        Some(3) => [Stitch::Done, Stitch::Done, Stitch::Done, Stitch::Now],
        _ => AT_ISSUE,
    }
}

/// In the order of every paper: by community, unit and place.
fn ordered<'a>(office: &Office, cases: impl Iterator<Item = &'a Case>) -> Vec<&'a Case> {
    let mut cases: Vec<&Case> = cases.collect();
    cases.sort_by_cached_key(|case| {
        let directory = &office.directory;
        (directory.order_of(case.community_id), unit_name(directory, case.unit_id), case.place_path.clone(), case.number)
    });
    cases
}

/// How many long pictures a circular makes.
pub fn pictures(cases: usize) -> usize {
    cases.div_ceil(PICTURED_PROBLEMS)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// Which long picture, from 1.
    pub part: String,
}

/// `circular.pdf`, `circular.docx`, `circular.jpg?part=2`; who reaches some communities only gets their part.
pub async fn of_a_circular(
    desk: Desk,
    Path((_, id, file)): Path<(String, String, String)>,
    Query(asked): Query<Asked>,
) -> web::Result<Response> {
    let id = id.parse::<CircularId>().map_err(|_| Error::not_found())?;
    let form: Form = file.strip_prefix("circular.").and_then(|ending| ending.parse().ok()).ok_or_else(Error::not_found)?;
    let by = desk.actor.permit_some::<ListCirculars>()?;
    let circular = circular(&desk.app.store, by.tenant(), id).await?;
    let issued = circular.state == CircularState::Issued;
    // As a picture it would go into chat groups before its time.
    kernel::ensure(issued || (form != Form::Picture && desk.actor.can::<IssueCircular>(&by.tenant())), NOT_ISSUED)?;
    let office = Office::of(&desk).await?;
    let all = of_circular(&desk.app.store, by.tenant(), id).await?;
    let reach = by.reach();
    let seen =
        ordered(&office, all.iter().filter(|case| reach.all || reach.paths.iter().any(|path| case.place_path.starts_with(path.as_str()))));
    if seen.is_empty() {
        return Err(Error::not_found().into());
    }
    let (part, of) = match form {
        Form::Picture => (asked.part.parse::<usize>().unwrap_or(1), pictures(seen.len())),
        _ => (1, 1),
    };
    if part == 0 || part > of {
        return Err(Error::not_found().into());
    }
    let cases = match form {
        Form::Picture => seen.chunks(PICTURED_PROBLEMS).nth(part - 1).unwrap_or_default(),
        _ => &seen,
    };
    let page = desk.page("circulars-title");
    let numbers = notices(&desk.app.store, by.tenant(), id).await?.iter().map(|notice| (notice.id, notice.number)).collect();
    let filling = Filling { desk: &desk, page: &page, office: &office, numbers, contact: String::new() };
    let paper = filling.circular(&circular, cases, Some((part, of))).await?;
    let name = crate::circular_page::name_of(page.w, &circular);
    let name = if of > 1 { format!("{name}-{part}") } else { name };
    desk.app.store.run(desk.own_pass(), PrintCircular { by, circular: id, form }).await?;
    made(&desk, Printed::Circular(paper), form, name).await
}

/// `notice.pdf`, `notice.docx`, `answer.pdf`, `answer.docx`.
pub async fn of_a_notice(desk: Desk, Path((_, id, file)): Path<(String, String, String)>) -> web::Result<Response> {
    let (paper, form) = file.split_once('.').ok_or_else(Error::not_found)?;
    let form = form.parse::<Form>().ok().filter(|form| *form != Form::Picture).ok_or_else(Error::not_found)?;
    let paper = ["notice", "answer"].into_iter().find(|known| *known == paper).ok_or_else(Error::not_found)?;
    let crate::notice_page::Seen { notice, circular, cases, .. } = crate::notice_page::find(&desk, &id).await?;
    let office = Office::of(&desk).await?;
    let page = desk.page("notice-title");
    let cases = ordered(&office, cases.iter());
    // Whoever may see the unit's contact has it on the paper; for others the line stays blank, to be filled by hand.
    let contact = match territory::unmasking::may_unmask(&desk, &office.directory, notice.unit_id) {
        Ok(by) => territory::organisations::contact(&desk.app.store, desk.actor.tenant, notice.unit_id).await?.on_paper(&by),
        Err(_) => String::new(),
    };
    let with_contact = !contact.is_empty();
    let filling = Filling { desk: &desk, page: &page, office: &office, numbers: BTreeMap::new(), contact };
    let name = format!("{} {}", page.w.a("notice-name", "number", notice.number), unit_name(&office.directory, Some(notice.unit_id)));
    let (printed, name) = match paper {
        "notice" => (Printed::Notice(filling.notice(&notice, circular.as_ref(), &cases).await?), name),
        _ => {
            let sheet = filling.answer_sheet(&notice, circular.as_ref(), &cases).await?;
            (Printed::AnswerSheet(sheet), format!("{} {name}", page.w.t("paper-sheet")))
        }
    };
    let by = desk.actor.permit_some::<ReadNotice>()?;
    desk.app
        .store
        .run(desk.own_pass(), PrintNotice { by, notice: notice.id, unit: notice.unit_id, paper, form, contact: with_contact })
        .await?;
    made(&desk, printed, form, name).await
}

/// The case, for whoever may take the whole of it out of the house. Errors: 404, 403.
pub(crate) async fn to_print(desk: &Desk, number: i64) -> Result<(Permit<NoteCase>, Found)> {
    let case = crate::case::find(&desk.app.store, &desk.actor, number).await?;
    Ok((desk.actor.permit::<NoteCase>(&case)?, case))
}

/// The whole of one case for the file (案卷): what is known of it, its photos, its way, as the centre's own people see it.
pub async fn dossier(desk: Desk, Path((_, number)): Path<(String, String)>) -> web::Result<Response> {
    let number = number.parse::<i64>().map_err(|_| Error::not_found())?;
    printed(&desk, vec![to_print(&desk, number).await?]).await
}

/// `?of=12,13`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Several {
    pub of: String,
}

/// Several cases, in the order in which they were asked for.
pub async fn dossiers(desk: Desk, Query(several): Query<Several>) -> web::Result<Response> {
    let numbers: Vec<i64> = several.of.split(',').map(str::parse).collect::<std::result::Result<_, _>>().map_err(|_| Error::not_found())?;
    kernel::ensure(numbers.len() <= MOST_DOSSIERS, Error::not_found())?;
    let mut cases = Vec::new();
    for number in numbers {
        cases.push(to_print(&desk, number).await?);
    }
    printed(&desk, cases).await
}

async fn printed(desk: &Desk, cases: Vec<(Permit<NoteCase>, Found)>) -> web::Result<Response> {
    let office = Office::of(desk).await?;
    let page = desk.page("case-title");
    let filling = Filling { desk, page: &page, office: &office, numbers: BTreeMap::new(), contact: String::new() };
    let mut papers = Vec::new();
    for (_, case) in &cases {
        papers.push(filling.dossier(case).await?);
    }
    let numbers = cases.iter().map(|(_, case)| case.number.to_string()).collect::<Vec<_>>();
    let last = if numbers.len() > 1 { format!("-{}", numbers[numbers.len() - 1]) } else { String::new() };
    let name = format!("{} {}{last}", page.w.t("paper-dossier"), numbers[0]);
    let first = papers.remove(0);
    desk.app.store.run(desk.own_pass(), PrintDossiers { cases }).await?;
    made(desk, Printed::Dossiers(Box::new(first), papers), Form::Pdf, name).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_dossier_leaves_out_has_room_to_be_named() {
        assert_eq!((left_out(0), left_out(MOST_STEPS)), (0, 0));
        assert_eq!(MOST_STEPS + 1 - left_out(MOST_STEPS + 1) + 1, MOST_STEPS);
    }
}
