//! `.gitleaksignore`: one accepted finding a line, `commit:path:rule:line` or `path:rule:line`.

use super::gitleaks::names;
use super::{Known, Migration, Position};

pub(super) fn convert(name: &str, text: &str) -> Migration {
    let mut migration = Migration::default();
    let lines = text.lines().map(str::trim);
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match position(name, line) {
            Some(position) => migration.positions.push(position),
            None => migration.lose(line, "it is not `[commit:]path:rule:line`"),
        }
    }
    migration
}

/// Read from its end: a path may hold colons.
fn position(name: &str, entry: &str) -> Option<Position> {
    let (rest, line) = entry.rsplit_once(':')?;
    let (rest, rule) = rest.rsplit_once(':')?;
    let is_commit = |text: &str| text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let (commit, path) = match rest.split_once(':') {
        Some((commit, path)) if is_commit(commit) => (Some(commit.to_owned()), path),
        Some(_) | None => (None, rest),
    };
    Some(Position {
        path: path.to_owned(),
        commit,
        line: line.parse().ok().filter(|line| *line > 0)?,
        rules: names(rule).to_vec(),
        known: Known::Line,
        reason: format!("imported from {name}"),
    })
}
