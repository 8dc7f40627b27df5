//! How licences are written where nobody held the writer to SPDX's list.

use spdx::identifiers::{EXCEPTIONS, LICENSES};

/// What people wrote before there was a list, or beside it, in lower case and without punctuation.
/// Only what has one meaning: `bsd`, `apache`, `gpl` and `public domain` have several.
const LEGACY: &[(&str, &str)] = &[
    ("2-clause bsd", "BSD-2-Clause"),
    ("2-clause bsd license", "BSD-2-Clause"),
    ("3-clause bsd", "BSD-3-Clause"),
    ("3-clause bsd license", "BSD-3-Clause"),
    ("agplv3", "AGPL-3.0-only"),
    ("agplv3+", "AGPL-3.0-or-later"),
    ("apache 2", "Apache-2.0"),
    ("apache 2.0", "Apache-2.0"),
    ("apache 2.0 license", "Apache-2.0"),
    ("apache license 2.0", "Apache-2.0"),
    ("apache license v2.0", "Apache-2.0"),
    ("apache license version 2.0", "Apache-2.0"),
    ("apache software license 2.0", "Apache-2.0"),
    ("apache software license version 2.0", "Apache-2.0"),
    ("apache v2", "Apache-2.0"),
    ("apache v2.0", "Apache-2.0"),
    ("apache version 2.0", "Apache-2.0"),
    ("apache-2", "Apache-2.0"),
    ("apache-2.0 license", "Apache-2.0"),
    ("apache2", "Apache-2.0"),
    ("apache2.0", "Apache-2.0"),
    ("asl 2.0", "Apache-2.0"),
    ("boost software license 1.0", "BSL-1.0"),
    ("boost software license version 1.0", "BSL-1.0"),
    ("bsd 2-clause", "BSD-2-Clause"),
    ("bsd 2-clause license", "BSD-2-Clause"),
    ("bsd 3-clause", "BSD-3-Clause"),
    ("bsd 3-clause license", "BSD-3-Clause"),
    ("bsd-2", "BSD-2-Clause"),
    ("bsd-3", "BSD-3-Clause"),
    ("bsd2", "BSD-2-Clause"),
    ("bsd3", "BSD-3-Clause"),
    ("cc0", "CC0-1.0"),
    ("cc0 1.0", "CC0-1.0"),
    ("eclipse public license 2.0", "EPL-2.0"),
    ("eclipse public license v2.0", "EPL-2.0"),
    ("epl 2.0", "EPL-2.0"),
    ("expat", "MIT"),
    ("freebsd", "BSD-2-Clause"),
    ("gnu agplv3", "AGPL-3.0-only"),
    ("gnu gplv2", "GPL-2.0-only"),
    ("gnu gplv3", "GPL-3.0-only"),
    ("gnu lgplv3", "LGPL-3.0-only"),
    ("gpl (>= 2)", "GPL-2.0-or-later"),
    ("gpl (>= 3)", "GPL-3.0-or-later"),
    ("gpl v2", "GPL-2.0-only"),
    ("gpl v3", "GPL-3.0-only"),
    ("gpl-2", "GPL-2.0-only"),
    ("gpl-3", "GPL-3.0-only"),
    ("gplv2", "GPL-2.0-only"),
    ("gplv2+", "GPL-2.0-or-later"),
    ("gplv3", "GPL-3.0-only"),
    ("gplv3+", "GPL-3.0-or-later"),
    ("isc license", "ISC"),
    ("lgpl (>= 2.1)", "LGPL-2.1-or-later"),
    ("lgpl (>= 3)", "LGPL-3.0-or-later"),
    ("lgpl-3", "LGPL-3.0-only"),
    ("lgplv2.1", "LGPL-2.1-only"),
    ("lgplv2.1+", "LGPL-2.1-or-later"),
    ("lgplv3", "LGPL-3.0-only"),
    ("lgplv3+", "LGPL-3.0-or-later"),
    ("mit + file license", "MIT"),
    ("mit licence", "MIT"),
    ("mit license", "MIT"),
    ("mit/expat", "MIT"),
    ("mit/x11", "MIT"),
    ("modified bsd license", "BSD-3-Clause"),
    ("mozilla public license 2.0", "MPL-2.0"),
    ("mozilla public license 2.0 (mpl 2.0)", "MPL-2.0"),
    ("mozilla public license version 2.0", "MPL-2.0"),
    ("mpl 2.0", "MPL-2.0"),
    ("mpl2", "MPL-2.0"),
    ("mplv2.0", "MPL-2.0"),
    ("new bsd", "BSD-3-Clause"),
    ("new bsd license", "BSD-3-Clause"),
    ("psf", "PSF-2.0"),
    ("python software foundation license", "PSF-2.0"),
    ("revised bsd license", "BSD-3-Clause"),
    ("simplified bsd", "BSD-2-Clause"),
    ("simplified bsd license", "BSD-2-Clause"),
    ("the isc license", "ISC"),
    ("the mit license", "MIT"),
    ("the unlicense", "Unlicense"),
    ("the unlicense (unlicense)", "Unlicense"),
    ("universal permissive license 1.0", "UPL-1.0"),
    ("zlib license", "Zlib"),
];

/// The suffixes of GNU's licences, of which the list has replaced the names without.
const GNU: [&str; 4] = ["AGPL-", "GFDL-", "GPL-", "LGPL-"];

/// A statement as an expression of SPDX's words; `None` where it has others.
pub(super) fn expression(statement: &str) -> Option<String> {
    let plain = statement.to_lowercase().replace([',', '"', '\''], "");
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((_, meant)) = LEGACY.iter().find(|(known, _)| *known == plain) {
        return Some((*meant).to_owned());
    }
    let spaced = statement.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut words = Vec::new();
    for word in spaced.split_whitespace() {
        let after_with = words.last().is_some_and(|last| last == "WITH");
        words.push(term(word, after_with)?);
    }
    let text = words.join(" ");
    Some(text.replace("( ", "(").replace(" )", ")"))
}

/// A term of a list, as each of the expressions that it stands for.
pub(super) fn both(text: &str) -> Option<Vec<String>> {
    let text = text.trim();
    let gnu = GNU.iter().any(|start| starts_with(text, start));
    let suffixed = ["-only", "-or-later", "+"].iter().any(|end| text.ends_with(end));
    if gnu && !suffixed && !text.contains(char::is_whitespace) {
        let of = |suffix: &str| licence(&format!("{text}{suffix}"));
        return Some(vec![of("-only")?, of("-or-later")?]);
    }
    expression(text).map(|text| vec![text])
}

/// The longest text, in bytes, that is compared with names: a comparison costs the product of the
/// lengths.
const MAX_COMPARED: usize = 100;

/// The name on the list that is most like a text; none is like a very long one.
pub(super) fn nearest(text: &str) -> Option<&'static str> {
    let text = Some(text).filter(|text| text.len() <= MAX_COMPARED)?;
    let near = |name| (strsim::normalized_damerau_levenshtein(text, name), name);
    let names = LICENSES.iter().map(|licence| near(licence.name));
    names.max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, name)| name)
}

fn term(word: &str, after_with: bool) -> Option<String> {
    let operators = ["AND", "OR", "WITH"];
    if let Some(operator) = operators.into_iter().find(|it| it.eq_ignore_ascii_case(word)) {
        return Some(operator.to_owned());
    }
    if word == "(" || word == ")" {
        return Some(word.to_owned());
    }
    if after_with {
        let known = EXCEPTIONS.iter().find(|it| it.name.eq_ignore_ascii_case(word));
        return known.map(|exception| exception.name.to_owned());
    }
    let reference = word.strip_prefix("LicenseRef-");
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    if reference.is_some_and(|name| !name.is_empty() && name.chars().all(plain)) {
        return Some(word.to_owned());
    }
    licence(word)
}

/// A name on the list, whatever its letters' case, as the list has it now.
fn licence(word: &str) -> Option<String> {
    let (name, later) = match word.strip_suffix('+') {
        Some(name) => (name, true),
        None => (word, false),
    };
    let known = LICENSES.iter().find(|it| it.name.eq_ignore_ascii_case(name))?.name;
    // The list has a word for "nobody looked".
    if known == "NOASSERTION" || known == "NONE" {
        return None;
    }
    let gnu = GNU.iter().any(|start| known.starts_with(start));
    let suffix = if later { "-or-later" } else { "-only" };
    let renamed = format!("{known}{suffix}");
    if gnu && LICENSES.iter().any(|it| it.name == renamed) {
        return Some(renamed);
    }
    Some(if later && !gnu { format!("{known}+") } else { known.to_owned() })
}

fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}
