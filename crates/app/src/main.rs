//! The binary `xiuhua`: reads the command line, runs one command, and says how it ended.

use kernel::{Clock, Entropy, Result, World};
use product::cli::{self, Account, Command, Import, Tenant, Verify};
use product::config::{self, Loaded};
use product::console::Console;
use product::installation::{AtLeast, Installation};
use product::serve::Start;
#[cfg(feature = "otel")]
use product::telemetry;
use product::{accounts, bundles, campaign, compose, evaluate, first_start, importing, logging, operate, serve, server, tenants};
use std::process::ExitCode;
use store::attachments::Policy;
use web::Lang;

/// The system's allocator keeps what many threads freed: half a gigabyte under a load of log-ins, where this keeps
/// a third.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let lang = cli::terminal_language(|name| std::env::var(name).ok());
    let cli = cli::parse(std::env::args_os(), lang);
    // Needs no installation, and so no configuration either.
    if let Command::Verify { command: Some(Verify::Bundle { file, key }), .. } = &cli.command {
        let console = Console::new(lang);
        return exit(bundles::verify(&console, file, key.as_deref()), &console);
    }
    let environment: Vec<_> = std::env::vars().filter(|(name, _)| name.starts_with("XIUHUA_")).collect();
    let loaded = match config::load(&cli.place.data, cli.place.config.as_deref(), &environment) {
        Ok(loaded) => loaded,
        Err(error) => {
            Console::new(lang).complain(&error);
            return ExitCode::FAILURE;
        }
    };
    let console = Console::new(Lang::from_tag(&loaded.config.language).unwrap_or(lang));
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            console.complain(&kernel::Error::unavailable(error));
            return ExitCode::FAILURE;
        }
    };
    let traces = match traced(&loaded.config, &runtime) {
        Ok(traces) => traces,
        Err(error) => {
            console.complain(&error);
            return ExitCode::FAILURE;
        }
    };
    let ended = runtime.block_on(run(cli, loaded, &console));
    traces();
    exit(ended, &console)
}

/// Says what went wrong; success is only where everything was as it should be.
fn exit(ended: Result<bool>, console: &Console) -> ExitCode {
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            console.complain(&error);
            ExitCode::FAILURE
        }
    }
}

/// Starts the log, and traces where the configuration wants them; what is given sends the last of them.
#[cfg(feature = "otel")]
fn traced(config: &config::Config, runtime: &tokio::runtime::Runtime) -> Result<Box<dyn FnOnce()>> {
    match telemetry::Traces::start(&config.telemetry, runtime.handle().clone())? {
        Some(traces) => {
            logging::start_with(&config.log, &traces);
            Ok(Box::new(|| traces.end()))
        }
        None => {
            logging::start(&config.log);
            Ok(Box::new(|| {}))
        }
    }
}

/// Starts the log; this build sends no traces, and says so to who wants them.
#[cfg(not(feature = "otel"))]
fn traced(config: &config::Config, _: &tokio::runtime::Runtime) -> Result<Box<dyn FnOnce()>> {
    logging::start(&config.log);
    if !config.telemetry.endpoint.is_empty() {
        tracing::warn!("telemetry.endpoint is set, and this program was built without the feature otel: no traces are sent");
    }
    Ok(Box::new(|| {}))
}

/// Whether everything was as it should be.
async fn run(cli: cli::Cli, loaded: Loaded, console: &Console) -> Result<bool> {
    if matches!(cli.command, Command::Config) {
        operate::config(&loaded, console)?;
        return Ok(true);
    }
    if matches!(cli.command, Command::Health) {
        operate::health(&loaded, console).await?;
        return Ok(true);
    }
    if let Command::Demo { fresh, listen } = cli.command {
        campaign::prepare(&cli.place.data, &loaded, fresh).await?;
        let world = World { clock: Clock::running_from(campaign::today()?), entropy: Entropy::system() };
        let place = Installation::open(&cli.place.data, loaded, world, Policy::default()).await?;
        place.store.migrate().await?;
        campaign::introduce(console)?;
        let start = Start { press: compose::press(), demo: Some(campaign::demo()?), listen };
        serve::run(place, start, console, async |_| Ok(()), server::told_to_stop()).await?;
        return Ok(true);
    }
    let data = &cli.place.data;
    // What only looks makes no installation where there is none: a mistyped folder must not come into being.
    let looks = |at_least| Installation::existing(data, loaded.clone(), World::system(), Policy::default(), at_least);
    let opens = || Installation::open(data, loaded.clone(), World::system(), Policy::default());
    match cli.command {
        Command::Serve { listen } => {
            let start = Start { press: compose::press(), demo: None, listen };
            let prepare = async |place: &Installation| first_start::prepare(place, console).await;
            serve::run(opens().await?, start, console, prepare, server::told_to_stop()).await?;
        }
        Command::Migrate { dry_run: true } => operate::migrate(&looks(AtLeast::Nothing).await?, console, true).await?,
        Command::Migrate { dry_run: false } => operate::migrate(&opens().await?, console, false).await?,
        // Before an update as well, when it is wanted most.
        Command::Backup { file } => operate::backup(&looks(AtLeast::SomeVersion).await?, console, &file).await?,
        Command::Restore { file } => operate::restore(&opens().await?, console, &file).await?,
        Command::Verify { tenant, .. } => {
            let place = looks(AtLeast::ThisVersion).await?;
            return operate::verify(&place, console, tenant.as_deref(), &compose::state_checks(&place)).await;
        }
        Command::Reindex { tenant } => operate::reindex(&looks(AtLeast::ThisVersion).await?, console, tenant.as_deref()).await?,
        Command::Import { command: Import::Cases { file, mapping, tenant, create } } => {
            importing::cases(&opens().await?, console, &importing::Request { file, mapping, tenant, create }).await?;
        }
        Command::Summary { tenant, from, to, json } => {
            operate::summary(&looks(AtLeast::ThisVersion).await?, console, &tenant, (&from, &to), json).await?;
        }
        Command::Evaluate { tenant, league, month, check } => {
            let place = looks(AtLeast::ThisVersion).await?;
            return evaluate::run(&place, console, &evaluate::Request { tenant, league, month, check }).await;
        }
        Command::Recount { tenant } => operate::recount(&looks(AtLeast::ThisVersion).await?, console, tenant.as_deref()).await?,
        Command::Account { command } => {
            let place = looks(AtLeast::ThisVersion).await?;
            match command {
                Account::List { tenant } => accounts::list(&place, console, tenant.as_deref()).await?,
                Account::Create { login, name, tenant, roles } => accounts::create(&place, console, &tenant, &login, &name, &roles).await?,
                Account::ResetPassword { login } => accounts::reset_password(&place, console, &login).await?,
            }
        }
        Command::Tenant { command } => {
            let place = looks(AtLeast::ThisVersion).await?;
            match command {
                Tenant::List => tenants::list(&place, console).await?,
                Tenant::Create { slug, name, kind, under } => {
                    tenants::create(&place, console, &tenants::New { slug, name, kind, under }).await?;
                }
                Tenant::Hang { slug, under } => tenants::hang(&place, console, &slug, under.as_deref()).await?,
            }
        }
        // Answered above, without opening anything.
        Command::Config | Command::Health | Command::Demo { .. } => {}
    }
    Ok(true)
}
