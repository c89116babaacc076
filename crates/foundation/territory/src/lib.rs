//! Territory: places, organisations, categories, the working-time calendar and the table of responsibilities of a tenant.

pub mod boundaries;
pub mod calendars;
pub mod calls;
pub mod categories;
pub mod category;
pub mod comparing;
pub mod condition;
pub mod directory;
pub mod duty;
pub mod duty_calls;
pub mod explain;
pub mod facts;
pub mod fields;
pub mod import;
pub mod imports;
pub mod keeping;
pub mod lists;
pub mod matching;
mod offers;
pub mod organisation;
pub mod organisations;
pub mod pages;
pub mod periods;
pub mod picker;
pub mod place;
pub mod places;
pub mod polygons;
pub mod received;
pub mod responsibility;
pub mod revision;
pub mod setup;
pub mod sheets;
pub mod standards;
pub mod table;
pub mod table_check;
pub mod table_sheet;
pub mod unmasking;
pub mod verbs;

pub use directory::{Caches, Directory, PlaceInfo, boundaries_of, calendar, directory, directory_of, locate};
pub use explain::{explain, limit_words, reason_words, words_of_reason};
pub use offers::{scopes, units};
pub use organisation::{AnswersForId, CategoryVersionId, OrganisationKind, ProjectId, ResponsibilityId};
pub use pages::{NAV, routes};
pub use place::Level;
pub use responsibility::{Proposal, Reason};
pub use verbs::{ManageDuty, ManageTerritory, ViewTerritory};

#[cfg(test)]
mod boundary_tests;
#[cfg(test)]
mod duty_tests;
#[cfg(test)]
mod import_tests;
#[cfg(test)]
mod list_tests;
#[cfg(test)]
mod page_tests;
#[cfg(test)]
mod period_tests;
#[cfg(test)]
mod table_tests;
#[cfg(test)]
mod tests;

web::words!();

store::migrations!(
    "../migrations/202611240601_places.sql",
    "../migrations/202611240602_organisations.sql",
    "../migrations/202611240603_categories.sql",
    "../migrations/202611240604_calendar.sql",
    "../migrations/202611252320_contacts.sql",
    "../migrations/202611260900_periods.sql",
    "../migrations/202611260910_duty.sql",
    "../migrations/202611260920_place_lists.sql",
    "../migrations/202611261100_sheets.sql",
    "../migrations/202611261230_may_report.sql",
    "../migrations/202611261240_conditions.sql",
    "../migrations/202611261330_imports.sql",
);
