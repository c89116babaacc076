//! The months before the demo's campaign: two small rounds each.

use super::rounds::Event;
use super::{Building, CIRCULARS, TENANT, months_since_begin, on};
use cases::case::of_circular;
use cases::issuing::{Issue, Open};
use futures::future::try_join_all;
use jiff::civil::Date;
use kernel::{Instant, Result};
use std::collections::BTreeMap;

/// Of a month's working days, counted from nought: when a round is.
const DAYS: [usize; 2] = [3, 10];
const FOUND: usize = 24;
/// Findings of these months are counted from here on, those of the campaign from nought.
const FIRST: usize = 6000;

impl Building {
    /// The round of the `nth` working day of a month, where there is one.
    pub(super) async fn small_round(&self, day: Date, nth: usize, events: &mut BTreeMap<Instant, Vec<Event>>) -> Result<()> {
        let Some(which) = DAYS.iter().position(|known| *known == nth) else { return Ok(()) };
        let clerk = self.actor("clerk")?;
        let months = usize::try_from(months_since_begin(day)).unwrap_or(0);
        let round = months * DAYS.len() + which;
        self.set(on(day, 8, 40)?);
        let said = |text: &str| text.replace("{m}", &day.month().to_string()).replace("{n}", &(which + 1).to_string());
        let circular = self.run(clerk, Open { by: clerk.permit_some()?, title: said(&self.text.round_before) }).await?;
        self.set(on(day, 9, 10)?);
        try_join_all((0..FOUND).map(|i| self.report(self.number_of(round, months, i), Some(circular)))).await?;
        self.set(on(day, 10, 40)?);
        self.run(clerk, Issue { by: clerk.permit(&TENANT)?, circular, hours: self.hours.clone() }).await?;
        for (i, case) in of_circular(&self.place.store, TENANT, circular).await?.iter().enumerate() {
            self.plan(FIRST + round * FOUND + i, case, events)?;
        }
        self.tell(circular, CIRCULARS + 1 + round).await
    }

    /// The number of a round's `i`th finding: which compound it is in follows from the number. Those that are to be lifted have many at
    /// first, and fewer from month to month.
    fn number_of(&self, round: usize, months: usize, i: usize) -> usize {
        let many = 3usize.saturating_sub(months);
        let lifted = self.text.lifted.iter().map(|lifted| lifted.compound).flat_map(|compound| std::iter::repeat_n(compound, many));
        let compound = lifted.into_iter().nth(i).unwrap_or((round * 17 + i * 13) % 60);
        // 43 times 7 leaves one in sixties, and it is every seventh compound that the next number lies in.
        FIRST + (round * FOUND + i) * 60 + compound * 43 % 60
    }
}
