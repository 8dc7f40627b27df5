//! Advisories as bytes, and back: numbers in groups of seven bits, texts with their length before
//! them.
//!
//! Reading trusts nothing: what is too short, too long or of an unknown kind is an error, and no more
//! memory is taken than the bytes at hand can fill.

use crate::advisory::document::{Advisory, Kind};
use crate::advisory::matching::{Affected, Event, Range, Versions};
use crate::advisory::rating::Rating;
use crate::finding::Severity;

/// Bytes that are not what was written; the text says what is wrong with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Broken(pub(super) &'static str);

/// The advisories of one package as bytes.
pub(super) fn encode(advisories: &[Advisory]) -> Vec<u8> {
    let mut bytes = Vec::new();
    put_list(&mut bytes, advisories, put_advisory);
    bytes
}

/// The advisories of one package.
pub(super) fn decode(bytes: &[u8]) -> Result<Vec<Advisory>, Broken> {
    let mut reader = Reader(bytes);
    let advisories = reader.list(advisory)?;
    if reader.0.is_empty() { Ok(advisories) } else { Err(Broken("a record is too long")) }
}

pub(super) fn put_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        bytes.push(u8::try_from(number & 0x7f).unwrap_or_default() | 0x80);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).unwrap_or_default());
}

pub(super) fn put_text(bytes: &mut Vec<u8>, text: &str) {
    put_number(bytes, text.len() as u64);
    bytes.extend_from_slice(text.as_bytes());
}

fn put_list<T>(bytes: &mut Vec<u8>, items: &[T], put: impl Fn(&mut Vec<u8>, &T)) {
    put_number(bytes, items.len() as u64);
    for item in items {
        put(bytes, item);
    }
}

/// A text that may be missing: a list of none or one.
fn put_option(bytes: &mut Vec<u8>, text: Option<&str>) {
    put_list(bytes, text.as_slice(), |bytes, text| put_text(bytes, text));
}

fn put_advisory(bytes: &mut Vec<u8>, advisory: &Advisory) {
    let Advisory { id, aliases, kind, summary, url, rating, affected, wider } = advisory;
    put_text(bytes, id);
    put_list(bytes, aliases, |bytes, alias| put_text(bytes, alias));
    bytes.push(match kind {
        Kind::Notice => 0,
        Kind::Unmaintained => 1,
        Kind::Unsound => 2,
        Kind::Vulnerability => 3,
        Kind::Malicious => 4,
    });
    put_text(bytes, summary);
    put_option(bytes, url.as_deref());
    bytes.push(match rating.severity {
        Severity::Low => 0,
        Severity::Medium => 1,
        Severity::High => 2,
        Severity::Critical => 3,
    });
    put_option(bytes, rating.cvss.as_deref());
    put_list(bytes, rating.score.as_slice(), |bytes, score| bytes.extend(score.to_le_bytes()));
    put_text(bytes, affected.versions.as_str());
    put_list(bytes, &affected.ranges, |bytes, range| put_list(bytes, &range.0, put_event));
    bytes.push(u8::from(*wider));
}

fn put_event(bytes: &mut Vec<u8>, event: &Event) {
    let (tag, version) = match event {
        Event::Introduced(version) => (0, version),
        Event::Fixed(version) => (1, version),
        Event::LastAffected(version) => (2, version),
        Event::Limit(version) => (3, version),
    };
    bytes.push(tag);
    put_text(bytes, version);
}

pub(super) fn text(bytes: &[u8]) -> Result<&str, Broken> {
    std::str::from_utf8(bytes).map_err(|_| Broken("a text is not UTF-8"))
}

/// What is still to be read.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn bytes(&mut self, count: usize) -> Result<&'a [u8], Broken> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Broken("it ends too early"))?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Broken> {
        self.bytes(N)?.try_into().map_err(|_| Broken("it ends too early"))
    }

    fn byte(&mut self) -> Result<u8, Broken> {
        self.array().map(|[byte]| byte)
    }

    pub(super) fn number(&mut self) -> Result<u64, Broken> {
        let mut number = 0_u64;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Broken("a number is too large"))
    }

    /// How many bytes, or things of at least a byte, follow.
    pub(super) fn length(&mut self) -> Result<usize, Broken> {
        let length = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        if length > self.0.len() { Err(Broken("it ends too early")) } else { Ok(length) }
    }

    pub(super) fn text(&mut self) -> Result<&'a str, Broken> {
        let length = self.length()?;
        text(self.bytes(length)?)
    }

    fn boxed(&mut self) -> Result<Box<str>, Broken> {
        self.text().map(Into::into)
    }

    fn list<T>(&mut self, read: impl Fn(&mut Self) -> Result<T, Broken>) -> Result<Vec<T>, Broken> {
        (0..self.length()?).map(|_| read(self)).collect()
    }

    fn option<T>(
        &mut self,
        read: impl Fn(&mut Self) -> Result<T, Broken>,
    ) -> Result<Option<T>, Broken> {
        match self.byte()? {
            0 => Ok(None),
            1 => read(self).map(Some),
            _ => Err(Broken("two values where one may be")),
        }
    }
}

fn advisory(reader: &mut Reader<'_>) -> Result<Advisory, Broken> {
    Ok(Advisory {
        id: reader.boxed()?,
        aliases: reader.list(Reader::boxed)?,
        kind: match reader.byte()? {
            0 => Kind::Notice,
            1 => Kind::Unmaintained,
            2 => Kind::Unsound,
            3 => Kind::Vulnerability,
            4 => Kind::Malicious,
            _ => return Err(Broken("an unknown kind of advisory")),
        },
        summary: reader.boxed()?,
        url: reader.option(Reader::boxed)?,
        rating: Rating {
            severity: match reader.byte()? {
                0 => Severity::Low,
                1 => Severity::Medium,
                2 => Severity::High,
                3 => Severity::Critical,
                _ => return Err(Broken("an unknown severity")),
            },
            cvss: reader.option(Reader::boxed)?,
            score: reader.option(|reader| reader.array().map(f64::from_le_bytes))?,
        },
        affected: Affected {
            versions: Versions::of_lines(reader.text()?),
            ranges: reader.list(|reader| reader.list(event).map(Range))?,
        },
        wider: match reader.byte()? {
            0 => false,
            1 => true,
            _ => return Err(Broken("neither yes nor no")),
        },
    })
}

fn event(reader: &mut Reader<'_>) -> Result<Event, Broken> {
    let tag = reader.byte()?;
    let version = reader.boxed()?;
    match tag {
        0 => Ok(Event::Introduced(version)),
        1 => Ok(Event::Fixed(version)),
        2 => Ok(Event::LastAffected(version)),
        3 => Ok(Event::Limit(version)),
        _ => Err(Broken("an unknown kind of bound")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;

    const KINDS: &[Kind] =
        &[Kind::Notice, Kind::Unmaintained, Kind::Unsound, Kind::Vulnerability, Kind::Malicious];

    const SEVERITIES: &[Severity] =
        &[Severity::Low, Severity::Medium, Severity::High, Severity::Critical];

    fn event() -> impl Strategy<Value = Event> {
        let version = || any::<String>().prop_map(Box::from);
        prop_oneof![
            version().prop_map(Event::Introduced),
            version().prop_map(Event::Fixed),
            version().prop_map(Event::LastAffected),
            version().prop_map(Event::Limit),
        ]
    }

    fn rating() -> impl Strategy<Value = Rating> {
        let parts = (prop::sample::select(SEVERITIES), option::of(".*"), option::of(-1e3..1e3));
        parts.prop_map(|(severity, cvss, score)| Rating {
            severity,
            cvss: cvss.map(Into::into),
            score,
        })
    }

    fn affected() -> impl Strategy<Value = Affected> {
        let ranges = vec(vec(event(), 0..4).prop_map(Range), 0..4);
        (vec("[0-9a-z.]{1,9}", 0..5), ranges).prop_map(|(versions, ranges)| Affected {
            versions: Versions::default().extended(versions.iter().map(String::as_str)),
            ranges,
        })
    }

    fn advisory() -> impl Strategy<Value = Advisory> {
        let words = (".*", vec(".*", 0..3), ".*", option::of(".*"));
        let rest = (prop::sample::select(KINDS), rating(), affected(), any::<bool>());
        (words, rest).prop_map(|((id, aliases, summary, url), (kind, rating, affected, wider))| {
            Advisory {
                id: id.into(),
                aliases: aliases.into_iter().map(Into::into).collect(),
                kind,
                summary: summary.into(),
                url: url.map(Into::into),
                rating,
                affected,
                wider,
            }
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(advisories in vec(advisory(), 0..4)) {
            prop_assert_eq!(decode(&encode(&advisories)), Ok(advisories));
        }

        #[test]
        fn a_cut_record_is_an_error(advisories in vec(advisory(), 1..3), at in any::<prop::sample::Index>()) {
            let bytes = encode(&advisories);
            prop_assert!(decode(&bytes[..at.index(bytes.len())]).is_err());
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..300)) {
            if let Ok(advisories) = decode(&bytes) {
                prop_assert!(advisories.len() <= bytes.len());
            }
        }

        #[test]
        fn numbers_are_read_back(number in 0..=u64::MAX >> 1) {
            let mut bytes = Vec::new();
            put_number(&mut bytes, number);
            prop_assert_eq!(Reader(&bytes).number(), Ok(number));
        }
    }

    #[test]
    fn a_length_beyond_the_end_takes_no_memory() {
        let mut bytes = Vec::new();
        put_number(&mut bytes, u64::MAX >> 1);
        assert_eq!(decode(&bytes), Err(Broken("it ends too early")));
        assert_eq!(decode(&[0xff; 12]), Err(Broken("a number is too large")));
    }
}
