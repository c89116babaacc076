//! Reads a cell from left to right, whether it was typed with full-width or half-width marks.
//!
//! Marks are recognised in their plain form; what is taken out as a name or a code keeps the characters that were typed.

/// A cell's text and how far it has been read.
#[derive(Debug, Clone)]
pub(crate) struct Scan {
    typed: Vec<char>,
    plain: Vec<char>,
    pub at: usize,
}

/// The half-width form of a character; all blanks are one blank.
pub(crate) fn plain(c: char) -> char {
    match c {
        // The block of full-width forms repeats ASCII in order.
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        // The enumeration comma of Chinese lists.
        '\u{3001}' => ',',
        '×' => '*',
        '−' | '–' => '-',
        '≦' => '≤',
        '≧' => '≥',
        '“' | '”' => '"',
        _ if c.is_whitespace() => ' ',
        _ => c,
    }
}

/// Characters of technical names and of sums' names.
pub(crate) fn is_name_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '.'
}

impl Scan {
    pub fn new(text: &str) -> Self {
        let typed: Vec<char> = text.trim().chars().collect();
        Scan { plain: typed.iter().map(|c| plain(*c)).collect(), typed, at: 0 }
    }
    /// As [`Scan::new`], for a list whose items may also stand on lines of their own.
    pub fn list(text: &str) -> Self {
        let mut scan = Scan::new(text);
        for (plain, typed) in scan.plain.iter_mut().zip(&scan.typed) {
            if matches!(typed, '\n' | '\r') {
                *plain = ';';
            }
        }
        scan
    }
    pub fn skip_blanks(&mut self) {
        while self.plain.get(self.at) == Some(&' ') {
            self.at += 1;
        }
    }
    /// Whether nothing but blanks is left.
    pub fn is_end(&mut self) -> bool {
        self.skip_blanks();
        self.at >= self.plain.len()
    }
    /// What is left, as it was typed, cut to what a message can show.
    pub fn rest(&self) -> String {
        self.typed[self.at.min(self.typed.len())..].iter().take(40).collect()
    }
    /// The next character after blanks, in its plain form.
    pub fn peek(&mut self) -> Option<char> {
        self.skip_blanks();
        self.plain.get(self.at).copied()
    }
    /// Whether the marks stand anywhere in what is left.
    pub fn holds(&self, mark: char) -> bool {
        self.plain[self.at..].contains(&mark)
    }
    /// Takes the marks if they stand next.
    pub fn eat(&mut self, marks: &str) -> bool {
        self.skip_blanks();
        let length = self.length_of(marks);
        self.at += length.unwrap_or(0);
        length.is_some()
    }
    /// How many characters long `text` is, if it stands next; it is compared in plain form.
    pub fn length_of(&self, text: &str) -> Option<usize> {
        let mut length = 0;
        for c in text.trim().chars() {
            if self.plain.get(self.at + length) != Some(&plain(c)) {
                return None;
            }
            length += 1;
        }
        (length > 0).then_some(length)
    }
    /// How many characters the name that stands next has.
    pub fn name_length(&self) -> usize {
        self.plain[self.at..].iter().take_while(|c| is_name_char(**c)).count()
    }
    /// The next characters as they were typed, without taking them.
    pub fn typed(&self, length: usize) -> String {
        self.typed[self.at..(self.at + length).min(self.typed.len())].iter().collect()
    }
    /// The next characters in plain form, without taking them.
    pub fn plainly(&self, length: usize) -> String {
        self.plain[self.at..(self.at + length).min(self.plain.len())].iter().collect()
    }
    /// Takes the longest run of characters that are as `is` says, in plain form.
    pub fn run(&mut self, is: impl Fn(char) -> bool) -> String {
        self.skip_blanks();
        let length = self.plain[self.at..].iter().take_while(|c| is(**c)).count();
        let text = self.plainly(length);
        self.at += length;
        text
    }
    /// Takes everything before the first of the marks (or all), as it was typed and without blanks around it.
    ///
    /// Text in double quotes is taken whole, with `""` for a quote inside; the second value says that it was quoted.
    pub fn before(&mut self, marks: &[char]) -> Option<(String, bool)> {
        if self.peek() == Some('"') {
            return self.quoted().map(|text| (text, true));
        }
        let length = self.plain[self.at..].iter().take_while(|c| !marks.contains(c)).count();
        let text = self.typed(length);
        self.at += length;
        Some((text.trim().to_owned(), false))
    }
    fn quoted(&mut self) -> Option<String> {
        let mut text = String::new();
        self.at += 1;
        loop {
            match (self.plain.get(self.at)?, self.plain.get(self.at + 1)) {
                ('"', Some('"')) => {
                    text.push(self.typed[self.at]);
                    self.at += 2;
                }
                ('"', _) => {
                    self.at += 1;
                    return Some(text);
                }
                _ => {
                    text.push(self.typed[self.at]);
                    self.at += 1;
                }
            }
        }
    }
}

/// The text between quotes, so that [`Scan::before`] reads it back.
pub(crate) fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        quoted.push(c);
        if plain(c) == '"' {
            quoted.push(c);
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn full_width_marks_read_as_half_width_ones_and_names_stay_as_typed() {
        let mut scan = Scan::new("　路面（坑洼）　＞＝　３；");
        assert_eq!(scan.before(&['>']), Some(("路面（坑洼）".to_owned(), false)));
        assert!(scan.eat(">=") && !scan.eat(">="));
        assert_eq!(scan.run(|c| c.is_ascii_digit()), "3");
        assert!(scan.eat(";") && scan.is_end());
    }

    proptest! {
        #[test]
        fn what_is_quoted_is_read_as_it_was(text in "[a\"“；、＂ 路\n]{0,12}") {
            let mut scan = Scan::list(&format!("{};x", quote(&text)));
            prop_assert_eq!(scan.before(&[';']), Some((text, true)));
            prop_assert!(scan.eat(";"));
        }
    }
}
