//! Permits: the proof, as an argument, that an actor may do a verb; made only by checking its rules.

use crate::actor::{Actor, Assignment, Scope};
use crate::role::Role;
use kernel::TenantId;
use kernel::ids::{AccountId, OrganisationId};
use std::marker::PhantomData;

/// How an assignment must stand to the subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// The subject lies in the assignment's place subtree (the whole tenant, where the scope is the tenant).
    Within,
    /// The assignment's organisation is the responsible unit.
    Unit,
    /// The assignment's organisation assists.
    Assisting,
    /// The actor made it.
    Own,
}

/// One line of the matrix: this role may, where the relation holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    pub role: Role,
    pub relation: Relation,
}

/// Something that can be done; declared with [`verbs!`](crate::verbs).
pub trait Verb: Send + Sync + 'static {
    const NAME: &'static str;
    const RULES: &'static [Rule];
}

/// A verb with its rules, registered for the printed matrix.
pub struct VerbEntry {
    pub name: &'static str,
    pub rules: &'static [Rule],
}
inventory::collect!(VerbEntry);

/// Declares verbs with who may do them.
///
/// ```ignore
/// access::verbs! {
///     /// Look at a rectification and accept or refuse it.
///     Reinspect = "case.reinspect" { Clerk: Within, Inspector: Within }
/// }
/// ```
#[macro_export]
macro_rules! verbs {
    ($($(#[$doc:meta])* $name:ident = $text:literal { $($role:ident : $relation:ident),* $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;
        impl $crate::Verb for $name {
            const NAME: &'static str = $text;
            const RULES: &'static [$crate::Rule] = &[$($crate::Rule { role: $crate::Role::$role, relation: $crate::Relation::$relation }),*];
        }
        $crate::inventory::submit! { $crate::VerbEntry { name: $text, rules: <$name as $crate::Verb>::RULES } }
    )+};
}

/// What the rules look at.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    pub tenant: TenantId,
    pub place_path: Option<&'a str>,
    pub unit: Option<OrganisationId>,
    pub assisting: &'a [OrganisationId],
    pub owner: Option<AccountId>,
}

impl Subject<'_> {
    /// A subject of the tenant as a whole (settings, places, accounts): only tenant-wide assignments reach it.
    pub fn of_tenant(tenant: TenantId) -> Self {
        Subject { tenant, place_path: None, unit: None, assisting: &[], owner: None }
    }
}

/// Anything that a permit can be asked for.
pub trait Governed {
    fn subject(&self) -> Subject<'_>;
}

impl Governed for Subject<'_> {
    fn subject(&self) -> Subject<'_> {
        *self
    }
}
impl Governed for TenantId {
    fn subject(&self) -> Subject<'_> {
        Subject::of_tenant(*self)
    }
}

/// Proof that `actor` may do `V`.
#[derive(Debug)]
pub struct Permit<V> {
    pub actor: Actor,
    verb: PhantomData<fn() -> V>,
}

impl<V> Clone for Permit<V> {
    fn clone(&self) -> Self {
        Permit::granted(self.actor.clone())
    }
}

impl<V> Permit<V> {
    pub(crate) fn granted(actor: Actor) -> Self {
        Permit { actor, verb: PhantomData }
    }
    pub fn tenant(&self) -> TenantId {
        self.actor.tenant
    }
}

/// What a list may show to the holder of a permit: the union of these.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reach {
    /// Everything in the tenant.
    pub all: bool,
    /// Place subtrees, by path.
    pub paths: Vec<String>,
    /// As responsible or assisting unit.
    pub organisations: Vec<OrganisationId>,
    /// What the account made itself.
    pub own: Option<AccountId>,
}

impl<V: Verb> Permit<V> {
    /// The scopes under which the verb is allowed, for SQL conditions.
    pub fn reach(&self) -> Reach {
        let mut reach = Reach { all: self.actor.is_system(), ..Reach::default() };
        for Assignment { role, scope } in &self.actor.assignments {
            for rule in V::RULES.iter().filter(|rule| rule.role == *role) {
                match (rule.relation, scope) {
                    (Relation::Within, Scope::Tenant) => reach.all = true,
                    (Relation::Within, Scope::Place { path, .. }) => reach.paths.push(path.clone()),
                    (Relation::Unit | Relation::Assisting, Scope::Organisation { id }) => reach.organisations.push(*id),
                    (Relation::Own, _) => reach.own = self.actor.account,
                    _ => {}
                }
            }
        }
        reach.paths.sort();
        // What lies within another reach is there once.
        reach.paths.dedup_by(|inner, outer| inner.starts_with(outer.as_str()));
        reach.organisations.sort();
        reach.organisations.dedup();
        reach
    }
}
