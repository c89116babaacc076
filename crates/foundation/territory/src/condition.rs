//! The filing conditions of a category (立案条件): what is filed so, within what time it is to be mended, and when it counts as
//! mended; the model, without I/O.

use crate::category::{CategoryVersion, Reinspection};
use crate::fields::{NAME_CHARACTER, NAME_TOO_LONG};
use kernel::calendar::{Limit, LimitUnit};
use kernel::{Code, Error, Result, ensure};
use serde::{Deserialize, Serialize};
use store::value::{FromValue, ToValue, Value};

/// Of several conditions each must say what it is about.
pub const WORDS: Code = Code::invalid("condition.words");
/// Two conditions of one category say the same.
pub const TWICE: Code = Code::invalid("condition.twice");
pub const TOO_MANY: Code = Code::invalid("condition.too_many");

/// The most conditions that one category has.
pub const MAX_CONDITIONS: usize = 8;
/// The most characters of what a condition says.
pub const MAX_WORDS: usize = 200;

/// One filing condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// What is filed under it; may be empty where it is the only one.
    pub filing: String,
    pub limit_unit: Option<String>,
    pub limit_value: Option<i64>,
    /// When it counts as mended.
    pub closing: String,
    pub photo_demanded: bool,
    pub reinspect: Reinspection,
}

impl Condition {
    /// The time limit; none means that the clerk sets the deadline.
    pub fn limit(&self) -> Option<Limit> {
        let unit = LimitUnit::parse(self.limit_unit.as_deref()?)?;
        Limit::new(unit, u32::try_from(self.limit_value?).ok()?).ok()
    }
    #[must_use]
    pub fn with_limit(mut self, limit: Option<Limit>) -> Self {
        self.limit_unit = limit.map(|limit| limit.unit().as_str().to_owned());
        self.limit_value = limit.map(|limit| i64::from(limit.amount()));
        self
    }
    /// Whether a rectification is always looked at on the spot.
    pub fn on_spot(&self) -> bool {
        self.reinspect == Reinspection::OnSpot
    }
}

/// What a condition says, tidied: spaces made single, bounded, nothing invisible in it; may be empty.
///
/// Errors: at this field, those of names.
pub fn words(field: &str, text: &str) -> Result<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    ensure(text.chars().count() <= MAX_WORDS, Error::field(field, NAME_TOO_LONG).arg("max", MAX_WORDS))?;
    ensure(!text.chars().any(crate::fields::invisible), Error::field(field, NAME_CHARACTER))?;
    Ok(text)
}

/// The name of a form's field about the condition with this number, from 1: `filing`, `filing2`, …
pub fn field(name: &str, number: usize) -> String {
    if number == 1 { name.to_owned() } else { format!("{name}{number}") }
}

/// The conditions of a version as they are kept: none where it has but one that says nothing of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conditions(pub Vec<Condition>);

impl Conditions {
    /// Tidied and checked; the first one's words may be missing where it stands alone.
    ///
    /// Errors, at the fields of their numbers: `condition.words`, `condition.twice`, `condition.too_many`.
    pub fn checked(all: &[Condition]) -> Result<Conditions> {
        ensure(all.len() <= MAX_CONDITIONS, Error::field("filing", TOO_MANY).arg("max", MAX_CONDITIONS))?;
        let mut kept: Vec<Condition> = Vec::with_capacity(all.len());
        for (number, condition) in (1..).zip(all) {
            let at = field("filing", number);
            let filing = words(&at, &condition.filing)?;
            ensure(!filing.is_empty() || all.len() == 1, Error::field(&at, WORDS))?;
            ensure(kept.iter().all(|other| other.filing != filing), Error::field(&at, TWICE))?;
            let closing = words(&field("closing", number), &condition.closing)?;
            kept.push(Condition { filing, closing, ..condition.clone() });
        }
        let bare = matches!(kept.as_slice(), [only] if only.filing.is_empty() && only.closing.is_empty());
        Ok(Conditions(if bare { Vec::new() } else { kept }))
    }
}

impl ToValue for Conditions {
    fn to_value(&self) -> Value {
        Value::Text(serde_json::to_string(&self.0).unwrap_or_else(|_| "[]".to_owned()))
    }
}

impl FromValue for Conditions {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Text(text) => serde_json::from_str(&text).ok().map(Conditions),
            _ => None,
        }
    }
}

impl CategoryVersion {
    /// What it says by its own columns.
    fn bare_condition(&self) -> Condition {
        Condition {
            filing: String::new(),
            limit_unit: self.limit_unit.clone(),
            limit_value: self.limit_value,
            closing: String::new(),
            photo_demanded: self.photo_demanded,
            reinspect: self.reinspect,
        }
    }
    /// All filing conditions, in their order; at least one.
    pub fn filing_conditions(&self) -> Vec<Condition> {
        if self.conditions.0.is_empty() { vec![self.bare_condition()] } else { self.conditions.0.clone() }
    }
    /// Whether somebody has to say which of several conditions a case is filed under.
    pub fn has_choice(&self) -> bool {
        self.conditions.0.len() > 1
    }
    /// The condition with this number, from 1; the first one where there is none of it.
    pub fn condition(&self, number: Option<i64>) -> Condition {
        let at = number.and_then(|number| usize::try_from(number).ok()).and_then(|number| number.checked_sub(1));
        let chosen = at.and_then(|at| self.conditions.0.get(at)).or_else(|| self.conditions.0.first());
        chosen.cloned().unwrap_or_else(|| self.bare_condition())
    }
    /// Whether there is a condition of this number, from 1.
    pub fn has_condition(&self, number: i64) -> bool {
        usize::try_from(number).is_ok_and(|number| (1..=self.filing_conditions().len()).contains(&number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(filing: &str, closing: &str) -> Condition {
        Condition {
            filing: filing.into(),
            limit_unit: None,
            limit_value: None,
            closing: closing.into(),
            photo_demanded: true,
            reinspect: Reinspection::OnSpot,
        }
    }

    #[test]
    fn one_condition_may_be_silent_and_of_several_each_must_say_something_else() {
        let code = |all: &[Condition]| {
            let error = Conditions::checked(all).unwrap_err();
            let field = &error.field_errors()[0];
            format!("{} {}", field.field, field.code)
        };
        assert_eq!(Conditions::checked(&[condition(" ", "")]).unwrap(), Conditions::default());
        assert_eq!(Conditions::checked(&[condition("", " 清理 干净 ")]).unwrap().0[0].closing, "清理 干净");
        assert_eq!(code(&[condition("", ""), condition("井盖缺失", "")]), "filing condition.words");
        assert_eq!(code(&[condition("井盖破损", ""), condition("", "")]), "filing2 condition.words");
        assert_eq!(code(&[condition("井盖破损", ""), condition(" 井盖破损", "")]), "filing2 condition.twice");
        assert_eq!(code(&vec![condition("甲", ""); 9]), "filing condition.too_many");
        assert_eq!(code(&[condition(&"长".repeat(201), "")]), "filing field.too_long");
    }

    #[test]
    fn what_is_kept_reads_back_as_it_was() {
        let all = Conditions(vec![condition("井盖缺失", "补齐"), condition("井盖破损", "更换")]);
        assert_eq!(Conditions::from_value(all.to_value()), Some(all));
        assert_eq!(Conditions::from_value(Value::Text("[]".into())), Some(Conditions::default()));
    }
}
