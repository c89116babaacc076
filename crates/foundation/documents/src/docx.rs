//! Papers as word-processor files (ISO/IEC 29500-1, transitional), so that the office can still change a word before it prints.
//!
//! Written over a zip by hand: the writers that exist keep photos as PNG, ten times the size.

mod bulletin;

use crate::fonts::Role;
use crate::labels::{counted, word};
use crate::paper::{AnswerSheet, Circular, Notice, PRINTED_PHOTOS, Photo, Printed, Problem, Register, Stitch};
use crate::{Error, Labels, Result, jpeg, qr_png};
use std::fmt::Write as _;
use std::io::Write as _;

/// Twentieths of a point in a millimetre.
const TWIPS_PER_MM: f64 = 56.693;
/// English metric units in a millimetre.
const EMU_PER_MM: u32 = 36_000;
/// The type area of GB/T 9704-2012.
const TYPE_MM: u32 = 156;

/// The paper as DOCX bytes. The same paper gives the same bytes.
///
/// Errors: those of [`Printed::check`], `documents.link_too_long`.
pub fn docx(paper: &Printed) -> Result<Vec<u8>> {
    paper.check()?;
    let mut file = Docx { labels: paper.labels(), body: String::new(), pictures: Vec::new(), outside: false };
    match paper {
        // What was printed for the file is not rewritten.
        Printed::Dossiers(..) => return Err(Error::OnlyAsPdf),
        Printed::Circular(circular) => file.circular(circular),
        Printed::Notice(notice) => file.notice(notice)?,
        Printed::AnswerSheet(sheet) => file.answers(sheet),
        Printed::Register(register) => file.register(register),
        Printed::Bulletin(bulletin) => file.bulletin(bulletin)?,
    }
    file.packed(paper)
}

/// Text fit for XML: what is not allowed in it is dropped (XML 1.0 §2.2).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' => out.push(' '),
            c if c < ' ' || matches!(c, '\u{FFFE}' | '\u{FFFF}') => {}
            c => out.push(c),
        }
    }
    out
}

fn twips(mm: f64) -> u32 {
    (mm * TWIPS_PER_MM).round() as u32
}

/// How a paragraph looks.
#[derive(Clone, Copy)]
struct Style {
    role: Role,
    /// Half points.
    size: u32,
    align: &'static str,
    colour: &'static str,
    bold: bool,
    /// First line in by two characters.
    indent: bool,
    keep_next: bool,
    /// Points before and after.
    before: u32,
    after: u32,
    /// The line pitch of the standard, 28.99 pt; else what the type needs.
    pitch: bool,
    /// Characters a quarter of a point nearer to each other, so that 28 of 16 pt stand in a line of 156 mm.
    tight: bool,
}

const BODY: Style = Style {
    role: Role::Body,
    size: 32,
    align: "both",
    colour: "1D2330",
    bold: false,
    indent: true,
    keep_next: false,
    before: 0,
    after: 0,
    pitch: true,
    tight: false,
};
const PLAIN: Style = Style { indent: false, ..BODY };
const TITLE: Style = Style { role: Role::Title, size: 44, align: "center", indent: false, before: 12, after: 12, pitch: false, ..BODY };
const HEAD: Style = Style { size: 68, colour: "C8281E", ..TITLE };
const CENTRED: Style = Style { align: "center", indent: false, ..BODY };
const HEADING: Style = Style { role: Role::Heading, indent: false, keep_next: true, before: 12, after: 6, ..BODY };
const SUB: Style = Style { role: Role::Sub, size: 28, ..HEADING };
const CELL: Style = Style { size: 21, align: "left", indent: false, pitch: false, ..BODY };
const CELL_HEAD: Style = Style { role: Role::Heading, align: "center", ..CELL };
const CELL_MIDDLE: Style = Style { align: "center", ..CELL };
const SMALL: Style = Style { size: 17, colour: "6A6F7A", ..CELL };
const SIGNED: Style = Style { align: "right", indent: false, keep_next: true, ..BODY };

struct Docx<'a> {
    labels: &'a Labels,
    body: String,
    /// Bytes and file ending, in order of their relation's number.
    pictures: Vec<(Vec<u8>, &'static str)>,
    /// Whether page numbers stand outside, right on odd pages and left on even ones; else in the middle.
    outside: bool,
}

impl Docx<'_> {
    fn l(&self, key: &'static str) -> String {
        word(self.labels, key).to_owned()
    }

    fn pair(&self, key: &'static str, value: &str) -> String {
        format!("{}{}{value}", word(self.labels, key), word(self.labels, "paper-colon"))
    }

    fn para(&mut self, text: &str, style: Style) {
        let xml = paragraph(&run(text, style), style);
        self.body.push_str(&xml);
    }

    /// A picture in its line, `width` × `height` millimetres at most, its shape kept.
    fn picture(&mut self, bytes: &[u8], ending: &'static str, shape: (u32, u32), most: (u32, u32), alt: &str) -> String {
        let (w, h) = (f64::from(shape.0.max(1)), f64::from(shape.1.max(1)));
        let scale = (f64::from(most.0) / w).min(f64::from(most.1) / h);
        let emu = |px: f64| (px * scale * f64::from(EMU_PER_MM)) as u64;
        self.pictures.push((bytes.to_vec(), ending));
        let n = self.pictures.len();
        format!(
            "<w:r><w:drawing><wp:inline distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\"><wp:extent cx=\"{cx}\" cy=\"{cy}\"/>\
             <wp:docPr id=\"{n}\" name=\"{n}\" descr=\"{alt}\"/><a:graphic><a:graphicData uri=\"{PICTURE_NS}\"><pic:pic>\
             <pic:nvPicPr><pic:cNvPr id=\"{n}\" name=\"{n}\"/><pic:cNvPicPr/></pic:nvPicPr>\
             <pic:blipFill><a:blip r:embed=\"p{n}\"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>\
             <pic:spPr><a:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"{cx}\" cy=\"{cy}\"/></a:xfrm><a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></pic:spPr>\
             </pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>",
            cx = emu(w),
            cy = emu(h),
            alt = escaped(alt),
        )
    }

    /// The photos of one cell, each with its line below.
    fn photos(&mut self, photos: &[Photo], most: (u32, u32)) -> String {
        let mut xml = String::new();
        for photo in photos.iter().take(PRINTED_PHOTOS) {
            let shape = jpeg::size(&photo.jpeg).unwrap_or((4, 3));
            let picture = self.picture(&photo.jpeg, "jpg", shape, most, &photo.caption);
            xml.push_str(&paragraph(&picture, CELL_MIDDLE));
            if !photo.caption.is_empty() {
                xml.push_str(&paragraph(&run(&photo.caption, Style { align: "center", ..SMALL }), CELL_MIDDLE));
            }
        }
        if photos.is_empty() {
            let none = self.l("paper-no_photo");
            xml.push_str(&paragraph(&run(&none, SMALL), CELL_MIDDLE));
        }
        xml
    }

    fn problem_cell(problem: &Problem) -> String {
        let mut xml = text(&problem.place, Style { role: Role::Heading, ..CELL });
        xml.push_str(&text(&problem.category, Style { bold: true, ..CELL }));
        if !problem.what.is_empty() {
            xml.push_str(&text(&problem.what, CELL));
        }
        xml
    }

    /// A table over the whole type area; the first row is repeated on each page, and no row is split.
    fn table(&mut self, widths_mm: &[u32], head: Option<&[&'static str]>, rows: &[Vec<String>]) {
        let head = head.map(|keys| keys.iter().map(|key| text(&self.l(key), CELL_HEAD)).collect::<Vec<_>>());
        self.headed_table(widths_mm, head.as_deref(), rows);
    }

    /// The same, with the head's cells as they are.
    fn headed_table(&mut self, widths_mm: &[u32], head: Option<&[String]>, rows: &[Vec<String>]) {
        let mut xml = String::from("<w:tbl><w:tblPr><w:tblW w:w=\"5000\" w:type=\"pct\"/><w:tblLayout w:type=\"fixed\"/><w:tblBorders>");
        for side in ["top", "left", "bottom", "right", "insideH", "insideV"] {
            let _ = write!(xml, "<w:{side} w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"8C8575\"/>");
        }
        xml.push_str("</w:tblBorders><w:tblCellMar><w:top w:w=\"60\" w:type=\"dxa\"/><w:left w:w=\"80\" w:type=\"dxa\"/><w:bottom w:w=\"60\" w:type=\"dxa\"/><w:right w:w=\"80\" w:type=\"dxa\"/></w:tblCellMar></w:tblPr><w:tblGrid>");
        for width in widths_mm {
            let _ = write!(xml, "<w:gridCol w:w=\"{}\"/>", twips(f64::from(*width)));
        }
        xml.push_str("</w:tblGrid>");
        let row = |cells: &[String], head: bool| {
            let mut xml = format!("<w:tr><w:trPr><w:cantSplit/>{}</w:trPr>", if head { "<w:tblHeader/>" } else { "" });
            // A row with fewer cells spreads the last over the rest.
            for (i, cell) in cells.iter().enumerate() {
                let span = if i + 1 == cells.len() { widths_mm.len() - i } else { 1 };
                let width: u32 = widths_mm[i..i + span].iter().sum();
                let _ = write!(
                    xml,
                    "<w:tc><w:tcPr><w:tcW w:w=\"{}\" w:type=\"dxa\"/><w:gridSpan w:val=\"{span}\"/><w:vAlign w:val=\"center\"/></w:tcPr>{cell}</w:tc>",
                    twips(f64::from(width))
                );
            }
            xml.push_str("</w:tr>");
            xml
        };
        if let Some(cells) = head {
            xml.push_str(&row(cells, true));
        }
        for cells in rows {
            xml.push_str(&row(cells, false));
        }
        xml.push_str("</w:tbl>");
        self.body.push_str(&xml);
        // Two tables in a row would grow together.
        self.body.push_str(&paragraph("", Style { size: 12, ..CELL }));
    }

    fn circular(&mut self, paper: &Circular) {
        self.para(&glued(self.labels, &paper.tenant, &self.l("paper-circular")), HEAD);
        self.para(&paper.number, CENTRED);
        self.body.push_str(RED_RULE);
        self.para(&paper.title, TITLE);
        if !paper.period.is_empty() {
            self.para(&paper.period, Style { role: Role::Sub, size: 28, ..CENTRED });
        }
        if !paper.addressees.is_empty() {
            self.para(&paper.addressees, PLAIN);
        }
        for words in &paper.intro {
            self.para(words, BODY);
        }
        let parts = paper.grouped();
        let totals = paper.totals();
        self.para(&format!("{}{}", self.l("paper-level_1"), self.l("paper-summary")), HEADING);
        let mut rows: Vec<Vec<String>> =
            parts.iter().map(|part| vec![text(part.community, CELL), number(part.units.len()), number(part.problems())]).collect();
        rows.push(vec![text(&self.l("paper-total"), Style { role: Role::Heading, ..CELL }), number(totals.units), number(totals.problems)]);
        self.table(&[88, 34, 34], Some(&["paper-community", "paper-units", "paper-problems"]), &rows);
        self.para(&format!("{}{}", self.l("paper-level_2"), self.l("paper-list")), HEADING);
        for part in &parts {
            self.para(&self.pair_of(part.community, &counted(self.labels, "paper-count", part.problems())), SUB);
            let mut rows = Vec::new();
            for problem in part.units.iter().flat_map(|unit| unit.problems.iter()) {
                let most = if problem.photos.len() > 1 { (42, 24) } else { (42, 32) };
                let mut unit = text(&problem.unit, CELL);
                if let Some(notice) = &problem.notice {
                    unit.push_str(&text(notice, SMALL));
                }
                rows.push(vec![
                    text(&problem.number, CELL_MIDDLE),
                    Self::problem_cell(problem),
                    self.photos(&problem.photos, most),
                    unit,
                    text(&problem.deadline, CELL_MIDDLE),
                ]);
            }
            self.table(
                &[15, 41, 45, 30, 25],
                Some(&["paper-case", "paper-problem", "paper-photos", "paper-unit", "paper-deadline"]),
                &rows,
            );
        }
        for words in &paper.closing {
            self.para(words, BODY);
        }
        self.para("", PLAIN);
        self.para(&paper.office, SIGNED);
        self.para(&paper.date, Style { keep_next: false, ..SIGNED });
        self.para("", PLAIN);
        if !paper.copies.is_empty() {
            self.para(&self.pair("paper-copies", &paper.copies), Style { size: 28, ..PLAIN });
        }
        let printed = word(self.labels, "paper-printed_on").replace("{date}", &paper.date);
        self.para(&format!("{}    {printed}", paper.office), Style { size: 28, ..PLAIN });
    }

    fn pair_of(&self, name: &str, value: &str) -> String {
        format!("{name}{}{value}", word(self.labels, "paper-colon"))
    }

    /// The thread in characters that every office suite has: a full disc where it is done, a ring around one where it is now,
    /// an empty one where it has still to go.
    fn thread(&self, stitches: [Stitch; 4]) -> String {
        let names = ["paper-stitch_found", "paper-stitch_circular", "paper-stitch_rectify", "paper-stitch_reinspect"];
        let stitch = |(key, state): (&'static str, Stitch)| {
            let sign = match state {
                Stitch::Done => '●',
                Stitch::Now => '◎',
                Stitch::ToGo => '○',
            };
            format!("{sign} {}", self.l(key))
        };
        names.into_iter().zip(stitches).map(stitch).collect::<Vec<_>>().join(" ─── ")
    }

    fn notice(&mut self, paper: &Notice) -> Result<()> {
        self.para(&glued(self.labels, &paper.tenant, &self.l("paper-notice")), TITLE);
        self.para(&paper.number, Style { size: 28, ..CENTRED });
        self.para(&self.thread(paper.thread), Style { size: 21, ..CENTRED });
        let code = qr_png(&paper.link, 6)?;
        let picture = self.picture(&code, "png", (1, 1), (30, 30), &paper.link);
        let mut scan = paragraph(&picture, CELL_MIDDLE);
        scan.push_str(&text(&self.l("paper-scan"), Style { align: "center", ..SMALL }));
        let fact = |key: &'static str, value: &str| text(&self.pair(key, value), Style { size: 24, before: 2, after: 2, ..CELL });
        let mut facts = fact("paper-unit", &paper.unit);
        if !paper.contact.is_empty() {
            facts.push_str(&fact("paper-contact", &paper.contact));
        }
        facts.push_str(&fact("paper-circular_of", &paper.circular));
        facts.push_str(&fact("paper-deadline", &paper.deadline));
        self.table(&[116, 40], None, &[vec![facts, scan]]);
        for words in &paper.intro {
            self.para(words, BODY);
        }
        let mut rows = Vec::new();
        for problem in &paper.problems {
            let most = if problem.photos.len() > 1 { (50, 28) } else { (50, 38) };
            rows.push(vec![
                text(&problem.number, CELL_MIDDLE),
                Self::problem_cell(problem),
                self.photos(&problem.photos, most),
                text(&problem.deadline, CELL_MIDDLE),
            ]);
        }
        self.table(&[15, 60, 54, 27], Some(&["paper-case", "paper-problem", "paper-photos", "paper-deadline"]), &rows);
        for words in &paper.closing {
            self.para(words, BODY);
        }
        self.para(&paper.office, SIGNED);
        self.para(&paper.date, SIGNED);
        self.para(&self.l("paper-seal"), Style { size: 21, colour: "6A6F7A", keep_next: false, ..SIGNED });
        self.para(
            &self.pair("paper-received_by", &format!("                    {}", self.l("paper-date_blank"))),
            Style { size: 24, ..PLAIN },
        );
        self.para(&self.l("paper-internal"), SMALL);
        Ok(())
    }

    fn answers(&mut self, paper: &AnswerSheet) {
        self.para(&self.l("paper-sheet"), TITLE);
        self.para(&paper.number, Style { size: 28, ..CENTRED });
        let fact = |key: &'static str, value: &str| text(&self.pair(key, value), CELL);
        let facts = [fact("paper-unit", &paper.unit), fact("paper-contact", &paper.contact)].concat()
            + &[fact("paper-circular_of", &paper.circular), fact("paper-total", &counted(self.labels, "paper-count", paper.answers.len()))]
                .concat();
        self.table(&[TYPE_MM], None, &[vec![facts]]);
        for answer in &paper.answers {
            let problem = &answer.problem;
            let mut head =
                text(&format!("{}  {}  {}", problem.number, problem.place, problem.category), Style { role: Role::Heading, ..CELL });
            if !problem.what.is_empty() {
                head.push_str(&text(&problem.what, CELL));
            }
            head.push_str(&text(&self.pair("paper-deadline", &problem.deadline), SMALL));
            let before = text(&self.l("paper-before"), Style { role: Role::Heading, ..CELL }) + &self.photos(&problem.photos, (70, 46));
            let mut after = text(&self.l("paper-after"), Style { role: Role::Heading, ..CELL });
            match answer.after.is_empty() {
                true => after.push_str(&blank(6)),
                false => after.push_str(&self.photos(&answer.after, (70, 46))),
            }
            let mut done = text(&self.pair("paper-done", &answer.done), CELL);
            if answer.done.is_empty() {
                done.push_str(&blank(3));
            }
            let at = if answer.done_at.is_empty() { self.l("paper-date_blank") } else { answer.done_at.clone() };
            done.push_str(&text(&self.pair("paper-date_done", &at), Style { align: "right", ..CELL }));
            self.table(&[78, 78], None, &[vec![head], vec![before, after], vec![done]]);
        }
        let sign = |key: &'static str, lines: usize| text(&self.pair(key, ""), CELL) + &blank(lines);
        let inspector = text(
            &format!("{}          {}", self.pair("paper-inspector", ""), self.l("paper-date_blank")),
            Style { align: "right", ..CELL },
        );
        let rows = [vec![sign("paper-handler", 1), sign("paper-head_of_unit", 1)], vec![sign("paper-opinion", 2) + &inspector]];
        self.table(&[78, 78], None, &rows);
    }

    fn register(&mut self, paper: &Register) {
        self.para(&glued(self.labels, &paper.tenant, &paper.title), TITLE);
        if !paper.about.is_empty() {
            self.para(&paper.about, Style { size: 21, ..CENTRED });
        }
        let all: u32 = paper.columns.iter().map(|column| column.share).sum();
        let widths: Vec<u32> = paper.columns.iter().map(|column| column.share * TYPE_MM / all.max(1)).collect();
        let mut rows = vec![paper.columns.iter().map(|column| text(&column.title, CELL_HEAD)).collect::<Vec<_>>()];
        rows.extend(paper.rows.iter().map(|row| row.iter().map(|cell| text(cell, CELL)).collect()));
        self.table(&widths, None, &rows);
        self.para(&paper.office, SIGNED);
        self.para(&paper.date, Style { keep_next: false, ..SIGNED });
    }

    /// The parts of the package (ISO/IEC 29500-2) in a zip.
    fn packed(self, paper: &Printed) -> Result<Vec<u8>> {
        let mut relations = String::new();
        for (i, (_, ending)) in self.pictures.iter().enumerate() {
            let _ = write!(relations, "<Relationship Id=\"p{n}\" Type=\"{OFFICE}/image\" Target=\"media/{n}.{ending}\"/>", n = i + 1);
        }
        let banner = match paper {
            Printed::Dossiers(first, _) => first.demo_banner.as_deref(),
            Printed::Circular(circular) => circular.demo_banner.as_deref(),
            Printed::Notice(notice) => notice.demo_banner.as_deref(),
            Printed::AnswerSheet(sheet) => sheet.demo_banner.as_deref(),
            Printed::Register(register) => register.demo_banner.as_deref(),
            Printed::Bulletin(bulletin) => bulletin.demo_banner.as_deref(),
        };
        let header = text(banner.unwrap_or_default(), Style { align: "center", colour: "BF3A26", ..SMALL });
        let number = |align| {
            let style = Style { align, ..PAGE_NUMBER };
            // One character from the edge (7.5).
            let (before, after) = if self.outside { ("\u{3000}— ", " —\u{3000}") } else { ("— ", " —") };
            paragraph(
                &format!(
                    "{}<w:r>{props}<w:fldChar w:fldCharType=\"begin\"/></w:r><w:r>{props}<w:instrText>PAGE</w:instrText></w:r><w:r>{props}<w:fldChar w:fldCharType=\"end\"/></w:r>{}",
                    run(before, style),
                    run(after, style),
                    props = run_props(style),
                ),
                style,
            )
        };
        let footer = number(if self.outside { "right" } else { "center" });
        let even = if self.outside { EVEN_REFERENCES } else { "" };
        let document = format!(
            "{XML}<w:document {NAMESPACES}><w:body>{}<w:sectPr><w:headerReference w:type=\"default\" r:id=\"h\"/><w:footerReference w:type=\"default\" r:id=\"f\"/>{even}\
             <w:pgSz w:w=\"11906\" w:h=\"16838\"/><w:pgMar w:top=\"{top}\" w:bottom=\"{bottom}\" w:left=\"{left}\" w:right=\"{right}\" w:header=\"850\" w:footer=\"1417\" w:gutter=\"0\"/></w:sectPr></w:body></w:document>",
            self.body,
            top = twips(37.0),
            bottom = twips(35.0),
            left = twips(28.0),
            right = twips(26.0),
        );
        if self.outside {
            let _ = write!(
                relations,
                "<Relationship Id=\"e\" Type=\"{OFFICE}/footer\" Target=\"footer_even.xml\"/><Relationship Id=\"s\" Type=\"{OFFICE}/settings\" Target=\"settings.xml\"/>"
            );
        }
        let relations = format!(
            "{XML}<Relationships xmlns=\"{RELATIONS}\"><Relationship Id=\"h\" Type=\"{OFFICE}/header\" Target=\"header.xml\"/>\
             <Relationship Id=\"f\" Type=\"{OFFICE}/footer\" Target=\"footer.xml\"/>{relations}</Relationships>"
        );
        let core = format!(
            "{XML}<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>{}</dc:title></cp:coreProperties>",
            escaped(&paper.title())
        );
        let types = if self.outside { CONTENT_TYPES.replace("</Types>", EVEN_TYPES) } else { CONTENT_TYPES.to_owned() };
        let mut parts = vec![
            ("[Content_Types].xml", types),
            ("_rels/.rels", ROOT_RELATIONS.to_owned()),
            ("docProps/core.xml", core),
            ("word/document.xml", document),
            ("word/_rels/document.xml.rels", relations),
            ("word/header.xml", format!("{XML}<w:hdr {NAMESPACES}>{header}</w:hdr>")),
            ("word/footer.xml", format!("{XML}<w:ftr {NAMESPACES}>{footer}</w:ftr>")),
        ];
        if self.outside {
            parts.push(("word/footer_even.xml", format!("{XML}<w:ftr {NAMESPACES}>{}</w:ftr>", number("left"))));
            parts.push(("word/settings.xml", format!("{XML}<w:settings {NAMESPACES}><w:evenAndOddHeaders/></w:settings>")));
        }
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default().last_modified_time(zip::DateTime::default());
        let stored = options.compression_method(zip::CompressionMethod::Stored);
        for (name, text) in parts {
            zip.start_file(name, options).map_err(Error::not_written)?;
            zip.write_all(text.as_bytes()).map_err(Error::not_written)?;
        }
        for (i, (bytes, ending)) in self.pictures.iter().enumerate() {
            zip.start_file(format!("word/media/{}.{ending}", i + 1), stored).map_err(Error::not_written)?;
            zip.write_all(bytes).map_err(Error::not_written)?;
        }
        Ok(zip.finish().map_err(Error::not_written)?.into_inner())
    }
}

const PAGE_NUMBER: Style = Style { role: Role::Number, size: 28, align: "center", indent: false, pitch: false, ..BODY };
const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>";
const PICTURE_NS: &str = "http://schemas.openxmlformats.org/drawingml/2006/picture";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const NAMESPACES: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
    xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" \
    xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" \
    xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" \
    xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"";
const CONTENT_TYPES: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>",
    "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">",
    "<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>",
    "<Default Extension=\"jpg\" ContentType=\"image/jpeg\"/><Default Extension=\"png\" ContentType=\"image/png\"/>",
    "<Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/>",
    "<Override PartName=\"/word/header.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml\"/>",
    "<Override PartName=\"/word/footer.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml\"/>",
    "<Override PartName=\"/docProps/core.xml\" ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/></Types>"
);
/// The footer of even pages, which a file has where page numbers stand outside; the header is the same on both.
const EVEN_REFERENCES: &str = "<w:headerReference w:type=\"even\" r:id=\"h\"/><w:footerReference w:type=\"even\" r:id=\"e\"/>";
const EVEN_TYPES: &str = concat!(
    "<Override PartName=\"/word/footer_even.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml\"/>",
    "<Override PartName=\"/word/settings.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml\"/></Types>"
);
const ROOT_RELATIONS: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>",
    "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">",
    "<Relationship Id=\"d\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"word/document.xml\"/>",
    "<Relationship Id=\"c\" Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/></Relationships>"
);
/// The rule under the red head.
const RED_RULE: &str = "<w:p><w:pPr><w:pBdr><w:bottom w:val=\"single\" w:sz=\"12\" w:space=\"1\" w:color=\"C8281E\"/></w:pBdr><w:spacing w:after=\"240\"/></w:pPr></w:p>";

fn run_props(style: Style) -> String {
    let font = escaped(style.role.standard());
    format!(
        "<w:rPr><w:rFonts w:ascii=\"{font}\" w:hAnsi=\"{font}\" w:eastAsia=\"{font}\" w:cs=\"{font}\"/>{}<w:color w:val=\"{}\"/>{}<w:sz w:val=\"{size}\"/><w:szCs w:val=\"{size}\"/></w:rPr>",
        if style.bold { "<w:b/>" } else { "" },
        style.colour,
        if style.tight { "<w:spacing w:val=\"-5\"/>" } else { "" },
        size = style.size,
    )
}

fn run(text: &str, style: Style) -> String {
    format!("<w:r>{}<w:t xml:space=\"preserve\">{}</w:t></w:r>", run_props(style), escaped(text))
}

fn paragraph(runs: &str, style: Style) -> String {
    // 28.99 pt, exactly.
    let line = if style.pitch { " w:line=\"580\" w:lineRule=\"exact\"" } else { "" };
    format!(
        "<w:p><w:pPr>{}<w:spacing w:before=\"{}\" w:after=\"{}\"{line}/>{}<w:jc w:val=\"{}\"/></w:pPr>{runs}</w:p>",
        if style.keep_next { "<w:keepNext/>" } else { "" },
        style.before * 20,
        style.after * 20,
        if style.indent { "<w:ind w:firstLine=\"640\" w:firstLineChars=\"200\"/>" } else { "" },
        style.align,
    )
}

fn text(words: &str, style: Style) -> String {
    paragraph(&run(words, style), style)
}

fn number(n: usize) -> String {
    text(&n.to_string(), CELL_MIDDLE)
}

/// Lines to write on.
fn blank(lines: usize) -> String {
    paragraph("", CELL).repeat(lines)
}

/// Two words put together as the language does.
fn glued(labels: &Labels, a: &str, b: &str) -> String {
    if word(labels, "paper-language") == "zh" { format!("{a}{b}") } else { format!("{a} – {b}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;
    use std::io::Read;

    pub(super) fn part(bytes: &[u8], name: &str) -> String {
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        let mut text = String::new();
        archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn every_problem_stands_in_the_file_once_with_its_photos_as_they_are() {
        let paper = samples::circular(7);
        let photos: usize = paper.problems.iter().map(|problem| problem.photos.len()).sum();
        let first = paper.problems.iter().flat_map(|problem| &problem.photos).next().unwrap().jpeg.clone();
        let bytes = docx(&Printed::Circular(paper.clone())).unwrap();
        let document = part(&bytes, "word/document.xml");
        for problem in &paper.problems {
            assert_eq!(document.matches(&format!(">{}<", problem.number)).count(), 1, "{}", problem.number);
        }
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&bytes)).unwrap();
        assert_eq!(archive.file_names().filter(|name| name.as_ref().is_ok_and(|name| name.starts_with("word/media/"))).count(), photos);
        let mut kept = Vec::new();
        archive.by_name("word/media/1.jpg").unwrap().read_to_end(&mut kept).unwrap();
        assert_eq!(kept, first);
        assert_eq!(bytes, docx(&Printed::Circular(paper)).unwrap(), "the same paper gives the same bytes");
    }

    #[test]
    fn what_people_typed_cannot_break_the_file() {
        let mut paper = samples::notice(2);
        paper.problems[0].what = "<w:p>&amp; \"quoted\" \u{0}\u{8}]]>".into();
        paper.unit = "A & B <Co>".into();
        let document = part(&docx(&Printed::Notice(paper)).unwrap(), "word/document.xml");
        assert!(document.contains("&lt;w:p&gt;&amp;amp; &quot;quoted&quot; ]]&gt;"));
        assert!(document.contains("A &amp; B &lt;Co&gt;"));
        assert!(!document.contains('\u{0}'));
    }

    #[test]
    fn a_notice_shows_how_far_it_is() {
        let document = |thread| part(&docx(&Printed::Notice(Notice { thread, ..samples::notice(1) })).unwrap(), "word/document.xml");
        let at_issue = document(crate::paper::AT_ISSUE);
        assert_eq!([at_issue.matches('●').count(), at_issue.matches('◎').count(), at_issue.matches('○').count()], [2, 1, 1]);
        assert_eq!(document([Stitch::Done; 4]).matches('●').count(), 4);
    }

    #[test]
    fn an_answer_sheet_leaves_room_where_nothing_was_done_yet() {
        let document = part(&docx(&Printed::AnswerSheet(samples::answer_sheet(4))).unwrap(), "word/document.xml");
        assert_eq!(document.matches("<w:drawing>").count(), 4 + 2, "photos before, and two answers' photos after");
    }
}
