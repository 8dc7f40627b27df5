//! What is pushed, as git and hook frameworks tell it.

use super::SourceError;
use std::fmt;

/// What a push brings to which repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// The refs that are made or moved; those that are deleted bring nothing.
    pub refs: Vec<PushedRef>,
    /// Where to.
    pub to: Destination,
}

/// The repository that is pushed to, and so what it has already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// Another one: it has what this clone saw there last.
    Remote {
        /// What this clone calls it; git says its address where it has no name.
        name: String,
        /// Its address; empty where it is not known.
        url: String,
    },
    /// The one that is scanned: it has what its refs reach.
    Here,
}

/// One ref that is made or moved. Its `Debug` leaves the name out: it may hold a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct PushedRef {
    /// Its whole name at the destination; empty where it is not known.
    pub name: Vec<u8>,
    /// What it stood for there, as an id or any revision; `None` for a new ref.
    pub old: Option<String>,
    /// What it shall stand for, as an id or any revision.
    pub new: String,
}

impl fmt::Debug for PushedRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name: _, old, new } = self;
        f.debug_struct("PushedRef").field("old", old).field("new", new).finish_non_exhaustive()
    }
}

impl Push {
    /// What git says to `pre-push`: the remote's name and address as arguments, and one line for each
    /// ref, `<local ref> <local id> <remote ref> <remote id>`.
    pub fn to_remote(name: &str, url: &str, lines: &[u8]) -> Result<Self, SourceError> {
        let form = "<local ref> <local id> <remote ref> <remote id>";
        // The local ref is as it was typed and may have spaces in it.
        let refs = read(lines, form, |line| {
            let mut words = line.rsplitn(4, |byte| *byte == b' ');
            let (old, name) = (words.next()?, words.next()?);
            let (new, _) = (words.next()?, words.next()?);
            Some(Words { name, old, new })
        })?;
        Ok(Self { refs, to: Destination::Remote { name: name.to_owned(), url: url.to_owned() } })
    }

    /// What git says to `pre-receive`: one line for each ref, `<old id> <new id> <ref>`.
    pub fn received(lines: &[u8]) -> Result<Self, SourceError> {
        let refs = read(lines, "<old id> <new id> <ref>", |line| {
            let mut words = line.splitn(3, |byte| *byte == b' ');
            let (old, new) = (words.next()?, words.next()?);
            Some(Words { name: words.next()?, old, new })
        })?;
        Ok(Self { refs, to: Destination::Here })
    }
}

/// A line, taken apart.
struct Words<'a> {
    name: &'a [u8],
    old: &'a [u8],
    new: &'a [u8],
}

/// An id in a line.
enum Id {
    /// All digits are zero: there is no ref.
    None,
    Some(String),
}

fn read(
    lines: &[u8],
    form: &'static str,
    split: impl Fn(&[u8]) -> Option<Words<'_>>,
) -> Result<Vec<PushedRef>, SourceError> {
    let mut refs = Vec::new();
    for (line, number) in lines.split(|byte| *byte == b'\n').zip(1..) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            continue;
        }
        let unreadable = || SourceError::Pushed { line: number, form };
        let words = split(line).filter(|words| !words.name.is_empty()).ok_or_else(unreadable)?;
        let old = id(words.old).ok_or_else(unreadable)?;
        let new = id(words.new).ok_or_else(unreadable)?;
        let old = match old {
            Id::None => None,
            Id::Some(id) => Some(id),
        };
        match new {
            Id::None => {}
            Id::Some(new) => refs.push(PushedRef { name: words.name.to_vec(), old, new }),
        }
    }
    Ok(refs)
}

/// The id that a word is: 40 digits, or 64 where names are longer.
fn id(word: &[u8]) -> Option<Id> {
    let is_id = matches!(word.len(), 40 | 64) && word.iter().all(u8::is_ascii_hexdigit);
    let text = std::str::from_utf8(word).ok().filter(|_| is_id)?;
    let nothing = word.iter().all(|digit| *digit == b'0');
    Some(if nothing { Id::None } else { Id::Some(text.to_owned()) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hex(digit: char) -> String {
        digit.to_string().repeat(40)
    }

    fn pushed(name: &str, old: Option<char>, new: char) -> PushedRef {
        PushedRef { name: name.as_bytes().to_vec(), old: old.map(hex), new: hex(new) }
    }

    #[test]
    fn every_line_counts_and_a_deletion_brings_nothing() {
        let lines = format!(
            "refs/heads/a {a} refs/heads/b {b}\n(delete) {none} refs/heads/gone {b}\nHEAD^{{/a fix}} {a} \
             refs/heads/c {none}\n",
            a = hex('a'),
            b = hex('b'),
            none = hex('0')
        );
        let push = Push::to_remote("origin", "", lines.as_bytes()).unwrap();
        let expected = [pushed("refs/heads/b", Some('b'), 'a'), pushed("refs/heads/c", None, 'a')];
        assert_eq!(push.refs, expected);
    }

    #[test]
    fn what_is_received_is_read_in_its_own_order() {
        let lines = format!("{} {} refs/heads/a\n", hex('b'), hex('a'));
        let push = Push::received(lines.as_bytes()).unwrap();
        assert_eq!(push.refs, [pushed("refs/heads/a", Some('b'), 'a')]);
    }

    #[test]
    fn no_line_is_no_ref() {
        assert_eq!(Push::received(b"").unwrap().refs, []);
        assert_eq!(Push::to_remote("origin", "", b"\n").unwrap().refs, []);
    }

    #[test]
    fn a_line_of_another_form_is_an_error_that_does_not_repeat_it() {
        for line in ["nonsense", "a b c d", &format!("refs/heads/a {} refs/heads/b 12", hex('a'))] {
            let said = Push::to_remote("origin", "", line.as_bytes()).unwrap_err().to_string();
            assert!(said.contains("line 1") && !said.contains("refs/heads"), "{said}");
            assert!(Push::received(line.as_bytes()).is_err());
        }
    }

    #[test]
    fn a_name_is_not_for_debugging() {
        assert!(!format!("{:?}", pushed("refs/heads/secret", None, 'a')).contains("secret"));
    }

    proptest! {
        #[test]
        fn whatever_is_said_is_read_or_refused(lines in prop::collection::vec(any::<u8>(), 0..200)) {
            _ = Push::to_remote("origin", "", &lines);
            _ = Push::received(&lines);
        }
    }
}
