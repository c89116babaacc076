//! What the tests of journal, attachments and backup share.

pub use crate::testing::{Engine, TestDb};
use crate::{Command, Fact, Pass};
use kernel::TenantId;
use kernel::ids::Uuid;
use serde::Serialize;

pub const TENANT: TenantId = TenantId(1);

/// Something of no meaning that happened to nobody.
#[derive(Serialize)]
pub struct Happened {
    pub slug: String,
}

impl Fact for Happened {
    const KIND: &'static str = "test.happened";
    const SUBJECT: &'static str = "test";
    fn subject(&self) -> Uuid {
        Uuid::from_u128(9)
    }
}

/// A new press of a button, by nobody in particular.
pub fn pass(db: &TestDb) -> Pass {
    Pass { tenant: TENANT, actor: None, on_behalf_of: None, id: db.world.new_id(), body: [0; 32] }
}

/// Runs a command and gives what it gave.
pub async fn run<C: Command>(db: &TestDb, command: C) -> kernel::Result<C::Out> {
    db.store.run(pass(db), command).await.map(|outcome| outcome.out)
}

/// What somebody with the database's password does, past the program.
pub async fn tamper(db: &TestDb, script: &str) {
    db.store.run_script(script.to_owned()).await.unwrap_or_else(|error| panic!("{script}: {error}"));
}

/// An id as the engine writes it in a text.
pub fn id_literal(db: &TestDb, id: Uuid) -> String {
    match db.engine {
        Engine::Sqlite => format!("X'{}'", id.simple()),
        Engine::Postgres => format!("'{id}'"),
    }
}
