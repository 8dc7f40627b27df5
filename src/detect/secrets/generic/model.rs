//! How random a text looks: whether its characters follow each other as drawn by lot or as in words,
//! names and code.
//!
//! The measure is the logarithm of the ratio of two probabilities: that of drawing the text from the
//! smallest alphabet that holds it, and that of meeting it in source code, as a table of pairs of
//! characters has learnt it (`examples/train-model.rs` writes the table). Above zero a text is more
//! like a draw.

/// The end of a word and the printable characters but the blank.
const SYMBOLS: usize = 95;

/// The most that one character can speak for a draw, in quarters of a bit.
const MOST: i32 = 44;

/// What a character costs after another, in quarters of a bit.
const TABLE: &str = include_str!("bigrams.txt");

/// Whether a character belongs to an alphabet.
type Belongs = fn(&u8) -> bool;

/// Alphabets from which keys are drawn: what belongs to one, and what a character of it costs, in
/// quarters of a bit. The smallest come first.
const ALPHABETS: &[(Belongs, i32)] = &[
    (u8::is_ascii_digit, 13),
    (|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'), 16),
    (|b| matches!(b, b'0'..=b'9' | b'A'..=b'F'), 16),
    (u8::is_ascii_lowercase, 19),
    (u8::is_ascii_uppercase, 19),
    (|b| matches!(b, b'2'..=b'7' | b'A'..=b'Z'), 20),
    (|b| matches!(b, b'0'..=b'9' | b'a'..=b'z'), 21),
    (|b| matches!(b, b'0'..=b'9' | b'A'..=b'Z'), 21),
    (u8::is_ascii_alphabetic, 23),
    (u8::is_ascii_alphanumeric, 24),
    (|b| b.is_ascii_alphanumeric() || b"+/=_-.".contains(b), 24),
    (|_| true, 26),
];

/// The table, ready to be looked into.
pub(super) struct Model {
    costs: Vec<i32>,
}

impl Model {
    /// Reads the table.
    pub(super) fn new() -> Self {
        let rows = TABLE.lines().filter(|line| !line.starts_with("# "));
        let cells = rows.flat_map(|row| row.bytes().take(SYMBOLS));
        Self { costs: cells.map(|cell| i32::from(cell.saturating_sub(b'0'))).collect() }
    }

    /// How much more the text looks like a draw than like words, in bits.
    pub(super) fn surprise(&self, text: &[u8]) -> i32 {
        let alphabet = ALPHABETS.iter().find(|(holds, _)| text.iter().all(holds));
        let drawn = alphabet.map_or(26, |(_, cost)| *cost);
        let mut last = 0;
        let mut sum = 0;
        for byte in text {
            let next = symbol(*byte);
            let cost = self.costs.get(last * SYMBOLS + next).copied().unwrap_or(drawn);
            sum += cost.min(MOST) - drawn;
            last = next;
        }
        sum / 4
    }
}

fn symbol(byte: u8) -> usize {
    usize::from(byte.saturating_sub(b' ')).min(SYMBOLS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::expand_from;

    #[test]
    fn the_table_is_whole() {
        assert_eq!(Model::new().costs.len(), SYMBOLS * SYMBOLS);
    }

    #[test]
    fn words_and_names_are_no_surprise() {
        let model = Model::new();
        for text in [
            "password",
            "getUserName",
            "user_password",
            "application/json",
            "config.token.value",
            "ConnectionFactory",
            "my-service-account",
            "DATABASE_URL",
            "/usr/share/doc",
        ] {
            assert!(model.surprise(text.as_bytes()) < 0, "{text}");
        }
    }

    #[test]
    fn what_is_drawn_by_lot_is_one() {
        let model = Model::new();
        for shape in ["{alnum:20}", "{hex:32}", "{base64:40}", "{base32:32}"] {
            let found = (0..200).filter(|seed| {
                let text = expand_from(shape, *seed).unwrap().text;
                model.surprise(text.as_bytes()) > 8
            });
            assert!(found.count() >= 196, "{shape}");
        }
    }
}
