//! How long the centre gives itself and others for a step, when lamps turn yellow, and which desks the tenant has: on one page.

use crate::case_page::Again;
use crate::case_steps::field_error;
use crate::clocks::{CentreLimits, SETTING};
use crate::office::{OFF, Office};
use crate::steps::Optional;
use crate::verbs::SetCentreLimits;
use access::Permit;
use access::http::{Desk, Submitted};
use axum::http::StatusCode;
use axum::response::Response;
use kernel::ids::{CommandId, Uuid};
use kernel::{Code, Error, Kind, Result, TenantId};
use serde::{Deserialize, Serialize};
use store::{Command, Fact, Write};
use web::PageContext;
use web::html::render;

/// Not a number, or not within the bounds that its words say.
pub const OUT_OF_BOUNDS: Code = Code::invalid("centre.limit_bounds");

/// Working hours that a step may take at most: sixty days of eight.
const MOST_HOURS: u32 = 480;

/// Sets the limits. Clocks that run already keep theirs.
pub struct SetLimits {
    pub by: Permit<SetCentreLimits>,
    pub limits: CentreLimits,
}

/// The centre gave itself other limits.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CentreLimitsSet {
    pub tenant: TenantId,
    pub limits: CentreLimits,
}

impl Fact for CentreLimitsSet {
    const KIND: &'static str = "centre.limits_set";
    const SUBJECT: &'static str = "tenant";
    fn subject(&self) -> Uuid {
        Uuid::from_u128(self.tenant.0.unsigned_abs().into())
    }
}

impl Command for SetLimits {
    const KIND: &'static str = "centre.set_limits";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        access::settings::put(tx, SETTING, &self.limits).await?;
        tx.fact(CentreLimitsSet { tenant: tx.tenant(), limits: self.limits })
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct LimitsForm {
    pub file: String,
    pub dispatch: String,
    pub reinspect: String,
    pub verify: String,
    pub transfer: String,
    pub hand_back: String,
    /// In natural days.
    pub dispute: String,
    /// In natural days.
    pub appeal: String,
    /// Per cent.
    pub sample: String,
    pub yellow: String,
    /// In natural days.
    pub escalate: String,
}

impl LimitsForm {
    fn of(limits: CentreLimits) -> LimitsForm {
        let hours = |minutes: u32| {
            let tenths = minutes / 6;
            if tenths.is_multiple_of(10) { (tenths / 10).to_string() } else { format!("{}.{}", tenths / 10, tenths % 10) }
        };
        LimitsForm {
            file: hours(limits.file_working_minutes),
            dispatch: hours(limits.dispatch_working_minutes),
            reinspect: hours(limits.reinspect_working_minutes),
            verify: hours(limits.verify_working_minutes),
            transfer: hours(limits.transfer_working_minutes),
            hand_back: hours(limits.hand_back_working_minutes),
            dispute: limits.dispute_days.to_string(),
            appeal: limits.appeal_days.to_string(),
            sample: (limits.self_check_sample_permille / 10).to_string(),
            yellow: (limits.yellow_permille / 10).to_string(),
            escalate: limits.escalate_days.to_string(),
        }
    }
    /// Every field checked, all errors at once.
    fn checked(&self) -> Result<CentreLimits> {
        let mut wrong = Vec::new();
        let mut hours = |field: &str, text: &str| match minutes(text) {
            Some(minutes) => minutes,
            None => {
                wrong.extend_from_slice(bounds(field, "0.5", &MOST_HOURS.to_string()).field_errors());
                0
            }
        };
        let limits = CentreLimits {
            file_working_minutes: hours("file", &self.file),
            verify_working_minutes: hours("verify", &self.verify),
            dispatch_working_minutes: hours("dispatch", &self.dispatch),
            transfer_working_minutes: hours("transfer", &self.transfer),
            hand_back_working_minutes: hours("hand_back", &self.hand_back),
            reinspect_working_minutes: hours("reinspect", &self.reinspect),
            dispute_days: 0,
            appeal_days: 0,
            self_check_sample_permille: 0,
            escalate_days: 0,
            yellow_permille: 0,
        };
        let mut whole = |field: &str, text: &str, least: u16, most: u16| match text.trim().parse::<u16>() {
            Ok(number) if (least..=most).contains(&number) => number,
            _ => {
                wrong.extend_from_slice(bounds(field, &least.to_string(), &most.to_string()).field_errors());
                0
            }
        };
        let (days, sample) = (whole("dispute", &self.dispute, 1, 365), whole("sample", &self.sample, 0, 100));
        let appeal = whole("appeal", &self.appeal, 1, 365);
        let escalate = whole("escalate", &self.escalate, 1, 60);
        let percent = whole("yellow", &self.yellow, 10, 95);
        if !wrong.is_empty() {
            return Err(Error::fields(wrong));
        }
        Ok(CentreLimits {
            dispute_days: days.into(),
            appeal_days: appeal.into(),
            self_check_sample_permille: sample * 10,
            escalate_days: escalate.into(),
            yellow_permille: percent * 10,
            ..limits
        })
    }
}

fn bounds(field: &str, least: &str, most: &str) -> Error {
    field_error(field, OUT_OF_BOUNDS, &[("least", least.to_owned()), ("most", most.to_owned())])
}

/// Working hours with at most one decimal (`2`, `1.5`) as minutes; half an hour at least.
fn minutes(text: &str) -> Option<u32> {
    hours_as_minutes(text, MOST_HOURS).filter(|minutes| *minutes >= 30)
}

/// Working hours with at most one decimal as minutes, so many at most.
pub(crate) fn hours_as_minutes(text: &str, most: u32) -> Option<u32> {
    let (whole, tenth) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
    let digits = |part: &str| (!part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse::<u32>().ok());
    let (whole, tenth) = (digits(whole)??, digits(tenth).filter(|_| tenth.len() == 1)??);
    let minutes = whole.checked_mul(60)?.checked_add(tenth * 6)?;
    (minutes <= most * 60).then_some(minutes)
}

#[derive(askama::Template)]
#[template(path = "limits_page.html")]
struct LimitsPage {
    page: PageContext,
    form: LimitsForm,
    again: Again,
    command: CommandId,
    desks: Vec<DeskView>,
    desks_command: CommandId,
}

/// A desk that an office may do without.
struct DeskView {
    name: Optional,
    label: String,
    help: String,
    has: bool,
}

pub async fn get(desk: Desk) -> web::Result<Response> {
    let form = LimitsForm::of(CentreLimits::of(&desk.tenant.settings)?);
    show(&desk, form, None).await
}

async fn show(desk: &Desk, form: LimitsForm, error: Option<&Error>) -> web::Result<Response> {
    desk.actor.permit::<SetCentreLimits>(&desk.actor.tenant)?;
    let page = desk.page("limits-title");
    let mut again = Again { step: "limits".to_owned(), ..Again::default() };
    for field in error.map(Error::field_errors).unwrap_or_default() {
        again.field_errors.insert(field.field.clone(), page.w.error(&field.code, &field.args).into_owned());
    }
    let status = error.and_then(|error| StatusCode::from_u16(error.kind().status()).ok()).unwrap_or(StatusCode::OK);
    let office = Office::of(desk).await?;
    let view = |&name: &Optional| DeskView {
        name,
        label: page.w.t(&format!("desk-{name}")).into_owned(),
        help: page.w.t(&format!("desk-help-{name}")).into_owned(),
        has: !office.off().contains(&name),
    };
    let desks = Optional::ALL.iter().map(view).collect();
    let (command, desks_command) = (desk.app.world.new_id(), desk.app.world.new_id());
    Ok(render(status, &LimitsPage { form, again, command, desks, desks_command, page }))
}

/// Sets which desks the tenant does without. What has begun at one of them is brought to its end.
pub struct SetDesks {
    pub by: Permit<SetCentreLimits>,
    pub off: Vec<Optional>,
}

/// The office has other desks now.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DesksSet {
    pub tenant: TenantId,
    pub off: Vec<Optional>,
}

impl Fact for DesksSet {
    const KIND: &'static str = "centre.desks_set";
    const SUBJECT: &'static str = "tenant";
    fn subject(&self) -> Uuid {
        Uuid::from_u128(self.tenant.0.unsigned_abs().into())
    }
}

impl Command for SetDesks {
    const KIND: &'static str = "centre.set_desks";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        access::settings::put(tx, OFF, &self.off).await?;
        tx.fact(DesksSet { tenant: tx.tenant(), off: self.off.clone() })
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct DesksForm {
    /// The desks that the office has; a box that is not ticked is not sent.
    pub desk: Vec<String>,
}

pub async fn desks(submitted: Submitted<DesksForm>) -> web::Result<Response> {
    let desk = &submitted.desk;
    let by = desk.actor.permit::<SetCentreLimits>(&desk.actor.tenant)?;
    let has = |name: &Optional| submitted.form.desk.iter().any(|sent| *sent == name.to_string());
    let off = Optional::ALL.iter().copied().filter(|name| !has(name)).collect();
    desk.app.store.run(submitted.pass.clone(), SetDesks { by, off }).await?;
    Ok(desk.done("done-desks", "/limits"))
}

pub async fn post(submitted: Submitted<LimitsForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = desk.actor.permit::<SetCentreLimits>(&desk.actor.tenant)?;
    let outcome = async {
        let limits = form.checked()?;
        desk.app.store.run(submitted.pass.clone(), SetLimits { by, limits }).await
    }
    .await;
    match outcome {
        Ok(_) => Ok(desk.done("done-limits", "/limits")),
        Err(error) if error.kind() == Kind::Invalid => show(desk, form.clone(), Some(&error)).await,
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_as_people_write_them_and_shown_as_they_were_read() {
        for (text, wanted) in [("2", 120), (" 1.5 ", 90), ("0.5", 30), ("480", 28_800)] {
            assert_eq!(minutes(text), Some(wanted), "{text}");
        }
        for bad in ["", "0", "0.4", "480.1", "-1", "1,5", "1.25", "1.", ".5", "1e3", "99999999999"] {
            assert_eq!(minutes(bad), None, "{bad}");
        }
        let limits = CentreLimits { file_working_minutes: 90, ..CentreLimits::default() };
        assert_eq!(LimitsForm::of(limits).checked().unwrap(), limits);
    }

    #[test]
    fn every_field_that_is_wrong_is_named_at_once() {
        let fine = LimitsForm::of(CentreLimits::default());
        let form = LimitsForm { file: "x".into(), dispatch: "8".into(), reinspect: "-1".into(), yellow: "100".into(), ..fine };
        let error = form.checked().unwrap_err();
        assert_eq!(error.field_errors().iter().map(|one| one.field.as_str()).collect::<Vec<_>>(), ["file", "reinspect", "yellow"]);
    }
}
