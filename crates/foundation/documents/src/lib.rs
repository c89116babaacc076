//! What is printed, as typed data that knows no slice; and word-processor files of it.

pub mod bulletin;
pub mod docx;
pub mod error;
pub mod fonts;
pub mod jpeg;
pub mod labels;
pub mod paper;
pub mod qr;
#[cfg(any(test, feature = "samples"))]
pub mod samples;

pub use bulletin::{Bulletin, BulletinCase, BulletinForm, BulletinSection, BulletinTable};
pub use docx::docx;
pub use error::{Error, Result};
pub use labels::{Labels, labels};
pub use paper::{
    Answer, AnswerSheet, Circular, Dossier, DossierStep, Notice, Photo, Press, Printed, Problem, Register, RegisterColumn, Stitch,
};
pub use qr::{qr_png, qr_svg};

/// The language files with the words of these papers and errors (language, file, text), for whoever gathers the words of all crates.
pub const LOCALES: [(&str, &str, &str); 2] = [
    ("zh-CN", concat!(env!("CARGO_MANIFEST_DIR"), "/locales/zh-CN.ftl"), include_str!("../locales/zh-CN.ftl")),
    ("en", concat!(env!("CARGO_MANIFEST_DIR"), "/locales/en.ftl"), include_str!("../locales/en.ftl")),
];
