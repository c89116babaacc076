//! Tables as they come from offices: made here, and read back as people mean them; and files made to do harm.

use super::workbook::{Cell, Column, Sheet, as_meant, neutral, write};
use super::*;
use jiff::civil::date;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

fn titles() -> Titles {
    Titles::read(include_str!("../../data/responsibility_titles.csv"))
}

const WANTED: [&str; 3] = ["place", "unit", "class"];
const SHOWN: [&str; 6] = ["class", "item", "place", "unit", "from", "to"];

/// The lines of a file as `line|class|item|place|unit|from|to`.
fn lines(bytes: &[u8], wanted: &[&str]) -> Vec<String> {
    let (tables, titles) = (read(bytes).unwrap(), titles());
    let (table, heading) = tables.iter().find_map(|table| Some((table, titles.heading(table, wanted)?))).expect("a heading");
    let line = |line: Line<'_>| {
        let cells = SHOWN.map(|column| line.get(column).to_owned());
        format!("{}|{}", line.number(), cells.join("|"))
    };
    titles.lines(table, &heading).map(line).collect()
}

#[test]
fn merged_cells_and_two_heading_rows_are_read_as_they_are_meant() {
    let (mut book, plain) = (Workbook::new(), Format::new());
    let sheet = book.add_worksheet();
    sheet.merge_range(0, 0, 0, 5, "瑞港街道城市管理责任分工表", &plain).unwrap();
    sheet.merge_range(1, 0, 1, 1, "问题类别", &plain).unwrap();
    sheet.merge_range(1, 2, 2, 2, "责任区域", &plain).unwrap();
    sheet.merge_range(1, 3, 2, 3, "责任单位（全称）*", &plain).unwrap();
    sheet.merge_range(1, 4, 1, 5, "责任期限", &plain).unwrap();
    for (column, title) in [(0, "大类"), (1, "小　类"), (4, "起始日期"), (5, "截止日期")] {
        sheet.write(2, column, title).unwrap();
    }
    sheet.merge_range(3, 0, 4, 0, "市容环境类", &plain).unwrap();
    sheet.write(3, 1, "暴露垃圾").unwrap();
    sheet.write(4, 1, "０３６").unwrap();
    sheet.merge_range(3, 2, 4, 2, "东苑社区", &plain).unwrap();
    sheet.write(3, 3, "海景物业").unwrap();
    sheet.write(4, 3, "执法中队").unwrap();
    let day = Format::new().set_num_format("yyyy/m/d");
    sheet.write_with_format(3, 4, ExcelDateTime::from_ymd(2026, 1, 1).unwrap(), &day).unwrap();
    sheet.write(4, 4, 46_023).unwrap();
    sheet.write(4, 5, "２０２６年６月３０日").unwrap();
    // Printed again at the head of a page, an empty row, and a remark in a column of its own.
    for (column, title) in [(0, "大类"), (1, "小类"), (2, "责任区域"), (3, "责任单位"), (4, "起始日期"), (5, "截止日期")]
    {
        sheet.write(5, column, title).unwrap();
    }
    sheet.write(7, 9, "填表人").unwrap();
    let found = lines(&book.save_to_buffer().unwrap(), &WANTED);
    assert_eq!(
        found,
        ["4|市容环境类|暴露垃圾|东苑社区|海景物业|2026-01-01|", "5|市容环境类|０３６|东苑社区|执法中队|46023|２０２６年６月３０日"]
    );
}

#[test]
fn a_heading_of_two_rows_is_read_from_text_files_in_every_encoding() {
    let text =
        "责任分工表,,,,\n问题类别,,责任区域,责任单位,责任期限\n大类,小类,,,自\n市容环境类,暴露垃圾,东苑社区,海景物业,2026.1.1\n,,,,\n";
    let expected = ["4|市容环境类|暴露垃圾|东苑社区|海景物业|2026.1.1|"];
    assert_eq!(lines(text.as_bytes(), &WANTED), expected);
    assert_eq!(lines(format!("\u{feff}{text}").as_bytes(), &WANTED), expected);
    assert_eq!(lines(&encoding_rs::GB18030.encode(text).0, &WANTED), expected);
    let tabs = text.replace(',', "\t");
    let wide: Vec<u8> = std::iter::once(0xfeff_u16).chain(tabs.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    assert_eq!(lines(&wide, &WANTED), expected);
}

/// A workbook as programs of before 2007 keep it: a compound file with one stream of records.
fn old_workbook(cells: &[(u16, u16, &str)], numbers: &[(u16, u16, f64)], merged: &[[u16; 4]], dimensions: [u32; 2]) -> Vec<u8> {
    let record = |kind: u16, data: &[u8]| [&kind.to_le_bytes()[..], &u16::try_from(data.len()).unwrap().to_le_bytes(), data].concat();
    let begin = |part: u16| record(0x0809, &[&[0, 6][..], &part.to_le_bytes(), &[0; 12]].concat());
    // A number format for dates, and the cells' formats: plain, and that.
    let format = |id: u16| record(0x00e0, &[&[0, 0][..], &id.to_le_bytes(), &[0; 16]].concat());
    let mut globals = [begin(5), format(0), format(14)].concat();
    let at = u32::try_from(globals.len() + 4 + 6 + 2 + 2 + 4).unwrap();
    globals.extend(record(0x0085, &[&at.to_le_bytes()[..], &[0, 0, 1, 1], &u16::try_from('表' as u32).unwrap().to_le_bytes()].concat()));
    globals.extend(record(0x000a, &[]));
    assert_eq!(globals.len(), usize::try_from(at).unwrap());
    let mut stream = globals;
    stream.extend(begin(0x10));
    stream.extend(record(0x0200, &[&dimensions[0].to_le_bytes()[..], &dimensions[1].to_le_bytes(), &[0, 0, 9, 0, 0, 0]].concat()));
    for (row, column, text) in cells {
        let units: Vec<u16> = text.encode_utf16().collect();
        let head = [row.to_le_bytes(), column.to_le_bytes(), [0, 0], u16::try_from(units.len()).unwrap().to_le_bytes()].concat();
        let text: Vec<u8> = units.into_iter().flat_map(u16::to_le_bytes).collect();
        stream.extend(record(0x0204, &[&head[..], &[1], &text].concat()));
    }
    for (row, column, number) in numbers {
        stream.extend(record(0x0203, &[&row.to_le_bytes()[..], &column.to_le_bytes(), &[1, 0], &number.to_le_bytes()].concat()));
    }
    let regions: Vec<u8> = merged.iter().flatten().flat_map(|edge| edge.to_le_bytes()).collect();
    stream.extend(record(0x00e5, &[&u16::try_from(merged.len()).unwrap().to_le_bytes()[..], &regions].concat()));
    stream.extend(record(0x000a, &[]));
    stream.resize(stream.len().max(4096).next_multiple_of(512), 0);
    let sectors = u32::try_from(stream.len() / 512).unwrap();
    let (free, end, fat) = (u32::MAX, 0xffff_fffe_u32, 0xffff_fffd_u32);
    let mut header = [&guard::CFB_MARK[..], &[0; 16], &[0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0, 6, 0], &[0; 10]].concat();
    for word in [1, 1, 0, 4096, end, 0, end, 0, 0] {
        header.extend(word.to_le_bytes());
    }
    header.resize(512, 0xff);
    let mut table = vec![fat, end];
    table.extend((0..sectors).map(|at| if at + 1 == sectors { end } else { at + 3 }));
    table.resize(128, free);
    let entry = |name: &str, kind: u8, start: u32, length: usize| {
        let mut bytes: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let named = u8::try_from(bytes.len() + 2).unwrap();
        bytes.resize(64, 0);
        bytes.extend([named, 0, kind, 1]);
        bytes.extend([0xff; 12]);
        bytes.resize(116, 0);
        bytes.extend(start.to_le_bytes());
        bytes.extend(u64::try_from(length).unwrap().to_le_bytes());
        bytes
    };
    let mut entries = [entry("Root Entry", 5, end, 0), entry("Workbook", 2, 2, stream.len())].concat();
    entries.resize(512, 0);
    [header, table.into_iter().flat_map(u32::to_le_bytes).collect(), entries, stream].concat()
}

#[test]
fn an_old_workbook_is_read_with_its_merged_cells_and_dates() {
    let cells = [
        (0, 0, "大类"),
        (0, 1, "地点"),
        (0, 2, "责任单位"),
        (0, 3, "自"),
        (1, 0, "市容环境类"),
        (1, 1, "东苑社区"),
        (1, 2, "海景物业"),
        (2, 1, "西苑社区"),
        (2, 2, "执法中队"),
    ];
    let book = old_workbook(&cells, &[(1, 3, 46_023.0)], &[[1, 2, 0, 0]], [0, 3]);
    assert_eq!(lines(&book, &WANTED), ["2|市容环境类||东苑社区|海景物业|2026-01-01|", "3|市容环境类||西苑社区|执法中队||"]);
}

#[test]
fn days_are_read_in_every_dress_and_nothing_else_is_a_day() {
    for text in [
        "2026-01-01",
        "2026/1/1",
        "2026.1.1",
        "2026年1月1日",
        "2026 年 1 月 1 日",
        "２０２６－０１－０１",
        "20260101",
        "46023",
        "46023.5",
        "2026-01-01 00:00:00",
        "2026-01-01T08:30:00Z",
    ] {
        assert_eq!(day(text), Some(date(2026, 1, 1)), "{text}");
    }
    for text in ["", "长期", "2026", "2026-01", "1/2/2026", "26-1-1", "2026-13-01", "2026-02-30", "123", "2026-1-1-1", "99999", "２０２６"]
    {
        assert_eq!(day(text), None, "{text}");
    }
}

#[test]
fn what_could_be_a_formula_is_written_as_text_and_comes_back_as_it_was() {
    let harmful = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝cmd", "=cmd|' /C calc'!A0"];
    for text in harmful {
        assert_eq!(neutral(text), format!("'{text}"), "{text:?}");
    }
    for text in ["东苑社区", "3-2", "", "'quoted'", "'=x", "''=x", "'"].into_iter().chain(harmful) {
        assert_eq!(as_meant(&neutral(text)), text, "{text:?}");
    }
    assert_eq!(neutral("'quoted'"), "'quoted'");
    let sheet = Sheet {
        name: "x".into(),
        columns: vec![Column::new("大类", 10), Column::new("地点", 10), Column::new("单位", 10)],
        rows: vec![harmful.iter().take(3).map(|text| Cell::text(*text)).collect()],
    };
    let zone = jiff::tz::TimeZone::UTC;
    let bytes =
        write(kernel::Instant::from_timestamp("2026-11-18T00:00:00Z".parse().unwrap()), &zone, std::slice::from_ref(&sheet)).unwrap();
    let again = write(kernel::Instant::from_timestamp("2026-11-18T00:00:00Z".parse().unwrap()), &zone, &[sheet]).unwrap();
    assert_eq!(bytes, again, "the same sheet at the same time is the same file");
    assert_eq!(read(&bytes).unwrap()[0].rows[1].cells, ["'=1+1", "'+1", "'-1"]);
    assert_eq!(lines(&bytes, &WANTED), ["2|=1+1||+1|-1||"]);
}

#[test]
fn files_made_to_do_harm_are_refused_before_they_are_read() {
    let code = |bytes: &[u8]| read(bytes).map(|tables| tables.len()).map_err(|error| error.code().to_owned());
    for bytes in [&b"PK\x03\x04 no archive"[..], b"<html><table><tr><td>x</td></tr></table></html>", &guard::CFB_MARK] {
        assert_eq!(code(bytes), Err("sheet.unreadable".into()));
    }
    assert_eq!(code(&vec![b'a'; MAX_BYTES + 1]), Err("sheet.too_large".into()));
    assert_eq!(code(b"a,b\n\0,c\n"), Err("import.encoding".into()));
    assert_eq!(code("x,y\n".repeat(MAX_ROWS + 1).as_bytes()), Err("import.too_many_lines".into()));
    // A cell in the last row and column is no reason to make room for all the others.
    let mut book = Workbook::new();
    book.add_worksheet().write(1_048_575, 16_383, "x").unwrap().write(1_048_575, 0, "y").unwrap();
    let far = read(&book.save_to_buffer().unwrap()).unwrap();
    assert_eq!(far[0].rows, [Row { line: 1_048_576, cells: vec!["y".into()] }]);
    // Old workbooks that claim, or reach for, far more than they hold.
    let far = |row, column, dimensions| code(&old_workbook(&[(0, 0, "x"), (row, column, "y")], &[], &[], dimensions));
    assert_eq!(far(1, 1, [0, 2]), Ok(1));
    assert_eq!(far(65_535, 255, [0, 2]), Err("sheet.too_large".into()));
    assert_eq!(far(1, 1, [0, u32::MAX]), Err("sheet.unreadable".into()));
    assert_eq!(far(1, 1, [5, 2]), Err("sheet.unreadable".into()));
    // Cut anywhere, a file is read or refused; it is never an accident that leaves this thread.
    let whole = old_workbook(&[(0, 0, "x")], &[], &[], [0, 1]);
    for length in (0..whole.len()).step_by(97) {
        let _ = std::panic::catch_unwind(|| code(&whole[..length]));
    }
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("xl/sharedStrings.xml", zip::write::SimpleFileOptions::default()).unwrap();
    std::io::Write::write_all(&mut archive, b"<sst count=\"1\" uniqueCount=\"99999999999999\"></sst>").unwrap();
    assert_eq!(code(&archive.finish().unwrap().into_inner()), Err("sheet.too_large".into()));
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("xl/worksheets/sheet1.xml", zip::write::SimpleFileOptions::default()).unwrap();
    let nothing = vec![b' '; 1 << 20];
    for _ in 0..100 {
        std::io::Write::write_all(&mut archive, &nothing).unwrap();
    }
    assert_eq!(code(&archive.finish().unwrap().into_inner()), Err("sheet.too_large".into()));
}

#[test]
fn titles_that_are_tried_in_turn_and_those_that_nobody_knows() {
    let known = [("number", "工单编号"), ("received", "派单时间"), ("received", "来电时间"), ("number", "编号")];
    let titles = Titles::in_turn(known.into_iter().map(|(column, title)| (column, title.to_owned())));
    let of = |text: &str| read(text.as_bytes()).unwrap().remove(0);
    let lines = |text: &str| {
        let table = of(text);
        let heading = titles.heading(&table, &["number"]).unwrap();
        titles.lines(&table, &heading).map(|line| format!("{}|{}", line.get("number"), line.get("received"))).collect::<Vec<_>>()
    };
    // The title that is tried first is taken, wherever it stands.
    assert_eq!(lines("编号,来电时间,工单编号,派单时间\n1,8:00,A,9:00\n"), ["A|9:00"]);
    assert_eq!(lines("编号,来电时间\n1,8:00\n"), ["1|8:00"]);
    // What a file offers: below a heading that is known, or below the first row of several words.
    let offered =
        |text: &str| titles.offered(&of(text)).into_iter().map(|(title, example)| format!("{title}|{example}")).collect::<Vec<_>>();
    assert_eq!(offered("转办表,,\n工单编号,派单时间,去向\n,,\nA,,East\n"), ["工单编号|A", "派单时间|", "去向|East"]);
    assert_eq!(offered("转办表,,\n单,何时,单\nA,B,C\n"), ["单|A", "何时|B"]);
    assert_eq!(offered("one\n"), [""; 0]);
}

#[test]
fn a_date_with_a_time_keeps_it_and_one_without_has_none() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let format = Format::new().set_num_format("yyyy-mm-dd hh:mm");
    for (row, hour) in [(0, 9), (1, 0)] {
        let at = ExcelDateTime::from_ymd(2026, 1, 5).unwrap().and_hms(hour, 0, 0).unwrap();
        sheet.write_with_format(row, 0, &at, &format).unwrap();
    }
    let rows = read(&book.save_to_buffer().unwrap()).unwrap().remove(0).rows;
    assert_eq!(rows.iter().map(|row| row.cells[0].as_str()).collect::<Vec<_>>(), ["2026-01-05 09:00", "2026-01-05"]);
    assert_eq!(narrow(" ＲＸ－００１　"), "RX-001");
}

#[tokio::test]
async fn a_file_is_read_apart_and_one_that_stumbles_is_unreadable() {
    assert_eq!(read_apart("大类,地点,单位\n".into()).await.unwrap()[0].rows.len(), 1);
    assert_eq!(read_apart(guard::CFB_MARK.to_vec()).await.unwrap_err().code(), "sheet.unreadable");
}
