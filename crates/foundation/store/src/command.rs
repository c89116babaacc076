//! Commands: values that change state and record facts, in one transaction or not at all.

use crate::Write;
use kernel::ids::{AccountId, CommandId};
use kernel::{Result, TenantId};
use serde::{Serialize, de::DeserializeOwned};
use std::future::Future;

/// A change that a permitted person makes.
///
/// It is a value, so that the store can run it again (serialisation failures, lost connections), in its own task
/// whether or not the browser hung up. No network, file or hashing work inside `run`.
pub trait Command: Send + Sync + 'static {
    /// `case.pass`
    const KIND: &'static str;
    type Out: Serialize + DeserializeOwned + Send + 'static;
    fn run(&self, tx: &mut Write<'_>) -> impl Future<Output = Result<Self::Out>> + Send;
}

/// In whose name a command runs, and how it is recognised when it comes again.
#[derive(Debug, Clone)]
pub struct Pass {
    pub tenant: TenantId,
    /// `None` for the system itself (reactions, sweeps, import from the command line).
    pub actor: Option<AccountId>,
    /// In whose name, where somebody acts for another (a clerk for a caller).
    pub on_behalf_of: Option<AccountId>,
    pub id: CommandId,
    /// SM3 of the submitted body: the same id with another body is refused (422 `command.reused`).
    pub body: [u8; 32],
}

/// What a command gave, and whether it had run before.
#[derive(Debug)]
pub struct Outcome<T> {
    pub out: T,
    pub replayed: bool,
}
