//! The orders of the hotline and the district's platform (热线与平台工单): what waits for an answer, what was answered, and how long
//! those outside give.

use crate::case::find_by_id;
use crate::case_forms::Choice;
use crate::case_page::Again;
use crate::case_steps::field_error;
use crate::limits_page::OUT_OF_BOUNDS;
use crate::listing::{self, Filter, Kind};
use crate::office::Office;
use crate::order_shape::SOURCES;
use crate::outside::{Limits, Order, OrderLimits, SETTING, of_case, order_columns};
use crate::steps::{Source, Step};
use crate::verbs::{HandleCase, NoteCase, ReportCase, SetCentreLimits};
use crate::views::{LineView, line, line_of};
use crate::worklist::day_range;
use access::Permit;
use access::http::{Desk, Submitted};
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use kernel::ids::{CommandId, Uuid};
use kernel::{Error, Instant, Kind as ErrorKind, Result, TenantId};
use serde::{Deserialize, Serialize};
use store::{Command, Fact, Paged, Value, Write};
use web::PageContext;
use web::html::render;

/// What the page shows.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    pub list: String,
    pub source: String,
    /// Days of the answer.
    pub from: String,
    pub to: String,
    pub after: String,
}

impl Asked {
    pub fn source(&self) -> Option<Source> {
        self.source.parse().ok().filter(|source: &Source| source.orders())
    }
    /// Answered in `[from, to)`.
    pub fn period(&self, office: &Office) -> (Option<Instant>, Option<Instant>) {
        day_range(office.hours.zone(), &self.from, &self.to)
    }
    /// A day as it may stand in an address; nothing for what is none.
    pub fn day(text: &str) -> String {
        text.parse::<jiff::civil::Date>().map(|day| day.to_string()).unwrap_or_default()
    }
    fn query_string(&self, list: &str) -> String {
        let source = self.source().map(|source| source.to_string()).unwrap_or_default();
        format!("?list={list}&source={source}&from={}&to={}", Asked::day(&self.from), Asked::day(&self.to))
    }
}

/// The answered ones of a source and a period, the latest first.
pub(crate) fn answered_of(
    tenant: TenantId,
    source: Option<Source>,
    from: Option<Instant>,
    to: Option<Instant>,
    after: Option<&[Value]>,
) -> store::Query {
    let mut query =
        store::Query::from(concat!(order_columns!(), " WHERE tenant_id = :tenant AND answered_at IS NOT NULL")).bind("tenant", tenant);
    if let Some(source) = source {
        let of =
            "EXISTS (SELECT 1 FROM cases WHERE cases.tenant_id = :tenant AND cases.id = outside_order.case_id AND cases.source = :source)";
        query = query.and(of).bind("source", source);
    }
    if let Some(from) = from {
        query = query.and("answered_at >= :from").bind("from", from);
    }
    // Where a page begins, it begins before that.
    if let Some(to) = to.filter(|_| after.is_none()) {
        query = query.and("answered_at < :to").bind("to", to);
    }
    query.keyset(&["answered_at", "case_id"], true, after, listing::PAGE)
}

/// Where a page of these ends.
pub(crate) fn key(order: &Order) -> Vec<Value> {
    vec![Value::Int(order.answered_at.map_or(0, |at| at.0)), Value::Id(order.case_id.0)]
}

fn shapes() -> Vec<store::Query> {
    let first = [Value::Int(0), Value::Id(Uuid::nil())];
    let (source, from, to) = (Some(Source::Hotline), Some(Instant(0)), Some(Instant(1)));
    vec![
        answered_of(TenantId(1), None, None, None, None),
        answered_of(TenantId(1), None, None, None, Some(&first)),
        answered_of(TenantId(1), source, None, None, None),
        answered_of(TenantId(1), source, None, None, Some(&first)),
        answered_of(TenantId(1), source, from, to, None),
        answered_of(TenantId(1), source, from, to, Some(&first)),
        answered_of(TenantId(1), None, from, to, None),
        answered_of(TenantId(1), None, from, to, Some(&first)),
    ]
}
store::shapes!("answered orders", shapes);

/// One order of the list.
struct RowView {
    line: LineView,
    source: String,
    number: String,
    received: String,
    /// What comes next and by when, or when it was answered.
    next: String,
    lamp: &'static str,
    outcome: String,
}

#[derive(askama::Template)]
#[template(path = "outside_page.html")]
struct OrdersPage {
    page: PageContext,
    answered: bool,
    rows: Vec<RowView>,
    next: Option<String>,
    first: Option<String>,
    may_report: bool,
    may_set: bool,
    may_import: bool,
    asked: Asked,
    tabs: [String; 2],
    sources: Vec<Choice>,
    /// The sheets of answers that may be taken.
    takes: Vec<(String, String)>,
    form: LimitsForm,
    again: Again,
    command: CommandId,
}

pub async fn get(desk: Desk, Query(asked): Query<Asked>) -> web::Result<Response> {
    let form = LimitsForm::of(Limits::of(&desk.tenant.settings)?);
    show(&desk, &asked, form, None).await
}

async fn show(desk: &Desk, asked: &Asked, form: LimitsForm, error: Option<&Error>) -> web::Result<Response> {
    let by = desk.actor.permit_some::<NoteCase>()?;
    let (store, tenant) = (&desk.app.store, by.tenant());
    let office = Office::of(desk).await?;
    let page = desk.page("orders-title");
    let is_answered = asked.list == "answered";
    let mut rows = Vec::new();
    let after = (!asked.after.is_empty()).then(|| asked.after.clone());
    let next = if is_answered {
        let keys = after.as_deref().and_then(|text| store::query::decode_keys(text, "id"));
        let (from, to) = asked.period(&office);
        let orders = store.query::<Order>(answered_of(tenant, asked.source(), from, to, keys.as_deref())).await?;
        let Paged { rows: orders, next } = Paged::cut(orders, listing::PAGE, key);
        for order in &orders {
            match find_by_id(store, &desk.actor, order.case_id).await {
                Ok(case) => rows.push(row(&page, line_of(&page, &office.directory, &case), &case, order)),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        next
    } else {
        let filter = Filter { kind: Some(Kind::Orders), source: asked.source(), after, ..Filter::default() };
        let found = listing::list(store, tenant, &filter, &office.legs(&by.reach(), &filter), page.now).await?;
        for one in &found.rows {
            let (Some(order), case) = (of_case(store, tenant, one.id).await?, find_by_id(store, &desk.actor, one.id).await?) else {
                continue;
            };
            rows.push(row(&page, line(&page, &office.directory, one), &case, &order));
        }
        found.next
    };
    let list = if is_answered { "answered" } else { "open" };
    let mut again = Again { step: "limits".to_owned(), ..Again::default() };
    for field in error.map(Error::field_errors).unwrap_or_default() {
        again.field_errors.insert(field.field.clone(), page.w.error(&field.code, &field.args).into_owned());
    }
    let status = error.and_then(|error| StatusCode::from_u16(error.kind().status()).ok()).unwrap_or(StatusCode::OK);
    let template = OrdersPage {
        answered: is_answered,
        rows,
        next: next.map(|next| page.href(&format!("/orders{}&after={next}", asked.query_string(list)))),
        first: (!asked.after.is_empty()).then(|| page.href(&format!("/orders{}", asked.query_string(list)))),
        may_import: desk.actor.can::<HandleCase>(&desk.actor.tenant) && office.has(Step::SignOrder),
        tabs: ["open", "answered"].map(|list| page.href(&format!("/orders{}", asked.query_string(list)))),
        sources: SOURCES
            .iter()
            .map(|source| Choice {
                on: asked.source() == Some(*source),
                value: source.to_string(),
                label: page.w.t(&format!("source-{source}")).into_owned(),
            })
            .collect(),
        takes: if is_answered { crate::order_answers::hrefs(desk, &page, asked) } else { Vec::new() },
        asked: asked.clone(),
        may_report: desk.actor.can_some::<ReportCase>() && office.has(Step::SignOrder),
        may_set: desk.actor.can::<SetCentreLimits>(&desk.actor.tenant),
        form,
        again,
        command: desk.app.world.new_id(),
        page,
    };
    Ok(render(status, &template))
}

fn row(page: &PageContext, line: LineView, case: &crate::case::Found, order: &Order) -> RowView {
    let w = page.w;
    let clocks = order.clocks();
    let next = clocks.next();
    let what = match next {
        None => None,
        Some(due) if clocks.sign == Some(due) && clocks.signed_at.is_none() => Some("order-sign"),
        Some(due) if clocks.call == Some(due) && clocks.called_at.is_none() => Some("order-call"),
        Some(_) => Some("order-answer"),
    };
    let (words, lamp) = match (what.zip(next), order.answered_at) {
        (Some((what, due)), _) => {
            let red = due < page.now;
            let key = if red { "order-over" } else { "order-left" };
            let words = format!("{}{}{}", w.t(what), w.t("colon"), w.a2(key, "due", page.at(&due), "span", page.span(&due)));
            (words, if red { "x" } else { "y" })
        }
        (None, Some(at)) => (w.a("order-done", "at", page.at(&at)).into_owned(), ""),
        (None, None) => (String::new(), ""),
    };
    let outcome = order
        .solved
        .zip(order.satisfied)
        .map(|(solved, satisfied)| format!("{} · {}", w.t(&format!("solved-{solved}")), w.t(&format!("satisfied-{satisfied}"))));
    RowView {
        line,
        source: w.t(&format!("source-{}", case.source)).into_owned(),
        number: case.outside_number.clone().unwrap_or_default(),
        received: page.at(&order.received_at),
        next: words,
        lamp,
        outcome: outcome.unwrap_or_default(),
    }
}

/// Sets what those outside give. Clocks that run already keep theirs.
pub struct SetOrderLimits {
    pub by: Permit<SetCentreLimits>,
    pub limits: Limits,
}

/// Those outside give other limits now.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OrderLimitsSet {
    pub tenant: TenantId,
    pub limits: Limits,
}

impl Fact for OrderLimitsSet {
    const KIND: &'static str = "centre.order_limits_set";
    const SUBJECT: &'static str = "tenant";
    fn subject(&self) -> Uuid {
        Uuid::from_u128(self.tenant.0.unsigned_abs().into())
    }
}

impl Command for SetOrderLimits {
    const KIND: &'static str = "centre.set_order_limits";
    type Out = ();

    async fn run(&self, tx: &mut Write<'_>) -> Result<()> {
        access::settings::put(tx, SETTING, &self.limits).await?;
        tx.fact(OrderLimitsSet { tenant: tx.tenant(), limits: self.limits })
    }
}

/// Working hours of each clock, as they are typed: 0 for none.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct LimitsForm {
    pub hotline_sign: String,
    pub hotline_call: String,
    pub hotline_answer: String,
    pub hotline_unit: String,
    pub platform_sign: String,
    pub platform_call: String,
    pub platform_answer: String,
    pub platform_unit: String,
}

/// Working hours that a clock has at most.
const MOST_HOURS: u32 = 960;

impl LimitsForm {
    fn of(limits: Limits) -> LimitsForm {
        let hours = |minutes: u32| {
            let tenths = minutes / 6;
            if tenths.is_multiple_of(10) { (tenths / 10).to_string() } else { format!("{}.{}", tenths / 10, tenths % 10) }
        };
        let (hotline, platform) = (limits.hotline, limits.district_platform);
        LimitsForm {
            hotline_sign: hours(hotline.sign_working_minutes),
            hotline_call: hours(hotline.call_working_minutes),
            hotline_answer: hours(hotline.answer_working_minutes),
            hotline_unit: hours(hotline.unit_working_minutes),
            platform_sign: hours(platform.sign_working_minutes),
            platform_call: hours(platform.call_working_minutes),
            platform_answer: hours(platform.answer_working_minutes),
            platform_unit: hours(platform.unit_working_minutes),
        }
    }
    /// Label, name and value of each field, for the page.
    pub fn fields(&self) -> [(&'static str, &'static str, &str); 8] {
        [
            ("hotline_sign", "order-limit-sign", &self.hotline_sign),
            ("hotline_call", "order-limit-call", &self.hotline_call),
            ("hotline_answer", "order-limit-answer", &self.hotline_answer),
            ("hotline_unit", "order-limit-unit", &self.hotline_unit),
            ("platform_sign", "order-limit-sign", &self.platform_sign),
            ("platform_call", "order-limit-call", &self.platform_call),
            ("platform_answer", "order-limit-answer", &self.platform_answer),
            ("platform_unit", "order-limit-unit", &self.platform_unit),
        ]
    }
    fn checked(&self) -> Result<Limits> {
        let mut wrong = Vec::new();
        let mut minutes = |field: &str, text: &str| match crate::limits_page::hours_as_minutes(text, MOST_HOURS) {
            Some(minutes) => minutes,
            None => {
                let bounds = field_error(field, OUT_OF_BOUNDS, &[("least", "0".to_owned()), ("most", MOST_HOURS.to_string())]);
                wrong.extend_from_slice(bounds.field_errors());
                0
            }
        };
        let limits = Limits {
            hotline: OrderLimits {
                sign_working_minutes: minutes("hotline_sign", &self.hotline_sign),
                call_working_minutes: minutes("hotline_call", &self.hotline_call),
                answer_working_minutes: minutes("hotline_answer", &self.hotline_answer),
                unit_working_minutes: minutes("hotline_unit", &self.hotline_unit),
            },
            district_platform: OrderLimits {
                sign_working_minutes: minutes("platform_sign", &self.platform_sign),
                call_working_minutes: minutes("platform_call", &self.platform_call),
                answer_working_minutes: minutes("platform_answer", &self.platform_answer),
                unit_working_minutes: minutes("platform_unit", &self.platform_unit),
            },
        };
        if wrong.is_empty() { Ok(limits) } else { Err(Error::fields(wrong)) }
    }
}

pub async fn set_limits(submitted: Submitted<LimitsForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = desk.actor.permit::<SetCentreLimits>(&desk.actor.tenant)?;
    let outcome = async {
        let limits = form.checked()?;
        desk.app.store.run(submitted.pass.clone(), SetOrderLimits { by, limits }).await
    }
    .await;
    match outcome {
        Ok(_) => Ok(desk.done("done-limits", "/orders")),
        Err(error) if error.kind() == ErrorKind::Invalid => show(desk, &Asked::default(), form.clone(), Some(&error)).await,
        Err(error) => Err(error.into()),
    }
}
