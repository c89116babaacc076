//! What lies below the office's own map: nothing, or a base map that the configuration names.

use access::http::Desk;
use axum::extract::Path as Address;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::{Error, Result};
use serde::Serialize;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use web::errors::Sources;

/// The most bytes of a file that one answer carries; a tile or a directory of one is far less.
const MOST_BYTES: u64 = 8 << 20;

/// A base map, looked through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Base {
    /// The office's own boundaries are the map.
    #[default]
    None,
    /// Pictures by depth, column and row, in web Mercator of CGCS2000 or WGS-84.
    Xyz { url: String, host: Option<String>, attribution: String },
    /// 天地图, the national platform: vector map and names, as pictures.
    Tianditu { key: String },
    /// One file of all tiles, served from here.
    PmTiles { file: PathBuf, attribution: String },
}

/// The map's own files and what lies below it; put into the application with `AppParts::with`.
#[derive(Debug, Clone, Default)]
pub struct Ground {
    pub css_url: String,
    pub js_url: String,
    pub base: Base,
}

const TIANDITU_HOSTS: &str = "https://*.tianditu.gov.cn";

impl Base {
    /// Pictures from another server. What is wrong with the address, otherwise.
    pub fn xyz(url: &str, attribution: &str) -> Result<Base, &'static str> {
        let url = url.trim();
        if !["{z}", "{x}", "{y}"].iter().all(|part| url.contains(part)) {
            return Err("map.url: an address with {z}, {x} and {y} in it");
        }
        let attribution = attribution.trim().to_owned();
        if url.starts_with('/') && !url.starts_with("//") {
            return Ok(Base::Xyz { url: url.to_owned(), host: None, attribution });
        }
        // It stands in a header: only what a host is made of.
        let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
        let host = ["https://", "http://"].into_iter().find_map(|scheme| {
            let host = url.strip_prefix(scheme)?.split('/').next()?;
            (!host.is_empty() && host.chars().all(part)).then(|| format!("{scheme}{host}"))
        });
        match host {
            Some(host) => Ok(Base::Xyz { url: url.to_owned(), host: Some(host), attribution }),
            None => Err("map.url: begins with https://, http:// or a single /, and its host is spelled out"),
        }
    }

    /// 天地图 with the key that it gave. What is wrong with the key, otherwise.
    pub fn tianditu(key: &str) -> Result<Base, &'static str> {
        let key = key.trim();
        let fine = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric());
        if fine { Ok(Base::Tianditu { key: key.to_owned() }) } else { Err("map.key: the key of letters and digits that Tianditu gave") }
    }

    /// A file in the PMTiles format. What is wrong with it, otherwise.
    pub fn pmtiles(file: &Path, attribution: &str) -> Result<Base, String> {
        let named = |why: &dyn std::fmt::Display| format!("map.file: {}: {why}", file.display());
        let mut magic = [0; 8];
        let read = std::fs::File::open(file).and_then(|mut open| open.read_exact(&mut magic));
        read.map_err(|error| named(&error))?;
        if &magic[..7] != b"PMTiles" || magic[7] != 3 {
            return Err(named(&"no PMTiles file of version 3"));
        }
        Ok(Base::PmTiles { file: file.to_owned(), attribution: attribution.trim().to_owned() })
    }

    /// From which hosts a page that shows it takes pictures, for its Content-Security-Policy.
    pub fn sources(&self) -> Option<Sources> {
        match self {
            Base::Xyz { host, .. } => host.clone().map(Sources),
            Base::Tianditu { .. } => Some(Sources(TIANDITU_HOSTS.to_owned())),
            Base::None | Base::PmTiles { .. } => None,
        }
    }

    /// What the script is told of it.
    pub fn told(&self, href: impl Fn(&str) -> String) -> Told {
        match self {
            Base::None => Told { kind: "none", ..Told::default() },
            Base::Xyz { url, attribution, .. } => {
                Told { kind: "raster", tiles: vec![vec![url.clone()]], size: 256, attribution: attribution.clone(), ..Told::default() }
            }
            // The matrix set `w` is web Mercator of CGCS2000; `vec` draws, `cva` names.
            Base::Tianditu { key } => {
                let layer = |name: &str| {
                    let servers = (0..8).map(|server| {
                        format!(
                            "https://t{server}.tianditu.gov.cn/{name}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={name}\
                             &STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={key}"
                        )
                    });
                    servers.collect::<Vec<_>>()
                };
                Told { kind: "raster", tiles: vec![layer("vec"), layer("cva")], size: 256, named: true, ..Told::default() }
            }
            Base::PmTiles { attribution, .. } => {
                Told { kind: "pmtiles", file: href("/map/base.pmtiles"), attribution: attribution.clone(), ..Told::default() }
            }
        }
    }
}

/// A base map as the script takes it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Told {
    pub kind: &'static str,
    /// One list of equal servers for each layer, from the lowest.
    pub tiles: Vec<Vec<String>>,
    pub size: u32,
    pub file: String,
    pub attribution: String,
    /// It is credited by its own name, which the page knows.
    pub named: bool,
}

/// A part of a file, as `Range: bytes=a-b` asks for it (RFC 9110 §14.2), within a file of so many bytes; only one range.
fn range(asked: &str, length: u64) -> Option<(u64, u64)> {
    let (first, last) = asked.trim().strip_prefix("bytes=")?.split_once('-')?;
    let first: u64 = first.parse().ok()?;
    let last: u64 = if last.is_empty() { length.checked_sub(1)? } else { last.parse().ok()? };
    let last = last.min(length.checked_sub(1)?);
    (first <= last && last - first < MOST_BYTES).then_some((first, last))
}

/// A part of the configured file. Errors: 404 where none is configured, 416 without a range that can be answered.
pub async fn file(desk: Desk, Address(_): Address<String>, headers: HeaderMap) -> web::Result<Response> {
    let ground = desk.app.try_get::<Ground>();
    let Some(Base::PmTiles { file, .. }) = ground.map(|ground| ground.base.clone()) else { return Err(Error::not_found().into()) };
    let asked = headers.get(header::RANGE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    /// The file's length, its tag, and of a range that can be answered where it begins and its bytes.
    type Part = (u64, String, Option<(u64, Vec<u8>)>);
    let read = move || -> std::io::Result<Part> {
        let mut open = std::fs::File::open(file)?;
        let about = open.metadata()?;
        let changed = about.modified()?.duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_micros());
        let (length, tag) = (about.len(), format!("\"{:x}-{changed:x}\"", about.len()));
        let Some((first, last)) = range(&asked, length) else { return Ok((length, tag, None)) };
        let mut bytes = vec![0; usize::try_from(last - first + 1).unwrap_or(0)];
        open.seek(SeekFrom::Start(first))?;
        open.read_exact(&mut bytes)?;
        Ok((length, tag, Some((first, bytes))))
    };
    let (length, tag, part) = tokio::task::spawn_blocking(read).await.map_err(Error::internal)?.map_err(Error::unavailable)?;
    let Some((first, bytes)) = part else {
        let about = [(header::CONTENT_RANGE, format!("bytes */{length}")), (header::CONTENT_TYPE, "application/octet-stream".to_owned())];
        return Ok((StatusCode::RANGE_NOT_SATISFIABLE, about).into_response());
    };
    let last = first + bytes.len() as u64 - 1;
    let about = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_RANGE, format!("bytes {first}-{last}/{length}")),
        (header::ETAG, tag),
        (header::CACHE_CONTROL, "private, max-age=86400".to_owned()),
    ];
    Ok((StatusCode::PARTIAL_CONTENT, about, bytes).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_host_that_is_spelled_out_comes_into_a_header() {
        let host = |url: &str| match Base::xyz(url, "") {
            Ok(Base::Xyz { host, .. }) => host,
            other => panic!("{url}: {other:?}"),
        };
        assert_eq!(host("https://tiles.example:8443/a/{z}/{x}/{y}.png").as_deref(), Some("https://tiles.example:8443"));
        assert_eq!(host("/tiles/{z}/{x}/{y}"), None);
        for wrong in [
            "https://tiles.example/{z}/{x}",
            "https://a.example;script-src */{z}/{x}/{y}",
            "https://a example/{z}/{x}/{y}",
            "//a.example/{z}/{x}/{y}",
            "javascript:{z}{x}{y}",
            "https://{z}{x}{y}",
        ] {
            assert!(Base::xyz(wrong, "").is_err(), "{wrong}");
        }
        assert!(Base::tianditu("0123abcd").is_ok() && Base::tianditu("a b").is_err() && Base::tianditu("").is_err());
    }

    #[test]
    fn a_file_that_is_none_is_refused_where_it_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.pmtiles");
        assert!(Base::pmtiles(&file, "").unwrap_err().contains("a.pmtiles"));
        std::fs::write(&file, b"PMTiles\x02........").unwrap();
        assert!(Base::pmtiles(&file, "").unwrap_err().contains("version 3"));
        std::fs::write(&file, b"PMTiles\x03........").unwrap();
        assert!(Base::pmtiles(&file, "").is_ok());
    }

    #[test]
    fn parts_of_a_file_are_within_it() {
        for (asked, part) in [
            ("bytes=0-9", Some((0, 9))),
            ("bytes=90-200", Some((90, 99))),
            ("bytes=90-", Some((90, 99))),
            ("bytes=100-", None),
            ("bytes=9-3", None),
            ("bytes=-5", None),
            ("bytes=0-1,3-4", None),
            ("lines=0-1", None),
            ("", None),
        ] {
            assert_eq!(range(asked, 100), part, "{asked}");
        }
        assert_eq!(range("bytes=0-", 1 << 40), None, "more than one answer carries");
        assert_eq!(range("bytes=0-0", 0), None);
    }
}
