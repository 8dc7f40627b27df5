//! What Python's tools write when a package asks for another (<https://peps.python.org/pep-0508/>).

use crate::lockfile::Requirement;

/// A requirement as text, read apart: `name[extra] >=1.0 ; python_version < "3.8"`.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::lockfile) struct Wish<'a> {
    /// The name.
    pub(in crate::lockfile) name: &'a str,
    /// The versions that would do; empty where any would.
    pub(in crate::lockfile) constraint: &'a str,
    /// Whether it holds only under a condition.
    pub(in crate::lockfile) conditional: bool,
}

impl<'a> Wish<'a> {
    /// Reads a requirement; `None` where it does not begin with a name.
    pub(in crate::lockfile) fn read(text: &'a str) -> Option<Self> {
        let text = text.trim();
        let in_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let (name, rest) =
            text.split_at_checked(text.find(|c| !in_name(c)).unwrap_or(text.len()))?;
        let rest = rest.trim_start();
        let rest = match rest.strip_prefix('[') {
            Some(extras) => extras.split_once(']')?.1,
            None => rest,
        };
        // An address may hold a semicolon, behind which a blank is needed for a condition.
        let mark = if rest.trim_start().starts_with('@') { " ;" } else { ";" };
        let (constraint, condition) = rest.split_once(mark).unwrap_or((rest, ""));
        let constraint = constraint.trim().trim_start_matches('(').trim_end_matches(')').trim();
        let conditional = !condition.trim().is_empty();
        (!name.is_empty()).then_some(Self { name, constraint, conditional })
    }

    /// The requirement; an address is no constraint on versions.
    pub(in crate::lockfile) fn requirement(&self) -> Requirement {
        let constraint = Some(self.constraint).filter(|it| !it.starts_with('@'));
        Requirement::new(self.name).within(constraint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_requirement_is_read_apart() {
        for (text, name, constraint, conditional) in [
            ("a", "a", "", false),
            ("a-b.c[x,y]>=1.0,<2; python_version < \"3.8\"", "a-b.c", ">=1.0,<2", true),
            ("a (>=1.0)", "a", ">=1.0", false),
            ("a @ https://h.example.org/a;b.whl", "a", "@ https://h.example.org/a;b.whl", false),
            ("a==1 ;", "a", "==1", false),
        ] {
            assert_eq!(Wish::read(text), Some(Wish { name, constraint, conditional }), "{text}");
        }
        assert_eq!((Wish::read(""), Wish::read(">=1"), Wish::read("a[x")), (None, None, None));
        assert_eq!(Wish::read("a @ file:a").unwrap().requirement(), Requirement::new("a"));
    }
}
