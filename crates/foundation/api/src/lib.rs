//! The JSON API: operations whose signatures are their description, so that the OpenAPI document cannot say what they don't do.
//!
//! A slice declares its operations with [`operations!`]. What a handler takes and gives are types that describe themselves
//! ([`object!`], [`params!`]): the same types read a request, write the answer and stand in `/api/openapi.json`.

extern crate self as api;

pub mod call;
pub mod document;
pub mod me;
pub mod operation;
pub mod params;
pub mod schema;
pub mod values;

pub use call::{Answer, Call, Created, Film, Json, Picture, Shown, Upload};
pub use operation::{Operation, get, post, routes};
pub use params::{Param, Params};
pub use schema::{Schema, Schemas};
pub use values::{Cursor, Day, Degrees, List, Stamp, Text, Whole};

#[doc(hidden)]
pub use {inventory, serde, serde_json};

web::words!();
