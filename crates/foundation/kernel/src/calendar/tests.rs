//! The calendar against real weeks, and against a reference that looks at every single minute.

use super::*;
use jiff::civil::date;
use proptest::prelude::*;
use std::collections::BTreeMap;

const HOLIDAYS: &str = include_str!("../../../../../standards/calendar/china_holidays_2019_2026.csv");

fn shanghai() -> Calendar {
    Calendar::in_zone("Asia/Shanghai", Hours::office(), Holidays::parse_csv(HOLIDAYS).unwrap()).unwrap()
}

fn at(zone: &str, text: &str) -> Instant {
    let local: DateTime = text.parse().unwrap();
    Instant::from_timestamp(TimeZone::get(zone).unwrap().to_timestamp(local).unwrap())
}

fn beijing(text: &str) -> Instant {
    at("Asia/Shanghai", text)
}

#[track_caller]
fn expect(calendar: &Calendar, start: &str, limit: Limit, expected: &str) -> Deadline {
    let deadline = calendar.deadline(beijing(start), limit).unwrap();
    assert_eq!(
        calendar.zone().to_datetime(deadline.at.to_timestamp()).to_string(),
        beijing(expected).to_timestamp().to_zoned_datetime(calendar.zone().clone()).datetime().to_string()
    );
    deadline
}

#[test]
fn an_afternoon_before_the_spring_festival_runs_over_the_make_up_saturday() {
    // 2026: 14 February (Saturday) is worked, 15 to 23 February are off.
    let limit = Limit::working_hours(8).unwrap();
    let deadline = expect(&shanghai(), "2026-02-13T16:00", limit, "2026-02-14T16:30");
    assert_eq!(deadline.explanation.days.len(), 1);
    assert_eq!(
        deadline.explanation.days[0],
        DayRun { first: date(2026, 2, 14), last: date(2026, 2, 14), kind: DayRunKind::MakeUp("春节".into()) }
    );
    let minutes: Vec<u32> = deadline.explanation.counted.iter().map(|day| day.minutes).collect();
    assert_eq!(minutes, [90, 390]);
    // 80 % of 480 minutes is 384: 90 on Friday, 294 on Saturday (210 before noon, 84 after 13:30).
    assert_eq!(deadline.yellow_at, beijing("2026-02-14T14:54"));
    assert!(!deadline.beyond_known);
}

#[test]
fn the_holiday_is_left_out_with_its_name() {
    let deadline = expect(&shanghai(), "2026-02-14T17:00", Limit::working_hours(1).unwrap(), "2026-02-24T09:00");
    let kinds: Vec<&DayRunKind> = deadline.explanation.days.iter().map(|run| &run.kind).collect();
    assert_eq!(kinds, [&DayRunKind::MakeUp("春节".into()), &DayRunKind::Holiday("春节".into())]);
    assert_eq!((deadline.explanation.days[1].first, deadline.explanation.days[1].last), (date(2026, 2, 15), date(2026, 2, 23)));
}

#[test]
fn the_clock_begins_with_working_time_and_may_end_at_noon() {
    let deadline = expect(&shanghai(), "2026-03-07T22:00", Limit::working_minutes(210).unwrap(), "2026-03-09T12:00");
    assert_eq!(deadline.explanation.runs_from, beijing("2026-03-09T08:30"));
    assert_eq!(deadline.explanation.days[0].kind, DayRunKind::Weekend);
    assert_eq!((deadline.explanation.days[0].first, deadline.explanation.days[0].last), (date(2026, 3, 7), date(2026, 3, 8)));
}

#[test]
fn working_days_do_not_count_the_first_and_end_at_closing_time() {
    let calendar = shanghai();
    expect(&calendar, "2026-03-05T08:00", Limit::working_days(1).unwrap(), "2026-03-06T17:30");
    expect(&calendar, "2026-03-05T23:59", Limit::working_days(3).unwrap(), "2026-03-10T17:30");
    expect(&calendar, "2026-02-13T09:00", Limit::working_days(2).unwrap(), "2026-02-24T17:30");
}

#[test]
fn natural_days_and_urgent_hours_never_stop() {
    let calendar = shanghai();
    let deadline = expect(&calendar, "2026-02-14T10:00", Limit::natural_days(3).unwrap(), "2026-02-17T23:59:59");
    assert!(deadline.explanation.days.is_empty());
    let deadline = expect(&calendar, "2026-02-14T23:00", Limit::urgent_hours(2).unwrap(), "2026-02-15T01:00");
    assert_eq!(deadline.yellow_at, beijing("2026-02-15T00:36"));
}

#[test]
fn beyond_the_announced_holidays_the_answer_says_so() {
    let calendar = shanghai();
    assert_eq!(calendar.holidays().known_until(), date(2026, 12, 31));
    assert_eq!(calendar.holidays().known_from(), date(2019, 1, 1));
    let start = beijing("2026-12-30T16:00");
    assert!(!calendar.deadline(start, Limit::working_hours(8).unwrap()).unwrap().beyond_known);
    assert!(calendar.deadline(start, Limit::working_days(2).unwrap()).unwrap().beyond_known);
    assert!(!calendar.deadline(start, Limit::natural_days(30).unwrap()).unwrap().beyond_known, "needs no holidays");
    assert!(calendar.deadline(beijing("2018-03-01T09:00"), Limit::working_days(2).unwrap()).unwrap().beyond_known);
}

#[test]
fn two_make_up_days_of_different_holidays_do_not_join_and_weekends_split_around_holidays() {
    // Dragon Boat Festival 2026: Friday 19 to Sunday 21 June, all of them announced.
    let runs = shanghai().day_runs(date(2026, 6, 13), date(2026, 6, 27));
    let kinds: Vec<DayRunKind> = runs.into_iter().map(|run| run.kind).collect();
    assert_eq!(kinds, [DayRunKind::Weekend, DayRunKind::Holiday("端午节".into()), DayRunKind::Weekend]);
}

#[test]
fn hours_are_read_and_written() {
    for text in ["08:30-12:00,13:30-17:30", "00:00-24:00", "09:00-17:00"] {
        assert_eq!(text.parse::<Hours>().unwrap().to_string(), text);
    }
    for bad in ["", "8", "12:00-08:00", "08:00-12:00,11:00-13:00", "08:00-25:00", "08:60-09:00", "-1:00-2:00", "08:00-24:01"] {
        assert_eq!(bad.parse::<Hours>(), Err(CalendarError::Hours), "{bad}");
    }
    assert_eq!(Hours::office().minutes_a_day(), 450);
}

#[test]
fn a_bad_holiday_file_names_its_line() {
    let line = |text: &str| match Holidays::parse_csv(text) {
        Err(CalendarError::HolidayLine { line }) => line,
        other => panic!("{other:?}"),
    };
    assert_eq!(line("day,off\n"), 1);
    assert_eq!(line("date,day_off,name\n2026-01-01,yes,元旦\n2026-02-30,yes,春节\n"), 3);
    assert_eq!(line("date,day_off,name\n2026-01-01,maybe,元旦\n"), 2);
    assert_eq!(line("date,day_off,name\n2026-01-01,yes,元旦\n2026-01-01,no,元旦\n"), 3);
    assert_eq!(Holidays::parse_csv("date,day_off,name\n").unwrap(), Holidays::unknown());
}

#[test]
fn limits_of_nothing_or_of_centuries_are_refused() {
    assert!(Limit::working_hours(0).is_err());
    assert!(Limit::natural_days(3_661).is_err());
    assert!(Limit::working_hours(u32::MAX).is_err());
    assert!(serde_json::from_str::<Limit>(r#"{"unit":"working_days","amount":0}"#).is_err());
    let limit = Limit::working_days(3).unwrap();
    assert_eq!(serde_json::to_string(&limit).unwrap(), r#"{"unit":"working_days","amount":3}"#);
    assert_eq!(serde_json::from_str::<Limit>(&serde_json::to_string(&limit).unwrap()).unwrap(), limit);
}

#[test]
fn the_hour_that_is_skipped_is_not_worked_and_the_one_that_repeats_is_worked_twice() {
    let all_day = Calendar::in_zone("America/New_York", "00:00-24:00".parse().unwrap(), weekends_worked()).unwrap();
    let minutes = |from: &str, to: &str| all_day.working_minutes_between(at("America/New_York", from), at("America/New_York", to)).unwrap();
    assert_eq!(minutes("2015-03-08T00:00", "2015-03-09T00:00"), 23 * 60);
    assert_eq!(minutes("2015-11-01T00:00", "2015-11-02T00:00"), 25 * 60);
    assert_eq!(minutes("2015-11-02T00:00", "2015-11-01T00:00"), -25 * 60);
}

/// Every weekend day of 2015 a working day.
fn weekends_worked() -> Holidays {
    let mut days = BTreeMap::new();
    let mut day = date(2015, 1, 1);
    while day.year() == 2015 {
        days.insert(day, Day { kind: DayKind::MakeUp, name: "x".into() });
        day = day.tomorrow().unwrap();
    }
    Holidays::new(days, date(2015, 1, 1), date(2015, 12, 31))
}

// ---- the slow reference ----

pub(super) const MINUTE: i64 = MICROS_PER_MINUTE;

/// Whether the minute that begins at `t` is worked: reads the wall clock, nothing else.
fn slow_is_working(calendar: &Calendar, t: i64) -> bool {
    let local = calendar.zone().to_datetime(Timestamp::from_microsecond(t).unwrap());
    let working_day = match calendar.holidays().day(local.date()) {
        Some(Day { kind: DayKind::Off, .. }) => false,
        Some(Day { kind: DayKind::MakeUp, .. }) => true,
        None => !matches!(local.weekday(), Weekday::Saturday | Weekday::Sunday),
    };
    let minute = local.hour() as u16 * 60 + local.minute() as u16;
    working_day && calendar.hours().spans().any(|(open, close)| open <= minute && minute < close)
}

fn slow_add(calendar: &Calendar, start: i64, minutes: i64) -> i64 {
    let (mut t, mut left) = (start, minutes);
    while left > 0 {
        if slow_is_working(calendar, t) {
            left -= 1;
        }
        t += MINUTE;
    }
    t
}

fn slow_between(calendar: &Calendar, from: i64, to: i64) -> i64 {
    let mut t = from;
    let mut minutes = 0;
    while t < to {
        minutes += i64::from(slow_is_working(calendar, t));
        t += MINUTE;
    }
    minutes
}

/// Minute by minute to the first minute of each date: counts dates by watching them change.
fn slow_days(calendar: &Calendar, start: i64, days: u32, working_only: bool) -> Date {
    let date_at = |t: i64| calendar.zone().to_datetime(Timestamp::from_microsecond(t).unwrap()).date();
    let (mut t, mut date, mut left) = (start, date_at(start), days);
    while left > 0 {
        t += MINUTE;
        if date_at(t) != date {
            date = date_at(t);
            let off = match calendar.holidays().day(date) {
                Some(day) => day.kind == DayKind::Off,
                None => matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday),
            };
            left -= u32::from(!working_only || !off);
        }
    }
    date
}

const ZONES: [&str; 6] = ["Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Europe/London", "UTC"];

/// A calendar with odd hours and a scatter of days off and make-up days, and a minute near them, often near a clock change.
pub(super) fn situation() -> impl Strategy<Value = (Calendar, i64)> {
    let hours = prop::collection::btree_set(0u16..=1440, 2..=8).prop_map(|edges| {
        let edges: Vec<u16> = edges.into_iter().collect();
        Hours::new(&edges.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect::<Vec<_>>()).unwrap()
    });
    let hours = prop_oneof![Just(Hours::office()), hours];
    // Around the clock changes of New York and Lord Howe in 2015 and of Shanghai in 1988, and the Spring Festival of 2026.
    let day = prop_oneof![
        Just(date(2015, 3, 6)),
        Just(date(2015, 10, 30)),
        Just(date(2015, 4, 3)),
        Just(date(1988, 4, 15)),
        Just(date(2026, 2, 12)),
        (1950i16..2100, 1i8..=12, 1i8..=28).prop_map(|(year, month, day)| date(year, month, day)),
    ];
    let overrides = prop::collection::vec((0i64..12, any::<bool>()), 0..8);
    (0..ZONES.len(), hours, day, overrides, 0i64..3 * 1440).prop_map(|(zone, hours, day, overrides, minute)| {
        let days = overrides.into_iter().map(|(plus, off)| {
            let kind = if off { DayKind::Off } else { DayKind::MakeUp };
            (day.checked_add(plus.days()).unwrap(), Day { kind, name: "节".into() })
        });
        let holidays = Holidays::new(days.collect(), date(2019, 1, 1), date(2026, 12, 31));
        let calendar = Calendar::in_zone(ZONES[zone], hours, holidays).unwrap();
        let start = calendar.zone().to_timestamp(day.at(0, 0, 0, 0)).unwrap().as_microsecond() + minute * MINUTE;
        (calendar, start)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn working_minutes_agree_with_looking_at_every_minute((calendar, start) in situation(), minutes in 1u32..900) {
        let limit = Limit::working_minutes(minutes).unwrap();
        let deadline = calendar.deadline(Instant(start), limit).unwrap();
        prop_assert_eq!(deadline.at.micros(), slow_add(&calendar, start, minutes.into()));
        prop_assert_eq!(calendar.working_minutes_between(Instant(start), deadline.at).unwrap(), i64::from(minutes));
        let counted: u32 = deadline.explanation.counted.iter().map(|day| day.minutes).sum();
        prop_assert_eq!(counted, minutes);
        if minutes % 5 == 0 {
            prop_assert_eq!(deadline.yellow_at.micros(), slow_add(&calendar, start, i64::from(minutes) * 4 / 5));
        }
    }

    #[test]
    fn minutes_between_agree_with_counting((calendar, start) in situation(), length in 0i64..6 * 1440) {
        let end = start + length * MINUTE;
        let fast = calendar.working_minutes_between(Instant(start), Instant(end)).unwrap();
        prop_assert_eq!(fast, slow_between(&calendar, start, end));
        prop_assert_eq!(calendar.working_minutes_between(Instant(end), Instant(start)).unwrap(), -fast);
        prop_assert_eq!(calendar.is_working_time(Instant(start)).unwrap(), slow_is_working(&calendar, start));
    }

    #[test]
    fn days_agree_with_watching_the_date_change((calendar, start) in situation(), days in 1u32..8) {
        let zone = calendar.zone().clone();
        let local = |at: Instant| zone.to_datetime(at.to_timestamp());
        let natural = calendar.deadline(Instant(start), Limit::natural_days(days).unwrap()).unwrap();
        prop_assert_eq!(local(natural.at), slow_days(&calendar, start, days, false).at(23, 59, 59, 0));
        let working = calendar.deadline(Instant(start), Limit::working_days(days).unwrap()).unwrap();
        prop_assert_eq!(working.explanation.counted.last().unwrap().date, slow_days(&calendar, start, days, true));
        prop_assert_eq!(working.explanation.counted.len(), days as usize);
        // No working time is left on that date at the deadline.
        let last = working.explanation.counted.last().unwrap().date;
        let end_of_day = calendar.instant_at(last, 1440).unwrap();
        prop_assert_eq!(calendar.working_minutes_between(working.at, end_of_day.max(working.at)).unwrap(), 0);
    }

    #[test]
    fn any_instant_has_an_answer_or_a_clear_refusal(
        micros in prop_oneof![any::<i64>(), -62_200_000_000_000_000i64..-62_100_000_000_000_000, 253_300_000_000_000_000i64..253_500_000_000_000_000],
        unit in 0usize..4,
        amount in 1u32..3_000,
        permille in any::<u16>(),
        zone in 0..ZONES.len(),
    ) {
        let holidays = Holidays::parse_csv(HOLIDAYS).unwrap();
        let calendar = Calendar::in_zone(ZONES[zone], Hours::office(), holidays).unwrap();
        let unit = LimitUnit::ALL[unit];
        let limit = Limit::new(unit, amount.min(unit.max_amount())).unwrap();
        match calendar.deadline_with(Instant(micros), limit, permille) {
            Ok(deadline) => {
                prop_assert!(deadline.at.micros() >= micros);
                prop_assert!(deadline.yellow_at.micros() >= micros && deadline.yellow_at <= deadline.at);
                prop_assert!(deadline.explanation.start_date.year() >= 1);
            }
            Err(error) => prop_assert_eq!(error, CalendarError::OutOfRange),
        }
        prop_assert!(matches!(calendar.working_minutes_between(Instant(micros), Instant(micros.saturating_add(1_000_000_000_000))), Ok(_) | Err(CalendarError::OutOfRange)));
    }
}
