//! Names of files and folders by number: a history has few, and each of its trees has many.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many parts the names are kept in, so that threads seldom wait for each other.
const PARTS: u32 = 64;

/// How many names are remembered where no thread waits.
const ANSWERS: usize = 1 << 16;

/// How many bits of an answer are a number and what the sieve said.
const ANSWER_BITS: u32 = 29;

/// Every name that was met.
pub(super) struct Names {
    key: RandomState,
    parts: Vec<Mutex<Part>>,
    /// What was answered lately, by some bits of a name's hash: others of its bits, its number, and
    /// whether it is wanted. The hash is keyed, so that nobody can make two names equal.
    answers: Vec<AtomicU64>,
}

#[derive(Default)]
struct Part {
    #[expect(clippy::disallowed_types, reason = "its order is never asked for")]
    numbers: std::collections::HashMap<Box<[u8]>, u32>,
    names: Vec<(Box<[u8]>, bool)>,
}

/// A name that was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    /// Less than 2 to the 28th.
    pub(super) number: u32,
    pub(super) wanted: bool,
}

impl Names {
    pub(super) fn new() -> Self {
        let parts = std::iter::repeat_with(Mutex::default).take(PARTS as usize).collect();
        let answers = std::iter::repeat_with(|| AtomicU64::new(0)).take(ANSWERS).collect();
        Self { key: RandomState::new(), parts, answers }
    }

    /// The number of a name; `wanted` is asked once of each. `None` if there are too many.
    pub(super) fn number(&self, name: &[u8], wanted: &dyn Fn(&[u8]) -> bool) -> Option<Known> {
        let hash = self.key.hash_one(name);
        let slot = self.answers.get(usize::try_from(hash).unwrap_or_default() % ANSWERS);
        let answer = slot.map_or(0, |slot| slot.load(Ordering::Relaxed));
        let rest = hash >> ANSWER_BITS << ANSWER_BITS;
        if answer != 0 && answer >> ANSWER_BITS << ANSWER_BITS == rest {
            let number = u32::try_from(answer >> 1 & ((1 << (ANSWER_BITS - 1)) - 1)).ok()?;
            return Some(Known { number, wanted: answer & 1 == 1 });
        }
        let known = self.look_up(name, hash, wanted)?;
        if let Some(slot) = slot {
            let answer = rest | u64::from(known.number) << 1 | u64::from(known.wanted);
            slot.store(answer, Ordering::Relaxed);
        }
        Some(known)
    }

    /// The name of a number.
    pub(super) fn name(&self, number: u32) -> Option<Vec<u8>> {
        self.read(number, <[u8]>::to_vec)
    }

    /// What somebody reads in it. No other name may be asked for meanwhile.
    pub(super) fn read<T>(&self, number: u32, read: impl FnOnce(&[u8]) -> T) -> Option<T> {
        let part = self.part(number % PARTS)?;
        part.names.get((number / PARTS) as usize).map(|(name, _)| read(name))
    }

    fn look_up(&self, name: &[u8], hash: u64, wanted: &dyn Fn(&[u8]) -> bool) -> Option<Known> {
        let index = u32::try_from(hash >> 58).ok()?;
        let known = |part: &Part| {
            let number = *part.numbers.get(name)?;
            let (_, wanted) = part.names.get((number / PARTS) as usize)?;
            Some(Known { number, wanted: *wanted })
        };
        if let Some(known) = known(&*self.part(index)?) {
            return Some(known);
        }
        // Asked without the lock: it takes its time.
        let wanted = wanted(name);
        let mut part = self.part(index)?;
        if let Some(known) = known(&part) {
            return Some(known);
        }
        let place = u32::try_from(part.names.len()).ok()?;
        let number = place.checked_mul(PARTS)?.checked_add(index)?;
        part.numbers.insert(name.into(), number);
        part.names.push((name.into(), wanted));
        (number >> (ANSWER_BITS - 1) == 0).then_some(Known { number, wanted })
    }

    fn part(&self, index: u32) -> Option<MutexGuard<'_, Part>> {
        let part = self.parts.get(index as usize)?;
        Some(part.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_number_and_a_number_its_name() {
        let names = Names::new();
        let wanted = |name: &[u8]| name.ends_with(b"7");
        let all: Vec<_> = (0..100_000).map(|n| format!("file-{n}").into_bytes()).collect();
        let numbers: Vec<_> = all.iter().map(|name| names.number(name, &wanted).unwrap()).collect();
        for (name, known) in all.iter().zip(&numbers) {
            assert_eq!(names.number(name, &|_| panic!("asked twice")), Some(*known));
            assert_eq!(
                (names.name(known.number).as_ref(), known.wanted),
                (Some(name), wanted(name))
            );
        }
    }
}
