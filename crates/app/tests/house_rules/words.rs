//! No words for users in code or templates: they live in the language files, where both languages stand side by side.

use crate::lex::{Kind, lex};
use crate::repo::Repo;
use crate::templates::{take_apart, words_in_html};
use crate::{Finding, catches, hold};

/// Modules whose Chinese is data, not words of the product; each with what it is.
const DATA: &[(&str, &str)] = &[
    ("crates/foundation/kernel/src/identifiers/masking.rs", "surnames of two characters, by which a name is masked"),
    ("crates/foundation/store/src/search/folding.rs", "numerals and the counters behind them, which searches fold"),
    ("crates/app/src/demo", "the invented district of the demo"),
];

/// Chinese characters, their punctuation, and full-width forms.
fn is_chinese(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{303F}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF00}'..='\u{FFEF}' | '\u{20000}'..='\u{3FFFF}')
}

fn chinese_in_code(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in repo.product().filter(|file| !DATA.iter().any(|(path, _)| file.path.starts_with(path))) {
        for token in file.tokens().iter().filter(|token| matches!(token.kind, Kind::Text | Kind::Char) && !token.test) {
            for (offset, row) in token.text.lines().enumerate() {
                // SQL texts may carry comments of their own.
                let row = row.split("--").next().unwrap_or("");
                let line = token.line + offset;
                if row.chars().any(is_chinese)
                    && findings.last().is_none_or(|last: &Finding| (last.path.as_str(), last.line) != (&file.path, line))
                {
                    findings.push(Finding::new(
                        &file.path,
                        line,
                        format!(
                            "\"{}\" stands in code; give it a key in the crate's locales, or list the module as data with the reason",
                            row.trim()
                        ),
                    ));
                }
            }
        }
    }
    findings
}

fn words_in_templates(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in repo.templates() {
        let template = take_apart(&file.text);
        findings.extend(words_in_html(&file.path, 1, &template.bare));
        for (line, expression) in template.expressions {
            for token in lex(&expression).iter().filter(|token| token.kind == Kind::Text) {
                let sentence = token.text.contains(' ') && token.text.chars().next().is_some_and(char::is_uppercase);
                if token.text.chars().any(is_chinese) || sentence {
                    findings.push(Finding::new(
                        &file.path,
                        line + token.line - 1,
                        format!("\"{}\" stands in an expression; take it from the language files", token.text),
                    ));
                }
            }
        }
    }
    findings
}

/// Templates written into the attribute: `#[template(source = "…")]`.
fn words_in_small_templates(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in repo.product() {
        let tokens = file.tokens();
        for window in tokens
            .windows(3)
            .filter(|window| window[0].is("source") && window[1].is("=") && window[2].kind == Kind::Text && !window[2].test)
        {
            let template = take_apart(&window[2].text.replace("\\\"", "\""));
            findings.extend(words_in_html(&file.path, window[2].line, &template.bare));
        }
    }
    findings
}

#[test]
fn no_words_for_users_stand_in_code() {
    hold("words in code", chinese_in_code(Repo::read()));
}

#[test]
fn no_words_for_users_stand_in_templates() {
    hold("words in templates", words_in_templates(Repo::read()));
    hold("words in templates", words_in_small_templates(Repo::read()));
}

#[test]
fn the_rule_catches_words_in_code() {
    const AT: &str = "crates/slices/cases/src/a.rs";
    let good = [
        (AT, "/// 案件\nfn f() {} // 结案\n#[cfg(test)] mod tests { const A: &str = \"结案\"; }"),
        ("crates/slices/cases/tests/a.rs", "\"结案\""),
    ];
    catches(chinese_in_code, &good, &[(AT, "\nfn f() -> &str { \"结案\" }")], (AT, 2));
    catches(chinese_in_code, &good, &[(AT, "\nfn f() -> char { '。' }")], (AT, 2));
    catches(words_in_small_templates, &good, &[(AT, "#[template(ext = \"html\",\n source = \"<b>Done</b>\")]")], (AT, 2));
}

#[test]
fn the_rule_catches_words_in_templates() {
    const AT: &str = "crates/slices/cases/src/a.html";
    let good = [(
        AT,
        "{# words #}<p class=\"big\" title=\"{{ p.w.t(\"x\") }}\">{{ p.w.t(\"stage-filed\") }}：1 &middot; {% if a %}·{% endif %}</p><input type=\"text\" value=\"x\"><script src=\"/a.js\"></script><kbd>N</kbd>",
    )];
    for text in [
        "<p>\nClosed {{ n }}</p>",
        "<p>\n结案</p>",
        "\n<a title=\"Close\">{{ x }}</a>",
        "<input type=\"submit\"\n value=\"Go\">",
        "\n<p style=\"color:red\"></p>",
        "\n<p onclick=\"go()\"></p>",
        "\n<script>go()</script>",
        "\n{{ \"结案\" }}",
        "\n{{ p.flash(\"It is done\") }}",
    ] {
        catches(words_in_templates, &good, &[(AT, text)], (AT, 2));
    }
}
