//! The compound file around the stream of a workbook.

use std::io::{Cursor, Read};

use cfb::CompoundFile;

use super::Refusal;
use super::record::{Damage, long, short};

/// Names in the header of the sectors that list the FAT.
const HEADER_DIFAT: std::ops::Range<usize> = 76..512;
/// Values from here on name no sector.
const NO_SECTOR: u32 = 0xffff_fffa;

/// The bytes of the stream `Workbook`.
pub(super) fn workbook(bytes: Vec<u8>) -> Result<Vec<u8>, Refusal> {
    check_fat(&bytes)?;
    let most = bytes.len() as u64;
    let mut file = CompoundFile::open(Cursor::new(bytes)).map_err(|_| Damage("the container is damaged"))?;
    if !file.is_stream("/Workbook") {
        let names = [
            ("/Book", "XLS, Excel 95"),
            ("/EncryptedPackage", "XLSX, password"),
            ("/WordDocument", "DOC"),
            ("/PowerPoint Document", "PPT"),
        ];
        let found = names.into_iter().find(|(name, _)| file.is_stream(name));
        return Err(Refusal::Format(found.map_or("OLE", |(_, format)| format)));
    }
    let mut stream = Vec::new();
    let opened = file.open_stream("/Workbook").map_err(|_| Damage("the container is damaged"))?;
    if opened.len() > most {
        return Err(Damage("the container is cut off").into());
    }
    // Its declared length is known to be plausible now; what is read is bounded all the same.
    let read = opened.take(most).read_to_end(&mut stream);
    read.map_err(|_| Damage("the container is cut off"))?;
    Ok(stream)
}

/// The list of the FAT's sectors must not be longer than the file can need: the FAT is read into memory as
/// often as it is listed.
fn check_fat(bytes: &[u8]) -> Result<(), Damage> {
    let header = bytes.get(..512).ok_or(Damage("the container is cut off"))?;
    let sector = match short(header, 30)? {
        9 => 512,
        12 => 4096,
        _ => return Err(Damage("the container is damaged")),
    };
    let sectors = bytes.len() / sector;
    let entries = sector / 4;
    let most = sectors / entries + 2;
    let listed = |part: &[u8]| {
        part.chunks_exact(4).filter(|entry| long(entry, 0).is_ok_and(|id| id < NO_SECTOR)).count()
    };
    let mut count = listed(&header[HEADER_DIFAT]);
    let mut next = long(header, 68)?;
    for _ in 0..=sectors {
        if count > most {
            return Err(Damage("the container lists more than it holds"));
        }
        if next >= NO_SECTOR {
            return Ok(());
        }
        let start = (next as usize + 1) * sector;
        let part = bytes.get(start..start + sector).ok_or(Damage("the container is cut off"))?;
        // Writers pad the last one with zeros, which would name the first sector.
        let (list, link) = part.split_at(sector - 4);
        let used = list.chunks_exact(4).rposition(|entry| entry != [0; 4]).map_or(0, |last| (last + 1) * 4);
        count += listed(&list[..used]);
        next = long(link, 0)?;
    }
    Err(Damage("the container goes in a circle"))
}
