//! The papers of an inspection round, complete with their words: whoever fills one decides the language.

use crate::{Bulletin, Error, Labels, Result, jpeg};
use serde::Serialize;

/// Most problems on one paper.
pub const MOST_PROBLEMS: usize = 2_000;
/// Most characters of one text on a paper.
pub const MOST_CHARS: usize = 2_000;
/// Most characters of one text of a dossier, which joins some that are as long as that each.
pub const MOST_JOINED_CHARS: usize = 3 * MOST_CHARS;
/// Most bytes of one photo; a long side of 800 px is enough for print.
pub const MOST_PHOTO_BYTES: usize = 8 * 1024 * 1024;
/// Most problems on one long picture: what a phone still scrolls and a chat group still takes.
pub const PICTURED_PROBLEMS: usize = 30;
/// Photos that are printed of one problem; further ones stay on the case's page.
pub const PRINTED_PHOTOS: usize = 2;

/// A picture on paper: JPEG bytes, and the line below it (time and place of taking, as in its watermark).
#[derive(Debug, Clone, Default, Serialize)]
pub struct Photo {
    #[serde(skip)]
    pub jpeg: Vec<u8>,
    pub caption: String,
}

/// One problem. Every text is in the words of the reader; dates are already written out.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Problem {
    /// The case number.
    pub number: String,
    pub community: String,
    pub unit: String,
    /// The number of the unit's notice, once it has one.
    pub notice: Option<String>,
    pub place: String,
    pub category: String,
    pub what: String,
    pub deadline: String,
    /// Up to two are printed.
    pub photos: Vec<Photo>,
}

/// 问题通报（第N期）: all problems of a round, by community, unit and place.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Circular {
    /// The sub-district or town.
    pub tenant: String,
    /// The office that issues it.
    pub office: String,
    /// 第N期, as it stands under the red head.
    pub number: String,
    pub title: String,
    /// The round and its days.
    pub period: String,
    /// The date of issue, written out.
    pub date: String,
    /// 主送, with its colon; may be empty.
    pub addressees: String,
    /// Paragraphs before the list.
    pub intro: Vec<String>,
    /// In any order; papers group them, communities and units in order of first appearance.
    pub problems: Vec<Problem>,
    /// Paragraphs after the list.
    pub closing: Vec<String>,
    /// 抄送; may be empty.
    pub copies: String,
    pub labels: Labels,
    /// Said on every page of the demo.
    pub demo_banner: Option<String>,
}

/// How far a stitch of the thread is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stitch {
    Done,
    Now,
    ToGo,
}

/// The thread of a notice at issue: found and put into a circular, to be rectified now, re-inspection to come.
pub const AT_ISSUE: [Stitch; 4] = [Stitch::Done, Stitch::Done, Stitch::Now, Stitch::ToGo];

/// 整改通知单: one unit's part of a circular. An internal paper: its seal is left blank, and it is not dressed as an order of law enforcement.
#[derive(Debug, Clone, Serialize)]
pub struct Notice {
    pub tenant: String,
    pub office: String,
    pub number: String,
    pub unit: String,
    /// Who answers for it at the unit, in one line.
    pub contact: String,
    /// The circular that it belongs to.
    pub circular: String,
    /// The last deadline, or a line that says that they differ.
    pub deadline: String,
    pub date: String,
    /// Paragraphs before the list.
    pub intro: Vec<String>,
    pub problems: Vec<Problem>,
    /// Paragraphs after the list (how to answer, whom to ring).
    pub closing: Vec<String>,
    /// Where the unit sees and answers it; printed as a QR code.
    pub link: String,
    /// Found, circular, rectify, re-inspect; [`AT_ISSUE`] when it goes out.
    pub thread: [Stitch; 4],
    pub labels: Labels,
    pub demo_banner: Option<String>,
}

/// One problem of an answer sheet.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Answer {
    pub problem: Problem,
    /// Photos after the work; up to two are printed.
    pub after: Vec<Photo>,
    /// What was done; empty leaves lines to write on.
    pub done: String,
    /// When, written out; empty leaves the date blank.
    pub done_at: String,
}

/// 整改反馈表: before and after side by side.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AnswerSheet {
    pub tenant: String,
    pub office: String,
    /// The number of the notice that it answers.
    pub number: String,
    pub unit: String,
    pub contact: String,
    pub circular: String,
    pub date: String,
    pub answers: Vec<Answer>,
    pub labels: Labels,
    pub demo_banner: Option<String>,
}

/// One step of a case's way, or one thing that was said beside it, in words.
#[derive(Debug, Clone, Default, Serialize)]
pub struct DossierStep {
    pub title: String,
    pub at: String,
    pub by: String,
    /// What the step says of itself (the deadline, the reason), and what was written with it.
    pub detail: String,
    pub words: String,
    /// Those that stand nowhere else on the paper, all of which are printed.
    pub photos: Vec<Photo>,
}

/// 案卷: the whole of one case on paper, for the file.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Dossier {
    pub tenant: String,
    pub office: String,
    /// The case number, as it stands under the title.
    pub number: String,
    pub title: String,
    pub place: String,
    pub what: String,
    /// The day on which it was printed, written out.
    pub date: String,
    /// What is known of it, a line each: label and value.
    pub facts: Vec<(String, String)>,
    pub before: Vec<Photo>,
    pub after: Vec<Photo>,
    pub reinspection: Vec<Photo>,
    /// The oldest first.
    pub steps: Vec<DossierStep>,
    /// What passed between the centre and the unit, the oldest first.
    pub messages: Vec<DossierStep>,
    /// What the centre's people wrote for themselves, the oldest first.
    pub notes: Vec<DossierStep>,
    pub labels: Labels,
    pub demo_banner: Option<String>,
}

/// A column of a register: its title, and how wide it is beside the others.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RegisterColumn {
    pub title: String,
    pub share: u32,
}

/// 台账: a list as it stands, on lying pages.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Register {
    pub tenant: String,
    pub office: String,
    pub title: String,
    /// What the list is of, in one line; may be empty.
    pub about: String,
    /// The date of taking, written out.
    pub date: String,
    pub columns: Vec<RegisterColumn>,
    /// A cell for each column.
    pub rows: Vec<Vec<String>>,
    pub labels: Labels,
    pub demo_banner: Option<String>,
}

/// Most steps that are printed of one case; and most messages, and most notes.
pub const MOST_STEPS: usize = 500;

/// Most cases that are printed one after the other.
pub const MOST_DOSSIERS: usize = 100;

/// A paper to be set.
#[derive(Debug, Clone)]
pub enum Printed {
    /// One after the other, each beginning on a page of its own.
    Dossiers(Box<Dossier>, Vec<Dossier>),
    Circular(Circular),
    Notice(Notice),
    AnswerSheet(AnswerSheet),
    Register(Register),
    Bulletin(Bulletin),
}

/// Typesetting, behind a port: only the composition root knows what stands behind. Slow (seconds); call it off the async threads.
pub trait Press: Send + Sync {
    /// A4 pages in the layout of GB/T 9704-2012. The same paper gives the same bytes.
    fn pdf(&self, paper: &Printed) -> kernel::Result<Vec<u8>>;
    /// One continuous picture for chat groups: a JPEG of this width (320 to 2160 px).
    ///
    /// Errors: `press.too_long` beyond [`PICTURED_PROBLEMS`]; ask for parts.
    fn picture(&self, paper: &Printed, width_px: u32) -> kernel::Result<Vec<u8>>;
}

/// One community of a circular.
#[derive(Debug, Clone)]
pub struct CommunityPart<'a> {
    pub community: &'a str,
    pub units: Vec<UnitPart<'a>>,
}

/// One unit's problems, those of one place beside each other.
#[derive(Debug, Clone)]
pub struct UnitPart<'a> {
    pub unit: &'a str,
    pub notice: Option<&'a str>,
    pub problems: Vec<&'a Problem>,
}

impl CommunityPart<'_> {
    pub fn problems(&self) -> usize {
        self.units.iter().map(|unit| unit.problems.len()).sum()
    }
}

/// What a circular adds up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Totals {
    pub communities: usize,
    pub units: usize,
    pub problems: usize,
}

/// The parts of a list in order of first appearance of their key, each with its members in order.
fn parts<'a, T: Copy, K: PartialEq>(items: impl IntoIterator<Item = T>, key: impl Fn(T) -> K + 'a) -> Vec<(K, Vec<T>)> {
    let mut found: Vec<(K, Vec<T>)> = Vec::new();
    for item in items {
        let key = key(item);
        match found.iter_mut().find(|(known, _)| *known == key) {
            Some((_, members)) => members.push(item),
            None => found.push((key, vec![item])),
        }
    }
    found
}

impl Circular {
    /// The problems by community, unit and place. A unit with two notices stands as two parts.
    pub fn grouped(&self) -> Vec<CommunityPart<'_>> {
        parts(&self.problems, |problem| problem.community.as_str())
            .into_iter()
            .map(|(community, problems)| CommunityPart {
                community,
                units: parts(problems, |problem| (problem.unit.as_str(), problem.notice.as_deref()))
                    .into_iter()
                    .map(|((unit, notice), problems)| UnitPart {
                        unit,
                        notice,
                        problems: parts(problems, |problem| problem.place.as_str())
                            .into_iter()
                            .flat_map(|(_, problems)| problems)
                            .collect(),
                    })
                    .collect(),
            })
            .collect()
    }

    pub fn totals(&self) -> Totals {
        Totals {
            communities: parts(&self.problems, |problem| problem.community.as_str()).len(),
            units: parts(&self.problems, |problem| problem.unit.as_str()).len(),
            problems: self.problems.len(),
        }
    }
}

impl Printed {
    pub fn labels(&self) -> &Labels {
        match self {
            Printed::Dossiers(first, _) => &first.labels,
            Printed::Circular(paper) => &paper.labels,
            Printed::Notice(paper) => &paper.labels,
            Printed::AnswerSheet(paper) => &paper.labels,
            Printed::Register(paper) => &paper.labels,
            Printed::Bulletin(paper) => &paper.labels,
        }
    }

    /// What the file is called inside.
    pub fn title(&self) -> String {
        match self {
            Printed::Dossiers(first, more) if more.is_empty() => format!("{} {}", first.number, first.title),
            Printed::Dossiers(first, more) => format!("{} {}", first.tenant, more.len() + 1),
            Printed::Circular(paper) => format!("{} {}", paper.number, paper.title),
            Printed::Notice(paper) => format!("{} {}", paper.number, paper.unit),
            Printed::AnswerSheet(paper) => format!("{} {}", paper.number, paper.unit),
            Printed::Register(paper) => format!("{} {}", paper.tenant, paper.title),
            Printed::Bulletin(paper) => format!("{} {}", paper.tenant, paper.title),
        }
    }

    /// How many problems it lists; of a register, rows, and of a bulletin, rows and typical problems.
    pub fn problems(&self) -> usize {
        match self {
            Printed::Dossiers(_, more) => more.len() + 1,
            Printed::Circular(paper) => paper.problems.len(),
            Printed::Notice(paper) => paper.problems.len(),
            Printed::AnswerSheet(paper) => paper.answers.len(),
            Printed::Register(paper) => paper.rows.len(),
            Printed::Bulletin(paper) => paper.entries(),
        }
    }

    /// Refuses what can't be set: too many problems, texts too long, photos that are none, a bulletin's tables that are uneven.
    pub fn check(&self) -> Result<()> {
        let mut texts: Vec<&str> = self.labels().values().map(String::as_str).collect();
        let mut problems: Vec<&Problem> = Vec::new();
        match self {
            Printed::Dossiers(first, more) => {
                if more.len() >= MOST_DOSSIERS {
                    return Err(Error::TooManyProblems { limit: MOST_DOSSIERS });
                }
                for paper in std::iter::once(&**first).chain(more) {
                    let Dossier { tenant, office, number, title, place, what, date, .. } = paper;
                    texts.extend([tenant, office, number, title, place, what, date].map(String::as_str));
                    texts.extend(paper.facts.iter().flat_map(|(label, value)| [label.as_str(), value.as_str()]));
                    for step in paper.steps.iter().chain(&paper.messages).chain(&paper.notes) {
                        let DossierStep { title, at, by, detail, words, photos } = step;
                        texts.extend([title, at, by, detail, words].map(String::as_str));
                        for few in photos.chunks(PRINTED_PHOTOS) {
                            check_photos(number, few)?;
                        }
                    }
                    for photos in [&paper.before, &paper.after, &paper.reinspection] {
                        check_photos(number, photos)?;
                    }
                    if [&paper.steps, &paper.messages, &paper.notes].iter().any(|list| list.len() > MOST_STEPS) {
                        return Err(Error::TooManyProblems { limit: MOST_STEPS });
                    }
                }
            }
            Printed::Circular(paper) => {
                let Circular { tenant, office, number, title, period, date, addressees, copies, .. } = paper;
                texts.extend([tenant, office, number, title, period, date, addressees, copies].map(String::as_str));
                texts.extend(paper.intro.iter().chain(&paper.closing).map(String::as_str));
                problems.extend(&paper.problems);
            }
            Printed::Notice(paper) => {
                let Notice { tenant, office, number, unit, contact, circular, deadline, date, .. } = paper;
                texts.extend([tenant, office, number, unit, contact, circular, deadline, date].map(String::as_str));
                texts.extend(paper.intro.iter().chain(&paper.closing).map(String::as_str));
                problems.extend(&paper.problems);
            }
            Printed::AnswerSheet(paper) => {
                let AnswerSheet { tenant, office, number, unit, contact, circular, date, .. } = paper;
                texts.extend([tenant, office, number, unit, contact, circular, date].map(String::as_str));
                for answer in &paper.answers {
                    texts.extend([answer.done.as_str(), answer.done_at.as_str()]);
                    check_photos(&answer.problem.number, &answer.after)?;
                    problems.push(&answer.problem);
                }
            }
            Printed::Register(paper) => {
                let Register { tenant, office, title, about, date, columns, rows, .. } = paper;
                texts.extend([tenant, office, title, about, date].map(String::as_str));
                texts.extend(columns.iter().map(|column| column.title.as_str()));
                texts.extend(rows.iter().flatten().map(String::as_str));
            }
            Printed::Bulletin(paper) => paper.check(&mut texts)?,
        }
        // A bulletin has bounds of its own.
        if !matches!(self, Printed::Bulletin(_)) && self.problems() > MOST_PROBLEMS {
            return Err(Error::TooManyProblems { limit: MOST_PROBLEMS });
        }
        for problem in problems {
            let Problem { number, community, unit, place, category, what, deadline, .. } = problem;
            texts.extend([number, community, unit, place, category, what, deadline].map(String::as_str));
            check_photos(number, &problem.photos)?;
        }
        let most = if matches!(self, Printed::Dossiers(..)) { MOST_JOINED_CHARS } else { MOST_CHARS };
        match texts.into_iter().any(|text| text.chars().nth(most).is_some()) {
            true => Err(Error::TextTooLong { limit_chars: most }),
            false => Ok(()),
        }
    }
}

pub(crate) fn check_photos(number: &str, photos: &[Photo]) -> Result<()> {
    let good = |photo: &Photo| photo.jpeg.len() <= MOST_PHOTO_BYTES && jpeg::size(&photo.jpeg).is_some();
    match photos.iter().take(PRINTED_PHOTOS).all(good) {
        true => Ok(()),
        false => Err(Error::BadPhoto { number: number.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(number: &str, community: &str, unit: &str, place: &str) -> Problem {
        Problem { number: number.into(), community: community.into(), unit: unit.into(), place: place.into(), ..Problem::default() }
    }

    #[test]
    fn a_circular_keeps_each_problem_once_under_its_community_unit_and_place() {
        let problems = vec![
            problem("1", "east", "a", "gate"),
            problem("2", "west", "b", "gate"),
            problem("3", "east", "c", "yard"),
            problem("4", "east", "a", "stairs"),
            problem("5", "east", "a", "gate"),
            problem("6", "west", "a", "gate"),
        ];
        let circular = Circular { problems, ..Circular::default() };
        let mut seen = String::new();
        for part in circular.grouped() {
            for unit in &part.units {
                let numbers: Vec<_> = unit.problems.iter().map(|problem| problem.number.as_str()).collect();
                seen += &format!("{}/{}:{} ", part.community, unit.unit, numbers.join(","));
            }
        }
        assert_eq!(seen, "east/a:1,5,4 east/c:3 west/b:2 west/a:6 ");
        assert_eq!(circular.totals(), Totals { communities: 2, units: 3, problems: 6 });
    }

    #[test]
    fn a_paper_that_cannot_be_set_is_refused_with_the_reason() {
        let code = |change: fn(&mut Circular)| {
            let mut circular = crate::samples::circular(3);
            change(&mut circular);
            Printed::Circular(circular).check().map_or_else(|error| error.code(), |()| "good")
        };
        assert_eq!(code(|_| ()), "good");
        assert_eq!(code(|paper| paper.problems[1].what = "字".repeat(MOST_CHARS)), "good");
        assert_eq!(code(|paper| paper.problems[1].what = "字".repeat(MOST_CHARS + 1)), "documents.text_too_long");
        assert_eq!(code(|paper| paper.problems[1].photos[0].jpeg = b"GIF89a".to_vec()), "documents.bad_photo");
        assert_eq!(code(|paper| paper.problems = vec![Problem::default(); MOST_PROBLEMS + 1]), "documents.too_many_problems");
    }

    #[test]
    fn a_dossier_is_looked_at_to_its_last_photo_and_its_last_word() {
        let code = |change: fn(&mut Dossier)| {
            let mut dossier = crate::samples::dossier(8);
            change(&mut dossier);
            Printed::Dossiers(Box::new(dossier), Vec::new()).check().map_or_else(|error| error.code(), |()| "good")
        };
        assert_eq!(code(|_| ()), "good");
        assert_eq!(code(|paper| paper.steps[7].photos[2].jpeg.clear()), "documents.bad_photo");
        // Two of the longest texts that a field takes stand in one.
        assert_eq!(code(|paper| paper.steps[0].words = "字".repeat(2 * MOST_CHARS + 10)), "good");
        assert_eq!(code(|paper| paper.messages[0].words = "字".repeat(MOST_JOINED_CHARS + 1)), "documents.text_too_long");
        assert_eq!(code(|paper| paper.notes = vec![DossierStep::default(); MOST_STEPS + 1]), "documents.too_many_problems");
    }
}
