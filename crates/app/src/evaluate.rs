//! A month's evaluation from the command line: scores the draft, which people check and publish; or reckons anew what was kept.

use crate::compose::TELLERS;
use crate::console::Console;
use crate::first_start::as_system;
use crate::installation::{Installation, Tenant};
use access::Actor;
use evaluation::evaluation::{Keep, editions, find};
use evaluation::league::{self, League};
use evaluation::reckoning::{MONTH_NEEDED, again, line_name, reckon_telling};
use evaluation::run::{self, Progress, RunKind, RunStep};
use evaluation::scoring::first_of;
use kernel::{Code, Error, Result, ensure};
use std::time::Duration;
use territory::Directory;

/// The tenant has no league of this name or id.
pub const NO_LEAGUE: Code = Code::not_found("evaluation.league_unknown");
/// Nothing was kept of the month.
pub const NOTHING_KEPT: Code = Code::not_found("evaluation.nothing_kept");

/// How often it says how far it is.
const SAYS_EVERY: Duration = Duration::from_secs(1);

pub struct Request {
    pub tenant: String,
    /// A name, or an id.
    pub league: String,
    /// `YYYY-MM`.
    pub month: String,
    /// Reckons anew what was kept, and keeps nothing.
    pub check: bool,
}

/// Whether what was kept comes out again; a draft that was scored always is as it should be.
///
/// Errors: `tenant.unknown`, [`NO_LEAGUE`], [`NOTHING_KEPT`], `evaluation.run_going`, and those of scoring a month.
pub async fn run(place: &Installation, console: &Console, request: &Request) -> Result<bool> {
    let mut good = true;
    for tenant in place.tenants(Some(&request.tenant)).await? {
        let directory = Directory::load(&place.store, tenant.id).await?;
        let all = league::all(&place.store, tenant.id).await?;
        let named = |league: &League| league.name == request.league || league.id.to_string() == request.league;
        let league = all.into_iter().find(named).ok_or_else(|| NO_LEAGUE.err().arg("league", &request.league))?;
        match request.check {
            true => good &= checked(place, console, &tenant, &directory, &league, &request.month).await?,
            false => scored(place, console, &tenant, &directory, league, &request.month).await?,
        }
    }
    Ok(good)
}

async fn scored(
    place: &Installation,
    console: &Console,
    tenant: &Tenant,
    directory: &Directory,
    league: League,
    month: &str,
) -> Result<()> {
    let (store, id) = (&place.store, tenant.id);
    let by = Actor::system(id).permit(&id)?;
    first_of(month).ok_or_else(|| Error::field("month", MONTH_NEEDED))?;
    let begun = run::begin(store, id, None, league.id, month, RunKind::Draft).await?;
    let (progress, name) = (begun.progress.clone(), league.name.clone());
    let work = async {
        let of = editions(store, id, league.id, month).await?.into_iter().next();
        let made = reckon_telling(store, TELLERS, directory, &league, month, &progress).await?;
        let keep = Keep { by, league, month: month.to_owned(), of, scheme: made.scheme, cut: made.cut, units: made.units };
        as_system(store, id, keep).await
    };
    let kept = telling(console, &begun.progress.clone(), begun.through(work)).await?;
    let one = find(store, id, kept).await?;
    let words = [
        ("league", name),
        ("month", one.month),
        ("edition", one.edition.to_string()),
        ("draft", one.draft.to_string()),
        ("units", one.units.to_string()),
        ("cut", one.cut.to_string()),
        ("digest", one.digest),
    ];
    console.say("evaluate-scored", &words);
    Ok(())
}

/// Says every second how far the work is, where that has changed.
async fn telling<T>(console: &Console, progress: &Progress, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    let mut said = None;
    loop {
        tokio::select! {
            out = &mut work => return out,
            () = tokio::time::sleep(SAYS_EVERY) => {}
        }
        let now @ (step, done, units) = progress.told();
        if said.replace(now) == Some(now) {
            continue;
        }
        let key = match step {
            RunStep::Hear => "evaluate-hears",
            RunStep::Score => "evaluate-scores",
            RunStep::Keep => "evaluate-keeps",
        };
        console.say(key, &[("done", done.to_string()), ("units", units.to_string())]);
    }
}

/// Holds every edition of the month to what comes out of it now.
async fn checked(
    place: &Installation,
    console: &Console,
    tenant: &Tenant,
    directory: &Directory,
    league: &League,
    month: &str,
) -> Result<bool> {
    let kept = editions(&place.store, tenant.id, league.id, month).await?;
    ensure(!kept.is_empty(), NOTHING_KEPT.err().arg("league", &league.name).arg("month", month))?;
    let mut good = true;
    for one in kept.iter().rev() {
        let progress = Progress::default();
        let work = again(&place.store, TELLERS, directory, league, one, &progress);
        let difference = telling(console, &progress, work).await?;
        let mut words = vec![("league", league.name.clone()), ("month", one.month.clone()), ("edition", one.edition.to_string())];
        let Some(difference) = difference else {
            words.push(("digest", one.digest.clone()));
            console.say("evaluate-same", &words);
            continue;
        };
        good = false;
        words.extend([("unit", difference.unit.clone()), ("line", line_name(difference.line))]);
        console.say(if difference.unit.is_empty() { "evaluate-other" } else { "evaluate-differs" }, &words);
    }
    Ok(good)
}
