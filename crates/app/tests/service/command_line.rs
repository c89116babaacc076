//! The command line as an operator meets it: backup while it serves, restore, verify; and what each command says to a mistake.

use super::{Prepared, postgres};
use kernel::World;
use std::path::Path;
use std::process::{Command, Output};
use web::{Lang, Words};

/// Runs the program; what it said and how it ended.
fn run(data: &Path, database: Option<&str>, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xiuhua"));
    command.arg("--data").arg(data).args(arguments).env("LANG", "C.UTF-8").env("XIUHUA_LOG", "error").env_remove("LC_ALL");
    command.env_remove("XIUHUA_DATABASE_URL").envs(database.map(|url| ("XIUHUA_DATABASE_URL", url)));
    command.output().expect("the program runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Ends well, or says why not.
fn well(data: &Path, database: Option<&str>, arguments: &[&str]) -> String {
    let output = run(data, database, arguments);
    assert!(output.status.success(), "{arguments:?}: {}{}", said(&output), String::from_utf8_lossy(&output.stderr));
    said(&output)
}

/// Ends badly, and its first line is the words of this key.
fn refused(data: &Path, database: Option<&str>, arguments: &[&str], key: &str, args: &[(&'static str, String)]) {
    let output = run(data, database, arguments);
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    let words = Words::of(Lang::English).with(key, args);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {complaint}");
    assert_eq!(complaint.lines().next(), Some(&*words), "{arguments:?}: {complaint}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_installation_is_backed_up_while_it_serves_and_goes_on_in_postgresql() {
    let folder = tempfile::tempdir().unwrap();
    Command::new("chmod").args(["a+rx"]).arg(folder.path()).status().unwrap();
    let (home, file) = (folder.path().join("home"), folder.path().join("kept.zip"));
    let file_name = file.display().to_string();
    let prepared = Prepared::new(&home, None).await;
    let (mut child, address) = prepared.serve(&[]).await;
    let world = World::system();
    for turn in 0..12 {
        assert_eq!(prepared.report(&address, world.new_id(), &format!("t{turn}")).await, Some(303));
    }
    let words = well(&home, None, &["backup", &file_name]);
    assert!(words.contains(&file_name), "{words}");
    refused(&home, None, &["backup", &file_name], "error-backup-file_exists", &[("file", file_name.clone())]);
    // It served all the while.
    assert_eq!(prepared.report(&address, world.new_id(), "later").await, Some(303));
    child.kill().await.unwrap();
    well(&home, None, &["verify"]);

    let (there, url) = (folder.path().join("there"), postgres(folder.path(), "start"));
    let dry = run(&there, Some(&url), &["migrate", "--dry-run"]);
    let listed = said(&dry);
    assert!(dry.status.success() && listed.contains("_store") && listed.contains(&*Words::of(Lang::English).t("migrate-dry")), "{listed}");
    // A list is all that it was: nothing is there yet to be looked at.
    let none = [("folder", there.display().to_string())];
    refused(&there, Some(&url), &["verify"], "error-installation-none", &none);
    refused(&there, Some(&url), &["backup", &folder.path().join("empty.zip").display().to_string()], "error-installation-none", &none);
    well(&there, Some(&url), &["restore", &file_name]);
    let verified = well(&there, Some(&url), &["verify"]);
    assert!(verified.contains(&*Words::of(Lang::English).t("verify-clean")), "{verified}");
    let summary = ["summary", "--tenant", "town", "--from", "2000-01-01", "--to", "2099-12-31", "--json"];
    assert!(well(&there, Some(&url), &summary).contains("\"found\": 12") || well(&there, Some(&url), &summary).contains("\"found\":12"));
    // What lives there is never written over.
    let again = run(&there, Some(&url), &["restore", &file_name]);
    assert!(again.status.code() == Some(1) && String::from_utf8_lossy(&again.stderr).contains("is not empty"), "{again:?}");
    assert_eq!(well(&there, Some(&url), &["migrate"]).trim(), Words::of(Lang::English).t("migrate-nothing"));
    postgres(folder.path(), "stop");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mistake_on_the_command_line_is_answered_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let shown = |name: &str| at(name).display().to_string();
    let home = at("home");
    drop(Prepared::new(&home, None).await);

    // Nothing comes into being where a folder was mistyped.
    let elsewhere = [("folder", shown("hoem"))];
    for arguments in [
        &["verify"][..],
        &["backup", "x.zip"],
        &["account", "list"],
        &["account", "reset-password", "inspector"],
        &["migrate", "--dry-run"],
        &["summary", "--tenant", "town", "--from", "2026-01-01", "--to", "2026-01-31"],
        &["evaluate", "--tenant", "town", "--league", "Compounds", "--month", "2026-01", "--check"],
    ] {
        refused(&at("hoem"), None, arguments, "error-installation-none", &elsewhere);
    }
    assert!(!at("hoem").exists());
    std::fs::write(at("a file"), "x").unwrap();
    refused(&at("a file"), None, &["restore", "x.zip"], "error-installation-folder", &[("folder", shown("a file"))]);
    std::fs::create_dir(at("broken")).unwrap();
    std::fs::write(at("broken").join("xiuhua.db"), "this is no database, however long it goes on".repeat(100)).unwrap();
    refused(&at("broken"), None, &["verify"], "error-database-file", &[("file", at("broken").join("xiuhua.db").display().to_string())]);

    // Files that are not what they should be.
    let none = shown("none.zip");
    refused(&at("new"), None, &["restore", &none], "error-backup-not_a_backup", &[("file", none.clone())]);
    refused(&at("new"), None, &["restore", &shown("a file")], "error-backup-not_a_backup", &[("file", shown("a file"))]);
    let nowhere = shown("no/folder/x.zip");
    refused(&home, None, &["backup", &nowhere], "error-backup-unwritable", &[("file", format!("{nowhere}.part"))]);
    let import = ["import", "cases", "none.csv", "--mapping", "none.toml", "--tenant", "town"];
    assert_eq!(run(&home, None, &import).status.code(), Some(1));

    // Names that nobody has, days that are none.
    let nobody = [("slug", "twon".to_owned())];
    refused(&home, None, &["verify", "--tenant", "twon"], "error-tenant-unknown", &nobody);
    refused(&home, None, &["account", "list", "--tenant", "twon"], "error-tenant-unknown", &nobody);
    for (from, to) in [("2026-02-30", "2026-03-01"), ("2026-03-02", "2026-03-01"), ("soon", "later"), ("-0001-01-01", "2026-01-01")] {
        let from = format!("--from={from}");
        refused(&home, None, &["summary", "--tenant", "town", &from, "--to", to], "error-summary-period", &[]);
    }
    let league = ["evaluate", "--tenant", "town", "--league", "Compounds", "--month", "2026-01"];
    refused(&home, None, &league, "error-evaluation-league_unknown", &[("league", "Compounds".to_owned())]);
    refused(&home, None, &["account", "reset-password", "nobody"], "error-account-unknown", &[("login", "nobody".to_owned())]);
    let role = ["account", "create", "x", "--name", "X", "--tenant", "town", "--role", "king"];
    refused(&home, None, &role, "error-account-role", &[("role", "king".to_owned())]);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    refused(&home, None, &["serve", "--listen", &address], "error-serve-address", &[("address", address.clone())]);

    // Addresses of a database.
    refused(&home, Some("mysql://x@y"), &["verify"], "error-database-address", &[]);
    refused(&home, Some("host=127.0.0.1 sslmode=allow"), &["verify"], "error-database-sslmode", &[("mode", "allow".to_owned())]);
    refused(&home, Some("host=127.0.0.1 port=1 user=x"), &["verify"], "error-database-unreachable", &[]);
    refused(&home, None, &["--config", &shown("none.toml"), "verify"], "error-config-unreadable", &[("file", shown("none.toml"))]);

    // What the grammar does not know ends with 2 and its usage.
    for arguments in [
        &["bakcup"][..],
        &[],
        &["backup"],
        &["restore"],
        &["summary", "--tenant", "town"],
        &["evaluate", "--tenant", "town", "--month", "2026-01"],
        &["serve", "--listen", "here"],
        &["account"],
    ] {
        let output = run(&home, None, arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            String::from_utf8_lossy(&output.stderr).contains("--help") || String::from_utf8_lossy(&output.stderr).contains("Usage"),
            "{arguments:?}"
        );
    }
}

/// A proof that an earlier build wrote: what was given out holds for ever.
const BUNDLE: &str = include_str!("bundle.json");

#[test]
fn a_proof_is_checked_where_there_is_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let (nowhere, file) = (folder.path().join("nowhere"), folder.path().join("proof.json"));
    let name = file.display().to_string();
    let w = Words::of(Lang::English);
    refused(&nowhere, None, &["verify", "bundle", &name], "error-bundle-unreadable", &[("file", name.clone())]);
    std::fs::write(&file, BUNDLE).unwrap();
    // Neither a configuration nor a database is asked.
    let words = well(&nowhere, Some("mysql://x@y"), &["--config", "none.toml", "verify", "bundle", &name]);
    assert!(words.contains(&*w.t("bundle-sound")) && words.contains("Elm Court"), "{words}");
    let bundle: serde_json::Value = serde_json::from_str(BUNDLE).unwrap();
    let key = folder.path().join("key.pem");
    std::fs::write(&key, bundle["key"].as_str().unwrap()).unwrap();
    let key = key.display().to_string();
    let given = w.with("bundle-key-given", &[("key", bundle["head"]["key_id"].as_str().unwrap().to_owned())]).into_owned();
    assert!(well(&nowhere, None, &["verify", "bundle", &name, "--key", &key]).contains(&given));
    refused(&nowhere, None, &["verify", "bundle", &name, "--key", &name], "error-journal-key", &[]);
    // One point more.
    std::fs::write(&file, BUNDLE.replacen("\"total\":", "\"total\":1", 1)).unwrap();
    let output = run(&nowhere, None, &["verify", "bundle", &name]);
    let words = said(&output);
    assert_eq!(output.status.code(), Some(1), "{words}");
    assert!(words.contains("the score was changed") && words.contains(&*w.t("bundle-not_sound")), "{words}");
    assert!(!nowhere.exists());
    // Of a tenant there is nothing to choose in a file.
    assert_eq!(run(&nowhere, None, &["verify", "--tenant", "town", "bundle", &name]).status.code(), Some(2));
}
