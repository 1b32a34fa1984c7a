//! The oracle: indicators computed from plain records, without any SQL.
//!
//! Owns one slow and readable formula per indicator, against which the views of the
//! warehouse are tested. It shares nothing with them but the records. Values stay
//! fractions of integers; dividing and rounding are the caller's last step.
//!
//! # Decisions
//!
//! | point | decision |
//! |---|---|
//! | as-of date | 1 October of the reporting year |
//! | learner | a row of S1.PUPIL active on the as-of date; one a learner within an organisation: of several active rows the one with the latest `enrol_from` counts. A learner in two organisations counts in both |
//! | level of a learner | that of the row |
//! | age of a learner | full years on 1 September; born in September or later: not yet reached |
//! | age of a teacher | full years on 1 October; born in October or later: not yet reached |
//! | teacher | `is_teacher`, `is_main_job`, no `left_reason`; headcount, one a person within an organisation: of several rows the one with the largest `rate_fte`, then the alphabetically first position, counts |
//! | level of whole organisations | staff, places, computers and organisations belong to the main level of the organisation: `pre_school`, `school`, or `tve` for colleges of every kind. They enter a level that includes all of the main level |
//! | learners beside whole organisations | TCH-01, NET-07, INF-02: learners of the cell's level, whatever the main level of their organisation |
//! | territory | the row's own `district`; facts of a base year: the district of the organisation's passport in the cell's year, with its locality and ownership, the row's own without one; region = its first two digits; the republic is every row |
//! | missing forms | an organisation enters only if it has a row of every organisation-level form the indicator draws on, in that year, in any district; breaking down by locality or ownership draws on S1.ORG. Years are judged each by itself |
//! | closed organisations | give no organisation, place or computer; their rows in other forms count as they are |
//! | no data | no entering organisation with a row in the territory: no value, not zero |
//! | school (NET-02, NET-03, NET-05) | org types primary, basic, general, lyceum, gymnasium, special, boarding, evening |
//! | population | on 1 January after the as-of date (S2.POP of the next year): three months away, not nine. Rows of single ages by sex and locality; edition published last, then first publisher, then last edition |
//! | population of the republic | sum of the regions that have rows; learners of other regions do not enter either |
//! | official ages | entry at 6: pre-school 3-5, primary 6-9, basic 10-14, general 15-16, TVE 15-18, post-secondary 17-18, school 6-16, isced_3 15-16, isced_2_3 10-16; `all` has none and no value |
//! | ACC-02 | learners of official age at the lowest level of the cell or above it, in the order of levels |
//! | ACC-03 | needs an age; learners of any level |
//! | ACC-04 | of an age or of all of the variant; children in grade 1 leave the denominator |
//! | ACC-05 | pre-school or primary education, one year below entry age |
//! | ACC-06 | places of pre-school organisations over population aged 1 to 6 |
//! | ACC-08 | regions from which nobody reports learners do not enter: their children are not known |
//! | ACC-09 | learners of grade 1 who do not repeat it, over population of entry age |
//! | ACC-10 | the last grade of the theoretical duration: 4, 9, 11; grade 12 is beyond it |
//! | ACC-11 | age less theoretical age of the grade, from two years on |
//! | ACC-12 | ages 3 to 24, the population of the regions that report; an age with learners and no population: no value |
//! | CON-02, TCH-04 | the member of the breakdown restricts the numerator only |
//! | CON-04 | class-sets by the level of their first grade; a combined class is one |
//! | CON-06 arrived | rows of the year with `enrol_from` after the last as-of date, up to this one, except new entrants: intake is not mobility |
//! | CON-06 left | rows of the year with `enrol_to` in the same interval, except the completed: leaving with a certificate is not mobility. No reason given: left |
//! | CON-06 base | learners on the as-of date of the year before, where their organisation is now |
//! | NET-04 | a learner whose shift is not reported is not in a later shift |
//! | NET-06 | learners of school levels of an active school less its places in the allowed shifts, at least zero, summed |
//! | NET-08 | organisations of the cell's level, not only schools; state not reported: not in emergency |
//! | NET-09 | dates after the last as-of date, up to this one; who opened and closed in between counts both ways |
//! | INF-03 | speed not measured: below the norm |
//! | INF-04 | schools that may teach above the primary level |
//! | FIN | expenditure of the unit itself as published, the newest edition; learners of a budget year: eight months those of the autumn before, four those of its own |
//! | GRD-01, GRD-02 | marks of period `final`, status `attested`; a pupil is a `pid` within an organisation. Not attested subjects are ignored |
//! | SFC-01 | admitted: a leaver with a row `is_admitted`; best attempt a subject; no mark in a subject: not passed |
//! | SFC-02 | best attempts of the admitted that have a mark |
//! | UNT person | a `pid` within a region; sittings are (session, attempt); valid ones only |
//! | UNT best sitting | largest total; equal totals: the earliest, by session of the year, then attempt. Its row says district, school, sex and language of the person |
//! | UNT-01 sittings | all valid sittings of the person, in the cell of the best one |
//! | UNT-04 | the best sitting reaches the total and every subject minimum; a subject without one of its own has that of profile subjects |
//! | UNT first sitting, grants | the earliest valid sitting of the year; a person competes who applied in one of them, and is awarded one applied for |
//! | UNT-02 | leavers: admitted to the exams of the last grade; tested: a valid sitting of the main session, wherever |
//! | TCH-02 | teachers of whom it is not reported are in neither sum |
//! | TCH-07 | organisations that sent staff in both years; left with any reason but a transfer, and a teacher nowhere this year |
//! | TCH-07 stocks | also organisations opened or closed between the fixings; new: no full year of experience |
//! | TCH-08 | positions of teachers of any job, vacant on 1 October |
//! | SFC-04 | the best attempt of an exam, the annual mark of the same school and subject |
//! | TTR-04 | decisions from 2 October to 1 October; old categories stand at the step they were taken over to |
//! | QAS-07 | a licence counts once, an inspection that closes an organisation once |
//! | EFF base years | value of year y: flows into y from y-1. Grade and level are those left: EFF-02 the grade repeated, EFF-06 the level before, EFF-10 the grade before |
//! | EFF levels | only grades of general education; a course of a college is no grade |
//! | EFF-06 | new entrants: learners of the first grade of the next level who do not repeat it; repeaters are taken from the base where the organisation reported it |
//! | EFF-01, EFF-03 base | learners of the year before of organisations that delivered the year, or whose passport of it says closed; EFF-03 TVE: courses before the last of the nominal duration |
//! | EFF-01 promoted | learners of the next grade who do not repeat it, in the organisation and district of now; not of an organisation that worked the year before and did not deliver it. Grades 9 and 11: left with a certificate in the twelve months up to the as-of date, or enrolled a year ago already and in the next grade |
//! | EFF-05, TVE-07 | entrants: learners of the first grade of the level who do not repeat it; new entrants of course 1 with a nominal duration. Followed by `pid` anywhere; EFF-05 leaves out who emigrated or died and was not seen to complete |
//! | EFF-07 | learners of grade 9 of the year before who are not seen in grades 1 to 9; seen in grade 10 before TVE before what the school states |
//! | QAS-01 | levels taught are those of the learners on 1 October; a licence that ended, was suspended or replaced after 1 October was in force on it. Kindergartens are not obliged |
//! | QAS-02, QAS-03 | an organisation once; conditional accreditation of a recognised agency is accreditation |
//! | QAS-04 to QAS-06 | where the inspection says that its subject is; `all` has every subject, a level the organisations of that main level |
//! | QAS-06 | due by 1 October, this day included; closed by the date due |
//! | SOC-02 | a respondent within survey and wave; one answered item is completed, one item of somebody outside the population makes the respondent ineligible |
//! | MET | days of the year in schools active on 1 October, where their passport says |
//! | TTR-01 | courses passed that ended in the three years up to 1 October |
//! | TTR-03 | a `tid` within a region, the best outcome: passed, then the highest score, then the first application; its organisation, sex and category |
//! | KT-01 | a `pid` within a region, the best valid wave: passed, then the highest total, then the first by name |
//! | ACC-07 | of the ages of the queue on 1 September, a `pid` within a region: an application that waits on 1 October and none that led to a place by then; regions that report applications |
//! | EQT-04, TVE-04 | published numbers of a region, the newest edition that has one; the republic is the sum of the regions that have all of them. EQT-04: no value where nobody reports learners |
//! | INF-06 | meals of a grade belong to its level |
//! | CON-08 | a pupil within an organisation; attends anything but `none` |
//! | TVE-03 | a graduate within an organisation and level; exempt by one qualification is exempt; the anniversary is within twelve months |
//! | GOV-07 | above the organisation a learner of a level stands where the latest enrolment is, then at the first BIN |
//! | FAC-01 | of several models of an outcome in a year the last by study, then by name; where the passport says |
//! | GOV-09, GOV-10 | the fixing of a year, and what was revised after it: [`fixing`] |
//! | GOV-08 | what state statistics print of the unit itself, the edition published last that has a number; leavers: persons tested in the year they left against learners of grade 11 of the autumn before, in regions that have both |
//! | GRD-03 | schools with annual marks of general secondary education and persons tested; mean and deviation of all of them, weighted by the persons tested; no value where one of the deviations is zero |
//! | MON, SOC | units drawn with replacement within strata of a region and level (and of a survey and wave); a unit with nobody of the cell deviates by nothing; one unit in a stratum of the cell: no error |
//! | MON-02 | of results with a level |
//! | TCH-09 | both wages of one publisher and edition |
//! | UNT-03 percentiles | the least total that at least that share of the persons does not exceed |
//! | EFF-10 | grades 1 to the one before the last; the last is a parameter (11) |

mod access;
mod admission;
pub mod assessment;
mod attrition;
mod cell;
pub mod cohort;
mod contingent;
mod development;
mod discrepancy;
mod efficiency;
mod factor;
mod finance;
pub mod fixing;
mod flow;
pub mod governance;
pub mod inequality;
mod input;
mod network;
mod outcome;
mod oversight;
pub mod published;
mod ready;
mod sample;
mod select;
mod service;
mod study;
mod teaching;
mod vocational;

pub use cell::{Breakdown, Cell, Dimension, UnitSet};
pub use input::{AssessmentThresholds, ComplexTestingThresholds, Parameters, Records, UntThresholds};
pub use ready::{Ready, ready_error, ready_value};

use crate::codes::code_list;
use crate::error::DomainError;
use crate::rounding::{Decimal, round_ratio};
use select::Selection;

code_list! {
    /// Indicators with a formula here.
    Indicator, "indicator" {
        /// Gross enrolment ratio.
        Acc01 = "ACC-01",
        /// Total net enrolment rate.
        Acc02 = "ACC-02",
        /// Age-specific enrolment rate.
        Acc03 = "ACC-03",
        /// Pre-school coverage, ages 2 to 6.
        Acc04 = "ACC-04",
        /// The same, ages 1 to 6.
        Acc04From1 = "ACC-04-1-6",
        /// The same, ages 3 to 6.
        Acc04From3 = "ACC-04-3-6",
        /// Participation one year before primary entry.
        Acc05 = "ACC-05",
        /// Pre-school place provision.
        Acc06 = "ACC-06",
        /// Out-of-school rate.
        Acc08 = "ACC-08",
        /// Gross intake ratio to grade 1.
        Acc09 = "ACC-09",
        /// Gross intake ratio to the last grade.
        Acc10 = "ACC-10",
        /// Over-age for grade.
        Acc11 = "ACC-11",
        /// Enrolment.
        Con01 = "CON-01",
        /// Share by language of instruction.
        Con02 = "CON-02",
        /// Private enrolment share.
        Con03 = "CON-03",
        /// Average class size.
        Con04 = "CON-04",
        /// Share with special educational needs.
        Con05 = "CON-05",
        /// Net mobility.
        Con06 = "CON-06",
        /// Number of organisations.
        Net01 = "NET-01",
        /// Share of small-class schools.
        Net02 = "NET-02",
        /// Pupils in small-class schools.
        Net03 = "NET-03",
        /// Pupils in the second or third shift.
        Net04 = "NET-04",
        /// Three-shift schools.
        Net05 = "NET-05",
        /// Deficit of pupil places.
        Net06 = "NET-06",
        /// The same in one shift.
        Net06Strict = "NET-06-STRICT",
        /// Capacity utilisation.
        Net07 = "NET-07",
        /// Organisations in emergency condition.
        Net08 = "NET-08",
        /// Net change of the network.
        Net09 = "NET-09",
        /// Pupil-teacher ratio.
        Tch01 = "TCH-01",
        /// Teachers with higher education.
        Tch03 = "TCH-03",
        /// Distribution by category.
        Tch04 = "TCH-04",
        /// Share of researchers and masters.
        Tch05 = "TCH-05",
        /// Teachers of senior age.
        Tch06 = "TCH-06",
        /// Schools with electricity.
        Inf01A = "INF-01A",
        /// Schools with internet.
        Inf01B = "INF-01B",
        /// Schools with computers.
        Inf01C = "INF-01C",
        /// Schools with adapted infrastructure.
        Inf01D = "INF-01D",
        /// Schools with drinking water.
        Inf01E = "INF-01E",
        /// Schools with single-sex toilets.
        Inf01F = "INF-01F",
        /// Schools with handwashing.
        Inf01G = "INF-01G",
        /// Learners per recent computer.
        Inf02 = "INF-02",
        /// Broadband norm.
        Inf03 = "INF-03",
        /// Modern subject rooms.
        Inf04 = "INF-04",
        /// Textbook provision.
        Inf05 = "INF-05",
        /// Progress.
        Grd01 = "GRD-01",
        /// Quality of knowledge.
        Grd02 = "GRD-02",
        /// Certification pass rate.
        Sfc01 = "SFC-01",
        /// Exam quality of knowledge.
        Sfc02 = "SFC-02",
        /// Persons tested.
        Unt01 = "UNT-01",
        /// Sittings of these persons, published with UNT-01.
        Unt01Sittings = "UNT-01-SITTINGS",
        /// Mean of best totals.
        Unt03 = "UNT-03",
        /// Threshold pass rate.
        Unt04 = "UNT-04",
        /// Subject result.
        Unt05 = "UNT-05",
        /// High scorers.
        Unt06 = "UNT-06",
        /// Promotion rate.
        Eff01 = "EFF-01",
        /// Repetition rate.
        Eff02 = "EFF-02",
        /// Dropout rate.
        Eff03 = "EFF-03",
        /// True-cohort completion.
        Eff05 = "EFF-05",
        /// Effective transition rate.
        Eff06 = "EFF-06",
        /// Destinations of leavers of grade 9.
        Eff07 = "EFF-07",
        /// Apparent grade progression.
        Eff10 = "EFF-10",
        /// TVE share of upper secondary education.
        Tve01 = "TVE-01",
        /// Dual training.
        Tve02 = "TVE-02",
        /// State order.
        Tve05 = "TVE-05",
        /// Technical fields.
        Tve06 = "TVE-06",
        /// On-time graduation.
        Tve07 = "TVE-07",
        /// Participation of youth in TVE.
        Tve09 = "TVE-09",
        /// Employer-partnered colleges.
        Tve08 = "TVE-08",
        /// Organisations with conditions for inclusion.
        Eqt05 = "EQT-05",
        /// Dormitories.
        Inf07 = "INF-07",
        /// Instruction in the first language.
        Eqt07 = "EQT-07",
        /// Teachers with the minimum required training.
        Tch02 = "TCH-02",
        /// Teacher attrition.
        Tch07 = "TCH-07",
        /// Teacher attrition from stocks.
        Tch07Stock = "TCH-07-STOCK",
        /// Vacancy rate.
        Tch08 = "TCH-08",
        /// Participation of leavers.
        Unt02 = "UNT-02",
        /// Mean of first totals.
        Unt03First = "UNT-03-FIRST",
        /// Mean of all sittings.
        Unt03All = "UNT-03-ALL",
        /// Attempt gain.
        Unt07 = "UNT-07",
        /// Grant award rate.
        Unt08 = "UNT-08",
        /// Honours.
        Sfc03 = "SFC-03",
        /// Gap of annual and exam marks.
        Sfc04 = "SFC-04",
        /// Severe outcomes.
        Qas07 = "QAS-07",
        /// Courses of the last months.
        Ttr02 = "TTR-02",
        /// Category upgrade rate.
        Ttr04 = "TTR-04",
        /// Overdue category.
        Ttr05 = "TTR-05",
        /// Licence coverage.
        Qas01 = "QAS-01",
        /// First-time attestation.
        Qas02 = "QAS-02",
        /// Accredited share.
        Qas03 = "QAS-03",
        /// Inspection coverage.
        Qas04 = "QAS-04",
        /// Violations per inspection.
        Qas05 = "QAS-05",
        /// Timely remediation.
        Qas06 = "QAS-06",
        /// Response rate.
        Soc02 = "SOC-02",
        /// Schools that a methodological day covered.
        Met01 = "MET-01",
        /// Recommendations carried out.
        Met02 = "MET-02",
        /// Courses of the last years.
        Ttr01 = "TTR-01",
        /// Knowledge assessment.
        Ttr03 = "TTR-03",
        /// Complex testing.
        Kt01 = "KT-01",
        /// Queue for pre-school places.
        Acc07 = "ACC-07",
        /// Inclusion of children with special educational needs.
        Eqt04 = "EQT-04",
        /// Free hot meals.
        Inf06 = "INF-06",
        /// Share of girls and women among learners.
        Con07 = "CON-07",
        /// Additional education.
        Con08 = "CON-08",
        /// Share of women among teachers.
        Tch10 = "TCH-10",
        /// Employment of graduates, administrative.
        Tve03 = "TVE-03",
        /// Employment of graduates, statistical.
        Tve04 = "TVE-04",
        /// Overlapping enrolment.
        Gov07 = "GOV-07",
    }
}

impl Indicator {
    /// What the fraction is multiplied with: 100 for percents and places per 100.
    #[must_use]
    pub const fn scale(self) -> u32 {
        match self {
            Self::Con01
            | Self::Con04
            | Self::Net01
            | Self::Net06
            | Self::Net06Strict
            | Self::Net09
            | Self::Tch01
            | Self::Inf02
            | Self::Unt01
            | Self::Unt01Sittings
            | Self::Unt03
            | Self::Unt03First
            | Self::Unt03All
            | Self::Unt07
            | Self::Sfc04
            | Self::Qas05
            | Self::Eff10 => 1,
            Self::Qas07 => 1_000,
            _ => 100,
        }
    }

    /// Dimensions it can be broken down by.
    #[must_use]
    pub const fn dimensions(self) -> &'static [Dimension] {
        use Dimension as D;
        const LEARNER: &[D] =
            &[D::Sex, D::Language, D::StudyForm, D::Grade, D::Age, D::Locality, D::Ownership];
        match self {
            Self::Eff01 | Self::Eff03 => &[D::Sex, D::Grade],
            Self::Eff05 => &[D::Sex, D::Delay],
            Self::Eff07 => &[D::Sex, D::Language, D::Destination],
            Self::Tve06 => &[D::Sex, D::Language, D::Funding, D::Locality, D::Ownership],
            Self::Tve07 => &[D::Sex, D::Language, D::Delay],
            Self::Tve09 | Self::Acc07 => &[D::Sex],
            Self::Acc01 | Self::Acc02 | Self::Acc05 | Self::Acc08 | Self::Acc09 | Self::Acc10 => {
                &[D::Sex, D::Locality]
            }
            Self::Acc04 | Self::Acc04From1 | Self::Acc04From3 => &[D::Sex, D::Age, D::Locality],
            Self::Acc03 => &[D::Sex, D::Locality, D::Age],
            Self::Acc06 => &[D::Locality],
            Self::Acc11
            | Self::Con01
            | Self::Con02
            | Self::Con05
            | Self::Con06
            | Self::Net03
            | Self::Net04 => LEARNER,
            Self::Con03 => &[D::Sex, D::Language, D::StudyForm, D::Grade, D::Age, D::Locality],
            Self::Con04 => &[D::Grade, D::Language, D::Locality, D::Ownership],
            Self::Net01
            | Self::Net02
            | Self::Net05
            | Self::Net06
            | Self::Net06Strict
            | Self::Net07
            | Self::Net08
            | Self::Net09
            | Self::Tch01
            | Self::Inf01A
            | Self::Inf01B
            | Self::Inf01C
            | Self::Inf01D
            | Self::Inf01E
            | Self::Inf01F
            | Self::Inf01G
            | Self::Inf02
            | Self::Inf03
            | Self::Tve08
            | Self::Eqt05
            | Self::Inf04
            | Self::Inf05
            | Self::Tch08
            | Self::Qas01
            | Self::Qas02
            | Self::Qas03
            | Self::Met01
            | Self::Met02
            | Self::Qas07 => &[D::Locality, D::Ownership],
            Self::Tch03 | Self::Tch04 | Self::Tch06 => {
                &[D::Sex, D::Age, D::Category, D::Locality, D::Ownership]
            }
            Self::Qas04 | Self::Qas05 | Self::Soc02 | Self::Tve04 => &[D::Member],
            Self::Qas06 | Self::Eqt04 | Self::Gov07 => &[],
            Self::Ttr03 => &[D::Sex, D::Category],
            Self::Kt01 => &[D::Sex, D::Language],
            Self::Inf06 => &[D::Grade, D::Locality, D::Ownership],
            Self::Con07 => &[D::Language, D::StudyForm, D::Grade, D::Age, D::Locality, D::Ownership],
            Self::Tch10 => &[D::Age, D::Category, D::Locality, D::Ownership],
            Self::Ttr01 | Self::Ttr02 | Self::Ttr05 => &[D::Sex, D::Category, D::Locality, D::Ownership],
            Self::Tch02 | Self::Tch07 | Self::Tch07Stock | Self::Ttr04 => {
                &[D::Sex, D::Locality, D::Ownership]
            }
            Self::Tch05 => &[D::Sex, D::Age, D::Locality, D::Ownership],
            Self::Grd01 | Self::Grd02 | Self::Sfc01 | Self::Sfc03 | Self::Eff02 | Self::Eff10 => {
                &[D::Sex, D::Language, D::Grade, D::Locality, D::Ownership]
            }
            Self::Sfc02 | Self::Sfc04 => {
                &[D::Sex, D::Language, D::Grade, D::Subject, D::Locality, D::Ownership]
            }
            Self::Unt05 => &[D::Sex, D::Language, D::Subject, D::Locality, D::Ownership],
            Self::Unt02
            | Self::Unt03First
            | Self::Unt03All
            | Self::Unt07
            | Self::Unt08
            | Self::Unt01
            | Self::Unt01Sittings
            | Self::Unt03
            | Self::Unt04
            | Self::Unt06
            | Self::Eff06
            | Self::Tve01
            | Self::Tve02
            | Self::Tve03
            | Self::Tve05
            | Self::Inf07
            | Self::Con08
            | Self::Eqt07 => &[D::Sex, D::Language, D::Locality, D::Ownership],
        }
    }
}

/// Numerator and denominator of one cell, both exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fraction {
    /// What is counted or summed.
    pub numerator: i64,
    /// What it is divided by; `None` for an indicator that is a sum.
    pub denominator: Option<i64>,
}

impl Fraction {
    pub(crate) const fn sum(numerator: i64) -> Self {
        Self { numerator, denominator: None }
    }

    pub(crate) const fn of(numerator: i64, denominator: i64) -> Self {
        Self { numerator, denominator: Some(denominator) }
    }

    /// `None` where nothing is counted at all: nobody owes these records, so that silence is no zero.
    fn if_any(self) -> Option<Self> {
        (self.numerator != 0 || self.denominator != Some(0)).then_some(self)
    }

    /// The value in the indicator's unit, rounded exactly; `None` over zero.
    ///
    /// # Errors
    /// [`DomainError::DecimalOverflow`] beyond 128 bits.
    pub fn value(self, indicator: Indicator, decimals: u8) -> Result<Option<Decimal>, DomainError> {
        round_ratio(
            i128::from(self.numerator) * i128::from(indicator.scale()),
            i128::from(self.denominator.unwrap_or(1)),
            decimals,
        )
    }
}

/// The fraction of `indicator` in `cell`.
///
/// `None` when the cell has no data, when the breakdown is not one of
/// [`Indicator::dimensions`], or when a member that the formula needs is not given
/// (the language of CON-02, the category of TCH-04, the age of ACC-03). A zero
/// denominator is kept: it has data and no value.
#[must_use]
#[expect(clippy::too_many_lines, reason = "one line an indicator")]
pub fn evaluate(
    indicator: Indicator,
    cell: &Cell,
    records: &Records,
    parameters: &Parameters,
) -> Option<Fraction> {
    let used = cell.by.dimensions();
    if !used.iter().all(|d| indicator.dimensions().contains(d)) {
        return None;
    }
    let selection = Selection::new(cell, records, parameters);
    match indicator {
        Indicator::Acc01 => access::gross_enrolment(&selection),
        Indicator::Acc02 => access::total_net_enrolment(&selection),
        Indicator::Acc03 => access::age_specific_enrolment(&selection),
        Indicator::Acc04 => access::pre_school_coverage(&selection, parameters.coverage_ages),
        Indicator::Acc04From1 => access::pre_school_coverage(&selection, parameters.coverage_ages_from_1),
        Indicator::Acc04From3 => access::pre_school_coverage(&selection, parameters.coverage_ages_from_3),
        Indicator::Acc05 => access::participation_before_entry(&selection),
        Indicator::Acc06 => access::place_provision(&selection),
        Indicator::Acc08 => access::out_of_school(&selection),
        Indicator::Acc09 => access::gross_intake(&selection),
        Indicator::Acc10 => access::last_grade_intake(&selection),
        Indicator::Acc11 => access::over_age(&selection),
        Indicator::Con01 => contingent::enrolment(&selection),
        Indicator::Con02 => contingent::language_share(&selection),
        Indicator::Con03 => contingent::private_share(&selection),
        Indicator::Con04 => contingent::class_size(&selection),
        Indicator::Con05 => contingent::special_needs_share(&selection),
        Indicator::Con06 => contingent::net_mobility(&selection),
        Indicator::Net01 => network::organisations(&selection),
        Indicator::Net02 => network::small_class_schools(&selection),
        Indicator::Net03 => network::small_class_pupils(&selection),
        Indicator::Net04 => network::later_shifts(&selection),
        Indicator::Net05 => network::three_shift_schools(&selection),
        Indicator::Net06 => network::place_deficit(&selection, parameters.allowed_shifts),
        Indicator::Net06Strict => network::place_deficit(&selection, parameters.allowed_shifts_strict),
        Indicator::Net07 => network::capacity_utilisation(&selection),
        Indicator::Net08 => network::emergency(&selection),
        Indicator::Net09 => network::net_change(&selection),
        Indicator::Tch01 => teaching::pupil_teacher_ratio(&selection),
        Indicator::Tch03 => teaching::higher_education(&selection),
        Indicator::Tch04 => teaching::category_share(&selection),
        Indicator::Tch05 => teaching::upper_categories(&selection),
        Indicator::Tch06 => teaching::senior_age(&selection),
        Indicator::Inf01A => network::equipped(&selection, |row| row.has_electricity),
        Indicator::Inf01B => network::equipped(&selection, |row| row.has_internet),
        Indicator::Inf01C => network::equipped(&selection, |row| row.computers_teaching > 0),
        Indicator::Inf01D => network::equipped(&selection, |row| row.has_ramp),
        Indicator::Inf01E => network::equipped(&selection, |row| row.has_drinking_water),
        Indicator::Inf01F => network::equipped(&selection, |row| row.has_single_sex_toilets),
        Indicator::Inf01G => network::equipped(&selection, |row| row.has_handwashing),
        Indicator::Inf02 => network::learners_per_computer(&selection),
        Indicator::Inf03 => network::broadband(&selection),
        Indicator::Inf04 => network::modern_rooms(&selection),
        Indicator::Inf05 => network::textbooks(&selection),
        Indicator::Grd01 => outcome::progress(&selection),
        Indicator::Grd02 => outcome::quality(&selection),
        Indicator::Sfc01 => outcome::certification_passed(&selection),
        Indicator::Sfc02 => outcome::exam_quality(&selection),
        Indicator::Unt01 => admission::persons(&selection),
        Indicator::Unt01Sittings => admission::sittings(&selection),
        Indicator::Unt03 => admission::mean_best_total(&selection),
        Indicator::Unt04 => admission::passed(&selection),
        Indicator::Unt05 => admission::subject_result(&selection),
        Indicator::Unt06 => admission::high_scorers(&selection),
        Indicator::Eff02 => efficiency::repetition(&selection),
        Indicator::Eff06 => efficiency::transition(&selection),
        Indicator::Eff10 => efficiency::progression(&selection),
        Indicator::Eff01 => flow::promotion(&selection),
        Indicator::Eff03 => flow::dropout(&selection),
        Indicator::Eff05 => cohort::completion(&selection),
        Indicator::Eff07 => cohort::destination(&selection),
        Indicator::Tve01 => vocational::share_of_upper_secondary(&selection),
        Indicator::Tve02 => vocational::dual_training(&selection),
        Indicator::Tve05 => vocational::state_order(&selection),
        Indicator::Tve06 => vocational::technical_fields(&selection),
        Indicator::Tve07 => cohort::graduation(&selection),
        Indicator::Tve09 => access::youth_in_tve(&selection),
        Indicator::Tve08 => network::partnered(&selection),
        Indicator::Eqt05 => network::inclusive(&selection),
        Indicator::Inf07 => vocational::dormitory(&selection),
        Indicator::Eqt07 => vocational::first_language(&selection),
        Indicator::Tch02 => teaching::trained(&selection),
        Indicator::Tch07 => attrition::leaving(&selection),
        Indicator::Tch07Stock => attrition::net_loss(&selection),
        Indicator::Tch08 => teaching::vacant(&selection),
        Indicator::Unt02 => admission::participation(&selection),
        Indicator::Unt03First => admission::mean_first_total(&selection),
        Indicator::Unt03All => admission::mean_of_all(&selection),
        Indicator::Unt07 => admission::attempt_gain(&selection),
        Indicator::Unt08 => admission::grants(&selection),
        Indicator::Sfc03 => outcome::honours(&selection),
        Indicator::Sfc04 => outcome::mark_gap(&selection),
        Indicator::Qas07 => oversight::severe_outcomes(&selection),
        Indicator::Ttr02 => development::recent_courses(&selection),
        Indicator::Ttr04 => development::risen(&selection),
        Indicator::Ttr05 => development::overdue(&selection),
        Indicator::Qas01 => oversight::licensed(&selection),
        Indicator::Qas02 => oversight::first_attempt(&selection).if_any(),
        Indicator::Qas03 => oversight::accredited(&selection),
        Indicator::Qas04 => oversight::inspected(&selection).if_any(),
        Indicator::Qas05 => oversight::violations(&selection).if_any(),
        Indicator::Qas06 => oversight::remedied(&selection).if_any(),
        Indicator::Soc02 => study::response(&selection).if_any(),
        Indicator::Met01 => oversight::covered_schools(&selection),
        Indicator::Met02 => oversight::recommendations(&selection).if_any(),
        Indicator::Ttr01 => development::courses(&selection),
        Indicator::Ttr03 => development::assessed(&selection).if_any(),
        Indicator::Kt01 => study::complex_testing(&selection).and_then(Fraction::if_any),
        Indicator::Acc07 => service::queue(&selection),
        Indicator::Eqt04 => service::included(&selection),
        Indicator::Inf06 => service::free_meals(&selection),
        Indicator::Con07 => contingent::female_share(&selection),
        Indicator::Con08 => service::additional_education(&selection),
        Indicator::Tch10 => teaching::female_share(&selection),
        Indicator::Tve03 => service::employed(&selection),
        Indicator::Tve04 => service::outcome(&selection),
        Indicator::Gov07 => contingent::overlap(&selection),
    }
}

#[cfg(test)]
mod tests;
