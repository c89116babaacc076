//! A month's bulletin of twelve pages with twenty photos, set as PDF: each time another one, as nothing of a paper is remembered.

use crate::Figure;
use crate::load::percentile;
use documents::{Bulletin, BulletinForm, Photo, Printed, samples};
use std::process::{Command, Stdio};
use std::time::Instant;

const PAGES: usize = 12;
const PHOTOS: usize = 20;
const ROUNDS: u32 = 9;

/// Twelve problems of which every third has no photo of after: twenty photos.
fn paper(rows: usize, round: u32) -> Printed {
    let mut paper = samples::bulletin(BulletinForm::Working, rows, 12);
    paper.title = format!("{} {round}", paper.title);
    let mut seed = round * 100;
    for photo in photos(&mut paper) {
        seed += 1;
        photo.jpeg = samples::photo(seed, 480, 360);
    }
    Printed::Bulletin(paper)
}

fn photos(paper: &mut Bulletin) -> impl Iterator<Item = &mut Photo> {
    paper.sections.iter_mut().flat_map(|section| &mut section.cases).flat_map(|case| [&mut case.before, &mut case.after]).flatten()
}

/// How many pages poppler sees.
fn pages(pdf: &[u8]) -> usize {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), pdf).expect("written");
    let said = Command::new("pdftotext").arg(file.path()).arg("-").stderr(Stdio::null()).output().expect("poppler-utils count pages");
    said.stdout.iter().filter(|byte| **byte == 0x0C).count()
}

pub fn run() -> Vec<Figure> {
    let press = product::compose::press();
    let set = |printed: &Printed| press.pdf(printed).expect("a paper");
    let mut sample = samples::bulletin(BulletinForm::Working, 1, 12);
    assert_eq!(photos(&mut sample).count(), PHOTOS);
    let began = Instant::now();
    let mut rows = 40;
    while pages(&set(&paper(rows, 0))) < PAGES {
        rows += 20;
    }
    println!("bulletin: {rows} rows in the table make {PAGES} pages, found in {:.1} s", began.elapsed().as_secs_f64());
    let mut taken = Vec::new();
    for round in 1..=ROUNDS {
        let printed = paper(rows, round);
        let began = Instant::now();
        let pdf = set(&printed);
        taken.push(began.elapsed());
        assert_eq!(pages(&pdf), PAGES);
    }
    let words = format!("{PAGES} pages, {PHOTOS} photos; the slowest {:.0} ms", percentile(&taken, 1.0));
    vec![Figure::under("bulletin as PDF, p50", percentile(&taken, 0.5), 300.0, "ms", "< 300 ms", &words)]
}
