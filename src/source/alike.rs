//! How much two texts begin and end with alike.

/// How many bytes are compared at once: while all is alike, and where something may differ.
const LONG: usize = 256;
const SHORT: usize = 16;

/// How many bytes two texts begin with alike.
pub(super) fn alike_before(a: &[u8], b: &[u8]) -> usize {
    let long = pieces_before::<LONG>(a, b);
    let (a, b) = (a.get(long..).unwrap_or_default(), b.get(long..).unwrap_or_default());
    let short = pieces_before::<SHORT>(a, b);
    let rest = a.iter().zip(b).skip(short);
    long + short + rest.take_while(|(a, b)| a == b).count()
}

/// How many bytes they end with alike.
pub(super) fn alike_after(a: &[u8], b: &[u8]) -> usize {
    let long = pieces_after::<LONG>(a, b);
    let rest = |text: &[u8]| text.len() - long;
    let (a, b) = (a.get(..rest(a)).unwrap_or_default(), b.get(..rest(b)).unwrap_or_default());
    let short = pieces_after::<SHORT>(a, b);
    let rest = a.iter().rev().zip(b.iter().rev()).skip(short);
    long + short + rest.take_while(|(a, b)| a == b).count()
}

/// The same in whole pieces.
fn pieces_before<const LEN: usize>(a: &[u8], b: &[u8]) -> usize {
    let pieces = a.as_chunks::<LEN>().0.iter().zip(b.as_chunks::<LEN>().0);
    LEN * pieces.take_while(|(a, b)| a == b).count()
}

fn pieces_after<const LEN: usize>(a: &[u8], b: &[u8]) -> usize {
    let (a, b) = (a.as_rchunks::<LEN>().1.iter().rev(), b.as_rchunks::<LEN>().1.iter().rev());
    LEN * a.zip(b).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn as_much_is_alike_as_comparing_bytes_says(
            head in 0..600_usize, a in "[ab]{0,20}", b in "[ab]{0,20}", tail in 0..600_usize,
        ) {
            let text = |middle| ["c".repeat(head), middle, "c".repeat(tail)].concat().into_bytes();
            let (a, b) = (text(a), text(b));
            let before = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
            let after = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
            prop_assert_eq!((alike_before(&a, &b), alike_after(&a, &b)), (before, after));
        }
    }
}
