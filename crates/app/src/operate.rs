//! What an operator does from the command line: migrate, back up, restore, verify, and look at figures and settings.

use crate::config::{Loaded, Origin};
use crate::console::Console;
use crate::installation::Installation;
use kernel::Result;
use std::path::Path;
use store::journal::{self, StateCheck};

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
            let args: Vec<_> = finding.args.iter().map(|(name, value)| (*name, value.clone())).collect();
            console.say(&finding.what.replace('.', "-"), &args);
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
