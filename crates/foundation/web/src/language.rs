//! Words for people: Fluent language files of every crate, gathered into one bundle a language. Chinese is the default.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

/// A language file of one crate.
pub struct Source {
    pub lang: &'static str,
    pub file: &'static str,
    pub text: &'static str,
}
inventory::collect!(Source);

/// `web::words!();` in a crate's `lib.rs` registers its `locales/zh-CN.ftl` and `locales/en.ftl`.
#[macro_export]
macro_rules! words {
    () => {
        $crate::inventory::submit! { $crate::language::Source {
            lang: "zh-CN",
            file: concat!(env!("CARGO_MANIFEST_DIR"), "/locales/zh-CN.ftl"),
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/locales/zh-CN.ftl")),
        } }
        $crate::inventory::submit! { $crate::language::Source {
            lang: "en",
            file: concat!(env!("CARGO_MANIFEST_DIR"), "/locales/en.ftl"),
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/locales/en.ftl")),
        } }
    };
}
crate::words!();
// Papers lie below pages and cannot register themselves.
inventory::submit! { Source { lang: documents::LOCALES[0].0, file: documents::LOCALES[0].1, text: documents::LOCALES[0].2 } }
inventory::submit! { Source { lang: documents::LOCALES[1].0, file: documents::LOCALES[1].1, text: documents::LOCALES[1].2 } }

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub enum Lang {
    #[default]
    #[serde(rename = "zh-CN")]
    Chinese,
    #[serde(rename = "en")]
    English,
}

impl Lang {
    pub const fn tag(self) -> &'static str {
        match self {
            Lang::Chinese => "zh-CN",
            Lang::English => "en",
        }
    }
    pub fn from_tag(tag: &str) -> Option<Lang> {
        match tag {
            "zh-CN" | "zh" => Some(Lang::Chinese),
            "en" => Some(Lang::English),
            _ => None,
        }
    }
    /// The first language of an `Accept-Language` header that we speak; Chinese when none is.
    pub fn accepted(header: &str) -> Lang {
        header
            .split(',')
            .filter_map(|part| {
                let tag = part.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
                if tag.starts_with("zh") {
                    Some(Lang::Chinese)
                } else if tag.starts_with("en") {
                    Some(Lang::English)
                } else {
                    None
                }
            })
            .next()
            .unwrap_or_default()
    }
}

struct Bundle {
    /// Messages without placeables, ready to show.
    plain: HashMap<String, String>,
    fluent: FluentBundle<FluentResource>,
}

/// The words of one language. Cheap to copy; templates hold it as `w`.
#[derive(Clone, Copy)]
pub struct Words {
    pub lang: Lang,
    bundle: &'static Bundle,
}

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Words({})", self.lang.tag())
    }
}

static BUNDLES: OnceLock<[Bundle; 2]> = OnceLock::new();

fn load(lang: Lang) -> Bundle {
    let mut fluent = FluentBundle::new_concurrent(vec![lang.tag().parse().expect("our own tags parse")]);
    fluent.set_use_isolating(false);
    let mut ids = Vec::new();
    for source in inventory::iter::<Source> {
        if source.lang != lang.tag() {
            continue;
        }
        let resource = FluentResource::try_new(source.text.to_owned()).unwrap_or_else(|(resource, errors)| {
            tracing::error!(file = source.file, ?errors, "a language file does not parse");
            resource
        });
        for line in source.text.lines() {
            if let Some((id, _)) = line.split_once('=')
                && line.starts_with(|c: char| c.is_ascii_alphabetic())
            {
                ids.push(id.trim().to_owned());
            }
        }
        fluent.add_resource_overriding(resource);
    }
    let mut plain = HashMap::new();
    for id in ids {
        if let Some(pattern) = fluent.get_message(&id).and_then(|message| message.value()) {
            let mut errors = Vec::new();
            let text = fluent.format_pattern(pattern, None, &mut errors);
            if errors.is_empty() {
                plain.insert(id, text.into_owned());
            }
        }
    }
    Bundle { plain, fluent }
}

impl Words {
    pub fn of(lang: Lang) -> Words {
        let bundles = BUNDLES.get_or_init(|| [load(Lang::Chinese), load(Lang::English)]);
        Words { lang, bundle: &bundles[lang as usize] }
    }
    /// The text of a key. A key that is missing shows as itself; the house rules' test finds it first.
    pub fn t(self, key: &str) -> Cow<'static, str> {
        match self.bundle.plain.get(key) {
            Some(text) => Cow::Borrowed(text.as_str()),
            None => self.format(key, &FluentArgs::new()),
        }
    }
    /// The text of a key with one argument.
    pub fn a<'v>(self, key: &str, name: &'static str, value: impl Into<FluentValue<'v>>) -> Cow<'static, str> {
        let mut args = FluentArgs::new();
        args.set(name, value);
        self.format(key, &args)
    }
    /// The text of a key with two arguments.
    pub fn a2<'v>(
        self,
        key: &str,
        name: &'static str,
        value: impl Into<FluentValue<'v>>,
        second: &'static str,
        second_value: impl Into<FluentValue<'v>>,
    ) -> Cow<'static, str> {
        let mut args = FluentArgs::new();
        args.set(name, value);
        args.set(second, second_value);
        self.format(key, &args)
    }
    /// The text of a key with any arguments.
    pub fn with(self, key: &str, list: &[(&'static str, String)]) -> Cow<'static, str> {
        let mut args = FluentArgs::new();
        for (name, value) in list {
            // Whole numbers go in as numbers, so that plurals choose rightly.
            match value.parse::<i64>() {
                Ok(number) if number.to_string() == *value => args.set(*name, number),
                _ => args.set(*name, value.clone()),
            }
        }
        self.format(key, &args)
    }
    pub fn has(self, key: &str) -> bool {
        self.bundle.fluent.has_message(key)
    }
    /// The words of an error code (`case.stale` is `error-case-stale`), falling back to those of its kind.
    pub fn error(self, code: &str, args: &std::collections::BTreeMap<String, String>) -> Cow<'static, str> {
        let key = format!("error-{}", code.replace('.', "-"));
        let key = if self.has(&key) { key } else { "error-internal".to_owned() };
        let mut fluent = FluentArgs::new();
        for (name, value) in args {
            match value.parse::<i64>() {
                Ok(number) if number.to_string() == *value => fluent.set(name.clone(), number),
                _ => fluent.set(name.clone(), value.clone()),
            }
        }
        self.format(&key, &fluent)
    }
    fn format(self, key: &str, args: &FluentArgs<'_>) -> Cow<'static, str> {
        let Some(pattern) = self.bundle.fluent.get_message(key).and_then(|message| message.value()) else {
            return Cow::Owned(key.to_owned());
        };
        let mut errors = Vec::new();
        Cow::Owned(self.bundle.fluent.format_pattern(pattern, Some(args), &mut errors).into_owned())
    }
}
