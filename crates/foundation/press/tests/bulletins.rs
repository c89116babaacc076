//! Bulletins measured on the page as it is printed, with poppler: the type area, lines and characters of GB/T 9704-2012, the head of a
//! draft, tables that break, and the foot of the last page.

use documents::bulletin::MOST_TABLE_ROWS;
use documents::paper::Printed;
use documents::{Bulletin, BulletinForm, BulletinSection, Press, samples};
use press::TypstPress;
use std::process::{Command, Output};

/// Points in a millimetre.
const MM: f64 = 72.0 / 25.4;
const TOP: f64 = 37.0 * MM;
const LEFT: f64 = 28.0 * MM;
const RIGHT: f64 = LEFT + 156.0 * MM;
const BOTTOM: f64 = TOP + 225.0 * MM;

/// Where to leave the papers for somebody to look at.
fn keep(name: &str, bytes: &[u8]) {
    if let Some(folder) = std::env::var_os("XIUHUA_KEEP_PAPERS") {
        std::fs::write(std::path::Path::new(&folder).join(name), bytes).unwrap();
    }
}

/// A word as it stands on a page, in points from the upper left corner.
#[derive(Debug, Clone)]
struct Word {
    page: usize,
    text: String,
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

/// A paper that was set, with the words on its pages.
struct Set {
    file: std::path::PathBuf,
    pages: usize,
    words: Vec<Word>,
}

impl Drop for Set {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}

fn poppler(tool: &str, arguments: &[&str]) -> Vec<u8> {
    let Output { status, stdout, stderr } = Command::new(tool).args(arguments).output().expect("poppler-utils measures these papers");
    assert!(status.success(), "{tool}: {}", String::from_utf8_lossy(&stderr));
    stdout
}

impl Set {
    fn of(name: &str, paper: Bulletin) -> Set {
        let pdf = TypstPress::new().pdf(&Printed::Bulletin(paper.clone())).unwrap();
        keep(&format!("{name}.pdf"), &pdf);
        keep(&format!("{name}.docx"), &documents::docx(&Printed::Bulletin(paper)).unwrap());
        let file = std::env::temp_dir().join(format!("xiuhua-{}-{name}.pdf", std::process::id()));
        std::fs::write(&file, &pdf).unwrap();
        let text = String::from_utf8(poppler("pdftotext", &["-bbox", file.to_str().unwrap(), "-"])).unwrap();
        let (mut pages, mut words) = (0, Vec::new());
        for line in text.lines().map(str::trim) {
            if line.starts_with("<page ") {
                pages += 1;
            }
            let Some((places, said)) = line.strip_prefix("<word ").and_then(|line| line.split_once('>')) else { continue };
            let at = |name: &str| places.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap().parse::<f64>().unwrap();
            let text =
                said.trim_end_matches("</word>").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
            words.push(Word { page: pages, text, left: at("xMin"), top: at("yMin"), right: at("xMax"), bottom: at("yMax") });
        }
        Set { file, pages, words }
    }

    fn on(&self, page: usize) -> impl Iterator<Item = &Word> {
        self.words.iter().filter(move |word| word.page == page)
    }

    /// The first word with this text in it.
    fn find(&self, text: &str) -> &Word {
        self.words.iter().find(|word| word.text.contains(text)).unwrap_or_else(|| panic!("{text} is nowhere in {:?}", self.all()))
    }

    /// All words as they follow each other, without what stands between them and without places to break.
    fn all(&self) -> String {
        self.words.iter().map(|word| word.text.replace('\u{200b}', "")).collect()
    }

    /// Nothing reaches over the type area but page numbers and the words above it; of a full stop that ends a line, half of its square does.
    #[track_caller]
    fn stays_inside(&self) {
        for word in &self.words {
            let stop = word.text.ends_with(|c: char| c.is_ascii_punctuation() || ('\u{3001}'..='\u{3011}').contains(&c) || c > '\u{FF00}');
            let right = RIGHT + if stop { 8.1 } else { 1.0 };
            let inside = word.left > LEFT - 1.0 && word.right < right && word.top > TOP - 60.0 && word.bottom < BOTTOM + 45.0;
            assert!(inside, "{word:?} stands outside the type area");
        }
    }

    /// Words of one line that belong to the body, from above.
    fn lines(&self, page: usize) -> Vec<Vec<&Word>> {
        let mut lines: Vec<Vec<&Word>> = Vec::new();
        let mut words: Vec<&Word> = self.on(page).filter(|word| word.top > TOP - 6.0 && word.bottom < BOTTOM + 6.0).collect();
        words.sort_by(|a, b| a.top.total_cmp(&b.top));
        for word in words {
            match lines.last_mut() {
                Some(line) if (line[0].top - word.top).abs() < 4.0 => line.push(word),
                _ => lines.push(vec![word]),
            }
        }
        lines
    }

    /// The page in pixels of a tenth of a millimetre: rows of red, green, blue.
    fn picture(&self, page: usize) -> Picture {
        let page = page.to_string();
        let bytes = poppler("pdftoppm", &["-r", "254", "-f", &page, "-l", &page, self.file.to_str().unwrap()]);
        // "P6\n2100 2970\n255\n", then the pixels.
        let mut parts = bytes.splitn(4, |byte| *byte == b'\n');
        let (_, size, _, pixels) = (parts.next(), parts.next().unwrap(), parts.next(), parts.next().unwrap());
        let width = String::from_utf8_lossy(size).split(' ').next().unwrap().parse().unwrap();
        Picture { width, pixels: pixels.to_vec() }
    }
}

struct Picture {
    width: usize,
    pixels: Vec<u8>,
}

impl Picture {
    fn is_red(&self, x: usize, y: usize) -> bool {
        let at = (y * self.width + x) * 3;
        self.pixels[at] > 150 && self.pixels[at + 1] < 110 && self.pixels[at + 2] < 110
    }

    fn is_dark(&self, x: usize, y: usize) -> bool {
        let at = (y * self.width + x) * 3;
        self.pixels[at..at + 3].iter().all(|part| *part < 120)
    }

    /// Rows with this many marked pixels at least, as (first, last) of what hangs together, in tenths of a millimetre.
    fn bands(&self, least: usize, marked: impl Fn(usize, usize) -> bool) -> Vec<(usize, usize)> {
        let mut bands: Vec<(usize, usize)> = Vec::new();
        for y in 0..self.pixels.len() / self.width / 3 {
            if (0..self.width).filter(|x| marked(*x, y)).count() < least {
                continue;
            }
            match bands.last_mut() {
                Some(band) if band.1 + 1 == y => band.1 = y,
                _ => bands.push((y, y)),
            }
        }
        bands
    }

    /// First and last marked pixel between two rows.
    fn span(&self, rows: (usize, usize), marked: impl Fn(usize, usize) -> bool) -> (usize, usize) {
        let xs: Vec<usize> = (0..self.width).filter(|x| (rows.0..=rows.1).any(|y| marked(*x, y))).collect();
        (xs[0], xs[xs.len() - 1])
    }
}

#[track_caller]
fn near(what: &str, is: f64, wanted: f64, within: f64) {
    assert!((is - wanted).abs() <= within, "{what}: {is:.2} instead of {wanted:.2}");
}

fn draft(rows: usize, cases: usize) -> Bulletin {
    samples::bulletin(BulletinForm::Signature, rows, cases)
}

fn working(rows: usize, cases: usize) -> Bulletin {
    samples::bulletin(BulletinForm::Working, rows, cases)
}

/// A draft whose second page holds nothing but a paragraph.
fn full_page() -> Bulletin {
    let paragraphs = vec!["字".repeat(1_800)];
    Bulletin { sections: vec![BulletinSection { heading: "一".into(), paragraphs, ..BulletinSection::default() }], ..draft(0, 0) }
}

#[test]
fn a_full_page_holds_22_lines_of_28_characters_within_156_by_225_mm() {
    for form in [BulletinForm::Signature, BulletinForm::Working] {
        let set = Set::of("full", Bulletin { form, ..full_page() });
        let lines = set.lines(2);
        assert_eq!(lines.len(), 22, "{form:?}");
        for line in &lines {
            let text: String = line.iter().map(|word| word.text.as_str()).collect();
            assert_eq!(text.chars().count(), 28, "{form:?}: {text}");
            near("left edge", line[0].left, LEFT, 0.5 * MM);
            near("right edge", line[line.len() - 1].right, RIGHT, 0.5 * MM);
        }
        for pair in lines.windows(2) {
            near("pitch", pair[1][0].top - pair[0][0].top, 28.99, 0.05);
        }
        let picture = set.picture(2);
        let ink = picture.bands(1, |x, y| picture.is_dark(x, y));
        near("first line", ink[0].0 as f64, 370.0, 10.0);
        near("last line", ink[21].1 as f64, 2_620.0, 50.0);
        // The ink of a character is as high as its type, but for its edges: 16 pt are 5.64 mm.
        near("body type", (ink[0].1 - ink[0].0) as f64, 52.0, 4.0);
    }
}

#[test]
fn the_head_of_a_draft_stands_where_the_standard_puts_it_and_is_left_blank() {
    let set = Set::of("draft", draft(3, 0));
    let picture = set.picture(1);
    let red = |x, y| picture.is_red(x, y);
    let bands = picture.bands(1, red);
    assert_eq!(bands.len(), 2, "the head and its rule are all that is red: {bands:?}");
    let (head, rule) = (bands[0], bands[1]);
    near("the head, 35 mm below the type area's edge", head.0 as f64, 370.0 + 350.0, 5.0);
    let across = picture.span(rule, red);
    near("the rule's left end", across.0 as f64, 280.0, 3.0);
    near("the rule's width", (across.1 + 1 - across.0) as f64, 1_560.0, 3.0);
    assert!((3..=8).contains(&(rule.1 + 1 - rule.0)), "half a millimetre: {rule:?}");
    let sides = picture.span(head, red);
    near("the head's middle", (sides.0 + sides.1) as f64 / 2.0, 280.0 + 780.0, 10.0);

    // The number is left, the signatory right, in one line that ends 4 mm above the rule and begins two blank lines below the head.
    let blank =
        set.words.iter().filter(|word| word.page == 1 && (word.text.contains('〔') || word.text.contains('〕') || word.text == "号"));
    let blank: Vec<_> = blank.collect();
    let said: String = blank.iter().map(|word| word.text.as_str()).collect();
    assert!(!said.contains(|c: char| c.is_ascii_digit()) && said.ends_with('号'), "{said}");
    let signatory = set.find("签发人");
    near("one line", signatory.top, blank[0].top, 0.5);
    assert!(blank[0].left < LEFT + 4.0 * 16.0 && signatory.left > LEFT + 200.0);
    near("room for a name of four characters, one from the edge", RIGHT - signatory.right, 5.0 * 16.0, 9.0);
    let ink = picture.bands(1, |x, y| picture.is_dark(x, y));
    let line = ink.iter().filter(|band| band.0 > head.1 && band.1 < rule.0).collect::<Vec<_>>();
    near("two blank lines below the head", (line[0].0 - head.1) as f64 / 10.0, 2.0 * 28.99 / MM + 5.0, 1.5);
    near("4 mm above the rule", (rule.0 - line[line.len() - 1].1) as f64 / 10.0, 4.0, 0.8);

    let title = set.find("关于");
    let body = set.find("根据");
    assert!(title.top / MM > rule.1 as f64 / 10.0 + 20.0, "two blank lines below the rule: {title:?}");
    near("title to body, 22 pt to 16 pt", (title.bottom - title.top) / (body.bottom - body.top), 22.0 / 16.0, 0.02);
    assert!(!set.all().contains("2026年2月3日"), "the date is not given");
    assert!(!set.all().contains("第2期"), "nor is a number");
    assert!(set.all().contains("呈批稿"));
}

#[test]
fn page_numbers_stand_outside_between_dashes_7_mm_below_the_type_area() {
    let set = Set::of("numbers", full_page());
    for page in 1..=2 {
        let number: Vec<_> = set.on(page).filter(|word| word.top > BOTTOM + 3.0).collect();
        let said: String = number.iter().map(|word| word.text.as_str()).collect();
        assert_eq!(said, format!("—{page}—"));
        let (left, right) = (number[0].left, number[number.len() - 1].right);
        match page % 2 {
            1 => near("odd, right, one character in", RIGHT - right, 14.0, 1.0),
            _ => near("even, left, one character in", left - LEFT, 14.0, 1.0),
        }
        let picture = set.picture(page);
        // The dash alone: the columns of its first half.
        let (from, to) = ((left / MM * 10.0) as usize + 4, ((left + 6.0) / MM * 10.0) as usize);
        let dash = (2_640..2_900).find(|y| (from..to).filter(|x| picture.is_dark(*x, *y)).count() > (to - from) / 2).unwrap();
        near("the dash", dash as f64, 2_620.0 + 70.0, 5.0);
    }
}

#[test]
fn a_working_bulletin_has_its_number_date_and_numbered_sections() {
    let set = Set::of("working", working(12, 4));
    let all = set.all();
    for said in [
        "示例街道工作通报",
        "第2期",
        "2026年2月3日",
        "一、总体情况",
        "二、典型问题",
        "三、下一步",
        "（一）",
        "（四）",
        "表1",
        "表2",
        "抄送",
    ] {
        assert!(all.contains(said), "{said} is missing in {all}");
    }
    assert!(!all.contains("签发人") && !all.contains("呈批稿"));
    // Before and after stand beside each other.
    let (before, after) = (set.find("整改前"), set.find("整改后"));
    assert_eq!(before.page, after.page);
    near("beside each other", before.top, after.top, 0.5);
    near("half of the type area between them", after.left - before.left, 80.0 * MM, 3.0);
}

/// Rows of dark ink over the whole type area: the rules of the imprint.
fn rules(picture: &Picture) -> Vec<(usize, usize)> {
    picture.bands(1_540, |x, y| picture.is_dark(x, y))
}

#[test]
fn the_check_code_stands_with_its_code_on_the_last_page_above_the_type_areas_lower_edge() {
    // Every length of the end: wherever it falls, nothing of the foot parts from the rest.
    for lines in [0, 3, 6, 9, 12, 15, 18, 21] {
        let mut paper = working(1, 0);
        paper.sections[2].paragraphs = vec!["字".repeat(28 * lines + 1)];
        let set = Set::of("foot", paper);
        let code = set.find("7Q4K-M2XD");
        assert_eq!(code.page, set.pages, "{lines} lines");
        for said in ["核验码", "3f9a0c77e1b2d845", "扫码核验", "抄送", "印发", "各单位对考评结果有异议的"] {
            assert_eq!(set.find(said).page, set.pages, "{said} with {lines} lines");
        }
        let picture = set.picture(set.pages);
        let rules = rules(&picture);
        assert_eq!(rules.len(), 4, "{rules:?}");
        near("the last rule", rules[3].1 as f64, 2_620.0, 6.0);
        assert!(rules[1].1 < (code.top / MM * 10.0) as usize && rules[2].0 > (code.bottom / MM * 10.0) as usize);
        // 20 mm of black and white to the right of the code, dark to a third or more within its quiet zone.
        let dark = (rules[1].1 + 30..rules[2].0 - 30)
            .flat_map(|y| (1_600..1_780).map(move |x| (x, y)))
            .filter(|(x, y)| picture.is_dark(*x, *y))
            .count();
        assert!(dark > 8_000, "{dark} dark tenths of a millimetre");
    }
}

#[test]
fn a_long_table_breaks_over_pages_with_its_head_on_each_and_all_its_rows() {
    let set = Set::of("long", working(300, 0));
    let heads: Vec<usize> = set.words.iter().filter(|word| word.text == "名次").map(|word| word.page).collect();
    let first = set.find("各单位问题整改情况").page;
    let last = set.find("下一步工作要求").page;
    assert!(last - first > 8, "{first} to {last}");
    for page in first + 1..last {
        assert_eq!(heads.iter().filter(|at| **at == page).count(), 1, "page {page}");
        assert!(set.on(page).count() > 60, "page {page} is as good as empty");
    }
    for row in 1..=300 {
        assert!(set.words.iter().any(|word| word.text == row.to_string() && word.left < LEFT + 40.0), "row {row} is missing");
    }
    set.stays_inside();
}

#[test]
fn the_longest_tables_are_set() {
    let mut paper = working(0, 0);
    let table = samples::bulletin(BulletinForm::Working, MOST_TABLE_ROWS - 3, 0).sections[0].tables[1].clone();
    paper.sections[0].tables[1] = table;
    let set = Set::of("longest", paper);
    assert!(set.pages > 60, "{}", set.pages);
    assert_eq!(set.find("7Q4K-M2XD").page, set.pages);
}

#[test]
fn nothing_is_cut_however_long_a_cell_a_word_or_a_name_is() {
    let mut paper = working(2, 1);
    let table = &mut paper.sections[0].tables[1];
    table.rows[0][6] = format!("{}终", "长".repeat(1_500));
    table.rows[0][0] = "Unbreakably-long-word-without-any-space-0123456789END".into();
    paper.tenant = "新疆维吾尔自治区某某某某某某自治州某某某某市某某街道办事处".into();
    paper.title = "标题".repeat(60) + "完";
    paper.sections[1].cases[0].words = "述".repeat(1_900) + "毕";
    let case = paper.sections[1].cases[0].clone();
    paper.sections[1].cases.push(case);
    paper.sections[1].cases[1].heading = "龘".repeat(1_900);
    paper.sections[1].cases[1].words = "短".into();
    paper.copies = "抄".repeat(1_900) + "止";
    let set = Set::of("cut", paper);
    let all = set.all();
    assert_eq!(all.matches('长').count(), 1_500);
    for long in ['述', '龘'] {
        assert_eq!(all.matches(long).count(), 1_900, "{long}");
    }
    for end in ["终", "END", "完", "毕", "止", "工作通报"] {
        assert!(all.contains(end), "{end} is missing");
    }
    set.stays_inside();
    assert_eq!(set.find("典型问题").page, set.find("春晓苑").page, "no heading stands alone");
}

#[test]
fn a_corrected_edition_says_so_before_the_body() {
    for form in [BulletinForm::Working, BulletinForm::Signature] {
        let set =
            Set::of(if form == BulletinForm::Working { "corrected" } else { "corrected-draft" }, samples::corrected_bulletin(form, 4, 2));
        let (edition, why, body) = (set.find("更正版"), set.find("更正说明"), set.find("根据"));
        assert!(edition.top < why.top && (why.page, why.top) < (body.page, body.top), "{form:?}");
        assert!(set.all().contains("93.1") && set.all().contains("附件："));
        let red = set.picture(why.page);
        let frame = red.bands(1_500, |x, y| red.is_red(x, y));
        let at = |edge: f64| (edge / MM * 10.0) as usize;
        assert!(frame.iter().any(|band| band.1 < at(why.top)) && frame.iter().any(|band| band.0 > at(why.bottom)), "a frame around it");
        assert!((1..=set.pages).all(|page| set.on(page).any(|word| word.text.contains("演示数据"))), "the demo says so on each page");
    }
}

#[test]
fn an_english_bulletin_is_set_in_both_forms() {
    for form in [BulletinForm::Working, BulletinForm::Signature] {
        let mut paper = samples::bulletin(form, 4, 2);
        paper.labels = samples::words("en");
        paper.tenant = "Sample Sub-district of the Sample District".into();
        paper.office = "Office for Fine-grained City Management".into();
        paper.number = "No. 2".into();
        paper.title = "Evaluation of Fine-grained City Management in January 2026".into();
        paper.period = "1 to 31 January 2026".into();
        paper.date = "3 February 2026".into();
        paper.addressees = "To all communities, property companies and units:".into();
        paper.intro = vec!["The office has evaluated the work of three communities and twelve units in January 2026. ".repeat(3)];
        for (section, heading) in paper.sections.iter_mut().zip(["The month as a whole", "Typical problems", "What is next"]) {
            section.heading = heading.into();
            for words in &mut section.paragraphs {
                *words =
                    "286 problems were found, of which 271 were put right on time, 2.1 points more than in the month before. ".repeat(2);
            }
            for table in &mut section.tables {
                table.title = "Scores".into();
                table.note = "Scores with one decimal place.".into();
                let titles = ["Rank", "Community or unit", "Found", "Put right on time", "Lost", "Score", "Remark"];
                for (column, title) in table.columns.iter_mut().zip(titles) {
                    column.title = title.into();
                }
                for row in &mut table.rows {
                    row[1] = "East River Community".into();
                    row[6] = "newly under evaluation".into();
                }
            }
            for case in &mut section.cases {
                case.heading = "Spring Dawn Garden, building 3: corridor blocked".into();
                case.unit = "Sample Property Services Ltd".into();
                case.words =
                    "Old furniture and cardboard on the landing of the second floor. All of it was carried away within two days.".into();
            }
        }
        paper.closing = vec!["Whoever disagrees says so in writing by 6 February 2026.".into()];
        paper.copies = "Offices of the sub-district".into();
        paper.sealed = "Journal signed: 1234 facts, 2026-11-02 09:30, root 3f9a0c77e1b2d845".into();
        let draft = form == BulletinForm::Signature;
        let set = Set::of(if draft { "english-draft" } else { "english" }, paper);
        let chinese: String = set.all().chars().filter(|c| ('\u{3000}'..'\u{A000}').contains(c)).collect();
        assert_eq!(chinese, "", "{form:?}");
        let words: Vec<&str> = if draft { vec!["Draft", "Signed", "Document", "Date:"] } else { vec!["Bulletin", "Issued"] };
        for said in words.into_iter().chain(["1.", "2.", "3.", "(1)", "(2)", "Table", "Check", "Before", "After"]) {
            assert!(set.words.iter().any(|word| word.text.contains(said)), "{said} is missing in the {form:?} form");
        }
        set.stays_inside();
        assert_eq!(set.find("7Q4K-M2XD").page, set.pages);
    }
}

#[test]
fn an_empty_bulletin_is_one_page_and_shows_no_code() {
    let labels = samples::words("zh-CN");
    for form in [BulletinForm::Working, BulletinForm::Signature] {
        let set = Set::of("empty", Bulletin { form, labels: labels.clone(), title: "题".into(), ..Bulletin::default() });
        assert_eq!(set.pages, 1);
        assert!(!set.all().contains("核验码") && !set.all().contains("抄送"));
    }
}

#[test]
fn the_same_bulletin_gives_the_same_bytes() {
    let press = TypstPress::new();
    let paper = Printed::Bulletin(samples::corrected_bulletin(BulletinForm::Signature, 5, 2));
    assert!(press.pdf(&paper).unwrap() == press.pdf(&paper).unwrap());
    assert!(documents::docx(&paper).unwrap() == documents::docx(&paper).unwrap());
}

#[test]
fn a_bulletin_is_refused_before_it_is_set_and_markup_in_it_is_words() {
    let press = TypstPress::new();
    let mut paper = working(2, 1);
    paper.sections[0].tables[0].rows[1].pop();
    assert_eq!(press.pdf(&Printed::Bulletin(paper)).unwrap_err().code(), "documents.uneven_row");
    let mut paper = working(2, 1);
    let markup = "#panic() $x$ *bold* = head @ref <label> // \\ [ ] { } `code`";
    paper.sections[0].tables[0].rows[1][1] = markup.into();
    paper.sections[1].cases[0].heading = markup.into();
    let set = Set::of("markup", paper);
    assert_eq!(set.all().matches("#panic()").count(), 2);
}

#[test]
fn a_bulletin_becomes_one_long_picture() {
    let picture = TypstPress::new().picture(&Printed::Bulletin(working(6, 3)), 900).unwrap();
    keep("bulletin.jpg", &picture);
    let (width, height) = documents::jpeg::size(&picture).unwrap();
    assert!(width == 900 && height > 3_000, "{width} × {height}");
}

/// Run by hand in a release build: `cargo test --release -p press --test bulletins -- --ignored --nocapture`.
#[test]
#[ignore = "a figure to be read, not a limit"]
#[expect(clippy::disallowed_methods, reason = "a stopwatch")]
fn how_long_twelve_pages_with_twenty_photos_take() {
    let mut paper = working(58, 10);
    paper.sections[2].paragraphs = vec!["字".repeat(800)];
    for (i, case) in paper.sections[1].cases.iter_mut().enumerate() {
        let photo = |seed: usize| documents::Photo { jpeg: samples::photo(seed as u32, 800, 600), caption: "2026-01-14 09:31".into() };
        (case.before, case.after) = (Some(photo(2 * i)), Some(photo(2 * i + 1)));
    }
    let pages = Set::of("twelve", paper.clone()).pages;
    let press = TypstPress::new();
    let (paper, empty) = (Printed::Bulletin(paper), Printed::Bulletin(Bulletin { labels: samples::words("zh-CN"), ..Bulletin::default() }));
    for _ in 0..6 {
        for (name, paper) in [("bulletin", &paper), ("empty page", &empty)] {
            let begun = std::time::Instant::now();
            let bytes = press.pdf(paper).unwrap().len();
            println!("{name} ({pages} pages in the bulletin), {bytes} bytes: {} ms", begun.elapsed().as_millis());
        }
    }
}
