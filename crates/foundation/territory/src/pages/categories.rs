//! Categories: the list with limits, changing one into a new version, adding a local item, and the list for the picker.

use super::{Choice, Filled, cached_json, may_manage, mendable, status_of, titled};
use crate::categories::{AddLocalCategory, CODE, CategoryRule, ChangeCategory, SHARE, STALE, WithdrawCategory, limit_at, limit_from};
use crate::category::{CategoryCode, CategoryKind, CategorySource, CategoryVersion, Reinspection};
use crate::condition::{Condition, MAX_CONDITIONS, field};
use crate::directory::Directory;
use crate::explain::limit_words;
use crate::organisation::CategoryVersionId;
use crate::verbs::{ManageTerritory, ViewTerritory};
use access::http::{Desk, Submitted};
use axum::extract::{Path, Query};
use axum::http::HeaderMap;
use axum::response::Response;
use kernel::calendar::{Limit, LimitUnit};
use kernel::ids::CommandId;
use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use web::html::render;
use web::{PageContext, Words};

struct Line {
    href: String,
    code: String,
    name: String,
    class: String,
    local: bool,
    limit: String,
    photo: bool,
    reinspect: String,
    common: String,
    may_report: bool,
}

#[derive(askama::Template)]
#[template(path = "categories.html")]
struct CategoriesPage {
    page: PageContext,
    asked: Asked,
    classes: Vec<Choice>,
    lines: Vec<Line>,
    without_limit: usize,
    may_manage: bool,
    form: Filled,
    conditions: Vec<ConditionView>,
    all_classes: Vec<Choice>,
    command: CommandId,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    pub q: String,
    /// `event-06`, or nothing for all.
    pub class: String,
    /// `common`, `local`, `no-limit`.
    pub only: String,
}

fn class_of(version: &CategoryVersion) -> String {
    format!("{}-{}", version.kind, version.class_code)
}

fn class_choices(w: Words, directory: &Directory, chosen: &str) -> Vec<Choice> {
    let mut choices: Vec<Choice> = Vec::new();
    for version in directory.categories() {
        let value = class_of(version);
        if choices.last().is_none_or(|last| last.value != value) {
            let label = format!("{} {} {}", w.t(&format!("category-kind-{}", version.kind)), version.class_code, version.class_name);
            choices.push(Choice { on: value == chosen, value, label });
        }
    }
    choices
}

fn rule_words(w: Words, version: &CategoryVersion) -> String {
    match version.reinspect {
        Reinspection::OnSpot => w.t("reinspect-on_spot").into_owned(),
        Reinspection::FromPhotos => w.a("reinspect-from_photos-share", "share", percent(version.sample_permille)).into_owned(),
    }
}

/// How long a condition gives, in words.
pub(crate) fn limit_shown(w: Words, condition: &Condition) -> String {
    condition.limit().map_or_else(|| w.t("limit-none").into_owned(), |limit| limit_words(w, limit))
}

/// The limit of a category, or of how many conditions each has its own.
fn limits_shown(w: Words, version: &CategoryVersion) -> String {
    if version.has_choice() {
        return w.a("category-conditions-count", "n", version.filing_conditions().len()).into_owned();
    }
    limit_shown(w, &version.condition(None))
}

/// `12.5%` of 125 ‰, without floats.
pub(crate) fn percent(permille: i64) -> String {
    if permille % 10 == 0 { format!("{}%", permille / 10) } else { format!("{}.{}%", permille / 10, permille % 10) }
}

pub async fn list(desk: Desk, Query(asked): Query<Asked>) -> web::Result<Response> {
    show_list(&desk, asked, Filled::default(), None).await
}

async fn show_list(desk: &Desk, asked: Asked, form: Filled, error: Option<Error>) -> web::Result<Response> {
    desk.actor.permit_some::<ViewTerritory>()?;
    let directory = crate::directory_of(desk).await?;
    let page = titled(desk, "categories-title");
    let w = page.w;
    let found: Vec<&CategoryVersion> =
        if asked.q.trim().is_empty() { directory.categories().collect() } else { directory.search_categories(&asked.q, 200) };
    let wanted = |version: &&&CategoryVersion| {
        let only = match asked.only.as_str() {
            "common" => version.common_rank.is_some(),
            "local" => version.source == CategorySource::Local,
            "no-limit" => version.limit().is_none(),
            _ => true,
        };
        only && (asked.class.is_empty() || class_of(version) == asked.class)
    };
    let line = |version: &&CategoryVersion| Line {
        href: page.href(&format!("/categories/{}", version.code())),
        code: format!("{}-{}", version.class_code, version.item_code),
        name: version.shown(w.lang == web::Lang::English).to_owned(),
        class: format!("{} · {}", w.t(&format!("category-kind-{}", version.kind)), version.class_name),
        local: version.source == CategorySource::Local,
        limit: limits_shown(w, version),
        photo: version.photo_demanded,
        reinspect: rule_words(w, version),
        common: version.common_rank.map(|rank| rank.to_string()).unwrap_or_default(),
        may_report: version.may_report,
    };
    let lines = found.iter().filter(wanted).map(line).collect();
    let status = status_of(&form, error.as_ref());
    let form = if form.is_again() { form } else { form.with("sample_percent", "100") };
    let template = CategoriesPage {
        classes: class_choices(w, &directory, &asked.class),
        all_classes: class_choices(w, &directory, form.v("class")),
        lines,
        without_limit: directory.categories().filter(|version| version.limit().is_none()).count(),
        may_manage: may_manage(desk),
        conditions: condition_views(w, &form),
        form,
        command: desk.app.world.new_id(),
        asked,
        page,
    };
    Ok(render(status, &template))
}

/// Working time is given in hours on a form.
const WORKING_HOURS: &str = "working_hours";

fn unit_choices(w: Words, chosen: &str) -> Vec<Choice> {
    let units = [
        LimitUnit::UrgentHours.as_str(),
        WORKING_HOURS,
        LimitUnit::WorkingMinutes.as_str(),
        LimitUnit::WorkingDays.as_str(),
        LimitUnit::NaturalDays.as_str(),
    ];
    let choice = |unit: &str| Choice { value: unit.to_owned(), label: w.t(&format!("limit-unit-{unit}")).into_owned(), on: unit == chosen };
    units.into_iter().map(choice).collect()
}

fn reinspection_choices(w: Words, chosen: &str) -> Vec<Choice> {
    let choice = |one: &Reinspection| Choice {
        value: one.as_str().to_owned(),
        label: w.t(&format!("reinspect-{one}")).into_owned(),
        on: one.as_str() == chosen,
    };
    Reinspection::ALL.iter().map(choice).collect()
}

/// Room for one filing condition in a form: the names of its fields, and what is chosen from.
struct ConditionView {
    number: usize,
    filing: String,
    closing: String,
    limit_unit: String,
    limit_value: String,
    photo: String,
    reinspect: String,
    units: Vec<Choice>,
    reinspections: Vec<Choice>,
    /// Nothing is written in it yet.
    spare: bool,
}

/// The conditions that the form has, and room for two more.
fn condition_views(w: Words, form: &Filled) -> Vec<ConditionView> {
    let written = |number: usize| BLANK_WITHOUT.iter().any(|name| !form.v(&field(name, number)).trim().is_empty());
    let wrong = |number: usize| ["filing", "closing", "limit_value"].iter().any(|name| !form.e(&field(name, number)).is_empty());
    let last = (2..=MAX_CONDITIONS).filter(|number| written(*number) || wrong(*number)).max().unwrap_or(1);
    let view = |number: usize| ConditionView {
        number,
        filing: field("filing", number),
        closing: field("closing", number),
        limit_unit: field("limit_unit", number),
        limit_value: field("limit_value", number),
        photo: field("photo", number),
        reinspect: field("reinspect", number),
        units: unit_choices(w, form.v(&field("limit_unit", number))),
        reinspections: reinspection_choices(w, form.v(&field("reinspect", number))),
        spare: number > last,
    };
    (1..=MAX_CONDITIONS.min(last + 2)).map(view).collect()
}

/// What a further condition that is left empty is none without.
const BLANK_WITHOUT: [&str; 3] = ["filing", "closing", "limit_value"];

/// A category as its forms send it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CategoryForm {
    /// The version that the form was filled from.
    pub current: String,
    /// For a new local item: class, item and name.
    pub class: String,
    pub item_code: String,
    pub name: String,
    pub name_en: String,
    pub limit_unit: String,
    pub limit_value: String,
    /// Not empty: demanded.
    pub photo: String,
    pub reinspect: String,
    /// Percent with at most one decimal.
    pub sample_percent: String,
    pub common_rank: String,
    /// Not empty: a unit may answer that it dissuaded and reported.
    pub may_report: String,
    /// Parted by commas, spaces or lines.
    pub synonyms: String,
    /// Not empty: take it out of use.
    pub withdraw: String,
    /// What is filed under the first condition, and when that counts as mended.
    pub filing: String,
    pub closing: String,
    /// The fields of the further conditions: `filing2`, `limit_unit2` …
    #[serde(flatten)]
    pub more: BTreeMap<String, String>,
}

/// `12.5` or `12.5%` as 125 ‰. Errors: field `sample_percent` with `category.share`.
pub(crate) fn permille(text: &str) -> Result<i64> {
    let wrong = || Error::field("sample_percent", SHARE);
    let text = text.trim().trim_end_matches(['%', '\u{ff05}']).trim();
    let (whole, tenth) = text.split_once('.').unwrap_or((text, "0"));
    let (whole, tenth): (i64, i64) = (whole.parse().map_err(|_| wrong())?, tenth.parse().map_err(|_| wrong())?);
    if !(0..=100).contains(&whole) || !(0..10).contains(&tenth) || whole * 10 + tenth > 1000 {
        return Err(wrong());
    }
    Ok(whole * 10 + tenth)
}

impl CategoryForm {
    fn more(&self, name: &str, number: usize) -> &str {
        self.more.get(&field(name, number)).map_or("", String::as_str)
    }

    /// The same with its further conditions closed up, where one between others was emptied; and nothing else beside them.
    fn closed_up(&self) -> CategoryForm {
        const NAMES: [&str; 6] = ["filing", "closing", "limit_unit", "limit_value", "photo", "reinspect"];
        let written = |number: &usize| BLANK_WITHOUT.iter().any(|name| !self.more(name, *number).trim().is_empty());
        let mut more = BTreeMap::new();
        for (to, from) in (2..).zip((2..=MAX_CONDITIONS).filter(written)) {
            more.extend(NAMES.iter().map(|name| (field(name, to), self.more(name, from).to_owned())));
        }
        CategoryForm { more, ..self.clone() }
    }

    fn further(&self) -> Result<Vec<Condition>> {
        let there = |number: &usize| self.more.contains_key(&field("filing", *number));
        let read = |number: usize| -> Result<Condition> {
            let limit = limit_at(&field("limit_value", number), self.more("limit_unit", number), self.more("limit_value", number))?;
            let condition = Condition {
                filing: self.more("filing", number).to_owned(),
                limit_unit: None,
                limit_value: None,
                closing: self.more("closing", number).to_owned(),
                photo_demanded: !self.more("photo", number).is_empty(),
                reinspect: self.more("reinspect", number).parse().unwrap_or(Reinspection::OnSpot),
            };
            Ok(condition.with_limit(limit))
        };
        (2..=MAX_CONDITIONS).filter(there).map(read).collect()
    }

    fn rule(&self) -> Result<CategoryRule> {
        let common_rank = match self.common_rank.trim() {
            "" => None,
            text => Some(text.parse().map_err(|_| Error::field("common_rank", crate::categories::RANK))?),
        };
        Ok(CategoryRule {
            limit: limit_from(&self.limit_unit, &self.limit_value)?,
            photo_demanded: !self.photo.is_empty(),
            reinspect: self.reinspect.parse().map_err(|_| Error::field("reinspect", crate::fields::NAME_MISSING))?,
            sample_permille: permille(&self.sample_percent)?,
            common_rank,
            may_report: !self.may_report.is_empty(),
            filing: self.filing.clone(),
            closing: self.closing.clone(),
            further: self.further()?,
            synonyms: self
                .synonyms
                .split([',', '\u{ff0c}', '\u{3001}', '\n', '\r', ' ', '|'])
                .filter(|word| !word.trim().is_empty())
                .map(str::to_owned)
                .collect(),
            name_en: Some(self.name_en.clone()).filter(|name| !name.trim().is_empty()),
        })
    }
}

pub async fn add(submitted: Submitted<CategoryForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form.closed_up());
    let by = desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
    let directory = crate::directory_of(desk).await?;
    let outcome = async {
        let class = directory.categories().find(|version| class_of(version) == form.class).ok_or_else(|| Error::field("class", CODE))?;
        let command = AddLocalCategory {
            by,
            kind: class.kind,
            class_code: class.class_code.clone(),
            class_name: class.class_name.clone(),
            item_code: form.item_code.clone(),
            name: form.name.clone(),
            rule: form.rule()?,
        };
        desk.app.store.run(submitted.pass.clone(), command).await
    };
    match outcome.await {
        Ok(_) => Ok(desk.done("done-category-added", &format!("/categories?class={}&only=local", form.class))),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(titled(desk, "categories-title").w, form, &error);
            show_list(desk, Asked::default(), filled, Some(error)).await
        }
        Err(error) => Err(error.into()),
    }
}

struct VersionLine {
    version: i64,
    from: String,
    to: String,
    /// Of each condition: what is filed under it where it says so, its limit, when it counts as mended.
    conditions: Vec<(String, String, String)>,
    reinspect: String,
}

#[derive(askama::Template)]
#[template(path = "category.html")]
struct CategoryPage {
    page: PageContext,
    code: String,
    shown_code: String,
    class: String,
    local: bool,
    current: Option<CategoryVersionId>,
    limit: String,
    /// Codes and names in the standard before: `01-02 私搭乱建`.
    former: String,
    versions: Vec<VersionLine>,
    may_manage: bool,
    form: Filled,
    conditions: Vec<ConditionView>,
    command: CommandId,
}

pub async fn one(desk: Desk, Path((_, code)): Path<(String, String)>) -> web::Result<Response> {
    show_one(&desk, &code, Filled::default(), None).await
}

async fn show_one(desk: &Desk, code: &str, form: Filled, error: Option<Error>) -> web::Result<Response> {
    desk.actor.permit_some::<ViewTerritory>()?;
    let directory = crate::directory_of(desk).await?;
    let code = CategoryCode::parse(code).ok_or_else(Error::not_found)?;
    let versions = directory.versions_of(&code);
    let latest = *versions.first().ok_or_else(Error::not_found)?;
    let mut page = titled(desk, "categories-title");
    let w = page.w;
    page.title = latest.shown(w.lang == web::Lang::English).to_owned();
    let status = status_of(&form, error.as_ref());
    let form = if form.is_again() { form } else { filled_with(latest) };
    let template = CategoryPage {
        former: former_words(w, &code),
        code: code.to_string(),
        shown_code: format!("{}-{}", code.class, code.item),
        class: format!("{} · {}", w.t(&format!("category-kind-{}", code.kind)), latest.class_name),
        local: latest.source == CategorySource::Local,
        current: latest.is_current().then_some(latest.id),
        limit: limits_shown(w, latest),
        versions: versions
            .iter()
            .map(|version| VersionLine {
                version: version.version,
                from: page.at(&version.valid_from),
                to: page.at_opt(&version.valid_to),
                conditions: version
                    .filing_conditions()
                    .into_iter()
                    .map(|condition| (condition.filing.clone(), limit_shown(w, &condition), condition.closing))
                    .collect(),
                reinspect: rule_words(w, version),
            })
            .collect(),
        may_manage: may_manage(desk),
        conditions: condition_views(w, &form),
        form,
        command: desk.app.world.new_id(),
        page,
    };
    Ok(render(status, &template))
}

fn former_words(w: Words, code: &CategoryCode) -> String {
    let items: Vec<String> = crate::standards::legacy_of(code).iter().map(|item| format!("{} {}", item.shown(), item.name)).collect();
    items.join(&w.t("list-comma"))
}

fn filled_with(version: &CategoryVersion) -> Filled {
    let mut filled = Filled::default();
    for (number, condition) in (1..).zip(version.filing_conditions()) {
        let (unit, value) = condition.limit().map_or_else(Default::default, in_form);
        filled = filled
            .with(&field("filing", number), condition.filing)
            .with(&field("closing", number), condition.closing)
            .with(&field("limit_unit", number), unit)
            .with(&field("limit_value", number), value)
            .with(&field("photo", number), if condition.photo_demanded { "yes" } else { "" })
            .with(&field("reinspect", number), condition.reinspect.as_str());
    }
    filled
        .with("current", version.id.to_string())
        .with("name_en", version.name_en.clone().unwrap_or_default())
        .with("sample_percent", percent(version.sample_permille).trim_end_matches('%'))
        .with("common_rank", version.common_rank.map(|rank| rank.to_string()).unwrap_or_default())
        .with("may_report", if version.may_report { "yes" } else { "" })
        .with("synonyms", version.synonym_list().collect::<Vec<_>>().join("\u{3001}"))
}

pub(crate) fn in_form(limit: Limit) -> (String, String) {
    match limit.unit() {
        LimitUnit::WorkingMinutes if limit.amount().is_multiple_of(60) => (WORKING_HOURS.to_owned(), (limit.amount() / 60).to_string()),
        unit => (unit.as_str().to_owned(), limit.amount().to_string()),
    }
}

pub async fn change(Path((_, code)): Path<(String, String)>, submitted: Submitted<CategoryForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form.closed_up());
    let by = desk.actor.permit::<ManageTerritory>(&desk.actor.tenant)?;
    let store = &desk.app.store;
    let outcome = async {
        let current: CategoryVersionId = form.current.parse().map_err(|_| STALE.err())?;
        if form.withdraw.is_empty() {
            store.run(submitted.pass.clone(), ChangeCategory { by, current, rule: form.rule()? }).await.map(drop)
        } else {
            store.run(submitted.pass.clone(), WithdrawCategory { by, current }).await.map(drop)
        }
    };
    match outcome.await {
        Ok(()) => Ok(desk.done("done-category-changed", &format!("/categories/{code}"))),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(titled(desk, "categories-title").w, form, &error);
            show_one(desk, &code, filled, Some(error)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// One category as the picker on a phone keeps it.
#[derive(Serialize)]
struct Item<'a> {
    id: CategoryVersionId,
    kind: CategoryKind,
    /// `06-036`
    code: String,
    name: &'a str,
    class: &'a str,
    /// Of the name first, then of each synonym, parted by spaces.
    initials: String,
    synonyms: Vec<&'a str>,
    common: Option<i64>,
    limit: String,
    photo: bool,
}

/// The categories in force, for the picker; English names where the reader's language is English and there is one.
pub async fn json(desk: Desk, headers: HeaderMap) -> web::Result<Response> {
    let directory = crate::directory_of(&desk).await?;
    let w = titled(&desk, "categories-title").w;
    let tag = format!("categories-{}", w.lang.tag());
    cached_json(&headers, &tag, directory.revision, || items(w, &directory))
}

fn items(w: Words, directory: &Directory) -> Result<String> {
    let english = w.lang == web::Lang::English;
    let item = |version: &'_ CategoryVersion| -> Result<String> {
        let mut synonyms: Vec<&str> = version.synonym_list().chain(version.name_en.as_deref().filter(|_| !english)).collect();
        let former = crate::standards::legacy_of(&version.code());
        let codes: Vec<String> = former.iter().map(|item| item.shown()).collect();
        synonyms.extend(codes.iter().map(String::as_str));
        synonyms.extend(former.iter().map(|item| item.name.as_str()).filter(|name| *name != version.name));
        let initials = std::iter::once(version.initials.clone()).chain(version.synonym_list().map(kernel::words::initials));
        let name = version.shown(english);
        if name != version.name {
            synonyms.push(&version.name);
        }
        let item = Item {
            id: version.id,
            kind: version.kind,
            code: format!("{}-{}", version.class_code, version.item_code),
            name,
            class: &version.class_name,
            initials: initials.collect::<Vec<_>>().join(" "),
            synonyms,
            common: version.common_rank,
            limit: limits_shown(w, version),
            photo: version.photo_demanded,
        };
        serde_json::to_string(&item).map_err(super::json_error)
    };
    Ok(format!("[{}]", directory.categories().map(item).collect::<Result<Vec<_>>>()?.join(",")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read_and_shown_without_floats() {
        for (text, expected) in [("0", 0), ("12.5", 125), ("12.5%", 125), (" 100 % ", 1000), ("30％", 300)] {
            assert_eq!(permille(text).unwrap(), expected, "{text}");
        }
        for bad in ["", "-1", "100.1", "101", "12.55", "half"] {
            assert!(permille(bad).is_err(), "{bad}");
        }
        assert_eq!((percent(125), percent(1000), percent(200)), ("12.5%".into(), "100%".into(), "20%".into()));
    }
}
