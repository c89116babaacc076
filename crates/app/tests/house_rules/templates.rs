//! Templates taken apart: what askama runs on one side, the bare HTML with its words on the other.

use crate::Finding;

/// A template without what askama runs.
pub struct Template {
    /// The text with every `{{…}}`, `{%…%}` and `{#…#}` blanked; lines and columns stay where they were.
    pub bare: String,
    /// What stood in `{{…}}` and `{%…%}`, with the line each starts on.
    pub expressions: Vec<(usize, String)>,
}

pub fn take_apart(text: &str) -> Template {
    let (mut bare, mut expressions, mut rest, mut line) = (String::new(), Vec::new(), text, 1);
    while let Some(open) = ["{{", "{%", "{#"].iter().filter_map(|mark| rest.find(mark)).min() {
        let close = match &rest[open..open + 2] {
            "{{" => "}}",
            "{%" => "%}",
            _ => "#}",
        };
        let end = rest[open + 2..].find(close).map_or(rest.len(), |at| open + 2 + at + 2);
        bare.push_str(&rest[..open]);
        line += rest[..open].matches('\n').count();
        let inside = &rest[open..end];
        if close != "#}" {
            expressions.push((line, inside.trim_matches(['{', '}', '%', '-', '~', '+', ' ', '\n']).to_owned()));
        }
        bare.extend(inside.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        line += inside.matches('\n').count();
        rest = &rest[end..];
    }
    bare.push_str(rest);
    Template { bare, expressions }
}

/// Attributes whose value people read or hear.
const SPOKEN: &[&str] =
    &["title", "alt", "placeholder", "label", "aria-label", "aria-description", "aria-roledescription", "aria-valuetext", "summary"];

/// Words in the bare HTML: text between tags and spoken attributes. And what the Content-Security-Policy refuses.
pub fn words_in_html(path: &str, first_line: usize, bare: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let line_at = |at: usize| first_line + bare[..at].matches('\n').count();
    let mut at = 0;
    while at < bare.len() {
        let Some(open) = bare[at..].find('<').map(|found| at + found) else {
            text_node(path, line_at(at), &bare[at..], &mut findings);
            break;
        };
        text_node(path, line_at(at), &bare[at..open], &mut findings);
        if bare[open..].starts_with("<!--") {
            at = bare[open..].find("-->").map_or(bare.len(), |found| open + found + 3);
            continue;
        }
        let end = tag_end(bare, open);
        let tag = &bare[open..end];
        attributes(path, line_at(open), tag, &mut findings);
        at = end;
        let name = tag[1..].split([' ', '\n', '>', '/']).next().unwrap_or("").to_ascii_lowercase();
        // What stands on a key is no word.
        if ["script", "style", "kbd"].contains(&name.as_str()) && !tag.ends_with("/>") {
            let close = bare[end..].find(&format!("</{name}")).map_or(bare.len(), |found| end + found);
            if name != "kbd" && !bare[end..close].trim().is_empty() && !tag.contains("application/json") {
                findings.push(Finding::new(
                    path,
                    line_at(open),
                    format!("<{name}> with content inside: the Content-Security-Policy refuses it; put it into frontend/"),
                ));
            }
            at = close;
        }
    }
    findings
}

fn tag_end(html: &str, open: usize) -> usize {
    let mut quote = None;
    for (at, c) in html[open..].char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(q), c) if q == c => quote = None,
            (None, '>') => return open + at + 1,
            _ => {}
        }
    }
    html.len()
}

fn text_node(path: &str, line: usize, text: &str, findings: &mut Vec<Finding>) {
    for (offset, row) in text.lines().enumerate() {
        let row = without_entities(row);
        if row.chars().any(char::is_alphabetic) {
            findings.push(Finding::new(
                path,
                line + offset,
                format!("\"{}\" stands in a template; give it a key in the language files and write {{{{ p.w.t(\"…\") }}}}", row.trim()),
            ));
        }
    }
}

fn without_entities(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        out.push_str(&rest[..start]);
        let after = &rest[start + 1..];
        let length = after.find(|c: char| !(c.is_ascii_alphanumeric() || c == '#')).unwrap_or(after.len());
        rest = if after[length..].starts_with(';') { &after[length + 1..] } else { after };
    }
    out.push_str(rest);
    out
}

fn attributes(path: &str, line: usize, tag: &str, findings: &mut Vec<Finding>) {
    let lower = tag.to_ascii_lowercase();
    let button =
        lower.starts_with("<input") && ["type=\"submit\"", "type=\"button\"", "type=\"reset\""].iter().any(|kind| lower.contains(kind));
    let mut at = tag.find([' ', '\n']).unwrap_or(tag.len());
    while let Some(equals) = tag[at..].find('=').map(|found| at + found) {
        let name = tag[at..equals].split_whitespace().last().unwrap_or("").to_ascii_lowercase();
        let row = line + tag[..equals].matches('\n').count();
        let rest = &tag[equals + 1..];
        let (value, used) = match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let end = rest[1..].find(quote).unwrap_or(rest.len() - 1);
                (&rest[1..=end], end + 2)
            }
            _ => {
                let end = rest.find([' ', '\n', '>']).unwrap_or(rest.len());
                (&rest[..end], end)
            }
        };
        let spoken = SPOKEN.contains(&name.as_str()) || (button && name == "value");
        if spoken && without_entities(value).chars().any(char::is_alphabetic) {
            findings.push(Finding::new(
                path,
                row,
                format!("{name}=\"{}\" is read by people; take it from the language files", value.trim()),
            ));
        }
        if name == "style" || (name.starts_with("on") && name.len() > 2 && name.chars().all(|c| c.is_ascii_lowercase())) {
            findings.push(Finding::new(
                path,
                row,
                format!("{name}=… is refused by the Content-Security-Policy; use a class, an SVG attribute, or a listener in frontend/"),
            ));
        }
        at = (equals + 1 + used).min(tag.len());
    }
}

#[test]
fn expressions_are_parted_from_html_and_lines_kept() {
    let template = take_apart("<p>\n{# a\nb #}{{ w.t(\"x\") }}</p>\n{%- if a > b -%}!{% endif %}");
    assert_eq!(template.expressions, [(3, "w.t(\"x\")".to_owned()), (4, "if a > b".to_owned()), (4, "endif".to_owned())]);
    assert_eq!(template.bare.lines().count(), 4);
    assert_eq!(words_in_html("x", 1, &template.bare), []);
}
