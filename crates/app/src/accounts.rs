//! `xiuhua account`: list, make and reset accounts without a browser, for whoever runs the machine.

use crate::console::Console;
use crate::first_start::as_system;
use crate::installation::Installation;
use access::account::{self, CreateAccount, ManageAccounts, ManageRoles, SetPassword};
use access::personal::shown_login;
use access::{Actor, Role, Scope, passwords};
use kernel::{Code, Result};

/// Nobody has this log-in name.
pub const UNKNOWN: Code = Code::not_found("account.unknown");
/// There is no such role.
pub const BAD_ROLE: Code = Code::invalid("account.role");

/// One line an account: log-in name, name, whether it is open, roles.
pub async fn list(place: &Installation, console: &Console, tenant: Option<&str>) -> Result<()> {
    let w = console.words();
    for tenant in place.tenants(tenant).await? {
        let mut after = String::new();
        loop {
            let page = account::all(&place.store, tenant.id, &after).await?;
            let Some(last) = page.last() else { break };
            after = last.login.clone();
            for one in &page {
                let roles = account::assignments(&place.store, tenant.id, one.id).await?;
                let roles: Vec<_> = roles.iter().map(|given| w.t(&format!("role-{}", given.role)).into_owned()).collect();
                let state = w.t(if one.active { "account-open" } else { "account-closed" });
                console.print(&format!(
                    "{}\t{}\t{}\t{state}\t{}",
                    tenant.slug,
                    shown_login(&one.login),
                    one.name.shown(),
                    roles.join(" · ")
                ));
            }
        }
    }
    Ok(())
}

/// Makes an account with tenant-wide roles and prints its one-time password.
pub async fn create(place: &Installation, console: &Console, tenant: &str, login: &str, name: &str, roles: &[String]) -> Result<()> {
    let roles =
        roles.iter().map(|text| text.parse::<Role>().map(|role| (role, Scope::Tenant)).map_err(|_| BAD_ROLE.err().arg("role", text)));
    let roles = roles.collect::<Result<Vec<_>>>()?;
    if place.loaded.config.access.separate_administrators {
        access::giving::keep_apart(roles.iter().map(|(role, _)| *role))?;
    }
    for tenant in place.tenants(Some(tenant)).await? {
        let password = passwords::one_time(&place.store.world().entropy);
        let command = CreateAccount {
            by: Actor::system(tenant.id).permit::<ManageAccounts>(&tenant.id)?,
            login: login.to_owned(),
            name: name.to_owned(),
            phone: None,
            password_hash: passwords::hash(password.clone(), &place.store.world().entropy).await?,
            must_change: true,
            roles: roles.clone(),
        };
        as_system(&place.store, tenant.id, command).await?;
        console.say("start-one_time", &[("login", login.to_owned()), ("password", password)]);
    }
    Ok(())
}

/// Gives an account a one-time password, prints it, and ends the account's sessions.
pub async fn reset_password(place: &Installation, console: &Console, login: &str) -> Result<()> {
    let login = account::clean_login(login)?;
    let found = account::by_login(&place.store, &login).await?.ok_or_else(|| UNKNOWN.err().arg("login", &login))?;
    let password = passwords::one_time(&place.store.world().entropy);
    let password_hash = passwords::hash(password.clone(), &place.store.world().entropy).await?;
    let by = Actor::system(found.tenant_id).permit::<ManageRoles>(&found.tenant_id)?;
    let command = SetPassword::reset(by, found.id, password_hash);
    as_system(&place.store, found.tenant_id, command).await?;
    console.say("start-one_time", &[("login", login), ("password", password)]);
    Ok(())
}
