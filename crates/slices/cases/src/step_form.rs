//! What the forms of a case's page carry, and how each field is read: trimmed, bounded, every error at its field.

use crate::case::Found;
use crate::case_forms::amending::condition_said;
use crate::case_steps::{
    ASSIST_TWICE, BAD_TIME, MAX_ASSISTING, MAX_NUMBER, MAX_PHOTOS, PARTS_NEEDED, REASON_NEEDED, TOO_MANY_PHOTOS, WORDS_TOO_LONG, due,
    field_error, words,
};
use crate::conditions::chosen;
use crate::filing::{Amendment, Assistant, NO_CATEGORY, NO_DEADLINE, NO_UNIT};
use crate::joining::MAX_PARTS;
use crate::kinds::{Satisfied, Solved};
use crate::office::Office;
use crate::outside::{Deed, comes_back, has_unit, unsatisfied};
use crate::report_page::{PLACE_NEEDED, responsible};
use crate::reporting::{Finding, Spot, Under};
use kernel::coordinates::Point;
use kernel::ids::{AttachmentId, OrganisationId, PlaceId, Uuid};
use kernel::{Error, Instant, Result, ensure};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What any of the forms may carry; each step reads its own.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct StepForm {
    pub version: String,
    pub words: String,
    pub reason: String,
    pub unit: String,
    pub due: String,
    /// Assisting units, each with the date beside it; both may be empty.
    pub assist: Vec<String>,
    pub assist_due: Vec<String>,
    pub place: String,
    pub category: String,
    /// A filing condition of the category.
    pub condition: String,
    pub what: String,
    pub where_words: String,
    pub photo: Vec<String>,
    pub video: String,
    /// The number that somebody outside gave to it.
    pub receipt: String,
    /// The number of another case.
    pub number: String,
    /// A difficult matter by its number, or the name of a new one.
    pub matter: String,
    pub title: String,
    /// An account.
    pub person: String,
    /// Another street of the district, by its short name.
    pub tenant: String,
    /// A circular that is being composed.
    pub circular: String,
    /// How the caller finds it.
    pub solved: String,
    pub satisfied: String,
    /// Ticked: dissuaded and reported.
    pub dissuaded: String,
    /// The parts of what was reported as one; a part without words is none.
    pub part_place: Vec<String>,
    pub part_what: Vec<String>,
}

impl StepForm {
    pub(crate) fn values(&self) -> BTreeMap<String, String> {
        let pairs = [
            ("words", &self.words),
            ("reason", &self.reason),
            ("unit", &self.unit),
            ("due", &self.due),
            ("place", &self.place),
            ("category", &self.category),
            ("condition", &self.condition),
            ("what", &self.what),
            ("where_words", &self.where_words),
            ("receipt", &self.receipt),
            ("number", &self.number),
            ("person", &self.person),
            ("tenant", &self.tenant),
            ("circular", &self.circular),
            ("matter", &self.matter),
            ("title", &self.title),
            ("solved", &self.solved),
            ("satisfied", &self.satisfied),
            ("dissuaded", &self.dissuaded),
        ];
        let mut values: BTreeMap<String, String> = pairs.into_iter().map(|(name, value)| (name.to_owned(), value.clone())).collect();
        for (name, list) in
            [("assist", &self.assist), ("assist_due", &self.assist_due), ("part_place", &self.part_place), ("part_what", &self.part_what)]
        {
            values
                .extend(list.iter().take(MAX_ASSISTING.max(MAX_PARTS)).enumerate().map(|(i, value)| (format!("{name}{i}"), value.clone())));
        }
        values
    }
    pub fn photos(&self) -> Vec<AttachmentId> {
        self.photo.iter().filter_map(|id| id.parse().ok()).collect()
    }
    /// The photos, bounded. Errors: field `photo`.
    pub(crate) fn checked_photos(&self) -> Result<Vec<AttachmentId>> {
        let photos = self.photos();
        if photos.len() > MAX_PHOTOS {
            return Err(field_error("photo", TOO_MANY_PHOTOS, &[("max", MAX_PHOTOS.to_string())]));
        }
        Ok(photos)
    }
    /// The video, where the form carries one.
    pub fn video(&self) -> Option<AttachmentId> {
        self.video.parse().ok()
    }
    /// The words, trimmed and bounded. Errors: field `words`.
    pub(crate) fn checked_words(&self, needed: bool) -> Result<String> {
        words(&self.words, "words", needed)
    }
    /// The case as the centre corrects it; another place or category asks the table of responsibilities anew.
    pub(crate) fn amendment(&self, office: &Office, case: &Found, now: Instant) -> Result<Amendment> {
        let directory = &office.directory;
        let place = self.place.parse::<PlaceId>().ok().and_then(|id| directory.place(id)).filter(|place| place.open);
        let place = place.ok_or_else(|| Error::field("place", PLACE_NEEDED))?;
        let category = Uuid::try_parse(&self.category).ok().and_then(|id| directory.category(id));
        let category = category.ok_or_else(|| Error::field("category", NO_CATEGORY))?;
        condition_said(category, case, &self.condition)?;
        let same = case.place_id == Some(place.id) && case.category_id == Some(category.id.0);
        let (unit, unit_reason) = match same {
            true => (case.unit_id, case.unit_reason.clone()),
            false => responsible(directory, now, place.id, Some(category.id.0))?,
        };
        let point = case.lng_e7.zip(case.lat_e7);
        Ok(Amendment {
            what: words(&self.what, "what", false)?,
            where_words: words(&self.where_words, "where_words", false)?,
            spot: Spot {
                place: place.id,
                path: place.path.clone(),
                community: place.community_id,
                compound: place.compound_id,
                point,
                cell: point.and_then(|(lng, lat)| Point::new(lng, lat).ok()).map(Point::cell_key),
            },
            under: Some({
                let said = case.condition_no.filter(|_| case.category_id == Some(category.id.0));
                Under::at(category, chosen(&self.condition, category).or(said)).within(office.orders.of_unit(case.source))
            }),
            unit,
            unit_reason,
            set_due: case.set_due,
            circular: case.circular_id,
            assisting: None,
        })
    }
    /// The assisting units, each with its own date or else `otherwise`. Errors: fields `assist`, `assist_due`.
    pub(crate) fn checked_assisting(&self, office: &Office, unit: OrganisationId, otherwise: Instant) -> Result<Vec<Assistant>> {
        let mut assisting: Vec<Assistant> = Vec::new();
        for (i, text) in self.assist.iter().enumerate().filter(|(_, text)| !text.is_empty()).take(MAX_ASSISTING) {
            let organisation = text.parse::<OrganisationId>().ok().filter(|id| office.directory.organisation(*id).is_some());
            let organisation = organisation.ok_or_else(|| Error::field("assist", NO_UNIT))?;
            ensure(organisation != unit, Error::field("assist", ASSIST_TWICE))?;
            ensure(assisting.iter().all(|known| known.organisation != organisation), Error::field("assist", ASSIST_TWICE))?;
            let own = self.assist_due.get(i).map_or(Ok(None), |text| due(text, "assist_due", office.hours.zone()))?;
            assisting.push(Assistant { organisation, due: own.unwrap_or(otherwise) });
        }
        Ok(assisting)
    }
    /// A deadline that the step cannot do without. Errors: field `due`.
    pub(crate) fn needed_due(&self, zone: &jiff::tz::TimeZone) -> Result<Instant> {
        self.checked_due(zone)?.ok_or_else(|| Error::field("due", BAD_TIME))
    }
    /// The receipt's number, if there is one. Errors: field `receipt`.
    pub(crate) fn checked_receipt(&self) -> Result<Option<String>> {
        let receipt = self.receipt.trim();
        if receipt.chars().count() > MAX_NUMBER {
            return Err(field_error("receipt", WORDS_TOO_LONG, &[("max", MAX_NUMBER.to_string())]));
        }
        Ok((!receipt.is_empty()).then(|| receipt.to_owned()))
    }
    /// The findings that the parts are. Errors: fields `part_place`.
    pub(crate) fn parts(&self, office: &Office, case: &Found, now: Instant) -> Result<Vec<Finding>> {
        let directory = &office.directory;
        let mut parts = Vec::new();
        for (i, text) in self.part_what.iter().enumerate().take(MAX_PARTS) {
            let what = words(text, "part_place", false)?;
            if what.is_empty() {
                continue;
            }
            let place = self.part_place.get(i).and_then(|id| id.parse::<PlaceId>().ok()).and_then(|id| directory.place(id));
            let place = place.filter(|place| place.open).ok_or_else(|| Error::field("part_place", PLACE_NEEDED))?;
            let category = case.category_id.and_then(|id| directory.category(id));
            let (unit, unit_reason) = responsible(directory, now, place.id, case.category_id)?;
            // What lies at the first one's place lies where it was photographed.
            let point = case.lng_e7.zip(case.lat_e7).filter(|_| case.place_id == Some(place.id));
            parts.push(Finding {
                source: case.source,
                what,
                where_words: String::new(),
                spot: Spot {
                    place: place.id,
                    path: place.path.clone(),
                    community: place.community_id,
                    compound: place.compound_id,
                    point,
                    cell: point.and_then(|(lng, lat)| Point::new(lng, lat).ok()).map(Point::cell_key),
                },
                under: category.map(|category| Under::at(category, case.condition_no).within(office.orders.of_unit(case.source))),
                order: None,
                unit,
                unit_reason,
                set_due: None,
                circular: case.circular_id,
                photos: Vec::new(),
                video: None,
                outside_number: None,
            });
        }
        ensure(!parts.is_empty(), Error::field("part_place", PARTS_NEEDED))?;
        Ok(parts)
    }
    /// How the caller finds it; opened again, it needs a reason, and a deadline where its category gives none. `ended` is the case
    /// that comes back.
    pub(crate) fn call_back(&self, ended: &Found, zone: &jiff::tz::TimeZone) -> Result<Deed> {
        let solved = self.solved.parse::<Solved>().map_err(|_| Error::field("solved", REASON_NEEDED))?;
        let satisfied = self.satisfied.parse::<Satisfied>().map_err(|_| Error::field("satisfied", REASON_NEEDED))?;
        let opens = unsatisfied(solved, satisfied) && comes_back(ended);
        let set_due = self.checked_due(zone)?;
        if opens && has_unit(ended) && set_due.is_none() && ended.limit_unit.is_none() {
            return Err(Error::field("due", NO_DEADLINE));
        }
        Ok(Deed::CallBack { solved, satisfied, words: self.checked_words(unsatisfied(solved, satisfied))?, set_due })
    }
    pub(crate) fn checked_due(&self, zone: &jiff::tz::TimeZone) -> Result<Option<Instant>> {
        due(&self.due, "due", zone)
    }
}
