//! The keys under which pnpm lists packages, and the references to them.

use super::Layout;

/// A key without its peers and the hash of its patch.
pub(super) fn without_peers(key: &str, layout: Layout) -> &str {
    match layout {
        Layout::Slashes => {
            let last = key.rfind('/').map_or(0, |at| at + 1);
            let mark = key.get(last..).and_then(|rest| rest.find('_'));
            mark.and_then(|at| key.get(..last + at)).unwrap_or(key)
        }
        Layout::Peers | Layout::Snapshots => key.get(..peers_start(key)).unwrap_or(key),
    }
}

/// Where the brackets begin that end a key.
fn peers_start(key: &str) -> usize {
    let mut depth = 0_usize;
    if !key.ends_with(')') {
        return key.len();
    }
    for (at, c) in key.char_indices().rev() {
        match c {
            ')' => depth += 1,
            '(' => depth = depth.saturating_sub(1),
            _ if depth == 0 => return at + c.len_utf8(),
            _ => {}
        }
    }
    0
}

/// Name and version of a key without peers: the version may be an address.
pub(super) fn split(key: &str, layout: Layout) -> Option<(&str, &str)> {
    match layout {
        Layout::Slashes => {
            let (above, version) = key.rsplit_once('/')?;
            // A key that does not begin with a slash begins with the host of another registry.
            let (_, path) = above.split_once('/')?;
            Some((path, version))
        }
        Layout::Peers => {
            let path = key.split_once('/')?.1;
            at_sign(path)
        }
        Layout::Snapshots => at_sign(key.strip_prefix('/').unwrap_or(key)),
    }
}

fn at_sign(text: &str) -> Option<(&str, &str)> {
    let at = text.get(1..)?.find('@')? + 1;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// Whether a key is of a runtime such as Node, which no registry of packages holds.
pub(super) fn is_runtime(key: &str) -> bool {
    key.contains("@runtime:")
}

/// Whether a version is one of a registry.
pub(super) fn is_release(version: &str) -> bool {
    version.starts_with(|c: char| c.is_ascii_digit())
        && version.split('.').count() >= 3
        && !version.ends_with(['.', '-', '+'])
        && !version.contains(['/', ':'])
}

/// What a reference may mean, in the order in which pnpm looks: the version of a dependency, which
/// for an alias or an address is a key itself.
pub(super) fn candidates(name: &str, reference: &str, layout: Layout) -> [String; 2] {
    let shorter = reference.strip_prefix("file:./").map(|path| format!("file:{path}"));
    let reference = shorter.as_deref().unwrap_or(reference);
    let joined = match layout {
        Layout::Slashes => format!("/{name}/{reference}"),
        Layout::Peers => format!("/{name}@{reference}"),
        Layout::Snapshots => format!("{name}@{reference}"),
    };
    [joined, reference.to_owned()]
}

/// Whether a reference leads to another folder of the project.
pub(super) fn is_link(reference: &str) -> bool {
    reference.starts_with("link:")
}
