//! What can be wrong with a paper or a file, each with a stable code whose words stand in the language files.

use kernel::{Code, Kind};

pub type Result<T, E = Error> = std::result::Result<T, E>;

pub const TOO_LARGE: Code = Code::new(Kind::TooLarge, "documents.too_large");
pub const TOO_MANY_ROWS: Code = Code::new(Kind::TooLarge, "documents.too_many_rows");
pub const TOO_MANY_COLUMNS: Code = Code::new(Kind::TooLarge, "documents.too_many_columns");
pub const CELL_TOO_LONG: Code = Code::invalid("documents.cell_too_long");
pub const UNKNOWN_FORMAT: Code = Code::new(Kind::Unsupported, "documents.unknown_format");
pub const UNKNOWN_ENCODING: Code = Code::invalid("documents.unknown_encoding");
pub const BROKEN_FILE: Code = Code::invalid("documents.broken_file");
pub const TOO_MANY_PROBLEMS: Code = Code::new(Kind::TooLarge, "documents.too_many_problems");
pub const TOO_MANY_SECTIONS: Code = Code::new(Kind::TooLarge, "documents.too_many_sections");
pub const TOO_MANY_TABLES: Code = Code::new(Kind::TooLarge, "documents.too_many_tables");
pub const TOO_MANY_TABLE_ROWS: Code = Code::new(Kind::TooLarge, "documents.too_many_table_rows");
pub const TOO_MANY_TABLE_COLUMNS: Code = Code::new(Kind::TooLarge, "documents.too_many_table_columns");
pub const TOO_MANY_CASES: Code = Code::new(Kind::TooLarge, "documents.too_many_cases");
pub const TOO_MANY_PARAGRAPHS: Code = Code::new(Kind::TooLarge, "documents.too_many_paragraphs");
pub const UNEVEN_ROW: Code = Code::invalid("documents.uneven_row");
pub const TEXT_TOO_LONG: Code = Code::invalid("documents.text_too_long");
pub const BAD_PHOTO: Code = Code::invalid("documents.bad_photo");
pub const LINK_TOO_LONG: Code = Code::invalid("documents.link_too_long");
pub const ONLY_AS_PDF: Code = Code::new(Kind::Unsupported, "documents.only_as_pdf");
pub const NOT_WRITTEN: Code = Code::new(Kind::Internal, "documents.not_written");

/// An error of this crate. Becomes a [`kernel::Error`] with its arguments for the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The file, or what it unpacks to, is larger than this many bytes.
    TooLarge {
        limit_bytes: u64,
    },
    TooManyRows {
        limit: usize,
    },
    TooManyColumns {
        limit: usize,
    },
    /// `row` counts from 1, as the spreadsheet program shows it.
    CellTooLong {
        row: usize,
        limit_chars: usize,
    },
    /// Neither CSV nor XLSX nor XLS.
    UnknownFormat,
    /// Text that is neither UTF-8 nor GB18030, first seen in this line (from 1).
    UnknownEncoding {
        line: usize,
    },
    /// The right kind of file, but it can't be read; the reason is for the log.
    BrokenFile {
        reason: String,
    },
    TooManyProblems {
        limit: usize,
    },
    /// Of a bulletin, as the six below.
    TooManySections {
        limit: usize,
    },
    /// In one section.
    TooManyTables {
        limit: usize,
    },
    /// In all tables together.
    TooManyTableRows {
        limit: usize,
    },
    /// In one table.
    TooManyTableColumns {
        limit: usize,
    },
    TooManyCases {
        limit: usize,
    },
    TooManyParagraphs {
        limit: usize,
    },
    /// A row of this table, counted from 1, has another number of cells than the table has columns.
    UnevenRow {
        table: String,
        row: usize,
    },
    /// A text of a paper has more characters than this.
    TextTooLong {
        limit_chars: usize,
    },
    /// A photo of this problem is no JPEG, or too large.
    BadPhoto {
        number: String,
    },
    /// A link does not fit into a QR code.
    /// The paper is for the file, and there is no version of it to be rewritten.
    OnlyAsPdf,
    LinkTooLong,
    /// Our own writer failed; the reason is for the log.
    NotWritten {
        reason: String,
    },
}

impl Error {
    /// The code by which scripts, tests and the language files know this error.
    pub fn code(&self) -> &'static str {
        self.kernel_code().name
    }

    fn kernel_code(&self) -> Code {
        match self {
            Error::TooLarge { .. } => TOO_LARGE,
            Error::TooManyRows { .. } => TOO_MANY_ROWS,
            Error::TooManyColumns { .. } => TOO_MANY_COLUMNS,
            Error::CellTooLong { .. } => CELL_TOO_LONG,
            Error::UnknownFormat => UNKNOWN_FORMAT,
            Error::UnknownEncoding { .. } => UNKNOWN_ENCODING,
            Error::BrokenFile { .. } => BROKEN_FILE,
            Error::TooManyProblems { .. } => TOO_MANY_PROBLEMS,
            Error::TooManySections { .. } => TOO_MANY_SECTIONS,
            Error::TooManyTables { .. } => TOO_MANY_TABLES,
            Error::TooManyTableRows { .. } => TOO_MANY_TABLE_ROWS,
            Error::TooManyTableColumns { .. } => TOO_MANY_TABLE_COLUMNS,
            Error::TooManyCases { .. } => TOO_MANY_CASES,
            Error::TooManyParagraphs { .. } => TOO_MANY_PARAGRAPHS,
            Error::UnevenRow { .. } => UNEVEN_ROW,
            Error::TextTooLong { .. } => TEXT_TOO_LONG,
            Error::BadPhoto { .. } => BAD_PHOTO,
            Error::OnlyAsPdf => ONLY_AS_PDF,
            Error::LinkTooLong => LINK_TOO_LONG,
            Error::NotWritten { .. } => NOT_WRITTEN,
        }
    }

    pub(crate) fn not_written(reason: impl std::fmt::Display) -> Self {
        Error::NotWritten { reason: reason.to_string() }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())?;
        match self {
            Error::BrokenFile { reason } | Error::NotWritten { reason } => write!(f, ": {reason}"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

impl From<Error> for kernel::Error {
    fn from(error: Error) -> Self {
        let crossing = kernel::Error::from(error.kernel_code());
        match error {
            Error::TooLarge { limit_bytes } => crossing.arg("megabytes", limit_bytes / (1024 * 1024)),
            Error::TooManyRows { limit }
            | Error::TooManyColumns { limit }
            | Error::TooManyProblems { limit }
            | Error::TooManySections { limit }
            | Error::TooManyTables { limit }
            | Error::TooManyTableRows { limit }
            | Error::TooManyTableColumns { limit }
            | Error::TooManyCases { limit }
            | Error::TooManyParagraphs { limit } => crossing.arg("limit", limit),
            Error::UnevenRow { table, row } => crossing.arg("table", table).arg("row", row),
            Error::CellTooLong { row, limit_chars } => crossing.arg("row", row).arg("limit", limit_chars),
            Error::UnknownEncoding { line } => crossing.arg("line", line),
            Error::TextTooLong { limit_chars } => crossing.arg("limit", limit_chars),
            Error::BadPhoto { number } => crossing.arg("number", number),
            Error::BrokenFile { reason } | Error::NotWritten { reason } => crossing.detail(reason),
            Error::UnknownFormat | Error::OnlyAsPdf | Error::LinkTooLong => crossing,
        }
    }
}
