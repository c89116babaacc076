//! Typesetting of papers with typst: PDF for print, one long picture for chat groups. Only the composition root links this.

mod fonts;
mod sheet;
mod world;

use documents::paper::PICTURED_PROBLEMS;
use documents::{Press, Printed};
use kernel::error::ensure;
use kernel::{Code, Error, Kind, Result};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use typst_layout::PagedDocument;

/// The machine has no Chinese font.
pub const NO_FONT: Code = Code::new(Kind::Unavailable, "press.no_font");
/// Others wait already.
pub const BUSY: Code = Code::new(Kind::Unavailable, "press.busy");
/// Typst refused the paper: a mistake of ours; the log says what.
pub const FAILED: Code = Code::new(Kind::Internal, "press.failed");
/// More than one picture can show.
pub const TOO_LONG: Code = Code::new(Kind::TooLarge, "press.too_long");

/// Who may stand in line; each paper takes a second or two, and a browser waits no longer than a minute.
const MOST_WAITING: usize = 16;

/// Sets one paper at a time: a paper with its fonts takes a hundred megabytes while it is set, and none afterwards.
#[derive(Default)]
pub struct TypstPress {
    /// Whoever holds it sets a paper; with the machine's fonts, once they were looked for and found.
    turn: Mutex<Option<fonts::Known>>,
    waiting: AtomicUsize,
}

impl TypstPress {
    /// Reads nothing yet: the first paper looks for the machine's fonts, not the start of the program.
    pub fn new() -> Self {
        TypstPress::default()
    }

    /// The laid-out pages handed to `out` while the fonts are in memory.
    fn set<T>(&self, paper: &Printed, look: sheet::Look, out: impl FnOnce(&PagedDocument) -> Result<T>) -> Result<T> {
        paper.check()?;
        let waiting = Waiting::join(&self.waiting)?;
        let mut turn = self.turn.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let known = match turn.take() {
            Some(known) => known,
            None => fonts::Known::of_machine()?,
        };
        let chosen = turn.insert(known).read()?;
        let world = world::PaperWorld::new(sheet::files(paper, look, &chosen)?, chosen);
        let outcome = typst::compile::<PagedDocument>(&world).output.map_err(|faults| world.fault(&faults)).and_then(|set| out(&set));
        // What was remembered between layouts belongs to this paper alone.
        comemo::evict(0);
        drop((turn, waiting));
        outcome
    }
}

/// A place in the line.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn join(line: &'a AtomicUsize) -> Result<Self> {
        let before = line.fetch_add(1, Ordering::Relaxed);
        let place = Waiting(line);
        ensure(before < MOST_WAITING, BUSY)?;
        Ok(place)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Press for TypstPress {
    fn pdf(&self, paper: &Printed) -> Result<Vec<u8>> {
        self.set(paper, sheet::Look::Pages, |set| {
            typst_pdf::pdf(set, &typst_pdf::PdfOptions::default()).map_err(|faults| {
                let said: Vec<_> = faults.iter().map(|fault| fault.message.to_string()).collect();
                Error::from(FAILED).detail(said.join("; "))
            })
        })
    }

    fn picture(&self, paper: &Printed, width_px: u32) -> Result<Vec<u8>> {
        ensure(paper.problems() <= PICTURED_PROBLEMS, TOO_LONG)?;
        let width_px = width_px.clamp(320, 2160);
        self.set(paper, sheet::Look::Strip, |set| {
            let page = set.pages().first().ok_or_else(|| Error::from(FAILED).detail("no page"))?;
            let scale = f64::from(width_px) / page.frame.width().to_pt();
            // JPEG holds 65,535 lines.
            ensure(page.frame.height().to_pt() * scale < 65_000.0, TOO_LONG)?;
            let options = typst_render::RenderOptions { pixel_per_pt: scale.into(), ..typst_render::RenderOptions::default() };
            jpeg(&typst_render::render(page, &options))
        })
    }
}

/// The page is opaque, so that premultiplied alpha is no alpha.
fn jpeg(picture: &tiny_skia::Pixmap) -> Result<Vec<u8>> {
    let failed = |error: &dyn std::fmt::Display| Error::from(FAILED).detail(error.to_string());
    let side = |px: u32| u16::try_from(px).map_err(|error| failed(&error));
    let mut bytes = Vec::new();
    jpeg_encoder::Encoder::new(&mut bytes, 82)
        .encode(picture.data(), side(picture.width())?, side(picture.height())?, jpeg_encoder::ColorType::Rgba)
        .map_err(|error| failed(&error))?;
    Ok(bytes)
}
