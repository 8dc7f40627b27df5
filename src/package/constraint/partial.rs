//! Versions with parts left out, `1`, `1.2` and `1.2.x`, as constraints write them.

/// The numbers that are given, and what follows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Partial<'a> {
    numbers: Vec<u64>,
    /// The prerelease with its hyphen, or nothing.
    pre: &'a str,
    /// Whether what is missing was written as `x` or `*`.
    pub(super) wild: bool,
}

impl<'a> Partial<'a> {
    /// Reads one of at most `most` numbers; build metadata is forgotten. Of a wildcard alone there
    /// are no numbers.
    pub(super) fn read(most: usize, text: &'a str) -> Option<Self> {
        let text = text.trim_start_matches(['v', '=']);
        let text = text.split_once('+').map_or(text, |(version, _)| version);
        let hyphen = text.find('-').unwrap_or(text.len());
        let (release, pre) = text.split_at_checked(hyphen)?;
        let parts: Vec<_> = release.split('.').collect();
        let given = parts.iter().take_while(|part| !matches!(**part, "x" | "X" | "*")).count();
        let wild = given < parts.len();
        let all_wild = parts.iter().skip(given).all(|part| matches!(*part, "x" | "X" | "*"));
        if parts.len() > most || !all_wild || (wild && !pre.is_empty()) || pre == "-" {
            return None;
        }
        let digits = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let given: Vec<_> = parts.into_iter().take(given).collect();
        if !given.iter().all(digits) {
            return None;
        }
        let numbers =
            given.into_iter().map(|part| part.parse().ok()).collect::<Option<Vec<_>>>()?;
        Some(Self { numbers, pre, wild })
    }

    /// How many numbers are given.
    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Whether it has as many numbers as a version of the ecosystem.
    pub(super) fn is_whole(&self, of: usize) -> bool {
        self.numbers.len() >= of && !self.wild
    }

    /// The version itself, what is missing being zero.
    pub(super) fn lowest(&self) -> String {
        let mut numbers = self.numbers.clone();
        numbers.resize(numbers.len().max(3), 0);
        dotted(&numbers) + self.pre
    }

    /// The first version of which the number at `place` differs, what is behind it being zero.
    pub(super) fn after(&self, place: usize) -> Option<String> {
        let mut numbers = self.numbers.clone();
        numbers.truncate(place + 1);
        let last = numbers.get_mut(place)?;
        *last = last.checked_add(1)?;
        numbers.resize(numbers.len().max(3), 0);
        Some(dotted(&numbers))
    }

    /// Where the first number is that is not zero, and the last given one where all are.
    pub(super) fn leading(&self) -> Option<usize> {
        let found = self.numbers.iter().position(|number| *number != 0);
        found.or_else(|| self.numbers.len().checked_sub(1))
    }
}

fn dotted(numbers: &[u64]) -> String {
    numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
}
