//! The web side that every page shares: words, page layout, errors as pages and problem+json, forms, security headers.

pub mod app;
pub mod errors;
pub mod forms;
pub mod html;
pub mod language;
pub mod page;
pub mod parts;
pub mod times;

pub use app::{App, AppParts};
pub use errors::{Failure, Result};
pub use html::Html;
pub use language::{Lang, Words};
pub use page::{Look, NavItem, PageContext};

#[doc(hidden)]
pub use inventory;
