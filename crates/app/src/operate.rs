//! What an operator does from the command line: migrate, back up, restore, verify, index anew, and look at figures and settings.

use crate::config::{Loaded, Origin};
use crate::console::Console;
use crate::installation::Installation;
use cases::figures::{By, Figures, parted, total};
use jiff::civil::Date;
use kernel::ids::{OrganisationId, PlaceId};
use kernel::{Code, Kind, Result, ensure};
use serde_json::json;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;
use store::journal::{self, Finding, StateCheck};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The period is not two days, the first not after the last.
pub const BAD_PERIOD: Code = Code::invalid("summary.period");

/// Nobody answers where the server should listen, or it says that it cannot work just now.
pub const NOT_READY: Code = Code::new(Kind::Unavailable, "health.not_ready");

/// The server itself waits two seconds for its database.
const ANSWERED_WITHIN: Duration = Duration::from_secs(5);

/// Says what is to be done, and does it unless it is a dry run.
pub async fn migrate(place: &Installation, console: &Console, dry_run: bool) -> Result<()> {
    let pending = place.store.pending_migrations().await?;
    if pending.is_empty() {
        console.say("migrate-nothing", &[]);
        return Ok(());
    }
    console.say("migrate-pending", &[("count", pending.len().to_string())]);
    for migration in &pending {
        console.print(&format!("  {}", migration.name()));
    }
    if dry_run {
        console.say("migrate-dry", &[]);
        return Ok(());
    }
    let done = place.store.migrate().await?;
    console.say("migrate-done", &[("count", done.len().to_string())]);
    Ok(())
}

/// Writes a backup while the server may be running.
pub async fn backup(place: &Installation, console: &Console, file: &Path) -> Result<()> {
    let manifest = store::backup::backup(&place.store, &place.attachments, &place.signer, file).await?;
    let rows: u64 = manifest.tables.iter().map(|table| table.rows).sum();
    console.say(
        "backup-done",
        &[("file", file.display().to_string()), ("tables", manifest.tables.len().to_string()), ("rows", rows.to_string())],
    );
    Ok(())
}

/// Brings an archive into this installation, which must be empty.
pub async fn restore(place: &Installation, console: &Console, file: &Path) -> Result<()> {
    place.store.migrate().await?;
    let manifest = store::backup::restore(&place.store, &place.attachments, &place.key_file, file).await?;
    let rows: u64 = manifest.tables.iter().map(|table| table.rows).sum();
    console.say(
        "restore-done",
        &[("file", file.display().to_string()), ("tables", manifest.tables.len().to_string()), ("rows", rows.to_string())],
    );
    Ok(())
}

/// Recomputes journals and state; whether everything fits.
pub async fn verify(place: &Installation, console: &Console, tenant: Option<&str>, checks: &[&dyn StateCheck]) -> Result<bool> {
    let mut clean = true;
    for tenant in place.tenants(tenant).await? {
        let report = journal::verify(&place.store, &place.signer, tenant.id, &[], checks).await?;
        clean &= report.is_clean();
        console.say(
            "verify-looked",
            &[
                ("tenant", tenant.slug),
                ("facts", report.facts.to_string()),
                ("heads", report.signed_heads.to_string()),
                ("protected", report.protected.to_string()),
                ("open", report.not_protected.to_string()),
            ],
        );
        for finding in &report.findings {
            tell(console, finding);
            if finding.what == journal::verify::what::STATE {
                let named = finding.args.iter().filter(|(name, _)| **name != "check");
                console.print(&format!("  {}", named.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")));
            }
        }
        if report.more_findings > 0 {
            console.say("verify-more", &[("count", report.more_findings.to_string())]);
        }
    }
    console.say(if clean { "verify-clean" } else { "verify-not_clean" }, &[]);
    Ok(clean)
}

/// A finding in words.
pub fn tell(console: &Console, finding: &Finding) {
    let args: Vec<_> = finding.args.iter().map(|(name, value)| (*name, value.clone())).collect();
    console.say(&finding.what.replace('.', "-"), &args);
}

/// Forgets the index of words: the server makes it anew from the cases, while it serves or when it starts.
pub async fn reindex(place: &Installation, console: &Console, tenant: Option<&str>) -> Result<()> {
    for tenant in place.tenants(tenant).await? {
        place.store.search().forget(tenant.id).await?;
        console.say("reindex-done", &[("tenant", tenant.slug)]);
    }
    Ok(())
}

/// Every setting in force, secrets hidden, with where it came from.
pub fn config(loaded: &Loaded, console: &Console) -> Result<()> {
    for (line, origin) in loaded.lines()? {
        let origin = match origin {
            Origin::Default => "config-default",
            Origin::File => "config-file",
            Origin::Environment => "config-environment",
        };
        console.print(&format!("{line}  # {}", console.words().t(origin)));
    }
    Ok(())
}

/// Asks the server of this configuration, as a container's health check does. Errors: [`NOT_READY`].
pub async fn health(loaded: &Loaded, console: &Console) -> Result<()> {
    let listen = loaded.config.listen;
    let host = match listen.ip() {
        ip if !ip.is_unspecified() => ip,
        ip if ip.is_ipv4() => Ipv4Addr::LOCALHOST.into(),
        _ => Ipv6Addr::LOCALHOST.into(),
    };
    let address = SocketAddr::new(host, listen.port());
    let not = |said: &str| NOT_READY.err().arg("address", address).arg("said", said);
    let answer = tokio::time::timeout(ANSWERED_WITHIN, answer(address)).await;
    let answer = answer.map_err(|error| not("—").detail(error))?.map_err(|error| not("—").detail(error))?;
    let said = answer.rsplit("\r\n").next().unwrap_or_default().trim();
    ensure(answer.starts_with("HTTP/1.1 200"), not(said))?;
    console.say("health-ready", &[("address", address.to_string())]);
    Ok(())
}

async fn answer(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(format!("GET /health/ready HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(65_536).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// The figures of the days `from..=to`, as the summary page shows them, in all and by community and unit.
///
/// As JSON: `tenant`, `from`, `to`, then `found`, `in_circulars`, `rectified`, `with_deadline`, `on_time`, `rework`, `remaining`,
/// `called_back`, `solved` and `satisfied` (what callers said), `mended_on_spot` and `self_checks` (both counted apart), and
/// `communities` and `units` with a `name` (null where a case has none) and the same counts.
pub async fn summary(place: &Installation, console: &Console, tenant: &str, (from, to): (&str, &str), json: bool) -> Result<()> {
    let day = |text: &str| text.parse::<Date>().map_err(|_| BAD_PERIOD.err());
    let (from, to) = (day(from)?, day(to)?);
    ensure(from <= to && from.year() >= 1, BAD_PERIOD)?;
    let (from, to) = (from.to_string(), to.to_string());
    for tenant in place.tenants(Some(tenant)).await? {
        let directory = territory::Directory::load(&place.store, tenant.id).await?;
        let communities = parted(&place.store, tenant.id, By::Community, &from, &to).await?;
        let units = parted(&place.store, tenant.id, By::Unit, &from, &to).await?;
        let all = total(&communities);
        let community = |one: &Figures| directory.place(PlaceId(one.of)).map(|place| place.name.clone());
        let unit = |one: &Figures| directory.organisation(OrganisationId(one.of)).map(|unit| unit.name.clone());
        if json {
            let mut said = counts(&all);
            said["tenant"] = json!(tenant.slug);
            said["from"] = json!(from);
            said["to"] = json!(to);
            said["communities"] = communities.iter().map(|one| named(one, community(one))).collect();
            said["units"] = units.iter().map(|one| named(one, unit(one))).collect();
            console.print(&serde_json::to_string_pretty(&said).map_err(kernel::Error::internal)?);
        } else {
            console.say("summary-figures", &words(&all, format!("{} {from}–{to}", tenant.slug)));
            for one in &units {
                console.say("summary-figures", &words(one, format!("  {}", unit(one).unwrap_or_else(|| "—".to_owned()))));
            }
        }
    }
    Ok(())
}

/// Counts what the summary shows anew from the cases: for rows that came in beside the program.
pub async fn recount(place: &Installation, console: &Console, tenant: Option<&str>) -> Result<()> {
    for tenant in place.tenants(tenant).await? {
        let cases = cases::days::count_again(&place.store, tenant.id).await?;
        console.say("recount-done", &[("tenant", tenant.slug), ("cases", cases.to_string())]);
    }
    Ok(())
}

fn counts(one: &Figures) -> serde_json::Value {
    json!({
        "found": one.found, "in_circulars": one.in_circulars, "rectified": one.rectified, "with_deadline": one.with_deadline, "on_time": one.on_time,
        "rework": one.rework, "remaining": one.remaining(),
        "called_back": one.called_back, "solved": one.solved, "satisfied": one.satisfied,
        "mended_on_spot": one.on_spot, "self_checks": one.self_checks,
    })
}

fn named(one: &Figures, name: Option<String>) -> serde_json::Value {
    let mut said = counts(one);
    said["name"] = json!(name);
    said
}

fn words(one: &Figures, name: String) -> Vec<(&'static str, String)> {
    vec![
        ("name", name),
        ("found", one.found.to_string()),
        ("in_circulars", one.in_circulars.to_string()),
        ("rectified", one.rectified.to_string()),
        ("on_time", one.on_time.to_string()),
        ("rework", one.rework.to_string()),
    ]
}
