//! Finding cases by words: what was typed as conditions, the index asked for the best first, each case looked at before it
//! is shown.

use crate::case::{Case, case_columns};
use crate::listing::{Filter, Leg};
use crate::office::Office;
use crate::searching::{Of, Texts, stands, within};
use crate::verbs::ListCases;
use access::Permit;
use access::permit::Reach;
use contracts::CaseId;
use kernel::ids::{OrganisationId, Uuid};
use kernel::{Result, TenantId};
use std::collections::HashMap;
use std::time::Duration;
use store::search::folding::Folded;
use store::search::{Expr, Patience, Wanted};
use store::{Query, Store};
use territory::Directory;

/// Cases on a page.
pub const PAGE: usize = 20;
/// Characters of what was typed that count, and words.
pub const MOST_TYPED: usize = 120;
const MOST_WORDS: usize = 6;
/// Characters of a word that may be two written together: each place to part it at is asked for, and longer ones are sentences.
const MOST_TOGETHER: usize = 8;
/// Cases read at a time.
const READ: usize = 32;
/// Cases that are looked at for one page at most; a term that only seems to fit is rare.
const LOOKED_AT: usize = 320;
/// How long the index is asked for one page, before it is shown with a way to go on.
const PATIENCE: Duration = Duration::from_millis(8);

/// One word as it may be understood: each way is of parts that all stand in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word(Vec<Vec<Folded>>);

/// What was typed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Typed(Vec<Word>);

impl Typed {
    pub fn read(text: &str) -> Typed {
        let text: String = text.chars().take(MOST_TYPED).collect();
        Typed(Folded::words(&text, MOST_WORDS).into_iter().map(|word| Word(vec![vec![word]])).collect())
    }
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// The same where words written together may stand apart: 桃园垃圾 is 桃园 and 垃圾. `None` where there are none such.
    pub fn loosely(&self) -> Option<Typed> {
        let loose = Typed(self.0.iter().map(Word::loosely).collect());
        (loose != *self).then_some(loose)
    }
    /// Whether one of the texts holds each word.
    pub fn fits<'a>(&self, texts: impl Iterator<Item = &'a str> + Clone) -> bool {
        let folded: Vec<Folded> = texts.map(Folded::of).collect();
        self.0.iter().all(|word| word.0.iter().any(|way| way.iter().all(|part| folded.iter().any(|text| text.holds(part)))))
    }
    /// The text in pieces, those that were looked for marked.
    pub fn marked(&self, text: &str) -> Vec<Piece> {
        let folded = Folded::of(text);
        let parts = self.0.iter().flat_map(|word| &word.0).flatten();
        let mut hits: Vec<_> = parts.flat_map(|part| folded.find(part)).collect();
        hits.sort_by_key(|hit| (hit.start, hit.end));
        let mut pieces: Vec<Piece> = Vec::new();
        let mut at = 0;
        for hit in hits.into_iter().filter(|hit| !hit.is_empty()) {
            let from = hit.start.max(at);
            if hit.end <= at {
                continue;
            }
            match pieces.last_mut() {
                // One that begins in another lengthens it.
                Some(last) if last.hit && hit.start <= at => last.text.push_str(&text[from..hit.end]),
                _ => {
                    if at < from {
                        pieces.push(Piece { hit: false, text: text[at..from].to_owned() });
                    }
                    pieces.push(Piece { hit: true, text: text[from..hit.end].to_owned() });
                }
            }
            at = hit.end;
        }
        if at < text.len() {
            pieces.push(Piece { hit: false, text: text[at..].to_owned() });
        }
        pieces
    }
    /// The same of a long text: what stands around the first hit.
    pub fn excerpt(&self, text: &str, most: usize) -> Vec<Piece> {
        let chars = text.chars().count();
        if chars <= most {
            return self.marked(text);
        }
        let first = self.marked(text).iter().take_while(|piece| !piece.hit).map(|piece| piece.text.chars().count()).sum::<usize>();
        let from = if first >= chars { 0 } else { first.saturating_sub(most / 4).min(chars - most) };
        let shown: String = text.chars().skip(from).take(most).collect();
        let (before, behind) = (if from > 0 { "…" } else { "" }, if from + most < chars { "…" } else { "" });
        self.marked(&format!("{before}{shown}{behind}"))
    }

    /// Where all words stand in what a case is about (else anywhere), of those under way or ended, within the actor's reach.
    fn wanted(&self, rank: Rank, scope: Option<Expr>) -> Wanted {
        let each = |of: fn(&Folded) -> Expr| self.0.iter().map(|word| word.expr(of)).collect::<Vec<_>>();
        let mut all = each(if rank.in_main { Expr::in_main } else { Expr::anywhere });
        all.push(stands(rank.open));
        all.extend(scope);
        Wanted { all: Expr::All(all), but: (!rank.in_main).then(|| Expr::All(each(Expr::in_main))) }
    }
}

impl Word {
    fn expr(&self, of: fn(&Folded) -> Expr) -> Expr {
        Expr::Any(self.0.iter().map(|way| Expr::All(way.iter().map(of).collect())).collect())
    }
    fn loosely(&self) -> Word {
        let [way] = &self.0[..] else { return self.clone() };
        let [whole] = &way[..] else { return self.clone() };
        if whole.len() > MOST_TOGETHER {
            return self.clone();
        }
        let parted: Vec<Vec<Folded>> =
            (2..whole.len().saturating_sub(1)).filter_map(|at| whole.parted(at)).map(|parts| parts.to_vec()).collect();
        if parted.is_empty() { self.clone() } else { Word(parted) }
    }
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub hit: bool,
    pub text: String,
}

/// What comes first: words in what it is about before words in answers, what is under way before what has ended, then the
/// latest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rank {
    in_main: bool,
    open: bool,
}

const RANKS: [Rank; 4] = [
    Rank { in_main: true, open: true },
    Rank { in_main: true, open: false },
    Rank { in_main: false, open: true },
    Rank { in_main: false, open: false },
];

/// Where a page begins: a rank, and numbers below this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    rank: usize,
    below: i64,
}

impl Start {
    pub const FIRST: Start = Start { rank: 0, below: i64::MAX };
    /// `1.20345`; the first page where it is nothing of ours.
    pub fn read(text: &str) -> Start {
        let read = || {
            let (rank, below) = text.split_once('.')?;
            Some(Start { rank: rank.parse().ok().filter(|rank| *rank < RANKS.len())?, below: below.parse().ok()? })
        };
        read().unwrap_or(Start::FIRST)
    }
}

impl std::fmt::Display for Start {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.rank, self.below)
    }
}

/// A case that was found, with what was answered and found on its way.
pub struct Hit {
    pub case: Case,
    pub said: Vec<String>,
}

/// Some cases, and where the next ones begin.
pub struct Hits {
    pub hits: Vec<Hit>,
    pub next: Option<Start>,
    /// It was long enough: there may be fewer than would fit on a page.
    pub cut: bool,
}

/// Who looks, and how far they see.
pub struct Seeker<'a> {
    store: &'a Store,
    directory: &'a Directory,
    tenant: TenantId,
    reach: Reach,
    legs: Vec<Leg>,
}

impl<'a> Seeker<'a> {
    pub fn new(store: &'a Store, office: &'a Office, by: &Permit<ListCases>) -> Seeker<'a> {
        let reach = by.reach();
        let legs = office.legs(&reach, &Filter::default());
        Seeker { store, directory: &office.directory, tenant: by.tenant(), reach, legs }
    }

    /// One page of what fits, the best first.
    pub async fn find(&self, typed: &Typed, from: Start) -> Result<Hits> {
        let mut hits = Vec::new();
        let scope = within(&self.legs);
        // Reaching nothing is finding nothing.
        if typed.is_empty() || matches!(&scope, Some(Expr::Any(parts)) if parts.is_empty()) {
            return Ok(Hits { hits, next: None, cut: false });
        }
        let patience = Patience::of(PATIENCE);
        let mut looked_at = 0;
        for (at, rank) in RANKS.iter().enumerate().skip(from.rank) {
            let wanted = typed.wanted(*rank, scope.clone());
            let mut below = if at == from.rank { from.below } else { i64::MAX };
            loop {
                let found = self.store.search().find(self.tenant, &wanted, below, READ as u16, &patience).await?;
                for hit in self.read(&found.numbers).await? {
                    if !self.sees(&hit.case).await? || !self.fits(typed, &hit) {
                        continue;
                    }
                    if hits.len() == PAGE {
                        let next = Some(Start { rank: at, below: hit.case.number.saturating_add(1) });
                        return Ok(Hits { hits, next, cut: false });
                    }
                    hits.push(hit);
                }
                looked_at += found.numbers.len();
                let last = found.numbers.last().copied();
                below = match found.open_below {
                    Some(below) => below,
                    None if found.numbers.len() < READ => break,
                    None => last.unwrap_or(below),
                };
                if found.open_below.is_some() || looked_at >= LOOKED_AT {
                    return Ok(Hits { hits, next: Some(Start { rank: at, below }), cut: true });
                }
            }
        }
        Ok(Hits { hits, next: None, cut: false })
    }

    /// The cases of these numbers, the highest first.
    async fn read(&self, numbers: &[i64]) -> Result<Vec<Hit>> {
        let Some(first) = numbers.first() else { return Ok(Vec::new()) };
        let at = |n: usize| numbers.get(n).unwrap_or(first);
        let mut query = Query::from(CASES).bind("tenant", self.tenant).and(&in_list("number"));
        for (n, name) in NAMES.iter().enumerate() {
            query = query.bind(name, *at(n));
        }
        let mut cases: Vec<Case> = self.store.query(query).await?;
        cases.sort_by_key(|case| std::cmp::Reverse(case.number));
        let Some(some) = cases.first().map(|case| case.id) else { return Ok(Vec::new()) };
        let mut query = Query::from(SAID).bind("tenant", self.tenant).and(&in_list("case_id"));
        for (n, name) in NAMES.iter().enumerate() {
            query = query.bind(name, cases.get(n).map_or(some, |case| case.id));
        }
        let mut said = HashMap::<CaseId, Vec<String>>::new();
        for (case, words) in self.store.query::<(CaseId, String)>(query).await? {
            said.entry(case).or_default().push(words);
        }
        Ok(cases.into_iter().map(|case| Hit { said: said.remove(&case.id).unwrap_or_default(), case }).collect())
    }

    /// What the index knew may have changed: the case itself is asked.
    async fn sees(&self, case: &Case) -> Result<bool> {
        let holds = |leg: &Leg| match leg {
            Leg::All => true,
            Leg::Community(id) => case.community_id == Some(*id),
            Leg::Under(path) => case.place_path.starts_with(path),
            Leg::Unit(id) => case.unit_once_dispatched() == Some(*id),
        };
        if self.legs.iter().any(holds) {
            return Ok(true);
        }
        if self.reach.organisations.is_empty() || case.dispatched_at.is_none() {
            return Ok(false);
        }
        let assisting: Vec<OrganisationId> = crate::case::assisting(self.store, case).await?;
        Ok(assisting.iter().any(|id| self.reach.organisations.contains(id)))
    }

    /// Whether the words stand in its texts as they are now.
    fn fits(&self, typed: &Typed, hit: &Hit) -> bool {
        let case = &hit.case;
        let of = Of {
            what: &case.what,
            where_words: &case.where_words,
            outside_number: case.outside_number.as_deref(),
            category: case.category_id,
            place: case.place_id,
            unit: case.unit_id,
        };
        let texts = Texts::of(self.directory, &of, Vec::new());
        typed.fits(texts.running.iter().chain(&texts.names).chain(&hit.said).map(String::as_str))
    }
}

const CASES: &str = concat!(case_columns!(), "\nWHERE tenant_id = :tenant");
const SAID: &str = "SELECT case_id, words
FROM case_words
WHERE tenant_id = :tenant AND kind IN ('answer', 'finding')";

const NAMES: [&str; READ] = [
    "n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8", "n9", "n10", "n11", "n12", "n13", "n14", "n15", "n16", "n17", "n18", "n19",
    "n20", "n21", "n22", "n23", "n24", "n25", "n26", "n27", "n28", "n29", "n30", "n31",
];

/// Always as many, so that it is one text.
fn in_list(column: &str) -> String {
    format!("{column} IN (:{})", NAMES.join(", :"))
}

store::shapes!("search", || {
    let bound = |text: &str, column: &str| {
        let query = Query::from(text).bind("tenant", TenantId(1)).and(&in_list(column));
        NAMES.iter().fold(query, |query, name| query.bind(name, Uuid::nil()))
    };
    vec![bound(CASES, "number"), bound(SAID, "case_id")]
});

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(pieces: &[Piece]) -> String {
        pieces.iter().map(|piece| if piece.hit { format!("[{}]", piece.text) } else { piece.text.clone() }).collect()
    }

    #[test]
    fn what_was_looked_for_is_marked_and_nothing_is_lost_between() {
        let typed = Typed::read("垃圾桶 桶满 3号");
        assert_eq!(shown(&typed.marked("三号楼垃圾桶满溢，垃圾桶")), "[三号]楼[垃圾桶满]溢，[垃圾桶]");
        assert_eq!(shown(&typed.marked("没有")), "没有");
        assert_eq!(shown(&typed.marked("")), "");
        let long = format!("{}垃圾桶{}", "前".repeat(300), "后".repeat(300));
        let excerpt = shown(&typed.excerpt(&long, 60));
        assert!(excerpt.starts_with("…前") && excerpt.contains("[垃圾桶]") && excerpt.ends_with("后…"), "{excerpt}");
        assert_eq!(typed.excerpt(&"无".repeat(300), 60).iter().map(|piece| piece.text.chars().count()).sum::<usize>(), 61);
    }

    #[test]
    fn words_written_together_may_be_read_apart() {
        let typed = Typed::read("桃园垃圾");
        let texts = ["垃圾没有清", "桃园小区"];
        assert!(!typed.fits(texts.iter().copied()));
        assert!(typed.loosely().expect("four characters").fits(texts.iter().copied()));
        assert_eq!(Typed::read("垃圾桶").loosely(), None);
        assert_eq!(Typed::read("elm court 12").loosely(), None);
        assert_eq!(Typed::read(&"桃园垃圾".repeat(30)).loosely(), None);
    }

    #[test]
    fn a_page_begins_where_its_address_says_and_nowhere_strange() {
        let from = Start { rank: 2, below: 77 };
        assert_eq!(Start::read(&from.to_string()), from);
        for strange in ["", "4.1", "1", "x.y", "1.", "1.99999999999999999999", "-1.5"] {
            assert_eq!(Start::read(strange), Start::FIRST, "{strange}");
        }
    }

    #[test]
    fn whatever_is_typed_is_a_few_words() {
        assert!(Typed::read("  %*\"'\0😀 ").is_empty());
        assert!(Typed::read(&"很".repeat(10_000)).0.len() == 1);
        assert_eq!(Typed::read(&"甲乙 丙丁 ".repeat(5_000)).0.len(), 2);
        assert_eq!(Typed::read("a b c d e f g h i j").0.len(), MOST_WORDS);
    }
}
