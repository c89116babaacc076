//! A place and the tree that it stands in: levels, paths, codes; the model, without I/O.

use kernel::identifiers::{GridCode, IdentifierError, PlaceCode, PlaceCodeLevel};
use kernel::ids::PlaceId;
use kernel::{Code, Result};
use store::text_enum;

text_enum! {
    /// How high a place stands. A child's level is always lower than its parent's; levels in between may be absent.
    pub enum Level {
        /// 区
        District = "district",
        /// 街道/镇
        SubDistrict = "sub_district",
        /// 社区/村
        Community = "community",
        /// 村居或片区
        Area = "area",
        /// 网格
        Grid = "grid",
        /// 小区
        Compound = "compound",
        /// 楼院
        Building = "building",
    }
}

text_enum! {
    /// What a place of a level is called, where there are two sorts.
    pub enum PlaceKind {
        SubDistrict = "sub_district",
        Town = "town",
        Community = "community",
        Village = "village",
    }
}

text_enum! {
    /// Whether a place or an organisation is still chosen from; closed ones stay for the sake of what names them.
    pub enum State {
        Open = "open",
        Closed = "closed",
    }
}

impl Level {
    /// Whether a place of this level may stand right below one of `above`.
    pub fn may_stand_below(self, above: Level) -> bool {
        above < self
    }
    /// The level that a statistical code names; none for provinces and prefectures.
    pub fn of_code(code: &PlaceCode) -> Option<Level> {
        match code.level() {
            PlaceCodeLevel::County => Some(Level::District),
            PlaceCodeLevel::Town => Some(Level::SubDistrict),
            PlaceCodeLevel::Village => Some(Level::Community),
            PlaceCodeLevel::Province | PlaceCodeLevel::Prefecture => None,
        }
    }
}

/// The code does not belong to a place of this level.
pub const CODE_LEVEL: Code = Code::invalid("place.code_level");

/// A place's code as it is stored: 12 digits down to communities, 15 for grids, none below.
///
/// Errors: those of [`IdentifierError`], `place.code_level`.
pub fn checked_code(level: Level, text: &str) -> Result<Option<String>> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let wrong = |error: IdentifierError| kernel::Error::from(error);
    match level {
        Level::Grid => Ok(Some(GridCode::parse(text).map_err(wrong)?.as_str().to_owned())),
        Level::District | Level::SubDistrict | Level::Community => {
            let code = PlaceCode::parse(text).map_err(wrong)?;
            kernel::ensure(Level::of_code(&code) == Some(level), CODE_LEVEL)?;
            Ok(Some(code.as_str().to_owned()))
        }
        Level::Area | Level::Compound | Level::Building => Err(CODE_LEVEL.into()),
    }
}

/// The path of the place with this number below `parent` (`""` for a root): `1/a/2f/`.
///
/// Each number is base 36 and closed by a slash, so that a path is a prefix of exactly the paths below it.
pub fn path_below(parent: &str, number: i64) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut number = number.unsigned_abs();
    let mut digits = Vec::new();
    loop {
        digits.push(char::from(DIGITS[(number % 36) as usize]));
        number /= 36;
        if number == 0 {
            break;
        }
    }
    let word: String = digits.into_iter().rev().collect();
    format!("{parent}{word}/")
}

/// The end of the range `path >= :path AND path < :end` that is the subtree: the closing slash made the character after it.
pub fn path_end(path: &str) -> String {
    let mut end = path.strip_suffix('/').unwrap_or(path).to_owned();
    end.push('0');
    end
}

/// How deep a path goes; the root is 1.
pub fn depth(path: &str) -> usize {
    path.bytes().filter(|byte| *byte == b'/').count()
}

store::row! {
    /// A place as it is stored.
    #[derive(Debug, Clone)]
    pub struct Place {
        pub id: PlaceId,
        pub parent_id: Option<PlaceId>,
        pub level: Level,
        pub kind: Option<PlaceKind>,
        pub number: i64,
        pub path: String,
        pub code: Option<String>,
        pub name: String,
        pub name_en: Option<String>,
        pub initials: String,
        pub lng_e7: Option<i32>,
        pub lat_e7: Option<i32>,
        pub households: Option<i64>,
        pub urban_rural: Option<String>,
        pub state: State,
        pub version: i64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_prefix_of_its_own_subtree_alone() {
        let root = path_below("", 1);
        let (ten, fifty) = (path_below(&root, 10), path_below(&root, 46));
        assert_eq!((root.as_str(), ten.as_str(), fifty.as_str()), ("1/", "1/a/", "1/1a/"));
        let deep = path_below(&path_below(&root, 1), 3);
        assert!(deep.starts_with(&path_below(&root, 1)) && !fifty.starts_with(&path_below(&root, 1)));
        assert_eq!(depth(&deep), 3);
        let inside = |path: &str, of: &str| path >= of && path < path_end(of).as_str();
        assert!(inside(&deep, &root) && inside(&ten, &ten) && inside(&deep, &path_below(&root, 1)));
        assert!(!inside(&fifty, &path_below(&root, 1)) && !inside(&ten, &fifty) && !inside("2/", &root));
    }

    #[test]
    fn codes_belong_to_their_level() {
        assert_eq!(checked_code(Level::Community, " 370211003013 ").unwrap().as_deref(), Some("370211003013"));
        assert_eq!(checked_code(Level::Grid, "370211003013001").unwrap().as_deref(), Some("370211003013001"));
        assert_eq!(checked_code(Level::Building, "").unwrap(), None);
        assert!(checked_code(Level::SubDistrict, "370211003013").unwrap_err().is(CODE_LEVEL));
        assert!(checked_code(Level::Compound, "370211003013").unwrap_err().is(CODE_LEVEL));
        assert!(checked_code(Level::Community, "37021100301").unwrap_err().is(kernel::identifiers::LENGTH));
    }

    #[test]
    fn levels_only_go_down() {
        assert!(Level::Building.may_stand_below(Level::Community));
        assert!(!Level::Community.may_stand_below(Level::Compound));
        assert!(!Level::Community.may_stand_below(Level::Community));
    }
}
