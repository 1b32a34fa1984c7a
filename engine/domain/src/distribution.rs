//! The normal and Student's distribution.
//!
//! Owns probabilities and quantiles, to about twelve digits. It does not decide how
//! sure one wants to be.

/// Halvings of a bracket: the bracket is 10^6 wide and a double has 52 bits.
const HALVINGS: u32 = 120;
/// Terms of a series or continued fraction; each converges in far fewer.
const TERMS: u32 = 400;

/// Probability that a standard normal variable is at most `z`.
#[must_use]
pub fn normal_cdf(z: f64) -> f64 {
    0.5 * erfc(-z / std::f64::consts::SQRT_2)
}

/// The `z` below which a standard normal variable lies with `probability`; infinite at 0 and 1, NaN outside.
#[must_use]
pub fn normal_quantile(probability: f64) -> f64 {
    quantile(probability, normal_cdf)
}

/// Probability that Student's variable with `degrees` of freedom is at most `t`.
#[must_use]
pub fn student_cdf(t: f64, degrees: u32) -> f64 {
    let degrees = f64::from(degrees);
    let tail = 0.5 * incomplete_beta(degrees / (degrees + t * t), 0.5 * degrees, 0.5);
    if t > 0.0 { 1.0 - tail } else { tail }
}

/// The `t` below which Student's variable lies with `probability`.
///
/// `None` without a degree of freedom.
#[must_use]
pub fn student_quantile(probability: f64, degrees: u32) -> Option<f64> {
    (degrees > 0).then(|| quantile(probability, |t| student_cdf(t, degrees)))
}

/// The `t` that leaves out what `z` leaves out of a normal distribution.
///
/// `None` without a degree of freedom.
#[must_use]
pub fn student_critical(z: f64, degrees: u32) -> Option<f64> {
    // The lower tail keeps its digits where the upper one is nearly 1.
    student_quantile(normal_cdf(-z.abs()), degrees).map(|t| -t)
}

fn quantile(probability: f64, cdf: impl Fn(f64) -> f64) -> f64 {
    if !(0.0..=1.0).contains(&probability) {
        return f64::NAN;
    }
    if probability <= 0.0 {
        return f64::NEG_INFINITY;
    }
    if probability >= 1.0 {
        return f64::INFINITY;
    }
    let (mut low, mut high) = (-1e6, 1e6);
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        if cdf(middle) < probability { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// Complementary error function.
fn erfc(x: f64) -> f64 {
    if x < 0.0 {
        return 2.0 - erfc(-x);
    }
    if x < 2.5 {
        // erf(x) = 2 / sqrt(pi) * exp(-x^2) * sum of x^(2n+1) 2^n / (2n+1)!!
        let (mut term, mut sum) = (x, x);
        for n in 1..TERMS {
            term *= 2.0 * x * x / f64::from(2 * n + 1);
            sum += term;
            if term < sum * 1e-17 {
                break;
            }
        }
        return 1.0 - std::f64::consts::FRAC_2_SQRT_PI * (-x * x).exp() * sum;
    }
    // exp(-x^2) / sqrt(pi) / (x + 1/2/(x + 1/(x + 3/2/(x + ...)))), from the inside out.
    let mut fraction = x;
    for n in (1..=120).rev() {
        fraction = x + 0.5 * f64::from(n) / fraction;
    }
    (-x * x).exp() / (fraction * std::f64::consts::PI.sqrt())
}

/// Regularised incomplete beta function, by Lentz's continued fraction.
fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return if x <= 0.0 { 0.0 } else { 1.0 };
    }
    let front = (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (1.0 - x).ln()).exp();
    if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(x, a, b) / a
    } else {
        1.0 - front * beta_fraction(1.0 - x, b, a) / b
    }
}

/// Continued fraction of the incomplete beta function, by the method of Lentz.
fn beta_fraction(x: f64, a: f64, b: f64) -> f64 {
    let off_zero = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let mut above = 1.0;
    let mut below = 1.0 / off_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = below;
    for step in 1..TERMS {
        let step = f64::from(step);
        let even = step * (b - step) * x / ((a + 2.0 * step - 1.0) * (a + 2.0 * step));
        let odd = -(a + step) * (a + b + step) * x / ((a + 2.0 * step) * (a + 2.0 * step + 1.0));
        let mut change = 1.0;
        for numerator in [even, odd] {
            below = 1.0 / off_zero(1.0 + numerator * below);
            above = off_zero(1.0 + numerator / above);
            change = above * below;
            fraction *= change;
        }
        if (change - 1.0).abs() < 1e-15 {
            break;
        }
    }
    fraction
}

/// Logarithm of the gamma function of a positive number, by Stirling's series above 12.
fn ln_gamma(x: f64) -> f64 {
    let (mut x, mut below) = (x, 0.0);
    while x < 12.0 {
        below += x.ln();
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    let series = (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square / 1680.0))) / x;
    (x - 0.5) * x.ln() - x + 0.5 * (2.0 * std::f64::consts::PI).ln() + series - below
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tables_of_the_normal_distribution() {
        // Abramowitz and Stegun, table 26.1 and 26.5.
        for (z, probability) in [(0.0, 0.5), (1.0, 0.841_344_746_068_543), (2.0, 0.977_249_868_051_821)] {
            assert!((normal_cdf(z) - probability).abs() < 1e-13, "{z}");
        }
        assert!((normal_cdf(-4.0) / 3.167_124_183_312e-5 - 1.0).abs() < 1e-11);
        assert!((normal_quantile(0.9) - 1.281_551_565_544_6).abs() < 1e-11);
        assert!((normal_quantile(0.975) - 1.959_963_984_540_05).abs() < 1e-11);
        assert!(normal_quantile(1.5).is_nan());
        assert!(normal_quantile(0.0).is_infinite());
    }

    #[test]
    fn tables_of_student() {
        // Two-sided 95 and 80 %, as printed with five digits in any table; 1 degree is tan(pi (p - 1/2)).
        for (probability, degrees, t) in
            [(0.975, 5, 2.570_58), (0.975, 10, 2.228_14), (0.9, 3, 1.637_74), (0.975, 120, 1.979_93)]
        {
            assert!((student_quantile(probability, degrees).unwrap() - t).abs() < 5e-6, "{degrees}");
        }
        let cauchy = (std::f64::consts::PI * 0.475).tan();
        assert!((student_quantile(0.975, 1).unwrap() - cauchy).abs() < 1e-9);
        assert_eq!(student_quantile(0.9, 0), None);
        assert_eq!(student_critical(1.96, 0), None);
        // 1.959964 leaves out 5 %.
        assert!((student_critical(1.959_963_984_540_05, 5).unwrap() - 2.570_581_8).abs() < 1e-6);
    }

    proptest! {
        #[test]
        fn quantiles_undo_probabilities(t in -6.0_f64..6.0, degrees in 1_u32..60) {
            let back = student_quantile(student_cdf(t, degrees), degrees).unwrap();
            prop_assert!((back - t).abs() < 1e-6, "{}", back);
            prop_assert!((student_cdf(t, degrees) + student_cdf(-t, degrees) - 1.0).abs() < 1e-12);
        }

        #[test]
        fn students_tails_are_heavier(z in 0.1_f64..4.0, degrees in 1_u32..200) {
            prop_assert!(student_critical(z, degrees).unwrap() > z);
        }
    }
}
