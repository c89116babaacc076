//! Finds for each role of an office paper the best font that the machine has.

use crate::NO_FONT;
use documents::fonts::Role;
use kernel::Result;
use serde_json::{Value, json};
use std::path::PathBuf;
use typst::foundations::Bytes;
use typst::text::Font;

/// A face in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Face {
    path: PathBuf,
    index: u32,
}

/// Where the fonts are; read when a paper is set.
#[derive(Debug)]
pub struct Known {
    roles: Vec<(Role, bool, Face)>,
}

/// The fonts of one paper, in memory.
pub struct Chosen {
    pub fonts: Vec<Font>,
    /// By role: `{"body": {"font": …, "weight": …}}`.
    pub roles: Value,
}

impl Known {
    /// The system's font folders, and those that fontconfig names. Errors: `press.no_font` where some role has none.
    pub fn of_machine() -> Result<Self> {
        let mut machine = fontdb::Database::new();
        machine.load_system_fonts();
        let roles = Role::ALL.into_iter().map(|role| best(&machine, role).ok_or_else(|| NO_FONT.into())).collect::<Result<_>>()?;
        Ok(Known { roles })
    }

    /// Errors: `press.no_font` where a file is gone since.
    pub fn read(&self) -> Result<Chosen> {
        let mut files: Vec<(&PathBuf, Bytes)> = Vec::new();
        let mut faces: Vec<(&Face, Font)> = Vec::new();
        let mut roles = serde_json::Map::new();
        for (role, bold, face) in &self.roles {
            let font = match faces.iter().find(|(known, _)| *known == face) {
                Some((_, font)) => font.clone(),
                None => {
                    let bytes = match files.iter().find(|(path, _)| **path == face.path) {
                        Some((_, bytes)) => bytes.clone(),
                        None => {
                            Bytes::new(std::fs::read(&face.path).map_err(|error| kernel::Error::from(NO_FONT).detail(error.to_string()))?)
                        }
                    };
                    let font = Font::new(bytes.clone(), face.index).ok_or(NO_FONT)?;
                    files.push((&face.path, bytes));
                    faces.push((face, font.clone()));
                    font
                }
            };
            let family = font.info().family.to_string();
            roles.insert(role.name().to_owned(), json!({ "font": family, "weight": if *bold { "bold" } else { "regular" } }));
        }
        Ok(Chosen { fonts: faces.into_iter().map(|(_, font)| font).collect(), roles: Value::Object(roles) })
    }
}

/// The first of the role's families that is there, upright and in the weight asked for.
fn best(machine: &fontdb::Database, role: Role) -> Option<(Role, bool, Face)> {
    role.families().find_map(|family| {
        let wanted = if family.bold { fontdb::Weight::BOLD } else { fontdb::Weight::NORMAL };
        machine.faces().find_map(|face| {
            let named = face.families.iter().any(|(name, _)| name.eq_ignore_ascii_case(family.name));
            let upright = face.style == fontdb::Style::Normal && face.weight == wanted;
            let fontdb::Source::File(path) = &face.source else { return None };
            (named && upright).then(|| (role, family.bold, Face { path: path.clone(), index: face.index }))
        })
    })
}
