//! Seasons and special periods: on dates that people know, and against a reference that looks at every single minute.

use super::tests::{MINUTE, situation};
use super::*;
use jiff::civil::date;
use proptest::prelude::*;

const HOLIDAYS: &str = include_str!("../../../../../standards/calendar/china_holidays_2019_2026.csv");

fn hours(text: &str) -> Hours {
    text.parse().unwrap()
}

fn season(name: &str, first: &str, last: &str, text: &str) -> Season {
    Season { name: name.into(), first: first.parse().unwrap(), last: last.parse().unwrap(), hours: hours(text) }
}

fn period(name: &str, first: Date, last: Date) -> Period {
    Period { name: name.into(), first, last, hours: None, every_day: false, limit_permille: None }
}

/// An office with summer hours, and with the Spring Festival of 2026 worked through.
fn office() -> Calendar {
    let summer = season("夏季作息", "06-01", "09-30", "08:00-12:00,15:00-18:00");
    let festival = Period {
        hours: Some(hours("08:00-20:00")),
        every_day: true,
        limit_permille: Some(500),
        ..period("春节保障", date(2026, 2, 10), date(2026, 2, 25))
    };
    let plain = Calendar::in_zone("Asia/Shanghai", Hours::office(), Holidays::parse_csv(HOLIDAYS).unwrap()).unwrap();
    plain.with_special(vec![summer], vec![festival]).unwrap()
}

fn beijing(text: &str) -> Instant {
    let local: DateTime = text.parse().unwrap();
    Instant::from_timestamp(TimeZone::get("Asia/Shanghai").unwrap().to_timestamp(local).unwrap())
}

#[test]
fn summer_hours_come_back_every_year_and_end_with_their_last_day() {
    let calendar = office();
    for year in [2025, 2026] {
        assert_eq!(calendar.hours_on(date(year, 6, 1)).closes(), 18 * 60);
        assert_eq!(calendar.hours_on(date(year, 9, 30)).closes(), 18 * 60);
        assert_eq!(calendar.hours_on(date(year, 5, 31)).closes(), 17 * 60 + 30);
        assert_eq!(calendar.hours_on(date(year, 10, 1)).closes(), 17 * 60 + 30);
    }
    // Friday 29 May 16:30, two hours: one until 17:30, one on Monday 1 June, which begins at 8:00 by now.
    let deadline = calendar.deadline(beijing("2026-05-29T16:30"), Limit::working_hours(2).unwrap()).unwrap();
    assert_eq!(deadline.at, beijing("2026-06-01T09:00"));
    let run =
        HoursRun { first: date(2026, 6, 1), last: date(2026, 6, 1), hours: hours("08:00-12:00,15:00-18:00"), name: "夏季作息".into() };
    assert_eq!(deadline.explanation.hours, [run]);
    let days = calendar.deadline(beijing("2026-05-29T16:30"), Limit::working_days(1).unwrap()).unwrap();
    assert_eq!(days.at, beijing("2026-06-01T18:00"));
}

#[test]
fn a_season_over_new_year_holds_in_both_years() {
    let winter = season("冬季作息", "11-01", "02-29", "09:00-12:00,13:00-17:00");
    for (day, inside) in [
        (date(2025, 11, 1), true),
        (date(2026, 2, 28), true),
        (date(2026, 3, 1), false),
        (date(2025, 10, 31), false),
        (date(2024, 2, 29), true),
    ] {
        assert_eq!(winter.covers(day), inside, "{day}");
    }
    assert!(winter.overlaps(&season("x", "02-29", "03-05", "09:00-10:00")));
    assert!(!winter.overlaps(&season("x", "03-01", "10-31", "09:00-10:00")));
}

#[test]
fn a_period_that_works_every_day_counts_weekends_and_holidays_and_says_so() {
    let calendar = office();
    assert!(calendar.is_working_day(date(2026, 2, 17)) && calendar.is_working_time(beijing("2026-02-17T19:59")).unwrap());
    assert!(!calendar.is_working_time(beijing("2026-02-17T20:00")).unwrap());
    let deadline = calendar.deadline(beijing("2026-02-14T10:00"), Limit::working_days(4).unwrap()).unwrap();
    assert_eq!(deadline.at, beijing("2026-02-16T20:00"), "half of four days");
    let explanation = &deadline.explanation;
    let shortened = Shortened { period: "春节保障".into(), permille: 500, to: Limit::working_days(2).unwrap() };
    assert_eq!((explanation.limit, explanation.shortened.clone()), (Limit::working_days(4).unwrap(), Some(shortened)));
    let kinds: Vec<&DayRunKind> = explanation.days.iter().map(|run| &run.kind).collect();
    assert_eq!(kinds, [&DayRunKind::MakeUp("春节".into()), &DayRunKind::Worked("春节保障".into())]);
    assert_eq!(explanation.hours.len(), 1);
    assert_eq!(explanation.counted.len(), 2);
    let text = serde_json::to_string(&deadline).unwrap();
    assert_eq!(serde_json::from_str::<Deadline>(&text).unwrap(), deadline);
}

#[test]
fn limits_are_shortened_where_they_begin_and_never_to_nothing() {
    let calendar = office();
    let to =
        |start: &str, limit: Limit| calendar.deadline(beijing(start), limit).unwrap().explanation.shortened.map(|short| short.to.amount());
    assert_eq!(to("2026-02-09T23:59", Limit::working_days(4).unwrap()), None, "began before");
    assert_eq!(to("2026-02-26T00:00", Limit::working_days(4).unwrap()), None, "began after");
    assert_eq!(to("2026-02-25T23:59", Limit::working_days(5).unwrap()), Some(3), "rounded up");
    assert_eq!(to("2026-02-10T00:00", Limit::natural_days(1).unwrap()), None, "one stays one");
    assert_eq!(to("2026-02-10T00:00", Limit::urgent_hours(4).unwrap()), Some(2));
    assert_eq!(to("2026-02-10T00:00", Limit::working_minutes(90).unwrap()), Some(45));
}

#[test]
fn a_time_to_object_is_not_shortened() {
    let (calendar, start, limit) = (office(), beijing("2026-02-14T10:00"), Limit::natural_days(15).unwrap());
    assert_eq!(calendar.deadline(start, limit).unwrap().at, beijing("2026-02-22T23:59:59"));
    let full = calendar.deadline_in_full(start, limit, 800).unwrap();
    assert_eq!((full.at, full.explanation.shortened), (beijing("2026-03-01T23:59:59"), None));
}

#[test]
fn a_period_worked_through_needs_no_announced_holidays() {
    let far = Period { every_day: true, ..period("创城迎检", date(2027, 1, 1), date(2027, 1, 10)) };
    let calendar = office().with_special(Vec::new(), vec![far]).unwrap();
    let at = |start: &str, days| calendar.deadline(beijing(start), Limit::working_days(days).unwrap()).unwrap();
    assert!(!at("2026-12-31T09:00", 5).beyond_known);
    assert!(at("2026-12-31T09:00", 12).beyond_known);
}

#[test]
fn what_overlaps_or_is_unsound_is_refused() {
    let with = |seasons, periods| office().with_special(seasons, periods).map(drop);
    let one = season("a", "06-01", "09-30", "08:00-12:00");
    assert_eq!(with(vec![one.clone(), season("b", "09-30", "10-02", "08:00-12:00")], vec![]), Err(CalendarError::Overlap));
    assert_eq!(with(vec![one, season("b", "10-01", "05-31", "08:00-12:00")], vec![]), Ok(()));
    let first = period("a", date(2026, 1, 1), date(2026, 1, 5));
    assert_eq!(with(vec![], vec![period("b", date(2026, 1, 5), date(2026, 1, 6)), first.clone()]), Err(CalendarError::Overlap));
    assert_eq!(with(vec![], vec![period("b", date(2026, 1, 6), date(2026, 1, 6)), first.clone()]), Ok(()));
    assert_eq!(with(vec![], vec![period("b", date(2026, 1, 6), date(2026, 1, 5))]), Err(CalendarError::Period));
    assert_eq!(with(vec![], vec![Period { limit_permille: Some(0), ..first }]), Err(CalendarError::Period));
    for bad in ["", "6", "13-01", "02-30", "06-31", "-1-01", "06-001", "六-一"] {
        assert_eq!(bad.parse::<MonthDay>(), Err(CalendarError::Season), "{bad}");
    }
    assert_eq!("6-1".parse::<MonthDay>().unwrap().to_string(), "06-01");
}

// ---- the slow reference ----

/// Whether the minute that begins at `t` is worked: reads the wall clock and looks through the lists, nothing else.
fn slow_is_working(calendar: &Calendar, t: i64) -> bool {
    let local = calendar.zone().to_datetime(Timestamp::from_microsecond(t).unwrap());
    let date = local.date();
    let period = calendar.periods().iter().find(|period| period.first <= date && date <= period.last);
    let key = (date.month(), date.day());
    let season = calendar.seasons().iter().find(|season| {
        let text = |day: MonthDay| -> (i8, i8) {
            let text = day.to_string();
            (text[..2].parse().unwrap(), text[3..].parse().unwrap())
        };
        let (first, last) = (text(season.first), text(season.last));
        if first <= last { first <= key && key <= last } else { key >= first || key <= last }
    });
    let weekday = match calendar.holidays().day(date) {
        Some(Day { kind: DayKind::Off, .. }) => false,
        Some(Day { kind: DayKind::MakeUp, .. }) => true,
        None => !matches!(local.weekday(), Weekday::Saturday | Weekday::Sunday),
    };
    let works = weekday || period.is_some_and(|period| period.every_day);
    let own = period.and_then(|period| period.hours.as_ref()).or(season.map(|season| &season.hours));
    let minute = local.hour() as u16 * 60 + local.minute() as u16;
    works && own.unwrap_or(calendar.hours()).spans().any(|(open, close)| open <= minute && minute < close)
}

fn slow_add(calendar: &Calendar, start: i64, minutes: i64) -> i64 {
    let (mut t, mut left) = (start, minutes);
    while left > 0 {
        left -= i64::from(slow_is_working(calendar, t));
        t += MINUTE;
    }
    t
}

/// A situation with seasons and periods laid around its start.
fn special_situation() -> impl Strategy<Value = (Calendar, i64)> {
    let some_hours = || {
        prop_oneof![
            Just(Hours::office()),
            Just(hours("08:00-12:00,15:00-18:00")),
            Just(hours("00:00-24:00")),
            Just(hours("02:15-02:45,23:30-24:00")),
        ]
    };
    let one_period = (0i64..6, 0i64..5, prop::option::of(some_hours()), any::<bool>());
    let seasons = prop::option::of((-3i64..6, 0i64..8, some_hours()));
    (situation(), prop::collection::vec(one_period, 0..3), seasons).prop_map(|((calendar, start), periods, season)| {
        let begin = calendar.date_of(Instant(start)).unwrap();
        let mut next = begin.checked_sub(2.days()).unwrap();
        let mut made = Vec::new();
        for (gap, length, hours, every_day) in periods {
            let first = next.checked_add(gap.days()).unwrap();
            let last = first.checked_add(length.days()).unwrap();
            made.push(Period { hours, every_day, ..period("保障", first, last) });
            next = last.tomorrow().unwrap();
        }
        let season = season.map(|(from, length, hours)| {
            let first = begin.checked_add(from.days()).unwrap();
            let last = first.checked_add(length.days()).unwrap();
            Season { name: "季".into(), first: MonthDay::of(first), last: MonthDay::of(last), hours }
        });
        (calendar.with_special(season.into_iter().collect(), made).unwrap(), start)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn adding_agrees_with_looking_at_every_minute((calendar, start) in special_situation(), minutes in 1u32..1500) {
        let at = calendar.add_working_minutes(Instant(start), minutes).unwrap();
        prop_assert_eq!(at.micros(), slow_add(&calendar, start, minutes.into()));
        prop_assert_eq!(calendar.working_minutes_between(Instant(start), at).unwrap(), i64::from(minutes));
        let deadline = calendar.deadline(Instant(start), Limit::working_minutes(minutes).unwrap()).unwrap();
        prop_assert_eq!(deadline.at, at);
        prop_assert_eq!(deadline.explanation.counted.iter().map(|day| day.minutes).sum::<u32>(), minutes);
        // The explanation names every date whose hours are not the ordinary ones, and no other.
        for day in &deadline.explanation.counted {
            let told = deadline.explanation.hours.iter().find(|run| run.first <= day.date && day.date <= run.last);
            prop_assert_eq!(told.map_or(calendar.hours(), |run| &run.hours), calendar.hours_on(day.date));
        }
    }

    #[test]
    fn time_between_agrees_with_counting_and_adds_up((calendar, start) in special_situation(), a in 0i64..4 * 1440, b in 0i64..4 * 1440) {
        let (middle, end) = (start + a * MINUTE, start + (a + b) * MINUTE);
        let between = |from: i64, to: i64| calendar.working_minutes_between(Instant(from), Instant(to)).unwrap();
        let slow = (0..a + b).filter(|minute| slow_is_working(&calendar, start + minute * MINUTE)).count() as i64;
        prop_assert_eq!(between(start, end), slow);
        prop_assert_eq!(between(start, middle) + between(middle, end), between(start, end));
        prop_assert_eq!(calendar.is_working_time(Instant(middle)).unwrap(), slow_is_working(&calendar, middle));
    }

    #[test]
    fn adding_in_two_steps_is_adding_at_once_and_a_later_start_never_ends_earlier(
        (calendar, start) in special_situation(), a in 0u32..900, b in 0u32..900, later in 0i64..2 * 1440,
    ) {
        let at = Instant(start);
        let once = calendar.add_working_minutes(at, a + b).unwrap();
        let twice = calendar.add_working_minutes(calendar.add_working_minutes(at, a).unwrap(), b).unwrap();
        prop_assert_eq!(once, twice);
        prop_assert!(calendar.add_working_minutes(Instant(start + later * MINUTE), a).unwrap() >= calendar.add_working_minutes(at, a).unwrap());
        for days in 1..5 {
            let limit = Limit::working_days(days).unwrap();
            let ends = |start: i64| calendar.deadline(Instant(start), limit).unwrap().at;
            prop_assert!(ends(start + later * MINUTE) >= ends(start));
        }
    }
}
