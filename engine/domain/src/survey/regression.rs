//! Weighted least squares from weighted sums.

/// A predictor whose variance is this small a part of its own, once the others are known, adds nothing.
const SINGULAR: f64 = 1e-10;

/// Terms without a value: 1, x, products of two x; with it: y, x y, y y.
pub(super) fn shape(predictors: usize) -> (usize, usize) {
    (1 + predictors + predictors * (predictors + 1) / 2, predictors + 2)
}

/// The terms of an observation.
pub(super) fn terms(predictors: &[f64], values: &[f64], terms: &mut Vec<f64>) {
    terms.push(1.0);
    terms.extend(predictors);
    for (place, x) in predictors.iter().enumerate() {
        terms.extend(predictors[..=place].iter().map(|other| x * other));
    }
    for y in values {
        terms.push(*y);
        terms.extend(predictors.iter().map(|x| x * y));
        terms.push(y * y);
    }
}

/// Intercept, slopes and R squared; `None` where predictors depend on each other or do not vary, and
/// for R squared also where the value does not.
///
/// Sums of squares and products are taken about the means, then solved by Cholesky's decomposition.
pub(super) fn solve(count: usize, base: &[f64], own: &[f64]) -> Vec<Option<f64>> {
    let unknown = vec![None; count + 2];
    let total = base[0];
    if total <= 0.0 {
        return unknown;
    }
    let means: Vec<f64> = base[1..=count].iter().map(|sum| sum / total).collect();
    let mean = own[0] / total;
    let about = |row: usize, column: usize| {
        let product = base[1 + count + row * (row + 1) / 2 + column];
        (product - total * means[row] * means[column], product.abs())
    };
    // Lower triangle of the decomposition, row by row.
    let mut lower: Vec<Vec<f64>> = Vec::with_capacity(count);
    for row in 0..count {
        let mut cells: Vec<f64> = Vec::with_capacity(row + 1);
        for (column, above) in lower.iter().enumerate() {
            let known: f64 = cells.iter().zip(above).map(|(a, b)| a * b).sum();
            cells.push((about(row, column).0 - known) / above[column]);
        }
        let (variance, raw) = about(row, row);
        let left = variance - cells.iter().map(|cell| cell * cell).sum::<f64>();
        // The second bound is that of rounding: a constant predictor leaves only noise about its mean.
        if !(left > SINGULAR * variance && variance > 1e-13 * raw) {
            return unknown;
        }
        cells.push(left.sqrt());
        lower.push(cells);
    }
    let with_value: Vec<f64> = (0..count).map(|row| own[1 + row] - total * means[row] * mean).collect();
    let mut forward: Vec<f64> = Vec::with_capacity(count);
    for row in 0..count {
        let known: f64 = lower[row].iter().zip(&forward).map(|(a, b)| a * b).sum();
        forward.push((with_value[row] - known) / lower[row][row]);
    }
    let mut slopes = vec![0.0; count];
    for row in (0..count).rev() {
        let known: f64 = (row + 1..count).map(|below| lower[below][row] * slopes[below]).sum();
        slopes[row] = (forward[row] - known) / lower[row][row];
    }
    let intercept = mean - slopes.iter().zip(&means).map(|(slope, mean)| slope * mean).sum::<f64>();
    let squares = own[count + 1] - total * mean * mean;
    let explained: f64 = forward.iter().map(|part| part * part).sum();
    let r2 = (squares > 1e-13 * own[count + 1]).then(|| explained / squares);
    std::iter::once(Some(intercept)).chain(slopes.into_iter().map(Some)).chain([r2]).collect()
}
