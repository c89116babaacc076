//! What the world learns of schemes, leagues and evaluations.

use crate::evaluation::EvaluationId;
use crate::league::{LeagueId, MemberId, Shows};
use crate::scheme::{Ranked, SchemeId};
use kernel::ids::Uuid;
use serde::{Deserialize, Serialize};
use store::Fact;

macro_rules! facts {
    ($subject:ident: $id:ty; $($(#[$doc:meta])* $name:ident = $kind:literal { $($(#[$fdoc:meta])* $field:ident: $t:ty),* $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name {
            pub $subject: $id,
            $($(#[$fdoc])* pub $field: $t),*
        }
        impl Fact for $name {
            const KIND: &'static str = $kind;
            const SUBJECT: &'static str = stringify!($subject);
            fn subject(&self) -> Uuid {
                self.$subject.0
            }
        }
    )+};
}

facts! {
    scheme: SchemeId;
    /// A draft was written, or written anew; `hash` is that of the table.
    SchemeDrafted = "scheme.drafted" { ranked: Ranked, hash: String }
    /// It holds from `from_month` on, as the `number`th; `meeting` is the hash of when and where that was decided.
    SchemeAdopted = "scheme.adopted" { ranked: Ranked, hash: String, number: i64, from_month: String, meeting: String }
    SchemeDropped = "scheme.dropped" {}
}

facts! {
    league: LeagueId;
    /// It was made or changed; `name` is a hash.
    LeagueSet = "league.set" { ranked: Ranked, shows: Shows, open: bool, name: String }
    /// From this month on these are in it too, and these no more.
    MembersSet = "league.members" { from_month: String, joined: Vec<MemberId>, left: Vec<MemberId> }
}

facts! {
    evaluation: EvaluationId;
    /// It was scored, for the `draft`th time, by a scheme and from the journal before position `cut`; `digest` is of all that was found.
    EvaluationDrafted = "evaluation.drafted" {
        league: LeagueId, month: String, edition: i64, draft: i64, scheme: SchemeId, cut: i64, units: i64, digest: String,
    }
    /// Somebody else reckoned it anew and found the same.
    EvaluationChecked = "evaluation.checked" { digest: String }
    EvaluationPublished = "evaluation.published" { digest: String }
    /// Somebody took its table or its bulletin out of the house, made into `form`.
    EvaluationTaken = "evaluation.taken" { form: String }
}
