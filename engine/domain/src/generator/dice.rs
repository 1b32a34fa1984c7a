//! Chance that can be replayed.
//!
//! Every subject (an organisation, a learner, a post) owns one block of sixteen words
//! at a fixed place of a `ChaCha` stream, so any year of any organisation can be
//! produced without producing what came before. Integers only: the same seed gives
//! the same country on every machine.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Sixteen independent words of chance.
pub(super) type Words = [u32; 16];

/// What a stream is about; keeps subjects of different kinds apart.
#[derive(Debug, Clone, Copy)]
pub(super) enum Topic {
    Organisation = 0,
    Learner = 1,
    Post = 2,
}

/// The source of all chance of one country.
#[derive(Debug, Clone)]
pub(super) struct Dice {
    seed: u64,
}

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// Blocks of one organisation, from number `first` on.
    pub fn blocks(&self, topic: Topic, org: u32, first: u32) -> Blocks {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(u64::from(org) << 2 | topic as u64);
        rng.set_word_pos(u128::from(first) * 16);
        Blocks { rng }
    }

    /// A number that depends on nothing but the seed and the two keys.
    pub fn hash(&self, left: u64, right: u64) -> u64 {
        mix(mix(self.seed ^ left).wrapping_add(right))
    }

    /// A number in 0..1000 that depends on nothing but the seed and the two keys.
    pub fn permille(&self, left: u64, right: u64) -> u32 {
        below(high(self.hash(left, right)), 1000)
    }

    /// Whether something happens that does so to `share` of a thousand.
    pub fn happens(&self, left: u64, right: u64, share: u32) -> bool {
        self.permille(left, right) < share
    }

    /// A number in `from..=to`, evenly.
    pub fn between(&self, left: u64, right: u64, from: u32, to: u32) -> u32 {
        from + below(high(self.hash(left, right)), to - from + 1)
    }

    /// A one-to-one image of `key`: different persons never share it.
    pub fn identity(&self, key: u64) -> u64 {
        mix(key ^ mix(self.seed))
    }
}

/// Consecutive blocks of a stream.
pub(super) struct Blocks {
    rng: ChaCha8Rng,
}

impl Blocks {
    pub fn next(&mut self) -> Words {
        std::array::from_fn(|_| self.rng.next_u32())
    }
}

/// A bijection of 64-bit numbers that scatters neighbours (the finaliser of `SplitMix64`).
pub(super) const fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// Upper half of a hash, as a word of chance.
pub(super) fn high(hash: u64) -> u32 {
    u32::try_from(hash >> 32).expect("the upper half has 32 bits")
}

/// A number in 0..`limit`, evenly; 0 when the limit is 0.
pub(super) fn below(word: u32, limit: u32) -> u32 {
    high(u64::from(word) * u64::from(limit))
}

/// A number in 0..1000, evenly.
pub(super) fn permille(word: u32) -> u32 {
    below(word, 1000)
}

/// A number of an about normal distribution with mean 0 and deviation 1000.
///
/// The sum of four bytes: mean 510, deviation 148.
pub(super) fn bell(word: u32) -> i32 {
    let sum: i32 = word.to_be_bytes().into_iter().map(i32::from).sum();
    (sum - 510) * 1000 / 148
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn blocks_are_random_access() {
        let dice = Dice::new(7);
        let mut all = dice.blocks(Topic::Learner, 3, 0);
        all.next();
        let second = all.next();
        assert_eq!(dice.blocks(Topic::Learner, 3, 1).next(), second);
        assert_ne!(dice.blocks(Topic::Post, 3, 1).next(), second);
        assert_ne!(dice.blocks(Topic::Learner, 4, 1).next(), second);
        assert_ne!(Dice::new(8).blocks(Topic::Learner, 3, 1).next(), second);
    }

    #[test]
    fn the_bell_is_centred() {
        let dice = Dice::new(1);
        let mut blocks = dice.blocks(Topic::Learner, 0, 0);
        let draws: Vec<i64> =
            (0..2_000).flat_map(|_| blocks.next()).map(|word| i64::from(bell(word))).collect();
        let number = i64::try_from(draws.len()).unwrap_or(1);
        let mean = draws.iter().sum::<i64>() / number;
        let square = draws.iter().map(|draw| draw * draw).sum::<i64>() / number;
        assert!(mean.abs() < 30, "{mean}");
        assert!((950_000..1_050_000).contains(&square), "{square}");
    }

    proptest! {
        #[test]
        fn numbers_stay_below_their_limit(word in any::<u32>(), limit in 1_u32..) {
            prop_assert!(below(word, limit) < limit);
            prop_assert_eq!(below(word, 0), 0);
        }

        #[test]
        fn different_keys_have_different_identities(left in any::<u64>(), right in any::<u64>()) {
            let dice = Dice::new(5);
            prop_assert_eq!(left == right, dice.identity(left) == dice.identity(right));
        }
    }
}
