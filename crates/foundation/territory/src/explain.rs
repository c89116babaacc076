//! A deadline and a proposed unit, each explained in the words of the office.

use crate::directory::Directory;
use crate::responsibility::Reason;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kernel::Instant;
use kernel::calendar::{DayRun, DayRunKind, Deadline, Hours, HoursRun, Limit, LimitUnit};
use web::Words;

/// A limit as people say it: `2 个工作日`. Working minutes are hours where they are whole.
pub fn limit_words(w: Words, limit: Limit) -> String {
    let amount = limit.amount();
    match limit.unit() {
        LimitUnit::UrgentHours => w.a("limit-urgent-hours", "n", amount),
        LimitUnit::WorkingMinutes if amount.is_multiple_of(60) => w.a("limit-working-hours", "n", amount / 60),
        LimitUnit::WorkingMinutes => w.a("limit-working-minutes", "n", amount),
        LimitUnit::WorkingDays => w.a("limit-working-days", "n", amount),
        LimitUnit::NaturalDays => w.a("limit-natural-days", "n", amount),
    }
    .into_owned()
}

/// Why a deadline is what it is: `限时 2 个工作日，自 11-18 10:05 起；11-21 周六、11-22 周日不计；至 11-24 17:30`.
///
/// `zone` is that of the calendar which gave the deadline.
pub fn explain(w: Words, zone: &TimeZone, deadline: &Deadline) -> String {
    let explanation = &deadline.explanation;
    let mut parts =
        vec![w.a2("deadline-limit", "limit", limit_words(w, explanation.limit), "at", clock(explanation.start, zone)).into_owned()];
    if let Some(shortened) = &explanation.shortened {
        let words =
            [("name", shortened.period.clone()), ("share", share_words(shortened.permille)), ("limit", limit_words(w, shortened.to))];
        parts.push(w.with("deadline-shortened", &words).into_owned());
    }
    if explanation.runs_from > explanation.start {
        parts.push(w.a("deadline-runs-from", "at", clock(explanation.runs_from, zone)).into_owned());
    }
    let days = |wanted: &dyn Fn(&DayRunKind) -> bool| {
        let found: Vec<String> = explanation.days.iter().filter(|run| wanted(&run.kind)).map(|run| run_words(w, run)).collect();
        (!found.is_empty()).then(|| found.join(&w.t("list-comma")))
    };
    let counts = |kind: &DayRunKind| matches!(kind, DayRunKind::MakeUp(_) | DayRunKind::Worked(_));
    if let Some(days) = days(&|kind| !counts(kind)) {
        parts.push(w.a("deadline-left-out", "days", days).into_owned());
    }
    if let Some(days) = days(&counts) {
        parts.push(w.a("deadline-counted", "days", days).into_owned());
    }
    if !explanation.hours.is_empty() {
        let runs: Vec<String> = explanation.hours.iter().map(|run| hours_run_words(w, run)).collect();
        parts.push(runs.join(&w.t("list-comma")));
    }
    parts.push(w.a("deadline-until", "at", clock(deadline.at, zone)).into_owned());
    if deadline.beyond_known {
        parts.push(w.a("deadline-beyond-known", "day", explanation.known_until.to_string()).into_owned());
    }
    parts.join(&w.t("list-semicolon"))
}

/// `11-18 10:05`; the year is the page's matter, a deadline is near.
fn clock(at: Instant, zone: &TimeZone) -> String {
    at.to_timestamp().to_zoned_datetime(zone.clone()).strftime("%m-%d %H:%M").to_string()
}

fn run_words(w: Words, run: &DayRun) -> String {
    let single = run.first == run.last;
    match &run.kind {
        DayRunKind::Weekend => dates(run, |date| w.a2("deadline-weekday", "day", day(date), "weekday", weekday(w, date)).into_owned(), w),
        DayRunKind::Holiday(name) if single => w.a2("deadline-holiday", "day", day(run.first), "name", name.clone()).into_owned(),
        DayRunKind::Holiday(name) => {
            w.with("deadline-holidays", &[("first", day(run.first)), ("last", day(run.last)), ("name", name.clone())]).into_owned()
        }
        DayRunKind::Worked(name) if single => w.a2("deadline-worked", "day", day(run.first), "name", name.clone()).into_owned(),
        DayRunKind::Worked(name) => {
            w.with("deadline-worked-days", &[("first", day(run.first)), ("last", day(run.last)), ("name", name.clone())]).into_owned()
        }
        DayRunKind::MakeUp(name) => {
            let dates = dates(run, |date| w.a2("deadline-weekday", "day", day(date), "weekday", weekday(w, date)).into_owned(), w);
            w.a2("deadline-make-up", "day", dates, "name", name.clone()).into_owned()
        }
    }
}

fn hours_run_words(w: Words, run: &HoursRun) -> String {
    let (name, hours) = (run.name.clone(), hours_words(w, &run.hours));
    if run.first == run.last {
        return w.with("deadline-hours-day", &[("day", day(run.first)), ("name", name), ("hours", hours)]).into_owned();
    }
    w.with("deadline-hours", &[("first", day(run.first)), ("last", day(run.last)), ("name", name), ("hours", hours)]).into_owned()
}

/// `08:00-12:00、15:00-18:00`
pub fn hours_words(w: Words, hours: &Hours) -> String {
    hours.to_string().replace(',', &w.t("list-comma"))
}

/// A share in permille as people read it: `50%`, `12.5%`.
pub fn share_words(permille: u16) -> String {
    if permille.is_multiple_of(10) { format!("{}%", permille / 10) } else { format!("{}.{}%", permille / 10, permille % 10) }
}

/// Each date of a run, which is short.
fn dates(run: &DayRun, each: impl Fn(Date) -> String, w: Words) -> String {
    let mut found = Vec::new();
    let mut date = run.first;
    while date <= run.last {
        found.push(each(date));
        let Ok(next) = date.tomorrow() else { break };
        date = next;
    }
    found.join(&w.t("list-comma"))
}

fn day(date: Date) -> String {
    date.strftime("%m-%d").to_string()
}

/// `周六`
pub fn weekday(w: Words, date: Date) -> String {
    let key = match date.weekday().to_monday_one_offset() {
        1 => "weekday-monday",
        2 => "weekday-tuesday",
        3 => "weekday-wednesday",
        4 => "weekday-thursday",
        5 => "weekday-friday",
        6 => "weekday-saturday",
        _ => "weekday-sunday",
    };
    w.t(key).into_owned()
}

/// Why a unit was proposed, in one sentence, from the reason that a case keeps as JSON; empty when it is none of ours.
pub fn reason_words(w: Words, directory: &Directory, json: &str) -> String {
    serde_json::from_str(json).map_or_else(|_| String::new(), |reason| words_of_reason(w, directory, &reason))
}

/// Why a unit is proposed, in one sentence.
pub fn words_of_reason(w: Words, directory: &Directory, reason: &Reason) -> String {
    let name = |id| directory.place(id).map_or_else(String::new, |place| place.name.clone());
    match reason {
        Reason::ResponsibilityRow { number, place, category } => {
            let category =
                category.as_deref().map_or_else(|| w.t("responsibility-any").into_owned(), |text| category_words(w, directory, text));
            w.with("reason-row", &[("number", number.to_string()), ("place", name(*place)), ("category", category)])
        }
        Reason::AnswersFor { place } => w.a("reason-answers-for", "place", name(*place)),
        Reason::Cooperative { community } => w.a("reason-cooperative", "community", name(*community)),
        Reason::CommunityOffice { community } => w.a("reason-community-office", "community", name(*community)),
    }
    .into_owned()
}

/// The categories that a row of responsibilities names: one item, a class, a kind.
pub fn category_words(w: Words, directory: &Directory, text: &str) -> String {
    if let Some(version) = crate::category::CategoryCode::parse(text).and_then(|code| directory.category_in_force(&code).cloned()) {
        return version.name;
    }
    let mut parts = text.split('-');
    let (kind, class) = (parts.next().unwrap_or(""), parts.next());
    let of_class =
        class.and_then(|class| directory.categories().find(|version| version.kind.as_str() == kind && version.class_code == class));
    match of_class {
        Some(version) => version.class_name.clone(),
        None if kind.is_empty() => w.t("responsibility-any").into_owned(),
        None => w.t(&format!("category-kind-{kind}")).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::calendar::{Calendar, Holidays, Hours};
    use web::Lang;

    fn say(lang: Lang, from: &str, limit: Limit) -> String {
        let calendar =
            Calendar::in_zone("Asia/Shanghai", Hours::office(), Holidays::parse_csv(crate::standards::HOLIDAYS).unwrap()).unwrap();
        let start = Instant::from_timestamp(format!("{from}+08:00").parse().unwrap());
        explain(Words::of(lang), calendar.zone(), &calendar.deadline(start, limit).unwrap())
    }

    #[test]
    fn a_deadline_over_a_weekend_names_the_days_left_out() {
        let limit = Limit::working_days(2).unwrap();
        assert_eq!(
            say(Lang::Chinese, "2026-11-20T10:05:00", limit),
            "限时 2 个工作日，自 11-20 10:05 起；11-21 周六、11-22 周日不计；至 11-24 17:30"
        );
        assert_eq!(
            say(Lang::English, "2026-11-20T10:05:00", limit),
            "Limit of 2 working days from 11-20 10:05; 11-21 Sat, 11-22 Sun not counted; until 11-24 17:30"
        );
    }

    #[test]
    fn the_spring_festival_and_its_make_up_days_are_named() {
        let said = say(Lang::Chinese, "2026-02-13T16:00:00", Limit::working_days(2).unwrap());
        assert_eq!(said, "限时 2 个工作日，自 02-13 16:00 起；02-15 至 02-23 春节放假不计；02-14 周六春节调休上班照计；至 02-24 17:30");
    }

    #[test]
    fn working_hours_say_when_the_clock_began() {
        let said = say(Lang::Chinese, "2026-11-18T20:10:00", Limit::working_hours(2).unwrap());
        assert_eq!(said, "限时 2 个工作小时，自 11-18 20:10 起；11-19 08:30 开始计时；至 11-19 10:30");
        let urgent = say(Lang::Chinese, "2026-11-18T20:10:00", Limit::urgent_hours(4).unwrap());
        assert_eq!(urgent, "限时 4 小时（不间断计时），自 11-18 20:10 起；至 11-19 00:10");
    }

    #[test]
    fn a_special_period_and_a_season_say_what_they_change() {
        use kernel::calendar::{Period, Season};
        let holidays = Holidays::parse_csv(crate::standards::HOLIDAYS).unwrap();
        let calendar = Calendar::in_zone("Asia/Shanghai", Hours::office(), holidays).unwrap();
        let season = Season {
            name: "夏季作息".into(),
            first: "06-01".parse().unwrap(),
            last: "09-30".parse().unwrap(),
            hours: "08:00-12:00,15:00-18:00".parse().unwrap(),
        };
        let period = Period {
            name: "春节保障".into(),
            first: "2026-02-10".parse().unwrap(),
            last: "2026-02-25".parse().unwrap(),
            hours: None,
            every_day: true,
            limit_permille: Some(500),
        };
        let calendar = calendar.with_special(vec![season], vec![period]).unwrap();
        let say = |lang, from: &str, limit| {
            let start = Instant::from_timestamp(format!("{from}+08:00").parse().unwrap());
            explain(Words::of(lang), calendar.zone(), &calendar.deadline(start, limit).unwrap())
        };
        assert_eq!(
            say(Lang::Chinese, "2026-02-14T10:00:00", Limit::working_days(4).unwrap()),
            "限时 4 个工作日，自 02-14 10:00 起；春节保障期间时限按 50% 计算，为 2 个工作日；02-14 周六春节调休上班、02-15 至 02-16 春节保障上班照计；至 02-16 17:30"
        );
        assert_eq!(
            say(Lang::English, "2026-07-03T17:30:00", Limit::working_hours(1).unwrap()),
            "Limit of 1 working hour from 07-03 17:30; 07-04 Sat, 07-05 Sun not counted; 07-03 to 07-06 hours of 夏季作息: 08:00-12:00, 15:00-18:00; until 07-06 08:30"
        );
        assert_eq!(
            say(Lang::Chinese, "2026-05-29T16:30:00", Limit::working_days(1).unwrap()),
            "限时 1 个工作日，自 05-29 16:30 起；05-30 周六、05-31 周日不计；06-01 夏季作息 08:00-12:00、15:00-18:00；至 06-01 18:00"
        );
    }

    #[test]
    fn beyond_the_announced_holidays_it_says_so() {
        let said = say(Lang::Chinese, "2026-12-30T09:00:00", Limit::working_days(5).unwrap());
        assert!(said.ends_with("2026-12-31 以后的节假日安排尚未公布，暂按普通周末计算"), "{said}");
    }
}
