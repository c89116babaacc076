//! The repository's own text files, as the rules read them.

use crate::lex::{Token, lex};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// One text file; `path` is relative to the root and has `/` between its parts.
pub struct File {
    pub path: String,
    pub text: String,
    /// Declared by `#[cfg(test)] mod …;` somewhere.
    only_in_tests: bool,
    tokens: OnceLock<Vec<Token>>,
}

impl File {
    fn new(path: &str, text: &str) -> Self {
        File { path: path.to_owned(), text: text.to_owned(), only_in_tests: false, tokens: OnceLock::new() }
    }
    pub fn is(&self, ending: &str) -> bool {
        self.path.ends_with(ending)
    }
    /// The tokens of a Rust file.
    pub fn tokens(&self) -> &[Token] {
        self.tokens.get_or_init(|| lex(&self.text))
    }
    /// Whether the whole file is test or measuring code.
    pub fn is_test(&self) -> bool {
        self.only_in_tests
            || self.path.contains("/tests/")
            || self.path.contains("/benches/")
            || self.path.starts_with("bench/")
            || self.path.starts_with("e2e/")
            || self.path.starts_with("crates/foundation/testkit/")
    }
    /// `cases` for `crates/slices/cases/src/…`.
    pub fn crate_name(&self) -> &str {
        let mut parts = self.path.split('/');
        match (parts.next(), parts.next(), parts.next()) {
            (Some("crates"), Some("foundation" | "slices"), Some(name)) => name,
            (Some("crates"), Some(name), _) => name,
            (Some(name), _, _) => name,
            _ => "",
        }
    }
}

pub struct Repo {
    pub files: Vec<File>,
}

/// Folders that hold nothing of ours.
const SKIPPED: &[&str] = &[".git", "target", "node_modules", "dist", "data", "shots", "test-results", ".vite"];

/// Kinds of files that the rules read.
const TEXT: &[&str] = &[
    "rs", "toml", "sql", "html", "svg", "txt", "ftl", "md", "sh", "ts", "js", "mjs", "css", "json", "yml", "yaml", "lock", "service", "run",
];

impl Repo {
    /// The repository that this test was built from.
    pub fn read() -> &'static Repo {
        static READ: OnceLock<Repo> = OnceLock::new();
        READ.get_or_init(|| {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
            let mut files = Vec::new();
            walk(&root, &root, &mut files);
            files.sort_by(|a, b| a.path.cmp(&b.path));
            assert!(files.len() > 20, "the rules read {} files only: is this the repository's root?", files.len());
            Repo::gather(files)
        })
    }
    /// A repository made up for a test.
    pub fn of(files: &[(&str, &str)]) -> Repo {
        Repo::gather(files.iter().map(|(path, text)| File::new(path, text)).collect())
    }
    fn gather(mut files: Vec<File>) -> Repo {
        let tests: Vec<String> = files.iter().filter(|file| file.is(".rs")).flat_map(test_modules).collect();
        for file in &mut files {
            file.only_in_tests = tests.contains(&file.path);
        }
        Repo { files }
    }
    pub fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.is(".rs"))
    }
    /// Rust files of the product itself, without tests and measuring.
    pub fn product(&self) -> impl Iterator<Item = &File> {
        self.rust().filter(|file| !file.is_test())
    }
    pub fn templates(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| {
            file.path.starts_with("crates/")
                && !file.is_test()
                && (file.path.contains("/src/") || file.path.contains("/templates/"))
                && [".html", ".svg", ".txt"].iter().any(|ending| file.is(ending))
        })
    }
}

/// Where the modules lie that a file declares for tests alone: `#[cfg(test)] mod tests;`.
fn test_modules(file: &File) -> Vec<String> {
    let (folder, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
    let stem = name.trim_end_matches(".rs");
    let inner = if ["lib", "main", "mod"].contains(&stem) { folder.to_owned() } else { format!("{folder}/{stem}") };
    let tokens = file.tokens();
    let mut found = Vec::new();
    for at in 0..tokens.len().saturating_sub(2) {
        if tokens[at].test && tokens[at].is("mod") && tokens[at + 2].is(";") {
            let module = &tokens[at + 1].text;
            // `#[path = "x.rs"]` is relative to the file's own folder.
            let named = tokens[at.saturating_sub(6)..at].iter().find(|token| token.text.ends_with(".rs"));
            match named {
                Some(path) => found.push(format!("{folder}/{}", path.text)),
                None => found.extend([format!("{inner}/{module}.rs"), format!("{inner}/{module}/mod.rs")]),
            }
        }
    }
    found
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<File>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            if !SKIPPED.contains(&name) {
                walk(root, &path, files);
            }
            continue;
        }
        let known = path.extension().and_then(|ending| ending.to_str()).is_some_and(|ending| TEXT.contains(&ending));
        let plain = ["Makefile", "Dockerfile", "run", ".npmrc", ".gitignore"].contains(&name) || folder.ends_with("scripts");
        if !known && !plain {
            continue;
        }
        // A file that an editor or a build removes while we read is not ours to judge.
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let Ok(text) = String::from_utf8(bytes) else { continue };
        let relative = path.strip_prefix(root).unwrap_or(&path);
        files.push(File::new(&relative.to_string_lossy().replace('\\', "/"), &text));
    }
}

#[test]
fn modules_declared_for_tests_are_no_product() {
    let repo = Repo::of(&[
        ("crates/a/src/lib.rs", "mod b;\n#[cfg(test)]\nmod c;"),
        ("crates/a/src/b.rs", "#[cfg(test)]\nmod tests;\n#[cfg(test)]\n#[path = \"far.rs\"]\nmod d;"),
        ("crates/a/src/b/tests.rs", ""),
        ("crates/a/src/c.rs", ""),
        ("crates/a/src/far.rs", ""),
    ]);
    let product: Vec<_> = repo.product().map(|file| file.path.as_str()).collect();
    assert_eq!(product, ["crates/a/src/lib.rs", "crates/a/src/b.rs"]);
}
