//! The page of the rules by which something follows from a score: what holds, what held, and the form of a leader who sets another.

use crate::consequence_rule::{
    self, ConsequenceGround, ConsequenceKind, EndRule, MOST_DAYS, MOST_MONTHS, Rule, RuleId, SetRule, grades_of,
};
use crate::reckoning::MONTH_NEEDED;
use crate::scheme::{self, Ranked};
use crate::scheme_page::{mendable, named, status_of};
use crate::scoring::first_of;
use crate::verbs::{ReadConsequence, SetConsequences};
use access::http::{Desk, Submitted};
use axum::extract::Path;
use axum::response::Response;
use kernel::ids::CommandId;
use kernel::{Code, Error, Result, ensure};
use rules::Points;
use serde::{Deserialize, Serialize};
use web::PageContext;
use web::forms::{Choice, Filled};
use web::html::render;
use web::parts::LampView;

pub const RANKED_NEEDED: Code = Code::invalid("consequence_rule.ranked_needed");
pub const GROUND_NEEDED: Code = Code::invalid("consequence_rule.ground_needed");
/// A grade of the scheme that holds now.
pub const GRADE_NEEDED: Code = Code::invalid("consequence_rule.grade_needed");
pub const POINTS_NEEDED: Code = Code::invalid("consequence_rule.points_needed");
pub const MONTHS_WRONG: Code = Code::invalid("consequence_rule.months_wrong");
pub const KIND_NEEDED: Code = Code::invalid("consequence_rule.kind_needed");
pub const DAYS_WRONG: Code = Code::invalid("consequence_rule.days_wrong");

/// When a rule is met, in words.
pub(crate) fn when_words(page: &PageContext, rule: &Rule) -> String {
    let w = page.w;
    let once = match rule.ground {
        ConsequenceGround::Grade => w.a("consequence-when-grade", "grade", rule.grade.clone()),
        ConsequenceGround::Under => w.a("consequence-when-under", "points", Points(rule.points).to_string()),
        ground => w.t(&format!("consequence-ground-{ground}")),
    };
    if rule.months > 1 {
        return w.a2("consequence-when-months", "n", rule.months, "what", once.into_owned()).into_owned();
    }
    once.into_owned()
}

struct RuleView {
    id: RuleId,
    ranked: String,
    when: String,
    kind: String,
    name: String,
    days: i64,
    from: String,
    lamp: LampView,
    may_end: bool,
}

#[derive(askama::Template)]
#[template(path = "consequence_rules.html")]
struct RulesPage {
    page: PageContext,
    rules: Vec<RuleView>,
    may_set: bool,
    ranked: Vec<Choice>,
    grounds: Vec<Choice>,
    kinds: Vec<Choice>,
    months: String,
    days: String,
    from_month: String,
    form: Filled,
    command: CommandId,
}

fn choices(page: &PageContext, prefix: &str, all: impl Iterator<Item = &'static str>, chosen: &str) -> Vec<Choice> {
    let choice =
        |value: &str| Choice { on: value == chosen, value: value.to_owned(), label: page.w.t(&format!("{prefix}{value}")).into_owned() };
    all.map(choice).collect()
}

pub async fn list(desk: Desk) -> web::Result<Response> {
    show(&desk, Filled::default(), None).await
}

async fn show(desk: &Desk, form: Filled, error: Option<&Error>) -> web::Result<Response> {
    desk.actor.permit_some::<ReadConsequence>()?;
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let page = desk.page("consequence-rules-title");
    let directory = territory::directory_of(desk).await?;
    let this_month = directory.date_of(page.now)?.strftime("%Y-%m").to_string();
    let may_set = desk.actor.can::<SetConsequences>(&tenant);
    let mut all = consequence_rule::all(store, tenant).await?;
    all.sort_by_key(|rule| (!rule.open, rule.ranked.as_str(), rule.id));
    let view = |rule: &Rule| RuleView {
        id: rule.id,
        ranked: page.w.t(&format!("ranked-{}", rule.ranked)).into_owned(),
        when: when_words(&page, rule),
        kind: page.w.t(&format!("consequence-kind-{}", rule.kind)).into_owned(),
        name: rule.name.clone(),
        days: rule.days,
        from: rule.from_month.clone(),
        lamp: match rule.open {
            true => LampView { kind: "g", text: page.w.t("consequence-rule-open").into_owned() },
            false => LampView { kind: "n", text: page.w.t("consequence-rule-ended").into_owned() },
        },
        may_end: may_set && rule.open,
    };
    let or = |name: &str, usual: &str| if form.is_again() { form.v(name).to_owned() } else { usual.to_owned() };
    let template = RulesPage {
        rules: all.iter().map(view).collect(),
        may_set,
        ranked: choices(&page, "ranked-", Ranked::ALL.iter().map(|one| one.as_str()), form.v("ranked")),
        grounds: choices(&page, "consequence-ground-", ConsequenceGround::ALL.iter().map(|one| one.as_str()), form.v("ground")),
        kinds: choices(&page, "consequence-kind-", ConsequenceKind::ALL.iter().map(|one| one.as_str()), form.v("kind")),
        months: or("months", "1"),
        days: or("days", "15"),
        from_month: or("from_month", &this_month),
        form,
        command: desk.app.world.new_id(),
        page,
    };
    Ok(render(status_of(error), &template))
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RuleForm {
    pub ranked: String,
    pub ground: String,
    pub grade: String,
    pub points: String,
    pub months: String,
    pub kind: String,
    pub name: String,
    pub days: String,
    pub from_month: String,
}

fn number(text: &str, field: &str, most: i64, code: Code) -> Result<i64> {
    let number = territory::sheets::fold(text.trim()).parse::<i64>().ok().filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| Error::field(field, code).arg("max", most))
}

async fn read(desk: &Desk, form: &RuleForm, by: access::Permit<SetConsequences>) -> Result<SetRule> {
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let directory = territory::directory_of(desk).await?;
    let this_month = directory.date_of(desk.app.world.now())?.strftime("%Y-%m").to_string();
    let ranked: Ranked = form.ranked.parse().map_err(|_| Error::field("ranked", RANKED_NEEDED))?;
    let ground: ConsequenceGround = form.ground.parse().map_err(|_| Error::field("ground", GROUND_NEEDED))?;
    let from_month = form.from_month.trim().to_owned();
    ensure(first_of(&from_month).is_some(), Error::field("from_month", MONTH_NEEDED))?;
    let (mut grade, mut points) = (String::new(), Points::ZERO);
    match ground {
        ConsequenceGround::Grade => {
            grade = form.grade.trim().to_owned();
            ensure(!grade.is_empty(), Error::field("grade", GRADE_NEEDED))?;
            // Where no scheme holds yet there is nothing to hold the name against.
            if let Some(scheme) = scheme::in_force(store, tenant, ranked, &from_month).await? {
                let known = grades_of(&scheme::table(store, tenant, scheme.id).await?).contains(&grade);
                ensure(known, Error::field("grade", GRADE_NEEDED))?;
            }
        }
        ConsequenceGround::Under => {
            points = form.points.trim().parse().map_err(|_| Error::field("points", POINTS_NEEDED))?;
            ensure(points.in_bounds(), Error::field("points", POINTS_NEEDED))?;
        }
        _ => {}
    }
    Ok(SetRule {
        by,
        ranked,
        ground,
        grade,
        points,
        months: number(&form.months, "months", MOST_MONTHS, MONTHS_WRONG)?,
        kind: form.kind.parse().map_err(|_| Error::field("kind", KIND_NEEDED))?,
        name: named(&form.name, "name")?,
        days: number(&form.days, "days", MOST_DAYS, DAYS_WRONG)?,
        from_month,
        this_month,
    })
}

pub async fn set(submitted: Submitted<RuleForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let by = desk.actor.permit::<SetConsequences>(&desk.actor.tenant)?;
    let outcome = async {
        let command = read(desk, form, by).await?;
        desk.app.store.run(submitted.pass.clone(), command).await?;
        Ok::<_, Error>(())
    };
    match outcome.await {
        Ok(()) => Ok(desk.done("done-consequence-rule-set", "/consequences/rules")),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(desk.page("consequence-rules-title").w, form, &error);
            show(desk, filled, Some(&error)).await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EndForm {}

pub async fn end(Path((_, id)): Path<(String, String)>, submitted: Submitted<EndForm>) -> web::Result<Response> {
    let (desk, form) = (&submitted.desk, &submitted.form);
    let (store, tenant) = (&desk.app.store, desk.actor.tenant);
    let by = desk.actor.permit::<SetConsequences>(&tenant)?;
    let id: RuleId = id.parse().map_err(|_| Error::not_found())?;
    let rule = consequence_rule::find(store, tenant, id).await?.id;
    match store.run(submitted.pass.clone(), EndRule { by, rule }).await {
        Ok(_) => Ok(desk.done("done-consequence-rule-ended", "/consequences/rules")),
        Err(error) if mendable(&error) => {
            let filled = Filled::again(desk.page("consequence-rules-title").w, form, &error);
            show(desk, filled, Some(&error)).await
        }
        Err(error) => Err(error.into()),
    }
}
