//! How long the centre gives itself for its own steps, and when lamps turn yellow: the tenant's own limits, on one page.

use crate::case_page::Again;
use crate::case_steps::field_error;
use crate::clocks::{CentreLimits, SETTING};
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
    pub yellow: String,
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
            yellow: (limits.yellow_permille / 10).to_string(),
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
        let file_working_minutes = hours("file", &self.file);
        let dispatch_working_minutes = hours("dispatch", &self.dispatch);
        let reinspect_working_minutes = hours("reinspect", &self.reinspect);
        let percent = self.yellow.trim().parse::<u16>().ok().filter(|percent| (10..=95).contains(percent));
        if percent.is_none() {
            wrong.extend_from_slice(bounds("yellow", "10", "95").field_errors());
        }
        match percent {
            Some(percent) if wrong.is_empty() => Ok(CentreLimits {
                file_working_minutes,
                dispatch_working_minutes,
                reinspect_working_minutes,
                yellow_permille: percent * 10,
            }),
            _ => Err(Error::fields(wrong)),
        }
    }
}

fn bounds(field: &str, least: &str, most: &str) -> Error {
    field_error(field, OUT_OF_BOUNDS, &[("least", least.to_owned()), ("most", most.to_owned())])
}

/// Working hours with at most one decimal (`2`, `1.5`) as minutes; half an hour at least.
fn minutes(text: &str) -> Option<u32> {
    let (whole, tenth) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
    let digits = |part: &str| (!part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse::<u32>().ok());
    let (whole, tenth) = (digits(whole)??, digits(tenth).filter(|_| tenth.len() == 1)??);
    let minutes = whole.checked_mul(60)?.checked_add(tenth * 6)?;
    (30..=MOST_HOURS * 60).contains(&minutes).then_some(minutes)
}

#[derive(askama::Template)]
#[template(path = "limits_page.html")]
struct LimitsPage {
    page: PageContext,
    form: LimitsForm,
    again: Again,
    command: CommandId,
}

pub async fn get(desk: Desk) -> web::Result<Response> {
    let form = LimitsForm::of(CentreLimits::of(&desk.tenant.settings)?);
    show(&desk, form, None)
}

fn show(desk: &Desk, form: LimitsForm, error: Option<&Error>) -> web::Result<Response> {
    desk.actor.permit::<SetCentreLimits>(&desk.actor.tenant)?;
    let page = desk.page("limits-title");
    let mut again = Again { step: "limits".to_owned(), ..Again::default() };
    for field in error.map(Error::field_errors).unwrap_or_default() {
        again.field_errors.insert(field.field.clone(), page.w.error(&field.code, &field.args).into_owned());
    }
    let status = error.and_then(|error| StatusCode::from_u16(error.kind().status()).ok()).unwrap_or(StatusCode::OK);
    Ok(render(status, &LimitsPage { form, again, command: desk.app.world.new_id(), page }))
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
        Err(error) if error.kind() == Kind::Invalid => show(desk, form.clone(), Some(&error)),
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
        let form = LimitsForm { file: "x".into(), dispatch: "8".into(), reinspect: "-1".into(), yellow: "100".into() };
        let error = form.checked().unwrap_err();
        assert_eq!(error.field_errors().iter().map(|one| one.field.as_str()).collect::<Vec<_>>(), ["file", "reinspect", "yellow"]);
    }
}
