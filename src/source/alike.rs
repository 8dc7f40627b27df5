//! How much two texts begin and end with alike.

/// How many bytes are compared at once.
const PIECE: usize = 32;

/// How many bytes two texts begin with alike.
pub(super) fn alike_before(a: &[u8], b: &[u8]) -> usize {
    let pieces = a.as_chunks::<PIECE>().0.iter().zip(b.as_chunks::<PIECE>().0);
    let pieces = PIECE * pieces.take_while(|(a, b)| a == b).count();
    let rest = a.iter().zip(b).skip(pieces);
    pieces + rest.take_while(|(a, b)| a == b).count()
}

/// How many bytes they end with alike.
pub(super) fn alike_after(a: &[u8], b: &[u8]) -> usize {
    let pieces = a.as_rchunks::<PIECE>().1.iter().rev().zip(b.as_rchunks::<PIECE>().1.iter().rev());
    let pieces = PIECE * pieces.take_while(|(a, b)| a == b).count();
    let rest = a.iter().rev().zip(b.iter().rev()).skip(pieces);
    pieces + rest.take_while(|(a, b)| a == b).count()
}
