//! The fonts that office papers are set in, by role; data, because their names are.

/// What a font is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Running text.
    Body,
    /// The title and the red head.
    Title,
    /// Headings of the first level, heads of tables.
    Heading,
    /// Headings of the second level.
    Sub,
    /// Page numbers.
    Number,
}

impl Role {
    pub const ALL: [Role; 5] = [Role::Body, Role::Title, Role::Heading, Role::Sub, Role::Number];

    pub const fn name(self) -> &'static str {
        match self {
            Role::Body => "body",
            Role::Title => "title",
            Role::Heading => "heading",
            Role::Sub => "sub",
            Role::Number => "number",
        }
    }

    /// The families for this role, best first.
    pub fn families(self) -> impl Iterator<Item = Family> {
        let line = TABLE.lines().find_map(|line| line.strip_prefix(self.name())?.strip_prefix(':')).unwrap_or_default();
        line.split(',').map(|entry| match entry.trim().strip_suffix("=bold") {
            Some(name) => Family { name, bold: true },
            None => Family { name: entry.trim(), bold: false },
        })
    }

    /// The name that the standard gives, for files that are opened where the font is.
    pub fn standard(self) -> &'static str {
        self.families().next().map_or("", |family| family.name)
    }
}

/// A font family, and whether it must be set bold to stand in for the real one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Family {
    pub name: &'static str,
    pub bold: bool,
}

const TABLE: &str = include_str!("../data/fonts.txt");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_has_its_standard_font_and_a_stand_in_that_debian_ships() {
        for (role, standard) in Role::ALL.into_iter().zip(["仿宋_GB2312", "方正小标宋简体", "黑体", "楷体_GB2312", "宋体"]) {
            assert_eq!(role.standard(), standard);
            assert!(role.families().any(|family| family.name.starts_with("Noto ") && family.name.ends_with(" CJK SC")), "{role:?}");
        }
    }
}
