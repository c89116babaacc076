//! Phone numbers and names as people may see them: masked unless somebody has a reason to see more.

use super::{IdentifierError, digits, normalised};
use serde::{Deserialize, Serialize};

/// A mainland mobile number, 11 digits beginning 13 to 19. Prints masked; [`MobileNumber::reveal`] is the way to the rest.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MobileNumber(String);

impl MobileNumber {
    /// Takes spaces, dashes, full-width digits and a leading +86, 0086 or 86.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let text = normalised(text);
        let without = ["+86", "0086"].into_iter().find_map(|prefix| text.strip_prefix(prefix));
        let local = without.or_else(|| text.strip_prefix("86").filter(|rest| rest.len() == 11)).unwrap_or(&text);
        let number = digits(local, 11)?;
        if number.as_bytes()[0] != b'1' || number.as_bytes()[1] < b'3' {
            return Err(IdentifierError::NotMobile);
        }
        Ok(MobileNumber(number))
    }

    /// `138****1234`.
    pub fn masked(&self) -> String {
        format!("{}****{}", &self.0[..3], &self.0[7..])
    }
    /// All eleven digits. Whoever shows them to a person records a fact.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for MobileNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.masked())
    }
}

impl std::fmt::Debug for MobileNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MobileNumber({})", self.masked())
    }
}

impl std::str::FromStr for MobileNumber {
    type Err = IdentifierError;
    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        MobileNumber::parse(text)
    }
}

impl TryFrom<String> for MobileNumber {
    type Error = IdentifierError;
    fn try_from(text: String) -> Result<Self, IdentifierError> {
        MobileNumber::parse(&text)
    }
}

impl From<MobileNumber> for String {
    fn from(number: MobileNumber) -> String {
        number.0
    }
}

/// Surnames of two characters that are in use.
const COMPOUND_SURNAMES: &[&str] = &[
    "欧阳", "太史", "端木", "上官", "司马", "东方", "独孤", "南宫", "万俟", "闻人", "夏侯", "诸葛", "尉迟", "公羊", "赫连", "澹台", "皇甫",
    "宗政", "濮阳", "公冶", "太叔", "申屠", "公孙", "慕容", "仲孙", "钟离", "长孙", "宇文", "司徒", "鲜于", "司空", "闾丘", "子车", "亓官",
    "司寇", "巫马", "公西", "颛孙", "壤驷", "公良", "漆雕", "乐正", "宰父", "谷梁", "拓跋", "夹谷", "轩辕", "令狐", "段干", "百里", "呼延",
    "东郭", "南门", "羊舌", "微生", "公户", "公玉", "公仪", "梁丘", "公仲", "公上", "公门", "公山", "公坚", "左丘", "公伯", "西门", "公祖",
    "第五", "公乘", "贯丘", "公皙", "南荣", "东里", "东宫", "仲长", "子书", "子桑", "即墨", "达奚", "褚师",
];

/// A name with only its surname left: `王*`, `王**`, `欧阳**`.
///
/// A Chinese name of two to four characters keeps one star for each hidden character; any other name (with a dot, in
/// Latin letters, or longer) keeps its first character and three stars, so that its length is not told.
pub fn mask_name(name: &str) -> String {
    let name = name.trim();
    let characters: Vec<char> = name.chars().collect();
    let is_han = |c: &char| matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{323af}' | '〇');
    let Some(first) = characters.first() else { return String::new() };
    if !characters.iter().all(is_han) || characters.len() > 4 {
        return format!("{first}***");
    }
    let compound = characters.len() > 2 && COMPOUND_SURNAMES.iter().any(|surname| name.starts_with(surname));
    let kept = if compound { 2 } else { 1 };
    let shown: String = characters.iter().take(kept).collect();
    // A name of one character would otherwise be shown whole.
    shown + &"*".repeat((characters.len() - kept).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn phone_numbers_are_read_as_typed_and_shown_masked() {
        for typed in [
            "13812341234",
            "138 1234 1234",
            "138-1234-1234",
            "+86 13812341234",
            "0086-13812341234",
            "8613812341234",
            "１３８１２３４１２３４",
        ] {
            let number = MobileNumber::parse(typed).unwrap();
            assert_eq!(number.reveal(), "13812341234", "{typed}");
            assert_eq!(number.to_string(), "138****1234");
            assert_eq!(format!("{number:?}"), "MobileNumber(138****1234)");
        }
        assert_eq!(MobileNumber::parse("12012341234"), Err(IdentifierError::NotMobile));
        assert_eq!(MobileNumber::parse("23812341234"), Err(IdentifierError::NotMobile));
        assert_eq!(MobileNumber::parse("1381234123"), Err(IdentifierError::Length { expected: 11, found: 10 }));
        assert_eq!(MobileNumber::parse("053286886666"), Err(IdentifierError::Length { expected: 11, found: 12 }));
        assert_eq!(MobileNumber::parse("1381234123a"), Err(IdentifierError::Character { position: 11 }));
    }

    #[test]
    fn names_keep_their_surname() {
        for (name, masked) in [
            ("王明", "王*"),
            ("王小明", "王**"),
            ("欧阳锋", "欧阳*"),
            ("欧阳娜娜", "欧阳**"),
            ("欧阳", "欧*"),
            ("李", "李*"),
            (" 赵钱孙李 ", "赵***"),
            ("阿卜杜拉·买买提", "阿***"),
            ("John Smith", "J***"),
            ("", ""),
        ] {
            assert_eq!(mask_name(name), masked, "{name}");
        }
    }

    proptest! {
        #[test]
        fn a_mask_never_shows_the_last_character(name in "[\u{4e00}-\u{9fff}a-z]{1,12}") {
            prop_assert!(mask_name(&name).ends_with('*'));
            prop_assert!(mask_name(&name).chars().filter(|c| *c != '*').count() <= 2);
        }
    }
}
