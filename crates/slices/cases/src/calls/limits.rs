//! How long the office gives itself and others for a step, and which desks it does without, for programs.

use crate::clocks::CentreLimits;
use crate::limits_page::{OUT_OF_BOUNDS, SetDesks, SetLimits};
use crate::office::Office;
use crate::steps::Optional;
use crate::verbs::{ListCases, SetCentreLimits};
use api::{Answer, Call, Json, List, Schema, Schemas, Whole};
use kernel::Result;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

api::operations! { "office":
    /// How long the office gives itself and others for a step, and which desks it does without.
    get "/limits" get_limits;
    /// Sets how long the office gives itself and others for a step. Clocks that run already keep theirs.
    post "/limits" set_limits;
    /// Sets which desks the office does without. What has begun at one of them is brought to its end.
    post "/limits/desks" set_desks;
}

/// A whole number from `MIN` to `MAX` in steps, as the page of limits writes them: tenths of an hour, per cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stepped<const MIN: i64, const MAX: i64, const STEP: i64>(pub i64);

impl<const MIN: i64, const MAX: i64, const STEP: i64> Serialize for Stepped<MIN, MAX, STEP> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0)
    }
}
impl<'de, const MIN: i64, const MAX: i64, const STEP: i64> Deserialize<'de> for Stepped<MIN, MAX, STEP> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let Whole(number) = Whole::<MIN, MAX>::deserialize(deserializer)?;
        if number % STEP == 0 { Ok(Stepped(number)) } else { Err(D::Error::custom(format!("a number here is a multiple of {STEP}"))) }
    }
}
impl<const MIN: i64, const MAX: i64, const STEP: i64> Schema for Stepped<MIN, MAX, STEP> {
    fn schema(_: &mut Schemas) -> Value {
        json!({ "type": "integer", "format": "int64", "minimum": MIN, "maximum": MAX, "multipleOf": STEP })
    }
}

/// Half an hour to sixty days of eight hours, in tenths of an hour.
type Minutes = Stepped<30, 28_800, 6>;

api::object! {
    /// The office's own limits: minutes of working time unless they say otherwise.
    pub struct Limits {
        file_working_minutes: i64,
        verify_working_minutes: i64,
        dispatch_working_minutes: i64,
        transfer_working_minutes: i64,
        hand_back_working_minutes: i64,
        reinspect_working_minutes: i64,
        /// In natural days.
        dispute_days: i64,
        /// In natural days.
        appeal_days: i64,
        self_check_sample_permille: i64,
        /// Natural days that a unit may be over its deadline before it is brought before a leader.
        escalate_days: i64,
        /// When a lamp turns yellow: the share of the limit that has passed.
        yellow_permille: i64,
        /// The desks that this office does without.
        without: Vec<Optional>,
    }
    /// All of the limits anew, as they are read.
    pub struct LimitsBody {
        /// From the finding until it is filed, or issued in a circular.
        file_working_minutes: Minutes,
        /// From being asked to look whether a report is real until the answer.
        verify_working_minutes: Minutes,
        /// From filing until the dispatch.
        dispatch_working_minutes: Minutes,
        /// For those outside, where they name no day themselves.
        transfer_working_minutes: Minutes,
        /// From the dispatch: how long a unit may ask to hand it back.
        hand_back_working_minutes: Minutes,
        /// From the unit's submission until the re-inspection.
        reinspect_working_minutes: Minutes,
        /// In natural days.
        dispute_days: Whole<1, 365>,
        /// In natural days.
        appeal_days: Whole<1, 365>,
        self_check_sample_permille: Stepped<0, 1000, 10>,
        /// In natural days.
        escalate_days: Whole<1, 60>,
        yellow_permille: Stepped<100, 950, 10>,
    }
    /// The desks of an office.
    pub struct DesksBody {
        /// All that it does without; it has the others.
        without: List<Optional, { Optional::ALL.len() }>,
    }
}

fn view(centre: CentreLimits, without: &[Optional]) -> Answer<Limits> {
    Answer(Limits {
        file_working_minutes: centre.file_working_minutes.into(),
        verify_working_minutes: centre.verify_working_minutes.into(),
        dispatch_working_minutes: centre.dispatch_working_minutes.into(),
        transfer_working_minutes: centre.transfer_working_minutes.into(),
        hand_back_working_minutes: centre.hand_back_working_minutes.into(),
        reinspect_working_minutes: centre.reinspect_working_minutes.into(),
        dispute_days: centre.dispute_days.into(),
        appeal_days: centre.appeal_days.into(),
        self_check_sample_permille: centre.self_check_sample_permille.into(),
        escalate_days: centre.escalate_days.into(),
        yellow_permille: centre.yellow_permille.into(),
        without: without.to_vec(),
    })
}

async fn get_limits(call: Call<()>) -> web::Result<Answer<Limits>> {
    // Who sets them sees them.
    if !call.actor.can_some::<SetCentreLimits>() {
        call.actor.permit_some::<ListCases>()?;
    }
    let office = Office::of(&call).await?;
    Ok(view(office.hours.centre, office.off()))
}

impl LimitsBody {
    fn limits(&self) -> Result<CentreLimits> {
        fn kept<T: TryFrom<i64>>(number: i64) -> Result<T> {
            T::try_from(number).map_err(|_| OUT_OF_BOUNDS.err())
        }
        Ok(CentreLimits {
            file_working_minutes: kept(self.file_working_minutes.0)?,
            verify_working_minutes: kept(self.verify_working_minutes.0)?,
            dispatch_working_minutes: kept(self.dispatch_working_minutes.0)?,
            transfer_working_minutes: kept(self.transfer_working_minutes.0)?,
            hand_back_working_minutes: kept(self.hand_back_working_minutes.0)?,
            reinspect_working_minutes: kept(self.reinspect_working_minutes.0)?,
            dispute_days: kept(self.dispute_days.0)?,
            appeal_days: kept(self.appeal_days.0)?,
            self_check_sample_permille: kept(self.self_check_sample_permille.0)?,
            escalate_days: kept(self.escalate_days.0)?,
            yellow_permille: kept(self.yellow_permille.0)?,
        })
    }
}

async fn set_limits(call: Call<(), (), Json<LimitsBody>>) -> web::Result<Answer<Limits>> {
    let by = call.actor.permit::<SetCentreLimits>(&call.actor.tenant)?;
    let office = Office::of(&call).await?;
    let limits = call.body.0.limits()?;
    call.app.store.run(call.pass.clone(), SetLimits { by, limits }).await?;
    Ok(view(limits, office.off()))
}

async fn set_desks(call: Call<(), (), Json<DesksBody>>) -> web::Result<Answer<Limits>> {
    let by = call.actor.permit::<SetCentreLimits>(&call.actor.tenant)?;
    let office = Office::of(&call).await?;
    let named = &call.body.0.without.0;
    let off: Vec<Optional> = Optional::ALL.iter().copied().filter(|desk| named.contains(desk)).collect();
    call.app.store.run(call.pass.clone(), SetDesks { by, off: off.clone() }).await?;
    Ok(view(office.hours.centre, &off))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_may_set_the_page_can_show() {
        let read = |text: &str| serde_json::from_str::<Minutes>(text).ok();
        assert_eq!((read("30"), read("96"), read("28800")), (Some(Stepped(30)), Some(Stepped(96)), Some(Stepped(28_800))));
        for bad in ["29", "24", "31", "28806", "30.5", "\"30\"", "null"] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(Minutes::schema(&mut Schemas::default())["multipleOf"], 6);
    }
}
