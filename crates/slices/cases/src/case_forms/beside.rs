//! Forms beside the straight way: what those outside wait for, a unit's own people, and what a unit may ask.

use super::{Choice, FormView, Making};
use crate::case::Found;
use crate::kinds::{HandBackReason, HoldReason, Satisfied, Solved};
use crate::outside::Order;
use crate::steps::Step;
use crate::views::unit_name;
use kernel::{Instant, Result};

impl Making<'_> {
    /// Which unit is proposed, and why it; nothing where a person chose it.
    pub(super) fn proposed(&self) -> String {
        let (w, directory) = (self.page.w, &self.office.directory);
        let why = self.case.unit_reason.as_deref().map(|reason| territory::reason_words(w, directory, reason)).unwrap_or_default();
        match why.is_empty() {
            true => why,
            false => w.a2("unit-proposed", "unit", unit_name(directory, self.case.unit_id), "why", why).into_owned(),
        }
    }

    /// Into a circular that is being composed, where there is one; the latest is proposed.
    pub(super) async fn circular_form(&self) -> Result<Option<FormView>> {
        let open = crate::issuing::open_circulars(&self.desk.app.store, self.desk.actor.tenant).await?;
        let Some(latest) = open.first().map(|circular| circular.id.to_string()) else { return Ok(None) };
        let choices = |on: &str| {
            let choice = |circular: &crate::issuing::Circular| {
                let value = circular.id.to_string();
                Choice { on: value == on, label: circular.title.clone(), value }
            };
            open.iter().map(choice).collect()
        };
        let form = self.form("step-into_circular", &[Step::IntoCircular]).fold().say("plain", self.t("into-circular-words"));
        Ok(Some(form.select("circular", "field-circular", latest, choices).done()))
    }

    /// To another street of the district, where there is one.
    pub(super) async fn pass_on(&self) -> Result<Option<FormView>> {
        let neighbours = crate::passing_on::neighbours(&self.desk.app.store, &self.desk.tenant).await?;
        if neighbours.is_empty() {
            return Ok(None);
        }
        let choices = |on: &str| {
            let choice = |tenant: &access::account::Tenant| {
                let value = tenant.slug.clone();
                Choice { on: value == on, label: self.desk.name_of(tenant), value }
            };
            neighbours.iter().map(|neighbour| choice(neighbour.tenant())).collect()
        };
        let form = self.form("step-pass_on", &[Step::PassOn]).fold().say("plain", self.t("pass_on-words"));
        let form = form.select("tenant", "field-tenant", String::new(), choices).words("field-transfer-words", true);
        Ok(Some(form.when("field-transfer-due", String::new(), self.t("field-transfer-due-help"), false).done()))
    }

    /// What those outside wait for: the next of it stands open, the rest is folded away. `ended` is the case that comes back where
    /// the caller is not content: this one, or that which it is part of by now.
    pub(super) fn order(&self, forms: &mut Vec<FormView>, order: &Order, ended: &Found) {
        let case = self.case;
        let waits = |due: Option<Instant>, done: Option<Instant>| done.is_none() && order.answered_at.is_none() && due.is_some();
        let say =
            |key: &str, due: Option<Instant>| due.map(|due| self.page.w.a(key, "due", self.page.at(&due)).into_owned()).unwrap_or_default();
        if waits(order.sign_due, order.signed_at.or(order.called_at)) {
            let form = self.form("step-sign_order", &[Step::SignOrder]);
            forms.push(form.say("strong", say("order-sign-by", order.sign_due)).done());
        }
        if waits(order.call_due, order.called_at) || (order.caller_phone.is_some() && order.answered_at.is_none()) {
            let form = self.form("step-call_caller", &[Step::CallCaller]);
            let form =
                if waits(order.call_due, order.called_at) { form.say("strong", say("order-call-by", order.call_due)) } else { form.fold() };
            forms.push(form.words("field-call-words", true).done());
        }
        let answer = self.form("step-answer_order", &[Step::AnswerOrder]);
        let first = order.answered_at.is_none() && !case.stage.open();
        let answer = if first { answer } else { answer.fold() };
        let answer = if order.answered_at.is_none() { answer.say("strong", say("order-answer-by", order.answer_due)) } else { answer };
        forms.push(answer.say("plain", self.t("order-answer-words")).words("field-order-answer", true).done());
        if order.answered_at.is_some() {
            let form = self.form("step-call_back", &[Step::CallBack]).fold().say("plain", self.t("order-call-back-words"));
            let form = form.select("solved", "field-solved", String::new(), |on| self.choices("solved-", Solved::ALL, on));
            let form = form.select("satisfied", "field-satisfied", String::new(), |on| self.choices("satisfied-", Satisfied::ALL, on));
            let form = form.words("field-call-back-words", false);
            let opens = crate::outside::comes_back(ended) && crate::outside::has_unit(ended);
            let form = match ended.id == case.id {
                true => form,
                false => form.say("plain", self.page.w.a("order-call-back-merged", "number", ended.number).into_owned()),
            };
            forms.push(if opens { form.when("field-new-due", String::new(), self.due_help_of(ended), false) } else { form }.done());
        }
    }

    /// Handing it to one of the unit's own people; named only, until it is wanted.
    pub(super) async fn assign_inside(&self) -> Result<FormView> {
        let (Some(unit), true) = (self.case.unit_id, self.wanted(Step::AssignInside)) else { return Ok(self.link_to(Step::AssignInside)) };
        let people = crate::inside::people(&self.desk.app.store, self.desk.actor.tenant, unit).await?;
        let now = self.case.inside_id.map(|id| id.to_string()).unwrap_or_default();
        let choose = |on: &str| {
            let choice = |(id, name): &(kernel::ids::AccountId, String)| {
                let value = id.to_string();
                Choice { on: value == on, value, label: name.clone() }
            };
            people.iter().map(choice).collect()
        };
        let form = self.form("step-assign_inside", &[Step::AssignInside]).fold().say("plain", self.t("inside-words"));
        Ok(form.select("person", "field-person", now, choose).words("field-words", false).done())
    }

    /// What the unit may ask, one thing at a time.
    pub(super) fn unit(&self, forms: &mut Vec<FormView>, now: Instant, from: impl Fn(Step) -> bool) -> Result<()> {
        let case = self.case;
        if case.ask.is_some() {
            return Ok(());
        }
        if from(Step::AskExtension) && case.has_due() && now <= case.due && case.extensions < crate::extending::MOST {
            let left = self.page.w.a("extension-left", "n", crate::extending::MOST - case.extensions).into_owned();
            forms.push(
                self.form("step-ask_extension", &[Step::AskExtension])
                    .fold()
                    .say("plain", left)
                    .when("field-new-due-short", String::new(), self.latest(), true)
                    .words("field-why", true)
                    .done(),
            );
        }
        if from(Step::AskHold) && case.held_until(now).is_none() {
            forms.push(
                self.form("step-ask_hold", &[Step::AskHold])
                    .fold()
                    .say("plain", self.t("hold-ask-words"))
                    .select("reason", "field-reason", String::new(), |on| self.choices("hold-", HoldReason::ALL, on))
                    .when("field-hold-until", String::new(), String::new(), true)
                    .words("field-why", true)
                    .done(),
            );
        }
        let until = crate::handing_back::until(case, &self.office.hours)?;
        if from(Step::AskHandBack) && !case.assigned_finally && until.is_none_or(|until| now <= until) {
            let until = until.map(|at| self.page.w.a("hand-back-until", "until", self.page.at(&at)).into_owned()).unwrap_or_default();
            forms.push(
                self.form("step-ask_hand_back", &[Step::AskHandBack])
                    .fold()
                    .say("plain", until)
                    .select("reason", "field-reason", String::new(), |on| self.choices("hand_back-", HandBackReason::ALL, on))
                    .words("field-words", false)
                    .done(),
            );
        }
        Ok(())
    }
}
