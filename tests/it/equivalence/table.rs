//! Which cells of which indicator are compared.
//!
//! One line a code of the catalogue that the oracle has a formula for: levels, and breakdowns
//! beside the total. Where the catalogue shows less than the oracle knows, `label` says what.

use bilim_domain::level::{Composite, Level, LevelCode};
use bilim_domain::oracle::{Dimension, Indicator, Ready};

use super::studies::FACTORS;

/// How much of the oracle's answer the catalogue shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// All of it.
    Same,
    /// The catalogue shows the numerator of the oracle's share alone.
    NumeratorOnly,
    /// Members that nobody has are absent from the catalogue's shares of a whole.
    ShareOfWhole,
    /// The catalogue gives the level `NA`, which the oracle's `all` stands for.
    NoLevel,
}

/// What is compared of one code.
#[derive(Debug, Clone, Copy)]
pub struct Line {
    pub code: &'static str,
    pub oracle: Indicator,
    pub label: Label,
    pub levels: &'static [LevelCode],
    pub breakdowns: &'static [&'static [Dimension]],
}

const PRE_SCHOOL: LevelCode = LevelCode::Single(Level::PreSchool);
const PRIMARY: LevelCode = LevelCode::Single(Level::Primary);
const BASIC: LevelCode = LevelCode::Single(Level::BasicSecondary);
const GENERAL: LevelCode = LevelCode::Single(Level::GeneralSecondary);
const TVE: LevelCode = LevelCode::Single(Level::Tve);
const SCHOOL: LevelCode = LevelCode::Composite(Composite::School);
const ISCED_3: LevelCode = LevelCode::Composite(Composite::Isced3);
const POST: LevelCode = LevelCode::Single(Level::PostSecondary);
const ALL: LevelCode = LevelCode::Composite(Composite::All);

const TOTAL: &[Dimension] = &[];
const SEX: &[Dimension] = &[Dimension::Sex];
const LOCALITY: &[Dimension] = &[Dimension::Locality];
const LANGUAGE: &[Dimension] = &[Dimension::Language];
const OWNERSHIP: &[Dimension] = &[Dimension::Ownership];
const GRADE: &[Dimension] = &[Dimension::Grade];
const AGE: &[Dimension] = &[Dimension::Age];
const SUBJECT: &[Dimension] = &[Dimension::Subject];
const FUNDING: &[Dimension] = &[Dimension::Funding];
const DELAY: &[Dimension] = &[Dimension::Delay];
const DESTINATION: &[Dimension] = &[Dimension::Destination];
const CATEGORY: &[Dimension] = &[Dimension::Category];
const MEMBER: &[Dimension] = &[Dimension::Member];

const fn line(
    code: &'static str,
    oracle: Indicator,
    levels: &'static [LevelCode],
    breakdowns: &'static [&'static [Dimension]],
) -> Line {
    Line { code, oracle, label: Label::Same, levels, breakdowns }
}

const fn labelled(label: Label, line: Line) -> Line {
    Line { label, ..line }
}

/// Every code with an oracle.
pub const TABLE: &[Line] = &[
    line("ACC-01", Indicator::Acc01, &[PRE_SCHOOL, PRIMARY, TVE, SCHOOL], &[TOTAL, SEX, LOCALITY]),
    line("ACC-02", Indicator::Acc02, &[PRIMARY, GENERAL], &[TOTAL, SEX]),
    line("ACC-03", Indicator::Acc03, &[ALL], &[AGE]),
    line("ACC-04", Indicator::Acc04, &[PRE_SCHOOL], &[TOTAL, SEX]),
    line("ACC-04-1-6", Indicator::Acc04From1, &[PRE_SCHOOL], &[TOTAL]),
    line("ACC-04-3-6", Indicator::Acc04From3, &[PRE_SCHOOL], &[TOTAL, AGE]),
    line("ACC-05", Indicator::Acc05, &[PRE_SCHOOL], &[TOTAL, SEX]),
    line("ACC-06", Indicator::Acc06, &[PRE_SCHOOL], &[TOTAL, LOCALITY]),
    line("ACC-08", Indicator::Acc08, &[PRIMARY, GENERAL, SCHOOL], &[TOTAL, SEX]),
    line("ACC-09", Indicator::Acc09, &[PRIMARY], &[TOTAL, SEX]),
    line("ACC-10", Indicator::Acc10, &[PRIMARY, BASIC, GENERAL], &[TOTAL, SEX, LOCALITY]),
    line("ACC-11", Indicator::Acc11, &[PRIMARY, BASIC], &[TOTAL, LANGUAGE, GRADE]),
    line("CON-01", Indicator::Con01, &[PRE_SCHOOL, SCHOOL, ALL], &[TOTAL, LANGUAGE, LOCALITY, GRADE]),
    labelled(Label::ShareOfWhole, line("CON-02", Indicator::Con02, &[SCHOOL, ALL], &[LANGUAGE])),
    line("CON-03", Indicator::Con03, &[SCHOOL, TVE], &[TOTAL, SEX]),
    line("CON-04", Indicator::Con04, &[PRIMARY, SCHOOL], &[TOTAL, LANGUAGE, OWNERSHIP]),
    line("CON-05", Indicator::Con05, &[SCHOOL, ALL], &[TOTAL, SEX]),
    line("CON-06", Indicator::Con06, &[SCHOOL, ALL], &[TOTAL, SEX]),
    line("NET-01", Indicator::Net01, &[PRE_SCHOOL, SCHOOL, ALL], &[TOTAL, LOCALITY, OWNERSHIP]),
    line("NET-02", Indicator::Net02, &[SCHOOL], &[TOTAL, LOCALITY]),
    line("NET-03", Indicator::Net03, &[BASIC, SCHOOL], &[TOTAL, SEX]),
    line("NET-04", Indicator::Net04, &[PRIMARY, SCHOOL], &[TOTAL, OWNERSHIP]),
    labelled(Label::NumeratorOnly, line("NET-05", Indicator::Net05, &[SCHOOL], &[TOTAL, LOCALITY])),
    line("NET-05-SHARE", Indicator::Net05, &[SCHOOL], &[TOTAL, LOCALITY]),
    line("NET-06", Indicator::Net06, &[SCHOOL], &[TOTAL, LOCALITY]),
    line("NET-06-STRICT", Indicator::Net06Strict, &[SCHOOL], &[TOTAL, OWNERSHIP]),
    line("NET-07", Indicator::Net07, &[PRE_SCHOOL, SCHOOL, TVE], &[TOTAL, OWNERSHIP]),
    labelled(Label::NumeratorOnly, line("NET-08", Indicator::Net08, &[SCHOOL, ALL], &[TOTAL, LOCALITY])),
    line("NET-08-SHARE", Indicator::Net08, &[SCHOOL, ALL], &[TOTAL, LOCALITY]),
    line("NET-09", Indicator::Net09, &[PRE_SCHOOL, SCHOOL, ALL], &[TOTAL, LOCALITY]),
    line("TCH-01", Indicator::Tch01, &[PRE_SCHOOL, SCHOOL, TVE, ALL], &[TOTAL, LOCALITY]),
    line("TCH-03", Indicator::Tch03, &[SCHOOL, ALL], &[TOTAL, SEX, CATEGORY]),
    labelled(Label::ShareOfWhole, line("TCH-04", Indicator::Tch04, &[SCHOOL, ALL], &[CATEGORY])),
    line("TCH-05", Indicator::Tch05, &[SCHOOL, ALL], &[TOTAL, SEX]),
    line("TCH-06", Indicator::Tch06, &[SCHOOL, ALL], &[TOTAL, SEX]),
    line("INF-01A", Indicator::Inf01A, &[SCHOOL], &[TOTAL]),
    line("INF-01B", Indicator::Inf01B, &[SCHOOL], &[TOTAL]),
    line("INF-01C", Indicator::Inf01C, &[SCHOOL], &[TOTAL]),
    line("INF-01D", Indicator::Inf01D, &[SCHOOL], &[TOTAL, LOCALITY]),
    line("INF-01E", Indicator::Inf01E, &[SCHOOL], &[TOTAL]),
    line("INF-01F", Indicator::Inf01F, &[SCHOOL], &[TOTAL]),
    line("INF-01G", Indicator::Inf01G, &[SCHOOL], &[TOTAL, OWNERSHIP]),
    line("INF-02", Indicator::Inf02, &[SCHOOL, TVE], &[TOTAL, LOCALITY]),
    line("INF-03", Indicator::Inf03, &[SCHOOL, TVE], &[TOTAL, OWNERSHIP]),
    line("INF-04", Indicator::Inf04, &[SCHOOL], &[TOTAL, LOCALITY]),
    line("INF-05", Indicator::Inf05, &[SCHOOL], &[TOTAL, OWNERSHIP]),
    line("GRD-01", Indicator::Grd01, &[PRIMARY, SCHOOL], &[TOTAL, SEX, GRADE]),
    line("GRD-02", Indicator::Grd02, &[PRIMARY, SCHOOL], &[TOTAL, LANGUAGE, LOCALITY]),
    line("SFC-01", Indicator::Sfc01, &[BASIC, GENERAL], &[TOTAL, SEX, GRADE]),
    line("SFC-02", Indicator::Sfc02, &[BASIC, GENERAL], &[TOTAL, SUBJECT]),
    line("UNT-01", Indicator::Unt01, &[GENERAL], &[TOTAL, SEX, LOCALITY]),
    line("UNT-01-SITTINGS", Indicator::Unt01Sittings, &[GENERAL], &[TOTAL, LANGUAGE]),
    line("UNT-03", Indicator::Unt03, &[GENERAL], &[TOTAL, LANGUAGE]),
    line("UNT-04", Indicator::Unt04, &[GENERAL], &[TOTAL, SEX]),
    line("UNT-05", Indicator::Unt05, &[GENERAL], &[TOTAL, SUBJECT]),
    line("UNT-06", Indicator::Unt06, &[GENERAL], &[TOTAL, LOCALITY]),
    line("EFF-02", Indicator::Eff02, &[PRIMARY, SCHOOL], &[TOTAL, SEX, GRADE]),
    line("EFF-06", Indicator::Eff06, &[PRIMARY, BASIC], &[TOTAL, SEX]),
    line("EFF-10", Indicator::Eff10, &[SCHOOL], &[GRADE]),
    line("EFF-01", Indicator::Eff01, &[PRIMARY, BASIC, GENERAL, SCHOOL], &[TOTAL, SEX, GRADE]),
    line("EFF-03", Indicator::Eff03, &[PRIMARY, BASIC, SCHOOL, TVE], &[TOTAL, SEX, GRADE]),
    line("EFF-05", Indicator::Eff05, &[PRIMARY, GENERAL], &[TOTAL, SEX]),
    labelled(Label::ShareOfWhole, line("EFF-07", Indicator::Eff07, &[BASIC], &[DESTINATION])),
    line("TVE-01", Indicator::Tve01, &[ISCED_3], &[TOTAL, SEX]),
    line("TVE-02", Indicator::Tve02, &[TVE], &[TOTAL, SEX, LOCALITY]),
    line("TVE-05", Indicator::Tve05, &[TVE, POST], &[TOTAL, LANGUAGE]),
    line("TVE-06", Indicator::Tve06, &[TVE], &[TOTAL, SEX, FUNDING]),
    line("TVE-07", Indicator::Tve07, &[TVE, POST], &[TOTAL, SEX, DELAY]),
    line("TVE-09", Indicator::Tve09, &[ISCED_3], &[TOTAL, SEX]),
    line("TVE-08", Indicator::Tve08, &[TVE], &[TOTAL, OWNERSHIP]),
    line("EQT-05", Indicator::Eqt05, &[PRE_SCHOOL, SCHOOL, TVE], &[TOTAL, LOCALITY]),
    line("INF-07", Indicator::Inf07, &[TVE, POST], &[TOTAL, OWNERSHIP]),
    line("EQT-07", Indicator::Eqt07, &[PRIMARY, SCHOOL], &[TOTAL, LANGUAGE]),
    line("TCH-02", Indicator::Tch02, &[SCHOOL, ALL], &[TOTAL, SEX]),
    line("TCH-07", Indicator::Tch07, &[SCHOOL, ALL], &[TOTAL, SEX, LOCALITY]),
    line("TCH-07-STOCK", Indicator::Tch07Stock, &[SCHOOL, ALL], &[TOTAL, SEX]),
    line("TCH-08", Indicator::Tch08, &[SCHOOL, ALL], &[TOTAL, LOCALITY]),
    line("UNT-02", Indicator::Unt02, &[GENERAL], &[TOTAL, SEX]),
    line("UNT-03-FIRST", Indicator::Unt03First, &[GENERAL], &[TOTAL, LANGUAGE]),
    line("UNT-03-ALL", Indicator::Unt03All, &[GENERAL], &[TOTAL, SEX]),
    line("UNT-07", Indicator::Unt07, &[GENERAL], &[TOTAL, SEX]),
    line("UNT-08", Indicator::Unt08, &[GENERAL], &[TOTAL, LOCALITY]),
    line("SFC-03", Indicator::Sfc03, &[BASIC, GENERAL], &[TOTAL, SEX]),
    line("SFC-04", Indicator::Sfc04, &[BASIC, GENERAL], &[TOTAL, SUBJECT]),
    line("QAS-07", Indicator::Qas07, &[SCHOOL, ALL], &[TOTAL, OWNERSHIP]),
    line("TTR-02", Indicator::Ttr02, &[SCHOOL, ALL], &[TOTAL, CATEGORY]),
    line("TTR-04", Indicator::Ttr04, &[SCHOOL, ALL], &[TOTAL, SEX]),
    line("TTR-05", Indicator::Ttr05, &[SCHOOL, ALL], &[TOTAL, CATEGORY]),
    line("QAS-01", Indicator::Qas01, &[SCHOOL, TVE, ALL], &[TOTAL, LOCALITY]),
    line("QAS-02", Indicator::Qas02, &[SCHOOL, ALL], &[TOTAL, OWNERSHIP]),
    line("QAS-03", Indicator::Qas03, &[TVE], &[TOTAL, OWNERSHIP]),
    line("QAS-04", Indicator::Qas04, &[SCHOOL, ALL], &[TOTAL, MEMBER]),
    labelled(Label::ShareOfWhole, line("QAS-05", Indicator::Qas05, &[SCHOOL, ALL], &[TOTAL, MEMBER])),
    line("QAS-06", Indicator::Qas06, &[SCHOOL, ALL], &[TOTAL]),
    line("SOC-02", Indicator::Soc02, &[PRIMARY, ALL], &[TOTAL, MEMBER]),
    line("MET-01", Indicator::Met01, &[SCHOOL], &[TOTAL, LOCALITY]),
    line("MET-02", Indicator::Met02, &[SCHOOL], &[TOTAL, LOCALITY]),
    line("TTR-01", Indicator::Ttr01, &[SCHOOL, ALL], &[TOTAL, CATEGORY]),
    line("TTR-03", Indicator::Ttr03, &[SCHOOL, ALL], &[TOTAL, SEX, CATEGORY]),
    labelled(Label::NoLevel, line("KT-01", Indicator::Kt01, &[ALL], &[TOTAL, SEX, LANGUAGE])),
    line("ACC-07", Indicator::Acc07, &[PRE_SCHOOL], &[TOTAL, SEX]),
    line("EQT-04", Indicator::Eqt04, &[ALL], &[TOTAL]),
    line("INF-06", Indicator::Inf06, &[PRIMARY], &[TOTAL, LOCALITY, GRADE]),
    line("CON-07", Indicator::Con07, &[PRE_SCHOOL, SCHOOL, ALL], &[TOTAL, LANGUAGE, GRADE]),
    line("CON-08", Indicator::Con08, &[PRIMARY, SCHOOL], &[TOTAL, SEX, LOCALITY]),
    line("TCH-10", Indicator::Tch10, &[SCHOOL, ALL], &[TOTAL, LOCALITY]),
    line("TVE-03", Indicator::Tve03, &[TVE, POST], &[TOTAL, SEX, OWNERSHIP]),
    line("TVE-04", Indicator::Tve04, &[TVE], &[TOTAL, MEMBER]),
    line("GOV-07", Indicator::Gov07, &[PRIMARY, SCHOOL, ALL], &[TOTAL]),
];

/// Members of the list that only this indicator is broken down by.
pub fn members_of(code: &str) -> &'static [&'static str] {
    match code {
        "QAS-04" => &["organisation", "district_dept", "region_dept"],
        "QAS-05" => &["gross", "significant", "minor"],
        "SOC-01" | "SOC-02" => &["parent", "pupil", "teacher"],
        "TVE-04" => &["employed", "continuing"],
        "FAC-01" => &FACTORS,
        "GOV-08" => &["pupils", "teachers", "organisations", "leavers"],
        _ => &[],
    }
}

/// What is compared of one code whose value is no fraction of two sums.
#[derive(Debug, Clone, Copy)]
pub struct ReadyLine {
    pub oracle: Ready,
    pub levels: &'static [LevelCode],
    pub breakdowns: &'static [&'static [Dimension]],
}

const fn ready(
    oracle: Ready,
    levels: &'static [LevelCode],
    breakdowns: &'static [&'static [Dimension]],
) -> ReadyLine {
    ReadyLine { oracle, levels, breakdowns }
}

/// Every ready value with an oracle.
pub const READY: &[ReadyLine] = &[
    ready(Ready::Acc12, &[PRE_SCHOOL, PRIMARY, SCHOOL, ALL], &[TOTAL, SEX]),
    ready(Ready::Fin01, &[ALL], &[TOTAL]),
    ready(Ready::Fin02, &[ALL], &[TOTAL]),
    ready(Ready::Fin03, &[PRE_SCHOOL, SCHOOL], &[TOTAL]),
    ready(Ready::Fin03Real, &[PRE_SCHOOL, SCHOOL], &[TOTAL]),
    ready(Ready::Fin04, &[PRE_SCHOOL, SCHOOL], &[TOTAL]),
    ready(Ready::Fin05, &[SCHOOL], &[TOTAL]),
    ready(Ready::Fin06, &[SCHOOL], &[TOTAL]),
    ready(Ready::Fin07, &[SCHOOL], &[TOTAL]),
    ready(Ready::Tch09, &[PRE_SCHOOL, SCHOOL], &[TOTAL]),
    ready(Ready::Fac01, &[SCHOOL, TVE], &[&[Dimension::Member, Dimension::Subject]]),
    ready(Ready::Unt03Sd, &[GENERAL], &[TOTAL, SEX, LANGUAGE]),
    ready(Ready::Unt03P10, &[GENERAL], &[TOTAL, SEX]),
    ready(Ready::Unt03P50, &[GENERAL], &[TOTAL, LANGUAGE]),
    ready(Ready::Unt03P90, &[GENERAL], &[TOTAL, SEX]),
    ready(Ready::Grd03, &[GENERAL], &[TOTAL]),
    ready(
        Ready::Mon01,
        &[PRIMARY, BASIC],
        &[TOTAL, SEX, SUBJECT, &[Dimension::Language, Dimension::Subject]],
    ),
    ready(
        Ready::Mon02,
        &[PRIMARY, BASIC],
        &[TOTAL, LANGUAGE, SUBJECT, &[Dimension::Sex, Dimension::Subject]],
    ),
    ready(Ready::Soc01, &[PRE_SCHOOL, PRIMARY, BASIC], &[TOTAL, MEMBER]),
    ready(Ready::Soc03, &[PRIMARY, BASIC], &[TOTAL]),
    ready(Ready::Gov08, &[SCHOOL], &[MEMBER]),
];
