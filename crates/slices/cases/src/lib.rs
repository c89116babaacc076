//! Cases: problems found, put into circulars, mended by a date, looked at again.

pub mod case;
pub mod clocks;
pub mod days;
pub mod facts;
pub mod figures;
pub mod filing;
pub mod issuing;
pub mod listing;
pub mod rebuild;
pub mod rectifying;
pub mod reinspecting;
pub mod reporting;
pub mod steps;
pub mod verbs;
pub mod wording;
