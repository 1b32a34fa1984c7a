//! Rows of S1.STAFF.
//!
//! An organisation has posts; each post is held by one person after another, and is
//! followed from before the first year, so that people age and stay themselves.

use super::dice::{Topic, Words, bell, below, high, mix, permille};
use super::life::date;
use super::plan::{MEMORY_YEARS, OrgPlan, Plan};
use crate::dimension::{Locality, Sex};
use crate::pseudonym::Pseudonym;
use crate::records::{
    Category, Code, Education, Hundredths, LeftReason, OrgGroup, OrgType, Position, Staff, Tenths,
};
use crate::year::Year;
use crate::year_month::YearMonth;

/// Person holding a post in some autumn.
#[derive(Debug, Clone, Copy)]
struct Holder {
    /// Number among those who have held the post.
    number: u32,
    /// Full years in the autumn.
    age: i32,
    /// Years of teaching.
    experience: i32,
    /// Autumn in which the person came.
    since: i32,
}

/// Rows of an organisation: who works there in the autumn, and who left since the last.
pub(super) fn staff(plan: &Plan, org: u32, year: Year) -> Vec<Staff> {
    let employer = plan.org(org);
    let mut rows = Vec::new();
    let mut blocks = plan.dice.blocks(Topic::Post, org, 0);
    for (post, position) in (0_u32..).zip(posts(plan, employer, i32::from(year))) {
        let words = blocks.next();
        let post = Post { plan, org, number: post, position, words };
        post.write(year, &mut rows);
    }
    rows
}

/// Positions of an organisation of its size.
fn posts(plan: &Plan, org: &OrgPlan, year: i32) -> Vec<Position> {
    let size = plan.size(org, year);
    let tenths_for_each = match (org.group(), org.locality) {
        (OrgGroup::PreSchool, _) => 95,
        (OrgGroup::College, _) => 135,
        _ if org.is_small => 42,
        (_, Locality::Rural) => 88,
        (_, Locality::Urban) => 152,
    };
    let teachers = (size * 10 / tenths_for_each).max(2);
    let mut posts = vec![Position::Head];
    posts.extend((teachers > 9).then_some(Position::Deputy));
    posts.extend((teachers > 14).then_some(Position::Psychologist));
    posts.extend((0..teachers).map(|_| Position::Teacher));
    posts.extend((0..teachers / 7).map(|_| Position::Other));
    posts
}

struct Post<'a> {
    plan: &'a Plan,
    org: u32,
    number: u32,
    position: Position,
    words: Words,
}

impl Post<'_> {
    /// Follows the post from the beginning and writes the holders of the year.
    fn write(&self, year: Year, rows: &mut Vec<Staff>) {
        let start = self.plan.first_year() - MEMORY_YEARS;
        let age = 23 + i32::try_from(below(self.words[0], 40)).unwrap_or(0);
        let mut holder = Holder {
            number: 0,
            age,
            experience: (age - 23 - i32::try_from(below(self.words[1], 5)).unwrap_or(0)).max(0),
            since: start,
        };
        for autumn in start + 1..=i32::from(year) {
            holder.age += 1;
            holder.experience += 1;
            let Some(reason) = self.leaves(&holder, autumn) else {
                continue;
            };
            if autumn == i32::from(year) {
                rows.push(self.row(&holder, year, Some(reason)));
            }
            holder = self.successor(holder.number + 1, autumn);
        }
        rows.push(self.row(&holder, year, None));
        let teaches_too = self.position == Position::Head && self.plan.org(self.org).is_small;
        if teaches_too {
            let lessons = Staff {
                position: Position::Teacher,
                is_teacher: true,
                is_main_job: false,
                rate_fte: Hundredths(50),
                load_hours: Some(Tenths(90)),
                ..self.row(&holder, year, None)
            };
            rows.push(lessons);
        }
    }

    /// A number that belongs to one holder and topic.
    fn draw(&self, holder: u32, topic: u32) -> u32 {
        let key = u64::from(self.org) << 32 | u64::from(self.number) << 12 | u64::from(holder);
        high(mix(self.plan.dice.hash(key, u64::from(topic) + 1_000)))
    }

    fn leaves(&self, holder: &Holder, autumn: i32) -> Option<LeftReason> {
        let word = self.draw(holder.number, autumn.unsigned_abs());
        let retires_at = 60 + i32::try_from(below(self.draw(holder.number, 1), 4)).unwrap_or(0);
        if holder.age > retires_at {
            return Some(LeftReason::Retired);
        }
        // The young leave more often, and so do teachers of villages.
        let org = self.plan.org(self.org);
        let risk = if holder.experience < 5 { 75 } else { 28 }
            + if org.locality == Locality::Rural { 12 } else { 0 };
        (permille(word) < risk).then(|| match permille(word.rotate_left(16)) {
            0..420 => LeftReason::Transfer,
            420..700 => LeftReason::Resigned,
            700..900 => LeftReason::LeftProfession,
            _ => LeftReason::Other,
        })
    }

    fn successor(&self, number: u32, autumn: i32) -> Holder {
        let word = self.draw(number, 2);
        let (age, experience) = if permille(word) < 650 {
            (22 + below(word.rotate_left(8), 8), 0)
        } else {
            let age = 30 + below(word.rotate_left(8), 22);
            (age, age - 27)
        };
        Holder {
            number,
            age: i32::try_from(age).unwrap_or(22),
            experience: i32::try_from(experience).unwrap_or(0),
            since: autumn,
        }
    }

    fn row(&self, holder: &Holder, year: Year, left_reason: Option<LeftReason>) -> Staff {
        let org = self.plan.org(self.org);
        let word = |topic| self.draw(holder.number, topic);
        let is_teacher = self.position == Position::Teacher;
        let women = match org.group() {
            OrgGroup::PreSchool => 975,
            OrgGroup::School => 800,
            OrgGroup::College => 680,
        };
        let category = self.category(holder, i32::from(year));
        // Of the leavers the age is that of the year they left in.
        let birth_year = i32::from(year) - holder.age - 1;
        let birth = u16::try_from(birth_year).ok().and_then(|birth_year| {
            YearMonth::new(birth_year, 1 + u8::try_from(below(word(3), 12)).unwrap_or(0))
        });
        // Confirmed every five years, each person in another one.
        let held = (i32::from(year) + i32::try_from(below(word(8), 5)).unwrap_or(0)) % 5;
        let has_category = category != Category::None && category != Category::Pedagog;
        let category_from = date(i32::from(year) - held, 9, 1);
        Staff {
            year,
            district: self.plan.district(org, year),
            org_bin: org.bin,
            tid: self.person(holder.number),
            sex: if permille(word(4)) < women { Sex::Female } else { Sex::Male },
            birth: birth.expect("people of working age are born in the last century or this"),
            position: self.position,
            is_teacher,
            education: self.education(holder, org),
            subject: is_teacher.then(|| subject(org, word(6))),
            load_hours: is_teacher
                .then(|| Tenths(i32::try_from(120 + below(word(7), 13) * 10).unwrap_or(180))),
            rate_fte: Hundredths([100, 100, 100, 100, 75, 125, 150, 50][below(word(7), 8) as usize]),
            is_main_job: true,
            experience_years: u8::try_from(holder.experience).ok(),
            category,
            category_from: has_category.then_some(category_from),
            category_to: has_category.then(|| date(i32::from(year) - held + 5, 9, 1)),
            salary_band: u8::try_from((holder.experience / 3 + 1).min(12)).ok(),
            left_reason,
            // A few teachers in a hundred came from another profession; of some it is not reported.
            has_pedagogical_education: match permille(self.draw(holder.number, 11)) {
                _ if !is_teacher => None,
                0..15 => None,
                15..70 => Some(false),
                _ => Some(true),
            },
        }
    }

    fn person(&self, holder: u32) -> Pseudonym {
        // The highest bit keeps staff apart from learners.
        let key = 1 << 63 | u64::from(self.org) << 36 | u64::from(self.number) << 16 | u64::from(holder);
        Pseudonym::from_bits(self.plan.dice.identity(key))
    }

    fn education(&self, holder: &Holder, org: &OrgPlan) -> Education {
        let wealth = self.plan.traits(org).wealth;
        let higher = match org.group() {
            OrgGroup::PreSchool => 560 + wealth / 5,
            _ => 900 + wealth / 14,
        };
        match permille(self.draw(holder.number, 5)) {
            draw if draw < higher => Education::Higher,
            draw if draw < 996 => Education::Vocational,
            _ => Education::Secondary,
        }
    }

    /// Grows with experience; the share of the upper steps grows over the years.
    fn category(&self, holder: &Holder, year: i32) -> Category {
        let org = self.plan.org(self.org);
        let wealth = i32::try_from(self.plan.traits(org).wealth).unwrap_or(0);
        let talent = bell(self.draw(holder.number, 9)) + (wealth - 500) / 2;
        let progress = talent + (year - self.plan.first_year()) * 70 + holder.experience * 60;
        // The old scale is still met in colleges.
        let has_old_scale = org.org_type == OrgType::College
            && holder.since < self.plan.first_year() - 4
            && permille(self.draw(holder.number, 10)) < 150;
        match progress {
            i32::MIN..-600 => Category::None,
            -600..250 => Category::Pedagog,
            _ if has_old_scale && progress > 1_800 => Category::Highest,
            _ if has_old_scale => Category::First,
            250..1_150 => Category::Moderator,
            1_150..2_150 => Category::Expert,
            2_150..4_300 => Category::Researcher,
            _ => Category::Master,
        }
    }
}

fn subject(org: &OrgPlan, word: u32) -> Code {
    const SCHOOL: [&str; 10] = [
        "kazakh",
        "russian",
        "mathematics",
        "history_kz",
        "english",
        "physics",
        "biology",
        "physical_education",
        "primary_teaching",
        "primary_teaching",
    ];
    Code::Borrowed(match org.group() {
        OrgGroup::PreSchool => "pre_school_activity",
        OrgGroup::School => SCHOOL[below(word, 10) as usize],
        OrgGroup::College => "special_discipline",
    })
}
