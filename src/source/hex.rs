//! The names of git's objects as they are spelt.

/// How many digits spell a name, and how many bytes it is.
const DIGITS: usize = 40;
const BYTES: usize = DIGITS / 2;

/// The name that some digits spell.
pub(super) fn name(digits: &[u8; DIGITS]) -> Option<[u8; BYTES]> {
    let digit = |byte: u8| u8::try_from(char::from(byte).to_digit(16)?).ok();
    let mut name = [0; BYTES];
    for (byte, [high, low]) in name.iter_mut().zip(digits.as_chunks().0) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(name)
}
