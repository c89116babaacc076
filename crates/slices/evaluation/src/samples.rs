//! The schemes that are shipped as samples and say so: a beginning for a tenant's own.

use crate::scheme::Ranked;
use kernel::{Error, Result};
use rules::{Grid, Part, Sheet};

/// The sample's text for these, where there is one; `standards/schemes` says what stands in it.
const fn text(ranked: Ranked) -> Option<&'static str> {
    match ranked {
        Ranked::Compound => Some(include_str!("../../../../standards/schemes/compounds.csv")),
        Ranked::Cooperative => Some(include_str!("../../../../standards/schemes/cooperatives.csv")),
        Ranked::Department => Some(include_str!("../../../../standards/schemes/departments.csv")),
        Ranked::Community => None,
    }
}

/// Whether there is a sample for these.
pub const fn has(ranked: Ranked) -> bool {
    text(ranked).is_some()
}

/// The sample as a sheet in Chinese: its lines begin with the part that they are of. Errors: 500, which a test excludes.
pub fn sheet(ranked: Ranked) -> Result<Option<Sheet>> {
    let Some(text) = text(ranked) else { return Ok(None) };
    let mut sheet = Sheet::default();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    for line in reader.records() {
        let line = line.map_err(Error::internal)?;
        let part: Part = line
            .get(0)
            .and_then(|said| Part::ALL.iter().find(|part| part.as_str() == said))
            .copied()
            .ok_or_else(|| Error::internal("a part of a sample"))?;
        let grid = sheet.parts.entry(part).or_insert_with(|| Grid { columns: part.cells().to_vec(), lines: Vec::new() });
        grid.lines.push(line.iter().skip(1).map(str::to_owned).collect());
    }
    Ok(Some(sheet))
}
