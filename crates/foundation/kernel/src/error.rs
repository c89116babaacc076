//! The one error that crosses crates: a stable code, a kind that says how to answer, and what the words need.

use std::collections::BTreeMap;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// How an error is answered; the HTTP status stands beside each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Kind {
    /// 422: the input cannot be taken as it is; fields say why.
    Invalid,
    /// 401: nobody is logged in.
    Unauthenticated,
    /// 403: visible, but not this actor's to do.
    Forbidden,
    /// 404: does not exist, or must not be seen.
    NotFound,
    /// 405: the address is there, and does not take this method.
    Method,
    /// 409: somebody changed it, or it is not in the stage for this step.
    Conflict,
    /// 413: more than we take.
    TooLarge,
    /// 415: not a kind of file we read.
    Unsupported,
    /// 429: too often.
    TooMany,
    /// 503: busy or without its database; try again.
    Unavailable,
    /// 500: our fault.
    Internal,
}

impl Kind {
    pub const fn status(self) -> u16 {
        match self {
            Kind::Invalid => 422,
            Kind::Unauthenticated => 401,
            Kind::Forbidden => 403,
            Kind::NotFound => 404,
            Kind::Method => 405,
            Kind::Conflict => 409,
            Kind::TooLarge => 413,
            Kind::Unsupported => 415,
            Kind::TooMany => 429,
            Kind::Unavailable => 503,
            Kind::Internal => 500,
        }
    }
}

/// A stable error code such as `case.reinspect.own_work`, declared once as a constant.
///
/// Its words are under `error-case-reinspect-own_work` in the language files (dots become hyphens).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    pub name: &'static str,
    pub kind: Kind,
}

impl Code {
    pub const fn new(kind: Kind, name: &'static str) -> Self {
        Code { name, kind }
    }
    pub const fn invalid(name: &'static str) -> Self {
        Code::new(Kind::Invalid, name)
    }
    pub const fn forbidden(name: &'static str) -> Self {
        Code::new(Kind::Forbidden, name)
    }
    pub const fn not_found(name: &'static str) -> Self {
        Code::new(Kind::NotFound, name)
    }
    pub const fn conflict(name: &'static str) -> Self {
        Code::new(Kind::Conflict, name)
    }
    pub fn err(self) -> Error {
        Error::from(self)
    }
}

/// What is wrong with one field of a form; `code` finds the words, `args` fill them.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FieldError {
    pub field: String,
    pub code: String,
    pub args: BTreeMap<String, String>,
}

/// An error on its way to a person: code, kind, arguments for the words, and field errors.
///
/// `detail` is for the log alone and never shown.
#[derive(Debug, Clone)]
pub struct Error(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    code: String,
    kind: Kind,
    args: BTreeMap<String, String>,
    fields: Vec<FieldError>,
    detail: Option<String>,
}

impl Error {
    /// For failures that are ours: the person sees a general apology, the log sees `detail`.
    pub fn internal(detail: impl std::fmt::Display) -> Self {
        Error::from(INTERNAL).detail(detail)
    }
    pub fn unavailable(detail: impl std::fmt::Display) -> Self {
        Error::from(UNAVAILABLE).detail(detail)
    }
    pub fn not_found() -> Self {
        NOT_FOUND.into()
    }
    /// One field of the input is wrong.
    pub fn field(field: impl Into<String>, code: Code) -> Self {
        let mut error = Error::from(INVALID);
        error.0.fields.push(FieldError { field: field.into(), code: code.name.to_owned(), args: BTreeMap::new() });
        error
    }
    pub fn fields(fields: Vec<FieldError>) -> Self {
        let mut error = Error::from(INVALID);
        error.0.fields = fields;
        error
    }
    #[must_use]
    pub fn arg(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        self.0.args.insert(name.to_owned(), value.to_string());
        self
    }
    #[must_use]
    pub fn detail(mut self, detail: impl std::fmt::Display) -> Self {
        self.0.detail = Some(detail.to_string());
        self
    }
    /// Adds what is wrong with single fields.
    #[must_use]
    pub fn with_fields(mut self, fields: Vec<FieldError>) -> Self {
        self.0.fields = fields;
        self
    }
    pub fn code(&self) -> &str {
        &self.0.code
    }
    pub fn kind(&self) -> Kind {
        self.0.kind
    }
    pub fn args(&self) -> &BTreeMap<String, String> {
        &self.0.args
    }
    pub fn field_errors(&self) -> &[FieldError] {
        &self.0.fields
    }
    pub fn log_detail(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }
    pub fn is(&self, code: Code) -> bool {
        self.0.code == code.name
    }
}

pub const INTERNAL: Code = Code::new(Kind::Internal, "internal");
pub const UNAVAILABLE: Code = Code::new(Kind::Unavailable, "unavailable");
pub const NOT_FOUND: Code = Code::new(Kind::NotFound, "not_found");
pub const INVALID: Code = Code::new(Kind::Invalid, "invalid");

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        Error(Box::new(Inner { code: code.name.to_owned(), kind: code.kind, args: BTreeMap::new(), fields: Vec::new(), detail: None }))
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.code)?;
        for field in &self.0.fields {
            write!(f, " [{}: {}]", field.field, field.code)?;
        }
        if let Some(detail) = &self.0.detail {
            write!(f, ": {detail}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// `Err(code)` unless the condition holds.
pub fn ensure(condition: bool, otherwise: impl Into<Error>) -> Result<()> {
    if condition { Ok(()) } else { Err(otherwise.into()) }
}
