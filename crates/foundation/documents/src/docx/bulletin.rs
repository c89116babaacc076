//! A bulletin as a word-processor file: its two heads, its numbered body, and the imprint at the foot of the last page.

use super::{BODY, CELL, CELL_HEAD, CELL_MIDDLE, Docx, SMALL, Style, TYPE_MM, paragraph, run, run_props, text, twips};
use crate::bulletin::{Bulletin, BulletinCase, BulletinForm, BulletinTable};
use crate::fonts::Role;
use crate::labels::word;
use crate::{Photo, Result, jpeg, qr_png};
use std::fmt::Write as _;

const RED: &str = "C8281E";
/// Half points of the red head, and the least that a long name is set in.
const HEAD_SIZE: (u32, u32) = (68, 48);
/// Points of a line of the body, of 4 mm, and of the 35 mm between the type area's upper edge and the red head.
const LINE: u32 = 29;
const ABOVE_RULE: u32 = 11;
const ABOVE_HEAD: u32 = 99;

const OFFICIAL: Style = Style { tight: true, ..BODY };
const PLAIN: Style = Style { indent: false, ..OFFICIAL };
const MIDDLE: Style = Style { align: "center", ..PLAIN };
const SECTION: Style = Style { role: Role::Heading, keep_next: true, ..OFFICIAL };
const CASE: Style = Style { role: Role::Sub, ..SECTION };
const FACTS: Style = Style { size: 28, colour: "6A6F7A", keep_next: true, ..OFFICIAL };
const TITLE: Style = Style { role: Role::Title, size: 44, before: LINE * 2, pitch: false, tight: false, ..MIDDLE };
const HEAD: Style = Style { colour: RED, before: 0, ..TITLE };
const EDITION: Style = Style { role: Role::Sub, size: 28, colour: RED, before: 4, pitch: false, ..MIDDLE };
const IMPRINT: Style = Style { size: 28, align: "left", before: 4, after: 4, pitch: false, tight: false, ..PLAIN };
const CAPTION: Style = Style { keep_next: true, before: 10, after: 4, align: "center", role: Role::Heading, size: 24, ..CELL };

impl Docx<'_> {
    pub(super) fn bulletin(&mut self, paper: &Bulletin) -> Result<()> {
        self.outside = true;
        self.bulletin_head(paper);
        self.para(&paper.title, TITLE);
        if paper.form == BulletinForm::Signature && !paper.edition.is_empty() {
            self.para(&paper.edition, EDITION);
        }
        if !paper.period.is_empty() {
            self.para(&paper.period, Style { role: Role::Sub, size: 28, ..MIDDLE });
        }
        self.corrections(&paper.corrections);
        let first = Style { before: LINE, ..PLAIN };
        self.para(&paper.addressees, if paper.addressees.is_empty() { Style { before: 0, ..first } } else { first });
        for words in &paper.intro {
            self.para(words, OFFICIAL);
        }
        for part in paper.numbered() {
            self.para(&part.heading, SECTION);
            for words in &part.section.paragraphs {
                self.para(words, OFFICIAL);
            }
            for (title, table) in &part.tables {
                self.bulletin_table(title, table);
            }
            for (heading, case) in &part.cases {
                self.bulletin_case(heading, case);
            }
        }
        for (i, words) in paper.closing.iter().enumerate() {
            self.para(words, Style { keep_next: i + 1 == paper.closing.len(), ..OFFICIAL });
        }
        for (i, (before, name)) in paper.attachment_lines().into_iter().enumerate() {
            // Names stand below each other, behind the word: three characters, as in its language file.
            let before = if i == 0 { before } else { "\u{3000}".repeat(3) };
            self.para(&format!("{before}{name}"), Style { before: if i == 0 { LINE } else { 0 }, keep_next: true, ..OFFICIAL });
        }
        self.office_and_date(paper);
        self.imprint(paper)
    }

    /// The red head, the number, and the rule below it (GB/T 9704-2012, 7.2).
    fn bulletin_head(&mut self, paper: &Bulletin) {
        let head = paper.red_head();
        // 156 mm hold 884 half points of type; letters take half the room of characters.
        let halves: u32 = head.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
        let size = (884 * 2 / halves.max(1)).clamp(HEAD_SIZE.1, HEAD_SIZE.0);
        match paper.form {
            BulletinForm::Working => {
                self.para(&head, Style { size, ..HEAD });
                if paper.edition.is_empty() {
                    self.para_over_rule(&run(&paper.number, PLAIN), Style { before: 18, ..MIDDLE });
                } else {
                    self.para(&paper.number, Style { before: 18, ..MIDDLE });
                    self.para_over_rule(&run(&paper.edition, EDITION), EDITION);
                }
            }
            BulletinForm::Signature => {
                let draft = self.l("paper-bulletin_draft");
                self.floating_mark(&draft);
                self.para(&head, Style { size, before: ABOVE_HEAD, ..HEAD });
                // One character in on both sides; the signatory's name is four characters of nothing.
                let number = format!("\u{3000}{}", paper.blank_number());
                let signatory = format!("{}{}", self.pair("paper-bulletin_signatory", ""), "\u{3000}".repeat(5));
                let tab = format!("<w:r>{}<w:tab/></w:r>", run_props(PLAIN));
                self.para_over_rule(&[run(&number, PLAIN), tab, run(&signatory, PLAIN)].concat(), Style { before: LINE * 2, ..PLAIN });
            }
        }
    }

    /// A paragraph with the red rule 4 mm below it, and a tab that ends at the right edge.
    fn para_over_rule(&mut self, runs: &str, style: Style) {
        let _ = write!(
            self.body,
            "<w:p><w:pPr><w:pBdr><w:bottom w:val=\"single\" w:sz=\"12\" w:space=\"{ABOVE_RULE}\" w:color=\"{RED}\"/></w:pBdr><w:tabs><w:tab w:val=\"right\" w:pos=\"{}\"/></w:tabs>\
             <w:spacing w:before=\"{}\" w:after=\"0\"/><w:jc w:val=\"{}\"/></w:pPr>{runs}</w:p>",
            twips(f64::from(TYPE_MM)),
            style.before * 20,
            if style.align == "both" { "left" } else { style.align },
        );
    }

    /// A word in the margin above the type area, which moves nothing.
    fn floating_mark(&mut self, words: &str) {
        let style = Style { role: Role::Heading, size: 24, colour: "6A6F7A", ..CELL };
        let _ = write!(
            self.body,
            "<w:p><w:pPr><w:framePr w:w=\"2835\" w:hSpace=\"0\" w:wrap=\"around\" w:vAnchor=\"page\" w:hAnchor=\"margin\" w:x=\"1\" w:y=\"{}\"/></w:pPr>{}</w:p>",
            twips(26.0),
            run(words, style),
        );
    }

    fn corrections(&mut self, corrections: &[String]) {
        if corrections.is_empty() {
            return;
        }
        let style = Style { size: 24, before: 2, after: 2, ..CELL };
        let mut cell = text(&self.l("paper-bulletin_corrections"), Style { role: Role::Heading, ..style });
        for (i, words) in corrections.iter().enumerate() {
            let number = if corrections.len() > 1 { format!("{}. ", i + 1) } else { String::new() };
            cell.push_str(&text(&format!("{number}{words}"), style));
        }
        self.body.push_str(&paragraph("", Style { size: 12, ..CELL }));
        self.table(&[TYPE_MM], None, &[vec![cell]]);
    }

    fn bulletin_table(&mut self, title: &str, table: &BulletinTable) {
        if !title.is_empty() {
            self.para(title, CAPTION);
        }
        if !table.columns.is_empty() {
            let shares = table.shares();
            let all: u64 = shares.iter().sum();
            let widths: Vec<u32> = shares.iter().map(|share| u32::try_from(share * u64::from(TYPE_MM) / all).unwrap_or(1)).collect();
            let head: Vec<String> = table.columns.iter().map(|column| text(&column.title, CELL_HEAD)).collect();
            let style = |column: usize| if table.numbers.contains(&column) { CELL_MIDDLE } else { CELL };
            let mut rows: Vec<Vec<String>> =
                table.rows.iter().map(|row| row.iter().enumerate().map(|(i, cell)| text(cell, style(i))).collect()).collect();
            if rows.is_empty() {
                rows.push(vec![text(&self.l("paper-bulletin_none"), CELL_MIDDLE)]);
            }
            self.headed_table(&widths, Some(&head), &rows);
        }
        if !table.note.is_empty() {
            self.para(&table.note, Style { after: 6, ..SMALL });
        }
    }

    fn bulletin_case(&mut self, heading: &str, case: &BulletinCase) {
        self.para(heading, CASE);
        let facts = [("paper-case", &case.number), ("paper-unit", &case.unit)].into_iter().filter(|(_, words)| !words.is_empty());
        let facts: Vec<String> = facts.map(|(key, words)| self.pair(key, words)).collect();
        if !facts.is_empty() {
            self.para(&facts.join("\u{3000}"), FACTS);
        }
        let photos = case.before.is_some() || case.after.is_some();
        if !case.words.is_empty() {
            self.para(&case.words, Style { keep_next: photos, ..OFFICIAL });
        }
        if photos {
            let cells =
                [("paper-before", &case.before), ("paper-after", &case.after)].map(|(key, photo)| self.bulletin_photo(key, photo.as_ref()));
            self.table(&[TYPE_MM / 2, TYPE_MM / 2], None, &[cells.to_vec()]);
        }
    }

    /// A photo with its word and its line below.
    fn bulletin_photo(&mut self, key: &'static str, photo: Option<&Photo>) -> String {
        let said = Style { align: "center", ..SMALL };
        let mut line = run(&self.l(key), Style { role: Role::Heading, colour: BODY.colour, ..said });
        let mut cell = match photo {
            Some(photo) => {
                let shape = jpeg::size(&photo.jpeg).unwrap_or((4, 3));
                paragraph(&self.picture(&photo.jpeg, "jpg", shape, (72, 48), &photo.caption), CELL_MIDDLE)
            }
            None => text(&self.l("paper-no_photo"), said),
        };
        if let Some(photo) = photo.filter(|photo| !photo.caption.is_empty()) {
            line.push_str(&run(&format!("  {}", photo.caption), said));
        }
        cell.push_str(&paragraph(&line, said));
        cell
    }

    /// Four characters stay empty to the right of the date, and the office stands over its middle as far as its name allows (7.3.5.1).
    fn office_and_date(&mut self, paper: &Bulletin) {
        let halves = |words: &str| words.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<u32>();
        // Half characters, which are eight points.
        let office = (8 + halves(paper.signed_on()) / 2).saturating_sub(halves(&paper.office) / 2);
        for (words, right, before) in [(paper.office.as_str(), office, LINE * 2), (paper.signed_on(), 8, 0)] {
            let _ = write!(
                self.body,
                "<w:p><w:pPr><w:keepNext/><w:spacing w:before=\"{}\" w:after=\"0\" w:line=\"580\" w:lineRule=\"exact\"/><w:ind w:right=\"{}\"/><w:jc w:val=\"right\"/></w:pPr>{}</w:p>",
                before * 20,
                right * 160,
                run(words, PLAIN),
            );
        }
    }

    /// Who else gets it, by what it is checked, and who gave it out when (7.4): a table of rules at the lower edge of the type area,
    /// whose paragraphs stay together on the last page.
    fn imprint(&mut self, paper: &Bulletin) -> Result<()> {
        let mut rows: Vec<String> = Vec::new();
        // Millimetres: the office, and right of it the date, whose end stands above the code.
        let (office, between, code_mm) = (86, 40, 30);
        let cell = |width: u32, span: u32, xml: &str| {
            format!(
                "<w:tc><w:tcPr><w:tcW w:w=\"{}\" w:type=\"dxa\"/><w:gridSpan w:val=\"{span}\"/><w:vAlign w:val=\"center\"/></w:tcPr>{xml}</w:tc>",
                twips(f64::from(width))
            )
        };
        let kept = Style { keep_next: true, ..IMPRINT };
        if !paper.copies.is_empty() {
            rows.push(cell(TYPE_MM, 3, &text(&self.pair("paper-copies", &paper.copies), kept)));
        }
        if !paper.check_code.is_empty() || !paper.link.is_empty() {
            let mut said = String::new();
            if !paper.check_code.is_empty() {
                said.push_str(&text(&self.pair("paper-bulletin_check_code", &paper.check_code), kept));
            }
            if !paper.sealed.is_empty() {
                said.push_str(&text(&paper.sealed, Style { keep_next: true, ..SMALL }));
            }
            let mut code = paragraph("", kept);
            if !paper.link.is_empty() {
                said.push_str(&text(&self.l("paper-bulletin_scan"), Style { keep_next: true, ..SMALL }));
                let png = qr_png(&paper.link, 6)?;
                code = paragraph(&self.picture(&png, "png", (1, 1), (20, 20), &paper.link), Style { align: "right", ..kept });
            }
            rows.push(cell(office + between, 2, &said) + &cell(code_mm, 1, &code));
        }
        let printed = word(self.labels, "paper-printed_on").replace("{date}", paper.signed_on());
        let issued = text(&printed, Style { align: "right", ..IMPRINT });
        rows.push(cell(office, 1, &text(&paper.office, IMPRINT)) + &cell(between + code_mm, 2, &issued));
        let _ = write!(
            self.body,
            "<w:tbl><w:tblPr><w:tblpPr w:leftFromText=\"0\" w:rightFromText=\"0\" w:vertAnchor=\"margin\" w:horzAnchor=\"margin\" w:tblpXSpec=\"center\" w:tblpYSpec=\"bottom\"/>\
             <w:tblOverlap w:val=\"never\"/><w:tblW w:w=\"{width}\" w:type=\"dxa\"/><w:tblBorders>\
             <w:top w:val=\"single\" w:sz=\"8\" w:space=\"0\" w:color=\"1D2330\"/><w:bottom w:val=\"single\" w:sz=\"8\" w:space=\"0\" w:color=\"1D2330\"/>\
             <w:insideH w:val=\"single\" w:sz=\"6\" w:space=\"0\" w:color=\"1D2330\"/></w:tblBorders><w:tblLayout w:type=\"fixed\"/>\
             <w:tblCellMar><w:left w:w=\"280\" w:type=\"dxa\"/><w:right w:w=\"280\" w:type=\"dxa\"/></w:tblCellMar></w:tblPr>\
             <w:tblGrid><w:gridCol w:w=\"{}\"/><w:gridCol w:w=\"{}\"/><w:gridCol w:w=\"{}\"/></w:tblGrid>",
            twips(f64::from(office)),
            twips(f64::from(between)),
            twips(f64::from(code_mm)),
            width = twips(f64::from(TYPE_MM)),
        );
        for row in rows {
            let _ = write!(self.body, "<w:tr><w:trPr><w:cantSplit/></w:trPr>{row}</w:tr>");
        }
        self.body.push_str("</w:tbl>");
        self.body.push_str(&paragraph("", Style { size: 2, ..CELL }));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::part;
    use crate::paper::Printed;
    use crate::{Bulletin, BulletinForm, docx, samples};

    fn written(paper: Bulletin) -> (Vec<u8>, String) {
        let bytes = docx(&Printed::Bulletin(paper)).unwrap();
        let document = part(&bytes, "word/document.xml");
        (bytes, document)
    }

    /// Every tag is closed by its own, in order.
    fn is_well_formed(xml: &str) -> bool {
        let mut open: Vec<&str> = Vec::new();
        for tag in xml.split('<').skip(1).filter_map(|rest| rest.split_once('>')).map(|(tag, _)| tag) {
            let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
            match (tag.starts_with('/'), tag.ends_with(['/', '?'])) {
                (true, _) if open.pop() != Some(name) => return false,
                (false, false) => open.push(name),
                _ => {}
            }
        }
        open.is_empty()
    }

    #[test]
    fn both_forms_are_whole_files_with_page_numbers_outside() {
        for form in [BulletinForm::Working, BulletinForm::Signature] {
            let (bytes, document) = written(samples::corrected_bulletin(form, 30, 4));
            for name in ["word/document.xml", "word/footer.xml", "word/footer_even.xml", "word/settings.xml", "[Content_Types].xml"] {
                assert!(is_well_formed(&part(&bytes, name)), "{form:?}: {name}");
            }
            assert!(
                part(&bytes, "word/footer.xml").contains("w:jc w:val=\"right\"")
                    && part(&bytes, "word/footer_even.xml").contains("w:jc w:val=\"left\"")
            );
            assert!(part(&bytes, "word/settings.xml").contains("evenAndOddHeaders"));
            assert_eq!(document.matches("<w:tblHeader/>").count(), 2, "the heads of both tables are repeated");
            assert_eq!(document.matches("<w:drawing>").count(), 3 * 2 + 1 + 1, "before and after, one without after, and the code");
            assert!(document.contains("7Q4K-M2XD") && document.contains("w:tblpYSpec=\"bottom\""), "the check code at the foot");
        }
        // Other papers stay as they were.
        let notice = docx(&Printed::Notice(samples::notice(1))).unwrap();
        assert!(!part(&notice, "[Content_Types].xml").contains("settings"));
    }

    #[test]
    fn a_draft_is_left_blank_where_another_office_writes() {
        let (_, draft) = written(samples::bulletin(BulletinForm::Signature, 2, 1));
        let (_, working) = written(samples::bulletin(BulletinForm::Working, 2, 1));
        for (blank, given) in [("〔", "第2期"), ("签发人：", "2026年2月3日"), ("呈批稿", "工作通报")] {
            assert!(draft.contains(blank) && !draft.contains(given), "{blank} or {given}");
            assert!(working.contains(given) && !working.contains(blank), "{given} or {blank}");
        }
        for numbered in ["一、总体情况", "二、典型问题", "（一）", "表2 "] {
            assert!(draft.contains(numbered) && working.contains(numbered), "{numbered}");
        }
    }

    #[test]
    fn what_a_bulletin_lacks_leaves_no_hole() {
        let labels = samples::words("zh-CN");
        let (_, document) = written(Bulletin { labels, title: "A & <B>".into(), ..Bulletin::default() });
        assert!(is_well_formed(&document) && document.contains("A &amp; &lt;B&gt;"));
        assert!(!document.contains("<w:drawing>") && !document.contains("核验码") && !document.contains("附件"));
    }
}
