//! Foreign text made harmless for terminals and CI logs.

use std::fmt::Write as _;

/// Text of unknown origin as one line: control characters, line ends, bidirectional controls,
/// zero-width characters and other invisible ones become escapes that can be seen, so that nothing
/// moves the cursor, colours the screen, reorders a line or starts one.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push(' '),
            c if is_invisible(c) => write!(shown, "\\u{{{:x}}}", u32::from(c)).unwrap_or_default(),
            c => shown.push(c),
        }
    }
    shown
}

/// General category Cc, and the characters of Cf, Zl and Zp that hide or reorder text (Unicode 16,
/// Trojan Source's list among them), and the private and tag planes.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_could_move_the_cursor_is_shown_instead() {
        assert_eq!(
            printable("a\u{1b}[2Jb\n::set-output::\u{202e}"),
            "a\\u{1b}[2Jb\\n::set-output::\\u{202e}"
        );
        assert_eq!(printable("déjà vu, ключ"), "déjà vu, ключ");
    }

    proptest! {
        #[test]
        fn no_control_character_survives(text in "\\PC*|[\\x00-\\x1f\\x7f-\\x9f]{0,20}") {
            prop_assert!(!printable(&text).chars().any(char::is_control));
        }
    }
}
