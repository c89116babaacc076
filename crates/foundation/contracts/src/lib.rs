//! What slices show one another: ids and ports. No behaviour.

pub mod problems;
pub mod scoring;
pub mod signs;

kernel::id!(
    /// One problem at one place (问题).
    CaseId,
    /// Many cases of one inspection round (问题通报第N期).
    CircularId,
    /// One unit's part of a circular (整改通知单).
    NoticeId,
    /// A difficult matter (疑难问题).
    MatterId,
);
store::id_values!(CaseId, CircularId, NoticeId, MatterId);
