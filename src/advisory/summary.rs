//! Text of foreign databases and lockfiles, made safe to print on one line.

/// `text` on one line of at most `most` characters: control characters, line ends and characters
/// that change the direction of writing become spaces, and runs of spaces become one.
pub fn one_line(text: &str, most: usize) -> String {
    let plain = text.chars().map(|c| if is_unprintable(c) { ' ' } else { c });
    let mut line = String::new();
    for (count, c) in squeezed(plain).enumerate() {
        if count == most {
            line.pop();
            line.truncate(line.trim_end().len());
            line.push('…');
            break;
        }
        line.push(c);
    }
    line
}

/// Controls, the line separators of Unicode, and marks that are invisible or turn text around.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Without spaces at either end, and with one where there were several.
fn squeezed(text: impl Iterator<Item = char>) -> impl Iterator<Item = char> {
    let mut text = text.skip_while(|c| c.is_whitespace()).peekable();
    std::iter::from_fn(move || {
        let c = text.next()?;
        if !c.is_whitespace() {
            return Some(c);
        }
        while text.next_if(|c| c.is_whitespace()).is_some() {}
        text.peek().map(|_| ' ')
    })
}

#[cfg(test)]
mod tests {
    use super::one_line;
    use proptest::prelude::*;

    #[test]
    fn line_ends_and_escapes_do_not_survive() {
        assert_eq!(one_line(" a\r\n::error::b\u{1b}[31m\u{202e}c ", 100), "a ::error::b [31m c");
    }

    #[test]
    fn a_long_text_is_cut_and_says_so() {
        assert_eq!(one_line("one two three", 5), "one…");
        assert_eq!(one_line("12345", 5), "12345");
    }

    proptest! {
        #[test]
        fn the_result_is_short_and_printable(text in any::<String>(), most in 1_usize..50) {
            let line = one_line(&text, most);
            prop_assert!(line.chars().count() <= most);
            prop_assert!(!line.chars().any(char::is_control));
        }
    }
}
