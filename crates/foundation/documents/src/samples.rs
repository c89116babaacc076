//! Filled papers with generated photos, for tests here and in other crates; the words stand in `data/sample.txt`.

use crate::bulletin::{Bulletin, BulletinCase, BulletinForm, BulletinSection, BulletinTable};
use crate::paper::{AT_ISSUE, Answer, AnswerSheet, Circular, Dossier, DossierStep, Notice, Photo, Problem, Register, RegisterColumn};
use crate::{LOCALES, Labels, labels};
use std::collections::BTreeMap;

const SAMPLE: &str = include_str!("../data/sample.txt");

/// The `i`th word of a line.
fn say(key: &str, i: usize) -> String {
    let line = SAMPLE.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' ')).unwrap_or_default();
    let words: Vec<&str> = line.split('|').collect();
    words[i % words.len()].to_owned()
}

/// The texts of a language file, with their places written `{n}`.
pub fn words_of(file: &str) -> BTreeMap<String, String> {
    let pairs = file.lines().filter_map(|line| line.split_once(" = "));
    pairs.map(|(key, text)| (key.to_owned(), text.replace("{ \"", "").replace("\" }", ""))).collect()
}

/// The labels of papers in a language (`zh-CN`, `en`).
pub fn words(language: &str) -> Labels {
    let file = LOCALES.iter().find(|(known, ..)| *known == language).map_or("", |(.., text)| *text);
    let known = words_of(file);
    labels(|key| known.get(key).cloned().unwrap_or_else(|| key.to_owned()))
}

/// A picture that differs by `seed`, as JPEG.
pub fn photo(seed: u32, width: u32, height: u32) -> Vec<u8> {
    let picture = image::RgbImage::from_fn(width, height, |x, y| {
        let wave = (x * (seed % 5 + 1) / 8 + y * (seed % 3 + 1) / 6) % 128;
        image::Rgb([(wave + seed * 37 % 96) as u8, (y * 160 / height.max(1)) as u8, (x * 160 / width.max(1)) as u8])
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Jpeg).unwrap_or_else(|error| unreachable!("{error}"));
    bytes.into_inner()
}

fn shot(seed: u32) -> Photo {
    Photo { jpeg: photo(seed, 480, 360), caption: say("caption", 0) }
}

pub fn problem(i: usize) -> Problem {
    let seed = u32::try_from(i).unwrap_or(0);
    Problem {
        number: (1001 + i).to_string(),
        community: say("community", i / 3),
        unit: say("unit", i),
        notice: Some(say("notice", 0)),
        place: say("place", i),
        category: say("category", i),
        what: say("what", i),
        deadline: say("deadline", 0),
        photos: (0..i % 3).map(|n| shot(seed * 3 + u32::try_from(n).unwrap_or(0))).collect(),
    }
}

pub fn circular(problems: usize) -> Circular {
    Circular {
        tenant: say("tenant", 0),
        office: say("office", 0),
        number: say("number", 0),
        title: say("title", 0),
        period: say("period", 0),
        date: say("date", 0),
        addressees: say("addressees", 0),
        intro: vec![say("intro", 0)],
        problems: (1..=problems).map(problem).collect(),
        closing: vec![say("closing", 0)],
        copies: say("copies", 0),
        labels: words("zh-CN"),
        demo_banner: Some(say("banner", 0)),
    }
}

pub fn notice(problems: usize) -> Notice {
    Notice {
        tenant: say("tenant", 0),
        office: say("office", 0),
        number: say("notice", 0),
        unit: say("unit", 0),
        contact: say("contact", 0),
        circular: say("circular", 0),
        deadline: say("deadline", 0),
        date: say("date", 0),
        intro: vec![say("intro", 0)],
        problems: (1..=problems).map(problem).collect(),
        closing: vec![say("closing", 0)],
        link: "https://xiuhua.example/t/lsw/notices/0199c0f0".to_owned(),
        thread: AT_ISSUE,
        labels: words("zh-CN"),
        demo_banner: None,
    }
}

pub fn register(rows: usize) -> Register {
    let column = |title: String, share: u32| RegisterColumn { title, share };
    let row = |i: usize| {
        let problem = problem(i);
        vec![problem.number, problem.category, problem.place, problem.what, problem.unit, problem.deadline]
    };
    Register {
        tenant: say("tenant", 0),
        office: say("office", 0),
        title: say("title", 0),
        about: say("period", 0),
        date: say("date", 0),
        columns: (0..6).map(|i| column(say("category", i), if i == 3 { 4 } else { 2 })).collect(),
        rows: (1..=rows).map(row).collect(),
        labels: words("zh-CN"),
        demo_banner: Some(say("banner", 0)),
    }
}

/// Every second problem is answered; the others are left to fill by hand.
pub fn answer_sheet(problems: usize) -> AnswerSheet {
    let answer = |i: usize| {
        let done = i.is_multiple_of(2);
        Answer {
            problem: problem(i),
            after: if done { vec![shot(u32::try_from(i).unwrap_or(0) + 50)] } else { Vec::new() },
            done: if done { say("done", 0) } else { String::new() },
            done_at: if done { say("done_at", 0) } else { String::new() },
        }
    };
    AnswerSheet {
        tenant: say("tenant", 0),
        office: say("office", 0),
        number: say("notice", 0),
        unit: say("unit", 0),
        contact: say("contact", 0),
        circular: say("circular", 0),
        date: say("date", 0),
        answers: (1..=problems).map(answer).collect(),
        labels: words("zh-CN"),
        demo_banner: None,
    }
}

/// A case's file with this many steps; every fourth has photos of its own, one to six.
pub fn dossier(steps: usize) -> Dossier {
    let one = problem(1);
    let shots = |i: usize| -> Vec<Photo> {
        let seed = u32::try_from(i).unwrap_or(0);
        if seed.is_multiple_of(4) { (0..=seed / 4 % 6).map(|n| shot(100 + seed * 6 + n)).collect() } else { Vec::new() }
    };
    let said = |i: usize| DossierStep {
        title: say("unit", i),
        at: say("done_at", 0),
        by: say("office", 0),
        words: say("what", i),
        ..DossierStep::default()
    };
    let step = |i: usize| DossierStep {
        title: say("done", 0),
        at: say("done_at", 0),
        by: say("office", 0),
        detail: if i.is_multiple_of(3) { say("unit", 0) } else { String::new() },
        words: if i.is_multiple_of(2) { one.what.clone() } else { String::new() },
        photos: shots(i),
    };
    Dossier {
        tenant: say("tenant", 0),
        office: say("office", 0),
        number: one.number.clone(),
        title: one.category.clone(),
        place: one.place.clone(),
        what: one.what.clone(),
        date: say("date", 0),
        facts: vec![(say("unit", 0), one.unit.clone()), (say("date", 0), one.deadline.clone())],
        before: vec![shot(1), shot(2)],
        after: vec![shot(3)],
        reinspection: Vec::new(),
        steps: (1..=steps).map(step).collect(),
        messages: (1..=2).map(said).collect(),
        notes: vec![DossierStep { title: String::new(), ..said(3) }],
        labels: words("zh-CN"),
        demo_banner: None,
    }
}

fn bulletin_table(title: usize, rows: usize) -> BulletinTable {
    let share = [3, 10, 5, 6, 4, 4, 8];
    let row = |i: usize| {
        let name = if title == 0 { say("community", i) } else { format!("{}{i}", say("unit", i)) };
        let lost = format!("{}.{}", i % 9, i % 10);
        let scored = format!("{}.{}", 99 - i % 9, (10 - i % 10) % 10);
        vec![(i + 1).to_string(), name, (i * 7 % 40).to_string(), format!("{}.0%", 100 - i % 12), lost, scored, say("bulletin_remark", i)]
    };
    BulletinTable {
        title: say("bulletin_table", title),
        note: if title == 0 { say("bulletin_note", 0) } else { String::new() },
        columns: (0..7).map(|i| RegisterColumn { title: say("bulletin_column", i), share: share[i] }).collect(),
        numbers: vec![0, 2, 3, 4, 5],
        rows: (0..rows).map(row).collect(),
    }
}

/// A month's bulletin in three sections: two tables, the second with this many rows; this many typical problems, every third without
/// a photo of after; a paragraph.
pub fn bulletin(form: BulletinForm, rows: usize, cases: usize) -> Bulletin {
    let case = |i: usize| {
        let seed = u32::try_from(i).unwrap_or(0);
        BulletinCase {
            heading: format!("{}：{}", say("place", i), say("category", i)),
            number: (1001 + i).to_string(),
            unit: say("unit", i),
            words: say("bulletin_words", i),
            before: Some(shot(seed * 2)),
            after: (i % 3 != 2).then(|| shot(seed * 2 + 1)),
        }
    };
    let section = |i: usize| BulletinSection { heading: say("bulletin_heading", i), ..BulletinSection::default() };
    Bulletin {
        form,
        tenant: say("tenant", 0),
        office: say("office", 0),
        head: String::new(),
        number: say("bulletin_number", 0),
        letters: String::new(),
        edition: String::new(),
        title: say("bulletin_title", 0),
        period: say("bulletin_period", 0),
        date: say("bulletin_date", 0),
        addressees: say("bulletin_addressees", 0),
        corrections: Vec::new(),
        intro: vec![say("bulletin_intro", 0)],
        sections: vec![
            BulletinSection {
                paragraphs: (0..2).map(|i| say("bulletin_paragraph", i)).collect(),
                tables: vec![bulletin_table(0, 3), bulletin_table(1, rows)],
                ..section(0)
            },
            BulletinSection { cases: (0..cases).map(case).collect(), ..section(1) },
            BulletinSection { paragraphs: vec![say("bulletin_closing", 0)], ..section(2) },
        ],
        closing: vec![say("bulletin_closing", 1)],
        attachments: Vec::new(),
        copies: say("bulletin_copies", 0),
        check_code: "7Q4K-M2XD".to_owned(),
        sealed: say("bulletin_sealed", 0),
        link: "https://xiuhua.example/t/lsw/check/7Q4K-M2XD".to_owned(),
        labels: words("zh-CN"),
        demo_banner: None,
    }
}

/// The second edition of a bulletin, with all that a bulletin can have.
pub fn corrected_bulletin(form: BulletinForm, rows: usize, cases: usize) -> Bulletin {
    Bulletin {
        edition: say("bulletin_edition", 0),
        corrections: vec![say("bulletin_correction", 0)],
        attachments: (0..2).map(|i| say("bulletin_attachment", i)).collect(),
        demo_banner: Some(say("banner", 0)),
        ..bulletin(form, rows, cases)
    }
}
