//! The pages' styles and scripts, built from `frontend/` and carried in the binary; each under a name that changes with its content.

/// One built file.
pub struct File {
    /// `app.css`
    pub logical: &'static str,
    /// Where it is served: `/assets/style-DiUrIZ56.css`. It never changes under this name.
    pub path: &'static str,
    pub content_type: &'static str,
    pub plain: &'static [u8],
    pub brotli: &'static [u8],
    pub gzip: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/table.rs"));

/// The file served at a path.
pub fn at(path: &str) -> Option<&'static File> {
    FILES.iter().find(|file| file.path == path)
}

/// The address of a file by its own name; empty for a name that was never built.
pub fn url(logical: &str) -> &'static str {
    FILES.iter().find(|file| file.logical == logical).map_or("", |file| file.path)
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_file_is_there_and_smaller_when_compressed() {
        for name in ["app.css", "app.js", "icon.svg", "map.css", "map.js", "map-worker.js"] {
            let file = super::at(super::url(name)).unwrap_or_else(|| panic!("{name} was not built"));
            assert!(!file.plain.is_empty() && file.brotli.len() < file.plain.len(), "{name}");
        }
    }
}
