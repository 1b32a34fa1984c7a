//! Statistics of surveys worked by hand, and against formulas written out over the rows.

#![allow(clippy::float_cmp, reason = "exact answers are asked for")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use proptest::prelude::*;

use super::*;

/// A pupil: plausible values, final weight, replicate weights, school, predictor, group.
#[derive(Debug, Clone)]
struct Pupil {
    values: Vec<f64>,
    weights: Vec<f64>,
    school: String,
    x: Vec<f64>,
    is_member: bool,
}

impl Pupil {
    fn observation(&self, method: Method, parameter: f64) -> Observation<'_> {
        Observation {
            values: &self.values,
            weight: self.weights[0],
            replicates: &self.weights[1..],
            method,
            parameter,
            predictors: &self.x,
            is_member: self.is_member,
            cluster: &self.school,
        }
    }
}

fn pupil(values: [f64; 2], weights: [f64; 3], school: &str, x: f64) -> Pupil {
    Pupil {
        values: values.into(),
        weights: weights.into(),
        school: school.to_owned(),
        x: vec![x],
        is_member: x > 0.0,
    }
}

/// The four pupils of datasets/fixtures/tiny.
fn four() -> Vec<Pupil> {
    vec![
        pupil([400.0, 410.0], [1.0, 2.0, 1.0], "s1", 0.0),
        pupil([420.0, 430.0], [1.0, 0.0, 1.0], "s1", 1.0),
        pupil([440.0, 450.0], [1.0, 1.0, 2.0], "s2", 2.0),
        pupil([460.0, 470.0], [1.0, 1.0, 0.0], "s2", 3.0),
    ]
}

fn sample(statistic: Statistic, pupils: &[Pupil], method: Method, parameter: f64) -> Sample {
    let mut sample = Sample::new(statistic);
    for pupil in pupils {
        sample.add(&pupil.observation(method, parameter)).unwrap();
    }
    sample
}

fn one(statistic: Statistic, pupils: &[Pupil], method: Method, parameter: f64) -> Estimate {
    sample(statistic, pupils, method, parameter).estimates()[0].1
}

fn near(found: Option<f64>, expected: f64) {
    let found = found.expect("a number");
    assert!((found - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{found}, not {expected}");
}

/// Means 430 and 440; replicate 1 gives (800 + 440 + 460) / 4 = 425, replicate 2 (400 + 420 + 880) / 4 = 425,
/// and 10 more for the second value: deviations of 5 everywhere. Paired jackknife: V = 25 + 25 = 50.
/// Imputation: B = 50, (1 + 1/2) 50 = 75; se = sqrt(125).
#[test]
fn a_mean_by_hand() {
    let mean = one(Statistic::Mean, &four(), Method::Jk2, 0.0);
    assert_eq!(mean.estimate, Some(435.0));
    near(mean.se_sampling, 50f64.sqrt());
    near(mean.se_imputation, 75f64.sqrt());
    near(mean.se, 125f64.sqrt());
    assert_eq!((mean.n, mean.n_effective), (4, Some(4.0)));
    // Fay, k = 0.5, two replicates: 50 / (2 * 0.25) = 100. JK1: 50 / 2. BRR and bootstrap: 50 / 2.
    for (method, variance) in
        [("fay", 100.0), ("jk1", 25.0), ("brr", 25.0), ("bootstrap", 25.0), ("jk2_both", 25.0), ("0.05", 2.5)]
    {
        let mean = one(Statistic::Mean, &four(), method.parse().unwrap(), 0.0);
        near(mean.se_sampling, f64::sqrt(variance));
    }
}

/// At or above 440: pupils 3 and 4 by the first value, the same by the second (430 is below): 1/2. Replicate 1: 2 of 4,
/// replicate 2: 2 of 4. No deviation. At or above 430: 1/2 and 3/4; replicate 1: 1/2 and 1/2, replicate 2: 1/2 and 3/4.
/// About their mean 5/8 the two values deviate by 1/8.
#[test]
fn a_share_by_hand() {
    let share = one(Statistic::ShareAbove, &four(), Method::Jk2, 440.0);
    assert_eq!((share.estimate, share.se), (Some(0.5), Some(0.0)));
    let share = one(Statistic::ShareAbove, &four(), Method::Jk2, 430.0);
    assert_eq!(share.estimate, Some(0.625));
    near(share.se_sampling, f64::sqrt(0.0625 / 2.0));
    near(share.se_imputation, f64::sqrt(1.5 * 2.0 * 0.125 * 0.125));
}

/// Half of the weight lies exactly up to 420: the mean of 420 and 440. Replicate 1: weights 2, 0, 1, 1, half up to
/// 400, next 440: 420. Replicate 2: 1, 1, 2, 0: half up to 420: 430.
#[test]
fn a_median_by_hand() {
    let median = one(Statistic::Quantile, &four(), Method::Jk2, 0.5);
    assert_eq!(median.estimate, Some(435.0));
    near(median.se_sampling, 10.0);
    let quartile = one(Statistic::Quantile, &four(), Method::Jk2, 0.6);
    assert_eq!(quartile.estimate, Some(445.0));
    for (part, value) in [(0.0, 405.0), (1.0, 465.0)] {
        assert_eq!(one(Statistic::Quantile, &four(), Method::Jk2, part).estimate, Some(value));
    }
}

/// Members (x > 0): (420 + 440 + 460) / 3 = 440 less 400, and the same by the second value: 40. Replicate 1: (440 +
/// 460) / 2 - 400 = 50; replicate 2: (420 + 880) / 3 - 400 = 33 1/3.
#[test]
fn a_gap_by_hand() {
    let gap = one(Statistic::Gap, &four(), Method::Jk2, 0.0);
    assert_eq!(gap.estimate, Some(40.0));
    near(gap.se_sampling, f64::sqrt(100.0 + 400.0 / 9.0));
    near(gap.se_imputation, 0.0);
}

/// The values lie on the line 400 + 20 x and 410 + 20 x, under any weights.
#[test]
fn a_line_is_found() {
    let found = sample(Statistic::Regression, &four(), Method::Jk2, 0.0).estimates();
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["intercept", "x1", "r2"]);
    near(found[0].1.estimate, 405.0);
    near(found[0].1.se_imputation, 75f64.sqrt());
    near(found[1].1.estimate, 20.0);
    assert!(found[1].1.se.unwrap() < 1e-9);
    near(found[2].1.estimate, 1.0);
}

/// School means 410 and 450, mean 430: within (100 + 100 + 100 + 100) / 2 = 200; among means 2 * 400 + 2 * 400 =
/// 1600, less 200 is 1400, `n_0` = (4 - 8 / 4) / 1 = 2: 700. Share 700 / 900.
#[test]
fn a_share_between_schools_by_hand() {
    let share = one(Statistic::BetweenShare, &four(), Method::Jk2, 0.0);
    near(share.estimate, 700.0 / 900.0);
    assert_eq!(one(Statistic::BetweenShare, &four()[..2], Method::Jk2, 0.0).estimate, None);
}

#[test]
fn what_cannot_be_estimated_is_none() {
    let empty = Sample::new(Statistic::Mean).estimates();
    assert_eq!(empty[0].1, Estimate::default());
    assert!(Sample::new(Statistic::Regression).estimates().is_empty());
    let single = one(Statistic::Mean, &four()[..1], Method::Jk2, 0.0);
    assert_eq!((single.estimate, single.se, single.n), (Some(405.0), None, 1));
    // Pupil 2 alone and with pupil 1 out of the sample: replicate 1 has no weight.
    let mut two = four()[1..3].to_vec();
    two[1].weights = vec![1.0, 0.0, 2.0];
    let mean = one(Statistic::Mean, &two, Method::Jk2, 0.0);
    assert_eq!((mean.estimate, mean.se), (Some(435.0), None));
    // No weight at all.
    let mut none = four();
    for pupil in &mut none {
        pupil.weights = vec![0.0; 3];
    }
    assert_eq!(one(Statistic::Mean, &none, Method::Jk2, 0.0), Estimate::default());
    assert_eq!(one(Statistic::Quantile, &none, Method::Jk2, 0.5), Estimate::default());
    // No replicate weights: the imputation is known, the sampling is not.
    let mut without = four();
    for pupil in &mut without {
        pupil.weights.truncate(1);
    }
    let mean = one(Statistic::Mean, &without, Method::Jk2, 0.0);
    assert_eq!((mean.estimate, mean.se, mean.se_sampling), (Some(435.0), None, None));
    near(mean.se_imputation, 75f64.sqrt());
    // One plausible value: the error is that of the sample.
    let mut score = four();
    for pupil in &mut score {
        pupil.values.truncate(1);
    }
    let mean = one(Statistic::Mean, &score, Method::Jk2, 0.0);
    assert_eq!((mean.se, mean.se_imputation), (mean.se_sampling, None));
    let mean = one(Statistic::ObservedMean, &score, Method::Jk2, 0.0);
    assert_eq!((mean.se, mean.se_imputation), (mean.se_sampling, Some(0.0)));
    // Predictors that do not vary.
    let mut flat = four();
    for pupil in &mut flat {
        pupil.x = vec![2022.0];
    }
    let found = sample(Statistic::Regression, &flat, Method::Jk2, 0.0).estimates();
    assert!(found.iter().all(|(_, estimate)| estimate.estimate.is_none()));
}

#[test]
fn what_cannot_stand_together_is_refused() {
    let start = || sample(Statistic::Mean, &four()[..1], Method::Jk2, 0.0);
    let base = four()[1].clone();
    let refused = |change: &dyn Fn(&mut Pupil)| {
        let mut pupil = base.clone();
        change(&mut pupil);
        start().add(&pupil.observation(Method::Jk2, 0.0)).unwrap_err().to_string()
    };
    let cases: [(&str, String); 6] = [
        ("a row has 1 plausible values where", refused(&|pupil| pupil.values.truncate(1))),
        ("a row has 1 replicate weights where", refused(&|pupil| pupil.weights.truncate(2))),
        ("a row has 0 predictors where", refused(&|pupil| pupil.x.clear())),
        ("a value is NaN", refused(&|pupil| pupil.values[1] = f64::NAN)),
        ("a replicate weight is -1", refused(&|pupil| pupil.weights[2] = -1.0)),
        ("is beyond 4.6e18", refused(&|pupil| pupil.values[0] = 1e19)),
    ];
    for (text, found) in cases {
        assert!(found.contains(text), "{found}, not {text}");
    }
    let changed = start().add(&base.observation(Method::Jk1, 0.0)).unwrap_err();
    assert!(matches!(changed, SurveyError::Changes { what: "method", .. }), "{changed}");
    let changed = start().add(&base.observation(Method::Jk2, 1.0)).unwrap_err();
    assert!(matches!(changed, SurveyError::Changes { what: "cut or quantile", .. }), "{changed}");
    let mut quantile = Sample::new(Statistic::Quantile);
    let outside = quantile.add(&base.observation(Method::Jk2, 1.5)).unwrap_err();
    assert_eq!(outside, SurveyError::Quantile { value: 1.5 });
    for text in ["", "jackknife", "fay:1", "fay:x", "0", "-1", "inf", "NaN"] {
        assert!(matches!(text.parse::<Method>(), Err(SurveyError::UnknownMethod { .. })), "{text}");
    }
    assert!(matches!("skip".parse::<LonelyUnit>(), Err(SurveyError::UnknownLonelyUnit { .. })));
}

#[test]
fn published_factors() {
    assert!((Method::Fay { k: 0.5 }.factor(80) - 0.05).abs() < 1e-15);
    assert!((Method::Fay { k: 0.5 }.factor(100) - 0.04).abs() < 1e-15);
    assert_eq!(Method::Jk2.factor(75), 1.0);
    assert_eq!(Method::Jk1.factor(4), 0.75);
}

#[test]
fn foreign_bytes_are_an_error() {
    for statistic in [Statistic::Mean, Statistic::Quantile, Statistic::BetweenShare, Statistic::Regression] {
        let bytes = sample(statistic, &four(), Method::Jk2, 0.5).to_bytes();
        for length in 0..bytes.len() {
            let cut = sample(statistic, &four(), Method::Jk2, 0.5).merge(&bytes[..length]);
            assert!(matches!(cut, Err(SurveyError::State { .. } | SurveyError::UnknownMethod { .. })));
        }
        let other = sample(Statistic::Gap, &four(), Method::Jk2, 0.5).to_bytes();
        assert!(Sample::new(statistic).merge(&other).is_err());
    }
}

fn unit<'a>(stratum: &'a str, psu: &'a str, weight: f64, ratio: Option<(f64, f64)>) -> Unit<'a> {
    Unit { ratio, weight, stratum, psu, lonely: LonelyUnit::Unknown }
}

/// The design of MON-01 in datasets/fixtures/tiny: 10 of 20 at weight 2 and 16 of 20 at weight 1: R = 36 / 60, z = -4/60
/// and 4/60, se = 8/60. With a second stratum 15 of 20 at 2 and 9 of 20 at 1: sqrt(144.5) / 120.
#[test]
fn a_design_by_hand() {
    let rows = [
        unit("a", "a1", 2.0, Some((10.0, 20.0))),
        unit("a", "a2", 1.0, Some((16.0, 20.0))),
        unit("b", "b1", 2.0, Some((15.0, 20.0))),
        unit("b", "b2", 1.0, Some((9.0, 20.0))),
    ];
    let answer = |rows: &[Unit<'_>]| {
        let mut sample = DesignSample::default();
        for row in rows {
            sample.add(row).unwrap();
        }
        sample.estimate()
    };
    let one = answer(&rows[..2]);
    near(one.estimate, 0.6);
    near(one.se, 8.0 / 60.0);
    near(one.n_effective, 9.0 / 5.0);
    let two = answer(&rows);
    near(two.estimate, 0.625);
    near(two.se, 144.5f64.sqrt() / 120.0);
    // A unit without an answer stays: three units, z of the third is 0: 3/2 (2 (4/60)^2 - 0).
    let silent = [rows[0], rows[1], unit("a", "a3", 5.0, None)];
    near(answer(&silent).se, f64::sqrt(1.5 * 2.0) * 4.0 / 60.0);
    // A stratum of one unit: R = 36 + 30 of 60 + 40 = 0.66; z_a = (20 - 26.4, 16 - 13.2) / 100, z_b = 3.6 / 100.
    let lonely = |lonely| {
        let rows: Vec<Unit<'_>> = rows[..3].iter().map(|row| Unit { lonely, ..*row }).collect();
        answer(&rows)
    };
    assert_eq!(lonely(LonelyUnit::Unknown).se, None);
    near(lonely(LonelyUnit::Certainty).se, 0.092);
    near(lonely(LonelyUnit::Centred).se, f64::sqrt(0.092f64.powi(2) + 0.036f64.powi(2)));
    let mut mixed = DesignSample::default();
    mixed.add(&rows[0]).unwrap();
    let changed = mixed.add(&Unit { lonely: LonelyUnit::Centred, ..rows[1] }).unwrap_err();
    assert!(matches!(changed, SurveyError::Changes { .. }));
    assert!(mixed.add(&unit("a", "a1", -1.0, None)).is_err());
    assert!(mixed.add(&unit("a", "a1", 1.0, Some((f64::INFINITY, 1.0)))).is_err());
    assert_eq!(DesignSample::default().estimate(), Estimate::default());
}

#[test]
fn the_link_error_enters_a_trend() {
    assert_eq!(trend_error(2.0, 3.0, 6.0), 7.0);
}

fn any_pupil() -> impl Strategy<Value = Pupil> {
    (
        prop::collection::vec(-3.0f64..900.0, 3),
        prop::collection::vec(prop_oneof![Just(0.0), 0.1f64..50.0], 4),
        0u8..5,
        prop::collection::vec(-2.0f64..2.0, 2),
        any::<bool>(),
    )
        .prop_map(|(values, mut weights, school, x, is_member)| {
            weights[0] += 1.0;
            Pupil { values, weights, school: format!("s{school}"), x, is_member }
        })
}

const ALL: [Statistic; 7] = [
    Statistic::Mean,
    Statistic::ObservedMean,
    Statistic::ShareAbove,
    Statistic::Gap,
    Statistic::Regression,
    Statistic::Quantile,
    Statistic::BetweenShare,
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Bit for bit: the order of rows and the cut into parts change nothing.
    #[test]
    fn order_and_parts_change_nothing(
        pupils in prop::collection::vec(any_pupil(), 1..25),
        cut in 0usize..25,
        turn in 0usize..25,
    ) {
        for statistic in ALL {
            let whole = sample(statistic, &pupils, Method::Brr, 0.5);
            let mut turned = pupils.clone();
            turned.rotate_left(turn % pupils.len());
            let (first, second) = turned.split_at(cut.min(turned.len()));
            let mut merged = Sample::new(statistic);
            for part in [second, first] {
                merged.merge(&sample(statistic, part, Method::Brr, 0.5).to_bytes()).unwrap();
            }
            prop_assert_eq!(merged.estimates(), whole.estimates());
        }
    }

    /// The sums agree with the formulas written out over the rows.
    #[test]
    fn sums_are_the_formulas(pupils in prop::collection::vec(any_pupil(), 8..30)) {
        let weighted = |of: &dyn Fn(&Pupil) -> f64, weight: usize| -> f64 {
            pupils.iter().map(|pupil| of(pupil) * pupil.weights[weight]).sum()
        };
        let mean = |value: usize, weight: usize| {
            weighted(&|pupil| pupil.values[value], weight) / weighted(&|_| 1.0, weight)
        };
        let finals: Vec<f64> = (0..3).map(|value| mean(value, 0)).collect();
        let estimate = finals.iter().sum::<f64>() / 3.0;
        let sampling: f64 = (0..3)
            .map(|value| (1..4).map(|weight| (mean(value, weight) - finals[value]).powi(2)).sum::<f64>() / 3.0)
            .sum::<f64>() / 3.0;
        let imputation = 4.0 / 3.0 * finals.iter().map(|one| (one - estimate).powi(2)).sum::<f64>() / 2.0;
        let found = one(Statistic::Mean, &pupils, Method::Brr, 0.0);
        prop_assert!((found.estimate.unwrap() - estimate).abs() < 1e-9);
        if let Some(se) = found.se {
            prop_assert!((se - (sampling + imputation).sqrt()).abs() < 1e-9);
        }
        // Least squares: residuals are orthogonal to 1 and to every predictor.
        let coefficients = sample(Statistic::Regression, &pupils, Method::Brr, 0.0);
        let mut one_value = pupils.clone();
        for pupil in &mut one_value {
            pupil.values.truncate(1);
        }
        let found: Vec<f64> = sample(Statistic::Regression, &one_value, Method::Brr, 0.0)
            .estimates().into_iter().filter_map(|(_, estimate)| estimate.estimate).collect();
        prop_assert_eq!(found.len(), coefficients.estimates().len());
        let residual = |pupil: &Pupil| pupil.values[0] - found[0] - found[1] * pupil.x[0] - found[2] * pupil.x[1];
        prop_assert!(weighted(&residual, 0).abs() < 1e-6);
        prop_assert!(weighted(&|pupil| residual(pupil) * pupil.x[0], 0).abs() < 1e-6);
        prop_assert!(weighted(&|pupil| residual(pupil) * pupil.x[1], 0).abs() < 1e-6);
        let total = weighted(&|pupil| (pupil.values[0] - finals[0]).powi(2), 0);
        let r2 = 1.0 - weighted(&|pupil| residual(pupil).powi(2), 0) / total;
        prop_assert!((found[3] - r2).abs() < 1e-9);
    }
}
