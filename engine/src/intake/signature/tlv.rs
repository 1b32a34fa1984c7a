//! Strict DER, element by element: every length definite and minimal, nothing after the end.
//!
//! The headers are read by the `der` crate; structures of our own would hide the raw bytes that
//! are signed and hashed.

use std::fmt::Write as _;

use der::{Reader, SliceReader};

/// Deepest nesting that is read; certificates and time stamps inside a signature reach about 20.
const MAX_DEPTH: usize = 64;

pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OID: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;

/// The tag of a constructed context-specific element.
pub(super) const fn context(number: u8) -> u8 {
    0xa0 | number
}

/// Bytes that are not the DER that was expected: what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Malformed(pub(super) String);

pub(super) type Result<T> = std::result::Result<T, Malformed>;

/// One element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tlv<'a> {
    pub(super) tag: u8,
    pub(super) value: &'a [u8],
    /// Header and value.
    pub(super) raw: &'a [u8],
}

impl<'a> Tlv<'a> {
    /// The elements inside.
    pub(super) fn items(self) -> Items<'a> {
        Items { rest: self.value }
    }
}

/// The one element that the bytes are, its tag known.
pub(super) fn whole<'a>(bytes: &'a [u8], tag: u8, what: &str) -> Result<Tlv<'a>> {
    let mut items = Items { rest: bytes };
    let first = items.expect(tag, what)?;
    items.end(what)?;
    Ok(first)
}

/// Whether every element, at any depth, is DER.
pub(super) fn check(bytes: &[u8]) -> Result<()> {
    fn walk(bytes: &[u8], depth: usize) -> Result<()> {
        if depth > MAX_DEPTH {
            return Err(Malformed(format!("elements nested deeper than {MAX_DEPTH}")));
        }
        let mut items = Items { rest: bytes };
        while let Some(item) = items.next()? {
            if item.tag & 0x20 != 0 {
                walk(item.value, depth + 1)?;
            }
        }
        Ok(())
    }
    walk(bytes, 0)
}

/// Elements one after another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Items<'a> {
    rest: &'a [u8],
}

impl<'a> Items<'a> {
    pub(super) fn next(&mut self) -> Result<Option<Tlv<'a>>> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let bad = |error: der::Error| Malformed(error.to_string());
        let mut reader = SliceReader::new(self.rest).map_err(bad)?;
        let header = reader.peek_header().map_err(bad)?;
        let raw = reader.tlv_bytes().map_err(bad)?;
        let length = usize::try_from(header.length).map_err(bad)?;
        let (Some(tag), Some(start)) = (raw.first(), raw.len().checked_sub(length)) else {
            return Err(Malformed("an element without a header".to_owned()));
        };
        self.rest = &self.rest[raw.len()..];
        Ok(Some(Tlv { tag: *tag, value: &raw[start..], raw }))
    }

    /// The next element, which must have this tag.
    pub(super) fn expect(&mut self, tag: u8, what: &str) -> Result<Tlv<'a>> {
        match self.next()? {
            Some(item) if item.tag == tag => Ok(item),
            Some(item) => Err(Malformed(format!("{what}: tag {:02x} instead of {tag:02x}", item.tag))),
            None => Err(Malformed(format!("{what} is missing"))),
        }
    }

    /// The next element if it has this tag.
    pub(super) fn optional(&mut self, tag: u8) -> Result<Option<Tlv<'a>>> {
        let mut ahead = *self;
        match ahead.next()? {
            Some(item) if item.tag == tag => {
                *self = ahead;
                Ok(Some(item))
            }
            _ => Ok(None),
        }
    }

    /// Nothing may follow.
    pub(super) fn end(self, what: &str) -> Result<()> {
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(Malformed(format!("{} bytes after {what}", self.rest.len())))
    }

    /// All of them.
    pub(super) fn collect(mut self) -> Result<Vec<Tlv<'a>>> {
        let mut all = Vec::new();
        while let Some(item) = self.next()? {
            all.push(item);
        }
        Ok(all)
    }

    /// An object identifier, dotted.
    pub(super) fn oid(&mut self, what: &str) -> Result<String> {
        oid(self.expect(OID, what)?.value).ok_or_else(|| Malformed(format!("{what}: no object identifier")))
    }

    /// The object identifier of an `AlgorithmIdentifier`.
    pub(super) fn algorithm(&mut self, what: &str) -> Result<String> {
        self.expect(SEQUENCE, what)?.items().oid(what)
    }
}

/// Dotted form of an encoded object identifier.
fn oid(bytes: &[u8]) -> Option<String> {
    let mut arcs: Vec<u64> = Vec::new();
    let mut arc = 0_u64;
    let mut is_open = false;
    for byte in bytes {
        if !is_open && *byte == 0x80 {
            return None;
        }
        arc = arc.checked_mul(128)?.checked_add(u64::from(byte & 0x7f))?;
        is_open = byte & 0x80 != 0;
        if !is_open {
            arcs.push(arc);
            arc = 0;
        }
    }
    if is_open {
        return None;
    }
    let (first, rest) = arcs.split_first()?;
    let root = (*first / 40).min(2);
    let mut text = format!("{root}.{}", first - root * 40);
    for arc in rest {
        let _ = write!(text, ".{arc}");
    }
    Some(text)
}

/// An element of these bytes.
pub(super) fn element(tag: u8, value: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    let length = value.len();
    if length < 0x80 {
        bytes.push(u8::try_from(length).unwrap_or_default());
    } else {
        let big = length.to_be_bytes();
        let skip = big.iter().take_while(|byte| **byte == 0).count();
        bytes.push(0x80 | u8::try_from(big.len() - skip).unwrap_or_default());
        bytes.extend_from_slice(&big[skip..]);
    }
    bytes.extend_from_slice(value);
    bytes
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;

    #[test]
    fn what_is_not_der_is_refused() {
        let bad = |hex: &str| check(&hex::decode(hex).unwrap()).unwrap_err();
        for text in [
            "3080020101 0000",
            "308180",
            "30810102",
            "3003020101ff",
            "0481",
            "240404020102",
            "3f8101",
            "30820001",
        ] {
            bad(&text.replace(' ', ""));
        }
        assert!(check(&hex::decode("3003020101").unwrap()).is_ok());
        let mut deep = Vec::new();
        for _ in 0..100 {
            deep = element(SEQUENCE, &deep);
        }
        assert_eq!(check(&deep), Err(Malformed("elements nested deeper than 64".to_owned())));
    }

    #[test]
    fn object_identifiers_are_read_as_written() {
        // 2a 83 0e 03 03 04 01 02 01: 40 * 1 + 2, 3 * 128 + 14 = 398, 3, 3, 4, 1, 2, 1.
        let bytes = hex::decode("2a830e030304010201").unwrap();
        assert_eq!(oid(&bytes).as_deref(), Some("1.2.398.3.3.4.1.2.1"));
        assert_eq!(oid(&[0x88, 0x37]).as_deref(), Some("2.999"));
        assert_eq!(oid(&[0x2a, 0x80, 0x01]), None);
        assert_eq!(oid(&[0x2a, 0x83]), None);
        assert_eq!(oid(&[]), None);
    }

    #[test]
    fn elements_are_written_as_they_are_read() {
        for length in [0_usize, 1, 127, 128, 255, 256, 70_000] {
            let value = vec![7; length];
            let bytes = element(OCTET_STRING, &value);
            assert_eq!(whole(&bytes, OCTET_STRING, "value").unwrap().value, value);
            assert!(whole(&[bytes, vec![0, 0]].concat(), OCTET_STRING, "value").is_err());
        }
    }
}
