//! Which territory codes are valid in which year.

use std::collections::HashMap;
use std::sync::Arc;

use super::cells;
use super::error::IntakeError;

/// Validity of one code, in days since 1970-01-01: from inclusive, to exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Period {
    from: i32,
    to: i32,
}

impl Period {
    fn holds(self, day: i32) -> bool {
        self.from <= day && day < self.to
    }
}

/// The answer for one code on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// In force.
    Valid,
    /// Known, but on other dates; the code that the same unit has on the day, if it exists then.
    OtherDate(Option<i32>),
    /// Never in force.
    Unknown,
}

/// The register of territory codes with their dates (`datasets/reference/geo.csv`).
#[derive(Debug, Clone, Default)]
pub struct TerritoryCheck {
    codes: HashMap<i32, Vec<(Arc<str>, Period)>>,
    units: HashMap<Arc<str>, Vec<(i32, Period)>>,
}

impl TerritoryCheck {
    /// Read the register: a CSV with the columns `geo_id`, `kato`, `valid_from`, `valid_to`
    /// (first day out of force, empty = in force); lines before the header start with `#`.
    /// Codes that are no numbers (`KZ`) are left out.
    ///
    /// # Errors
    /// [`IntakeError::Territory`] naming the line that cannot be understood.
    pub fn from_csv(csv: &[u8]) -> Result<Self, IntakeError> {
        let fail = |line: u64, message: String| IntakeError::Territory { line, message };
        let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(csv);
        let header = reader.headers().map_err(|error| fail(1, error.to_string()))?.clone();
        let column = |name: &str| {
            let at = header.iter().position(|cell| cell == name);
            at.ok_or_else(|| fail(1, format!("there is no column {name}")))
        };
        let (geo_id, kato) = (column("geo_id")?, column("kato")?);
        let (valid_from, valid_to) = (column("valid_from")?, column("valid_to")?);
        let mut check = Self::default();
        for record in reader.records() {
            let record = record.map_err(|error| fail(0, error.to_string()))?;
            let line = record.position().map_or(0, csv::Position::line);
            let Ok(code) = record[kato].parse::<i32>() else { continue };
            let day = |text: &str, open: i32| match text {
                "" => Ok(open),
                text => cells::date(text.as_bytes()).map_err(|_| fail(line, format!("`{text}` is no date"))),
            };
            check.insert(
                &record[geo_id],
                code,
                day(&record[valid_from], i32::MIN)?,
                day(&record[valid_to], i32::MAX)?,
            );
        }
        Ok(check)
    }

    /// Add a code of a unit, in force from `from` until the day before `to` (days since 1970-01-01).
    pub fn insert(&mut self, unit: &str, kato: i32, from: i32, to: i32) {
        let unit: Arc<str> = Arc::from(unit);
        let period = Period { from, to };
        self.units.entry(Arc::clone(&unit)).or_default().push((kato, period));
        self.codes.entry(kato).or_default().push((unit, period));
    }

    /// 1 October of a reporting year, in days since 1970-01-01: the day as of which codes are judged.
    #[must_use]
    pub fn day_of(year: i32) -> i32 {
        cells::days(year, 10, 1).unwrap_or(0)
    }

    /// Standing of a code on a day.
    #[must_use]
    pub fn standing(&self, kato: i32, day: i32) -> Standing {
        let Some(periods) = self.codes.get(&kato) else { return Standing::Unknown };
        if periods.iter().any(|(_, period)| period.holds(day)) {
            return Standing::Valid;
        }
        let then = periods
            .iter()
            .filter_map(|(unit, _)| self.units.get(unit))
            .flatten()
            .find(|(_, period)| period.holds(day))
            .map(|(code, _)| *code);
        Standing::OtherDate(then)
    }

    /// Standing of a settlement's code: the register ends at districts, so its district or city decides.
    #[must_use]
    pub fn standing_below(&self, kato: i32, day: i32) -> Standing {
        let mut answer = Standing::Unknown;
        // Settlement, rural district, city under a district, district; a bare region says nothing.
        for unit in [1, 1_000, 10_000, 100_000] {
            match self.standing(kato / unit * unit, day) {
                Standing::Valid => return Standing::Valid,
                found @ Standing::OtherDate(_) if answer == Standing::Unknown => answer = found,
                _ => {}
            }
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) const GEO: &str = "# source
geo_id,kato,tier,valid_from,valid_to
1,KZ,republic,1991-12-16,
10,100000000,region,2022-06-08,
632800,632800000,district,1997-01-01,2022-06-08
632800,101000000,district,2022-06-08,
191000,191000000,district,1997-01-01,2022-06-08
191600,191000000,district,2022-06-08,
191600,191600000,district,1997-01-01,2022-06-08
191000,331000000,district,2022-06-08,
7,777000000,district,1997-01-01,2000-01-01
";

    #[test]
    fn codes_are_judged_on_the_first_of_october() {
        let check = TerritoryCheck::from_csv(GEO.as_bytes()).expect("a register");
        let on = |kato, year| check.standing(kato, TerritoryCheck::day_of(year));
        assert_eq!(on(632_800_000, 2021), Standing::Valid);
        assert_eq!(on(632_800_000, 2022), Standing::OtherDate(Some(101_000_000)));
        assert_eq!(on(101_000_000, 2021), Standing::OtherDate(Some(632_800_000)));
        assert_eq!(on(100_000_000, 2024), Standing::Valid);
        assert_eq!(on(777_000_000, 2024), Standing::OtherDate(None));
        assert_eq!(on(123_456_789, 2024), Standing::Unknown);
        // One code, two units, one after the other.
        assert_eq!(on(191_000_000, 2021), Standing::Valid);
        assert_eq!(on(191_000_000, 2024), Standing::Valid);
    }

    #[test]
    fn settlements_follow_their_district() {
        let check = TerritoryCheck::from_csv(GEO.as_bytes()).expect("a register");
        let on = |kato, year| check.standing_below(kato, TerritoryCheck::day_of(year));
        assert_eq!(on(101_035_100, 2024), Standing::Valid);
        assert_eq!(on(632_835_100, 2024), Standing::OtherDate(Some(101_000_000)));
        assert_eq!(on(129_035_100, 2024), Standing::Unknown);
    }

    #[test]
    fn a_broken_register_names_its_line() {
        let broken = "geo_id,kato,valid_from,valid_to\n1,110000000,yesterday,\n";
        let error = TerritoryCheck::from_csv(broken.as_bytes()).expect_err("no date");
        assert_eq!(error.to_string(), "register of territories, line 2: `yesterday` is no date");
        assert!(TerritoryCheck::from_csv(b"a,b\n").is_err());
    }
}
