//! The person (or the system) who acts, with what they were given.

use crate::permit::{Governed, Permit, Relation, Verb};
use crate::role::Role;
use crate::token_scope::Limit;
use kernel::ids::{AccountId, OrganisationId, PlaceId};
use kernel::{Code, Result, TenantId};
use std::sync::Arc;

/// Where a role holds.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Scope {
    /// The whole tenant.
    Tenant,
    /// A place and all below it; `path` is the place's path, a prefix of its descendants' paths.
    Place { id: PlaceId, path: String },
    /// One organisation.
    Organisation { id: OrganisationId },
}

/// A role with its scope, as given to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    pub role: Role,
    pub scope: Scope,
}

/// Who acts. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Actor(Arc<ActorData>, Limit);

#[derive(Debug)]
pub struct ActorData {
    /// The tenant acted in (a district's account acts in a child tenant through a grant).
    pub tenant: TenantId,
    /// The account's own tenant.
    pub home: TenantId,
    /// The account's own tenant is a district: it may have been granted roles in others.
    pub of_district: bool,
    /// `None` is the system itself: reactions, sweeps, the command line.
    pub account: Option<AccountId>,
    pub name: String,
    pub assignments: Vec<Assignment>,
}

impl std::ops::Deref for Actor {
    type Target = ActorData;
    fn deref(&self) -> &ActorData {
        &self.0
    }
}

pub const FORBIDDEN: Code = Code::forbidden("forbidden");

impl Actor {
    pub fn new(data: ActorData) -> Self {
        Actor(Arc::new(data), Limit::default())
    }
    /// The same person, who may do no more than `limit` says: a program acts with a token.
    #[must_use]
    pub fn limited(self, limit: Limit) -> Self {
        Actor(self.0, limit)
    }
    /// The same, who may do no more than `other` with what it acts with: a token limits its owner in every tenant.
    #[must_use]
    pub fn limited_as(self, other: &Actor) -> Self {
        Actor(self.0, other.1)
    }
    /// Whether what the actor acts with covers a verb at all, whatever its roles. Errors: `token.scope`.
    pub fn covers<V: Verb>(&self) -> Result<()> {
        self.1.check(V::NAME)
    }
    /// The system itself, for the command line, reactions and sweeps; may do everything in the tenant.
    pub fn system(tenant: TenantId) -> Self {
        Actor::new(ActorData { tenant, home: tenant, of_district: false, account: None, name: String::new(), assignments: Vec::new() })
    }
    pub fn is_system(&self) -> bool {
        self.account.is_none()
    }
    pub fn has(&self, role: Role) -> bool {
        self.assignments.iter().any(|given| given.role == role)
    }
    /// Whether the person belongs to the organisation.
    pub fn works_for(&self, organisation: OrganisationId) -> bool {
        self.assignments.iter().any(|given| given.scope == Scope::Organisation { id: organisation })
    }
    pub fn organisations(&self) -> Vec<OrganisationId> {
        let mut found: Vec<_> = self
            .assignments
            .iter()
            .filter_map(|given| match given.scope {
                Scope::Organisation { id } => Some(id),
                _ => None,
            })
            .collect();
        found.sort();
        found.dedup();
        found
    }
    /// The proof that this actor may do `V` to `subject`; 403 `forbidden` otherwise (the caller answers 404 first where it can't be seen).
    pub fn permit<V: Verb>(&self, subject: &impl Governed) -> Result<Permit<V>> {
        self.1.check(V::NAME)?;
        let subject = subject.subject();
        let allowed = subject.tenant == self.tenant
            && (self.is_system()
                || self
                    .assignments
                    .iter()
                    .any(|given| V::RULES.iter().any(|rule| rule.role == given.role && rule.relation.holds(given, &subject, self))));
        if allowed { Ok(Permit::granted(self.clone())) } else { Err(FORBIDDEN.err().detail(V::NAME)) }
    }
    pub fn can<V: Verb>(&self, subject: &impl Governed) -> bool {
        self.permit::<V>(subject).is_ok()
    }
    /// The permit for a list or a new thing: any assignment that the verb's rules name; the list is then narrowed by [`Permit::reach`].
    pub fn permit_some<V: Verb>(&self) -> Result<Permit<V>> {
        self.1.check(V::NAME)?;
        let allowed = self.is_system() || self.assignments.iter().any(|given| V::RULES.iter().any(|rule| rule.role == given.role));
        if allowed { Ok(Permit::granted(self.clone())) } else { Err(FORBIDDEN.err().detail(V::NAME)) }
    }
    pub fn can_some<V: Verb>(&self) -> bool {
        self.permit_some::<V>().is_ok()
    }
}

impl Relation {
    pub(crate) fn holds(self, given: &Assignment, subject: &crate::Subject<'_>, actor: &Actor) -> bool {
        match self {
            Relation::Within => match &given.scope {
                Scope::Tenant => true,
                Scope::Place { path, .. } => subject.place_path.is_some_and(|at| at.starts_with(path.as_str())),
                Scope::Organisation { .. } => false,
            },
            Relation::Unit => matches!(given.scope, Scope::Organisation { id } if subject.unit == Some(id)),
            Relation::Assisting => matches!(given.scope, Scope::Organisation { id } if subject.assisting.contains(&id)),
            Relation::Own => actor.account.is_some() && subject.owner == actor.account,
        }
    }
}
