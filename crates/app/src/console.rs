//! The terminal: results to standard output in the operator's language, errors to standard error.

use kernel::Error;
use std::io::Write;
use web::{Lang, Words};

/// Where a command line speaks.
#[derive(Debug, Clone, Copy)]
pub struct Console(Words);

impl Console {
    pub fn new(lang: Lang) -> Self {
        Console(Words::of(lang))
    }
    pub fn words(&self) -> Words {
        self.0
    }
    /// One line of words.
    pub fn say(&self, key: &str, args: &[(&'static str, String)]) {
        self.print(&self.0.with(key, args));
    }
    /// One line of data.
    pub fn print(&self, line: &str) {
        let mut out = std::io::stdout().lock();
        // A reader that went away (`| head`) has had enough.
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    }
    /// What went wrong, with the detail that a page would keep for the log: whoever is here runs the installation.
    pub fn complain(&self, error: &Error) {
        let mut text = self.0.error(error.code(), error.args()).into_owned();
        for field in error.field_errors() {
            text.push_str(&format!("\n  {}: {}", field.field, self.0.error(&field.code, &field.args)));
        }
        if let Some(detail) = error.log_detail() {
            text.push_str(&format!("\n  [{}] {detail}", error.code()));
        }
        let _ = writeln!(std::io::stderr(), "{text}");
    }
}
