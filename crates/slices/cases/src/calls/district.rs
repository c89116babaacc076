//! The district's table for programs: the tenants below it side by side.

use super::figures::{Counts, MatterCounts, Period, counts};
use crate::district_page::{Seen, at_home, of_tenant, there};
use crate::summary_page::today_of;
use crate::verbs::ReadSummary;
use access::{account, grants};
use api::{Answer, Call, Day};

api::operations! { "figures":
    /// The figures of a period of each sub-district and town below a district, side by side; at the district's own address only.
    ///
    /// Each lets the district's people see what it has granted them.
    get "/district" get_district;
}

api::object! {
    /// The figures of one sub-district or town.
    pub struct OfTenant {
        /// As its addresses name it.
        slug: String,
        name: String,
        counts: Counts,
        /// The same of the period before.
        before: Counts,
        matters: MatterCounts,
    }
    /// The sub-districts and towns of a district, side by side.
    pub struct District {
        from: Day,
        to: Day,
        /// The period before: as many days, for whole months as many months.
        before_from: Day,
        before_to: Day,
        tenants: Vec<OfTenant>,
        /// All of them together.
        total: Counts,
        total_before: Counts,
        total_matters: MatterCounts,
        /// The names of those that have granted nothing.
        without: Vec<String>,
    }
}

async fn get_district(call: Call<(), Period>) -> web::Result<Answer<District>> {
    at_home(&call)?;
    call.actor.covers::<ReadSummary>()?;
    let days = call.query.days()?;
    let today = today_of(&call);
    let mut tenants = Vec::new();
    let mut there_are = Vec::new();
    let (mut whole, mut whole_before) = (crate::days::Counts::default(), crate::days::Counts::default());
    let mut matters = crate::matter_figures::MatterCounts::default();
    for one in grants::of_account(&call.app.store, &call.account).await? {
        let Some(Seen { summary, matters: seen }) = of_tenant(&call, &there(&call, &one), days, today).await? else { continue };
        whole += summary.whole;
        whole_before += summary.whole_before;
        matters += seen;
        there_are.push(one.tenant.id);
        tenants.push(OfTenant {
            slug: one.tenant.slug.clone(),
            name: call.name_of(&one.tenant),
            counts: counts(&summary.whole),
            before: counts(&summary.whole_before),
            matters: seen.into(),
        });
    }
    let children = account::children(&call.app.store, call.tenant.id).await?;
    let before = days.before();
    Ok(Answer(District {
        from: call.query.from,
        to: call.query.to,
        before_from: Day(before.from),
        before_to: Day(before.to),
        tenants,
        total: counts(&whole),
        total_before: counts(&whole_before),
        total_matters: matters.into(),
        without: children.iter().filter(|child| !there_are.contains(&child.id)).map(|child| call.name_of(child)).collect(),
    }))
}
