//! Code lists of the records of services and graduates.

use crate::codes::code_list;

code_list! {
    /// How the training of a graduate was paid for.
    OrderKind, "basis of training" {
        /// State order.
        State = "state",
        /// Target order.
        Target = "target",
        /// Paid.
        Paid = "paid",
    }
}

code_list! {
    /// Why a graduate need not work.
    ExemptReason, "reason of exemption" {
        /// Military service.
        Conscript = "conscript",
        /// Parental leave.
        ParentalLeave = "parental_leave",
    }
}

code_list! {
    /// What a pupil attends beside lessons.
    Circle, "kind of activity" {
        /// Nothing.
        None = "none",
        /// Art.
        Art = "art",
        /// Music.
        Music = "music",
        /// Sport.
        Sport = "sport",
        /// Science and engineering.
        Technical = "technical",
        /// Ecology and biology.
        Ecology = "ecology",
        /// Tourism and local history.
        Tourism = "tourism",
        /// Languages.
        Language = "language",
        /// Civic and social.
        Civic = "civic",
        /// Anything else.
        Other = "other",
    }
}

code_list! {
    /// Who provides an activity.
    ExtraProvider, "provider of an activity" {
        /// Own school.
        School = "school",
        /// State organisation.
        State = "state",
        /// Private organisation.
        Private = "private",
    }
}

code_list! {
    /// Who pays a meal.
    MealKind, "kind of meal" {
        /// Nobody at school or home.
        Free = "free",
        /// Parents in part.
        Preferential = "preferential",
        /// Parents.
        Paid = "paid",
    }
}

code_list! {
    /// Privilege of an application.
    QueuePrivilege, "privilege in the queue" {
        /// None.
        None = "none",
        /// Out of turn.
        Priority = "priority",
        /// First in turn.
        FirstPriority = "first_priority",
    }
}

code_list! {
    /// What became of an application.
    QueueStatus, "status in the queue" {
        /// Waits.
        Waiting = "waiting",
        /// Referred.
        Directed = "directed",
        /// Enrolled.
        Enrolled = "enrolled",
        /// Withdrawn.
        Withdrawn = "withdrawn",
    }
}
