//! Many keywords in one text, whatever the case of their letters: each is known by its four rarest
//! bytes in a row.
//!
//! Three bytes of the text are hashed to a set of bits, and the fourth says which bit: a byte costs one
//! look into a table that stays in the processor's nearest caches, without a branch. Where a keyword
//! may be, the keywords of these bytes are compared. Those of three bytes have all bits of their set,
//! and shorter ones, which no rule of ours has, are compared at every place.
//!
//! Measured with 1,492 keywords over 59 MB of sources, one thread: this reads 850 MB a second. Where
//! what is rare is told by single bytes instead of by what was counted ([`QUADS`]), 2.1 instead of 1.3 %
//! of all places are compared, and it reads 710; with a load for each place instead of one for five as
//! well, 590. On that scale aho-corasick 1.1 reads 380 as a DFA (and takes 10 ms to build where this
//! takes half of one), as a contiguous NFA 160. A set of bits by a hash of all four bytes, tested with a
//! branch, was a quarter slower.

use std::cmp::Reverse;
use std::ops::Range;

/// How many bits of a hash choose a set.
const HASH_BITS: u32 = 14;

const SETS: usize = 1 << HASH_BITS;

/// How many bytes are loaded at once, and how many places of four bytes that is.
const LOAD: usize = 8;
const STEP: u16 = 5;

/// How many places are looked at before those that may be something are: whole loads of them.
const BLOCK: u16 = 51 * STEP;

/// How many places are written down at most, and one that does not count.
const PLACES: usize = BLOCK as usize + 1;

/// Four bytes that are common in source code and how rare they are, in quarters of a bit from `0`; each
/// on a line, sorted. `examples/count-quads.rs` writes it.
const QUADS: &[u8] = include_bytes!("quads.txt");

/// The bytes of text and code, the most common first: roughly, which is enough for what is not counted.
const COMMON: &[u8] = b" etaoinsrlcdpumhgfb_v.y-wk=x\"':/,jq01z";

/// Keywords, ready to be looked for.
pub(super) struct Grams {
    /// By the hash of three bytes, which fourth bytes they go on with.
    sets: Box<[u32; SETS]>,
    /// By the same hash, where its candidates begin.
    lists: Box<[u32]>,
    candidates: Vec<Candidate>,
    /// Keywords of one byte or two.
    tiny: Vec<(Box<[u8]>, usize)>,
}

/// Places of a block at which a keyword may be known: the first of a list that is as long as all.
struct Suspects {
    places: [u16; PLACES],
    count: usize,
}

/// A keyword by some of its bytes.
struct Candidate {
    hash: usize,
    /// The bytes, folded; the fourth is zero where there are three.
    gram: u32,
    /// How far into the keyword they are.
    offset: usize,
    word: Box<[u8]>,
    number: usize,
}

impl Grams {
    /// Keywords, each known by its place.
    pub(super) fn new<'w>(words: impl IntoIterator<Item = &'w [u8]>) -> Self {
        #[expect(clippy::large_stack_arrays, reason = "its size is known, so no look is checked")]
        let mut sets = Box::new([0; SETS]);
        let (mut candidates, mut tiny) = (Vec::new(), Vec::new());
        for (number, word) in words.into_iter().enumerate() {
            let places = word.windows(word.len().clamp(3, 4)).enumerate();
            let Some((offset, gram)) = places.max_by_key(|(at, gram)| (rarity(gram), Reverse(*at)))
            else {
                tiny.push((word.into(), number));
                continue;
            };
            let hash = hash(u64::from(folded(gram)));
            if let Some(set) = sets.get_mut(hash) {
                *set |= gram.get(3).map_or(u32::MAX, |byte| bit(*byte));
            }
            let gram = folded(gram) | gram.get(3).map_or(0, |byte| u32::from(byte | 0x20) << 24);
            candidates.push(Candidate { hash, gram, offset, word: word.into(), number });
        }
        candidates.sort_by_key(|candidate| candidate.hash);
        let start = |hash| candidates.partition_point(|candidate| candidate.hash < hash);
        let starts = (0..=sets.len()).map(|hash| u32::try_from(start(hash)).unwrap_or(u32::MAX));
        Self { lists: starts.collect(), sets, candidates, tiny }
    }

    /// Calls `found` with every place of every keyword, by its number, in about the order of places.
    pub(super) fn search(&self, bytes: &[u8], found: &mut dyn FnMut(Range<usize>, usize)) {
        self.each_in(bytes, std::slice::from_ref(&(0..bytes.len())), found);
    }

    /// The same of some ranges, each by itself.
    pub(super) fn each_in(
        &self,
        bytes: &[u8],
        ranges: &[Range<usize>],
        found: &mut dyn FnMut(Range<usize>, usize),
    ) {
        let mut suspects = Suspects { places: [0; PLACES], count: 0 };
        for range in ranges {
            let text = bytes.get(range.clone()).unwrap_or_default();
            self.each(text, &mut suspects, &mut |hit, number| {
                found(hit.start + range.start..hit.end + range.start, number);
            });
        }
    }

    /// The same of one text. A history has millions that are short: the list of suspects is used again.
    fn each(
        &self,
        bytes: &[u8],
        suspects: &mut Suspects,
        found: &mut dyn FnMut(Range<usize>, usize),
    ) {
        for base in (0..bytes.len().saturating_sub(2)).step_by(usize::from(BLOCK)) {
            let block = bytes.get(base..).unwrap_or_default();
            self.suspects(block.get(..usize::from(BLOCK) + 3).unwrap_or(block), suspects);
            for place in suspects.places.iter().take(suspects.count) {
                self.compare(bytes, base + usize::from(*place), found);
            }
        }
        for (word, number) in self.tiny.iter().filter(|(word, _)| !word.is_empty()) {
            let same = |(_, window): &(usize, &[u8])| window.eq_ignore_ascii_case(word);
            let places = bytes.windows(word.len()).enumerate().filter(same);
            places.for_each(|(at, _)| found(at..at + word.len(), *number));
        }
    }

    /// Writes down the places of a block at which a keyword may be known.
    fn suspects(&self, block: &[u8], suspects: &mut Suspects) {
        suspects.count = 0;
        let places = (0..BLOCK).step_by(usize::from(STEP));
        for at in places.take_while(|at| usize::from(*at) + 2 < block.len()) {
            let rest = block.get(usize::from(at)..).unwrap_or_default();
            let load = rest.first_chunk().copied();
            self.suspects_of(load.unwrap_or_else(|| filled_up(rest)), at, suspects);
        }
    }

    /// The same of the places of one load, which is from `at` on in its block.
    fn suspects_of(&self, load: [u8; LOAD], at: u16, suspects: &mut Suspects) {
        let bytes = u64::from_le_bytes(load);
        let folded = bytes | u64::from_le_bytes([0x20; LOAD]);
        for place in 0..STEP {
            let set = self.sets.get(hash(folded >> (8 * place))).copied().unwrap_or_default();
            // Every place is written, and kept if it counts: a branch would be taken too often for
            // a guess and too seldom for another.
            if let Some(slot) = suspects.places.get_mut(suspects.count % PLACES) {
                *slot = at + place;
            }
            let fourth = bytes >> (8 * (place + 3)) & 31;
            suspects.count += (set >> fourth) as usize & 1;
        }
    }

    /// Compares the keywords that are known by the bytes at a place.
    fn compare(&self, bytes: &[u8], at: usize, found: &mut dyn FnMut(Range<usize>, usize)) {
        let Some(&[a, b, c, ..]) = bytes.get(at..) else { return };
        let three = u32::from_le_bytes([a, b, c, 0]) | FOLD;
        let hash = hash(u64::from(three));
        let list = self.lists.get(hash).zip(self.lists.get(hash + 1));
        let list = list.and_then(|(from, to)| self.candidates.get(*from as usize..*to as usize));
        let fourth = bytes.get(at + 3).map_or(0, |byte| byte | 0x20);
        let four = three | u32::from(fourth) << 24;
        let here = |gram: u32| gram == four || gram == three;
        for candidate in list.unwrap_or_default().iter().filter(|it| here(it.gram)) {
            let Some(start) = at.checked_sub(candidate.offset) else { continue };
            let range = start..start + candidate.word.len();
            let here = bytes.get(range.clone());
            if here.is_some_and(|here| here.eq_ignore_ascii_case(&candidate.word)) {
                found(range, candidate.number);
            }
        }
    }
}

/// Makes capital letters small, and some other characters alike: it is for hashing alone.
const FOLD: u32 = 0x0020_2020;

/// The first three bytes as one number.
fn folded(gram: &[u8]) -> u32 {
    let first = gram.iter().take(3).rev();
    first.fold(0, |value, byte| value << 8 | u32::from(*byte)) | FOLD
}

/// The first bits of a product, which depend on all of its factor (Fibonacci hashing); the factor is
/// the first three bytes of a number.
fn hash(three: u64) -> usize {
    let product = (three << 40).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    usize::try_from(product >> (64 - HASH_BITS)).unwrap_or_default()
}

/// The last bytes of a text and zeros, which are in no keyword.
fn filled_up(rest: &[u8]) -> [u8; LOAD] {
    std::array::from_fn(|at| rest.get(at).copied().unwrap_or_default())
}

/// The bit of a fourth byte: letters have one each, whatever their case.
fn bit(fourth: u8) -> u32 {
    1 << (fourth & 31)
}

/// How rare some bytes are in text: what was not counted is rarer than all that was.
fn rarity(gram: &[u8]) -> usize {
    if let Some(cost) = gram.first_chunk().and_then(|quad| counted(*quad)) {
        return usize::from(cost);
    }
    let place = |byte: &u8| COMMON.iter().position(|common| *common == byte.to_ascii_lowercase());
    let rare = gram.iter().map(|byte| place(byte).unwrap_or(COMMON.len())).sum::<usize>();
    usize::from(u8::MAX) + rare
}

/// What [`QUADS`] says of four bytes. They are held against others as one number: a hook asks this of
/// ten thousand.
fn counted(quad: [u8; 4]) -> Option<u8> {
    let quad = u32::from_be_bytes(quad.map(|byte| byte.to_ascii_lowercase()));
    let lines = QUADS.as_chunks::<6>().0;
    let number = |[a, b, c, d, ..]: &[u8; 6]| u32::from_be_bytes([*a, *b, *c, *d]);
    let line = lines.binary_search_by_key(&quad, number).ok()?;
    lines.get(line).map(|[_, _, _, _, cost, _]| *cost)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(words: &[&str], text: &[u8]) -> Vec<(usize, usize)> {
        let grams = Grams::new(words.iter().map(|word| word.as_bytes()));
        let mut found = Vec::new();
        grams.search(text, &mut |range, number| found.push((range.start, number)));
        found.sort_unstable();
        found
    }

    fn by_comparing(words: &[&str], text: &[u8]) -> Vec<(usize, usize)> {
        let same = |at: usize, word: &str| {
            text.get(at..at + word.len()).is_some_and(|t| t.eq_ignore_ascii_case(word.as_bytes()))
        };
        let places = (0..text.len()).flat_map(|at| words.iter().enumerate().map(move |w| (at, w)));
        places.filter(|(at, (_, word))| same(*at, word)).map(|(at, (n, _))| (at, n)).collect()
    }

    #[test]
    fn keywords_of_every_length_are_found_to_the_last_byte() {
        let words = ["a", "ab", "abc", "abcd", "abcdefgh"];
        assert_eq!(found(&words, b"xABCDEFGHxabc"), by_comparing(&words, b"xABCDEFGHxabc"));
        assert_eq!(found(&words, b"ABCDEFGH").len(), 5);
        assert_eq!(found(&words, b"").len(), 0);
    }

    #[test]
    fn the_table_of_what_is_common_is_sorted_and_whole() {
        let (lines, rest) = QUADS.as_chunks::<6>();
        assert!(rest.is_empty() && lines.iter().all(|line| line[5] == b'\n'));
        assert!(lines.is_sorted_by(|a, b| a[..4] < b[..4]));
        assert!(rarity(b"toke") < rarity(b"Xoxb"), "letters of both cases are one");
    }

    #[test]
    fn characters_that_fold_alike_are_still_told_apart() {
        assert_eq!(found(&["[]{}", "key_"], b"{}[] {}{} KEY\x7f"), []);
        assert_eq!(found(&["[]{}", "key_"], b"[]{} KEY_"), [(0, 0), (5, 1)]);
    }

    proptest! {
        #[test]
        fn what_is_found_is_what_comparing_finds(
            words in prop::collection::vec("[aB_-]{1,6}", 1..8),
            before in 0..600_usize, text in "[abB_\u{e4}-]{0,60}",
        ) {
            let text = format!("{}{text}", "a".repeat(before));
            let words: Vec<_> = words.iter().map(String::as_str).collect();
            prop_assert_eq!(found(&words, text.as_bytes()), by_comparing(&words, text.as_bytes()));
        }
    }
}
