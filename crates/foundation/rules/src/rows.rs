//! One row made ready: its conditions and points checked against the columns of what it applies to.

use crate::checking::Report;
use crate::scheme::{MAX_CONDITIONS, MAX_NAME, MAX_VALUES};
use crate::table::{Ask, Check, Kind, Ready, Slot, Worth};
use crate::{Cell, ColumnType, Condition, Fault, Part, Points, Problem, Row, Sign, Test, Value, Vocabulary, Where};

/// The row in terms of the kind's columns; what cannot be is reported, and the result is of no use then.
pub(crate) fn ready(index: usize, row: &Row, kind: &mut Kind, vocabulary: &Vocabulary, report: &mut Report) -> Ready {
    let at = |cell| Where::new(Part::Row, index, cell);
    let mut checks = Vec::with_capacity(row.conditions.len());
    let conditions = at(Cell::Conditions);
    if row.conditions.len() > MAX_CONDITIONS {
        let problem = Problem::new(conditions, Fault::TooMany).arg("max", MAX_CONDITIONS).arg("found", row.conditions.len());
        report.say(problem);
    }
    for condition in row.conditions.iter().take(MAX_CONDITIONS) {
        match slot(kind, &condition.column) {
            Some(slot) => match ask(condition, &mut kind.columns[slot]) {
                Ok(ask) => checks.push(Check { slot, ask }),
                Err(problem) => report.say(Problem { at: conditions, ..problem }),
            },
            None => report.say(Problem::new(conditions, Fault::UnknownColumn).arg("name", &condition.column)),
        }
    }
    let worth = worth(row, kind, at(Cell::Worth), report);
    if let Some(measure) = &row.normalise {
        let at = at(Cell::Normalise);
        if kind.is_rate {
            report.say(Problem::new(at, Fault::WrongForm));
        } else if !vocabulary.measures.iter().any(|known| known.name == *measure) {
            report.say(Problem::new(at, Fault::UnknownMeasure).arg("name", measure));
        }
    }
    let mut cap_each = None;
    if let Some(cap) = &row.cap {
        let at = at(Cell::Cap);
        report.points(at, cap.most, Points::ZERO);
        if let Some(column) = &cap.each {
            cap_each = slot(kind, column);
            match cap_each.map(|slot| &kind.columns[slot].of) {
                Some(ColumnType::Code { .. }) => {}
                Some(_) => report.say(Problem::new(at, Fault::WrongType).arg("column", column)),
                None => report.say(Problem::new(at, Fault::UnknownColumn).arg("name", column)),
            }
        }
    }
    Ready { index, checks, worth, negative: row.sign == Sign::Deduct, cap_each }
}

fn slot(kind: &Kind, column: &str) -> Option<usize> {
    kind.columns.iter().position(|slot| slot.name == column)
}

/// The condition as a comparison of numbers.
///
/// Errors: the problem, whose cell the caller knows.
fn ask(condition: &Condition, slot: &mut Slot) -> Result<Ask, Problem> {
    let problem = |fault| Problem::new(Where::new(Part::Row, 0, Cell::Conditions), fault).arg("column", &condition.column);
    let is_int = matches!(slot.of, ColumnType::Int { .. });
    let range = |low: Option<i64>, high: Option<i64>| match (is_int, low, high) {
        (false, ..) => Err(problem(Fault::WrongType)),
        (true, Some(low), Some(high)) => Ok(Ask::Range { low, high, inside: true }),
        // Below the least or above the greatest number there is nothing.
        (true, ..) => Ok(Ask::Range { low: 1, high: 0, inside: true }),
    };
    let mut named = |value: &Value| {
        if matches!(value, Value::Code(code) if code.chars().count() > MAX_NAME) {
            return Err(problem(Fault::TooLong).arg("max", MAX_NAME));
        }
        slot.named(value).map_err(|fault| match fault {
            Fault::UnknownCode => problem(fault).arg("name", value),
            _ => problem(fault),
        })
    };
    let (least, greatest) = (Some(i64::MIN), Some(i64::MAX));
    match &condition.test {
        Test::Is(value) => named(value).map(|value| Ask::Range { low: value, high: value, inside: true }),
        Test::IsNot(value) => named(value).map(|value| Ask::Range { low: value, high: value, inside: false }),
        Test::Below(bound) => range(least, bound.checked_sub(1)),
        Test::AtMost(bound) => range(least, Some(*bound)),
        Test::Above(bound) => range(bound.checked_add(1), greatest),
        Test::AtLeast(bound) => range(Some(*bound), greatest),
        Test::Between(low, high) => range(Some(*low), Some(*high)),
        Test::In(values) | Test::NotIn(values) => {
            if values.len() > MAX_VALUES {
                return Err(problem(Fault::TooMany).arg("max", MAX_VALUES).arg("found", values.len()));
            }
            let mut values = values.iter().map(&mut named).collect::<Result<Vec<i64>, Problem>>()?;
            values.sort_unstable();
            values.dedup();
            Ok(Ask::Set { values, inside: matches!(condition.test, Test::In(_)) })
        }
        Test::Known => Ok(Ask::Known(true)),
        Test::Unknown => Ok(Ask::Known(false)),
    }
}

fn worth(row: &Row, kind: &Kind, at: Where, report: &mut Report) -> Worth {
    let mut number_column = |column: &str, never_negative: bool| {
        let slot = slot(kind, column);
        match slot.map(|slot| &kind.columns[slot].of) {
            Some(ColumnType::Int { min, .. }) if never_negative && *min < 0 => {
                report.say(Problem::new(at, Fault::MayBeNegative).arg("column", column));
            }
            Some(ColumnType::Int { .. }) => {}
            Some(_) => report.say(Problem::new(at, Fault::WrongType).arg("column", column)),
            None => report.say(Problem::new(at, Fault::UnknownColumn).arg("name", column)),
        }
        slot.unwrap_or(0)
    };
    let (worth, named) = match &row.worth {
        crate::Worth::Each(points) => (Worth::Each(points.0), vec![*points]),
        crate::Worth::Per { points, column } => (Worth::Per { points: points.0, slot: number_column(column, true) }, vec![*points]),
        crate::Worth::Steps { column, steps } => {
            let ready = steps.iter().take(MAX_VALUES).map(|step| (step.from, step.points.0)).collect();
            (Worth::Steps { slot: number_column(column, false), steps: ready }, steps.iter().map(|step| step.points).collect())
        }
        crate::Worth::Share(points) => (Worth::Share(points.0), vec![*points]),
        crate::Worth::Entered(points) => (Worth::Entered(points.0), vec![*points]),
    };
    if let crate::Worth::Steps { steps, .. } = &row.worth {
        if steps.is_empty() {
            report.say(Problem::new(at, Fault::Empty));
        } else if steps.len() > MAX_VALUES {
            report.say(Problem::new(at, Fault::TooMany).arg("max", MAX_VALUES).arg("found", steps.len()));
        }
        for pair in steps.windows(2).filter(|pair| pair[0].from >= pair[1].from).take(1) {
            report.say(Problem::new(at, Fault::OutOfOrder).arg("value", pair[1].from));
        }
    }
    let fits = match &row.worth {
        crate::Worth::Share(_) => kind.is_rate,
        crate::Worth::Entered(_) => kind.by_hand,
        _ => true,
    };
    if !fits {
        report.say(Problem::new(at, Fault::WrongForm));
    }
    if let Some(points) = named.into_iter().find(|points| *points < Points::ZERO || *points > Points::MOST) {
        report.points(at, points, Points::ZERO);
    }
    worth
}
