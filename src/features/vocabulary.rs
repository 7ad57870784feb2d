//! The terms that a model knows, and the way from a term's hash to its column.
//!
//! A model is loaded for a single article as often as for a million, so loading must not cost more than reading: names stay one
//! string, and the table is one array, with no allocation for each term.

use crate::features::{Family, Term, term_hash};

/// Terms sorted by family and name; the position of a term is its column.
#[derive(Debug, Clone)]
pub(crate) struct Vocabulary {
    /// All names, each followed by a line end.
    names: String,
    /// Where each name begins in `names`, and where the next would.
    starts: Vec<u32>,
    families: Vec<Family>,
    hashes: Vec<u64>,
    /// Columns by hash with linear probing (D. E. Knuth, "The Art of Computer Programming", volume 3, 6.4, algorithm L), at most
    /// half full; [`FREE`] where there is none.
    table: Vec<u32>,
}

const FREE: u32 = u32::MAX;

impl Vocabulary {
    /// Terms by family and name, which must be sorted and distinct. `None` if they are not, or if a name holds a line end.
    pub(crate) fn new<'a>(terms: impl Iterator<Item = Term<'a>>) -> Option<Self> {
        let mut vocabulary =
            Self { names: String::new(), starts: vec![0], families: Vec::new(), hashes: Vec::new(), table: Vec::new() };
        for term in terms {
            if term.name.contains('\n') {
                return None;
            }
            vocabulary.names.push_str(term.name);
            vocabulary.names.push('\n');
            vocabulary.starts.push(u32::try_from(vocabulary.names.len()).ok()?);
            vocabulary.families.push(term.family);
        }
        vocabulary.index()
    }

    /// Terms as a model file holds them: names joined by line ends, and how many of them each family has. `None` if they do not fit
    /// each other, or are not sorted and distinct.
    pub(crate) fn from_parts(names: &str, counts: &[i64]) -> Option<Self> {
        let mut families = Vec::new();
        for (&family, &count) in Family::ALL.iter().zip(counts) {
            let count = usize::try_from(count).ok().filter(|&count| count <= names.len() + 1)?;
            families.resize(families.len() + count, family);
        }
        let mut all = String::with_capacity(names.len() + 1);
        let mut starts = Vec::with_capacity(families.len() + 1);
        starts.push(0);
        if !families.is_empty() || !names.is_empty() {
            all.push_str(names);
            all.push('\n');
            let ends = all.bytes().enumerate().filter(|&(_, byte)| byte == b'\n');
            starts.extend(ends.map_while(|(at, _)| u32::try_from(at + 1).ok()));
        }
        let complete = starts.len() == families.len() + 1;
        let vocabulary = Self { names: all, starts, families, hashes: Vec::new(), table: Vec::new() };
        complete.then_some(vocabulary)?.index()
    }

    /// Checks the order and builds the table.
    fn index(mut self) -> Option<Self> {
        if !(1..self.len()).all(|column| self.term(column - 1) < self.term(column)) {
            return None;
        }
        self.hashes = (0..self.len()).map(|column| self.term(column)).map(|term| term_hash(term.family, term.name)).collect();
        self.table = vec![FREE; (2 * self.len()).next_power_of_two()];
        for column in 0..self.len() {
            let slot = self.slot(self.hashes[column]);
            self.table[slot] = column as u32;
        }
        Some(self)
    }

    /// The slot that holds a hash, or the free one where it would stand.
    #[inline]
    fn slot(&self, hash: u64) -> usize {
        let mask = self.table.len() - 1;
        let mut slot = mixed(hash) & mask;
        while self.table[slot] != FREE && self.hashes[self.table[slot] as usize] != hash {
            slot = (slot + 1) & mask;
        }
        slot
    }

    /// The column of the term with this hash.
    #[inline]
    pub(crate) fn column(&self, hash: u64) -> Option<u32> {
        Some(self.table[self.slot(hash)]).filter(|&column| column != FREE)
    }

    /// Number of terms.
    pub(crate) fn len(&self) -> usize {
        self.families.len()
    }

    /// The term of a column.
    pub(crate) fn term(&self, column: usize) -> Term<'_> {
        let name = &self.names[self.starts[column] as usize..self.starts[column + 1] as usize - 1];
        Term { family: self.families[column], name }
    }

    /// The family of a column.
    #[inline]
    pub(crate) fn family(&self, column: usize) -> Family {
        self.families[column]
    }

    /// All terms, in the order of the columns.
    pub(crate) fn terms(&self) -> impl Iterator<Item = Term<'_>> {
        (0..self.len()).map(|column| self.term(column))
    }

    /// The names as a model file holds them.
    pub(crate) fn joined_names(&self) -> &str {
        self.names.strip_suffix('\n').unwrap_or(&self.names)
    }
}

/// FNV leaves its high bits poorly mixed; one multiplication and fold (as in wyhash) cures it.
#[inline]
pub(crate) fn mixed(hash: u64) -> usize {
    let wide = u128::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    ((wide >> 64) as u64 ^ wide as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        let counts = |stems: i64, phrases: i64| [stems, phrases, 0, 0, 0, 0, 0, 0];
        assert_eq!(Vocabulary::from_parts("a\nb\nc", &counts(2, 1)).map(|v| v.len()), Some(3));
        assert_eq!(Vocabulary::from_parts("", &counts(0, 0)).map(|v| v.len()), Some(0));
        assert_eq!(Vocabulary::from_parts("", &counts(1, 0)).map(|v| v.len()), Some(1), "a blank name");
        for (names, counts) in [
            ("a\nb\nc", counts(2, 0)),
            ("a\nb", counts(2, 1)),
            ("b\na", counts(2, 0)),
            ("a\na", counts(2, 0)),
            ("a\nb", counts(-1, 3)),
            ("", counts(i64::MAX, 0)),
        ] {
            assert!(Vocabulary::from_parts(names, &counts).is_none(), "{names:?} {counts:?}");
        }
    }

    proptest! {
        #[test]
        fn every_term_is_found_and_no_other(stems in prop::collection::btree_set("[a-z]{1,4}", 0..60), phrases in prop::collection::btree_set("[a-z]{1,2} [a-z]{1,2}", 0..60)) {
            let terms = || stems.iter().map(|name| Term { family: Family::Stem, name })
                .chain(phrases.iter().map(|name| Term { family: Family::Phrase, name }));
            let vocabulary = Vocabulary::new(terms()).unwrap();
            prop_assert!(terms().eq(vocabulary.terms()));
            for (column, term) in terms().enumerate() {
                prop_assert_eq!(vocabulary.column(term_hash(term.family, term.name)), Some(column as u32));
            }
            prop_assert_eq!(vocabulary.column(term_hash(Family::Shape, "number")), None);
            let mut counts = [0; 8];
            counts[..2].copy_from_slice(&[stems.len() as i64, phrases.len() as i64]);
            let again = Vocabulary::from_parts(vocabulary.joined_names(), &counts).unwrap();
            prop_assert!(again.terms().eq(vocabulary.terms()));
        }
    }
}
