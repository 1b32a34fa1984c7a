//! The error of the domain rules.
//!
//! A variant says which rule was broken and carries the offending value, except
//! where the value identifies a person: an IIN or a pseudonym never enters a text
//! that may be logged.

use chrono::NaiveDate;

use crate::ids::{Kato, NumberFault};
use crate::year::Year;

/// A value that breaks a rule of the domain.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DomainError {
    /// A reporting year outside 1950..=2100.
    #[error("year {value} is outside 1950..=2100")]
    YearOutOfRange {
        /// The refused year.
        value: i64,
    },
    /// An academic year not written as two consecutive years.
    #[error("academic year {text:?} is not of the form 2024/25")]
    AcademicYearText {
        /// The refused text.
        text: String,
    },
    /// A month not written as `2010-09`, or outside the range of years.
    #[error("month {text:?} is not of the form 2010-09")]
    YearMonthText {
        /// The refused text.
        text: String,
    },
    /// A comparison whose first year is not before the second.
    #[error("year {first} is not before year {second}")]
    UnorderedYears {
        /// The year that should be earlier.
        first: Year,
        /// The year that should be later.
        second: Year,
    },
    /// A code that is not in its closed list.
    #[error("{value:?} is not a member of {list}")]
    UnknownMember {
        /// The list.
        list: &'static str,
        /// The refused code.
        value: String,
    },
    /// A school grade outside 0..=12.
    #[error("grade {grade} is outside 0..=12")]
    GradeOutOfRange {
        /// The refused grade.
        grade: i64,
    },
    /// A region code that is not two digits.
    #[error("region code {value} is outside 0 and 10..=99")]
    RegionCode {
        /// The refused code.
        value: i64,
    },
    /// A KATO code that is not nine digits with a territorial region.
    #[error("KATO code {value:?} is not nine digits starting with 10..99")]
    KatoText {
        /// The refused text.
        value: String,
    },
    /// A BIN that fails one of its rules.
    #[error("BIN {value:?} {fault}")]
    Bin {
        /// The refused text; a BIN names an organisation, so it may be shown.
        value: String,
        /// The rule it breaks.
        fault: NumberFault,
    },
    /// An IIN that fails one of its rules. The number itself is never carried.
    #[error("IIN (not shown) {fault}")]
    Iin {
        /// The rule it breaks.
        fault: NumberFault,
    },
    /// A pseudonym that is not sixteen lower-case hexadecimal digits.
    ///
    /// The text is not carried: the wrong column may hold an IIN.
    #[error("pseudonym of {length} characters is not 16 lower-case hexadecimal digits")]
    PseudonymText {
        /// Characters found.
        length: usize,
    },
    /// A pseudonymisation key that is too short to be a secret.
    #[error("pseudonym key has {found} bytes, at least {minimum} are required")]
    KeyTooShort {
        /// Bytes found.
        found: usize,
        /// Bytes required.
        minimum: usize,
    },
    /// Two calendar entries that contradict each other.
    #[error("calendar lists {date} both as a working day and as a day off")]
    ContradictoryDay {
        /// The day.
        date: NaiveDate,
    },
    /// An interval whose end is before its start.
    #[error("interval from {from} to {to} ends before it starts")]
    InvertedInterval {
        /// First day.
        from: NaiveDate,
        /// Last day.
        to: NaiveDate,
    },
    /// An interval longer than working days are ever counted over.
    #[error("interval from {from} to {to} is longer than {limit} days")]
    IntervalTooLong {
        /// First day.
        from: NaiveDate,
        /// Last day.
        to: NaiveDate,
        /// Most days allowed.
        limit: i64,
    },
    /// A suspension of updates that is not wholly in October.
    #[error("suspension from {from} to {to} is not within one October")]
    SuspensionOutsideOctober {
        /// First day.
        from: NaiveDate,
        /// Last day.
        to: NaiveDate,
    },
    /// A suspension of updates with more working days than the law allows.
    #[error("suspension has {found} working days, at most {limit} are allowed")]
    SuspensionTooLong {
        /// Working days found.
        found: u32,
        /// Working days allowed.
        limit: u32,
    },
    /// A suspension announced too late.
    #[error("suspension from {from} was announced {found} working days ahead, {required} required")]
    NoticeTooShort {
        /// First day of the suspension.
        from: NaiveDate,
        /// Working days of notice.
        found: u32,
        /// Working days required.
        required: u32,
    },
    /// A decimal or a ratio that does not fit the exact representation.
    #[error("{value} does not fit {decimals} exact decimals")]
    DecimalOverflow {
        /// The value, as text.
        value: String,
        /// Decimals asked for.
        decimals: u8,
    },
    /// A surrogate key with two vintages on one day.
    #[error("unit {geo_id} has two vintages on one day")]
    DuplicateUnit {
        /// The surrogate key.
        geo_id: i32,
    },
    /// One code that means two units on the same day.
    #[error("KATO code {kato} means both unit {first} and unit {second} on {date}")]
    OverlappingUnits {
        /// The code.
        kato: Kato,
        /// The earlier unit.
        first: i32,
        /// The later unit.
        second: i32,
        /// The first day on which both are valid.
        date: NaiveDate,
    },
    /// A surrogate key that no unit has.
    #[error("no unit of territory has the key {geo_id}")]
    UnknownGeoId {
        /// The surrogate key.
        geo_id: i32,
    },
    /// A code that no vintage of the territory ever had.
    #[error("KATO code {kato} is unknown in every vintage")]
    UnknownKato {
        /// The code.
        kato: Kato,
    },
    /// A code that exists, but not on this date.
    #[error("KATO code {kato} is not valid on {date}; valid then: {}", list(valid_then))]
    KatoNotValid {
        /// The code.
        kato: Kato,
        /// The date.
        date: NaiveDate,
        /// Codes that covered the same territory on that date, else those of its region.
        valid_then: Vec<Kato>,
    },
    /// A total that has nothing to be divided by.
    #[error("{total} cannot be apportioned: no weight is above zero")]
    NoWeights {
        /// The total.
        total: i64,
    },
    /// A sum beyond the range of 64-bit integers.
    #[error("sum over unit {geo_id} exceeds 64 bits")]
    SumOverflow {
        /// The unit whose sum overflowed.
        geo_id: i32,
    },
    /// A scale of the synthetic country that is not in (0, 2].
    #[error("scale {value} is not above 0 and at most 2")]
    Scale {
        /// The refused scale.
        value: f64,
    },
    /// A synthetic country without territory to put organisations in.
    #[error("no unit of territory is valid on {date}")]
    NoTerritory {
        /// The date looked at.
        date: NaiveDate,
    },
    /// A unit of territory that ends and leaves its organisations nowhere.
    #[error("unit {kato} ends on {date} without a successor")]
    NoSuccessor {
        /// The unit that ends.
        kato: Kato,
        /// The day it ends.
        date: NaiveDate,
    },
    /// A unit of territory that ends with a successor that does not exist then.
    #[error("unit {kato} ends on {date} but its successor {successor} is not valid then")]
    MissingSuccessor {
        /// The unit that ends.
        kato: Kato,
        /// The day it ends.
        date: NaiveDate,
        /// The successor named for it.
        successor: Kato,
    },
}

fn list(codes: &[Kato]) -> String {
    if codes.is_empty() {
        return "none".to_owned();
    }
    let shown: Vec<String> = codes.iter().map(ToString::to_string).collect();
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts_carry_the_value_and_end_without_a_dot() {
        let error = DomainError::YearOutOfRange { value: 24 };
        assert_eq!(error.to_string(), "year 24 is outside 1950..=2100");
    }

    #[test]
    fn codes_valid_then_are_listed_or_named_none() {
        let kato = Kato::try_from(191_000_000).unwrap();
        let date = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap();
        let none = DomainError::KatoNotValid { kato, date, valid_then: Vec::new() };
        assert!(none.to_string().ends_with("valid then: none"));
        let one = DomainError::KatoNotValid { kato, date, valid_then: vec![kato, kato] };
        assert!(one.to_string().ends_with("valid then: 191000000, 191000000"));
    }

    proptest! {
        #[test]
        fn no_text_of_an_iin_error_shows_twelve_digits(text in "[0-9]{12}") {
            if let Err(error) = text.parse::<crate::ids::Iin>() {
                let shown = format!("{error} {error:?}");
                prop_assert!(!shown.contains(&text));
            }
        }
    }
}
