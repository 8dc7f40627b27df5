//! One line of a requirements file
//! (<https://pip.pypa.io/en/stable/reference/requirements-file-format/>).

use crate::lockfile::syntax::{excerpt, without_credentials};

const UNPINNED: &str = "not pinned to one version";
const ADDRESS: &str = "a download by its address, which says no version";
const FOLDER: &str = "a folder or file of the project";
const INDIRECT: &str = "named by a variable or template";

/// What a line says.
pub(super) enum Line<'a> {
    /// A blank line, or an option about where and how to install.
    Nothing,
    /// A package at a version.
    Pinned(Requirement<'a>),
    /// Another file whose lines count as if they stood here.
    Included(&'a str),
    /// Something that is no package at a version.
    PassedOver {
        /// What the line calls it.
        name: String,
        /// Why it was passed over.
        why: &'static str,
    },
}

/// A pinned requirement.
pub(super) struct Requirement<'a> {
    pub(super) name: &'a str,
    pub(super) version: &'a str,
    /// The first hash.
    pub(super) hash: Option<&'a str>,
}

/// Reads a line without its comment.
pub(super) fn read(line: &str) -> Result<Line<'_>, String> {
    let line = line.trim();
    if line.is_empty() {
        return Ok(Line::Nothing);
    }
    if line.starts_with('-') {
        return option(line);
    }
    if let Some(why) = place(line) {
        let word = line.split_whitespace().next().unwrap_or(line);
        return Ok(Line::PassedOver { name: without_credentials(word), why });
    }
    requirement(line)
}

/// Options that say nothing about packages, with and without a value.
const SETTINGS: &[&str] = &[
    "-i",
    "--index-url",
    "--pypi-url",
    "--extra-index-url",
    "--no-index",
    "-f",
    "--find-links",
    "--no-binary",
    "--only-binary",
    "--prefer-binary",
    "--require-hashes",
    "--pre",
    "--trusted-host",
    "--use-feature",
    "--process-dependency-links",
    "--use-wheel",
    "--no-use-wheel",
    "--allow-external",
    "--allow-all-external",
    "--allow-unverified",
    "--always-unzip",
    "-Z",
    "--hash",
    "--all-releases",
    "--only-final",
    "--uploaded-prior-to",
];

fn option(line: &str) -> Result<Line<'_>, String> {
    let end = line.find([' ', '\t', '=']).unwrap_or(line.len());
    let (mut name, mut value) = line.split_at_checked(end).unwrap_or((line, ""));
    if !name.starts_with("--") {
        // A short option may have its value right behind it.
        (name, value) = line.split_at_checked(2).unwrap_or((line, ""));
    }
    let value = value.trim_start_matches(['=', ' ', '\t']);
    let word = value.split_whitespace().next().unwrap_or(value).trim_matches(['"', '\'']);
    let why = match name {
        "-r" | "--requirement" | "-c" | "--constraint" if !word.is_empty() => {
            return Ok(Line::Included(word));
        }
        "-r" | "--requirement" | "-c" | "--constraint" => FOLDER,
        "-e" | "--editable" => place(value).unwrap_or(FOLDER),
        known if SETTINGS.contains(&known) => return Ok(Line::Nothing),
        unknown => return Err(format!("{} is not an option of pip we know", excerpt(unknown))),
    };
    if value.is_empty() {
        return Err(format!("{} names nothing: the file was cut", excerpt(name)));
    }
    Ok(Line::PassedOver { name: without_credentials(word), why })
}

/// Why a requirement that does not begin with the name of a package is passed over.
fn place(text: &str) -> Option<&'static str> {
    let word = text.split([' ', '\t', ';']).next().unwrap_or(text);
    let local = word.starts_with(['.', '/', '\\', '~']) || word.starts_with("file:");
    let is_file = [".whl", ".zip", ".tar.gz"].iter().any(|ending| word.ends_with(ending));
    let template = |open, close| text.starts_with(open) && text.contains(close);
    if template("{{", "}}") || template("{%", "%}") || template("${", "}") {
        Some(INDIRECT)
    } else if local || (is_file && !word.contains("://") && !word.contains('@')) {
        Some(FOLDER)
    } else if word.contains("://") && !word.contains('@') || is_address(word) {
        Some(ADDRESS)
    } else if !word.contains(['=', '<', '>', '@', '[', '!']) && word.contains('/') {
        Some(FOLDER)
    } else {
        None
    }
}

/// Whether a word begins with a scheme rather than with a name and an `@`.
fn is_address(word: &str) -> bool {
    let scheme = word.split_once("://").map_or("", |(scheme, _)| scheme);
    !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

fn requirement(line: &str) -> Result<Line<'_>, String> {
    let refuse = || format!("{} is no requirement: correct or remove it", excerpt(line));
    let in_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let end = line.find(|c| !in_name(c)).unwrap_or(line.len());
    let (name, rest) = line.split_at_checked(end).ok_or_else(refuse)?;
    let sound = |text: &str| text.starts_with(|c: char| c.is_ascii_alphanumeric());
    if !sound(name) || !name.ends_with(|c: char| c.is_ascii_alphanumeric()) {
        return Err(refuse());
    }
    let rest = without_extras(rest.trim_start()).ok_or_else(refuse)?;
    let passed_over = |why| Ok(Line::PassedOver { name: name.to_owned(), why });
    if let Some(address) = rest.strip_prefix('@') {
        return if address.trim().is_empty() { Err(refuse()) } else { passed_over(ADDRESS) };
    }
    let (wish, options) = split_options(rest);
    let (specifiers, marker) = wish.split_once(';').map_or((wish, None), |(s, m)| (s, Some(m)));
    if marker.is_some_and(|marker| marker.trim().is_empty()) {
        return Err(refuse());
    }
    let specifiers = specifiers.trim();
    let specifiers = specifiers
        .strip_prefix('(')
        .map_or(Some(specifiers), |inner| inner.strip_suffix(')'))
        .ok_or_else(refuse)?;
    for specifier in specifiers.split(',').map(str::trim).filter(|text| !text.is_empty()) {
        let version = OPERATORS.iter().find_map(|operator| specifier.strip_prefix(operator));
        let version = version.unwrap_or_default().trim();
        let odd = |c: char| c.is_whitespace() || c.is_control() || "=<>~()[]\"'".contains(c);
        if version.is_empty() || version.contains(odd) {
            return Err(refuse());
        }
    }
    match pin(specifiers) {
        Some(version) if version.contains(['{', '$', '%']) => passed_over(INDIRECT),
        Some(version) => {
            Ok(Line::Pinned(Requirement { name, version, hash: first_hash(options)? }))
        }
        None => passed_over(UNPINNED),
    }
}

/// The longest first, so that none is taken for the beginning of another.
const OPERATORS: &[&str] = &["===", "==", "~=", "!=", "<=", ">=", "<", ">"];

/// What follows the brackets with the extras, if there are any.
fn without_extras(rest: &str) -> Option<&str> {
    let Some(inner) = rest.strip_prefix('[') else { return Some(rest) };
    inner.split_once(']').map(|(_, after)| after.trim_start())
}

/// Splits what is wanted from options such as `--hash=…`.
fn split_options(text: &str) -> (&str, &str) {
    let mark = [" --", "\t--", " -C"].iter().filter_map(|mark| text.find(mark)).min();
    mark.and_then(|at| text.split_at_checked(at)).unwrap_or((text, ""))
}

fn first_hash(options: &str) -> Result<Option<&str>, String> {
    let mut words = options.split_whitespace().peekable();
    let mut first = None;
    while let Some(word) = words.next() {
        let hash = match word.strip_prefix("--hash") {
            Some("") => words.next().unwrap_or_default(),
            Some(rest) => rest.trim_start_matches('='),
            None => continue,
        };
        let sound = hash.split_once(':').is_some_and(|(_, digits)| !digits.is_empty());
        if !sound {
            return Err("a hash is not whole: the file was cut".to_owned());
        }
        first = first.or(Some(hash));
    }
    Ok(first)
}

/// The one version that the specifiers allow.
fn pin(specifiers: &str) -> Option<&str> {
    let mut pins = specifiers.split(',').filter_map(|specifier| {
        let specifier = specifier.trim();
        let version = specifier.strip_prefix("===").or_else(|| specifier.strip_prefix("=="))?;
        Some(version.trim()).filter(|version| !version.ends_with('*'))
    });
    pins.next()
}
