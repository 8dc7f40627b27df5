//! How old a copy may be that stands in for its source.

use jiff::{SignedDuration, Timestamp};

/// How old a copy is, in words, if that is too old. One from the future has no age that could be
/// trusted; a day is left for clocks that differ.
pub(super) fn too_old(checked: Timestamp, now: Timestamp, allowed_days: u32) -> Option<String> {
    let age = now.duration_since(checked);
    if age < SignedDuration::from_hours(-24) {
        return Some(format!("{} days ahead of the clock", -days(age)));
    }
    let allowed = SignedDuration::from_hours(24 * i64::from(allowed_days));
    (age > allowed).then(|| format!("{} days old", days(age)))
}

/// Whole days.
pub(super) fn days(age: SignedDuration) -> i64 {
    age.as_hours() / 24
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_too_old_after_its_days_and_when_it_comes_from_the_future() {
        let at = |hours: i64| Timestamp::from_second(1_700_000_000 + hours * 3600).unwrap();
        let age = |hours| too_old(at(0), at(hours), 7);
        assert_eq!((age(0), age(7 * 24), age(-23)), (None, None, None));
        assert_eq!(age(8 * 24).as_deref(), Some("8 days old"));
        assert_eq!(age(-50).as_deref(), Some("2 days ahead of the clock"));
    }
}
