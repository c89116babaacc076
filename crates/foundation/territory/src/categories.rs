//! Taking up the standard categories, and changing one: a new version each time, so that a case keeps what it was filed under.

use crate::category::{CategoryCode, CategoryKind, CategorySource, CategoryVersion, Reinspection};
use crate::condition::{Condition, Conditions};
use crate::facts::{CategoriesSeeded, CategoryVersioned, CategoryWithdrawn, ConditionFact};
use crate::fields;
use crate::organisation::CategoryVersionId;
use crate::standards;
use crate::verbs::ManageTerritory;
use access::Permit;
use kernel::calendar::{Limit, LimitUnit};
use kernel::ids::Uuid;
use kernel::{Code, Error, Result, ensure};
use store::{Command, Sql, Write, args, sql};

pub const STALE: Code = Code::conflict("category.stale");
pub const CODE: Code = Code::invalid("category.code");
pub const CODE_TAKEN: Code = Code::invalid("category.code_taken");
/// Local items have the numbers 080 to 999; the others belong to the standard.
pub const LOCAL_CODE: Code = Code::invalid("category.local_code");
pub const LIMIT: Code = Code::invalid("category.limit");
pub const SHARE: Code = Code::invalid("category.share");
/// The position among the common ones is a number from 1 to 999.
pub const RANK: Code = Code::invalid("category.rank");

static ANY: Sql = sql!(
    "SELECT id
    FROM category_version
    WHERE tenant_id = :tenant AND kind = 'event'
    LIMIT 1"
);

static FIND: Sql = sql!(
    "SELECT id, kind, class_code, item_code, class_name, name, name_en, initials, synonyms, limit_unit, limit_value, photo_demanded,
        reinspect, sample_permille, common_rank, may_report, conditions, source, valid_from, valid_to, version
    FROM category_version
    WHERE tenant_id = :tenant AND id = :id"
);

static LAST_VERSION: Sql = sql!(
    "SELECT version
    FROM category_version
    WHERE tenant_id = :tenant AND kind = :kind AND class_code = :class AND item_code = :item
    ORDER BY version DESC
    LIMIT 1"
);

static KIN: Sql = sql!(
    "SELECT kin.id
    FROM category_version one
    JOIN category_version kin ON kin.tenant_id = one.tenant_id AND kin.kind = one.kind AND kin.class_code = one.class_code
        AND kin.item_code = one.item_code
    WHERE one.tenant_id = :tenant AND one.id = :id
    ORDER BY kin.version DESC"
);

/// The ids of all versions of the category that this is a version of, the latest first; inside a command.
pub async fn kin(tx: &mut Write<'_>, version: CategoryVersionId) -> Result<Vec<Uuid>> {
    let found = tx.all::<(Uuid,)>(&KIN, args! { tenant: tx.tenant(), id: version }).await?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}

static CURRENT: Sql = sql!(
    "SELECT id
    FROM category_version
    WHERE tenant_id = :tenant AND kind = :kind AND class_code = :class AND item_code = :item AND valid_to IS NULL"
);

static INSERT: Sql = sql!(
    "INSERT INTO category_version (tenant_id, id, kind, class_code, item_code, class_name, name, name_en, initials, synonyms, limit_unit,
        limit_value, photo_demanded, reinspect, sample_permille, common_rank, may_report, conditions, source, valid_from, valid_to, version)
    VALUES (:tenant, :id, :kind, :class, :item, :class_name, :name, :name_en, :initials, :synonyms, :limit_unit,
        :limit_value, :photo, :reinspect, :share, :rank, :may_report, :conditions, :source, :from, NULL, :version)"
);

static END: Sql = sql!(
    "UPDATE category_version
    SET valid_to = :now
    WHERE tenant_id = :tenant AND id = :id AND valid_to IS NULL"
);

/// Takes up the standard list, the sample of limits and the sample of local items, for a tenant that has none yet; how many.
pub async fn seed(tx: &mut Write<'_>) -> Result<i64> {
    let (tenant, now) = (tx.tenant(), tx.now());
    tx.lock("categories").await?;
    if tx.opt::<(CategoryVersionId,)>(&ANY, args! { tenant: tenant }).await?.is_some() {
        return Ok(0);
    }
    let mut count = 0;
    for shipped in standards::CATEGORIES.iter() {
        let id: CategoryVersionId = tx.new_id();
        tx.exec(
            &INSERT,
            args! {
                tenant: tenant, id: id, kind: shipped.code.kind, class: shipped.code.class, item: shipped.code.item,
                class_name: shipped.class_name, name: shipped.name, name_en: shipped.name_en,
                initials: kernel::words::initials(&shipped.name), synonyms: shipped.synonyms.join("|"),
                limit_unit: shipped.limit.as_ref().map(|limit| limit.0.clone()), limit_value: shipped.limit.as_ref().map(|limit| limit.1),
                photo: shipped.photo_demanded, reinspect: shipped.reinspect, share: shipped.sample_permille, rank: shipped.common_rank,
                may_report: shipped.may_report, conditions: Conditions(shipped.conditions.clone()), source: shipped.source, from: now, version: 1_i64,
            },
        )
        .await?;
        count += 1;
    }
    tx.fact(CategoriesSeeded { tenant: tenant.0, count })?;
    tx.bump_revision();
    Ok(count)
}

/// What a tenant decides about a category.
#[derive(Debug, Clone)]
pub struct CategoryRule {
    /// Of the first condition; none: the clerk sets the deadline of each case.
    pub limit: Option<Limit>,
    pub photo_demanded: bool,
    pub reinspect: Reinspection,
    /// The share of rectifications shown from photos that is looked at on the spot all the same; 1000 is all.
    pub sample_permille: i64,
    /// Its position among the common ones; none when it isn't.
    pub common_rank: Option<i64>,
    /// Whether a unit may answer that it dissuaded and reported.
    pub may_report: bool,
    /// What is filed under the first condition, and when that counts as mended.
    pub filing: String,
    pub closing: String,
    /// The conditions beside the first one.
    pub further: Vec<Condition>,
    pub synonyms: Vec<String>,
    pub name_en: Option<String>,
}

/// The most words that one category answers to.
const MAX_SYNONYMS: usize = 40;

impl CategoryRule {
    pub fn of(version: &CategoryVersion) -> Self {
        CategoryRule {
            limit: version.limit(),
            photo_demanded: version.photo_demanded,
            reinspect: version.reinspect,
            sample_permille: version.sample_permille,
            common_rank: version.common_rank,
            may_report: version.may_report,
            filing: version.condition(None).filing,
            closing: version.condition(None).closing,
            further: version.conditions.0.iter().skip(1).cloned().collect(),
            synonyms: version.synonym_list().map(str::to_owned).collect(),
            name_en: version.name_en.clone(),
        }
    }

    fn synonyms(&self) -> Result<String> {
        ensure(self.synonyms.len() <= MAX_SYNONYMS, Error::field("synonyms", fields::NAME_TOO_LONG).arg("max", MAX_SYNONYMS))?;
        let mut kept: Vec<String> = Vec::new();
        for word in &self.synonyms {
            let word = word.replace('|', " ");
            if let Some(word) = fields::optional_name("synonyms", &word)?.filter(|word| !kept.contains(word)) {
                kept.push(word);
            }
        }
        Ok(kept.join("|"))
    }

    /// The conditions as they are kept. Errors: those of [`Conditions::checked`].
    fn conditions(&self) -> Result<Conditions> {
        let first = Condition {
            filing: self.filing.clone(),
            limit_unit: None,
            limit_value: None,
            closing: self.closing.clone(),
            photo_demanded: self.photo_demanded,
            reinspect: self.reinspect,
        };
        let all: Vec<Condition> = std::iter::once(first.with_limit(self.limit)).chain(self.further.iter().cloned()).collect();
        Conditions::checked(&all)
    }

    fn check(&self) -> Result<()> {
        ensure((0..=1000).contains(&self.sample_permille), Error::field("sample_percent", SHARE))?;
        ensure(self.common_rank.is_none_or(|rank| (1..=999).contains(&rank)), Error::field("common_rank", RANK))
    }
}

/// A limit from what a form sends: the unit's stored form and an amount; both empty for none. Working time may be given in hours.
///
/// Errors: field `limit_value` with `category.limit` or `calendar.limit_amount`.
pub fn limit_from(unit: &str, value: &str) -> Result<Option<Limit>> {
    limit_at("limit_value", unit, value)
}

/// As [`limit_from`], with the errors at another field.
pub fn limit_at(field: &str, unit: &str, value: &str) -> Result<Option<Limit>> {
    let (unit, value) = (unit.trim(), value.trim());
    if unit.is_empty() {
        return Ok(None);
    }
    let wrong = || Error::field(field, LIMIT);
    let amount: u32 = value.parse().map_err(|_| wrong())?;
    let limit = match unit {
        "working_hours" => Limit::working_hours(amount),
        unit => Limit::new(LimitUnit::parse(unit).ok_or_else(wrong)?, amount),
    };
    limit.map(Some).map_err(|error| fields::at_field(field, error.into()))
}

/// Puts a new version of a category into force; cases filed before keep theirs.
///
/// Errors: `category.stale` when the version is no longer the one in force, field errors.
pub struct ChangeCategory {
    pub by: Permit<ManageTerritory>,
    pub current: CategoryVersionId,
    pub rule: CategoryRule,
}

impl Command for ChangeCategory {
    const KIND: &'static str = "category.change";
    type Out = CategoryVersionId;

    async fn run(&self, tx: &mut Write<'_>) -> Result<CategoryVersionId> {
        let (tenant, now) = (tx.tenant(), tx.now());
        self.rule.check()?;
        let old: CategoryVersion = tx.one(&FIND, args! { tenant: tenant, id: self.current }).await?;
        tx.change_one(&END, args! { tenant: tenant, id: old.id, now: now }).await?.or(STALE)?;
        let new = Named { code: old.code(), class_name: &old.class_name, name: &old.name, source: old.source };
        let id = insert(tx, &new, &self.rule, old.version + 1).await?;
        tx.bump_revision();
        Ok(id)
    }
}

struct Named<'a> {
    code: CategoryCode,
    class_name: &'a str,
    name: &'a str,
    source: CategorySource,
}

async fn insert(tx: &mut Write<'_>, named: &Named<'_>, rule: &CategoryRule, version: i64) -> Result<CategoryVersionId> {
    let (id, tenant, now): (CategoryVersionId, _, _) = (tx.new_id(), tx.tenant(), tx.now());
    let conditions = rule.conditions()?;
    let (limit_unit, limit_value) =
        (rule.limit.map(|limit| limit.unit().as_str().to_owned()), rule.limit.map(|limit| i64::from(limit.amount())));
    tx.exec(
        &INSERT,
        args! {
            tenant: tenant, id: id, kind: named.code.kind, class: named.code.class, item: named.code.item, class_name: named.class_name,
            name: named.name, name_en: fields::optional_name("name_en", rule.name_en.as_deref().unwrap_or(""))?,
            initials: kernel::words::initials(named.name), synonyms: rule.synonyms()?, limit_unit: limit_unit, limit_value: limit_value,
            photo: rule.photo_demanded, reinspect: rule.reinspect, share: rule.sample_permille, rank: rule.common_rank,
            may_report: rule.may_report, conditions: conditions, source: named.source, from: now, version: version,
        },
    )
    .await?;
    tx.fact(CategoryVersioned {
        category: id,
        code: named.code.to_string(),
        kind: named.code.kind,
        version,
        limit_unit,
        limit_value,
        photo_demanded: rule.photo_demanded,
        reinspect: rule.reinspect,
        sample_permille: rule.sample_permille,
        may_report: rule.may_report,
        conditions: conditions.0.iter().map(ConditionFact::of).collect(),
    })?;
    Ok(id)
}

/// Adds a local item (080 to 999) to a class.
///
/// Errors: field `item_code` with `category.code`, `category.local_code` or `category.code_taken`; those of the name.
pub struct AddLocalCategory {
    pub by: Permit<ManageTerritory>,
    pub kind: CategoryKind,
    pub class_code: String,
    pub class_name: String,
    pub item_code: String,
    pub name: String,
    pub rule: CategoryRule,
}

impl Command for AddLocalCategory {
    const KIND: &'static str = "category.add_local";
    type Out = CategoryVersionId;

    async fn run(&self, tx: &mut Write<'_>) -> Result<CategoryVersionId> {
        self.rule.check()?;
        let code = CategoryCode::parse(&format!("{}-{}-{}", self.kind, self.class_code, self.item_code.trim()));
        let code = code.ok_or_else(|| Error::field("item_code", CODE))?;
        ensure(code.item.as_str() >= "080", Error::field("item_code", LOCAL_CODE))?;
        let (name, class_name) = (fields::name("name", &self.name)?, fields::name("class_code", &self.class_name)?);
        tx.lock("categories").await?;
        let tenant = tx.tenant();
        let key = args! { tenant: tenant, kind: code.kind, class: code.class, item: code.item };
        let taken = tx.opt::<(CategoryVersionId,)>(&CURRENT, key.clone()).await?;
        ensure(taken.is_none(), Error::field("item_code", CODE_TAKEN))?;
        // A withdrawn item's number may be used again; its versions go on counting.
        let last = tx.opt::<(i64,)>(&LAST_VERSION, key).await?.map_or(0, |(version,)| version);
        let named = Named { code, class_name: &class_name, name: &name, source: CategorySource::Local };
        let id = insert(tx, &named, &self.rule, last + 1).await?;
        tx.bump_revision();
        Ok(id)
    }
}

/// Takes a category out of use; cases filed under it keep it.
///
/// Errors: `category.stale`.
pub struct WithdrawCategory {
    pub by: Permit<ManageTerritory>,
    pub current: CategoryVersionId,
}

impl Command for WithdrawCategory {
    const KIND: &'static str = "category.withdraw";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        let (tenant, now) = (tx.tenant(), tx.now());
        let old: CategoryVersion = tx.one(&FIND, args! { tenant: tenant, id: self.current }).await?;
        tx.change_one(&END, args! { tenant: tenant, id: old.id, now: now }).await?.or(STALE)?;
        tx.fact(CategoryWithdrawn { category: old.id, code: old.code().to_string() })?;
        tx.bump_revision();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_read_from_a_form_or_its_field_says_why_not() {
        assert_eq!(limit_from("", "").unwrap(), None);
        assert_eq!(limit_from("working_hours", "16").unwrap(), Some(Limit::working_hours(16).unwrap()));
        assert_eq!(limit_from("natural_days", " 3 ").unwrap(), Some(Limit::natural_days(3).unwrap()));
        let code = |unit, value| limit_from(unit, value).unwrap_err().field_errors()[0].code.clone();
        assert_eq!(code("working_days", "two"), "category.limit");
        assert_eq!(code("fortnights", "2"), "category.limit");
        assert_eq!(code("working_days", "0"), "calendar.limit_amount");
        assert_eq!(code("working_days", "99999"), "calendar.limit_amount");
    }
}
