//! A round of the demo's campaign: found with photos, put into a circular, issued, mended, looked at again, by the clock.

use super::branches::{Branch, LEFT};
use super::{Building, CIRCULARS, PER_CIRCULAR, TENANT};
use crate::pictures;
use access::Actor;
use access::personal::Masked;
use cases::case::{Case, Found, find_by_id, of_circular};
use cases::issuing::{Issue, Open};
use cases::outside::{Limits, NewOrder};
use cases::rectifying::{OpenNotice, Rectify, TellByPhone};
use cases::reinspecting::{Fail, Findings, Pass as Accept};
use cases::reporting::{Finding, Report, Spot, Under};
use cases::steps::Source;
use contracts::{CaseId, CircularId};
use futures::future::try_join_all;
use kernel::coordinates::Point;
use kernel::ids::AttachmentId;
use kernel::{Error, Instant, Result};
use std::collections::BTreeMap;

/// What happens to a case at an instant.
#[derive(Clone, Copy)]
pub(super) enum Event {
    Rectify(CaseId),
    Accept(CaseId),
    Refuse(CaseId),
    Branch(CaseId, Branch),
}

/// Which findings came by the hotline: one in sixty.
pub(super) fn is_order(n: usize) -> bool {
    n % 61 == 30
}

impl Building {
    pub(super) async fn photo(&self, actor: &Actor, seed: u64, clean: bool, position: Option<(i32, i32)>) -> Result<AttachmentId> {
        let drawing = tokio::task::spawn_blocking(move || pictures::drawing(seed, clean)).await.map_err(Error::internal)?;
        let mut drawing = drawing;
        drawing.taken.at = Some(self.now().plus_seconds(-120));
        drawing.taken.position = position;
        Ok(self.place.attachments.draft_drawn(&self.place.store, TENANT, actor.account, drawing).await?.id)
    }

    /// Where finding number `n` was photographed: somewhere in its compound; one phone in nine had its position off.
    fn position(&self, n: usize) -> Option<(i32, i32)> {
        (n % 9 != 4).then(|| self.compounds[n * 7 % self.compounds.len()].1.inside(n))
    }

    /// The finding number `n` of the campaign: where, what kind, whose.
    pub(super) fn finding(&self, n: usize, circular: Option<CircularId>, photo: AttachmentId) -> Result<Finding> {
        let compound = self.compounds[n * 7 % self.compounds.len()].0;
        let point = self.position(n);
        let place = self.directory.place_or_404(compound)?;
        // What can be mended within four working days; the others would still be open today.
        let short = |c: &&territory::category::CategoryVersion| {
            c.limit_unit.as_deref() == Some("working_minutes") && c.limit_value.is_some_and(|v| v <= 1920)
        };
        let common: Vec<_> = self.directory.common_categories().into_iter().filter(short).collect();
        let category = common.get(n * 5 % common.len().max(1)).ok_or_else(|| Error::internal("no category with a short limit"))?;
        let on = self.directory.date_of(self.now())?;
        let proposal =
            self.directory.unit_for(compound, Some(category.id.0), on).ok_or_else(|| Error::internal("a place without a unit"))?;
        let words = |list: &[String]| list[n * 11 % list.len()].replace("{n}", &(n % 17 + 1).to_string());
        Ok(Finding {
            source: Source::Inspection,
            what: words(self.text.whats(category)),
            where_words: words(&self.text.wheres),
            spot: Spot {
                place: compound,
                path: place.path.clone(),
                community: place.community_id,
                compound: place.compound_id,
                point,
                cell: point.and_then(|(lng, lat)| Point::new(lng, lat).ok()).map(Point::cell_key),
            },
            under: Some(Under::at(category, Some(1))),
            order: None,
            unit: Some(proposal.unit),
            unit_reason: Some(proposal.reason.to_json()),
            set_due: None,
            circular,
            photos: vec![photo],
            video: None,
            outside_number: None,
        })
    }

    pub(super) async fn report(&self, n: usize, circular: Option<CircularId>) -> Result<CaseId> {
        let finder = self.actor(if is_order(n) { "clerk" } else { "inspector" })?;
        let photo = self.photo(finder, n as u64, false, self.position(n)).await?;
        let mut finding = self.finding(n, circular, photo)?;
        if is_order(n) {
            let caller = &self.text.callers[n % self.text.callers.len().max(1)];
            finding.source = Source::Hotline;
            finding.outside_number = Some(format!("26{n:06}"));
            finding.order = Some(NewOrder {
                caller: Some(Masked::new(caller.as_str())),
                caller_phone: Some(Masked::new(format!("1380000{:04}", n % 10_000))),
                ..NewOrder::default()
            });
        }
        let command = Report { by: finder.permit_some()?, finding, limits: Limits::default(), hours: self.hours.clone() };
        Ok(self.run(finder, command).await?.case)
    }

    pub(super) async fn found(&self, actor: &Actor, case: CaseId) -> Result<Found> {
        find_by_id(&self.place.store, actor, case).await
    }

    /// A round: opened in the morning, filled, issued before noon; the instants at which its cases go on.
    pub(super) async fn round(&self, n: usize, morning: Instant, events: &mut BTreeMap<Instant, Vec<Event>>) -> Result<Vec<Case>> {
        let (clerk, store) = (self.actor("clerk")?, &self.place.store);
        self.set(morning);
        let title = self.text.round.replace("{n}", &(n + 1).to_string());
        let circular = self.run(clerk, Open { by: clerk.permit_some()?, title }).await?;
        for part in 0..4 {
            self.set(morning.plus_seconds(900 + part * 1800));
            let first = n * PER_CIRCULAR + usize::try_from(part).unwrap_or(0) * PER_CIRCULAR / 4;
            try_join_all((first..first + PER_CIRCULAR / 4).map(|i| self.report(i, Some(circular)))).await?;
        }
        self.set(morning.plus_seconds(7200));
        self.run(clerk, Issue { by: clerk.permit(&TENANT)?, circular, hours: self.hours.clone() }).await?;
        let cases = of_circular(store, TENANT, circular).await?;
        let last = n + 1 == CIRCULARS;
        for (i, case) in cases.iter().enumerate() {
            if last && i < LEFT {
                continue;
            }
            self.plan(n * PER_CIRCULAR + i, case, events)?;
        }
        if last {
            self.plan_left(&cases, events)?;
        }
        self.tell(circular, n).await?;
        self.mended_already(n).await?;
        self.matters(n, &cases).await?;
        Ok(cases)
    }

    /// Most units open their notice, some are told by phone.
    pub(super) async fn tell(&self, circular: CircularId, n: usize) -> Result<()> {
        self.set(self.now().plus_seconds(1500));
        for (i, notice) in cases::issuing::notices(&self.place.store, TENANT, circular).await?.into_iter().enumerate() {
            let clerk = self.actor("clerk")?;
            match ((n + i) % 9, self.handlers.get(&notice.unit_id)) {
                (4, _) if n + 1 != CIRCULARS => {
                    self.run(clerk, TellByPhone { by: clerk.permit(&TENANT)?, notice }).await?;
                }
                (7, _) => {}
                (_, Some(handler)) => {
                    let by = handler.permit(&cases::notice_page::NoticeSubject { tenant: TENANT, unit: notice.unit_id })?;
                    self.run(handler, OpenNotice { by, notice }).await?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    pub(super) async fn rectify(&self, case: CaseId) -> Result<()> {
        let found = self.found(&Actor::system(TENANT), case).await?;
        let handler = found.unit_id.and_then(|unit| self.handlers.get(&unit)).ok_or_else(Error::not_found)?;
        // Now and then somebody sends the picture of the one before once more.
        let pictured = if found.number % 397 == 11 { found.number - 1 } else { found.number };
        let seed = 500_000 + u64::try_from(pictured * 8 + found.rework).unwrap_or(0);
        let photo = self.photo(handler, seed, true, found.lng_e7.zip(found.lat_e7)).await?;
        let category = found.category_id.and_then(|id| self.directory.category(id));
        let words = self.text.answer(category, usize::try_from(found.number).unwrap_or(0));
        let by = handler.permit(&found)?;
        let sample_permille = category.map_or(0, |category| category.sample_permille);
        let hours = self.hours.clone();
        let command = Rectify {
            by,
            case: found,
            words,
            photos: vec![photo],
            video: None,
            photo_demanded: true,
            dissuaded: false,
            sample_permille,
            hours,
        };
        self.run(handler, command).await
    }

    pub(super) async fn reinspect(&self, case: CaseId, accept: bool) -> Result<()> {
        let inspector = self.actor("inspector")?;
        let found = self.found(inspector, case).await?;
        let list = if accept { &self.text.findings } else { &self.text.refusals };
        let words = list[usize::try_from(found.number).unwrap_or(0) % list.len()].clone();
        let photos = if found.on_spot || !accept {
            let seed = 900_000 + u64::try_from(found.number * 8 + found.rework).unwrap_or(0);
            vec![self.photo(inspector, seed, accept, found.lng_e7.zip(found.lat_e7)).await?]
        } else {
            Vec::new()
        };
        let findings = Findings { words, photos, on_spot: found.on_spot };
        let by = inspector.permit(&found)?;
        if accept {
            self.run(inspector, Accept { by, case: found, findings, hours: self.hours.clone() }).await
        } else {
            self.run(inspector, Fail { by, case: found, findings, set_due: None, hours: self.hours.clone() }).await
        }
    }

    /// Everything that happens before `until`, hour by hour; what falls into one hour happens side by side.
    pub(super) async fn pass_time(&self, events: &mut BTreeMap<Instant, Vec<Event>>, until: Instant) -> Result<()> {
        while let Some(entry) = events.first_entry() {
            if *entry.key() >= until {
                break;
            }
            let (when, list) = entry.remove_entry();
            self.set(when);
            try_join_all(list.into_iter().map(|event| async move {
                match event {
                    Event::Rectify(case) => self.rectify(case).await,
                    Event::Accept(case) => self.reinspect(case, true).await,
                    Event::Refuse(case) => self.reinspect(case, false).await,
                    Event::Branch(case, branch) => self.branch(case, branch).await,
                }
            }))
            .await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{Clock, Entropy, World};
    use store::attachments::Policy;
    use territory::polygons::PolygonIndex;

    #[tokio::test]
    async fn every_finding_lies_in_its_own_compound_and_community_where_it_has_a_position() {
        let folder = tempfile::tempdir().unwrap();
        let world = World { clock: Clock::standing_at(super::super::at(5, 1, 8, 0).unwrap()), entropy: Entropy::seeded(2026) };
        let loaded = crate::config::load(folder.path(), None, &[]).unwrap();
        let place = crate::installation::Installation::open(folder.path(), loaded, world, Policy::default()).await.unwrap();
        let text: super::super::Text = toml::from_str(super::super::TEXT).unwrap();
        let building = Building::new(place, text).await.unwrap();
        let index = PolygonIndex::load(&building.place.store, &building.directory).await.unwrap();
        assert_eq!(building.compounds.len(), 60);
        assert_eq!(index.len(), 1 + 20 + 60 + 8 + 24, "sub-district, communities, compounds, grids, buildings");
        let mut without = 0;
        for n in 0..CIRCULARS * PER_CIRCULAR {
            let finding = building.finding(n, None, AttachmentId(kernel::ids::Uuid::nil())).unwrap();
            let Some((lng, lat)) = finding.spot.point else {
                without += 1;
                continue;
            };
            let located = index.locate(Point::new(lng, lat).unwrap());
            assert_eq!((located.compound, located.community), (finding.spot.compound, finding.spot.community), "finding {n}");
        }
        assert_eq!(without, CIRCULARS * PER_CIRCULAR / 9, "some phones have their position off");
    }
}
