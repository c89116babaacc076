//! The command line's grammar. Its words stand in the language files, under `cli-…`.

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use std::net::SocketAddr;
use std::path::PathBuf;
use web::{Lang, Words};

#[derive(Debug, Parser)]
#[command(name = "xiuhua", version, disable_help_subcommand = true)]
pub struct Cli {
    #[command(flatten)]
    pub place: Place,
    #[command(subcommand)]
    pub command: Command,
}

/// Where the installation is.
#[derive(Debug, Clone, Args)]
pub struct Place {
    #[arg(long, global = true, value_name = "DIR", default_value = "data")]
    pub data: PathBuf,
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    Serve {
        #[arg(long, value_name = "ADDR")]
        listen: Option<SocketAddr>,
    },
    Demo {
        #[arg(long)]
        fresh: bool,
        #[arg(long, value_name = "ADDR")]
        listen: Option<SocketAddr>,
    },
    Migrate {
        #[arg(long)]
        dry_run: bool,
    },
    Backup {
        file: PathBuf,
    },
    Restore {
        file: PathBuf,
    },
    /// Without another word, the whole installation.
    #[command(args_conflicts_with_subcommands = true)]
    Verify {
        #[arg(long, value_name = "SLUG")]
        tenant: Option<String>,
        #[command(subcommand)]
        command: Option<Verify>,
    },
    Reindex {
        #[arg(long, value_name = "SLUG")]
        tenant: Option<String>,
    },
    Import {
        #[command(subcommand)]
        command: Import,
    },
    Summary {
        #[arg(long, value_name = "SLUG")]
        tenant: String,
        #[arg(long, value_name = "D")]
        from: String,
        #[arg(long, value_name = "D")]
        to: String,
        #[arg(long)]
        json: bool,
    },
    Evaluate {
        #[arg(long, value_name = "SLUG")]
        tenant: String,
        #[arg(long, value_name = "NAME|ID")]
        league: String,
        #[arg(long, value_name = "YYYY-MM")]
        month: String,
        #[arg(long)]
        check: bool,
    },
    Recount {
        #[arg(long, value_name = "SLUG")]
        tenant: Option<String>,
    },
    Config,
    Health,
    Account {
        #[command(subcommand)]
        command: Account,
    },
    Tenant {
        #[command(subcommand)]
        command: Tenant,
    },
}

/// What is verified by itself.
#[derive(Debug, Subcommand)]
pub enum Verify {
    Bundle {
        file: PathBuf,
        #[arg(long, value_name = "PEM-FILE")]
        key: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub enum Tenant {
    List,
    Create {
        slug: String,
        #[arg(long, value_name = "NAME")]
        name: String,
        #[arg(long, value_name = "KIND")]
        kind: String,
        #[arg(long, value_name = "SLUG")]
        under: Option<String>,
    },
    Hang {
        slug: String,
        #[arg(long, value_name = "SLUG")]
        under: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub enum Import {
    Cases {
        file: PathBuf,
        #[arg(long, value_name = "TOML")]
        mapping: PathBuf,
        #[arg(long, value_name = "SLUG")]
        tenant: String,
        #[arg(long)]
        create: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum Account {
    List {
        #[arg(long, value_name = "SLUG")]
        tenant: Option<String>,
    },
    Create {
        login: String,
        #[arg(long, value_name = "NAME")]
        name: String,
        #[arg(long, value_name = "SLUG")]
        tenant: String,
        #[arg(long = "role", value_name = "ROLE", required = true)]
        roles: Vec<String>,
    },
    ResetPassword {
        login: String,
    },
}

/// The grammar with its words in a language.
pub fn command(lang: Lang) -> clap::Command {
    let root = Cli::command();
    with_words(root, Words::of(lang), "cli")
}

/// `cli-backup` is the command's line, `cli-arg-backup-file` its argument's, `cli-arg-data` that of every command.
fn with_words(command: clap::Command, w: Words, path: &str) -> clap::Command {
    let about = w.t(path).into_owned();
    let arguments_path = path.replacen("cli", "cli-arg", 1);
    let names: Vec<String> = command.get_subcommands().map(|inner| inner.get_name().to_owned()).collect();
    let arguments: Vec<String> = command.get_arguments().map(|argument| argument.get_id().to_string()).collect();
    let mut command = command.about(about);
    for name in arguments.iter().filter(|name| !["help", "version"].contains(&name.as_str())) {
        let help = w.t(&format!("{arguments_path}-{name}")).into_owned();
        command = command.mut_arg(name, |argument| argument.help(help));
    }
    for name in names {
        let path = format!("{path}-{}", name.replace('-', "_"));
        command = command.mut_subcommand(&name, |inner| with_words(inner, w, &path));
    }
    command
}

/// Reads the arguments; prints help, versions and mistakes itself and ends the process, as command lines do.
pub fn parse(arguments: impl IntoIterator<Item = std::ffi::OsString>, lang: Lang) -> Cli {
    let matches = command(lang).get_matches_from(arguments);
    Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

/// The terminal's language: `LC_ALL`, `LC_MESSAGES` or `LANG`, English where none says Chinese.
pub fn terminal_language(variable: impl Fn(&str) -> Option<String>) -> Lang {
    let said = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| variable(name).filter(|value| !value.is_empty()));
    match said {
        Some(value) if value.starts_with("zh") => Lang::Chinese,
        _ => Lang::English,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(command: &clap::Command, path: &str, out: &mut Vec<String>) {
        out.push(path.to_owned());
        for argument in command.get_arguments().filter(|argument| !["help", "version"].contains(&argument.get_id().as_str())) {
            out.push(format!("{}-{}", path.replacen("cli", "cli-arg", 1), argument.get_id()));
        }
        for inner in command.get_subcommands() {
            keys(inner, &format!("{path}-{}", inner.get_name().replace('-', "_")), out);
        }
    }

    #[test]
    fn every_command_and_argument_has_its_words_in_both_languages() {
        let mut wanted = Vec::new();
        keys(&Cli::command(), "cli", &mut wanted);
        for lang in [Lang::Chinese, Lang::English] {
            let missing: Vec<_> = wanted.iter().filter(|key| !Words::of(lang).has(key)).collect();
            assert!(missing.is_empty(), "{}: {missing:?}", lang.tag());
            command(lang).debug_assert();
        }
    }

    #[test]
    fn the_terminal_decides_the_language() {
        let of = |pairs: &'static [(&str, &str)]| {
            terminal_language(|name| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
        };
        assert_eq!(of(&[("LANG", "zh_CN.UTF-8")]), Lang::Chinese);
        assert_eq!(of(&[("LC_ALL", "C"), ("LANG", "zh_CN.UTF-8")]), Lang::English);
        assert_eq!(of(&[]), Lang::English);
    }
}
