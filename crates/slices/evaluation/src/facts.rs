//! What the world learns of schemes, leagues and evaluations.

use crate::appeal::{AppealEnd, AppealId};
use crate::bulletin_words::BulletinId;
use crate::consequence::ConsequenceId;
use crate::consequence_rule::{ConsequenceGround, ConsequenceKind, RuleId};
use crate::entry::{EntryId, EntryKind};
use crate::evaluation::EvaluationId;
use crate::improvement::ImprovementId;
use crate::league::{LeagueId, MemberId, Shows};
use crate::scheme::{Ranked, SchemeId};
use crate::settings::SettingsId;
use kernel::canonical::{hex, salted_hash};
use kernel::ids::{OrganisationId, Uuid};
use serde::{Deserialize, Serialize};
use store::Fact;

/// What facts keep of words: SM3(salt ‖ words), in hex.
pub(crate) fn words_hash(salt: &[u8; 32], words: &str) -> String {
    hex(&salted_hash(salt, words))
}

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
    /// It holds from `from_month` on, as the `number`th; `meeting` is the hash of when and where that was decided, `document` are those
    /// of the pictures of what was decided there.
    SchemeAdopted = "scheme.adopted" {
        ranked: Ranked, hash: String, number: i64, from_month: String, meeting: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        document: Vec<String>,
    }
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

facts! {
    bulletin: BulletinId;
    /// Words were written for it; `words` is the hash of all of them.
    BulletinWritten = "bulletin.written" { month: String, words: String }
    /// It was published for the `nth` time, with this evaluation; `body` is the hash of all that it says beside its figures.
    BulletinIssued = "bulletin.issued" { nth: i64, evaluation: EvaluationId, body: String }
    /// Whoever has the link reads it; `link` is its hash.
    BulletinShared = "bulletin.shared" { link: String }
    /// Nobody reads it by a link any more.
    BulletinUnshared = "bulletin.unshared" {}
}

facts! {
    entry: EntryId;
    /// Somebody wrote it down; `words` is a hash, `photos` are those of its evidence. Where it `waits`, it counts once a second person
    /// has confirmed it.
    EntryMade = "entry.made" {
        kind: EntryKind, ranked: Ranked, member: MemberId, day: String, item: String, points: i64, asked: i64, content: i64, waits: bool,
        words: String, photos: Vec<String>,
    }
    EntryConfirmed = "entry.confirmed" {}
    /// It was wrong; `words` is the hash of why.
    EntryWithdrawn = "entry.withdrawn" { words: String }
}

facts! {
    settings: SettingsId;
    SettingsSet = "evaluation.settings" { two_from: i64, appeal_days: i64 }
}

facts! {
    improvement: ImprovementId;
    /// Somebody is to be lifted; `why` is a hash.
    ImprovementListed = "improvement.listed" { ranked: Ranked, member: MemberId, why: String }
    /// A step of the plan, to be done by the day `due`; `what` is a hash.
    StepPlanned = "improvement.planned" { nth: i64, what: String, due: String }
    /// Somebody says that it is done, on `day`; `words` and `photos` are hashes.
    StepReported = "improvement.reported" { nth: i64, day: String, words: String, photos: Vec<String> }
    /// Somebody else has looked at it: it is done.
    StepAccepted = "improvement.accepted" { nth: i64 }
    /// It is not; `words` is the hash of why.
    StepRefused = "improvement.refused" { nth: i64, words: String }
    ImprovementLeft = "improvement.left" { reached: bool, words: String }
}

facts! {
    score_appeal: AppealId;
    /// A unit appeals against a line of its published score: the row `line`, and by their keys those of its facts that it means.
    ScoreAppealed = "score_appeal.asked" {
        evaluation: EvaluationId, league: LeagueId, month: String, member: MemberId, line: String, facts: Vec<String>, words: String,
        photos: Vec<String>,
    }
    /// The first of two looks at it.
    ScoreAppealAdvised = "score_appeal.advised" { advice: AppealEnd, words: String }
    /// Upheld, the facts count in no row from the next scoring on, or the row itself where it has no facts.
    ScoreAppealDecided = "score_appeal.decided" {
        league: LeagueId, month: String, member: MemberId, line: String, facts: Vec<String>, end: AppealEnd, words: String,
    }
}

facts! {
    consequence_rule: RuleId;
    /// From a month on this is proposed to whoever it means; `name` is a hash.
    RuleSet = "consequence_rule.set" {
        ranked: Ranked, ground: ConsequenceGround, grade: String, points: i64, months: i64, kind: ConsequenceKind, days: i64,
        from_month: String, name: String,
    }
    RuleEnded = "consequence_rule.ended" {}
}

facts! {
    consequence: ConsequenceId;
    /// A rule was met when this edition was published; `unit` answered for the member then.
    ConsequenceProposed = "consequence.proposed" {
        rule: RuleId, evaluation: EvaluationId, league: LeagueId, month: String, member: MemberId, unit: Option<OrganisationId>,
    }
    /// A leader wants it done by the day `due`; `words` is the hash of why.
    ConsequenceConfirmed = "consequence.confirmed" { due: String, words: String }
    /// A leader does not want it; `words` is the hash of why.
    ConsequenceDropped = "consequence.dropped" { words: String }
    /// It was done, on `day`; `words` is the hash of how.
    ConsequenceDone = "consequence.done" { day: String, words: String }
    /// It does not stand any more; `words` is the hash of why.
    ConsequenceWithdrawn = "consequence.withdrawn" { words: String }
}
