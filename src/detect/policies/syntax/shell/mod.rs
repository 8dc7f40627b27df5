//! Shell as pipelines of commands, each word with its place and with the commands inside it.
//!
//! It is no shell: it expands nothing and knows no keyword, so that `then`, `do` and a Dockerfile's
//! `RUN` are words like others. It takes any text; what is never closed ends with the text.

mod lexer;

use std::ops::Range;

/// The deepest nesting of commands within commands that is looked into.
const DEEPEST: usize = 12;

/// The pipelines of a text, in order.
pub(in super::super) fn parse(text: &str, within: Range<usize>) -> Script {
    lexer::Lexer::new(text, within).script(lexer::Close::End, 0)
}

/// A text of commands.
#[derive(Debug, Default)]
pub(in super::super) struct Script {
    pub(in super::super) pipelines: Vec<Vec<Command>>,
}

/// One command. The output of each command of a pipeline is the input of the next.
#[derive(Debug, Default)]
pub(in super::super) struct Command {
    /// Its name and arguments.
    pub(in super::super) words: Vec<Word>,
    /// The words and the texts that it reads as its input.
    pub(in super::super) inputs: Vec<Word>,
    /// The lines of its here-documents.
    pub(in super::super) documents: Vec<Range<usize>>,
    /// Whether its output goes to a file.
    pub(in super::super) writes: bool,
}

impl Command {
    /// The bytes from its first word to its last.
    pub(in super::super) fn range(&self) -> Range<usize> {
        let words = || self.words.iter().chain(&self.inputs);
        let start = words().map(|word| word.range.start).min().unwrap_or_default();
        start..words().map(|word| word.range.end).max().unwrap_or(start)
    }
}

/// One word.
#[derive(Debug, Default)]
pub(in super::super) struct Word {
    /// The word without its quotes; what is substituted into it is left out.
    pub(in super::super) text: String,
    /// Its bytes, quotes included.
    pub(in super::super) range: Range<usize>,
    /// The bytes between its quotes, where one pair of them holds all of it.
    pub(in super::super) quoted: Option<Range<usize>>,
    /// The commands inside it, and whether the word begins with them.
    pub(in super::super) inner: Vec<Inner>,
}

/// Commands inside a word.
#[derive(Debug)]
pub(in super::super) struct Inner {
    pub(in super::super) script: Script,
    /// Whether nothing of the word precedes their output.
    pub(in super::super) leads: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn show(text: &str) -> Vec<Vec<Vec<String>>> {
        let command = |command: Command| command.words.into_iter().map(|word| word.text).collect();
        let script = parse(text, 0..text.len());
        script.pipelines.into_iter().map(|line| line.into_iter().map(command).collect()).collect()
    }

    #[test]
    fn pipes_join_and_separators_part() {
        let expected = [vec![vec!["a", "b c"], vec!["d"]], vec![vec!["e"]], vec![vec!["f"]]];
        assert_eq!(show("a 'b c' |\n  d && e; # x | y\nf"), expected);
        assert_eq!(show("a \\\n  \"b c\" | d\r\ne & f"), expected);
    }

    #[test]
    fn redirections_are_no_words() {
        assert_eq!(show("a >b 2>&1 c &>d <e"), [[["a", "c"]]]);
    }

    #[test]
    fn a_here_document_is_no_command() {
        let text = "cat <<-'X' >f\na | b\n\tX\nc";
        assert_eq!(show(text), [[["cat"]], [["c"]]]);
        let script = parse(text, 0..text.len());
        assert_eq!(&text[script.pipelines[0][0].documents[0].clone()], "a | b\n");
    }

    #[test]
    fn a_word_knows_the_commands_inside_it() {
        let text = r#"sh -c "$(curl x)" y$(z) `w`"#;
        let words = &parse(text, 0..text.len()).pipelines[0][0].words;
        let inner = |at: usize| words[at].inner.iter().map(|inner| inner.leads).collect::<Vec<_>>();
        assert_eq!(
            [inner(1), inner(2), inner(3), inner(4)],
            [vec![], vec![true], vec![false], vec![true]]
        );
    }

    #[test]
    fn nesting_without_end_ends() {
        for open in ["$(", "\"$(", "`", "<(", "(", "\"", "'", "${", "<<a\n", "\\\n"] {
            let text = open.repeat(20_000);
            parse(&text, 0..text.len());
        }
    }

    proptest! {
        #[test]
        fn every_word_is_within_the_text(text in "[ \na-cé'\"`$(){}|&;<>#\\\\=-]{0,60}") {
            let script = parse(&text, 0..text.len());
            for command in script.pipelines.iter().flatten() {
                prop_assert!(text.get(command.range()).is_some());
            }
        }
    }
}
