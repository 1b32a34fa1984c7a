//! Rows of S2.AGG: what education costs, in the budgets of districts, regions and the republic.
//!
//! Expenditure follows the learners that the plan expects, so that it grows with the country's
//! scale; what a learner costs depends on level, village, smallness and the means of the region.

use std::collections::BTreeMap;

use super::plan::{OrgPlan, Plan};
use crate::dimension::{Locality, Ownership};
use crate::ids::{Kato, RegionCode};
use crate::level::{Composite, Level, LevelCode};
use crate::records::{Aggregate, Code, OrgGroup, PopulationStatus, RepublicOr, TotalOr};
use crate::year::Year;

/// Levels that budgets name.
const LEVELS: [LevelCode; 3] = [
    LevelCode::Single(Level::PreSchool),
    LevelCode::Composite(Composite::School),
    LevelCode::Single(Level::Tve),
];
const ALL: LevelCode = LevelCode::Composite(Composite::All);

/// Keys of chance that nothing else uses.
const DICE: u64 = 900;

/// What is spent on one level in one unit.
#[derive(Debug, Clone, Copy, Default)]
struct Spending {
    current: i64,
    staff: i64,
    order: i64,
    private_order: i64,
}

impl Spending {
    fn add(&mut self, other: Self) {
        self.current += other.current;
        self.staff += other.staff;
        self.order += other.order;
        self.private_order += other.private_order;
    }

    /// What a unit spends in all where its parts spend this: some things are paid one tier up.
    fn with(mut self, permille: i64) -> Self {
        self.current += self.current * permille / 1000;
        self.staff += self.staff * permille / 2000;
        self
    }
}

/// Spending by level, in the order of [`LEVELS`].
type Levels = [Spending; 3];

/// Published finance of a year: rows of one region and its districts, or of the republic.
pub(super) fn finance(plan: &Plan, year: Year, region: RegionCode) -> Vec<Aggregate> {
    let regions = by_region(plan, year);
    // The budget of the last year is still being spent.
    let is_last = year == plan.options.last_year;
    let status = if is_last { PopulationStatus::Preliminary } else { PopulationStatus::Final };
    let mut table = Table { year, status, rows: Vec::new() };
    let Some(kato) = region.kato() else {
        table.republic(plan, &regions);
        return table.rows;
    };
    let Some(districts) = regions.get(&region) else {
        return Vec::new();
    };
    table.levels(Some(kato), &total(districts.values(), 60));
    table.economy(Some(kato), economy(plan, year, region, districts));
    for (district, levels) in districts.iter().filter(|(district, _)| !district.is_region()) {
        table.levels(Some(*district), levels);
    }
    table.rows
}

/// Spending of the districts of every region.
fn by_region(plan: &Plan, year: Year) -> BTreeMap<RegionCode, BTreeMap<Kato, Levels>> {
    let mut regions: BTreeMap<RegionCode, BTreeMap<Kato, Levels>> = BTreeMap::new();
    for org in plan.orgs.iter().filter(|org| org.works_in(i32::from(year))) {
        let district = plan.district(org, year);
        let levels = regions.entry(district.region()).or_default().entry(district).or_default();
        let level = match org.group() {
            OrgGroup::PreSchool => 0,
            OrgGroup::School => 1,
            OrgGroup::College => 2,
        };
        levels[level].add(spending(plan, org, year, district));
    }
    regions
}

/// What the budget spends on one organisation in a year.
fn spending(plan: &Plan, org: &OrgPlan, year: Year, district: Kato) -> Spending {
    let learner = match org.group() {
        OrgGroup::PreSchool => 520_000,
        OrgGroup::School => 560_000,
        OrgGroup::College => 690_000,
    };
    let village = if org.locality == Locality::Rural { 120 } else { 0 };
    let small = if org.is_small { 450 } else { 0 };
    let means = i64::from(plan.traits(org).wealth) / 10;
    let habit = i64::from(plan.dice.permille(u64::from(district.get()), DICE)) / 5 - 100;
    let years = i64::from(i32::from(year) - plan.first_year());
    let growth = prices(plan, year) + years * 20;
    let size = i64::from(plan.size(org, i32::from(year)));
    let full = size * learner / 1000 * (1000 + village + small + means + habit) / 1000 * growth;
    // Private organisations are paid by the head, and most of it comes from parents in colleges.
    let is_private = org.ownership == Ownership::Private;
    let current = match (is_private, org.group()) {
        (true, OrgGroup::College) => full * 3 / 10,
        (true, _) => full * 8 / 10,
        (false, _) => full,
    };
    let staff = if is_private { 0 } else { current * (690 + i64::from(org.shifts) * 15) / 1000 };
    let private_order = if is_private { current } else { 0 };
    Spending { current, staff, order: current, private_order }
}

/// Consumer price index of the republic, permille of the first year.
fn prices(plan: &Plan, year: Year) -> i64 {
    (plan.first_year() + 1..=i32::from(year)).fold(1000, |index, at| {
        let rise = 55 + i64::from(plan.dice.permille(u64::from(at.unsigned_abs()), DICE + 1)) * 95 / 1000;
        index * (1000 + rise) / 1000
    })
}

fn total<'a>(parts: impl Iterator<Item = &'a Levels>, permille: i64) -> Levels {
    let mut sum = Levels::default();
    for part in parts {
        for (level, spending) in sum.iter_mut().zip(part) {
            level.add(*spending);
        }
    }
    sum.map(|spending| spending.with(permille))
}

/// The economy around the budget of education.
#[derive(Debug, Clone, Copy, Default)]
struct Economy {
    /// Education, capital expenditure included.
    education: i64,
    government: i64,
    product: i64,
    inhabitants: i64,
}

/// Economy of a region: richer regions spend less of their product on education.
fn economy(plan: &Plan, year: Year, region: RegionCode, districts: &BTreeMap<Kato, Levels>) -> Economy {
    let levels = total(districts.values(), 60);
    let current: i64 = levels.iter().map(|spending| spending.current).sum();
    let draw = |topic: u64| i64::from(plan.dice.permille(u64::from(region.get()), DICE + topic));
    let education = current * (1120 + draw(2) * 80 / 1000) / 1000;
    let learners: i64 = plan
        .orgs
        .iter()
        .filter(|org| org.works_in(i32::from(year)) && plan.district(org, year).region() == region)
        .map(|org| i64::from(plan.size(org, i32::from(year))))
        .sum();
    Economy {
        education,
        government: education * 1000 / (190 + draw(3) * 90 / 1000),
        product: education * 1000 / (34 + draw(4) * 34 / 1000),
        inhabitants: learners * 34 / 10,
    }
}

/// Rows being collected.
struct Table {
    year: Year,
    status: PopulationStatus,
    rows: Vec<Aggregate>,
}

impl Table {
    fn republic(&mut self, plan: &Plan, regions: &BTreeMap<RegionCode, BTreeMap<Kato, Levels>>) {
        let sums: Vec<Levels> = regions.values().map(|districts| total(districts.values(), 60)).collect();
        self.levels(None, &total(sums.iter(), 40));
        let mut whole = Economy::default();
        for (region, districts) in regions {
            let part = economy(plan, self.year, *region, districts);
            whole.education += part.education * 1040 / 1000;
            whole.government += part.government * 12 / 10;
            whole.product += part.product;
            whole.inhabitants += part.inhabitants;
        }
        self.economy(None, whole);
        self.add(None, "cpi", ALL, None, prices(plan, self.year), "index");
    }

    fn levels(&mut self, kato: Option<Kato>, levels: &Levels) {
        for (level, spending) in LEVELS.into_iter().zip(levels).filter(|(_, spent)| spent.current > 0) {
            self.add(kato, "expenditure_current", level, None, spending.current, "kzt");
            self.add(kato, "staff_compensation", level, None, spending.staff, "kzt");
            self.add(kato, "state_order_payments", level, None, spending.order, "kzt");
            let private = Some(Ownership::Private);
            self.add(kato, "state_order_payments", level, private, spending.private_order, "kzt");
        }
    }

    fn economy(&mut self, kato: Option<Kato>, economy: Economy) {
        self.add(kato, "expenditure", ALL, None, economy.education, "kzt");
        self.add(kato, "government_expenditure", ALL, None, economy.government, "kzt");
        self.add(kato, "grp", ALL, None, economy.product, "kzt");
        self.add(kato, "grp_per_capita", ALL, None, economy.product / economy.inhabitants.max(1), "kzt");
    }

    fn add(
        &mut self,
        kato: Option<Kato>,
        series: &'static str,
        level: LevelCode,
        ownership: Option<Ownership>,
        value: i64,
        unit: &'static str,
    ) {
        self.rows.push(Aggregate {
            year: self.year,
            kato: RepublicOr(kato),
            series: Code::Borrowed(series),
            level,
            sex: TotalOr(None),
            locality: TotalOr(None),
            language: TotalOr(None),
            ownership: TotalOr(ownership),
            study_form: TotalOr(None),
            grade: -1,
            value: Some(value),
            unit: Code::Borrowed(unit),
            flag: Code::Borrowed("ok"),
            publisher: Code::Borrowed("bilim"),
            edition: Code::Borrowed("synthetic"),
            published_on: Some(self.year.date(9, 15)),
            status: self.status,
        });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;
    use crate::generator::{Country, Options, Place};
    use crate::records::{Form, Record};

    fn country() -> Country {
        let place = |kato: i32, weight| Place {
            kato: Kato::try_from(kato).unwrap(),
            name: String::new(),
            region_name: String::new(),
            is_urban: kato % 10_000_000 < 3_000_000,
            weight,
            valid_from: None,
            valid_to: None,
            successors: Vec::new(),
        };
        let places = [place(111_000_000, 25), place(113_200_000, 20), place(751_000_000, 90)];
        Country::new(&Options::new(11, 0.002), &places).unwrap()
    }

    fn budget(country: &Country, year: Year) -> BTreeMap<(Option<Kato>, String, &'static str, bool), i64> {
        let regions = country.regions(year, Form::Aggregate);
        let rows = regions.into_iter().flat_map(|region| country.records(year, region, Form::Aggregate));
        rows.map(|record| {
            let Record::Aggregate(row) = record else { panic!("{record:?} is no aggregate") };
            let key = (row.kato.0, row.series.into_owned(), row.level.code(), row.ownership.0.is_some());
            (key, row.value.unwrap())
        })
        .collect()
    }

    #[test]
    fn a_unit_spends_what_its_parts_spend_and_more() {
        let country = country();
        for value in 2019..=2024 {
            let year = Year::try_from(value).unwrap();
            let budget = budget(&country, year);
            let school = |kato: Option<i32>| {
                let kato = kato.map(|code| Kato::try_from(code).unwrap());
                budget[&(kato, "expenditure_current".to_owned(), "school", false)]
            };
            let akmola = school(Some(110_000_000));
            assert!(akmola > school(Some(111_000_000)) + school(Some(113_200_000)));
            assert!(school(None) > akmola + school(Some(750_000_000)));
        }
    }

    #[test]
    fn shares_are_plausible() {
        let budget = budget(&country(), Year::try_from(2024).unwrap());
        let of = |series: &str, level, is_private| {
            let amount = budget[&(None, series.to_owned(), level, is_private)];
            i32::try_from(amount / 1_000_000).map(f64::from).unwrap()
        };
        let education = of("expenditure", "all", false);
        assert!((0.03..0.08).contains(&(education / of("grp", "all", false))));
        assert!((0.12..0.30).contains(&(education / of("government_expenditure", "all", false))));
        let staff = of("staff_compensation", "school", false) / of("expenditure_current", "school", false);
        assert!((0.45..0.80).contains(&staff), "{staff}");
        let private = of("state_order_payments", "pre_school", true);
        assert!(private < of("state_order_payments", "pre_school", false));
    }
}
