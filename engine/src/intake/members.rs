//! The members of a code list as a lookup table over cell bytes.

/// Open-addressing table; a code column is looked up once a row, so no cell is copied or decoded.
#[derive(Debug)]
pub(super) struct Members {
    members: Vec<String>,
    // Index of the member plus one; zero = free. At most half full.
    slots: Vec<u32>,
}

/// First and last eight bytes and the length: enough to tell the members of real lists apart.
fn hash(cell: &[u8]) -> usize {
    let load = |bytes: &[u8]| {
        let mut word = [0; 8];
        let len = bytes.len().min(8);
        word[..len].copy_from_slice(&bytes[..len]);
        u64::from_le_bytes(word)
    };
    let mixed = load(cell) ^ load(&cell[cell.len().saturating_sub(8)..]).rotate_left(29) ^ cell.len() as u64;
    usize::try_from(mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33).unwrap_or(0)
}

impl Members {
    pub(super) fn new(members: &[String]) -> Self {
        let size = (members.len() * 4).next_power_of_two().max(8);
        let mut slots = vec![0_u32; size];
        for (index, member) in members.iter().enumerate() {
            let mut slot = hash(member.as_bytes()) % size;
            while slots[slot] != 0 {
                slot = (slot + 1) % size;
            }
            slots[slot] = u32::try_from(index + 1).unwrap_or(0);
        }
        Self { members: members.to_vec(), slots }
    }

    /// The member with this index.
    pub(super) fn get(&self, index: usize) -> &str {
        &self.members[index]
    }

    /// Index of the member that the cell spells; letter case does not matter where it is not ambiguous.
    pub(super) fn find(&self, cell: &[u8]) -> Option<usize> {
        let mask = self.slots.len() - 1;
        let mut slot = hash(cell) & mask;
        loop {
            match self.slots[slot] {
                0 => break,
                index if self.members[index as usize - 1].as_bytes() == cell => {
                    return Some(index as usize - 1);
                }
                _ => slot = (slot + 1) & mask,
            }
        }
        let mut same = self
            .members
            .iter()
            .enumerate()
            .filter(|(_, member)| member.as_bytes().eq_ignore_ascii_case(cell));
        match (same.next(), same.next()) {
            (Some((index, _)), None) => Some(index),
            _ => None,
        }
    }

    /// The member that looks most like the cell.
    pub(super) fn closest(&self, cell: &str) -> Option<&str> {
        closest(cell, self.members.iter().map(String::as_str))
    }
}

/// The candidate that looks most like the text; `None` when none looks alike.
pub(super) fn closest<'a>(text: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // Hostile cells may be long; nobody means a code by more than this.
    let text: String = text.chars().take(64).flat_map(char::to_lowercase).collect();
    candidates
        .map(|candidate| (strsim::jaro_winkler(&text, &candidate.to_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_member_is_found_and_nothing_else() {
        let list: Vec<String> = (0..300).map(|n| format!("member_{n}_of_a_longer_list")).collect();
        let members = Members::new(&list);
        for (index, member) in list.iter().enumerate() {
            assert_eq!(members.find(member.as_bytes()), Some(index));
            assert_eq!(members.find(member.to_uppercase().as_bytes()), Some(index));
        }
        assert_eq!(members.find(b"member"), None);
        assert_eq!(members.find(b""), None);
        assert_eq!(Members::new(&[]).find(b"x"), None);
    }

    #[test]
    fn a_misspelt_code_has_a_closest_member() {
        let members = Members::new(&["female".to_owned(), "male".to_owned()]);
        assert_eq!(members.closest("femal"), Some("female"));
        assert_eq!(members.closest("қыз"), None);
    }
}
