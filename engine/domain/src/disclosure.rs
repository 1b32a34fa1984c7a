//! Which cells of a published table are hidden, so that no small count can be read off it.
//!
//! A cell is hidden *primarily* when it tells of too few persons. A hidden cell that its total and the other parts give
//! away is protected by hiding a second one, and so on: at the end no hidden cell follows from the shown ones, whichever
//! totals are combined. Which persons a table is about and how many are too few is the caller's.

use std::collections::{BTreeMap, BTreeSet};

/// A cell of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// Persons it tells of; the smallest are hidden first.
    pub size: u64,
    /// Too few persons.
    pub is_primary: bool,
}

/// `total` is the sum of `parts`; a total that is no cell of the table is known all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    /// Position of the total, where it is a cell.
    pub total: Option<usize>,
    /// Positions of the parts.
    pub parts: Vec<usize>,
}

impl Sum {
    fn cells(&self) -> impl Iterator<Item = usize> + '_ {
        self.parts.iter().copied().chain(self.total)
    }
}

/// A prime below 2^31: products of residues fit 64 bits.
const PRIME: u64 = 2_147_483_647;

/// Which cells are hidden.
///
/// Parts are hidden before totals, small cells before large, earlier ones before later: the same table always gives the
/// same answer. Cells without persons are never hidden. A cell that nothing protects, because every other cell with
/// persons is hidden already, stays as it is.
#[must_use]
pub fn hidden(cells: &[Cell], sums: &[Sum]) -> Vec<bool> {
    let mut hidden: Vec<bool> = cells.iter().map(|cell| cell.is_primary).collect();
    let mut of_cell: Vec<Vec<usize>> = vec![Vec::new(); cells.len()];
    for (index, sum) in sums.iter().enumerate() {
        for cell in sum.cells() {
            of_cell[cell].push(index);
        }
    }
    // Sums in which something may have come to stand alone.
    let mut open: BTreeSet<usize> = (0..sums.len()).collect();
    loop {
        while let Some(index) = open.pop_first() {
            let mut alone = sums[index].cells().filter(|cell| hidden[*cell]);
            if let (Some(_), None) = (alone.next(), alone.next())
                && let Some(cell) = cheapest(cells, &hidden, std::iter::once(&sums[index]))
            {
                hidden[cell] = true;
                open.extend(&of_cell[cell]);
            }
        }
        let mut has_grown = false;
        for cell in determined(&hidden, sums) {
            if let Some(other) = nearest(cell, cells, &hidden, sums, &of_cell) {
                hidden[other] = true;
                open.extend(&of_cell[other]);
                has_grown = true;
            }
        }
        if !has_grown {
            return hidden;
        }
    }
}

/// The cheapest cell of the sums nearest to a hidden one that have any left to hide.
fn nearest(
    cell: usize,
    cells: &[Cell],
    hidden: &[bool],
    sums: &[Sum],
    of_cell: &[Vec<usize>],
) -> Option<usize> {
    let mut reached: BTreeSet<usize> = of_cell[cell].iter().copied().collect();
    let mut front = reached.clone();
    while !front.is_empty() {
        if let Some(other) = cheapest(cells, hidden, front.iter().map(|index| &sums[*index])) {
            return Some(other);
        }
        let beyond = front.iter().flat_map(|index| sums[*index].cells()).flat_map(|cell| &of_cell[cell]);
        front = beyond.copied().filter(|index| !reached.contains(index)).collect();
        reached.extend(&front);
    }
    None
}

/// The cell of these sums that costs least to hide.
fn cheapest<'a>(cells: &[Cell], hidden: &[bool], sums: impl Iterator<Item = &'a Sum>) -> Option<usize> {
    sums.flat_map(|sum| {
        let parts = sum.parts.iter().map(|cell| (false, *cell));
        parts.chain(sum.total.map(|cell| (true, cell)))
    })
    .filter(|(_, cell)| !hidden[*cell] && cells[*cell].size > 0)
    .min_by_key(|(is_total, cell)| (*is_total, cells[*cell].size, *cell))
    .map(|(_, cell)| cell)
}

/// Hidden cells that the sums determine: in the reduced equations their row names nothing else.
#[must_use]
pub fn determined(hidden: &[bool], sums: &[Sum]) -> Vec<usize> {
    // Rows by pivot, each reduced by the others.
    let mut rows: BTreeMap<usize, BTreeMap<usize, u64>> = BTreeMap::new();
    for sum in sums {
        let mut row: BTreeMap<usize, u64> = BTreeMap::new();
        for (cell, factor) in
            sum.parts.iter().map(|cell| (*cell, 1)).chain(sum.total.map(|cell| (cell, PRIME - 1)))
        {
            if hidden[cell] {
                add(&mut row, cell, factor);
            }
        }
        let pivots: Vec<usize> = row.keys().filter(|cell| rows.contains_key(*cell)).copied().collect();
        for pivot in pivots {
            let factor = row.get(&pivot).copied().unwrap_or(0);
            if let Some(known) = rows.get(&pivot) {
                subtract(&mut row, known, factor);
            }
        }
        let Some((pivot, lead)) = row.iter().next().map(|(cell, factor)| (*cell, *factor)) else { continue };
        let scale = inverse(lead);
        for factor in row.values_mut() {
            *factor = *factor * scale % PRIME;
        }
        for known in rows.values_mut() {
            let factor = known.get(&pivot).copied().unwrap_or(0);
            subtract(known, &row, factor);
        }
        rows.insert(pivot, row);
    }
    rows.iter().filter(|(_, row)| row.len() == 1).map(|(pivot, _)| *pivot).collect()
}

fn add(row: &mut BTreeMap<usize, u64>, cell: usize, factor: u64) {
    let sum = (row.get(&cell).copied().unwrap_or(0) + factor) % PRIME;
    if sum == 0 {
        row.remove(&cell);
    } else {
        row.insert(cell, sum);
    }
}

/// `row -= factor * other`.
fn subtract(row: &mut BTreeMap<usize, u64>, other: &BTreeMap<usize, u64>, factor: u64) {
    if factor != 0 {
        for (cell, amount) in other {
            add(row, *cell, (PRIME - factor) * amount % PRIME);
        }
    }
}

/// By Fermat's little theorem.
fn inverse(value: u64) -> u64 {
    let (mut base, mut exponent, mut result) = (value % PRIME, PRIME - 2, 1);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result * base % PRIME;
        }
        base = base * base % PRIME;
        exponent >>= 1;
    }
    result
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "test code")]

    use super::*;
    use proptest::prelude::*;

    fn table(sizes: &[u64], min: u64) -> Vec<Cell> {
        sizes.iter().map(|size| Cell { size: *size, is_primary: (1..min).contains(size) }).collect()
    }

    #[test]
    fn a_single_gap_gets_a_second() {
        // 24 = 3 + 9 + 12: 3 is too few, so the next smallest part is hidden with it.
        let sums = [Sum { total: Some(0), parts: vec![1, 2, 3] }];
        assert_eq!(hidden(&table(&[24, 3, 9, 12], 5), &sums), [false, true, true, false]);
        // Nothing else has persons: the total goes.
        assert_eq!(hidden(&table(&[3, 3, 0, 0], 5), &sums), [true, true, false, false]);
    }

    #[test]
    fn a_total_that_is_not_shown_is_known() {
        let sums = [Sum { total: None, parts: vec![0, 1] }];
        assert_eq!(hidden(&table(&[2, 40], 5), &sums), [true, true]);
    }

    #[test]
    fn a_table_without_small_cells_is_shown() {
        let sums = [Sum { total: Some(0), parts: vec![1, 2] }];
        assert_eq!(hidden(&table(&[30, 10, 20], 10), &sums), [false, false, false]);
    }

    /// Two blocks of four, joined by one cell: every row and column has two gaps, and yet the rows of a block less
    /// its columns give the joining cell.
    #[test]
    fn a_bridge_between_two_blocks_is_found() {
        let sum = |parts: Vec<usize>| Sum { total: None, parts };
        let mut sums: Vec<Sum> = Vec::new();
        let gaps = [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 2), (2, 3), (3, 2), (3, 3)];
        for line in 0..4 {
            sums.push(sum((0..4).map(|column| line * 4 + column).collect()));
            sums.push(sum((0..4).map(|row| row * 4 + line).collect()));
        }
        let is_hidden: Vec<bool> = (0..16).map(|cell| gaps.contains(&(cell / 4, cell % 4))).collect();
        assert_eq!(determined(&is_hidden, &sums), [6]);
    }

    /// Another way to say it: a cell is determined when leaving its column out lowers the rank of the equations.
    fn is_determined(cell: usize, hidden: &[bool], sums: &[Sum]) -> bool {
        let columns: Vec<usize> = (0..hidden.len()).filter(|column| hidden[*column]).collect();
        let matrix = |left_out: Option<usize>| -> Vec<Vec<f64>> {
            let row = |sum: &Sum| {
                let factor = |column: &usize| {
                    let in_parts = sum.parts.iter().filter(|part| *part == column).count();
                    let in_total = sum.total == Some(*column);
                    f64::from(u8::try_from(in_parts).unwrap()) - f64::from(u8::from(in_total))
                };
                columns.iter().filter(|column| left_out != Some(**column)).map(factor).collect()
            };
            sums.iter().map(row).collect()
        };
        // Without the column the rank stays: then the cell can be moved without the others noticing.
        rank(matrix(None)) == rank(matrix(Some(cell))) + 1
    }

    fn rank(mut matrix: Vec<Vec<f64>>) -> usize {
        let width = matrix.first().map_or(0, Vec::len);
        let mut rank = 0;
        for column in 0..width {
            let Some(pivot) = (rank..matrix.len())
                .filter(|row| matrix[*row][column].abs() > 1e-9)
                .max_by(|a, b| matrix[*a][column].abs().total_cmp(&matrix[*b][column].abs()))
            else {
                continue;
            };
            matrix.swap(rank, pivot);
            for row in rank + 1..matrix.len() {
                let factor = matrix[row][column] / matrix[rank][column];
                let pivot = matrix[rank].clone();
                for (cell, above) in matrix[row].iter_mut().zip(&pivot).skip(column) {
                    *cell -= factor * above;
                }
            }
            rank += 1;
        }
        rank
    }

    /// Units of two tiers by members of one dimension, with every total: the table as it is published.
    fn published(regions: &[usize], members: usize, sizes: &[u64]) -> (Vec<Cell>, Vec<Sum>) {
        let districts: usize = regions.iter().sum();
        let units = 1 + regions.len() + districts;
        let at = |unit: usize, member: usize| unit * (members + 1) + member;
        let mut amounts = vec![0; units * (members + 1)];
        let mut sums = Vec::new();
        let mut next = 1 + regions.len();
        let mut drawn = sizes.iter().cycle();
        for (region, count) in regions.iter().enumerate() {
            for district in next..next + count {
                for member in 1..=members {
                    let size = *drawn.next().unwrap();
                    for unit in [0, 1 + region, district] {
                        amounts[at(unit, member)] += size;
                        amounts[at(unit, 0)] += size;
                    }
                }
            }
            for member in 0..=members {
                let parts = (next..next + count).map(|district| at(district, member)).collect();
                sums.push(Sum { total: Some(at(1 + region, member)), parts });
            }
            next += count;
        }
        for member in 0..=members {
            let parts = (1..=regions.len()).map(|region| at(region, member)).collect();
            sums.push(Sum { total: Some(at(0, member)), parts });
        }
        for unit in 0..units {
            sums.push(Sum { total: Some(at(unit, 0)), parts: (1..=members).map(|m| at(unit, m)).collect() });
        }
        (table(&amounts, 10), sums)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn no_hidden_cell_of_a_published_table_can_be_computed(
            regions in prop::collection::vec(2_usize..5, 2..4),
            members in 2_usize..4,
            sizes in prop::collection::vec(prop_oneof![Just(0_u64), 1_u64..10, 10_u64..300], 40),
        ) {
            let (cells, sums) = published(&regions, members, &sizes);
            let is_hidden = hidden(&cells, &sums);
            for (cell, known) in cells.iter().zip(&is_hidden) {
                prop_assert!(*known || !cell.is_primary);
            }
            for cell in (0..cells.len()).filter(|cell| is_hidden[*cell]) {
                prop_assert!(!is_determined(cell, &is_hidden, &sums), "cell {cell} of {cells:?}: {is_hidden:?}");
            }
            prop_assert_eq!(hidden(&cells, &sums), is_hidden);
        }

        #[test]
        fn what_is_found_determined_is_so(
            gaps in prop::collection::vec(any::<bool>(), 36),
            regions in Just(vec![2_usize, 3]),
        ) {
            let (cells, sums) = published(&regions, 3, &[20; 15]);
            let is_hidden: Vec<bool> = (0..cells.len()).map(|cell| gaps[cell % gaps.len()]).collect();
            let found = determined(&is_hidden, &sums);
            for cell in (0..cells.len()).filter(|cell| is_hidden[*cell]) {
                prop_assert_eq!(found.contains(&cell), is_determined(cell, &is_hidden, &sums), "{}", cell);
            }
        }
    }
}
