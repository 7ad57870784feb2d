//! A text cut where its evidence begins and ends, for pages that mark it.

use serde::Serialize;

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Piece {
    text: String,
    /// Whether it is evidence.
    marked: bool,
}

/// The text in pieces that give it back when put end to end; what lies in one of `places` (bytes) is marked. Places that do not
/// fall on characters are passed over.
pub(super) fn pieces(text: &str, places: impl IntoIterator<Item = [usize; 2]>) -> Vec<Piece> {
    let mut places: Vec<[usize; 2]> = places.into_iter().filter(|&[start, end]| text.get(start..end).is_some()).collect();
    places.sort_unstable();
    let mut pieces = Vec::new();
    let mut push = |text: &str, marked| {
        if !text.is_empty() {
            pieces.push(Piece { text: text.to_owned(), marked });
        }
    };
    let mut told = 0;
    for [start, end] in places {
        if end > told {
            push(&text[told..start.max(told)], false);
            push(&text[start.max(told)..end], true);
            told = end;
        }
    }
    push(&text[told..], false);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn overlapping_places_are_marked_once() {
        let found = pieces("Lima rejected it", [[5, 13], [0, 4], [8, 16]]);
        let told: Vec<(&str, bool)> = found.iter().map(|piece| (piece.text.as_str(), piece.marked)).collect();
        assert_eq!(told, [("Lima", true), (" ", false), ("rejected", true), (" it", true)]);
    }

    proptest! {
        #[test]
        fn pieces_give_the_text_back(text in "\\PC{0,20}", places in prop::collection::vec([0_usize..30, 0_usize..30], 0..6)) {
            let whole: String = pieces(&text, places).into_iter().map(|piece| piece.text).collect();
            prop_assert_eq!(whole, text);
        }
    }
}
