//! Who works in the demo: the accounts that people log in with, and for each unit somebody who answers.

use super::{Building, DISTRICT, PASSWORD, Person, TENANT, invented_number};
use access::account::{self, Account, CreateAccount, ManageAccounts, ManageRoles};
use access::grants::{self, GrantRole};
use access::{Actor, Role, Scope};
use kernel::ids::OrganisationId;
use kernel::{Error, Result};

impl Building {
    async fn account(&self, login: &str, name: &str, roles: Vec<(Role, Scope)>, password_hash: &str) -> Result<Actor> {
        let by = Actor::system(TENANT).permit::<ManageAccounts>(&TENANT)?;
        let command = CreateAccount {
            by,
            login: login.to_owned(),
            name: name.to_owned(),
            // The demo's own people have a number as well, each another than units' contacts.
            phone: Some(invented_number(5000 + login.bytes().map(usize::from).sum::<usize>())),
            password_hash: password_hash.to_owned(),
            must_change: false,
            roles,
        };
        let id = self.run(&Actor::system(TENANT), command).await?;
        let account: Account = account::by_id(&self.place.store, TENANT, id).await?;
        account::actor(&self.place.store, &account).await
    }

    /// Everybody who can log in, and for each unit somebody who answers.
    pub(super) async fn people(&mut self, company: OrganisationId) -> Result<()> {
        let hash = access::passwords::hash(PASSWORD.to_owned(), &self.place.store.world().entropy).await?;
        let community = self.directory.communities().next().ok_or_else(Error::not_found)?;
        let community = Scope::Place { id: community.id, path: community.path.clone() };
        for person in self.text.accounts.iter().filter(|person| !person.granted) {
            let scope = |role: &Role| match role {
                Role::Community => community.clone(),
                Role::UnitHandler | Role::UnitHead => Scope::Organisation { id: company },
                _ => Scope::Tenant,
            };
            let roles = person.roles.iter().map(|role| (*role, scope(role))).collect();
            let actor = self.account(&person.login, &person.name, roles, &hash).await?;
            self.actors.insert(person.login.clone(), actor);
        }
        for person in self.text.accounts.iter().filter(|person| person.granted) {
            self.grant(person, &hash).await?;
        }
        let units: Vec<(OrganisationId, String)> = self.directory.organisations().map(|unit| (unit.id, unit.name.clone())).collect();
        for (i, (unit, name)) in units.into_iter().enumerate() {
            let actor = match (unit == company, self.actors.get("unit")) {
                (true, Some(actor)) => actor.clone(),
                _ => self.account(&format!("unit{i}"), &name, vec![(Role::UnitHandler, Scope::Organisation { id: unit })], &hash).await?,
            };
            self.handlers.insert(unit, actor);
        }
        Ok(())
    }

    /// Somebody of the district, who sees this tenant because it granted that.
    async fn grant(&self, person: &Person, password_hash: &str) -> Result<()> {
        let store = &self.place.store;
        let make = CreateAccount {
            by: Actor::system(DISTRICT).permit::<ManageAccounts>(&DISTRICT)?,
            login: person.login.clone(),
            name: person.name.clone(),
            phone: None,
            password_hash: password_hash.to_owned(),
            must_change: false,
            roles: Vec::new(),
        };
        crate::first_start::as_system(store, DISTRICT, make).await?;
        let giver = self.actor("secadmin")?;
        for role in &person.roles {
            let tenant = account::tenant(store, TENANT).await?;
            let to = grants::grantee(store, &tenant, &person.login).await?;
            let by = giver.permit::<ManageRoles>(&TENANT)?;
            let command = GrantRole { by, to, role: *role, scope: Scope::Tenant, separated: true, revision: tenant.revision };
            self.run(giver, command).await?;
        }
        Ok(())
    }

    pub(super) fn actor(&self, login: &str) -> Result<&Actor> {
        self.actors.get(login).ok_or_else(|| Error::internal(format!("the demo has no {login}")))
    }
}
