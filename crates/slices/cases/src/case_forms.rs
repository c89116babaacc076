//! The forms of a case's page as data: which steps this person may take now, the one that waits first, each with its fields.

pub mod amending;
mod beside;
mod mending;

use crate::case::Found;
use crate::case_page::{Again, Told};
use crate::case_steps::MAX_ASSISTING;
use crate::joining::MAX_PARTS;
use crate::kinds::{AppealEnd, Ask, DeclineReason, Receiver, Sample, Verdict};
use crate::office::Office;
use crate::outside::Order;
use crate::report_page::{PlaceGroup, place_groups};
use crate::steps::{Stage, Step};
use crate::verbs::{
    ComposeCircular, DisputeCase, HandleCase, HandleMatter, LeadCase, NoteCase, PassOnCase, RectifyCase, Reinspect, UrgeUnit, VerifyCase,
};
use crate::verifying::{Verifier, verifiers};
pub use crate::videos::FilmBox;
use access::http::Desk;
use access::permit::Reach;
use kernel::{Instant, Result};
use web::PageContext;
pub use web::forms::Choice;
pub use web::parts::PhotoView;

/// One form: a heading, what to know, fields, and the buttons that submit it (several steps may share the fields).
#[derive(Debug, Clone, Default)]
pub struct FormView {
    pub id: String,
    pub title: String,
    /// Folded away until it is wanted.
    pub fold: bool,
    pub open: bool,
    pub say: Vec<SayView>,
    pub error: String,
    pub action: String,
    pub confirm: String,
    pub fields: Vec<FieldView>,
    pub buttons: Vec<ButtonView>,
    /// Where the form stands open, for one that is not made until it is wanted; empty otherwise.
    pub link: String,
    steps: Vec<Step>,
}

/// A paragraph above the fields: `plain`, `strong`, or `bad` (what was refused before).
#[derive(Debug, Clone)]
pub struct SayView {
    pub words: String,
    pub kind: &'static str,
}

#[derive(Debug, Clone)]
pub struct ButtonView {
    pub label: String,
    /// Where it goes, when not to the form's own address.
    pub action: String,
    /// `p` for the next step, `danger` for what cannot be taken back, empty otherwise.
    pub kind: &'static str,
}

/// What every field has.
#[derive(Debug, Clone, Default)]
pub struct Named {
    pub name: &'static str,
    pub id: String,
    pub label: String,
    pub value: String,
    pub help: String,
    pub error: String,
    pub required: bool,
}

#[derive(Debug, Clone)]
pub enum FieldView {
    Area(Named),
    Line(Named),
    When(Named),
    Select(Named, Vec<Choice>),
    /// With where the conditions of another choice are asked for.
    Category(Named, Vec<Choice>, String),
    /// The filing conditions of the category that stands chosen; nothing where it has but one.
    Conditions(Named, Vec<Choice>),
    Place(Named, Vec<PlaceGroup>),
    Tick(Named),
    Photos(Named, Vec<PhotoView>),
    Film(Named, FilmBox),
    /// The photos of before, to take the new ones by.
    Against(Vec<PhotoView>),
    Assist(Named, Vec<AssistRow>),
    Parts(Named, Vec<PartRow>),
}

/// Room for one assisting unit.
#[derive(Debug, Clone)]
pub struct AssistRow {
    pub n: usize,
    pub units: Vec<Choice>,
    pub due: String,
}

/// Room for one part of what was reported as one.
#[derive(Debug, Clone)]
pub struct PartRow {
    pub n: usize,
    pub places: Vec<PlaceGroup>,
    pub what: String,
}

/// Everything that the forms are made from.
pub struct Making<'a> {
    pub desk: &'a Desk,
    pub page: &'a PageContext,
    pub office: &'a Office,
    pub case: &'a Found,
    pub told: &'a Told,
    /// The order that it is, for who may handle it.
    pub order: Option<&'a Order>,
    pub again: &'a Again,
    /// The address of the case.
    pub href: &'a str,
    /// The form that was asked for.
    pub doing: Option<Step>,
    pub drafts: &'a [PhotoView],
    /// Photos of the problem as it was found.
    pub before: &'a [PhotoView],
}

/// Whom a case can be handed to where nothing but their answer comes back.
const OUTSIDE: [Receiver; 4] = [Receiver::Enforcement, Receiver::DistrictPlatform, Receiver::Department, Receiver::Owner];

/// An instant as a browser's field for date and time takes it.
pub fn local(office: &Office, at: Instant) -> String {
    at.to_timestamp().to_zoned_datetime(office.hours.zone().clone()).strftime("%Y-%m-%dT%H:%M").to_string()
}

impl FormView {
    /// The steps that its buttons take.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }
}

struct Maker<'a> {
    all: &'a Making<'a>,
    form: FormView,
}

impl<'a> Making<'a> {
    fn t(&self, key: &str) -> String {
        self.page.w.t(key).into_owned()
    }
    /// Whether this form is open; one that is costly to make, and seldom wanted, is only named until then.
    fn wanted(&self, step: Step) -> bool {
        self.again.step == step.to_string() || self.doing == Some(step)
    }
    fn link_to(&self, step: Step) -> FormView {
        let link = format!("{}?do={step}#{step}", self.href);
        FormView { id: step.to_string(), title: self.t(&format!("step-{step}")), link, steps: vec![step], ..FormView::default() }
    }
    /// A form whose first step is its main button.
    fn form(&'a self, title: &str, steps: &[Step]) -> Maker<'a> {
        let again = steps.iter().any(|step| step.to_string() == self.again.step);
        let first = steps.first().map(ToString::to_string).unwrap_or_default();
        let button = |(i, step): (usize, &Step)| ButtonView {
            label: self.t(&format!("step-{step}")),
            action: if i == 0 { String::new() } else { format!("{}/{step}", self.href) },
            kind: match step {
                Step::Fail | Step::FailTransfer | Step::Decline | Step::Merge | Step::ConsentVoid | Step::AskVoid => "danger",
                _ if i == 0 => "p",
                _ => "",
            },
        };
        let form = FormView {
            title: self.t(title),
            open: again || steps.iter().any(|step| self.doing == Some(*step)),
            error: if again { self.again.error.clone() } else { String::new() },
            action: format!("{}/{first}", self.href),
            buttons: steps.iter().enumerate().map(button).collect(),
            steps: steps.to_vec(),
            id: first,
            ..FormView::default()
        };
        Maker { all: self, form }
    }
    fn units(&self, on: &str) -> Vec<Choice> {
        let unit = |unit: &territory::organisation::Organisation| {
            let value = unit.id.to_string();
            Choice { on: value == on, value, label: unit.name.clone() }
        };
        self.office.directory.organisations().map(unit).collect()
    }
    fn places(&self, on: &str) -> Vec<PlaceGroup> {
        place_groups(self.page.w, &self.office.directory, &Reach { all: true, ..Reach::default() }, on)
    }
    fn choices<T: ToString>(&self, prefix: &str, all: &[T], on: &str) -> Vec<Choice> {
        let choice = |one: &T| {
            let value = one.to_string();
            Choice { on: value == on, label: self.t(&format!("{prefix}{value}")), value }
        };
        all.iter().map(choice).collect()
    }
}

impl Maker<'_> {
    fn fold(mut self) -> Self {
        self.form.fold = true;
        for button in self.form.buttons.iter_mut().filter(|button| button.kind == "p") {
            button.kind = "";
        }
        self
    }
    fn opened(mut self, open: bool) -> Self {
        self.form.open |= open;
        self
    }
    fn say(mut self, kind: &'static str, words: impl Into<String>) -> Self {
        let words = words.into();
        if !words.is_empty() {
            self.form.say.push(SayView { words, kind });
        }
        self
    }
    fn confirm(mut self, key: &str) -> Self {
        self.form.confirm = self.all.t(key);
        self
    }
    /// The field as it was typed where this form comes back, else with `value`.
    fn named(&self, name: &'static str, label: &str, value: String) -> Named {
        let again = self.all.again;
        let mine = self.form.steps.iter().any(|step| step.to_string() == again.step);
        Named {
            name,
            id: format!("{}-{name}", self.form.id),
            label: self.all.t(label),
            value: if mine { again.values.get(name).cloned().unwrap_or_default() } else { value },
            error: if mine { again.field_errors.get(name).cloned().unwrap_or_default() } else { String::new() },
            ..Named::default()
        }
    }
    fn add(mut self, field: FieldView) -> Self {
        self.form.fields.push(field);
        self
    }
    fn words(self, label: &str, required: bool) -> Self {
        let named = self.named("words", label, String::new());
        self.add(FieldView::Area(Named { required, ..named }))
    }
    fn area(self, name: &'static str, label: &str, value: &str) -> Self {
        let named = self.named(name, label, value.to_owned());
        self.add(FieldView::Area(named))
    }
    fn line(self, name: &'static str, label: &str, value: &str) -> Self {
        let named = self.named(name, label, value.to_owned());
        self.add(FieldView::Line(named))
    }
    fn when(self, label: &str, value: String, help: String, required: bool) -> Self {
        let named = self.named("due", label, value);
        self.add(FieldView::When(Named { help, required, ..named }))
    }
    /// A box to tick.
    fn tick(self, name: &'static str, label: &str, help: &str) -> Self {
        let named = self.named(name, label, String::new());
        let help = self.all.t(help);
        self.add(FieldView::Tick(Named { help, ..named }))
    }
    fn select(self, name: &'static str, label: &str, chosen: String, choices: impl Fn(&str) -> Vec<Choice>) -> Self {
        let named = self.named(name, label, chosen);
        let choices = choices(&named.value);
        self.add(FieldView::Select(named, choices))
    }
    fn photos(self, label: &str) -> Self {
        let named = self.named("photo", label, String::new());
        let mine = self.form.open;
        let photos = if mine { self.drafts(false) } else { Vec::new() };
        self.add(FieldView::Photos(named, photos))
    }
    /// Room for one video.
    fn film(self, label: &str) -> Self {
        let named = self.named("video", label, String::new());
        let videos = if self.form.open { self.drafts(true) } else { Vec::new() };
        let film = FilmBox::of(self.all.desk, self.all.page, videos);
        self.add(FieldView::Film(named, film))
    }
    fn drafts(&self, video: bool) -> Vec<PhotoView> {
        self.all.drafts.iter().filter(|draft| draft.video == video).cloned().collect()
    }
    fn done(self) -> FormView {
        self.form
    }
}

impl Making<'_> {
    /// The forms that this person is shown, the one that waits first. Whatever is offered here the commands check again.
    pub async fn offered(&self) -> Result<Vec<FormView>> {
        let (desk, case, now) = (self.desk, self.case, self.page.now);
        let actor = &desk.actor;
        let (handle, lead, rectify) = (actor.can::<HandleCase>(case), actor.can::<LeadCase>(case), actor.can::<RectifyCase>(case));
        let from = |step: Step| case.stage.after(step).is_some() && (!step.begins() || self.office.has(step));
        let own_work =
            case.unit_id.is_some_and(|unit| actor.works_for(unit)) || case.rectified_by.is_some_and(|by| Some(by) == actor.account);
        let mut forms = self.answers(handle, lead);
        if from(Step::Verify) && actor.can::<VerifyCase>(case) && (handle || (actor.account.is_some() && case.verifier_id == actor.account))
        {
            forms.push(
                self.form("verify-title", &[Step::Verify])
                    .say("plain", self.told.words("case.verification_asked"))
                    .select("reason", "field-verdict", String::new(), |on| self.choices("verdict-", Verdict::ALL, on))
                    .photos("field-spot-photos")
                    .words("field-finding", true)
                    .done(),
            );
        }
        // What was merged goes on in another case: that one comes back, and is disputed.
        let other = crate::joining::goes_on_in(&desk.app.store, case).await?;
        let ended = other.as_ref().unwrap_or(case);
        if handle && let Some(order) = self.order {
            self.order(&mut forms, order, ended);
        }
        if rectify && from(Step::DoneInside) && case.inside_id.is_some() && case.inside_id == actor.account {
            forms.push(
                self.form("inside-title", &[Step::DoneInside])
                    .say("plain", self.told.words("case.assigned_inside"))
                    .photos("field-after-photos-optional")
                    .words("field-what-done", true)
                    .done(),
            );
        }
        if rectify && from(Step::Rectify) {
            forms.push(self.rectify());
        }
        if from(Step::Pass) && actor.can::<Reinspect>(case) && !own_work {
            forms.push(self.reinspect());
        }
        if case.sample == Some(Sample::Waiting) && actor.can::<Reinspect>(case) && !own_work && case.reported_by != actor.account {
            forms.push(
                self.form("spotcheck-title", &[Step::SampleCheck])
                    .say("plain", self.t("spotcheck-words"))
                    .select("reason", "field-finding-short", String::new(), |on| {
                        self.choices("sampled-", &[Sample::Good, Sample::NotGood], on)
                    })
                    .photos("field-spot-photos")
                    .words("field-finding", true)
                    .done(),
            );
        }
        if handle {
            self.centre(&mut forms, from).await?;
        }
        if from(Step::IntoCircular) && case.circular_id.is_none() && actor.can::<ComposeCircular>(case) {
            forms.extend(self.circular_form().await?);
        }
        if from(Step::PassOn) && actor.can::<PassOnCase>(case) {
            forms.extend(self.pass_on().await?);
        }
        if rectify {
            self.unit(&mut forms, now, from)?;
        }
        if lead {
            if let Some(held) = case.held_until(now) {
                let until = self.page.w.a("hold-until", "until", self.page.at(&held)).into_owned();
                let moved = |title, step| self.form(title, &[step]).fold().say("plain", until.clone());
                if self.office.has(Step::RenewHold) {
                    forms.push(
                        moved("step-renew_hold", Step::RenewHold)
                            .when("field-hold-until", String::new(), String::new(), true)
                            .words("field-why", true)
                            .done(),
                    );
                }
                forms.push(moved("step-resume", Step::Resume).words("field-words", false).done());
            }
            if from(Step::Supervise) {
                forms.push(self.form("step-supervise", &[Step::Supervise]).fold().words("field-demand", true).done());
            }
        }
        let joins = from(Step::PartOfMatter) && actor.can::<HandleMatter>(case) && case.matter_id.is_none();
        if joins && !self.wanted(Step::PartOfMatter) {
            forms.push(self.link_to(Step::PartOfMatter));
        } else if joins {
            let open = crate::matters::open(&desk.app.store, actor.tenant).await?;
            let choose = |on: &str| {
                let choice = |matter: &crate::matters::Matter| {
                    let value = matter.number.to_string();
                    Choice { on: value == on, label: format!("{value} {}", matter.title), value }
                };
                open.iter().map(choice).collect()
            };
            forms.push(
                self.form("step-part_of_matter", &[Step::PartOfMatter])
                    .fold()
                    .say("plain", self.t("matter-case-words"))
                    .select("matter", "matter-choose", String::new(), choose)
                    .line("title", "matter-new-title", "")
                    .done(),
            );
        }
        if rectify && from(Step::AssignInside) {
            forms.push(self.assign_inside().await?);
        }
        if handle && from(Step::Message) && case.unit_id.is_some() {
            forms.push(
                self.form("step-message", &[Step::Message]).fold().say("plain", self.t("message-words")).words("field-words", true).done(),
            );
        }
        if rectify && from(Step::Reply) {
            forms.push(self.form("step-reply", &[Step::Reply]).fold().words("field-words", true).done());
        }
        if actor.can::<NoteCase>(case) {
            forms.push(self.form("step-note", &[Step::Note]).fold().say("plain", self.t("note-words")).words("field-words", true).done());
        }
        if handle && case.stage != Stage::Reported {
            forms.push(
                self.form("step-correct", &[Step::Correct]).fold().say("plain", self.t("correct-words")).words("field-words", true).done(),
            );
        }
        if actor.can::<UrgeUnit>(case) && from(Step::Urge) {
            forms.push(self.form("step-urge", &[Step::Urge]).fold().words("field-words", false).done());
        }
        let grounds = case.grounds();
        if rectify && from(Step::Appeal) && case.apart.is_none() && case.ask.is_none() && !grounds.is_empty() {
            let until = crate::appealing::until(case, &self.office.hours)?;
            if let Some(until) = until.filter(|until| *until >= now) {
                let help = self.page.w.a("appeal-until", "until", self.page.at(&until)).into_owned();
                forms.push(
                    self.form("step-appeal", &[Step::Appeal])
                        .fold()
                        .say("plain", help)
                        .select("reason", "field-ground", String::new(), |on| self.choices("ground-", &grounds, on))
                        .photos("field-appeal-photos")
                        .words("field-why", true)
                        .done(),
                );
            }
        }
        let may = crate::outside::comes_back(ended) && ended.ask.is_none() && !self.told.disputed() && actor.can::<DisputeCase>(case);
        if from(Step::Dispute) && may {
            let until = crate::disputing::until(ended, &self.office.hours)?;
            if let Some(until) = until.filter(|until| *until >= now) {
                let help = self.page.w.a("dispute-until", "until", self.page.at(&until)).into_owned();
                let form = self.form("step-dispute", &[Step::Dispute]).fold().say("plain", help);
                forms.push(form.photos("field-spot-photos").words("field-not-mended", true).done());
            }
        }
        Ok(forms)
    }

    /// What waits for an answer of this person.
    fn answers(&self, handle: bool, lead: bool) -> Vec<FormView> {
        let case = self.case;
        let wanted = case.ask_until.map(|until| local(self.office, until)).unwrap_or_default();
        let asked = self.told.asked(self.page, case);
        let answer = |title: &str, steps: &[Step]| self.form(title, steps).say("strong", asked.clone());
        let form = match case.ask {
            Some(Ask::HandBack) if handle && case.hand_backs == 0 => {
                answer("hand-back-title", &[Step::AcceptHandBack, Step::RefuseHandBack]).words("field-answer", false)
            }
            Some(Ask::HandBack) if lead && case.hand_backs > 0 => {
                let unit = case.unit_id.map(|id| id.to_string()).unwrap_or_default();
                answer("assign-title", &[Step::AssignFinally])
                    .say("plain", self.t("assign-words"))
                    .select("unit", "field-unit", unit, |on| self.units(on))
                    .when("field-due", String::new(), self.t("assign-due"), false)
                    .words("field-why", true)
            }
            Some(Ask::Extension) if handle => answer("extension-title", &[Step::GrantExtension, Step::RefuseExtension])
                .when("field-new-due-short", wanted, self.latest(), false)
                .words("field-answer", false),
            Some(Ask::Hold) if lead => answer("hold-title", &[Step::GrantHold, Step::RefuseHold])
                .say("plain", self.t("hold-words"))
                .when("field-hold-until", wanted, String::new(), false)
                .words("field-answer", false),
            Some(Ask::Void) if lead => answer("void-title", &[Step::ConsentVoid, Step::RefuseVoid])
                .say("plain", self.t("void-words"))
                .words("field-answer", false)
                .confirm("confirm-void"),
            Some(Ask::Appeal) if handle && case.advice.is_none() => answer("appeal-title", &[Step::ReviewAppeal])
                .say("plain", self.t("appeal-review-words"))
                .select("reason", "field-advice", String::new(), |on| self.choices("advice-", AppealEnd::ALL, on))
                .words("field-why", true),
            Some(Ask::Appeal) if lead && case.advice.is_some() => answer("appeal-title", &[Step::UpholdAppeal, Step::RefuseAppeal])
                .say("plain", self.told.words("case.appeal_reviewed"))
                .say("plain", case.advice.map(|advice| self.t(&format!("advice-{advice}"))).unwrap_or_default())
                .words("field-why", true),
            Some(Ask::Dispute) if handle => {
                let form = answer("dispute-title", &[Step::UpholdDispute, Step::RefuseDispute]);
                match crate::outside::has_unit(case) {
                    true => form.words("field-answer", true).when("field-new-due", String::new(), self.due_help(), false),
                    false => form.say("plain", self.t("dispute-refile")).words("field-answer", true),
                }
            }
            _ => return Vec::new(),
        };
        vec![form.done()]
    }

    fn latest(&self) -> String {
        let latest = crate::extending::latest(self.case, &self.office.hours).ok();
        latest.map(|at| self.page.w.a("extension-latest", "at", self.page.at(&at)).into_owned()).unwrap_or_default()
    }
    fn due_help(&self) -> String {
        self.due_help_of(self.case)
    }
    fn due_help_of(&self, case: &Found) -> String {
        self.t(if case.limit_unit.is_none() { "due-needed" } else { "due-by-category" })
    }

    fn reinspect(&self) -> FormView {
        let case = self.case;
        let how = match case.category_id.and_then(|id| self.office.directory.category(id)) {
            Some(category) if case.on_spot && !category.condition(case.condition_no).on_spot() => "reinspect-sampled",
            _ if case.on_spot => "reinspect-on-spot",
            _ => "reinspect-from-photos",
        };
        let outside = case.receiver.is_some();
        let fail = if outside { Step::FailTransfer } else { Step::Fail };
        let help = self.t(if outside { "field-transfer-due-help" } else { "field-new-due-help" });
        self.form("reinspect-title", &[Step::Pass, fail])
            .say("plain", self.t(how))
            .say("plain", crate::conditions::closing_words(self.page.w, &self.office.directory, case))
            .words("field-finding", true)
            .photos("field-spot-photos")
            .when("field-new-due", String::new(), help, false)
            .confirm("confirm-reinspect")
            .done()
    }

    /// What the centre may do beside answering.
    async fn centre(&self, forms: &mut Vec<FormView>, from: impl Fn(Step) -> bool) -> Result<()> {
        let case = self.case;
        let no_category = case.category_id.is_none();
        if from(Step::Amend) && !no_category && !self.wanted(Step::Amend) {
            forms.push(self.link_to(Step::Amend));
        } else if from(Step::Amend) {
            forms.push(self.amend());
        }
        // Without a category, correcting comes first.
        if from(Step::File) && !no_category {
            let file = self.form("step-file", &[Step::File]).say("plain", self.proposed()).say("plain", self.t("file-help"));
            forms.push(self.condition(file, case.category_id).done());
        }
        if from(Step::Dispatch) {
            let unit = case.unit_id.map(|id| id.to_string()).unwrap_or_default();
            let dispatch = self.form("step-dispatch", &[Step::Dispatch]).say("plain", self.proposed());
            let dispatch = dispatch.select("unit", "field-unit", unit, |on| self.units(on));
            let dispatch = dispatch.when("field-due", String::new(), self.due_help(), false);
            let assist = dispatch.named("assist", "field-assisting", String::new());
            let typed =
                |name: String| if dispatch.form.open { self.again.values.get(&name).cloned().unwrap_or_default() } else { String::new() };
            let rows = (0..MAX_ASSISTING)
                .map(|n| AssistRow { n: n + 1, units: self.units(&typed(format!("assist{n}"))), due: typed(format!("assist_due{n}")) })
                .collect();
            let assist = Named { help: self.t("field-assisting-help"), value: typed("assist0".to_owned()), ..assist };
            let error = self.again.field_errors.get("assist_due").filter(|_| dispatch.form.open).cloned().unwrap_or_default();
            let assist = Named { error: if assist.error.is_empty() { error } else { assist.error.clone() }, ..assist };
            forms.push(dispatch.add(FieldView::Assist(assist, rows)).done());
        }
        if from(Step::AnswerTransfer) {
            forms.push(
                self.form("transfer-answer-title", &[Step::AnswerTransfer])
                    .say("plain", self.t("transfer-answer-words"))
                    .line("receipt", "field-receipt", case.receipt.as_deref().unwrap_or_default())
                    .words("field-their-answer", true)
                    .photos("field-after-photos-optional")
                    .done(),
            );
            forms.push(self.form("step-take_back", &[Step::TakeBack]).fold().words("field-their-answer", true).done());
        }
        if from(Step::AskVerify) && case.verified.is_none() && !self.wanted(Step::AskVerify) {
            forms.push(self.link_to(Step::AskVerify));
        } else if from(Step::AskVerify) && case.verified.is_none() {
            let people = verifiers(self.desk, self.office, case).await?;
            // Whoever is on duty nearby today stands first, and is proposed.
            let nearby = people.first().filter(|person| person.on_duty).map(|person| person.id.clone()).unwrap_or_default();
            let label = |person: &Verifier| match person.on_duty {
                true => self.page.w.a("verifier-on-duty", "name", person.name.clone()).into_owned(),
                false => person.name.clone(),
            };
            let choose = |on: &str| {
                people.iter().map(|person| Choice { on: person.id == on, value: person.id.clone(), label: label(person) }).collect()
            };
            forms.push(
                self.form("step-ask_verify", &[Step::AskVerify])
                    .fold()
                    .select("person", "field-verifier", nearby, choose)
                    .words("field-words", false)
                    .done(),
            );
        }
        if from(Step::Merge) {
            let merge = self.form("step-merge", &[Step::Merge]).fold().say("plain", self.t("merge-words"));
            forms.push(merge.line("number", "field-merge-into", "").words("field-words", false).confirm("confirm-merge").done());
        }
        if from(Step::Split) && !self.wanted(Step::Split) {
            forms.push(self.link_to(Step::Split));
        } else if from(Step::Split) {
            let split = self.form("step-split", &[Step::Split]).fold().say("plain", self.t("split-words"));
            let parts = split.named("part_place", "field-part", String::new());
            let typed =
                |name: String| if split.form.open { self.again.values.get(&name).cloned().unwrap_or_default() } else { String::new() };
            let here = case.place_id.map(|id| id.to_string()).unwrap_or_default();
            let rows = (0..MAX_PARTS)
                .map(|n| {
                    let place = typed(format!("part_place{n}"));
                    PartRow {
                        n: n + 1,
                        places: self.places(if place.is_empty() { &here } else { &place }),
                        what: typed(format!("part_what{n}")),
                    }
                })
                .collect();
            forms.push(split.add(FieldView::Parts(parts, rows)).done());
        }
        if from(Step::Transfer) {
            forms.push(
                self.form("step-transfer", &[Step::Transfer])
                    .fold()
                    .say("plain", self.t("transfer-words"))
                    .select("reason", "field-receiver", String::new(), |on| self.choices("receiver-", &OUTSIDE, on))
                    .words("field-transfer-words", true)
                    .line("receipt", "field-receipt", "")
                    .when("field-transfer-due", String::new(), self.t("field-transfer-due-help"), false)
                    .done(),
            );
        }
        if from(Step::Decline) {
            forms.push(
                self.form("step-decline", &[Step::Decline])
                    .fold()
                    .select("reason", "field-reason", String::new(), |on| self.choices("decline-", DeclineReason::ALL, on))
                    .words("field-words", false)
                    .confirm("confirm-decline")
                    .done(),
            );
        }
        if from(Step::AskVoid) && case.ask.is_none() {
            forms.push(
                self.form("step-ask_void", &[Step::AskVoid]).fold().say("plain", self.t("void-ask-words")).words("field-why", true).done(),
            );
        }
        Ok(())
    }
}

/// The error and what was typed, where the form that they belong to is no longer offered.
pub fn stray(forms: &[FormView], again: &Again) -> Option<Stray> {
    let offered = forms.iter().any(|form| form.steps.iter().any(|step| step.to_string() == again.step));
    let typed = again.values.get("words").cloned().unwrap_or_default();
    (!offered && !again.step.is_empty()).then(|| Stray { error: again.error.clone(), typed, photos: again.photos.clone() })
}

/// What a form carried that cannot be shown in its place any more.
#[derive(Debug, Clone)]
pub struct Stray {
    pub error: String,
    pub typed: String,
    pub photos: Vec<PhotoView>,
}
