//! Each paper is really set, on pages and as a picture, with nothing lost.

use documents::paper::{PICTURED_PROBLEMS, Printed};
use documents::{Press, samples};
use press::TypstPress;

/// Where to leave the papers for somebody to look at.
fn keep(name: &str, bytes: &[u8]) {
    if let Some(folder) = std::env::var_os("XIUHUA_KEEP_PAPERS") {
        std::fs::write(std::path::Path::new(&folder).join(name), bytes).unwrap();
    }
}

fn pages(pdf: &[u8]) -> usize {
    // Every page has its own object, and typst writes it uncompressed.
    let text = String::from_utf8_lossy(pdf);
    text.matches("/Type/Page").count() - text.matches("/Type/Pages").count()
}

#[test]
fn every_paper_becomes_a_pdf() {
    let press = TypstPress::new();
    for (name, paper) in [
        ("circular", Printed::Circular(samples::circular(40))),
        ("notice", Printed::Notice(samples::notice(7))),
        ("answers", Printed::AnswerSheet(samples::answer_sheet(5))),
        ("dossier", Printed::Dossiers(Box::new(samples::dossier(30)), Vec::new())),
        ("register", Printed::Register(samples::register(60))),
    ] {
        let pdf = press.pdf(&paper).unwrap();
        assert!(pdf.starts_with(b"%PDF-1."), "{name}");
        assert!(pages(&pdf) > 1, "{name}: {} pages", pages(&pdf));
        keep(&format!("{name}.pdf"), &pdf);
        match documents::docx(&paper) {
            Ok(docx) => keep(&format!("{name}.docx"), &docx),
            Err(error) => assert_eq!((name, error.code()), ("dossier", "documents.only_as_pdf")),
        }
    }
}

#[test]
fn several_dossiers_begin_on_pages_of_their_own() {
    let press = TypstPress::new();
    let set = |more: usize| press.pdf(&Printed::Dossiers(Box::new(samples::dossier(3)), vec![samples::dossier(3); more])).unwrap();
    let (one, three) = (pages(&set(0)), set(2));
    assert_eq!(pages(&three), 3 * one);
    keep("dossiers.pdf", &three);
}

#[test]
fn a_dossier_prints_every_photo_of_its_steps() {
    let dossier = samples::dossier(30);
    let beside = [&dossier.before, &dossier.after, &dossier.reinspection].map(Vec::len).iter().sum::<usize>();
    let at_steps = dossier.steps.iter().map(|step| step.photos.len()).sum::<usize>();
    assert!(at_steps > 20, "{at_steps}");
    let pdf = TypstPress::new().pdf(&Printed::Dossiers(Box::new(dossier), Vec::new())).unwrap();
    let images = String::from_utf8_lossy(&pdf).matches("/Subtype/Image").count();
    assert_eq!(images, beside + at_steps);
}

#[test]
fn the_same_paper_gives_the_same_bytes() {
    let press = TypstPress::new();
    let paper = Printed::Notice(samples::notice(3));
    assert!(press.pdf(&paper).unwrap() == press.pdf(&paper).unwrap());
}

#[test]
fn a_circular_becomes_one_long_picture_and_too_long_a_one_is_refused() {
    let press = TypstPress::new();
    let picture = press.picture(&Printed::Circular(samples::circular(PICTURED_PROBLEMS)), 900).unwrap();
    let (width, height) = documents::jpeg::size(&picture).unwrap();
    assert_eq!(width, 900);
    assert!(height > 3_000, "{height}");
    keep("circular.jpg", &picture);
    let error = press.picture(&Printed::Circular(samples::circular(PICTURED_PROBLEMS + 1)), 900).unwrap_err();
    assert_eq!(error.code(), "press.too_long");
}

#[test]
fn words_that_look_like_markup_are_words() {
    let mut paper = samples::notice(1);
    paper.problems[0].what = "#panic() $x$ *bold* = head @ref <label> https://a.test // \\ [ ] { } `code`".into();
    paper.problems[0].place = "\"quoted\" #let a = 1".into();
    TypstPress::new().pdf(&Printed::Notice(paper)).unwrap();
}
