//! One way to declare a closed list of codes.
//!
//! Owns the macro behind every code list of the forms: variants, their spelling in
//! files and SQL, order, parsing. It does not own any list itself.

/// Declares an enum whose variants have a fixed spelling.
///
/// Generates `ALL` (declaration order, which is also `Ord`), `code`, `Display` and
/// `FromStr`; parsing is exact, because a form's codes are lower case by contract.
macro_rules! code_list {
    (
        $(#[$meta:meta])*
        $name:ident, $what:literal {
            $( $(#[$variant_meta:meta])* $variant:ident = $code:literal, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $( $(#[$variant_meta])* $variant, )+
        }

        impl $name {
            /// Every member, in declaration order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Spelling in files, SQL and output.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $( Self::$variant => $code, )+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.code())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::error::DomainError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $( $code => Ok(Self::$variant), )+
                    _ => Err($crate::error::DomainError::UnknownMember {
                        list: $what,
                        value: text.to_owned(),
                    }),
                }
            }
        }
    };
}

pub(crate) use code_list;

#[cfg(test)]
mod tests {
    use crate::DomainError;
    use proptest::prelude::*;

    code_list! {
        /// Two members are enough to test the macro.
        Colour, "colour" {
            /// Red.
            Red = "red",
            /// Blue.
            Blue = "blue",
        }
    }

    #[test]
    fn members_keep_their_order_and_spelling() {
        assert_eq!(Colour::ALL, &[Colour::Red, Colour::Blue]);
        assert!(Colour::Red < Colour::Blue);
        assert_eq!(format!("{:>5}", Colour::Red), "  red");
        assert_eq!("blue".parse(), Ok(Colour::Blue));
    }

    #[test]
    fn an_unknown_member_names_list_and_value() {
        let error = "RED".parse::<Colour>();
        assert_eq!(error, Err(DomainError::UnknownMember { list: "colour", value: "RED".to_owned() }));
    }

    proptest! {
        #[test]
        fn only_the_listed_spellings_parse(text in "\\PC{0,8}") {
            let listed = Colour::ALL.iter().any(|colour| colour.code() == text);
            prop_assert_eq!(text.parse::<Colour>().is_ok(), listed);
        }
    }
}
