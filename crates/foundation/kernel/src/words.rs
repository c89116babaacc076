//! Pinyin initials of Chinese words, so that a category is found by typing `jsc` for 僵尸车.

use pinyin::{ToPinyin, ToPinyinMulti};

/// The initials in lower case: one letter for each Chinese character by its usual reading, ASCII letters and digits kept,
/// everything else left out. `僵尸车` is `jsc`.
pub fn initials(text: &str) -> String {
    text.chars().filter_map(|c| c.to_pinyin().and_then(|pinyin| pinyin.plain().chars().next()).or_else(|| latin(c))).collect()
}

/// Whether `typed` occurs among the initials of `text`, whatever reading of a character it uses: 行 answers to x and h.
///
/// Case, spaces and punctuation in `typed` do not matter; an empty `typed` matches nothing.
pub fn matches_initials(text: &str, typed: &str) -> bool {
    let typed: Vec<char> = typed.chars().filter_map(latin).collect();
    let letters: Vec<Vec<char>> = text.chars().map(readings).filter(|readings| !readings.is_empty()).collect();
    !typed.is_empty() && letters.windows(typed.len()).any(|stretch| stretch.iter().zip(&typed).all(|(readings, c)| readings.contains(c)))
}

fn readings(c: char) -> Vec<char> {
    match c.to_pinyin_multi() {
        Some(many) => many.into_iter().filter_map(|pinyin| pinyin.plain().chars().next()).collect(),
        None => latin(c).into_iter().collect(),
    }
}

fn latin(c: char) -> Option<char> {
    c.is_ascii_alphanumeric().then(|| c.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_people_look_for_have_the_initials_they_type() {
        for (word, expected) in [
            ("僵尸车", "jsc"),
            ("楼道堆物", "lddw"),
            ("飞线充电", "fxcd"),
            ("路灯不亮", "ldbl"),
            ("紧急报警点SOS", "jjbjdsos"),
            ("车辆加油（气、电）站", "cljyqdz"),
            ("", ""),
        ] {
            assert_eq!(initials(word), expected, "{word}");
        }
    }

    #[test]
    fn a_character_with_several_readings_is_found_by_each() {
        assert!(matches_initials("行道树", "xds") && matches_initials("行道树", "hds"));
        assert!(matches_initials("非法小广告", "XGG"));
        assert!(matches_initials("垃圾站（箱）满溢", "zxm"));
        assert!(!matches_initials("非法小广告", "gx"));
        assert!(!matches_initials("行道树", "") && !matches_initials("行道树", "，"));
        assert!(!matches_initials("树", "xds"));
    }
}
