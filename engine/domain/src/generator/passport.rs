//! Rows of S1.ORG, S1.INFRA and REG.AUTHORITY.

use std::collections::BTreeSet;

use super::dice::{Topic, below, permille};
use super::life::date;
use super::plan::{OrgPlan, Plan, bin};
use super::territory::{Place, valid_in};
use crate::dimension::{Locality, Ownership};
use crate::ids::RegionCode;
use crate::records::{
    Authority, AuthorityKind, BuildingState, Hundredths, Infrastructure, OrgGroup, OrgType, Organisation,
    RepublicOr,
};
use crate::year::Year;

/// Row of S1.ORG.
pub(super) fn organisation(plan: &Plan, index: u32, year: Year) -> Organisation {
    let org = plan.org(index);
    let words = plan.dice.blocks(Topic::Organisation, index, 1).next();
    let district = plan.district(org, year);
    let (name_kk, name_ru, name_en) = names(org);
    let closed = org.closed.filter(|closed| *closed <= i32::from(year));
    // Places are those of one shift: more shifts mean fewer places.
    let crowding = 700 + below(words[0], 550);
    let sharing = [10, 10, 15, 19][usize::from(org.shifts.min(3))];
    let places = u64::from(org.size) * 10_000 / u64::from(crowding) / sharing;
    let wealth = plan.traits(org).wealth;
    let age = i32::from(year) - org.first_autumn();
    let is_college = org.group() == OrgGroup::College;
    // Conditions for inclusion are made year by year: the draw stays, the bar sinks.
    let passed = u32::try_from(i32::from(year) - plan.first_year()).unwrap_or(0);
    let conditions = 420 + wealth / 8 + passed * 50;
    Organisation {
        year,
        district,
        org_bin: org.bin,
        org_type: org.org_type,
        ownership: org.ownership,
        department: (org.ownership == Ownership::State).then(|| "education".to_owned()),
        name_kk: Some(name_kk),
        name_ru,
        name_en: Some(name_en),
        settlement: Some(district),
        locality: org.locality,
        language: org.language,
        shifts: org.shifts,
        design_capacity: i32::try_from(places.max(10)).unwrap_or(20_000).min(20_000),
        is_small_class: org.is_small,
        is_support_school: Some(org.number == 1 && org.locality == Locality::Rural && org.intake > 0),
        building_state: Some(building_state(permille(words[1]), wealth, age)),
        opened: Some(org.opened),
        closed: closed.map(|closed| date(closed, 7, 1)),
        merged_into: closed.map(|_| plan.org(org.partner).bin),
        split_from: None,
        patron_count: is_college.then(|| i32::try_from(below(words[3], 6)).unwrap_or(0)),
        has_target_order: is_college.then_some(permille(words[4]) < 300),
        is_inclusive: Some(permille(words[5]) < conditions),
    }
}

fn building_state(draw: u32, wealth: u32, age: i32) -> BuildingState {
    let emergency = if age > 40 { 16 - wealth / 100 } else { 3 };
    match draw {
        _ if draw < emergency => BuildingState::Emergency,
        _ if draw < emergency + 130 => BuildingState::Adapted,
        _ => BuildingState::Normal,
    }
}

fn names(org: &OrgPlan) -> (String, String, String) {
    let number = org.number;
    let (kk, ru, en) = match org.org_type {
        OrgType::Kindergarten => ("бөбекжай-балабақшасы", "Ясли-сад", "Kindergarten"),
        OrgType::MiniCentre => ("шағын орталығы", "Мини-центр", "Mini-centre"),
        OrgType::Primary => ("бастауыш мектебі", "Начальная школа", "Primary school"),
        OrgType::Basic => ("негізгі мектебі", "Основная школа", "Basic school"),
        OrgType::General => ("жалпы білім беретін мектебі", "Общеобразовательная школа", "General school"),
        OrgType::Lyceum => ("мектеп-лицейі", "Школа-лицей", "Lyceum"),
        OrgType::Gymnasium => ("мектеп-гимназиясы", "Школа-гимназия", "Gymnasium"),
        OrgType::Special => ("арнайы мектебі", "Специальная школа", "Special school"),
        OrgType::Boarding => ("мектеп-интернаты", "Школа-интернат", "Boarding school"),
        OrgType::Evening => ("кешкі мектебі", "Вечерняя школа", "Evening school"),
        OrgType::College => ("колледжі", "Колледж", "College"),
        OrgType::HigherCollege => ("жоғары колледжі", "Высший колледж", "Higher college"),
    };
    (format!("№ {number} {kk}"), format!("{ru} № {number}"), format!("{en} No. {number}"))
}

/// Row of S1.INFRA; equipment grows year by year.
pub(super) fn infrastructure(plan: &Plan, index: u32, year: Year) -> Infrastructure {
    let org = plan.org(index);
    let words = plan.dice.blocks(Topic::Organisation, index, 2).next();
    let traits = plan.traits(org);
    let passed = u32::try_from(i32::from(year) - plan.first_year()).unwrap_or(0);
    let is_urban = org.locality == Locality::Urban;
    let size = plan.size(org, i32::from(year));
    let means = traits.wealth / 10 + if is_urban { 60 } else { 0 } + passed * 12;
    // Once there, equipment stays: the draw is the same every year, the bar sinks.
    let has = |word: usize, base: u32| permille(words[word]) < (base + means).min(1000);
    let has_internet = has(0, 880);
    let mbps = (2 + below(words[1], 24)) * (10 + passed * 4 + means / 20) / 10;
    let per_computer = 16 - (means / 25).min(9) + below(words[2], 6);
    let computers = (size / per_computer).max(2);
    let recent = computers * (250 + below(words[3], 400) + passed * 20).min(1000) / 1000;
    let is_measured = has_internet && permille(words[4]) < 960;
    let textbooks = size * 9;
    let count = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    let rooms = org.last_grade >= 9 || org.group() == OrgGroup::College;
    Infrastructure {
        year,
        district: plan.district(org, year),
        org_bin: org.bin,
        has_electricity: has(5, 990),
        has_internet,
        measured_mbps: is_measured.then(|| Hundredths(count(mbps * 100 + below(words[6], 100)))),
        computers_teaching: count(computers),
        computers_recent: count(recent),
        has_physics_room: rooms && has(7, 420),
        has_chemistry_room: rooms && has(8, 400),
        has_biology_room: rooms && has(9, 400),
        has_stem_room: rooms && has(10, 120),
        textbooks_required: count(textbooks),
        textbooks_held: count(textbooks * (900 + below(words[11], 90) + passed.min(2) * 5) / 1000),
        has_drinking_water: has(12, 860),
        has_single_sex_toilets: has(13, 850),
        has_handwashing: has(14, 900),
        has_ramp: has(15, 500),
        has_canteen: has(6, 800),
        has_gym: has(2, 760),
        repair_year: (permille(words[3]) < 700)
            .then(|| u16::try_from(i32::from(year) - count(below(words[8], 18))).unwrap_or(2000)),
    }
}

/// Numbers of authorities, beyond those of organisations.
const DISTRICTS: u32 = 100_000;
const REGIONS: u32 = 200_000;
const MINISTRY: u32 = 300_000;
const AGENCY: u32 = 300_001;

/// Rows of REG.AUTHORITY of a region, or those of the whole republic.
pub(super) fn authorities(plan: &Plan, year: Year, region: RegionCode) -> Vec<Authority> {
    let authority =
        |index, kato, kind, name_ru: String, name_kk: Option<&str>, name_en: Option<&str>| Authority {
            year,
            bin: bin(index).expect("every index has a number"),
            kato: RepublicOr(kato),
            kind,
            name_kk: name_kk.map(str::to_owned),
            name_ru,
            name_en: name_en.map(str::to_owned),
        };
    let Some(kato) = region.kato() else {
        return vec![
            authority(
                MINISTRY,
                None,
                AuthorityKind::Ministry,
                "Министерство просвещения".to_owned(),
                Some("Оқу-ағарту министрлігі"),
                Some("Ministry of Education"),
            ),
            authority(
                AGENCY,
                None,
                AuthorityKind::Agency,
                "Центр тестирования".to_owned(),
                Some("Тестілеу орталығы"),
                Some("Testing centre"),
            ),
        ];
    };
    let numbers: Vec<u32> = distinct_codes(&plan.places);
    let mut here = valid_in(&plan.places, year).filter(|place| place.kato.region() == region).peekable();
    let mut rows = Vec::new();
    if let Some(place) = here.peek() {
        let name = format!("Управление образования: {}", place.region_name);
        let index = REGIONS + u32::from(region.get());
        rows.push(authority(index, Some(kato), AuthorityKind::RegionDept, name, None, None));
    }
    for place in here.filter(|place| !place.kato.is_region()) {
        let order = numbers.partition_point(|code| *code < place.kato.get());
        let index = DISTRICTS + u32::try_from(order).unwrap_or(0);
        let name = format!("Отдел образования: {}", place.name);
        rows.push(authority(index, Some(place.kato), AuthorityKind::DistrictDept, name, None, None));
    }
    rows
}

/// Codes of all vintages, sorted: a code keeps its authority's number in every year.
fn distinct_codes(places: &[Place]) -> Vec<u32> {
    let codes: BTreeSet<u32> = places.iter().map(|place| place.kato.get()).collect();
    codes.into_iter().collect()
}
