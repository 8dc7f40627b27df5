//! One pass over a shell text.

use super::{Command, DEEPEST, Inner, Script, Word};
use std::ops::Range;

/// What ends the text being read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Close {
    End,
    Parenthesis,
    Backtick,
}

pub(super) struct Lexer<'t> {
    text: &'t str,
    at: usize,
    end: usize,
}

/// A script while it is read.
#[derive(Default)]
struct Draft {
    script: Script,
    pipeline: Vec<Command>,
    command: Command,
    /// The here-documents that begin with the next line: of which command, and their last line.
    awaited: Vec<(usize, usize, String)>,
}

impl Draft {
    fn end_command(&mut self) {
        let command = std::mem::take(&mut self.command);
        if !command.words.is_empty() || !command.inputs.is_empty() {
            self.pipeline.push(command);
        }
    }

    fn end_pipeline(&mut self) {
        self.end_command();
        let pipeline = std::mem::take(&mut self.pipeline);
        if !pipeline.is_empty() {
            self.script.pipelines.push(pipeline);
        }
    }
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str, within: Range<usize>) -> Self {
        let end = within.end.min(text.len());
        Self { text, at: within.start.min(end), end }
    }

    pub(super) fn script(&mut self, close: Close, depth: usize) -> Script {
        let mut draft = Draft::default();
        let mut groups = 0_usize;
        while let Some(next) = self.peek() {
            match next {
                b')' if close == Close::Parenthesis && groups == 0 => break,
                b'`' if close == Close::Backtick => break,
                b'(' => groups += 1,
                b')' => groups = groups.saturating_sub(1),
                _ => {
                    self.step(next, &mut draft, close, depth);
                    continue;
                }
            }
            self.at += 1;
            draft.end_command();
        }
        self.at += 1;
        draft.end_pipeline();
        draft.script
    }

    /// Reads a separator, a redirection, a comment or a word.
    fn step(&mut self, next: u8, draft: &mut Draft, close: Close, depth: usize) {
        match next {
            b' ' | b'\t' | b'\r' => self.at += 1,
            b'\n' => {
                self.at += 1;
                draft.end_pipeline();
                self.documents(draft);
            }
            b'&' if self.follows(">") => self.redirect(draft, depth),
            b';' | b'&' => self.separate(draft),
            b'|' if self.follows("|") => self.separate(draft),
            b'|' => self.pipe(draft),
            b'#' => self.at = self.line_end(),
            b'<' | b'>' if self.follows("(") => self.word_into(draft, depth),
            b'<' | b'>' => self.redirect(draft, depth),
            b'\\' if self.continues() > 0 => self.at += self.continues(),
            b'`' if close == Close::Backtick => self.at += 1,
            _ => self.word_into(draft, depth),
        }
    }

    fn separate(&mut self, draft: &mut Draft) {
        self.at += 1;
        draft.end_pipeline();
    }

    /// A pipe goes on after a line end.
    fn pipe(&mut self, draft: &mut Draft) {
        self.at += if self.follows("&") { 2 } else { 1 };
        draft.end_command();
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.peek() {
            self.at += 1;
        }
    }

    fn word_into(&mut self, draft: &mut Draft, depth: usize) {
        let word = self.word(depth);
        let descriptor = word.text.bytes().all(|b| b.is_ascii_digit())
            && matches!(self.peek(), Some(b'<' | b'>'));
        if !descriptor && !word.range.is_empty() {
            draft.command.words.push(word);
        }
    }

    fn redirect(&mut self, draft: &mut Draft, depth: usize) {
        let start = self.at;
        while let Some(b'<' | b'>' | b'&' | b'|') = self.peek() {
            self.at += 1;
        }
        let operator = self.text.get(start..self.at).unwrap_or_default().to_owned();
        let dash = operator == "<<" && self.peek() == Some(b'-');
        self.at += usize::from(dash);
        while let Some(b' ' | b'\t') = self.peek() {
            self.at += 1;
        }
        let word = self.word(depth);
        match operator.as_str() {
            "<<" => {
                let of = (draft.script.pipelines.len(), draft.pipeline.len());
                draft.awaited.push((of.0, of.1, word.text));
            }
            "<<<" | "<" => draft.command.inputs.push(word),
            _ => {
                draft.command.writes |= !word.text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
            }
        }
    }

    /// Reads the lines before the one that ends a here-document, and that one.
    fn document(&mut self, last: &str) -> Range<usize> {
        let mut body = self.at..self.at;
        while self.at < self.end {
            let line = self.at..self.line_end();
            self.at = (line.end + 1).min(self.end);
            if self.text.get(line).is_some_and(|line| line.trim() == last) {
                return body;
            }
            body.end = self.at;
        }
        body
    }

    /// Reads the here-documents that the line before has announced.
    fn documents(&mut self, draft: &mut Draft) {
        for (pipeline, command, last) in std::mem::take(&mut draft.awaited) {
            let body = self.document(&last);
            let owner =
                draft.script.pipelines.get_mut(pipeline).and_then(|line| line.get_mut(command));
            if let Some(command) = owner {
                command.documents.push(body);
            }
        }
    }

    fn word(&mut self, depth: usize) -> Word {
        let start = self.at;
        let mut word = Word::default();
        while let Some(next) = self.peek() {
            match next {
                b'<' | b'>' if self.follows("(") => self.inner(&mut word, 2, depth),
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b')' | b'<' | b'>' => break,
                b'(' if word.range_is_open(start, self.at) => break,
                b'\'' => self.single(&mut word),
                b'"' => self.double(&mut word, depth),
                _ => self.unquoted(next, &mut word, depth),
            }
        }
        word.range = start..self.at;
        if !word.quoted.as_ref().is_some_and(|q| q.start == start + 1 && q.end + 1 == self.at) {
            word.quoted = None;
        }
        word
    }

    /// Reads one character outside single quotes: a substitution, an escape, or itself.
    fn unquoted(&mut self, next: u8, word: &mut Word, depth: usize) {
        match next {
            b'$' if self.follows("(") => self.inner(word, 2, depth),
            b'$' if self.follows("{") => {
                let close = self.rest().and_then(|rest| memchr::memchr2(b'}', b'\n', rest));
                self.take(word, close.unwrap_or(self.end - self.at).max(1));
            }
            b'`' => self.inner(word, 1, depth),
            b'\\' if self.continues() > 0 => self.at += self.continues(),
            b'\\' => {
                self.at += 1;
                self.take(word, 1);
            }
            _ => self.take(word, 1),
        }
    }

    fn single(&mut self, word: &mut Word) {
        self.at += 1;
        // NOTE: an apostrophe that nothing closes is one: what follows it is still read.
        let Some(close) = self.find(b'\'') else { return word.text.push('\'') };
        word.quoted = Some(self.at..close);
        self.take(word, close - self.at);
        self.at = close + 1;
    }

    fn double(&mut self, word: &mut Word, depth: usize) {
        self.at += 1;
        let start = self.at;
        while let Some(next) = self.peek().filter(|next| *next != b'"') {
            self.unquoted(next, word, depth);
        }
        word.quoted = Some(start..self.at);
        self.at = (self.at + 1).min(self.end);
    }

    /// Reads the commands of a substitution whose opening is `skip` bytes long.
    fn inner(&mut self, word: &mut Word, skip: usize, depth: usize) {
        if depth >= DEEPEST {
            return self.take(word, skip);
        }
        let leads = word.text.is_empty() && word.inner.is_empty();
        let close = if skip == 1 { Close::Backtick } else { Close::Parenthesis };
        self.at += skip;
        let script = self.script(close, depth + 1);
        self.at = self.at.min(self.end);
        word.inner.push(Inner { script, leads });
    }

    /// Adds the next bytes to a word, up to the end of the character that they end in.
    fn take(&mut self, word: &mut Word, length: usize) {
        let mut to = (self.at + length).min(self.end);
        while !self.text.is_char_boundary(to) {
            to += 1;
        }
        word.text.push_str(self.text.get(self.at..to).unwrap_or_default());
        self.at = to;
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied().filter(|_| self.at < self.end)
    }

    /// Whether the character after the next one is as said.
    fn follows(&self, expected: &str) -> bool {
        self.text.get(self.at + 1..self.end).is_some_and(|rest| rest.starts_with(expected))
    }

    /// The length of a backslash and the line end after it; zero where there is none.
    fn continues(&self) -> usize {
        match self.text.as_bytes().get(self.at + 1..self.end) {
            Some([b'\n', ..]) => 2,
            Some([b'\r', b'\n', ..]) => 3,
            _ => 0,
        }
    }

    fn rest(&self) -> Option<&[u8]> {
        self.text.as_bytes().get(self.at..self.end)
    }

    fn find(&self, byte: u8) -> Option<usize> {
        memchr::memchr(byte, self.rest()?).map(|found| self.at + found)
    }

    fn line_end(&self) -> usize {
        self.find(b'\n').unwrap_or(self.end)
    }
}

impl Word {
    /// Whether nothing of the word has been read, so that a parenthesis opens a group.
    fn range_is_open(&self, start: usize, at: usize) -> bool {
        start == at && self.text.is_empty()
    }
}
