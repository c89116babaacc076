//! Text as it is compared: width and case do not matter, nor whether a number before its counter is written 3, ３, 三 or 叁.
//!
//! Chinese is not cut into words: every two neighbouring characters are a term, so that whatever is looked for is found inside
//! a sentence, a name that no dictionary knows included. Latin words and numbers are terms as they are.

use std::ops::Range;

/// A character as it is compared, and the bytes of the text that it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Unit {
    c: char,
    from: usize,
    to: usize,
}

/// A text as it is compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folded(Vec<Unit>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// A character that is written without spaces between words.
    Wide,
    /// A letter or digit of a word that spaces end.
    Narrow,
    Gap,
}

fn class(c: char) -> Class {
    match c {
        '々' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' => Class::Wide,
        _ if c.is_alphanumeric() => Class::Narrow,
        _ => Class::Gap,
    }
}

/// Characters of a latin word or a number that count.
const LONGEST: usize = 64;

/// Behind these a numeral is a number: 三号楼 is 3号楼.
const COUNTERS: &str = "号栋幢座楼层单排组队区期室弄巷路街门级";

fn one(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '①'..='⑨' => char::from_u32(u32::from(c) - 0x2460 + 0x31).unwrap_or(c),
        '〇' | '零' => '零',
        '壹' => '一',
        '贰' | '貳' => '二',
        '叁' | '參' => '三',
        '肆' => '四',
        '伍' => '五',
        '陆' | '陸' => '六',
        '柒' => '七',
        '捌' => '八',
        '玖' => '九',
        '拾' => '十',
        '佰' => '百',
        other => other,
    }
}

fn digit(c: char) -> Option<u32> {
    "零一二三四五六七八九".chars().position(|digit| digit == c).and_then(|value| u32::try_from(value).ok())
}

/// The number that a numeral of at most six characters says: 十二 is 12, 二〇二 is 202.
fn number(numeral: &[char]) -> Option<String> {
    if numeral.is_empty() || numeral.len() > 6 {
        return None;
    }
    if numeral.iter().all(|c| digit(*c).is_some()) {
        return Some(numeral.iter().filter_map(|c| digit(*c)).map(|value| value.to_string()).collect());
    }
    let (mut sum, mut last, mut unit) = (0, None, 1_000);
    for c in numeral {
        let worth = match c {
            '十' => 10,
            '百' => 100,
            _ => {
                if last.is_some_and(|value| value != 0) {
                    return None;
                }
                last = Some(digit(*c)?);
                continue;
            }
        };
        // 百 before 十, each once.
        if worth >= unit || (worth == 100 && last.is_none()) {
            return None;
        }
        unit = worth;
        sum += last.take().unwrap_or(1) * worth;
    }
    Some((sum + last.unwrap_or(0)).to_string())
}

impl Folded {
    pub fn of(text: &str) -> Folded {
        let mut units = Vec::with_capacity(text.len() / 2);
        for (from, c) in text.char_indices() {
            let to = from + c.len_utf8();
            units.extend(one(c).to_lowercase().map(|c| Unit { c, from, to }));
        }
        Folded(numbers_written_out(units))
    }

    /// The words of what somebody typed, parted by anything that is no letter; at most `most`.
    pub fn words(text: &str, most: usize) -> Vec<Folded> {
        let all = Folded::of(text);
        let words = all.0.split(|unit| class(unit.c) == Class::Gap).filter(|word| !word.is_empty());
        let mut found: Vec<Folded> = Vec::new();
        for word in words {
            let word = Folded(word.to_vec());
            if found.len() < most && !found.iter().any(|known| known.same(&word)) {
                found.push(word);
            }
        }
        found
    }

    /// The characters as they are compared.
    pub fn text(&self) -> String {
        self.0.iter().map(|unit| unit.c).collect()
    }

    fn same(&self, other: &Folded) -> bool {
        self.0.iter().map(|unit| unit.c).eq(other.0.iter().map(|unit| unit.c))
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The two parts before and behind `at` characters, where all of it is written without spaces.
    pub fn parted(&self, at: usize) -> Option<[Folded; 2]> {
        let whole = self.0.iter().all(|unit| class(unit.c) == Class::Wide);
        (whole && at > 0 && at < self.0.len()).then(|| [Folded(self.0[..at].to_vec()), Folded(self.0[at..].to_vec())])
    }

    /// Every term that the text is indexed by; some more than once.
    pub(super) fn each_term(&self, singles: bool, mut take: impl FnMut(&[char])) {
        self.stretches(|chars, stretch, class| match class {
            Class::Wide => {
                chars[stretch.clone()].windows(2).for_each(&mut take);
                if singles || stretch.len() == 1 {
                    chars[stretch].chunks(1).for_each(&mut take);
                }
            }
            _ => word_and_neighbours(chars, stretch, &mut take),
        });
    }

    /// The terms that a text with this word in it surely has.
    pub(super) fn each_asked(&self, mut take: impl FnMut(&[char])) {
        self.stretches(|chars, stretch, class| match class {
            Class::Wide if stretch.len() > 1 => chars[stretch].windows(2).for_each(&mut take),
            // Beside a number the two together are a term.
            Class::Wide if chars.len() == 1 => take(&chars[stretch]),
            Class::Wide => {}
            _ => word_and_neighbours(chars, stretch, &mut take),
        });
    }

    fn stretches(&self, mut take: impl FnMut(&[char], Range<usize>, Class)) {
        let chars: Vec<char> = self.0.iter().map(|unit| unit.c).collect();
        let mut at = 0;
        while at < chars.len() {
            let kind = class(chars[at]);
            let end = chars[at..].iter().position(|c| class(*c) != kind).map_or(chars.len(), |length| at + length);
            if kind != Class::Gap {
                take(&chars, at..end, kind);
            }
            at = end;
        }
    }

    /// Where `word` stands in it, as ranges of bytes of the text; a number or a latin word only whole.
    pub fn find(&self, word: &Folded) -> Vec<Range<usize>> {
        let (text, wanted) = (&self.0, &word.0);
        let (Some(first), Some(last)) = (wanted.first(), wanted.last()) else { return Vec::new() };
        if wanted.len() > text.len() {
            return Vec::new();
        }
        let narrow = |unit: Option<&Unit>| unit.is_some_and(|unit| class(unit.c) == Class::Narrow);
        let mut found = Vec::new();
        for at in 0..=text.len() - wanted.len() {
            let end = at + wanted.len();
            let same = text[at..end].iter().zip(wanted).all(|(one, other)| one.c == other.c);
            let torn = (narrow(Some(first)) && at > 0 && narrow(text.get(at - 1))) || (narrow(Some(last)) && narrow(text.get(end)));
            if same && !torn {
                found.push(text[at].from..text[end - 1].to);
            }
        }
        found
    }
    pub fn holds(&self, word: &Folded) -> bool {
        !self.find(word).is_empty()
    }
}

/// A latin word or number, and it with the character right before and right behind it: 3号 is one term, not a 3 and a 号.
fn word_and_neighbours(chars: &[char], stretch: Range<usize>, take: &mut impl FnMut(&[char])) {
    let (from, end) = (stretch.start, stretch.end.min(stretch.start + LONGEST));
    take(&chars[from..end]);
    let wide = |at: Option<&char>| at.is_some_and(|c| class(*c) == Class::Wide);
    if stretch.len() <= LONGEST {
        if wide(chars.get(end)) {
            take(&chars[from..=end]);
        }
        if from > 0 && wide(chars.get(from - 1)) {
            take(&chars[from - 1..end]);
        }
    }
}

fn numbers_written_out(units: Vec<Unit>) -> Vec<Unit> {
    let numeral = |unit: &Unit| digit(unit.c).is_some() || matches!(unit.c, '十' | '百');
    if !units.iter().any(numeral) {
        return units;
    }
    let mut out = Vec::with_capacity(units.len());
    let mut at = 0;
    while at < units.len() {
        let end = at + units[at..].iter().take_while(|unit| numeral(unit)).count();
        let counted = units.get(end).is_some_and(|unit| COUNTERS.contains(unit.c));
        let chars: Vec<char> = units[at..end].iter().map(|unit| unit.c).collect();
        match number(&chars).filter(|_| counted) {
            Some(digits) => {
                let (from, to) = (units[at].from, units[end - 1].to);
                out.extend(digits.chars().map(|c| Unit { c, from, to }));
                at = end;
            }
            None => {
                let end = end.max(at + 1);
                out.extend_from_slice(&units[at..end]);
                at = end;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(text: &str, singles: bool) -> Vec<String> {
        let mut found = Vec::new();
        Folded::of(text).each_term(singles, |word| found.push(word.iter().collect()));
        found
    }
    fn asked(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        Folded::of(text).each_asked(|word| found.push(word.iter().collect()));
        found
    }

    #[test]
    fn chinese_is_cut_into_pairs_and_other_words_are_whole() {
        assert_eq!(terms("垃圾桶满溢", false), ["垃圾", "圾桶", "桶满", "满溢"]);
        assert_eq!(terms("电梯，坏", true), ["电梯", "电", "梯", "坏"]);
        assert_eq!(terms("ＡＢ-12 Elm Court", false), ["ab", "12", "elm", "court"]);
        assert_eq!(terms("桃园3号楼", false), ["桃园", "3", "3号", "园3", "号楼"]);
        assert_eq!(terms("", true), Vec::<String>::new());
        assert_eq!(terms("😀 % * \" \0", true), Vec::<String>::new());
    }

    #[test]
    fn numbers_are_the_same_however_they_are_written() {
        for same in ["12号楼", "１２号楼", "十二号楼", "拾贰号楼", "一二号楼"] {
            assert_eq!(asked(same), ["12", "12号", "号楼"], "{same}");
        }
        assert_eq!(asked("二〇二室"), ["202", "202室"]);
        assert_eq!(asked("一百零三号"), ["103", "103号"]);
        // What is no number stays what it is.
        assert_eq!(asked("统一安排"), ["统一", "一安", "安排"]);
        assert_eq!(asked("十字路口"), ["十字", "字路", "路口"]);
    }

    #[test]
    fn what_is_asked_for_is_among_the_terms_of_every_text_that_holds_it() {
        let texts = ["东苑小区三号楼2单元门口垃圾桶满溢", "3号楼A12室", "X光", "第三组 ABC公司", "一楼道堆物，二楼没有"];
        for text in texts {
            let whole = Folded::of(text);
            let chars: Vec<char> = text.chars().collect();
            let known = terms(text, true);
            for from in 0..chars.len() {
                for to in from + 1..=chars.len() {
                    let part: String = chars[from..to].iter().collect();
                    for word in Folded::words(&part, 8) {
                        let mut missing = Vec::new();
                        word.each_asked(|term| missing.extend(Some(term.iter().collect::<String>()).filter(|term| !known.contains(term))));
                        assert!(missing.is_empty() || !whole.holds(&word), "{part} in {text}: {missing:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_word_is_found_where_it_stands_and_a_number_only_whole() {
        let found = |text: &str, word: &str| {
            Folded::of(text).find(&Folded::of(word)).into_iter().map(|range| text[range].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(found("东苑小区三号楼", "3号楼"), ["三号楼"]);
        assert_eq!(found("13号楼、3号楼", "3号楼"), ["3号楼"]);
        assert_eq!(found("十三号楼", "三号楼"), Vec::<String>::new());
        assert_eq!(found("ＥＬＭ court, elms", "elm"), ["ＥＬＭ"]);
        assert_eq!(found("堆物堆物", "堆物"), ["堆物", "堆物"]);
        assert_eq!(found("短", "很长的词"), Vec::<String>::new());
        assert_eq!(found("短", ""), Vec::<String>::new());
    }

    #[test]
    fn words_typed_are_parted_and_each_counts_once() {
        let words = |text: &str, most| {
            Folded::words(text, most).iter().map(|word| word.0.iter().map(|unit| unit.c).collect::<String>()).collect::<Vec<_>>()
        };
        assert_eq!(words("  桃园　垃圾, \"桃园\" OR* ", 8), ["桃园", "垃圾", "or"]);
        assert_eq!(words("a b c d", 2), ["a", "b"]);
        assert_eq!(words("%*'\0😀", 8), Vec::<String>::new());
    }

    #[test]
    fn a_run_is_parted_only_where_it_is_written_without_spaces() {
        assert!(Folded::of("桃园垃圾").parted(2).is_some());
        assert!(Folded::of("桃园3号").parted(2).is_none() && Folded::of("桃园").parted(2).is_none());
    }
}
