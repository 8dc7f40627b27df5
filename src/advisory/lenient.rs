//! Reads JSON that is almost as it should be: a value of another kind than expected counts as
//! absent, so that one odd field does not cost a whole advisory.
//!
//! Nothing that decides whether a version is affected may vanish this way unnoticed: `record`
//! remarks on ranges that end up without what they need.

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// Text, or a whole number as text (`"introduced": 0`); anything else is nothing.
#[derive(Debug, Default)]
pub(super) struct Text<'a>(pub(super) Option<Cow<'a, str>>);

impl Text<'_> {
    /// The text, or nothing where there is none or it is empty.
    pub(super) fn get(&self) -> Option<&str> {
        self.0.as_deref().filter(|text| !text.is_empty())
    }
}

/// The first line of a text that is not blank; the rest is not kept.
#[derive(Debug, Default)]
pub(super) struct FirstLine(pub(super) String);

/// A list; anything else is an empty list.
#[derive(Debug)]
pub(super) struct List<T>(pub(super) Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// An object; anything else is the object without fields.
#[derive(Debug, Default)]
pub(super) struct Object<T>(pub(super) T);

/// Whether there is a value other than `null`.
#[derive(Debug, Default)]
pub(super) struct Present(pub(super) bool);

/// What one kind of lenient value makes of the JSON it meets.
trait Take<'de>: Default {
    fn text(text: Cow<'de, str>) -> Self {
        drop(text);
        Self::default()
    }

    fn number(number: impl fmt::Display) -> Self {
        drop(number);
        Self::default()
    }

    fn list<A: SeqAccess<'de>>(list: A) -> Result<Self, A::Error> {
        IgnoredAny.visit_seq(list).map(|_| Self::default())
    }

    fn object<A: MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
        IgnoredAny.visit_map(object).map(|_| Self::default())
    }
}

struct Anything<T>(PhantomData<T>);

impl<'de, T: Take<'de>> Visitor<'de> for Anything<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<T, E> {
        Ok(T::text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::text(Cow::Owned(text.to_owned())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<T, E> {
        Ok(T::number(number))
    }

    fn visit_i64<E>(self, number: i64) -> Result<T, E> {
        Ok(T::number(number))
    }

    fn visit_f64<E>(self, _: f64) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T, A::Error> {
        T::list(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<T, A::Error> {
        T::object(object)
    }
}

impl<'de: 'a, 'a> Take<'de> for Text<'a> {
    fn text(text: Cow<'de, str>) -> Self {
        Self(Some(text))
    }

    fn number(number: impl fmt::Display) -> Self {
        Self(Some(Cow::Owned(number.to_string())))
    }
}

impl<'de> Take<'de> for FirstLine {
    fn text(text: Cow<'de, str>) -> Self {
        let line = text.lines().map(str::trim).find(|line| !line.is_empty());
        Self(line.unwrap_or_default().chars().take(500).collect())
    }
}

impl<'de, T: Deserialize<'de>> Take<'de> for List<T> {
    fn list<A: SeqAccess<'de>>(list: A) -> Result<Self, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list)).map(Self)
    }
}

impl<'de, T: Deserialize<'de> + Default> Take<'de> for Object<T> {
    fn object<A: MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
        T::deserialize(MapAccessDeserializer::new(object)).map(Self)
    }
}

impl<'de> Take<'de> for Present {
    fn text(_: Cow<'de, str>) -> Self {
        Self(true)
    }

    fn number(_: impl fmt::Display) -> Self {
        Self(true)
    }

    fn list<A: SeqAccess<'de>>(list: A) -> Result<Self, A::Error> {
        IgnoredAny.visit_seq(list).map(|_| Self(true))
    }

    fn object<A: MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
        IgnoredAny.visit_map(object).map(|_| Self(true))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Anything(PhantomData))
    }
}

impl<'de> Deserialize<'de> for FirstLine {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Anything(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Anything(PhantomData))
    }
}

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Anything(PhantomData))
    }
}

impl<'de> Deserialize<'de> for Present {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Anything(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::from_str;

    #[derive(serde::Deserialize, Default)]
    #[serde(default)]
    struct Sample<'a> {
        #[serde(borrow)]
        text: Text<'a>,
        #[serde(borrow)]
        list: List<Text<'a>>,
        line: FirstLine,
        present: Present,
    }

    #[test]
    fn values_of_another_kind_count_as_absent() {
        for odd in ["null", "true", "1.5", "[{}]", "{\"a\": [1]}"] {
            let json = format!("{{\"text\": {odd}, \"list\": 12, \"line\": {odd}}}");
            let sample: Sample<'_> = from_str(&json).unwrap();
            assert_eq!(sample.text.get(), None, "{odd}");
            assert!(sample.list.0.is_empty() && sample.line.0.is_empty() && !sample.present.0);
        }
    }

    #[test]
    fn whole_numbers_are_text() {
        let sample: Sample<'_> = from_str(r#"{"text": 0, "list": [1, "2"]}"#).unwrap();
        assert_eq!(sample.text.get(), Some("0"));
        assert_eq!(sample.list.0.iter().filter_map(Text::get).collect::<Vec<_>>(), ["1", "2"]);
    }

    #[test]
    fn the_first_line_is_the_first_that_says_something() {
        let value = serde_json::json!({"line": "\n  \n A flaw. \nMore."});
        assert_eq!(Sample::deserialize(&value).unwrap().line.0, "A flaw.");
    }
}
