//! Records of a BIFF8 stream: kind, length, bytes.

/// What makes a file unreadable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Damage(pub(super) &'static str);

/// Goes on with the data of the record before it.
const CONTINUE: u16 = 0x003c;

/// One record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'s> {
    pub(super) kind: u16,
    pub(super) data: &'s [u8],
}

/// The records of a stream from a position on.
#[derive(Debug)]
pub(super) struct Records<'s> {
    stream: &'s [u8],
    position: usize,
}

impl<'s> Records<'s> {
    pub(super) fn new(stream: &'s [u8], position: usize) -> Self {
        Self { stream, position }
    }

    /// Where the next record begins.
    pub(super) fn position(&self) -> usize {
        self.position
    }

    /// The next record; `None` at the end of the stream.
    pub(super) fn next(&mut self) -> Result<Option<Record<'s>>, Damage> {
        let Some(rest) = self.stream.get(self.position..).filter(|rest| !rest.is_empty()) else {
            return Ok(None);
        };
        let (kind, length) = (short(rest, 0)?, usize::from(short(rest, 2)?));
        let data = rest.get(4..4 + length).ok_or(Damage("a record is cut off"))?;
        self.position += 4 + length;
        Ok(Some(Record { kind, data }))
    }

    /// The data of the next record when it goes on with this one.
    pub(super) fn continued(&mut self) -> Result<Option<&'s [u8]>, Damage> {
        let before = self.position;
        if let Some(Record { kind: CONTINUE, data }) = self.next()? {
            return Ok(Some(data));
        }
        self.position = before;
        Ok(None)
    }
}

/// Two bytes at a place.
pub(super) fn short(data: &[u8], at: usize) -> Result<u16, Damage> {
    let bytes = data.get(at..).and_then(<[u8]>::first_chunk);
    bytes.map(|bytes| u16::from_le_bytes(*bytes)).ok_or(Damage("a record is too short"))
}

/// Four bytes at a place.
pub(super) fn long(data: &[u8], at: usize) -> Result<u32, Damage> {
    let bytes = data.get(at..).and_then(<[u8]>::first_chunk);
    bytes.map(|bytes| u32::from_le_bytes(*bytes)).ok_or(Damage("a record is too short"))
}

/// Eight bytes at a place, as a number.
pub(super) fn double(data: &[u8], at: usize) -> Result<f64, Damage> {
    let bytes = data.get(at..).and_then(<[u8]>::first_chunk);
    bytes.map(|bytes| f64::from_le_bytes(*bytes)).ok_or(Damage("a record is too short"))
}
