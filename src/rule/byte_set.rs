//! A set of bytes, for the character classes of rules.

use regex_syntax::hir::{Class, Hir, HirKind};

/// Which of the 256 bytes belong.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct ByteSet([bool; 256]);

impl FromIterator<u8> for ByteSet {
    fn from_iter<T: IntoIterator<Item = u8>>(bytes: T) -> Self {
        let mut set = Self::empty();
        for byte in bytes {
            set.insert(byte);
        }
        set
    }
}

impl ByteSet {
    pub(super) fn empty() -> Self {
        Self([false; 256])
    }

    /// The members of a class; see [`ByteSet::insert_class`].
    pub(super) fn of(class: &Class) -> Self {
        let mut set = Self::empty();
        set.insert_class(class);
        set
    }

    /// Every byte that a match of an expression can hold.
    pub(super) fn within(hir: &Hir) -> Self {
        let mut set = Self::empty();
        match hir.kind() {
            HirKind::Literal(literal) => literal.0.iter().for_each(|byte| set.insert(*byte)),
            HirKind::Class(class) => set.insert_class(class),
            HirKind::Empty
            | HirKind::Look(_)
            | HirKind::Repetition(_)
            | HirKind::Capture(_)
            | HirKind::Concat(_)
            | HirKind::Alternation(_) => {}
        }
        hir.kind().subs().iter().for_each(|sub| set.extend(&Self::within(sub)));
        set
    }

    pub(super) fn contains(&self, byte: u8) -> bool {
        self.0.get(usize::from(byte)).copied().unwrap_or(false)
    }

    pub(super) fn insert(&mut self, byte: u8) {
        if let Some(member) = self.0.get_mut(usize::from(byte)) {
            *member = true;
        }
    }

    pub(super) fn extend(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(mine, theirs)| *mine |= theirs);
    }

    /// Adds the members of a class; of a code point beyond ASCII, every byte beyond ASCII.
    pub(super) fn insert_class(&mut self, class: &Class) {
        match class {
            Class::Bytes(class) => class
                .iter()
                .for_each(|range| (range.start()..=range.end()).for_each(|b| self.insert(b))),
            Class::Unicode(class) => class.iter().for_each(|range| {
                let byte = |point: char| u8::try_from(point).unwrap_or(u8::MAX);
                (byte(range.start())..=byte(range.end())).for_each(|b| self.insert(b));
            }),
        }
    }
}
