//! Enough of Rust's lexical grammar to tell code from comments and strings, with test code marked.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Word,
    /// A string literal of any kind; `text` is its content, escapes left as written.
    Text,
    Char,
    Number,
    Comment,
    Mark,
}

#[derive(Debug, Clone)]
pub struct Token {
    pub kind: Kind,
    pub text: String,
    pub line: usize,
    /// Inside an item under `#[cfg(test)]`.
    pub test: bool,
}

impl Token {
    pub fn is(&self, text: &str) -> bool {
        matches!(self.kind, Kind::Word | Kind::Mark) && self.text == text
    }
}

pub fn lex(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let (mut at, mut line, mut tokens) = (0, 1, Vec::new());
    while at < chars.len() {
        let c = chars[at];
        if c == '\n' {
            line += 1;
        }
        if c.is_whitespace() {
            at += 1;
            continue;
        }
        let (kind, end, text) = one(&chars, at);
        tokens.push(Token { kind, line, text, test: false });
        line += chars[at..end].iter().filter(|c| **c == '\n').count();
        at = end;
    }
    mark_tests(&mut tokens);
    tokens
}

/// The token that starts at `at`: its kind, where it ends, its text.
fn one(chars: &[char], at: usize) -> (Kind, usize, String) {
    let next = |offset: usize| chars.get(at + offset).copied().unwrap_or('\0');
    let slice = |from: usize, to: usize| chars[from..to.min(chars.len())].iter().collect::<String>();
    let c = chars[at];
    if c == '/' && next(1) == '/' {
        let end = (at..chars.len()).find(|i| chars[*i] == '\n').unwrap_or(chars.len());
        return (Kind::Comment, end, slice(at, end));
    }
    if c == '/' && next(1) == '*' {
        let (mut depth, mut i) = (1, at + 2);
        while i < chars.len() && depth > 0 {
            match (chars[i], chars.get(i + 1)) {
                ('/', Some('*')) => (depth, i) = (depth + 1, i + 1),
                ('*', Some('/')) => (depth, i) = (depth - 1, i + 1),
                _ => {}
            }
            i += 1;
        }
        return (Kind::Comment, i, slice(at, i));
    }
    // Prefixes of literals: b"", r"", br#""#, c"".
    let prefix = (0..3).take_while(|i| matches!(next(*i), 'b' | 'r' | 'c')).count();
    let hashes = (prefix..).take_while(|i| next(*i) == '#').count();
    let raw = (0..prefix).any(|i| next(i) == 'r');
    if raw && next(prefix + hashes) == '"' {
        let start = at + prefix + hashes + 1;
        let mut i = start;
        while i < chars.len() && !(chars[i] == '"' && (1..=hashes).all(|h| chars.get(i + h) == Some(&'#'))) {
            i += 1;
        }
        return (Kind::Text, (i + 1 + hashes).min(chars.len()), slice(start, i));
    }
    if next(prefix) == '"' {
        let start = at + prefix + 1;
        let mut i = start;
        while i < chars.len() && chars[i] != '"' {
            i += if chars[i] == '\\' { 2 } else { 1 };
        }
        return (Kind::Text, (i + 1).min(chars.len()), slice(start, i));
    }
    if c == '\'' || (c == 'b' && next(1) == '\'') {
        let start = if c == 'b' { at + 1 } else { at };
        let escaped = chars.get(start + 1) == Some(&'\\');
        if escaped || chars.get(start + 2) == Some(&'\'') {
            let mut i = start + if escaped { 3 } else { 2 };
            while i < chars.len() && chars[i] != '\'' {
                i += 1;
            }
            return (Kind::Char, (i + 1).min(chars.len()), slice(start + 1, i));
        }
        // A lifetime.
        return (Kind::Mark, at + 1, "'".to_owned());
    }
    if c.is_alphabetic() || c == '_' {
        let end = (at..chars.len()).find(|i| !(chars[*i].is_alphanumeric() || chars[*i] == '_')).unwrap_or(chars.len());
        return (Kind::Word, end, slice(at, end));
    }
    if c.is_ascii_digit() {
        let mut i = at;
        while i < chars.len() {
            let decimal_point = chars[i] == '.' && chars.get(i + 1).is_some_and(char::is_ascii_digit);
            if !(chars[i].is_ascii_alphanumeric() || chars[i] == '_' || decimal_point) {
                break;
            }
            i += 1;
        }
        return (Kind::Number, i, slice(at, i));
    }
    (Kind::Mark, at + 1, c.to_string())
}

/// Marks every item under `#[cfg(test)]` (or `any(test, …)`), up to its closing brace or semicolon.
fn mark_tests(tokens: &mut [Token]) {
    let mut at = 0;
    while at + 1 < tokens.len() {
        if !(tokens[at].is("#") && tokens[at + 1].is("[")) {
            at += 1;
            continue;
        }
        let close = matching(tokens, at + 1);
        let attribute = &tokens[at + 2..close.min(tokens.len())];
        let tests = attribute.first().is_some_and(|first| first.is("cfg") || first.is("test"))
            && attribute.iter().any(|token| token.is("test"))
            && !attribute.iter().any(|token| token.is("not"));
        if !tests {
            at = close + 1;
            continue;
        }
        let mut end = close + 1;
        while end < tokens.len() && !tokens[end].is(";") {
            if tokens[end].is("{") {
                end = matching(tokens, end);
                break;
            }
            end = if tokens[end].is("[") || tokens[end].is("(") { matching(tokens, end) + 1 } else { end + 1 };
        }
        let end = end.min(tokens.len() - 1);
        tokens[at..=end].iter_mut().for_each(|token| token.test = true);
        at = end + 1;
    }
}

/// Where the bracket that opens at `open` closes; the last token when it never does.
pub fn matching(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0_i32;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        if token.kind != Kind::Mark {
            continue;
        }
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    tokens.len().saturating_sub(1)
}

#[test]
fn strings_comments_lifetimes_and_test_code_are_told_apart() {
    let tokens = lex("fn f<'a>() { let s = r#\"a \"b\" // no\"#; '\\n'; 'x' } // yes\n#[cfg(test)]\nmod tests { \"in\" }\n\"out\"");
    let texts: Vec<_> =
        tokens.iter().filter(|token| token.kind == Kind::Text).map(|token| (token.text.as_str(), token.line, token.test)).collect();
    assert_eq!(texts, [("a \"b\" // no", 1, false), ("in", 3, true), ("out", 4, false)]);
    let chars: Vec<_> = tokens.iter().filter(|token| token.kind == Kind::Char).map(|token| token.text.as_str()).collect();
    assert_eq!(chars, ["\\n", "x"]);
    assert_eq!(tokens.iter().filter(|token| token.kind == Kind::Comment).count(), 1);
}
