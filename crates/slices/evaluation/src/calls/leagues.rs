//! Leagues for programs: who is compared with whom, from which month to which.

use crate::concern::name_of;
use crate::league::{self, League, LeagueId, MemberId, Shows};
use crate::league_page::{found, readable};
use crate::scheme::Ranked;
use api::{Answer, Call};

api::operations! { "evaluation":
    /// Every league, those that are still held first.
    get "/leagues" list_leagues;
    /// One league, and who has been in it from which month to which.
    get "/leagues/{id}" get_league;
}

api::params! {
    pub struct OfLeague {
        id: LeagueId,
    }
}

api::object! {
    /// A league: those who are compared with one another.
    pub struct LeagueLine {
        id: LeagueId,
        name: String,
        /// What is compared in it.
        ranked: Ranked,
        /// How a published table puts its units: by rank, by grade, or both.
        shows: Shows,
        /// Whether it is still held.
        open: bool,
    }
    /// All leagues.
    pub struct Leagues {
        leagues: Vec<LeagueLine>,
    }
    /// A time in a league.
    pub struct LeagueMember {
        /// The id of the place, or of the organisation.
        member: MemberId,
        name: String,
        /// The first month.
        from: String,
        /// The first month without it; null while it lasts.
        until: Option<String>,
    }
    /// One league.
    pub struct LeagueView {
        league: LeagueLine,
        members: Vec<LeagueMember>,
    }
}

fn line(league: &League) -> LeagueLine {
    LeagueLine { id: league.id, name: league.name.clone(), ranked: league.ranked, shows: league.shows, open: league.open }
}

async fn list_leagues(call: Call<()>) -> web::Result<Answer<Leagues>> {
    let leagues = readable(&call).await?;
    Ok(Answer(Leagues { leagues: leagues.iter().map(line).collect() }))
}

async fn get_league(call: Call<OfLeague>) -> web::Result<Answer<LeagueView>> {
    let league = found(&call, &call.path.id.to_string()).await?;
    let directory = territory::directory_of(&call).await?;
    let all = league::memberships(&call.app.store, call.actor.tenant, league.id).await?;
    let member = |one: league::Membership| LeagueMember {
        member: one.member_id,
        name: name_of(&directory, league.ranked, one.member_id),
        from: one.from_month,
        until: one.until_month,
    };
    Ok(Answer(LeagueView { league: line(&league), members: all.into_iter().map(member).collect() }))
}
