//! `xiuhua summary`: the figures of a period, for scripts and for people at a terminal.

use crate::console::Console;
use crate::installation::{Installation, Tenant};
use cases::figures::{By, Figures, parted, total};
use kernel::{Code, Result};
use serde_json::{Map, Value, json};

/// A day that is not written as 2026-01-31, or a period that ends before it begins.
pub const BAD_PERIOD: Code = Code::invalid("summary.bad_period");

/// The counts under the names that scripts read; they stay.
fn counts(figures: &Figures) -> [(&'static str, i64); 6] {
    [
        ("found", figures.found),
        ("in_circulars", figures.in_circulars),
        ("rectified", figures.rectified),
        ("on_time", figures.on_time),
        ("rework", figures.rework),
        ("remaining", figures.remaining()),
    ]
}

fn object(figures: &Figures) -> Map<String, Value> {
    counts(figures).into_iter().map(|(name, count)| (name.to_owned(), count.into())).collect()
}

/// The first and the last day, as the register writes them. Errors: [`BAD_PERIOD`].
fn period<'a>(from: &'a str, to: &'a str) -> Result<(&'a str, &'a str)> {
    let day = |text: &str| {
        let whole = text.len() == "2026-01-31".len();
        text.parse::<jiff::civil::Date>().ok().filter(|_| whole).ok_or_else(|| BAD_PERIOD.err().arg("day", text))
    };
    kernel::ensure(day(from)? <= day(to)?, BAD_PERIOD.err().arg("day", to))?;
    Ok((from, to))
}

/// Prints the figures of days `from..=to`, in all, by community and by unit.
pub async fn print(place: &Installation, console: &Console, tenant: &str, from: &str, to: &str, as_json: bool) -> Result<()> {
    let (from, to) = period(from, to)?;
    let Some(Tenant { id, slug, .. }) = place.tenants(Some(tenant)).await?.pop() else { return Err(crate::installation::NO_TENANT.err().arg("slug", tenant)) };
    let communities = parted(&place.store, id, By::Community, from, to).await?;
    let units = parted(&place.store, id, By::Unit, from, to).await?;
    let sum = total(&communities);
    if !as_json {
        for (name, count) in counts(&sum) {
            console.print(&format!("{name} = {count}"));
        }
        return Ok(());
    }
    let parts = |parts: &[Figures]| -> Vec<Value> {
        let one = |part: &Figures| {
            let mut object = object(part);
            object.insert("id".to_owned(), if part.of.is_nil() { Value::Null } else { part.of.to_string().into() });
            Value::Object(object)
        };
        parts.iter().map(one).collect()
    };
    let mut whole = object(&sum);
    whole.insert("tenant".to_owned(), slug.into());
    whole.insert("period".to_owned(), json!({ "from": from, "to": to }));
    whole.insert("by_community".to_owned(), parts(&communities).into());
    whole.insert("by_unit".to_owned(), parts(&units).into());
    console.print(&serde_json::to_string_pretty(&whole).map_err(kernel::Error::internal)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_two_days_in_order() {
        assert_eq!(period("2026-01-01", "2026-01-31").ok(), Some(("2026-01-01", "2026-01-31")));
        for (from, to) in [("2026-02-01", "2026-01-31"), ("2026-02-30", "2026-03-01"), ("2026-1-1", "2026-03-01"), ("", "2026-03-01"), ("2026-01-01T00:00", "2026-03-01")] {
            assert!(period(from, to).is_err_and(|error| error.is(BAD_PERIOD)), "{from} {to}");
        }
    }
}
