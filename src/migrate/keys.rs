//! A table that is read key by key, so that the keys that nobody read are known.

use toml::{Table, Value};

/// What is left of a table.
pub(super) struct Keys(pub(super) Table);

impl Keys {
    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        self.take(key, |value| value.as_str().map(str::to_owned))
    }

    pub(super) fn number(&mut self, key: &str) -> Option<f64> {
        self.take(key, |value| {
            let whole = value.as_integer().and_then(|n| u32::try_from(n).ok()).map(f64::from);
            value.as_float().or(whole)
        })
    }

    pub(super) fn index(&mut self, key: &str) -> Option<usize> {
        self.take(key, |value| value.as_integer().and_then(|n| usize::try_from(n).ok()))
    }

    pub(super) fn flag(&mut self, key: &str) -> Option<bool> {
        self.take(key, Value::as_bool)
    }

    pub(super) fn table(&mut self, key: &str) -> Option<Self> {
        self.take(key, |value| value.as_table().cloned().map(Self))
    }

    pub(super) fn texts(&mut self, key: &str) -> Vec<String> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let list = |value: &Value| value.as_array()?.iter().map(text).collect::<Option<Vec<_>>>();
        self.take(key, list).unwrap_or_default()
    }

    /// The tables under any of these keys, be they one or many.
    pub(super) fn tables(&mut self, keys: &[&str]) -> Vec<Self> {
        let table = |value: &Value| value.as_table().cloned().map(Self);
        let many = |value: &Value| match value.as_array() {
            Some(list) => list.iter().map(table).collect::<Option<Vec<_>>>(),
            None => table(value).map(|one| vec![one]),
        };
        keys.iter().filter_map(|key| self.take(key, many)).flatten().collect()
    }

    /// The keys that nobody took: unknown, or of another kind than expected.
    pub(super) fn rest(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    fn take<T>(&mut self, key: &str, read: impl FnOnce(&Value) -> Option<T>) -> Option<T> {
        let value = self.0.get(key).and_then(read)?;
        self.0.remove(key);
        Some(value)
    }
}
