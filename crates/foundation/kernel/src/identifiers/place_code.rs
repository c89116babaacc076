//! Statistical place codes (统计用区划代码, 12 digits) and grid codes (单元网格编码, 15 digits).

use super::{IdentifierError, digits, text_identifier};
use serde::{Deserialize, Serialize};

/// The five levels of the statistical code, highest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceCodeLevel {
    Province,
    Prefecture,
    County,
    /// Sub-district or town (街道、镇、乡).
    Town,
    /// Community or village (社区、村).
    Village,
}

/// A 12-digit code of the National Bureau of Statistics: 2 province, 2 prefecture, 2 county, 3 town, 3 village.
///
/// The level is that of the last group that is not zero. A few prefectures have towns and no county, so the county
/// group alone may be zero above a town.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PlaceCode(String);

text_identifier!(PlaceCode);

/// Where each level's group ends.
const ENDS: [(PlaceCodeLevel, usize); 5] = [
    (PlaceCodeLevel::Province, 2),
    (PlaceCodeLevel::Prefecture, 4),
    (PlaceCodeLevel::County, 6),
    (PlaceCodeLevel::Town, 9),
    (PlaceCodeLevel::Village, 12),
];

impl PlaceCode {
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let code = PlaceCode(digits(text, 12)?);
        let level = code.level();
        let gap = code.groups().any(|(at, zero)| zero && at < level && at != PlaceCodeLevel::County);
        let countyless_village = level == PlaceCodeLevel::Village && code.0[6..9] == *"000";
        if code.groups().all(|(_, zero)| zero) || gap || countyless_village {
            return Err(IdentifierError::Levels);
        }
        Ok(code)
    }

    pub fn level(&self) -> PlaceCodeLevel {
        self.groups().filter(|(_, zero)| !zero).map(|(level, _)| level).max().unwrap_or(PlaceCodeLevel::Province)
    }

    /// The code of the next level above that has one; none above a province.
    pub fn parent(&self) -> Option<PlaceCode> {
        let level = self.level();
        let above = self.groups().filter(|(at, zero)| *at < level && !zero).map(|(at, _)| at).max()?;
        self.at(above)
    }

    /// The enclosing place of a level, or itself; none when the level is below its own.
    pub fn at(&self, level: PlaceCodeLevel) -> Option<PlaceCode> {
        if level > self.level() {
            return None;
        }
        let (_, end) = ENDS.into_iter().find(|(at, _)| *at == level)?;
        Some(PlaceCode(format!("{:0<12}", &self.0[..end])))
    }

    /// Whether the place lies in the other, or is it.
    pub fn is_within(&self, other: &PlaceCode) -> bool {
        self.at(other.level()).as_ref() == Some(other)
    }

    /// Each level with whether its group is all zeros.
    fn groups(&self) -> impl Iterator<Item = (PlaceCodeLevel, bool)> + '_ {
        let mut from = 0;
        ENDS.into_iter().map(move |(level, end)| {
            let zero = self.0[from..end].bytes().all(|digit| digit == b'0');
            from = end;
            (level, zero)
        })
    }
}

/// A 15-digit grid code (GB/T 30428.1): the village's 12 digits and a serial number from 001.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct GridCode(String);

text_identifier!(GridCode);

impl GridCode {
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let code = digits(text, 15)?;
        let village = PlaceCode::parse(&code[..12])?;
        if village.level() != PlaceCodeLevel::Village || code[12..] == *"000" {
            return Err(IdentifierError::Levels);
        }
        Ok(GridCode(code))
    }

    /// The community or village that the grid belongs to.
    pub fn village(&self) -> PlaceCode {
        PlaceCode(self.0[..12].to_owned())
    }
    pub fn serial(&self) -> &str {
        &self.0[12..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_code_has_its_level_and_its_parent_is_in_the_file() {
        let villages = include_str!("../../../../../standards/places/villages_370211_2016.csv");
        let mut codes = std::collections::BTreeMap::new();
        for line in villages.lines().skip(1) {
            let fields: Vec<&str> = line.split(',').collect();
            codes.insert(PlaceCode::parse(fields[0]).unwrap(), (fields[1].to_owned(), fields[3].to_owned()));
        }
        assert_eq!(codes.len(), 1245);
        for (code, (parent, level)) in &codes {
            let expected = match level.as_str() {
                "county" => PlaceCodeLevel::County,
                "town" => PlaceCodeLevel::Town,
                "village" => PlaceCodeLevel::Village,
                other => panic!("{other}"),
            };
            assert_eq!(code.level(), expected, "{code}");
            assert_eq!(code.parent().unwrap().as_str(), parent);
            assert!(code.is_within(&PlaceCode::parse("370211000000").unwrap()));
        }
    }

    #[test]
    fn towns_without_a_county_are_known_and_gaps_are_refused() {
        let town = PlaceCode::parse("441900003000").unwrap();
        assert_eq!((town.level(), town.parent().unwrap().as_str()), (PlaceCodeLevel::Town, "441900000000"));
        assert_eq!(PlaceCode::parse("370000000000").unwrap().parent(), None);
        for gap in ["000000000000", "370211000101", "003702110000", "370000001000", "370000000101"] {
            assert_eq!(PlaceCode::parse(gap), Err(IdentifierError::Levels), "{gap}");
        }
        assert_eq!(PlaceCode::parse("3702110"), Err(IdentifierError::Length { expected: 12, found: 7 }));
        assert_eq!(PlaceCode::parse("37021100000x"), Err(IdentifierError::Character { position: 12 }));
    }

    #[test]
    fn a_grid_lies_in_a_village() {
        let grid = GridCode::parse("370211001001003").unwrap();
        assert_eq!((grid.village().as_str(), grid.serial()), ("370211001001", "003"));
        for bad in ["370211001001000", "370211001000001", "370211000000001"] {
            assert_eq!(GridCode::parse(bad), Err(IdentifierError::Levels), "{bad}");
        }
    }
}
