//! A Jupyter notebook with the lines of its cells joined: it keeps each as a JSON string of its own
//! (nbformat 4, `multiline_string`), which cuts a key of several lines in pieces.

use super::encoded::Run;
use crate::finding::RepoPath;

/// The notebook's text with `\n",` between two strings as a line end; `None` for other files.
pub(super) fn joined(path: &RepoPath, text: &[u8]) -> Option<Run> {
    is_notebook(path.file_name()).then_some(())?;
    let (mut decoded, mut places) = (Vec::new(), Vec::new());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let rest = text.get(at..).unwrap_or_default();
        let (value, length) = match seam(rest).or_else(|| escape(rest)) {
            Some(found) => found,
            None => (*byte, 1),
        };
        decoded.push(value);
        places.push(u32::try_from(at).unwrap_or(u32::MAX));
        at += length;
    }
    Some(Run { range: 0..text.len(), decoded, at: places })
}

/// Whether a file is one, by its name.
pub(in super::super) fn is_notebook(name: &[u8]) -> bool {
    name.ends_with(b".ipynb")
}

/// The end of one string and the start of the next.
fn seam(text: &[u8]) -> Option<(u8, usize)> {
    let rest = text.strip_prefix(b"\\n\",")?;
    let blanks = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    (rest.get(blanks) == Some(&b'"')).then_some((b'\n', 4 + blanks + 1))
}

fn escape(text: &[u8]) -> Option<(u8, usize)> {
    match text {
        [b'\\', b'n', ..] => Some((b'\n', 2)),
        [b'\\', b't', ..] => Some((b'\t', 2)),
        [b'\\', quoted @ (b'"' | b'\\' | b'/'), ..] => Some((*quoted, 2)),
        _ => None,
    }
}
