//! What a program can ask about itself.

use crate::{Answer, Call, Stamp};
use access::Role;
use access::token_scope::TokenScope;

crate::enums!(Role, TokenScope);

crate::object! {
    /// The token of a request, and whose it is.
    pub struct Me {
        /// The owner's name.
        name: String,
        /// The roles that the owner has in this tenant now.
        roles: Vec<Role>,
        /// What the token is for, as its owner said.
        token: String,
        /// What the token is limited to.
        scopes: Vec<TokenScope>,
        /// Until when it is good.
        ends_at: Stamp,
    }
}

crate::operations! { "token":
    /// The token, and whose it is.
    get "/me" me;
}

async fn me(call: Call<()>) -> web::Result<Answer<Me>> {
    let token = &call.machine.token;
    let mut roles: Vec<Role> = call.actor.assignments.iter().map(|given| given.role).collect();
    roles.sort();
    roles.dedup();
    Ok(Answer(Me {
        name: call.actor.name.clone(),
        roles,
        token: token.name.clone(),
        scopes: token.scopes.clone(),
        ends_at: token.ends_at.into(),
    }))
}
