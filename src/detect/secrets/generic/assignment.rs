//! From a name to the value that it is given, in the syntaxes of languages, settings, commands and
//! documents. What is understood is what stands right beside the name: nothing is parsed as a whole.

use super::cursor::{Cursor, in_name};
use super::literal::{bare, parameter, quoted};
use super::place::{Bare, Place, Role};
use std::ops::Range;

/// A value, and how it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Assignment {
    pub(super) value: Range<usize>,
    pub(super) form: Form,
}

/// How a value is given to a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// `name = "value"`: a text in quotes.
    Literal,
    /// `name=value` where texts need no quotes.
    Plain,
    /// Something stands between the two that may mean anything: `name("value")`, `wrap("value")`.
    Loose,
    /// `name=value` where a value without quotes is most often an expression.
    Doubtful,
}

/// The most of a type or of a function's name that is stepped over.
const BETWEEN: usize = 48;

/// Whether the name at `key` can be given something at all, by a look at what follows it: most
/// names are only mentioned.
pub(super) fn may_be_given(bytes: &[u8], key: &Range<usize>) -> bool {
    let mut cursor = Cursor { bytes, at: key.end };
    cursor.take(4, |byte| matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b')' | b'[' | b']' | b'&'));
    cursor.blanks();
    match cursor.peek() {
        Some(byte) if byte.is_ascii_alphanumeric() => {
            let rest = cursor.rest();
            let near = rest.get(..rest.len().min(BETWEEN)).unwrap_or_default();
            let name = Cursor { bytes, at: key.start };
            // `--name value`, `ENV NAME value`, `name string = "value"`.
            name.rest().starts_with(b"--")
                || name.peek().is_some_and(|byte| byte.is_ascii_uppercase())
                || memchr::memchr3(b'=', b'"', b'\'', near).is_some()
        }
        Some(byte) => !matches!(byte, b'.' | b';' | b'+' | b'*' | b'/' | b'!' | b')' | b']' | b'}'),
        None => false,
    }
}

/// The value of the name at `key`.
pub(super) fn assignment(bytes: &[u8], key: &Range<usize>, place: Place) -> Option<Assignment> {
    let found = given(bytes, key, place)?;
    // A header is written as text in every language.
    let name = bytes.get(key.clone()).unwrap_or_default();
    let header = name.starts_with(b"X-") || name.starts_with(b"x-");
    let form = if header && found.form > Form::Plain { Form::Plain } else { found.form };
    Some(Assignment { form, ..found })
}

fn given(bytes: &[u8], key: &Range<usize>, place: Place) -> Option<Assignment> {
    let before = Cursor { bytes, at: key.start };
    let mut cursor = Cursor { bytes, at: key.end };
    let was_quoted = close_name(&mut cursor);
    let lead = Lead::of(before);
    if lead == Lead::Option && !was_quoted {
        return option(cursor);
    }
    if lead == Lead::Element && !was_quoted {
        return element(cursor);
    }
    if lead == Lead::Parameter && cursor.peek() == Some(b'=') {
        cursor.at += 1;
        return Some(Assignment { value: parameter(cursor), form: Form::Plain });
    }
    if let Some(found) = pair(cursor, place) {
        return Some(found);
    }
    if was_quoted && let Some(found) = argument(cursor) {
        return Some(found);
    }
    operated(cursor, lead, place)
}

/// What stands before a name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lead {
    /// `--name`
    Option,
    /// `<name>`
    Element,
    /// `?name=` or `&name=`
    Parameter,
    /// `${name}`
    Expansion,
    Other,
}

impl Lead {
    fn of(cursor: Cursor<'_>) -> Self {
        match cursor.before() {
            [.., b'$', b'{'] => Self::Expansion,
            [.., b'<'] => Self::Element,
            [.., b'?' | b'&'] => Self::Parameter,
            _ if cursor.rest().starts_with(b"--") => Self::Option,
            _ => Self::Other,
        }
    }
}

/// Steps over what closes a name: `"`, `']`, `\"`, `[]`. Whether it was in quotes.
fn close_name(cursor: &mut Cursor<'_>) -> bool {
    let quoted = ["\\\"", "\\'", "&quot;", "\"", "'", "`"].iter().any(|quote| cursor.eat(quote));
    cursor.eat(")");
    if cursor.eat("[") {
        cursor.take(8, |byte| byte.is_ascii_digit());
    }
    cursor.eat("]");
    quoted
}

/// `--password value`, `--password=value`, `--password "value"`.
fn option(mut cursor: Cursor<'_>) -> Option<Assignment> {
    let joined = cursor.eat("=") || cursor.eat(":");
    if !joined && !cursor.blanks() {
        return None;
    }
    if let Some(found) = quoted(cursor) {
        return Some(Assignment { value: found.value, form: Form::Literal });
    }
    let value = bare(cursor, Bare::Word)?;
    Some(Assignment { value, form: Form::Plain })
}

/// `<password>value</password>`; attributes are left to the name before them.
fn element(mut cursor: Cursor<'_>) -> Option<Assignment> {
    if !cursor.eat(">") {
        return None;
    }
    cursor.space();
    cursor.eat("<![CDATA[");
    let value = cursor.at;
    cursor.take(super::literal::LONGEST, |byte| byte.is_ascii_graphic() && !b"<>]".contains(&byte));
    let end = cursor.at;
    cursor.space();
    let closed = cursor.eat("</") || cursor.eat("]]>");
    closed.then_some(Assignment { value: value..end, form: Form::Literal })
}

/// The other half of a pair: `name: NAME` and `value: …`, `key="NAME" value="…"`,
/// `<key>NAME</key><string>…`.
fn pair(mut cursor: Cursor<'_>, place: Place) -> Option<Assignment> {
    if cursor.eat("</key>") || cursor.eat("</name>") {
        cursor.space();
        let opened = cursor.eat("<string") || cursor.eat("<value");
        return if opened { element(cursor) } else { None };
    }
    if cursor.eat("\">") || cursor.eat(">") {
        cursor.at -= 1;
        return element(cursor);
    }
    cursor.eat(",");
    if !cursor.space() {
        return None;
    }
    // Terraform: `variable "name" { default = … }`.
    if cursor.eat("{") {
        cursor.space();
    }
    ["\\\"", "\"", "'"].iter().any(|quote| cursor.eat(quote));
    let known = ["value", "stringvalue", "defaultvalue", "default"];
    if !known.iter().any(|word| cursor.eat_word(word)) {
        return None;
    }
    ["\\\"", "\"", "'"].iter().any(|quote| cursor.eat(quote));
    cursor.blanks();
    if !(cursor.eat("=>") || cursor.eat(":") || cursor.eat("=")) {
        return None;
    }
    value(cursor, place, Lead::Other)
}

/// `("NAME", "value")`: the next argument, where it is a text.
fn argument(mut cursor: Cursor<'_>) -> Option<Assignment> {
    cursor.blanks();
    if !cursor.eat(",") {
        return None;
    }
    cursor.blanks();
    let found = quoted(cursor)?;
    Some(Assignment { value: found.value, form: Form::Loose })
}

/// A value after an operator, or right beside the name.
fn operated(mut cursor: Cursor<'_>, lead: Lead, place: Place) -> Option<Assignment> {
    if cursor.eat("(") {
        let found = quoted(cursor)?;
        return Some(Assignment { value: found.value, form: Form::Loose });
    }
    let apart = cursor.blanks();
    let start = cursor.peek();
    if operator(&mut cursor, lead) {
        let found = value(cursor, place, lead);
        // A value in place of another is one only in quotes; without, it is a condition.
        let fallback = !matches!(start, Some(b'=' | b':' | b'<'));
        return found.filter(|found| !fallback || is_after_quote(cursor.bytes, &found.value));
    }
    if !apart {
        return None;
    }
    if let Some(found) = quoted(cursor) {
        return Some(Assignment { value: found.value, form: Form::Loose });
    }
    if environment_line(cursor) {
        let value = bare(cursor, Bare::Word)?;
        return Some(Assignment { value, form: Form::Plain });
    }
    typed(&mut cursor).then(|| value(cursor, place, lead)).flatten()
}

fn is_after_quote(bytes: &[u8], value: &Range<usize>) -> bool {
    let before = bytes.get(..value.start).unwrap_or_default().last();
    matches!(before, Some(b'"' | b'\'' | b'`'))
}

/// Steps over what gives a value to a name; comparisons are none.
fn operator(cursor: &mut Cursor<'_>, lead: Lead) -> bool {
    let start = *cursor;
    let found = ["=>", ":=", "||=", "??=", "?=", "||", "??", "?:", "<-", "or ", ":", "="]
        .iter()
        .any(|operator| cursor.eat(operator));
    if lead == Lead::Expansion {
        cursor.eat("-");
    }
    let next = cursor.peek();
    let other = match start.peek() {
        Some(b'=') => matches!(next, Some(b'=' | b'~')),
        Some(b':') => matches!(next, Some(b':')),
        _ => false,
    };
    found && !other
}

/// Steps over a type and the operator behind it: `: &str =`, ` string =`, `: Optional[str] =`.
fn typed(cursor: &mut Cursor<'_>) -> bool {
    let mut ahead = *cursor;
    let first =
        ahead.peek().is_some_and(|byte| byte.is_ascii_alphabetic() || b"&*[?".contains(&byte));
    ahead.take(BETWEEN, |byte| byte.is_ascii_alphanumeric() || b"_&'<>[].?*:| ".contains(&byte));
    let operator = first && (ahead.before().ends_with(b":") || ahead.rest().starts_with(b"="));
    if operator && ahead.eat("=") && !matches!(ahead.peek(), Some(b'=' | b'>' | b'~')) {
        *cursor = ahead;
        return true;
    }
    false
}

/// Whether the name is that of an `ENV` or `ARG` line of a Dockerfile.
fn environment_line(cursor: Cursor<'_>) -> bool {
    let line = cursor.before();
    let near = line.get(line.len().saturating_sub(120)..).unwrap_or_default();
    let start = near.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let line = near.get(start..).unwrap_or_default().trim_ascii_start();
    line.starts_with(b"ENV ") || line.starts_with(b"setx ") || line.starts_with(b"SetEnv ")
}

/// The value at the cursor: in quotes, in quotes within a call, or without.
fn value(mut cursor: Cursor<'_>, place: Place, lead: Lead) -> Option<Assignment> {
    let apart = cursor.blanks();
    if lead == Lead::Expansion {
        let value = bare(cursor, Bare::Word)?;
        return Some(Assignment { value, form: Form::Doubtful });
    }
    if place.bare != Bare::Line {
        let mut ahead = cursor;
        if typed(&mut ahead) {
            ahead.blanks();
            if quoted(ahead).is_some() {
                cursor = ahead;
            }
        } else if ahead.space() && quoted(ahead).is_some() {
            cursor = ahead;
        }
    }
    if let Some(found) = quoted(cursor) {
        let form = if is_whole(cursor.bytes, found.end) { Form::Literal } else { Form::Loose };
        return Some(Assignment { value: found.value, form });
    }
    if let Some(found) = wrapped(cursor) {
        return Some(found);
    }
    if cursor.eat_word("ConvertTo-SecureString ") {
        cursor.eat_word("-String ");
        let found = quoted(cursor)?;
        return Some(Assignment { value: found.value, form: Form::Literal });
    }
    let value = bare(cursor, place.bare)?;
    if !apart && is_of_connection(cursor.bytes, &value) {
        return Some(Assignment { value, form: Form::Plain });
    }
    let form = match (place.bare, place.role, apart) {
        (Bare::Line, _, _) | (Bare::Word, Role::Settings, _) | (Bare::Word, _, false) => {
            Form::Plain
        }
        (Bare::Word, _, true) | (Bare::Expression, _, _) => Form::Doubtful,
    };
    Some(Assignment { value, form })
}

/// Whether a value is one of several in a text that says how to connect:
/// `Server=…;User Id=…;Password=…;`.
fn is_of_connection(bytes: &[u8], value: &Range<usize>) -> bool {
    let given = bytes.get(value.clone()).unwrap_or_default();
    if given.len() < 6 || !given.iter().any(u8::is_ascii_digit) {
        return false;
    }
    let ends = matches!(bytes.get(value.end), Some(b';' | b'"' | b'\'' | b'`') | None);
    let before = bytes.get(..value.start).unwrap_or_default();
    let near = before.get(before.len().saturating_sub(240)..).unwrap_or_default();
    let near = near.to_ascii_lowercase();
    let others: &[&[u8]] = &[
        b"server=",
        b"data source=",
        b"host=",
        b"user id=",
        b"uid=",
        b"username=",
        b"user=",
        b"catalog=",
        b"database=",
        b"endpoint=",
        b"accountname=",
        b"dbname=",
    ];
    ends && others.iter().any(|other| memchr::memmem::find(&near, other).is_some())
}

/// Whether a text in quotes is the whole value: nothing is added to it.
fn is_whole(bytes: &[u8], end: usize) -> bool {
    let mut cursor = Cursor { bytes, at: end };
    cursor.blanks();
    !(matches!(cursor.peek(), Some(b'+' | b'%' | b'?')) || cursor.rest().starts_with(b".."))
}

/// `wrap("value")`, `new Wrap("value")`, `Some(wrap("value"))`.
fn wrapped(mut cursor: Cursor<'_>) -> Option<Assignment> {
    for _ in 0..3 {
        let name =
            cursor.take(BETWEEN, |byte| in_name(byte) || matches!(byte, b':' | b'!' | b' ' | b'&'));
        if name.is_empty() || !cursor.eat("(") || is_lookup(name) {
            return None;
        }
        if let Some(found) = quoted(cursor) {
            return Some(Assignment { value: found.value, form: Form::Loose });
        }
    }
    None
}

/// Whether a function's name says that it looks something up or translates it.
fn is_lookup(name: &[u8]) -> bool {
    let name = name.trim_ascii().to_ascii_lowercase();
    let name = name.strip_suffix(b"!").unwrap_or(&name);
    let exactly: &[&[u8]] =
        &[b"t", b"_", b"__", b"tr", b"i18n", b"gettext", b"$t", b"l", b"file", b"ref"];
    let within: &[&[u8]] = &[
        b"env",
        b"get",
        b"find",
        b"lookup",
        b"fetch",
        b"read",
        b"load",
        b"resolve",
        b"select",
        b"require",
        b"import",
        b"translate",
        b"text",
        b"label",
        b"field",
        b"input",
        b"column",
        b"match",
        b"param",
        b"secret_ref",
        b"config",
        b"vault",
        b"path",
        b"query",
        b"regex",
        b"url",
    ];
    exactly.contains(&name) || within.iter().any(|part| memchr::memmem::find(name, part).is_some())
}
