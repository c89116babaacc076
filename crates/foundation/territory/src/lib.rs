//! Territory: places, organisations, categories, the working-time calendar and the table of responsibilities of a tenant.

pub mod calendars;
pub mod categories;
pub mod category;
pub mod directory;
pub mod facts;
pub mod fields;
pub mod import;
pub mod organisation;
pub mod organisations;
pub mod picker;
pub mod place;
pub mod places;
pub mod polygons;
pub mod responsibility;
pub mod revision;
pub mod standards;
pub mod table;
pub mod verbs;

pub use directory::{Caches, Directory, PlaceInfo, calendar, directory};
pub use organisation::{AnswersForId, CategoryVersionId, OrganisationKind, ProjectId, ResponsibilityId};
pub use place::Level;
pub use responsibility::{Proposal, Reason};
pub use verbs::{ManageTerritory, ViewTerritory};
