//! Where one thing starts another and nobody waits for it: on this fact, run that command.
//!
//! Facts are read by position once they are sealed. A reaction may be run again (a crash, two processes): its commands take
//! their ids from the fact's, so that the second time is answered with the first.

use cases::recounting::{Behind, Recount};
use cases::verbs::HandleCase;
use contracts::CaseId;
use futures::future::BoxFuture;
use kernel::ids::{CommandId, FactId, Uuid};
use kernel::{Error, Instant, Result, TenantId};
use std::time::Duration;
use store::Pass;
use store::journal::FactRow;
use tokio::sync::watch;
use web::App;

/// One line of the table.
struct Reaction {
    on: &'static str,
    run: fn(App, TenantId, FactRow) -> BoxFuture<'static, Result<()>>,
}

const TABLE: &[Reaction] = &[
    // Newer holidays are announced: deadlines beyond the old file's end are counted again.
    Reaction { on: "calendar.changed", run: |app, tenant, fact| Box::pin(recount(app, tenant, fact)) },
    // What one street passes on begins in the other, and what becomes of it there comes back.
    Reaction { on: "case.transferred", run: |app, tenant, fact| Box::pin(passed_on(app, tenant, fact, false)) },
    Reaction { on: "case.transfer_failed", run: |app, tenant, fact| Box::pin(passed_on(app, tenant, fact, true)) },
    Reaction { on: "case.passed", run: |app, tenant, fact| Box::pin(answered(app, tenant, fact)) },
    Reaction { on: "case.declined", run: |app, tenant, fact| Box::pin(answered(app, tenant, fact)) },
    Reaction { on: "case.voided", run: |app, tenant, fact| Box::pin(answered(app, tenant, fact)) },
];

/// The reader's name at its cursor.
pub const READER: &str = "reactions";
const TICK: Duration = Duration::from_secs(1);
/// After a failure: what failed is tried again, and not a thousand times.
const PAUSE: Duration = Duration::from_secs(30);
/// Facts looked at between two moves of the cursor.
const BATCH: u16 = 1000;

/// Reacts until told to stop.
pub async fn run(app: App, mut stop: watch::Receiver<bool>) {
    loop {
        let wait = match react(&app).await {
            Ok(()) => TICK,
            Err(error) => {
                tracing::warn!(%error, "what failed is tried again");
                PAUSE
            }
        };
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Takes every sealed fact that was not read yet. Errors: the first reaction's that failed; the cursor of its tenant stands before its
/// fact, and the other tenants' facts were read all the same.
pub async fn react(app: &App) -> Result<()> {
    let mut failed = Ok(());
    for tenant in app.store.behind(READER).await? {
        if let Err(error) = react_in(app, tenant).await {
            tracing::warn!(%error, tenant = tenant.0, "a reaction failed");
            failed = failed.and(Err(error));
        }
    }
    failed
}

async fn react_in(app: &App, tenant: TenantId) -> Result<()> {
    loop {
        let facts = app.store.kinds_unread(tenant, READER, BATCH).await?;
        let Some((last, _)) = facts.last().cloned() else { return Ok(()) };
        for (position, kind) in &facts {
            for reaction in TABLE.iter().filter(|reaction| reaction.on == kind) {
                let fact = app.store.facts_from(tenant, *position, 1).await?.pop().ok_or_else(Error::not_found)?;
                if let Err(error) = (reaction.run)(app.clone(), tenant, fact).await {
                    // What went well before it need not be looked at again.
                    if *position > 0 {
                        app.store.advance(tenant, READER, position - 1).await?;
                    }
                    return Err(error);
                }
            }
        }
        app.store.advance(tenant, READER, last).await?;
        if facts.len() < usize::from(BATCH) {
            return Ok(());
        }
    }
}

/// The id of the `n`th command that this fact starts.
fn command_id(fact: FactId, n: u32) -> CommandId {
    let hash = kernel::canonical::content_hash(format!("reaction {fact} {n}").as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    CommandId(Uuid::from_bytes(bytes))
}

async fn passed_on(app: App, tenant: TenantId, fact: FactRow, again: bool) -> Result<()> {
    let data = fact.json()?;
    if !again && data["to"].is_null() {
        return Ok(());
    }
    let id = fact.id;
    let pass = move |to, n| Pass { tenant: to, actor: None, on_behalf_of: None, id: command_id(id, n), body: [0; 32] };
    cases::passing_on::begin_there(&app, tenant, CaseId(fact.subject_id), again, &pass).await
}

async fn answered(app: App, tenant: TenantId, fact: FactRow) -> Result<()> {
    let id = fact.id;
    let pass = move |to, n| Pass { tenant: to, actor: None, on_behalf_of: None, id: command_id(id, n), body: [0; 32] };
    cases::passing_on::answer_back(&app, tenant, CaseId(fact.subject_id), &pass).await
}

async fn recount(app: App, tenant: TenantId, fact: FactRow) -> Result<()> {
    let data = fact.json()?;
    let (Some(beyond), Some(known_until)) = (data["deadlines_beyond"].as_str(), data["known_until"].as_str()) else { return Ok(()) };
    let office = cases::office::Office::of_tenant(&app, tenant).await?;
    let by = access::Actor::system(tenant).permit::<HandleCase>(&tenant)?;
    let last_day: jiff::civil::Date = beyond.parse().map_err(Error::internal)?;
    let end = last_day.tomorrow().and_then(|day| day.to_zoned_datetime(office.hours.zone().clone())).map_err(Error::internal)?;
    let mut from = Behind::later_than(Instant(Instant::from_timestamp(end.timestamp()).0 - 1));
    let mut moved = 0;
    for n in 0.. {
        let pass = Pass { tenant, actor: None, on_behalf_of: None, id: command_id(fact.id, n), body: [0; 32] };
        let command = Recount { by: by.clone(), from, known_until: known_until.to_owned(), hours: office.hours.clone() };
        let done = app.store.run(pass, command).await?.out;
        moved += done.moved;
        match done.next {
            Some(next) => from = next,
            None => break,
        }
    }
    tracing::info!(tenant = tenant.0, moved, "deadlines counted again by newly announced holidays");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::journal::{Journal, Signer};
    use testkit::{OTHER, TENANT, TestApp};

    store::both_engines! {
        async fn newer_holidays_move_the_deadlines_that_they_reach_once(db: TestDb) {
            let test = TestApp::new(db, cases::routes()).await;
            db.meddle("UPDATE category_version SET limit_unit = 'working_minutes', limit_value = 2400 WHERE limit_unit = 'working_minutes'").await;
            let journal = Journal::new(test.store.clone(), Signer::open(&db.config.data.join("key"), &db.world).expect("a key"));
            db.world.clock.set(Instant::from_timestamp("2026-12-30T09:00+08:00".parse().expect("an instant")));
            let clerk = test.clerk().await;
            let directory = territory::Directory::load(&test.store, TENANT).await.expect("a directory");
            let category = directory.categories().find(|c| c.limit_unit.as_deref() == Some("working_minutes")).expect("one").id.to_string();
            let (place, unit) = (test.compound.to_string(), test.company.to_string());
            clerk.post("/report", &[("place", &place), ("category", &category), ("what", "Boxes")]).await.expect(303);
            let query = || store::Query::from("SELECT number, unit_due FROM cases WHERE tenant_id = :tenant").bind("tenant", TENANT).then("ORDER BY number DESC LIMIT 1");
            let number = test.store.query::<(i64, Option<i64>)>(query()).await.expect("a case")[0].0;
            clerk.post(&format!("/cases/{number}/file"), &[]).await.expect(303);
            clerk.post(&format!("/cases/{number}/dispatch"), &[("unit", &unit)]).await.expect(303);
            let due = async || test.store.query::<(i64, Option<i64>)>(query()).await.expect("a case")[0].1.expect("a deadline");
            let before = due().await;
            journal.seal_now(TENANT).await.expect("sealed");
            react(&test.app).await.expect("nothing to do");
            assert_eq!(due().await, before);
            let by = access::Actor::system(TENANT).permit(&TENANT).expect("the system may");
            let text = "date,day_off,name\n2027-01-01,yes,New Year\n2027-01-04,yes,New Year\n2027-01-05,yes,New Year\n2027-12-31,yes,End\n".to_owned();
            let pass = Pass { tenant: TENANT, actor: None, on_behalf_of: None, id: test.store.world().new_id(), body: [0; 32] };
            test.store.run(pass, territory::calendars::LoadHolidays { by, text }).await.expect("loaded");
            journal.seal_now(TENANT).await.expect("sealed");
            react(&test.app).await.expect("reacts");
            let after = due().await;
            assert!(after > before, "{after} {before}");
            // The reader's cursor lost, as by a crash between the work and its note: nothing happens twice.
            db.meddle("DELETE FROM consumer_cursor").await;
            react(&test.app).await.expect("reacts");
            assert_eq!(due().await, after);
            assert!(test.store.behind(READER).await.expect("asked").is_empty());
        }

        async fn what_fails_in_one_tenant_keeps_no_other_waiting(db: TestDb) {
            let test = TestApp::new(db, cases::routes()).await;
            let journal = Journal::new(test.store.clone(), Signer::open(&db.config.data.join("key"), &db.world).expect("a key"));
            let clerk = test.clerk().await;
            clerk.post("/report", &[("place", test.compound.to_string().as_str()), ("what", "Boxes")]).await.expect(303);
            let number = || store::Query::from("SELECT number FROM cases WHERE tenant_id = :tenant").bind("tenant", TENANT);
            let number = test.store.query::<(i64,)>(number()).await.expect("a case")[0].0;
            clerk.post(&format!("/cases/{number}/decline"), &[("reason", "outside_area"), ("words", "Beyond")]).await.expect(303);
            let by = access::Actor::system(OTHER).permit(&OTHER).expect("the system may");
            let text = "date,day_off,name\n2027-01-01,yes,New Year\n2027-12-31,yes,End\n".to_owned();
            let pass = Pass { tenant: OTHER, actor: None, on_behalf_of: None, id: test.store.world().new_id(), body: [0; 32] };
            test.store.run(pass, territory::calendars::LoadHolidays { by, text }).await.expect("loaded");
            for tenant in [TENANT, OTHER] {
                journal.seal_now(tenant).await.expect("sealed");
            }
            db.meddle("DELETE FROM cases").await;
            react(&test.app).await.expect_err("there is no such case");
            assert_eq!(test.store.behind(READER).await.expect("asked"), [TENANT]);
        }
    }
}
