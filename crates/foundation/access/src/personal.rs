//! Personal columns: encryption-ready bytes that print masked, and the register of what is held of whom, for what and
//! until when.
//!
//! A value's content leaves it by named ways only: an unmasking that left its fact ([`crate::unmasking`]), a paper whose
//! taking is one, the person's own page, and the checks inside this crate.

use crate::account::ReadAudit;
use crate::permit::Permit;
use crate::unmasking::UnmaskContact;
use kernel::identifiers::{MobileNumber, mask_name};
use serde::{Serialize, Serializer};
use std::marker::PhantomData;
use store::{FromValue, Sql, ToValue, Value};

/// What a personal value is, which says how it looks masked.
pub trait Kind: Send + Sync + 'static {
    fn mask(text: &str) -> String;
}

/// The name of somebody who works here or for a unit. Shown in full: whoever handles a problem stands by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColleagueName;
/// Anybody else's name: `王**`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonName;
/// `138****1234`; a fixed line shows nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phone;
/// A secret: nothing of it is ever shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Secret;
/// What somebody wrote in words of their own, which may name people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnWords;
/// What somebody calls a thing of the own making, which may name people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label;

impl Kind for ColleagueName {
    fn mask(text: &str) -> String {
        mask_name(text)
    }
}
impl Kind for PersonName {
    fn mask(text: &str) -> String {
        mask_name(text)
    }
}
impl Kind for Phone {
    fn mask(text: &str) -> String {
        MobileNumber::parse(text).map_or_else(|_| "****".to_owned(), |mobile| mobile.masked())
    }
}
impl Kind for Secret {
    fn mask(_: &str) -> String {
        "****".to_owned()
    }
}
impl Kind for OwnWords {
    fn mask(_: &str) -> String {
        "****".to_owned()
    }
}
impl Kind for Label {
    fn mask(_: &str) -> String {
        "****".to_owned()
    }
}

/// A personal value. It prints, serialises and compares like anything else, but masked.
///
/// As it is kept, one byte names the scheme (0 is plain UTF-8), the rest is the value.
#[derive(Clone, PartialEq, Eq)]
pub struct Masked<K>(String, PhantomData<fn() -> K>);

impl<K: Kind> Masked<K> {
    pub fn new(text: impl Into<String>) -> Self {
        Masked(text.into(), PhantomData)
    }
    /// For this crate's own checks and for unmasking.
    pub(crate) fn content(&self) -> &str {
        &self.0
    }
    /// For a paper of the unit; whoever takes it records the unmasking in the same command.
    pub fn on_paper(&self, _: &Permit<UnmaskContact>) -> &str {
        &self.0
    }
    /// As it is kept beyond its end, where a row needs something.
    pub fn worn(&self) -> Self {
        Masked::new(K::mask(&self.0))
    }
}

impl Masked<ColleagueName> {
    /// Colleagues' names stand in timelines and lists; the register says so.
    pub fn shown(&self) -> &str {
        &self.0
    }
}

impl Masked<Label> {
    /// To its maker, and to those who look after what was made; the register says so.
    pub(crate) fn shown(&self) -> &str {
        &self.0
    }
}

impl Masked<OwnWords> {
    /// For those who look after unmaskings and read the reasons given.
    pub fn to_auditor(&self, _: &Permit<ReadAudit>) -> &str {
        &self.0
    }
}

impl crate::http::Desk {
    /// One's own number, on one's own page.
    pub fn own_phone(&self) -> &str {
        self.account.phone.as_ref().map_or("", Masked::content)
    }
}

impl<K: Kind> std::fmt::Display for Masked<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&K::mask(&self.0))
    }
}

impl<K: Kind> std::fmt::Debug for Masked<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Masked({self})")
    }
}

impl<K: Kind> Serialize for Masked<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<K> ToValue for Masked<K> {
    fn to_value(&self) -> Value {
        let mut bytes = vec![0];
        bytes.extend_from_slice(self.0.as_bytes());
        Value::Bytes(bytes)
    }
}

impl<K> FromValue for Masked<K> {
    fn from_value(value: Value) -> Option<Self> {
        let Value::Bytes(bytes) = value else { return None };
        let (scheme, rest) = bytes.split_first()?;
        let text = (*scheme == 0).then(|| String::from_utf8(rest.to_vec()).ok()).flatten()?;
        Some(Masked(text, PhantomData))
    }
}

/// A log-in name as others than its owner see it: units' people log in with their phone numbers. Erased, it is a dash.
pub fn shown_login(login: &str) -> String {
    if login.starts_with(crate::keeping::ERASED_LOGIN) {
        return "—".to_owned();
    }
    MobileNumber::parse(login).map_or_else(|_| login.to_owned(), |mobile| mobile.masked())
}

store::text_enum! {
    /// How long a field group is kept; the days are the tenant's to set ([`crate::settings::Keeping`]).
    pub enum Until {
        /// Days after the account was closed.
        AccountClosed = "account_closed",
        /// Days after the account was closed; only the surname stays then.
        NameDue = "name_due",
        /// Until the second step is removed, at the latest with the account's phone number.
        TotpRemoved = "totp_removed",
        /// A week after the session's end.
        SessionEnded = "session_ended",
        /// A month after the token ran out or was revoked.
        TokenEnded = "token_ended",
        /// Days after the invitation was used or ran out.
        InvitationEnded = "invitation_ended",
        /// Days after the organisation was closed; replaced at once when it names somebody else.
        OrganisationClosed = "organisation_closed",
        /// Days after it was written.
        Written = "written",
        /// Days after the last answer to whoever called.
        CallerAnswered = "caller_answered",
    }
}

/// One group of personal columns, as its crate registers it with [`personal!`](crate::personal!).
pub struct FieldGroup {
    /// `account_phone`; its words are `personal-{key}`, and with `-of`, `-for` and `-shown` whose it is, what for and how shown.
    pub key: &'static str,
    /// `table.column`.
    pub columns: &'static [&'static str],
    pub until: Until,
    /// How many rows of a tenant hold it now; walks the table's key from `:first` (an id) or `:start` (bytes) on.
    pub count: &'static Sql,
}
inventory::collect!(FieldGroup);

/// All of them, in one order.
pub fn groups() -> Vec<&'static FieldGroup> {
    let mut all: Vec<_> = inventory::iter::<FieldGroup>.into_iter().collect();
    all.sort_by_key(|group| group.key);
    all
}

/// Registers groups of personal columns.
///
/// ```ignore
/// access::personal! { "account_phone" of ["account.phone"] until AccountClosed counted by PHONES; }
/// ```
#[macro_export]
macro_rules! personal {
    ($($key:literal of [$($column:literal),+ $(,)?] until $until:ident counted by $count:ident;)+) => {$(
        $crate::inventory::submit! { $crate::personal::FieldGroup {
            key: $key, columns: &[$($column),+], until: $crate::personal::Until::$until, count: &$count,
        } }
    )+};
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_personal_value_prints_and_serialises_masked_whatever_it_stands_in() {
        let (phone, name) = (Masked::<Phone>::new("13812341234"), Masked::<PersonName>::new("王小明"));
        assert_eq!(format!("{phone} {phone:?} {:?}", Some(&name)), "138****1234 Masked(138****1234) Some(Masked(王**))");
        assert_eq!(serde_json::to_string(&(phone, name)).unwrap(), "[\"138****1234\",\"王**\"]");
        assert_eq!(Masked::<Phone>::new("0532-86881234").to_string(), "****");
        assert_eq!(Masked::<Secret>::new("anything").to_string(), "****");
    }

    #[test]
    fn a_value_comes_back_from_its_column_and_an_unknown_scheme_does_not() {
        let kept = Masked::<Phone>::new("13812341234").to_value();
        assert!(Masked::<Phone>::from_value(kept.clone()) == Some(Masked::new("13812341234")));
        assert!(Masked::<Phone>::from_value(Value::Bytes(vec![1, b'x'])).is_none());
        assert!(Masked::<Phone>::from_value(Value::Text("13812341234".into())).is_none());
    }

    #[test]
    fn a_log_in_name_that_is_a_phone_number_is_masked_and_another_is_not() {
        assert_eq!([shown_login("13812341234"), shown_login("wang.ming")], ["138****1234", "wang.ming"]);
    }
}
