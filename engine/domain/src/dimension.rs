//! Members of the breakdown dimensions that forms and answers share.
//!
//! `_T`, the total of a dimension, is not a member: code uses `Option`, and `None`
//! is the total.

use crate::codes::code_list;

/// Spelling of the total of every dimension.
pub const TOTAL: &str = "_T";

code_list! {
    /// Sex of a person.
    Sex, "sex" {
        /// Female.
        Female = "female",
        /// Male.
        Male = "male",
    }
}

code_list! {
    /// Kind of settlement an organisation stands in.
    Locality, "locality" {
        /// Town or city.
        Urban = "urban",
        /// Village.
        Rural = "rural",
    }
}

code_list! {
    /// Language of instruction.
    Language, "language" {
        /// Kazakh.
        Kk = "kk",
        /// Russian.
        Ru = "ru",
        /// Uzbek.
        Uz = "uz",
        /// Uyghur.
        Ug = "ug",
        /// Tajik.
        Tg = "tg",
        /// English.
        En = "en",
        /// More than one.
        Mixed = "mixed",
    }
}

code_list! {
    /// Who owns an organisation.
    Ownership, "ownership" {
        /// The state.
        State = "state",
        /// Anyone else.
        Private = "private",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_total_is_no_member() {
        assert!(TOTAL.parse::<Sex>().is_err());
        assert!(TOTAL.parse::<Locality>().is_err());
        assert!(TOTAL.parse::<Language>().is_err());
        assert!(TOTAL.parse::<Ownership>().is_err());
    }

    proptest! {
        #[test]
        fn spelling_round_trips(index in 0_usize..7) {
            let language = Language::ALL[index];
            prop_assert_eq!(language.code().parse(), Ok(language));
        }
    }
}
