//! Coverage tiers, from the narrowest to the widest.

use crate::codes::code_list;

code_list! {
    /// How wide a value reaches.
    ///
    /// Ordered by width; the order is what "the lowest meaningful tier of an
    /// indicator" compares with.
    ///
    /// # Source
    /// Paragraph 5: district (city), regional, republican, international; the
    /// organisation is the grain below them.
    Tier, "tier" {
        /// One organisation, named by its BIN.
        Organisation = "organisation",
        /// A district or a city of regional significance.
        District = "district",
        /// A region or a city of republican significance.
        Region = "region",
        /// The republic.
        Republic = "republic",
        /// Other countries beside it.
        International = "international",
    }
}

impl Tier {
    /// The next wider tier; `None` for the international one.
    #[must_use]
    pub const fn wider(self) -> Option<Self> {
        match self {
            Self::Organisation => Some(Self::District),
            Self::District => Some(Self::Region),
            Self::Region => Some(Self::Republic),
            Self::Republic => Some(Self::International),
            Self::International => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tiers_are_ordered_by_width() {
        let mut tier = Tier::Organisation;
        let mut seen = vec![tier];
        while let Some(wider) = tier.wider() {
            assert!(wider > tier);
            seen.push(wider);
            tier = wider;
        }
        assert_eq!(seen, Tier::ALL);
    }

    proptest! {
        #[test]
        fn spelling_round_trips(index in 0_usize..5) {
            let tier = Tier::ALL[index];
            prop_assert_eq!(tier.to_string().parse(), Ok(tier));
        }
    }
}
