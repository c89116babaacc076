//! The demo's schemes: the samples, drafted by the clerk and adopted by the leader when the year began.

use super::{Building, at};
use crate::compose::TELLERS;
use evaluation::samples;
use evaluation::scheme::{Adopt, Draft, Ranked, find, in_force, table};
use evaluation::scheme_file::understood;
use kernel::{Error, Result};
use web::language::Lang;

impl Building {
    /// Drafts and adopts a scheme for each that a sample is shipped of.
    pub(super) async fn schemes(&self) -> Result<()> {
        let vocabulary = TELLERS.vocabulary();
        let (clerk, leader) = (self.actor("clerk")?, self.actor("leader")?);
        self.set(at(5, 1, 8, 5)?);
        for ranked in Ranked::ALL.iter().copied().filter(|ranked| samples::has(*ranked)) {
            let sheet = samples::sheet(ranked)?.ok_or_else(Error::not_found)?;
            let wrong = |problems: Vec<rules::Problem>| Error::internal(format!("a sample: {problems:?}"));
            let reading = understood(&sheet, &vocabulary, &self.directory, Lang::Chinese).map_err(wrong)?;
            let name = self.text.schemes.get(ranked.as_str()).cloned().ok_or_else(Error::not_found)?;
            let tenant = clerk.tenant;
            let draft = Draft { by: clerk.permit(&tenant)?, of: None, ranked, name, scheme: reading.scheme };
            let id = self.run(clerk, draft).await?;
            let adopt = Adopt {
                by: leader.permit(&tenant)?,
                scheme: find(&self.place.store, tenant, id).await?,
                from_month: "2026-01".to_owned(),
                this_month: "2026-01".to_owned(),
                met_on: jiff::civil::date(2026, 1, 5),
                meeting: self.text.meeting.clone(),
            };
            self.run(leader, adopt).await?;
        }
        Ok(())
    }

    /// What the clerk would have otherwise from next month on waits for a leader.
    pub(super) async fn next_scheme(&self) -> Result<()> {
        let clerk = self.actor("clerk")?;
        let (store, tenant) = (&self.place.store, clerk.tenant);
        let now = in_force(store, tenant, Ranked::Compound, "2026-02").await?.ok_or_else(Error::not_found)?;
        let mut scheme = table(store, tenant, now.id).await?;
        for row in scheme.rows.iter_mut().filter(|row| row.code == "E1") {
            row.cap = Some(rules::Cap { most: "8".parse().map_err(Error::internal)?, each: None });
        }
        let draft = Draft { by: clerk.permit(&tenant)?, of: None, ranked: now.ranked, name: self.text.revision.clone(), scheme };
        self.run(clerk, draft).await.map(drop)
    }
}
