//! Attributes with a few values, each of which has a word in the API.

/// Defines an enum of words. The first one is the default. A row stores the word.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $first:ident $first_word:literal $(, $more:ident $word:literal)* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            #[doc = concat!("`", $first_word, "`")]
            #[default]
            #[serde(rename = $first_word)]
            $first,
            $(#[doc = concat!("`", $word, "`")] #[serde(rename = $word)] $more,)*
        }

        impl $name {
            /// The API's word.
            pub fn word(self) -> &'static str {
                match self {
                    $name::$first => $first_word,
                    $($name::$more => $word,)*
                }
            }

            /// The value for a word of the API, which was given as `parameter`.
            ///
            /// # Errors
            /// The service's error for an invalid value, if there is no such word.
            pub fn read(parameter: &str, word: &str) -> super::Result<Self> {
                match word {
                    $first_word => Ok($name::$first),
                    $($word => Ok($name::$more),)*
                    _ => Err(super::Error::invalid(parameter, word)),
                }
            }
        }
    };
}
pub(super) use words;
