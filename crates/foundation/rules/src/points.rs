//! Points in thousandths, so that a score is exact and the same on every machine.

use crate::Fault;
use serde::{Deserialize, Serialize};

/// A number of points, in thousandths of a point: `Points(500)` is half a point.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Points(pub i64);

impl Points {
    pub const ZERO: Points = Points(0);
    /// The most that a scheme may name, a million points; its negative is the least.
    pub const MOST: Points = Points(1_000_000 * Points::PER_POINT);
    const PER_POINT: i64 = 1000;

    /// Whole points; beyond [`Points::MOST`] they are cut off there.
    pub const fn whole(points: i64) -> Points {
        let most = Points::MOST.0 / Points::PER_POINT;
        let kept = if points > most {
            most
        } else if points < -most {
            -most
        } else {
            points
        };
        Points(kept * Points::PER_POINT)
    }
    /// Whether a scheme may name so many.
    pub const fn in_bounds(self) -> bool {
        -Points::MOST.0 <= self.0 && self.0 <= Points::MOST.0
    }
}

/// `numerator ÷ denominator`, halves away from zero. The denominator is positive.
pub(crate) fn divide(numerator: i128, denominator: i128) -> i128 {
    let (whole, left) = (numerator / denominator, numerator % denominator);
    // Not `2 × left`, which could overflow.
    if left.abs() >= denominator - left.abs() { whole + left.signum() } else { whole }
}

impl std::fmt::Display for Points {
    /// Decimal, without trailing zeros: `12`, `0.5`, `-1.25`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let thousandths = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, rest) = (thousandths / 1000, thousandths % 1000);
        let text = if rest == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{rest:03}").trim_end_matches('0').to_owned() };
        f.pad(&text)
    }
}

impl std::str::FromStr for Points {
    type Err = Fault;

    /// Reads `12`, `-0.5`, `1.250`: an optional sign, digits, at most three decimals.
    ///
    /// Errors: [`Fault::NotPoints`]; [`Fault::OutOfBounds`] beyond a million points.
    fn from_str(text: &str) -> Result<Points, Fault> {
        let (negative, digits) = match text.strip_prefix(['-', '+']) {
            Some(rest) => (text.starts_with('-'), rest),
            None => (false, text),
        };
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
        let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !all_digits(whole) || !all_digits(decimals) || decimals.len() > 3 {
            return Err(Fault::NotPoints);
        }
        // Too many digits for a number are too many points.
        let whole: i64 = whole.parse().map_err(|_| Fault::OutOfBounds)?;
        let decimals: i64 = format!("{decimals:0<3}").parse().map_err(|_| Fault::NotPoints)?;
        let thousandths = whole.checked_mul(1000).and_then(|whole| whole.checked_add(decimals)).ok_or(Fault::OutOfBounds)?;
        let points = Points(if negative { -thousandths } else { thousandths });
        if points.in_bounds() { Ok(points) } else { Err(Fault::OutOfBounds) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn points_are_read_as_people_write_them() {
        for (text, expected) in [
            ("0", Ok(0)),
            ("0.5", Ok(500)),
            ("12", Ok(12_000)),
            ("1.250", Ok(1250)),
            ("-0.05", Ok(-50)),
            ("+3", Ok(3000)),
            ("1000000", Ok(1_000_000_000)),
            ("1000000.001", Err(Fault::OutOfBounds)),
            ("99999999999999999999999", Err(Fault::OutOfBounds)),
            ("9223372036854775807", Err(Fault::OutOfBounds)),
            ("1.2345", Err(Fault::NotPoints)),
            ("", Err(Fault::NotPoints)),
            ("-", Err(Fault::NotPoints)),
            (".5", Err(Fault::NotPoints)),
            ("5.", Err(Fault::NotPoints)),
            ("1e3", Err(Fault::NotPoints)),
            ("--1", Err(Fault::NotPoints)),
        ] {
            assert_eq!(text.parse::<Points>(), expected.map(Points), "{text}");
        }
    }

    #[test]
    fn halves_are_rounded_away_from_zero() {
        for (numerator, denominator, expected) in
            [(1, 2, 1), (-1, 2, -1), (1, 3, 0), (-2, 3, -1), (5, 10, 1), (4, 10, 0), (7, 7, 1), (0, 9, 0)]
        {
            assert_eq!(divide(numerator, denominator), expected, "{numerator}/{denominator}");
        }
        assert_eq!(divide(i128::MAX, i128::MAX), 1);
        assert_eq!(divide(i128::MIN + 1, i128::MAX), -1);
    }

    proptest! {
        #[test]
        fn printed_points_are_read_again(thousandths in -1_000_000_000_i64..=1_000_000_000) {
            prop_assert_eq!(Points(thousandths).to_string().parse(), Ok(Points(thousandths)));
        }
        #[test]
        fn any_points_print_and_any_text_is_safe(thousandths: i64, text in ".*") {
            prop_assert!(!Points(thousandths).to_string().is_empty());
            let _ = text.parse::<Points>();
        }
    }
}
