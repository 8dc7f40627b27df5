//! The words of one line of a `go.mod` (<https://go.dev/ref/mod#go-mod-file-lexical>).

/// The words of a line, and the text of the comment behind them. Brackets and commas are words of
/// their own; quotes of either kind are taken off.
pub(super) fn words(line: &str) -> Result<(Vec<String>, &str), &'static str> {
    let mut words = Vec::new();
    let mut rest = line.trim();
    while let Some(first) = rest.chars().next() {
        if let Some(comment) = rest.strip_prefix("//") {
            return Ok((words, comment));
        }
        let length = match first {
            '"' | '`' => string(rest, first)?,
            _ if is_mark(first) => 1,
            _ => bare(rest),
        };
        let (word, after) = rest.split_at_checked(length).ok_or("a word has no end")?;
        words.push(word.trim_matches(['"', '`']).to_owned());
        rest = after.trim_start();
    }
    Ok((words, ""))
}

fn is_mark(c: char) -> bool {
    matches!(c, '(' | ')' | '[' | ']' | '{' | '}' | ',')
}

/// The length of a word without quotes: up to a blank, a mark or a comment.
fn bare(text: &str) -> usize {
    let end = text.find(|c: char| c.is_whitespace() || is_mark(c)).unwrap_or(text.len());
    text.get(..end).and_then(|word| word.find("//")).unwrap_or(end)
}

fn string(text: &str, quote: char) -> Result<usize, &'static str> {
    let inner = text.get(1..).unwrap_or_default();
    let end = inner.find(quote).ok_or("a string has no end: the file was cut")?;
    if inner.get(..end).is_some_and(|inner| quote == '"' && inner.contains('\\')) {
        return Err("a string has an escape, which no module path needs");
    }
    Ok(end + 2)
}
