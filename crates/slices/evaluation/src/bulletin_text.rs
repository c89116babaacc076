//! The text of a bulletin: figures, tables and corrections follow from the evaluations each time anew; what people wrote and chose is
//! that of the issue.

use crate::bulletin_words::{Issue, Issued, Typical};
use crate::evaluation::{self, Evaluation, Standing};
use crate::evaluation_page::in_order;
use crate::league::{self, League, LeagueId, Shows};
use crate::reckoning::MONTH_NEEDED;
use crate::scheme;
use crate::scoring::{first_of, month_before};
use access::account::Tenant;
use documents::{Bulletin, BulletinCase, BulletinForm, BulletinSection, BulletinTable, Photo, RegisterColumn};
use kernel::canonical::{content_hash, hex};
use kernel::ids::AttachmentId;
use kernel::{Instant, Kind, Result};
use rules::Points;
use std::collections::{BTreeMap, BTreeSet};
use store::attachments::{Attachment, Attachments, Size};
use store::journal::SignedHead;
use web::{App, PageContext};

/// Units that are named as the foremost of a league.
const PRAISED: usize = 5;
/// Corrections that a bulletin names one by one.
const MOST_CORRECTIONS: usize = 100;
/// Names of one sentence.
const MOST_NAMES: usize = 100;
/// Characters of a check code, and of what is printed of a root.
const CODE: usize = 16;

/// Whom the text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    /// Somebody with an account.
    Inside,
    /// Anybody who has the link: what was found is told without where exactly and in whose words, and only what may be shown.
    Link,
}

/// One bulletin as it is written out.
pub(crate) struct Writing<'a> {
    pub app: &'a App,
    pub tenant: &'a Tenant,
    pub page: &'a PageContext,
    pub month: &'a str,
    /// The evaluations that it is of, league by league.
    pub all: &'a [(League, Evaluation)],
    /// The signed head that covers them; without one it is the draft that is signed: as nothing of it is published, nothing can be
    /// held against it.
    pub head: Option<&'a SignedHead>,
    /// What was said beside the figures; nothing of the months before there were words.
    pub issue: Option<&'a Issue>,
    /// The issue as it is kept, where it was published.
    pub issued: Option<&'a Issued>,
    pub reader: Reader,
}

/// So many characters of the hash of all digests, league by league in the order of their ids, of the issue's hash where there is one,
/// and of the root of the signed head that covers them: the same as long as nothing was bent, neither the scores nor the words nor the
/// journal up to there.
pub(crate) fn check_code(all: &[(League, Evaluation)], issued: Option<&Issued>, head: &SignedHead) -> String {
    let mut digests: Vec<(LeagueId, &str)> = all.iter().map(|(league, one)| (league.id, one.digest.as_str())).collect();
    digests.sort_unstable();
    let mut lines: String = digests.iter().map(|(league, digest)| format!("{league} {digest}\n")).collect();
    if let Some(issued) = issued {
        lines.push_str(&format!("{}\n", issued.hash()));
    }
    lines.push_str(&format!("{}\n", hex(&head.root)));
    let code: String = hex(&content_hash(lines.as_bytes())).chars().take(CODE).collect();
    let parts: Vec<&str> = (0..CODE / 4).filter_map(|nth| code.get(nth * 4..nth * 4 + 4)).collect();
    parts.join("-").to_uppercase()
}

/// What people typed, a paragraph for each line that says something.
pub(crate) fn paragraphs(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// A typical problem in words.
pub(crate) struct ProblemText {
    pub heading: String,
    pub number: String,
    pub unit: String,
    pub words: String,
}

impl Writing<'_> {
    /// When it was published; now, before that.
    fn at(&self) -> Instant {
        self.issued.map_or(self.page.now, |issued| issued.issued_at)
    }

    /// How many months were published up to this one: the number of its bulletin.
    async fn number(&self) -> Result<usize> {
        let (store, tenant) = (&self.app.store, self.tenant.id);
        let mut months = BTreeSet::from([self.month.to_owned()]);
        for league in league::all(store, tenant).await? {
            let known = evaluation::months(store, tenant, league.id, true).await?.into_iter();
            months.extend(known.map(|one| one.month).filter(|known| known.as_str() < self.month));
        }
        Ok(months.len())
    }

    /// The whole bulletin, its photos aside. Errors: `evaluation.month_needed`.
    pub async fn written(&self) -> Result<Bulletin> {
        let Writing { page, month, all, head, .. } = *self;
        let first = first_of(month).ok_or(MONTH_NEEDED)?;
        let w = page.w;
        let said = [("year", first.year().to_string()), ("month", first.month().to_string())];
        let month_words = w.with("bulletin-month", &said).into_owned();
        let (mut sections, mut corrections) = (Vec::with_capacity(all.len()), Vec::new());
        let (mut units, mut latest, mut edition) = (0, None, 1);
        let mut named = Vec::new();
        for (league, one) in all {
            units += usize::try_from(one.units).unwrap_or(0);
            latest = latest.max(one.published_at.or(one.checked_at));
            edition = edition.max(one.edition);
            sections.push(self.section(league, one, &mut named).await?);
            corrections.extend(self.corrected(league, one).await?);
        }
        if let Some(issue) = self.issue {
            sections.extend(self.next(issue, &named));
        }
        if corrections.len() > MOST_CORRECTIONS {
            let more = corrections.len() - MOST_CORRECTIONS;
            corrections.truncate(MOST_CORRECTIONS);
            corrections.push(w.a("bulletin-more-corrections", "n", more).into_owned());
        }
        let leagues = all.iter().map(|(league, _)| league.name.clone()).collect::<Vec<_>>().join(&w.t("comma"));
        let intro = [("month", month_words.clone()), ("leagues", leagues), ("n", units.to_string())];
        let mut intro = vec![w.with("bulletin-intro", &intro).into_owned()];
        intro.extend(self.issue.map(|issue| paragraphs(&issue.intro)).unwrap_or_default());
        let mut closing = self.issue.map(|issue| paragraphs(&issue.closing)).unwrap_or_default();
        if closing.is_empty() {
            closing.push(w.t("bulletin-closing").into_owned());
        }
        let check_code = head.map(|head| check_code(all, self.issued, head)).unwrap_or_default();
        let sealed = head.map(|head| {
            let root: String = hex(&head.root).chars().take(CODE).collect();
            w.with("bulletin-sealed", &[("n", head.size.to_string()), ("at", page.at_full(&head.signed_at)), ("root", root)]).into_owned()
        });
        let link = head.map(|_| format!("{}/t/{}/bulletins/{month}?code={check_code}", self.app.public_url, self.tenant.slug));
        let day = latest.unwrap_or(page.now).to_timestamp().to_zoned_datetime(page.zone.clone()).date();
        let parts = [("year", day.year().to_string()), ("month", day.month().to_string()), ("day", day.day().to_string())];
        Ok(Bulletin {
            form: if head.is_some() { BulletinForm::Working } else { BulletinForm::Signature },
            tenant: page.tenant_name.clone(),
            office: self.tenant.office_name(page)?,
            number: w.a("bulletin-number", "n", self.number().await?).into_owned(),
            edition: if edition > 1 { w.a("bulletin-edition", "n", edition).into_owned() } else { String::new() },
            title: w.a("bulletin-title", "month", month_words).into_owned(),
            date: w.with("paper-date", &parts).into_owned(),
            addressees: w.t("bulletin-addressees").into_owned(),
            corrections,
            intro,
            sections,
            closing,
            link: link.unwrap_or_default(),
            check_code,
            sealed: sealed.unwrap_or_default(),
            labels: documents::labels(|key| w.t(key).into_owned()),
            demo_banner: page.demo_banner.clone(),
            ..Bulletin::default()
        })
    }

    /// The typical problems of a league that this reader sees.
    pub fn problems(&self, league: LeagueId) -> Vec<&Typical> {
        let said = self.issue.and_then(|issue| issue.leagues.get(&league));
        let all = said.map(|said| said.problems.as_slice()).unwrap_or_default();
        all.iter().filter(|one| self.reader == Reader::Inside || one.public).collect()
    }

    /// One of them in words.
    pub fn problem(&self, one: &Typical) -> ProblemText {
        let w = self.page.w;
        let heading = |place: &str| {
            let said = [("place", place.to_owned()), ("category", one.category.clone())];
            let key = if one.category.is_empty() { "bulletin-problem-place" } else { "bulletin-problem" };
            w.with(key, &said).into_owned()
        };
        match self.reader {
            Reader::Link => {
                ProblemText { heading: heading(&one.name), number: String::new(), unit: one.unit.clone(), words: String::new() }
            }
            Reader::Inside => ProblemText {
                heading: heading(if one.place.is_empty() { &one.name } else { &one.place }),
                number: one.number.to_string(),
                unit: one.unit.clone(),
                words: match (one.what.is_empty(), one.done.is_empty()) {
                    (_, true) => one.what.clone(),
                    (true, false) => w.a("bulletin-problem-done", "done", one.done.clone()).into_owned(),
                    (false, false) => w.a2("bulletin-problem-words", "what", one.what.clone(), "done", one.done.clone()).into_owned(),
                },
            },
        }
    }

    /// What is to come: who is to be lifted by which steps, who was named, and what people wrote of it. `None` where there is nothing.
    pub fn next(&self, issue: &Issue, named: &[String]) -> Option<BulletinSection> {
        let w = self.page.w;
        let mut said = Vec::new();
        let lifted = issue.lifted.iter().map(|one| {
            let steps =
                one.steps.iter().map(|(what, due)| w.a2("bulletin-next-step", "what", what.clone(), "due", due.clone()).into_owned());
            let steps = steps.collect::<Vec<_>>().join(&w.t("list-semicolon"));
            match self.reader {
                Reader::Inside => w.a2("bulletin-next-lifted-steps", "name", one.name.clone(), "steps", steps).into_owned(),
                // What is to be done stands in the office's working words.
                Reader::Link => one.name.clone(),
            }
        });
        let lifted: Vec<String> = lifted.collect();
        if !lifted.is_empty() {
            let key = if self.reader == Reader::Inside { "list-semicolon" } else { "comma" };
            said.push(w.a("bulletin-next-lifted", "list", lifted.join(&w.t(key))).into_owned());
        }
        if !named.is_empty() {
            said.push(w.a("bulletin-next-named", "names", self.names(named)).into_owned());
        }
        said.extend(paragraphs(&issue.next));
        let heading = w.t("bulletin-next").into_owned();
        (!said.is_empty()).then(|| BulletinSection { heading, paragraphs: said, ..BulletinSection::default() })
    }

    /// Names of one sentence, and how many more there are.
    fn names(&self, names: &[String]) -> String {
        let w = self.page.w;
        let joined = names[..names.len().min(MOST_NAMES)].join(&w.t("comma"));
        match names.len().saturating_sub(MOST_NAMES) {
            0 => joined,
            more => w.a2("bulletin-more-names", "names", joined, "n", more).into_owned(),
        }
    }

    /// What an edition after the first has otherwise than the one before it, unit by unit.
    async fn corrected(&self, league: &League, one: &Evaluation) -> Result<Vec<String>> {
        let (store, tenant, w) = (&self.app.store, self.tenant.id, self.page.w);
        let editions = evaluation::editions(store, tenant, league.id, &one.month).await?;
        let Some(before) = editions.into_iter().find(|other| other.edition + 1 == one.edition) else { return Ok(Vec::new()) };
        let was = evaluation::table(store, tenant, before.id).await?;
        let with_places = league.shows != Shows::Grades;
        let said = |standing: Option<&Standing>| match standing {
            None => w.t("bulletin-not-scored").into_owned(),
            Some(standing) if !with_places => standing.grade.clone(),
            Some(standing) => {
                let place = standing.place.map_or_else(|| w.t("evaluation-not-ranked").into_owned(), |place| place.to_string());
                let said = [("total", Points(standing.total).to_string()), ("place", place), ("grade", standing.grade.clone())];
                w.with("bulletin-standing", &said).into_owned()
            }
        };
        let now = evaluation::table(store, tenant, one.id).await?;
        let line = |standing: &Standing| {
            let (was, now) = (said(was.iter().find(|other| other.member_id == standing.member_id)), said(Some(standing)));
            let said = [("league", league.name.clone()), ("unit", standing.name.clone()), ("was", was.clone()), ("now", now.clone())];
            (was != now).then(|| w.with("bulletin-correction", &said).into_owned())
        };
        Ok(now.iter().filter_map(line).collect())
    }

    /// What follows from the figures alone: how it came out, who is foremost, and who is in the last grade; those are added to `named`.
    pub async fn figures(&self, league: &League, one: &Evaluation, named: &mut Vec<String>) -> Result<Vec<String>> {
        let (store, tenant, w) = (&self.app.store, self.tenant.id, self.page.w);
        let rules = scheme::table(store, tenant, one.scheme_id).await?;
        let grades: Vec<String> = rules.grades.iter().map(|grade| grade.name.clone()).collect();
        let with_places = league.shows != Shows::Grades;
        let table = in_order(evaluation::table(store, tenant, one.id).await?, &grades, !with_places);
        let compared: Vec<&Standing> = table.iter().filter(|standing| standing.place.is_some()).collect();
        let by_grade = grades.iter().filter_map(|grade| {
            let n = compared.iter().filter(|standing| standing.grade == *grade).count();
            (n > 0).then(|| w.a2("bulletin-of-grade", "grade", grade.clone(), "n", n).into_owned())
        });
        let by_grade = by_grade.collect::<Vec<_>>().join(&w.t("comma"));
        let mut said = Vec::new();
        if !compared.is_empty() {
            let sum: i64 = compared.iter().map(|standing| standing.total).sum();
            let mean = Points(sum / i64::try_from(compared.len()).unwrap_or(1) / 10 * 10).to_string();
            let values = [("n", compared.len().to_string()), ("mean", mean), ("grades", by_grade)];
            let key = if with_places { "bulletin-figures" } else { "bulletin-figures-grades" };
            said.push(w.with(key, &values).into_owned());
        }
        // Named for praise are those of the best grade, for mending those of the last one: the scheme's own thresholds.
        let of = |grade: Option<&String>| -> Vec<String> {
            compared.iter().filter(|standing| grade == Some(&standing.grade)).map(|standing| standing.name.clone()).collect()
        };
        let best = of(grades.first());
        if !best.is_empty() {
            said.push(w.a("bulletin-praised", "names", best[..best.len().min(PRAISED)].join(&w.t("comma"))).into_owned());
        }
        let last = if grades.len() > 1 { of(grades.last()) } else { Vec::new() };
        if !last.is_empty() {
            said.push(w.a("bulletin-named", "names", self.names(&last)).into_owned());
        }
        named.extend(last);
        Ok(said)
    }

    /// One league: its figures in words, what was remarked, the table, and the typical problems.
    async fn section(&self, league: &League, one: &Evaluation, named: &mut Vec<String>) -> Result<BulletinSection> {
        let mut said = self.figures(league, one, named).await?;
        let remark = self.issue.and_then(|issue| issue.leagues.get(&league.id)).map(|part| paragraphs(&part.remark));
        said.extend(remark.unwrap_or_default());
        let cases = self.problems(league.id).into_iter().map(|one| {
            let ProblemText { heading, number, unit, words } = self.problem(one);
            BulletinCase { heading, number, unit, words, ..BulletinCase::default() }
        });
        Ok(BulletinSection {
            heading: league.name.clone(),
            paragraphs: said,
            tables: vec![self.table(league, one).await?],
            cases: cases.collect(),
        })
    }

    async fn table(&self, league: &League, one: &Evaluation) -> Result<BulletinTable> {
        let (store, tenant, w) = (&self.app.store, self.tenant.id, self.page.w);
        let rules = scheme::table(store, tenant, one.scheme_id).await?;
        let grades: Vec<String> = rules.grades.iter().map(|grade| grade.name.clone()).collect();
        let with_places = league.shows != Shows::Grades;
        let table = in_order(evaluation::table(store, tenant, one.id).await?, &grades, !with_places);
        let before = month_before(&one.month, 1).unwrap_or_default();
        let past = evaluation::history_at(store, tenant, league.id, &before, &before, self.at()).await?;
        let aside = table.iter().filter(|standing| standing.place.is_none()).count();
        let with_units = table.iter().any(|standing| !standing.unit_name.is_empty());
        let column = |key: &str, share| RegisterColumn { title: w.t(key).into_owned(), share };
        let mut columns = Vec::new();
        if with_places {
            columns.push(column("evaluation-place", 2));
        }
        columns.push(column("evaluation-unit", 5));
        if with_units {
            columns.push(column("evaluation-company", 5));
        }
        if with_places {
            columns.push(column("evaluation-total", 3));
            // Nobody had a rank where nothing was published.
            columns.extend((!past.is_empty()).then(|| column("bulletin-before", 3)));
        }
        columns.push(column("evaluation-grade", 2));
        let row = |standing: &Standing| {
            let mut cells = Vec::new();
            if with_places {
                cells.push(standing.place.map_or_else(|| w.t("evaluation-not-ranked").into_owned(), |place| place.to_string()));
            }
            cells.push(standing.name.clone());
            if with_units {
                cells.push(standing.unit_name.clone());
            }
            if with_places {
                let was = past.get(&standing.member_id).and_then(|months| months.get(&before)).and_then(|past| past.place);
                cells.push(Points(standing.total).to_string());
                cells.extend((!past.is_empty()).then(|| was.map(|place| place.to_string()).unwrap_or_default()));
            }
            cells.push(standing.grade.clone());
            cells
        };
        // Names stand at the left, figures in the middle.
        let figures = (0..columns.len()).filter(|nth| columns[*nth].share < 5).collect();
        Ok(BulletinTable {
            title: w.a("bulletin-table", "league", league.name.clone()).into_owned(),
            note: if aside > 0 { w.a("bulletin-aside", "n", aside).into_owned() } else { String::new() },
            numbers: figures,
            rows: table.iter().map(row).collect(),
            columns,
        })
    }

    /// The photos that this reader sees, by id; one that was taken away from its problem is left out.
    pub async fn photos(&self) -> Result<BTreeMap<AttachmentId, Attachment>> {
        let mut found = BTreeMap::new();
        let shown = self.all.iter().flat_map(|(league, _)| self.problems(league.id));
        for id in shown.flat_map(Typical::photos) {
            let photo = store::attachments::find(&self.app.store, self.tenant.id, id).await?;
            found.extend(photo.filter(|photo| photo.bound_id.is_some()).map(|photo| (id, photo)));
        }
        Ok(found)
    }

    /// When a photo was taken, as far as that is known.
    pub fn caption(&self, photo: &Attachment) -> String {
        match photo.taken_at {
            Some(taken) if photo.time_verified => self.page.at(&taken),
            _ => self.page.w.t("evidence-album").into_owned(),
        }
    }

    /// Puts the photos into a bulletin that goes on paper.
    pub async fn illustrate(&self, bulletin: &mut Bulletin) -> Result<()> {
        let photos = self.photos().await?;
        for ((league, _), section) in self.all.iter().zip(&mut bulletin.sections) {
            for (one, case) in self.problems(league.id).into_iter().zip(&mut section.cases) {
                case.before = self.printed(one.before.and_then(|id| photos.get(&id))).await?;
                case.after = self.printed(one.after.and_then(|id| photos.get(&id))).await?;
            }
        }
        Ok(())
    }

    async fn printed(&self, photo: Option<&Attachment>) -> Result<Option<Photo>> {
        let Some(photo) = photo else { return Ok(None) };
        match self.app.get::<Attachments>().read(self.tenant.id, &photo.hash, Size::Thumb).await {
            Ok(bytes) => Ok(Some(Photo { jpeg: bytes.to_vec(), caption: self.caption(photo) })),
            // A file that is gone leaves its place empty; the rest of the paper is no less true.
            Err(error) if error.kind() == Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}
