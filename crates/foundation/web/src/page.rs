//! What the layout of every page needs.

use crate::language::{Lang, Words};
use kernel::Instant;

/// One entry of the navigation.
#[derive(Debug, Clone)]
pub struct NavItem {
    pub href: String,
    pub label: String,
    pub on: bool,
    pub count: Option<i64>,
    /// The heading that stands above it, when it is the first of its group.
    pub group: Option<String>,
}

/// Light or dark, and large type; kept in a cookie so that the first paint is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    /// `None` follows the device.
    pub dark: Option<bool>,
    pub large: bool,
}

impl Look {
    /// From the cookie `look`: `light`, `dark` or `auto`, and `large`, parted by a dot.
    pub fn from_cookie(text: &str) -> Look {
        let mut look = Look::default();
        for word in text.split('.') {
            match word {
                "dark" => look.dark = Some(true),
                "light" => look.dark = Some(false),
                "large" => look.large = true,
                _ => {}
            }
        }
        look
    }
    pub const fn theme(self) -> &'static str {
        match self.dark {
            Some(true) => "dark",
            Some(false) => "light",
            None => "auto",
        }
    }
}

/// Everything that the layouts show around a page.
#[derive(Debug, Clone)]
pub struct PageContext {
    pub w: Words,
    pub lang: &'static str,
    pub title: String,
    pub csrf: String,
    pub nav: Vec<NavItem>,
    pub tenant_name: String,
    pub tenant_slug: String,
    pub account_name: String,
    pub account_role: String,
    pub demo_banner: Option<String>,
    pub flash: Option<String>,
    pub look: &'static str,
    pub large: bool,
    pub css_url: String,
    pub js_url: String,
    pub icon_url: String,
    /// What was searched for, for the box in the head; and whether there is one.
    pub search: Option<String>,
    pub may_search: bool,
    /// The tenant's time zone, for showing instants.
    pub zone: jiff::tz::TimeZone,
    pub now: Instant,
    /// The path of this page, for links that come back to it.
    pub path: String,
}

impl PageContext {
    /// A page for somebody who is not logged in (log-in, errors before that).
    pub fn anonymous(app: &crate::App, lang: Lang, look: Look, title_key: &str) -> Self {
        let w = Words::of(lang);
        PageContext {
            w,
            lang: lang.tag(),
            title: w.t(title_key).into_owned(),
            csrf: String::new(),
            nav: Vec::new(),
            tenant_name: String::new(),
            tenant_slug: String::new(),
            account_name: String::new(),
            account_role: String::new(),
            demo_banner: app.demo.then(|| w.t("demo-banner").into_owned()),
            flash: None,
            look: look.theme(),
            large: look.large,
            css_url: app.css_url.clone(),
            js_url: app.js_url.clone(),
            icon_url: app.icon_url.clone(),
            search: None,
            may_search: false,
            zone: jiff::tz::TimeZone::get("Asia/Shanghai").unwrap_or(jiff::tz::TimeZone::UTC),
            now: app.world.now(),
            path: String::new(),
        }
    }
    /// `/t/{slug}` and the path.
    pub fn href(&self, path: &str) -> String {
        format!("/t/{}{path}", self.tenant_slug)
    }
    /// `11-18 09:12`, with the year when it is another.
    pub fn at(&self, instant: &Instant) -> String {
        crate::times::short(*instant, self.now, &self.zone)
    }
    pub fn at_opt(&self, instant: &Option<Instant>) -> String {
        instant.as_ref().map(|instant| self.at(instant)).unwrap_or_default()
    }
    /// `2026-11-18 09:12`
    pub fn at_full(&self, instant: &Instant) -> String {
        instant.to_timestamp().to_zoned_datetime(self.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
    }
    /// For `<time datetime>`.
    pub fn iso(&self, instant: &Instant) -> String {
        instant.to_timestamp().to_zoned_datetime(self.zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }
    /// "3 hours", "2 days": how far `instant` is from now, always positive.
    pub fn span(&self, instant: &Instant) -> String {
        crate::times::span(self.w, *instant, self.now)
    }
    pub fn is_past(&self, instant: &Instant) -> bool {
        *instant < self.now
    }
    /// The words that scripts show, as JSON for an attribute.
    pub fn script_words(&self) -> String {
        let words =
            ["remove", "cancel", "yes", "upload-failed", "upload-full"].map(|key| (key, self.w.t(&format!("script-{key}")).into_owned()));
        serde_json::to_string(&std::collections::BTreeMap::from(words)).unwrap_or_default()
    }
}
