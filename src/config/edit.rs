//! Changes to the text of a project file that leave the rest of it as it is, byte for byte.
//!
//! What is added goes to the end, where a table is at home whatever stands before it. What is taken
//! away is found by its lines, and the result is read again: a text in which the lines mislead (a
//! string of several lines that looks like tables) is not changed.

use crate::gate::WaiverFields;
use std::collections::BTreeSet;
use std::ops::Range;
use toml::{Table, Value};

/// The text with one more waiver at its end.
pub fn with_waiver(text: &str, waiver: &WaiverFields) -> String {
    let keys = [
        ("id", &waiver.id),
        ("scope", &waiver.scope),
        ("package", &waiver.package),
        ("reason", &waiver.reason),
        ("owner", &waiver.owner),
        ("approved-by", &waiver.approved_by),
    ];
    let mut lines = vec!["[[waiver]]".to_owned()];
    for (key, value) in keys {
        lines.extend(value.clone().map(|value| format!("{key} = {}", Value::String(value))));
    }
    lines.extend(waiver.until.as_ref().map(|until| format!("until = {until}")));
    appended(text, &lines.join("\n"))
}

/// The text with a block at its end, after an empty line, with the line ends that it has.
pub fn appended(text: &str, block: &str) -> String {
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let block = block.trim_end().replace('\n', end);
    match text {
        "" => format!("{block}{end}"),
        _ if text.ends_with('\n') => format!("{text}{end}{block}{end}"),
        _ => format!("{text}{end}{end}{block}{end}"),
    }
}

/// The text with more rules in `[secrets] disable`; `None` where they cannot be put in cleanly.
pub fn with_disabled(text: &str, ids: &BTreeSet<String>) -> Option<String> {
    let mut wanted: Table = text.parse().ok()?;
    let secrets = wanted.entry("secrets").or_insert_with(|| Value::Table(Table::new()));
    let known = secrets.as_table_mut()?.entry("disable").or_insert(Value::Array(Vec::new()));
    let known = known.as_array_mut()?;
    let new = ids.iter().map(|id| Value::String(id.clone()));
    let new: Vec<_> = new.filter(|id| !known.contains(id)).collect();
    if new.is_empty() {
        return Some(text.to_owned());
    }
    known.splice(0..0, new.iter().cloned());
    let list = new.iter().map(Value::to_string).collect::<Vec<_>>().join(", ");
    let edited = match (line_of(text, is_disable), line_of(text, is_header)) {
        (Some(line), _) => {
            let at = line.start + text.get(line)?.find('[')? + 1;
            let comma = if known.len() > new.len() { ", " } else { "" };
            format!("{}{list}{comma}{}", text.get(..at)?, text.get(at..)?)
        }
        (None, Some(line)) => {
            let (head, tail) = (text.get(..line.end)?, text.get(line.end..)?);
            format!("{head}disable = [{list}]\n{tail}")
        }
        (None, None) => appended(text, &format!("[secrets]\ndisable = [{list}]")),
    };
    (edited.parse::<Table>().ok()? == wanted).then_some(edited)
}

fn is_header(line: &str) -> bool {
    line.trim_end() == "[secrets]"
}

fn is_disable(line: &str) -> bool {
    let value = line.strip_prefix("disable").and_then(|rest| rest.trim_start().strip_prefix('='));
    value.is_some_and(|value| value.trim_start().starts_with('['))
}

/// The first line of `[secrets]`, its header being one, that is wanted.
fn line_of(text: &str, wanted: fn(&str) -> bool) -> Option<Range<usize>> {
    let (mut at, mut within) = (0, false);
    for line in text.split_inclusive('\n') {
        within = if line.starts_with('[') { is_header(line) } else { within };
        if within && wanted(line) {
            return Some(at..at + line.len());
        }
        at += line.len();
    }
    None
}

/// The text without the waivers that begin at these lines, counted from one, and the comments right
/// above them; `None` where they cannot be cut out cleanly.
pub fn without_waivers(text: &str, gone: &BTreeSet<usize>) -> Option<String> {
    let lines: Vec<_> = text.split_inclusive('\n').collect();
    let mut left = Vec::new();
    let mut within = false;
    for (line, number) in lines.iter().zip(1..) {
        let starts = line.trim_start().starts_with('[');
        if starts {
            within = gone.contains(&number);
        }
        if within && starts {
            let above = left.iter().rev().take_while(|line: &&&str| line.starts_with('#')).count();
            left.truncate(left.len() - above);
        }
        if within && line.starts_with('#') && ends_here(lines.get(number..).unwrap_or_default()) {
            within = false;
        }
        if !within {
            left.push(*line);
        }
    }
    let text_left = left.concat();
    let (before, after) = (text.parse::<Table>().ok()?, text_left.parse::<Table>().ok()?);
    (is_rest(before, after, gone.len())).then_some(text_left)
}

/// Whether a comment with these lines below it stands after the last key of its table, and so
/// belongs to the next.
fn ends_here(below: &[&str]) -> bool {
    let mut below = below.iter().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    below.next().is_none_or(|line| line.trim_start().starts_with('['))
}

/// Whether `after` is `before` without some of its waivers.
fn is_rest(mut before: Table, mut after: Table, gone: usize) -> bool {
    let (all, left) = (waivers(&mut before), waivers(&mut after));
    let known = left.iter().all(|waiver| all.contains(waiver));
    before == after && known && left.len() + gone == all.len()
}

fn waivers(table: &mut Table) -> Vec<Value> {
    match table.remove("waiver") {
        Some(Value::Array(waivers)) => waivers,
        Some(_) | None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "[gate]\nfail-on = 'low'\n\n# of rack\n[[waiver]]\nid = 'A'\n\n# of b\n\
                        [[waiver]]\n# two\nid = 'B'\n\n[secrets]\ndisable = []\n";

    #[test]
    fn a_waiver_is_added_and_nothing_else_changes() {
        let waiver = WaiverFields {
            id: Some("X-1".to_owned()),
            reason: Some("says \"so\"".to_owned()),
            until: Some("2026-12-31".parse::<toml::value::Datetime>().unwrap().into()),
            ..WaiverFields::default()
        };
        for text in ["", FILE, "[gate]", &FILE.replace('\n', "\r\n")] {
            let longer = with_waiver(text, &waiver);
            assert!(longer.starts_with(text));
            let table: Table = longer.parse().unwrap();
            let last = table["waiver"].as_array().unwrap().last().unwrap();
            assert_eq!(last["reason"].as_str(), Some("says \"so\""));
            assert!(last["until"].is_datetime());
            assert_eq!(longer.matches('\r').count() > 0, text.contains('\r'));
        }
    }

    #[test]
    fn waivers_are_cut_out_with_the_comments_above_them() {
        let without = |lines: &[usize]| without_waivers(FILE, &lines.iter().copied().collect());
        let first = without(&[5]).unwrap();
        assert_eq!(first, FILE.replace("# of rack\n[[waiver]]\nid = 'A'\n\n", ""));
        let both = without(&[5, 9]).unwrap();
        assert_eq!(both, "[gate]\nfail-on = 'low'\n\n[secrets]\ndisable = []\n");
    }

    #[test]
    fn rules_are_disabled_where_the_list_is_or_where_it_belongs() {
        let ids = BTreeSet::from(["secret/a".to_owned(), "secret/b".to_owned()]);
        for (before, after) in [
            ("", "[secrets]\ndisable = [\"secret/a\", \"secret/b\"]\n"),
            (
                "[secrets]\nexclude = []\n",
                "[secrets]\ndisable = [\"secret/a\", \"secret/b\"]\nexclude = []\n",
            ),
            (
                "[secrets]\ndisable = ['secret/b']\n",
                "[secrets]\ndisable = [\"secret/a\", 'secret/b']\n",
            ),
        ] {
            assert_eq!(with_disabled(before, &ids).as_deref(), Some(after));
            assert_eq!(with_disabled(after, &ids).as_deref(), Some(after));
        }
        assert_eq!(with_disabled("secrets = {}", &ids), None);
    }

    #[test]
    fn a_text_that_misleads_is_left_alone() {
        let text = "[[waiver]]\nid = 'A'\nreason = '''\n[secrets]\n'''\n";
        assert_eq!(without_waivers(text, &BTreeSet::from([1])), None);
        assert_eq!(without_waivers(FILE, &BTreeSet::from([4])), None);
    }
}
