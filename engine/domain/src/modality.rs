//! Two "forms" that are easily confused, kept apart as two types.
//!
//! [`MonitoringForm`] says how a monitoring activity was organised, [`StudyForm`]
//! how a learner studies. They share the word `distance` and nothing else, so no
//! conversion between them exists.

use crate::codes::code_list;

code_list! {
    /// How monitoring itself was organised.
    ///
    /// # Source
    /// Paragraph 5: monitoring is carried out in a distance or a direct form.
    MonitoringForm, "monitoring form" {
        /// On the spot.
        Direct = "direct",
        /// Remotely.
        Distance = "distance",
    }
}

code_list! {
    /// How a learner studies.
    StudyForm, "study form" {
        /// Full time.
        Full = "full",
        /// Evening classes.
        Evening = "evening",
        /// Distance learning.
        Distance = "distance",
        /// Taught at home.
        Home = "home",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_shared_word_means_two_things() {
        assert_eq!("distance".parse(), Ok(MonitoringForm::Distance));
        assert_eq!("distance".parse(), Ok(StudyForm::Distance));
        assert!("full".parse::<MonitoringForm>().is_err());
        assert!("direct".parse::<StudyForm>().is_err());
    }

    proptest! {
        #[test]
        fn spelling_round_trips(index in 0_usize..4) {
            let form = StudyForm::ALL[index];
            prop_assert_eq!(form.code().parse(), Ok(form));
        }
    }
}
