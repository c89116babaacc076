//! What typst may see: our templates, the paper's words and photos, and the chosen fonts. No disk, no network, no clock.

use crate::{FAILED, fonts::Chosen};
use kernel::Error;
use std::collections::HashMap;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, WorldExt};

/// Files of one paper by their path.
pub type Files = Vec<(String, Bytes)>;

pub struct PaperWorld {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    files: HashMap<FileId, Bytes>,
    main: FileId,
}

/// The id of a file at the paper's root; ids are kept for good, so paths come from a small set.
fn id(path: &str) -> Option<FileId> {
    Some(FileId::new(RootedPath::new(VirtualRoot::Project, VirtualPath::new(path).ok()?)))
}

impl PaperWorld {
    /// `files` hold `main.typ`.
    pub fn new(files: Files, chosen: Chosen) -> Self {
        let main = id("main.typ").unwrap_or_else(|| unreachable!("a plain path"));
        let files = files.into_iter().filter_map(|(path, bytes)| Some((id(&path)?, bytes))).collect();
        let book = FontBook::from_fonts(&chosen.fonts);
        PaperWorld { library: LazyHash::new(Library::default()), book: LazyHash::new(book), fonts: chosen.fonts, files, main }
    }

    /// Our mistake, with its place in the template, for the log.
    pub fn fault(&self, faults: &[SourceDiagnostic]) -> Error {
        let said: Vec<String> = faults
            .iter()
            .map(|fault| {
                let at = fault.span.id().map(|id| id.get().vpath().get_without_slash().to_owned()).unwrap_or_default();
                let line = self
                    .range(fault.span)
                    .zip(fault.span.id().and_then(|id| self.source(id).ok()))
                    .and_then(|(range, source)| source.lines().byte_to_line(range.start));
                format!("{at}:{}: {}", line.map_or(0, |line| line + 1), fault.message)
            })
            .collect();
        Error::from(FAILED).detail(said.join("; "))
    }
}

impl World for PaperWorld {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }
    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }
    fn main(&self) -> FileId {
        self.main
    }
    fn source(&self, id: FileId) -> FileResult<Source> {
        let text = String::from_utf8(self.file(id)?.to_vec()).map_err(|_| FileError::InvalidUtf8)?;
        Ok(Source::new(id, text))
    }
    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.files.get(&id).cloned().ok_or(FileError::AccessDenied)
    }
    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index).cloned()
    }
    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
