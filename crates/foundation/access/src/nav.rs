//! The navigation: what each crate offers, shown to those who may use it.

use crate::actor::Actor;
use web::{NavItem, Words};

/// One entry, as a crate offers it.
#[derive(Clone, Copy)]
pub struct NavEntry {
    /// The language key of its label.
    pub key: &'static str,
    /// Below the tenant's own path: `/cases`.
    pub path: &'static str,
    /// The language key of the heading of its group; empty for the first group, which has none.
    pub group: &'static str,
    /// Paths of other pages that belong to it, so that they light it too: `/bulletins` to the evaluations.
    pub also: &'static [&'static str],
    pub visible: fn(&Actor) -> bool,
}

/// Who has a box in the head of every page to search in.
pub struct SearchBox(pub fn(&Actor) -> bool);

/// All entries, in the order in which they are shown.
pub struct Nav(pub Vec<NavEntry>);

impl Nav {
    pub fn items(&self, actor: &Actor, slug: &str, path: &str, w: Words) -> Vec<NavItem> {
        let mut group = "";
        let shown: Vec<_> = self.0.iter().filter(|entry| (entry.visible)(actor)).collect();
        let own = path.strip_prefix("/t/").and_then(|path| path.strip_prefix(slug)).unwrap_or_default();
        let holds = |of: &str| own.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
        // The log stands below the accounts, and is an entry of its own.
        let near = |entry: &NavEntry| entry.also.iter().chain([&entry.path]).filter(|of| holds(of)).map(|of| of.len()).max();
        let on = shown.iter().filter_map(|entry| Some((near(entry)?, entry.path))).max().map(|(_, path)| path);
        shown
            .into_iter()
            .map(|entry| {
                let heading = (entry.group != group && !entry.group.is_empty()).then(|| w.t(entry.group).into_owned());
                group = entry.group;
                let href = format!("/t/{slug}{}", entry.path);
                NavItem { label: w.t(entry.key).into_owned(), href, on: on == Some(entry.path), count: None, group: heading }
            })
            .collect()
    }
    /// The first page that the actor may see: where logging in leads.
    pub fn home(&self, actor: &Actor) -> Option<&'static str> {
        self.0.iter().find(|entry| (entry.visible)(actor)).map(|entry| entry.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_entry_is_lit_the_nearest_one() {
        let entry = |path| NavEntry { key: "nav-accounts", path, group: "", also: &[], visible: |_| true };
        let months = NavEntry { also: &["/bulletins"], ..entry("/evaluations") };
        let nav = Nav(vec![entry("/accounts"), entry("/accounts/log"), entry("/account"), months]);
        let lit = |path: &str| -> Vec<String> {
            let items = nav.items(&Actor::system(kernel::TenantId(1)), "town", path, Words::of(web::Lang::English));
            items.into_iter().filter(|item| item.on).map(|item| item.href).collect()
        };
        assert_eq!(lit("/t/town/accounts/log?after=1"), ["/t/town/accounts/log"]);
        assert_eq!(lit("/t/town/accounts/7"), ["/t/town/accounts"]);
        assert_eq!(lit("/t/town/account"), ["/t/town/account"]);
        assert_eq!(lit("/t/town/bulletins/2026-02"), ["/t/town/evaluations"]);
        assert!(lit("/t/town/accountsandmore").is_empty());
        assert!(lit("/t/township/accounts").is_empty());
    }
}
