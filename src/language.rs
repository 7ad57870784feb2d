//! The languages that can be stemmed and split.

use std::fmt;
use std::str::FromStr;

use rust_stemmers::{Algorithm, Stemmer};

/// A language with a Snowball stemmer ([`rust_stemmers`]) and sentence rules ([`sentencex`]), named by its ISO 639-1 code.
///
/// ```
/// use demarche::Language;
/// let spanish: Language = "es".parse()?;
/// assert_eq!(spanish.code(), "es");
/// assert!("tlh".parse::<Language>().is_err());
/// # Ok::<(), demarche::UnknownLanguage>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Language {
    code: &'static str,
    algorithm: Algorithm,
}

/// All languages, by code.
const LANGUAGES: [Language; 18] = [
    Language { code: "ar", algorithm: Algorithm::Arabic },
    Language { code: "da", algorithm: Algorithm::Danish },
    Language { code: "de", algorithm: Algorithm::German },
    Language { code: "el", algorithm: Algorithm::Greek },
    Language { code: "en", algorithm: Algorithm::English },
    Language { code: "es", algorithm: Algorithm::Spanish },
    Language { code: "fi", algorithm: Algorithm::Finnish },
    Language { code: "fr", algorithm: Algorithm::French },
    Language { code: "hu", algorithm: Algorithm::Hungarian },
    Language { code: "it", algorithm: Algorithm::Italian },
    Language { code: "nl", algorithm: Algorithm::Dutch },
    Language { code: "no", algorithm: Algorithm::Norwegian },
    Language { code: "pt", algorithm: Algorithm::Portuguese },
    Language { code: "ro", algorithm: Algorithm::Romanian },
    Language { code: "ru", algorithm: Algorithm::Russian },
    Language { code: "sv", algorithm: Algorithm::Swedish },
    Language { code: "ta", algorithm: Algorithm::Tamil },
    Language { code: "tr", algorithm: Algorithm::Turkish },
];

impl Language {
    /// English, the language of the shipped model.
    pub const ENGLISH: Self = Self { code: "en", algorithm: Algorithm::English };

    /// The ISO 639-1 code.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.code
    }

    pub(crate) fn stemmer(self) -> Stemmer {
        Stemmer::create(self.algorithm)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

/// A language code that [`Language`] does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown language \"{0}\"; known are {known}", known = LANGUAGES.map(|language| language.code).join(", "))]
pub struct UnknownLanguage(String);

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(code: &str) -> Result<Self, UnknownLanguage> {
        LANGUAGES.into_iter().find(|language| language.code == code).ok_or_else(|| UnknownLanguage(code.to_owned()))
    }
}
