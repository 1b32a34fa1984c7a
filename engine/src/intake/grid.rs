//! Cells of a block of rows as slices of shared text, whatever file they come from.

/// Top bit of a start: the cell lies in the side buffer.
const SIDE: u32 = 1 << 31;

/// Where a cell lies.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: u32,
    len: u32,
}

/// Rows of `width` cells each; an empty cell is NULL.
#[derive(Debug, Default)]
pub(super) struct Grid {
    text: Vec<u8>,
    // Cells that do not stand in the file as they are: unescaped quotes, numbers of a workbook.
    side: Vec<u8>,
    spans: Vec<Span>,
    width: usize,
    rows: Vec<u64>,
}

impl Grid {
    /// An empty grid over the text of a block of at most 2 GiB.
    pub(super) fn new(text: Vec<u8>, width: usize) -> Self {
        debug_assert!(text.len() < SIDE as usize, "blocks are some MiB");
        Self { text, width, ..Self::default() }
    }

    /// Take the text out while slices of it are pushed.
    pub(super) fn take_text(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.text)
    }

    /// Put the text back: cells are slices of it again.
    pub(super) fn put_text(&mut self, text: Vec<u8>) {
        self.text = text;
    }

    /// Number of complete rows.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Row numbers as the submitter sees them.
    pub(super) fn rows(&self) -> &[u64] {
        &self.rows
    }

    /// Bytes held, to bound a block.
    pub(super) fn bytes(&self) -> usize {
        self.text.len() + self.side.len() + self.spans.len() * size_of::<Span>()
    }

    /// One cell.
    pub(super) fn cell(&self, row: usize, column: usize) -> &[u8] {
        let span = self.spans[row * self.width + column];
        let (buffer, start) =
            if span.start & SIDE == 0 { (&self.text, span.start) } else { (&self.side, span.start ^ SIDE) };
        &buffer[start as usize..(start + span.len) as usize]
    }

    /// Number of cells pushed since the last complete row.
    fn open(&self) -> usize {
        self.spans.len() - self.rows.len() * self.width
    }

    /// Add a cell that is a slice of the text; cells beyond the width are dropped.
    pub(super) fn push_slice(&mut self, start: usize, end: usize) {
        if self.open() < self.width {
            self.spans.push(Span { start: index(start), len: index(end - start) });
        }
    }

    /// Add a cell of its own text; cells beyond the width are dropped.
    pub(super) fn push_text(&mut self, cell: &[u8]) {
        if self.open() < self.width {
            self.spans.push(Span { start: index(self.side.len()) | SIDE, len: index(cell.len()) });
            self.side.extend_from_slice(cell);
        }
    }

    /// Put a cell of the open row at its column, with empty cells before it.
    pub(super) fn put(&mut self, column: usize, cell: &[u8]) {
        while self.open() < column.min(self.width) {
            self.push_text(b"");
        }
        if self.open() > column {
            // A cell written twice: the last one counts, as in a spreadsheet.
            let at = self.rows.len() * self.width + column;
            self.spans[at] = Span { start: index(self.side.len()) | SIDE, len: index(cell.len()) };
            self.side.extend_from_slice(cell);
        } else {
            self.push_text(cell);
        }
    }

    /// Whether the open row holds nothing.
    pub(super) fn is_open_empty(&self) -> bool {
        self.spans[self.rows.len() * self.width..].iter().all(|span| span.len == 0)
    }

    /// Complete the open row; missing cells are empty.
    pub(super) fn end_row(&mut self, row: u64) {
        while self.open() < self.width {
            self.push_text(b"");
        }
        self.rows.push(row);
    }

    /// Forget the open row.
    pub(super) fn drop_row(&mut self) {
        self.spans.truncate(self.rows.len() * self.width);
    }
}

/// Offsets within a block fit: blocks are cut far below 2 GiB.
fn index(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX ^ SIDE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_own_text_and_gaps_make_a_row() {
        let mut grid = Grid::new(b"ab;c".to_vec(), 4);
        grid.push_slice(0, 2);
        grid.put(2, b"own");
        grid.end_row(7);
        grid.push_slice(3, 4);
        grid.drop_row();
        for _ in 0..9 {
            grid.push_text(b"x");
        }
        grid.end_row(9);
        assert_eq!(grid.rows(), [7, 9]);
        let row = |row| (0..4).map(|column| grid.cell(row, column)).collect::<Vec<_>>();
        assert_eq!(row(0), [b"ab".as_slice(), b"", b"own", b""]);
        assert_eq!(row(1), [b"x"; 4]);
    }
}
