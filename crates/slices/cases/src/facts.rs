//! What the world learns of cases, circulars and notices. Each fact carries all that its step changed, so that the
//! register can be rebuilt from facts alone.

use crate::kinds::{Apart, AppealEnd, AppealGround, Receiver, Sample, Satisfied, Solved, Verdict};
use crate::register::RegisterId;
use crate::steps::{Source, Stage};
use contracts::{CaseId, CircularId, MatterId, NoticeId};
use kernel::ids::{AccountId, OrganisationId, PlaceId, Uuid};
use kernel::{Instant, TenantId};
use serde::{Deserialize, Serialize};
use store::Fact;

/// Free words, by reference: the erasable row and SM3(salt ‖ words).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WordsRef {
    pub id: Uuid,
    pub hash: String,
}

/// The clock of whoever holds the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    pub start: Instant,
    pub due: Instant,
    pub yellow_at: Instant,
}

macro_rules! facts {
    ($($(#[$doc:meta])* $name:ident = $kind:literal { $($(#[$fdoc:meta])* $field:ident: $t:ty),* $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name {
            pub case: CaseId,
            pub place: Option<PlaceId>,
            pub unit: Option<OrganisationId>,
            $($(#[$fdoc])* pub $field: $t),*
        }
        impl Fact for $name {
            const KIND: &'static str = $kind;
            const SUBJECT: &'static str = "case";
            fn subject(&self) -> Uuid {
                self.case.0
            }
            fn place(&self) -> Option<PlaceId> {
                self.place
            }
            fn organisation(&self) -> Option<OrganisationId> {
                self.unit
            }
        }
    )+};
}

facts! {
    /// Somebody found a problem. `unit` is the proposal.
    CaseReported = "case.reported" {
        number: i64,
        source: Source,
        category: Option<Uuid>,
        community: Option<PlaceId>,
        compound: Option<PlaceId>,
        circular: Option<CircularId>,
        lng_e7: Option<i32>,
        lat_e7: Option<i32>,
        words: String,
        photos: Vec<String>,
        /// Beside the photos, by its hash too.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        video: Option<String>,
        clock: Clock,
        on_spot: bool,
        /// Which filing condition of its category, as the case keeps it.
        #[serde(default)]
        condition: Option<i64>,
        /// The case that it was parted from.
        #[serde(default)]
        origin: Option<CaseId>,
    }
    /// Found and mended at once, before anybody had to be told (立行立改, 自查自改): begins and ends with this.
    MendedAtOnce = "case.mended_at_once" {
        number: i64,
        source: Source,
        apart: Apart,
        category: Option<Uuid>,
        community: Option<PlaceId>,
        compound: Option<PlaceId>,
        lng_e7: Option<i32>,
        lat_e7: Option<i32>,
        words: String,
        answer: WordsRef,
        photos: Vec<String>,
        clock: Clock,
        /// Drawn to be looked at on the spot.
        sampled: bool,
    }
    /// A drawn self-check was looked at.
    SampleChecked = "case.sample_checked" { found: Sample, words: WordsRef, photos: Vec<String> }
    /// Several problems had been reported as one; each of `into` is a case of its own now.
    CaseSplit = "case.split" { into: Vec<CaseId> }
    /// Somebody nearby is to look whether it is real.
    VerificationAsked = "case.verification_asked" { verifier: AccountId, words: Option<WordsRef>, clock: Clock }
    /// Somebody else looks instead of one who left.
    VerifierChanged = "case.verifier_changed" { from: AccountId, verifier: AccountId }
    CaseVerified = "case.verified" { verdict: Verdict, words: WordsRef, photos: Vec<String>, clock: Clock }
    /// The same problem as `into`, which goes on.
    CaseMerged = "case.merged" { into: CaseId, number: i64, words: Option<WordsRef> }
    /// Another case was the same problem, and is part of this one now.
    CaseJoined = "case.joined" { from: CaseId, number: i64 }
    /// The centre corrected it while looking through.
    CaseAmended = "case.amended" {
        category: Option<Uuid>,
        community: Option<PlaceId>,
        compound: Option<PlaceId>,
        circular: Option<CircularId>,
        set_due: Option<Instant>,
        words: String,
        /// The words before, where these are others; their hash is the one that was told last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        former: Option<WordsRef>,
        on_spot: bool,
        #[serde(default)]
        condition: Option<i64>,
        /// Who is to assist once it is dispatched.
        #[serde(default)]
        assisting: Vec<OrganisationId>,
    }
    /// Put into a circular that is being composed; what was filed alone waits in it to be filed with the others, by a new clock.
    CaseIntoCircular = "case.into_circular" { circular: CircularId, clock: Clock }
    /// Under which filing condition, and so how it will be re-inspected.
    CaseFiled = "case.filed" {
        category: Option<Uuid>,
        clock: Clock,
        on_spot: bool,
        #[serde(default)]
        condition: Option<i64>,
    }
    /// The import that brought it in was taken back: it counts nowhere.
    CaseImportUndone = "case.import_undone" {}
    CaseDeclined = "case.declined" { from: Stage, reason: String, words: Option<WordsRef> }
    /// Handed to its unit: the unit's clock starts.
    CaseDispatched = "case.dispatched" {
        circular: Option<CircularId>,
        notice: NoticeId,
        filed: bool,
        clock: Clock,
        limit_unit: Option<String>,
        limit_value: Option<i64>,
        assisting: Vec<OrganisationId>,
    }
    /// Handed to somebody outside, whose answer is awaited; no unit of ours answers for it from here on.
    CaseTransferred = "case.transferred" {
        receiver: Receiver,
        receipt: Option<String>,
        words: WordsRef,
        clock: Clock,
        /// The street of the same district that it was passed on to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<TenantId>,
    }
    /// It came from another street of the district, where it was found under another number.
    CaseTakenOver = "case.taken_over" { from: TenantId, number: i64, found_at: Instant }
    TransferTakenBack = "case.transfer_taken_back" { words: WordsRef, clock: Clock }
    /// Those outside say that it is mended.
    TransferAnswered = "case.transfer_answered" { receipt: Option<String>, words: WordsRef, photos: Vec<String>, clock: Clock }
    /// Looked at again, it was not mended: back to those outside.
    TransferFailed = "case.transfer_failed" { words: WordsRef, photos: Vec<String>, rework: i64, clock: Clock }
    HandBackAsked = "case.hand_back_asked" { reason: String, words: Option<WordsRef> }
    /// The unit's objection was right: back to the centre, and nothing of it is held against the unit.
    HandBackAccepted = "case.hand_back_accepted" { words: Option<WordsRef>, clock: Clock }
    HandBackRefused = "case.hand_back_refused" { words: Option<WordsRef> }
    /// A leader ended the second request: this unit, and no handing back. A dispatch follows where it is another one.
    AssignedFinally = "case.assigned_finally" { words: WordsRef, another: bool }
    ExtensionAsked = "case.extension_asked" { until: Instant, words: WordsRef }
    ExtensionGranted = "case.extension_granted" { was: Instant, extensions: i64, words: Option<WordsRef>, clock: Clock }
    ExtensionRefused = "case.extension_refused" { words: Option<WordsRef> }
    HoldAsked = "case.hold_asked" { reason: String, until: Instant, words: WordsRef }
    /// The clock stands until then, and goes on by itself; `late` when the deadline had passed already.
    HoldGranted = "case.hold_granted" { until: Instant, was: Instant, holds: i64, late: bool, words: Option<WordsRef>, clock: Clock }
    HoldRefused = "case.hold_refused" { words: Option<WordsRef> }
    HoldRenewed = "case.hold_renewed" { until: Instant, was: Instant, words: WordsRef, clock: Clock }
    /// The reason is gone: the clock runs again.
    HoldEnded = "case.hold_ended" { was: Instant, words: Option<WordsRef>, clock: Clock }
    CaseSupervised = "case.supervised" { words: WordsRef }
    /// Part of a difficult matter from here on; of one at a time.
    CaseInMatter = "case.in_matter" { matter: MatterId }
    VoidAsked = "case.void_asked" { words: WordsRef }
    CaseVoided = "case.voided" { from: Stage, words: Option<WordsRef> }
    VoidRefused = "case.void_refused" { words: Option<WordsRef> }
    /// The reporter says that it is not mended. What was merged leads on to the case that it is part of now, which is asked: there
    /// is one fact of each, and each names the other.
    CaseDisputed = "case.disputed" {
        words: WordsRef,
        photos: Vec<String>,
        /// Of the case that is asked: the one whose reporter it was, where that was merged into this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<CaseId>,
        /// Of the merged one: the case that is asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        into: Option<CaseId>,
        /// The number of either.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<i64>,
    }
    /// The reporter was right: open again, rework + 1, a new deadline.
    DisputeUpheld = "case.dispute_upheld" { words: WordsRef, rework: i64, clock: Clock }
    DisputeRefused = "case.dispute_refused" { words: WordsRef }
    /// The unit appeals against what is held against it.
    CaseAppealed = "case.appealed" { ground: AppealGround, words: WordsRef, photos: Vec<String> }
    AppealReviewed = "case.appeal_reviewed" { advice: AppealEnd, words: WordsRef }
    /// Upheld, the statistics leave it out; the facts before this one stay.
    AppealDecided = "case.appeal_decided" { ground: AppealGround, end: AppealEnd, words: WordsRef }
    /// The unit submitted; `late` when after its deadline. `clock` is the centre's, for the re-inspection.
    CaseRectified = "case.rectified" {
        by: Option<AccountId>,
        attempt: i64,
        words: WordsRef,
        photos: Vec<String>,
        /// Beside the photos, by its hash too.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        video: Option<String>,
        late: bool,
        clock: Clock,
        /// Drawn for a look on the spot, though its category is re-inspected from photos.
        #[serde(default)]
        sampled: bool,
        /// Dissuaded and reported, where a unit cannot enforce.
        #[serde(default)]
        dissuaded: bool,
    }
    CasePassed = "case.passed" { words: WordsRef, photos: Vec<String>, rework: i64 }
    /// Came back: rework + 1, a new deadline; the first lateness stays.
    CaseFailed = "case.failed" { words: WordsRef, photos: Vec<String>, rework: i64, clock: Clock }
    /// The unit hands it to one of its own people first.
    AssignedInside = "case.assigned_inside" { person: AccountId, words: Option<WordsRef> }
    /// That person says that it is done; the unit looks, and submits.
    DoneInside = "case.done_inside" { words: WordsRef, photos: Vec<String> }
    /// For the centre's own people.
    CaseNoted = "case.noted" { words: WordsRef }
    /// What was written before is corrected; it stays as it was written.
    CaseCorrected = "case.corrected" { words: WordsRef }
    MessageSent = "case.message" { words: WordsRef }
    MessageAnswered = "case.reply" { words: WordsRef }
    /// It is an order of the hotline or the district's platform, whose clocks run beside ours.
    OrderReceived = "case.order_received" {
        received_at: Instant,
        sign_due: Option<Instant>,
        call_due: Option<Instant>,
        answer_due: Option<Instant>,
    }
    OrderSigned = "case.order_signed" { late: bool }
    /// The caller was spoken to.
    CallerCalled = "case.caller_called" { words: WordsRef, late: bool }
    /// The answer that went back. It does not end our case, nor does our end answer them.
    OrderAnswered = "case.order_answered" { words: WordsRef, late: bool }
    CalledBack = "case.called_back" { solved: Solved, satisfied: Satisfied, words: Option<WordsRef> }
    /// The caller is not content, and it is open again: rework + 1, a new deadline.
    CaseReopened = "case.reopened" {
        words: WordsRef,
        rework: i64,
        clock: Clock,
        /// The order that was merged into it, where it was that one's caller; and its number.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<CaseId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<i64>,
    }
    /// Not mended, and no unit of ours has it: back to the centre, to be dispatched.
    CaseRefiled = "case.refiled" {
        words: WordsRef,
        clock: Clock,
        /// A dispute was right.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        upheld: bool,
        /// The order that was merged into it, where it was that one's caller; and its number.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<CaseId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<i64>,
    }
    /// The caller of an order that was merged into it is not content, and there was nothing to open again.
    CallerUnsatisfied = "case.caller_unsatisfied" { from: CaseId, number: i64, words: WordsRef }
    /// The same kind at the same spot as `before`, not long ago (反复).
    CaseRecurs = "case.recurs" { before: CaseId, number: i64 }
    /// Somebody took the whole of it out of the house on paper.
    CasePrinted = "case.printed" {}
    /// A newer holiday file moved the deadline of whoever holds it.
    DeadlineRecounted = "case.deadline_recounted" { clock: Clock, known_until: String }
    CaseUrged = "case.urged" { words: Option<WordsRef> }
    /// Brought in from another system with its own times.
    CaseImported = "case.imported" {
        number: i64,
        stage: Stage,
        outside: String,
        category: Option<Uuid>,
        community: Option<PlaceId>,
        lng_e7: Option<i32>,
        lat_e7: Option<i32>,
        words: String,
        reported_at: Instant,
        due: Option<Instant>,
        ended_at: Option<Instant>,
        late: bool,
    }
}

macro_rules! papers {
    ($($(#[$doc:meta])* $name:ident = $kind:literal, $subject:literal by $id:ident: $idt:ty { $($field:ident: $t:ty),* $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name { pub $id: $idt, $(pub $field: $t),* }
        impl Fact for $name {
            const KIND: &'static str = $kind;
            const SUBJECT: &'static str = $subject;
            fn subject(&self) -> Uuid {
                self.$id.0
            }
        }
    )+};
}

papers! {
    CircularOpened = "circular.opened", "circular" by circular: CircularId {}
    /// Somebody took it out of the house as `form` (pdf, docx, jpg).
    CircularPrinted = "circular.printed", "circular" by circular: CircularId { form: String }
    CircularIssued = "circular.issued", "circular" by circular: CircularId { number: i64, year: i64, cases: i64, notices: i64 }
    NoticeIssued = "notice.issued", "notice" by notice: NoticeId { number: i64, circular: Option<CircularId>, unit: OrganisationId, cases: i64, last_due: Instant }
    /// The unit looked at it for the first time.
    NoticeOpened = "notice.opened", "notice" by notice: NoticeId { unit: OrganisationId }
    /// Somebody took it, or its answer sheet, out of the house.
    NoticePrinted = "notice.printed", "notice" by notice: NoticeId { unit: OrganisationId, paper: String, form: String }
    MatterOpened = "matter.opened", "matter" by matter: MatterId { number: i64, origin: String, place: Option<PlaceId>, words: String }
    MatterNoted = "matter.noted", "matter" by matter: MatterId { words: WordsRef }
    /// Put before the council.
    MatterToCouncil = "matter.to_council", "matter" by matter: MatterId { words: WordsRef }
    MatterEnded = "matter.ended", "matter" by matter: MatterId { state: String, words: WordsRef }
    /// Somebody took a list out of the house as `form` (xlsx, pdf), narrowed to `filter`.
    RegisterTaken = "register.taken", "register" by register: RegisterId { list: String, form: String, filter: serde_json::Value, rows: i64 }
    /// The unit was told by phone.
    NoticeTold = "notice.told", "notice" by notice: NoticeId { unit: OrganisationId }
}
