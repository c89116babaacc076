//! The form by which a unit submits what it did: what was demanded and refused before, the photos taken against those of before.

use super::{FieldView, FormView, Making};
use crate::steps::Step;

impl Making<'_> {
    pub(super) fn rectify(&self) -> FormView {
        let case = self.case;
        let w = self.page.w;
        let refused = |kind: &str, key: &str| {
            let refused = self.told.refused(kind)?;
            Some(if refused.is_empty() { self.t(key) } else { format!("{}{}{refused}", self.t(key), self.t("colon")) })
        };
        let mut form = self.form("step-rectify", &[Step::Rectify]);
        if let Some(held) = case.held_until(self.page.now) {
            form = form.say("strong", w.a("hold-until", "until", self.page.at(&held)).into_owned());
        }
        if let Some(due) = case.unit_due {
            form = form.say("strong", w.a("card-due", "due", self.page.at(&due)).into_owned());
        }
        if case.supervised_at.is_some() {
            form = form.say("bad", format!("{}{}", self.t("supervised-demand"), self.told.words("case.supervised")));
        }
        if case.rework > 0 {
            form = form.say("bad", format!("{}{}", self.t("rework-reason"), self.told.rework()));
        }
        for (kind, key) in [
            ("case.hand_back_refused", "hand-back-refused"),
            ("case.extension_refused", "extension-refused"),
            ("case.hold_refused", "hold-refused"),
        ] {
            form = form.say("bad", refused(kind, key).unwrap_or_default());
        }
        if case.inside_id.is_some() {
            // What its own person said stands ready to be submitted.
            form = form.say("strong", self.told.words("case.done_inside"));
        }
        let category = case.category_id.and_then(|id| self.office.directory.category(id));
        let demanded = category.is_none_or(|category| category.condition(case.condition_no).photo_demanded);
        let label = if demanded { "field-after-photos" } else { "field-after-photos-optional" };
        let form = form.say("plain", crate::conditions::closing_words(w, &self.office.directory, case));
        let form = if self.before.is_empty() { form } else { form.add(FieldView::Against(self.before.to_vec())) };
        let form = form.photos(label).film("field-video").words("field-what-done", true);
        if category.is_some_and(|category| category.may_report) {
            form.tick("dissuaded", "field-dissuaded", "field-dissuaded-help")
        } else {
            form
        }
        .done()
    }
}
