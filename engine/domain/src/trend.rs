//! Trend of a series: least squares beside the median of pairwise slopes.
//!
//! Owns slopes and the standard error of one. It does not decide which years may be
//! compared: the caller passes one comparable stretch.

/// Slope of a line through points of (year, value).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trend {
    /// Least-squares slope, in units a year.
    pub slope: f64,
    /// Its standard error; `None` from two years, which leave nothing to judge by.
    pub slope_se: Option<f64>,
    /// Theil-Sen slope: the median of the slopes of all pairs of years.
    pub theil_sen: f64,
}

impl Trend {
    /// The trend of points; `None` without two different years.
    ///
    /// # Source
    /// Least squares as in any textbook; Sen, Estimates of the regression coefficient
    /// based on Kendall's tau (1968).
    #[must_use]
    pub fn of(points: &[(f64, f64)]) -> Option<Self> {
        let theil_sen = theil_sen(points)?;
        let n = count(points.len());
        let mean = |pick: fn(&(f64, f64)) -> f64| points.iter().map(pick).sum::<f64>() / n;
        let (x_mean, y_mean) = (mean(|point| point.0), mean(|point| point.1));
        let sxx: f64 = points.iter().map(|(x, _)| (x - x_mean).powi(2)).sum();
        let sxy: f64 = points.iter().map(|(x, y)| (x - x_mean) * (y - y_mean)).sum();
        let slope = sxy / sxx;
        let rest: f64 = points.iter().map(|(x, y)| (y - y_mean - slope * (x - x_mean)).powi(2)).sum();
        let slope_se = (points.len() > 2).then(|| (rest / (n - 2.0) / sxx).sqrt());
        Some(Self { slope, slope_se, theil_sen })
    }
}

/// Median of the slopes of all pairs with different x; `None` without any.
#[must_use]
pub fn theil_sen(points: &[(f64, f64)]) -> Option<f64> {
    let mut slopes: Vec<f64> = points
        .iter()
        .enumerate()
        .flat_map(|(index, from)| points[index + 1..].iter().map(move |to| (from, to)))
        .filter(|(from, to)| (to.0 - from.0).abs() > 0.0)
        .map(|(from, to)| (to.1 - from.1) / (to.0 - from.0))
        .collect();
    slopes.sort_by(f64::total_cmp);
    let middle = slopes.len() / 2;
    match slopes.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(slopes[middle]),
        _ => Some(0.5 * (slopes[middle - 1] + slopes[middle])),
    }
}

fn count(length: usize) -> f64 {
    f64::from(u32::try_from(length).expect("a series has fewer than 2^32 points"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_is_its_own_trend() {
        let points = [(2020.0, 3.0), (2021.0, 5.0), (2022.0, 7.0)];
        let trend = Trend::of(&points).unwrap();
        assert!((trend.slope - 2.0).abs() < 1e-12);
        assert!((trend.theil_sen - 2.0).abs() < 1e-12);
        assert!(trend.slope_se.unwrap() < 1e-9);
    }

    #[test]
    fn worked_by_hand() {
        // x - 2.5 = -1.5, -0.5, 0.5, 1.5; y = 1, 3, 2, 6: sxx = 5, sxy = 7, slope 1.4; rests 0.1, 0.7, -1.7, 0.9
        // with squares 0.01 + 0.49 + 2.89 + 0.81 = 4.2; se = sqrt(4.2 / 2 / 5) = 0.648074.
        // Pairwise slopes 2, 0.5, 5/3, -1, 1.5, 4: the middle two of -1, 0.5, 1.5, 1.6667, 2, 4 give 1.583333.
        let trend = Trend::of(&[(1.0, 1.0), (2.0, 3.0), (3.0, 2.0), (4.0, 6.0)]).unwrap();
        assert!((trend.slope - 1.4).abs() < 1e-12);
        assert!((trend.slope_se.unwrap() - 0.42_f64.sqrt()).abs() < 1e-12);
        assert!((trend.theil_sen - 19.0 / 12.0).abs() < 1e-12);
    }

    #[test]
    fn too_little_for_a_trend() {
        assert_eq!(Trend::of(&[]), None);
        assert_eq!(Trend::of(&[(2020.0, 1.0)]), None);
        assert_eq!(Trend::of(&[(2020.0, 1.0), (2020.0, 2.0)]), None);
        assert_eq!(Trend::of(&[(2020.0, 1.0), (2021.0, 2.0)]).unwrap().slope_se, None);
    }

    proptest! {
        #[test]
        fn one_wrong_year_does_not_move_the_median(slope in -10.0_f64..10.0, wrong in 0_usize..9, by in -1e6_f64..1e6) {
            let mut points: Vec<(f64, f64)> = (0..9).map(|x| (f64::from(x), slope * f64::from(x))).collect();
            points[wrong].1 += by;
            prop_assert!((theil_sen(&points).unwrap() - slope).abs() < 1e-6);
        }

        #[test]
        fn order_of_the_points_does_not_matter(values in prop::collection::vec(-100.0_f64..100.0, 3..12)) {
            let points: Vec<(f64, f64)> = values.iter().zip(0..).map(|(y, x)| (f64::from(x), *y)).collect();
            let mut turned = points.clone();
            turned.reverse();
            let (one, other) = (Trend::of(&points).unwrap(), Trend::of(&turned).unwrap());
            prop_assert!((one.slope - other.slope).abs() < 1e-9);
            prop_assert!((one.theil_sen - other.theil_sen).abs() < 1e-9);
        }
    }
}
