//! Dockerfiles as instructions with their places.

use super::pattern;
use crate::finding::RepoPath;
use regex::Regex;
use std::sync::LazyLock;

/// One instruction.
#[derive(Debug, PartialEq)]
pub(in super::super) struct Instruction {
    /// Its keyword in upper case; of `ONBUILD RUN …`, what is to be run.
    pub(in super::super) keyword: String,
    /// What follows the keyword, as long as it is in the file: continued lines are joined by spaces
    /// and comment lines are blank.
    pub(in super::super) arguments: String,
    /// Where the arguments begin in the file.
    pub(in super::super) start: usize,
}

/// Whether a file is a Dockerfile by its name.
pub(in super::super) fn is_dockerfile(path: &RepoPath) -> bool {
    let name = path.file_name_str();
    let lower = name.to_ascii_lowercase();
    let stem = lower.split_once('.').map_or(lower.as_str(), |(stem, _)| stem);
    let not_built = [".dockerignore", ".md", ".rb", ".py", ".go", ".rs", ".yml", ".yaml", ".sh"];
    let named = matches!(stem, "dockerfile" | "containerfile") || lower.ends_with(".dockerfile");
    named && !not_built.iter().any(|ending| lower.ends_with(ending))
}

/// The instructions of a Dockerfile, in order.
pub(in super::super) fn instructions(text: &str) -> Vec<Instruction> {
    let mut reader = Reader { text, at: 0, escape: escape(text) };
    let mut instructions = Vec::new();
    while reader.at < text.len() {
        let start = reader.at;
        let line = reader.line();
        let trimmed = line.trim_start();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let start = start + line.len() - trimmed.len();
        let whole = reader.rest_of_instruction(trimmed);
        instructions.extend(split(&whole, start));
    }
    instructions
}

/// The keyword and the arguments of an instruction.
fn split(whole: &str, start: usize) -> Option<Instruction> {
    let mut rest = whole;
    loop {
        let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (keyword, arguments) = rest.split_at_checked(length)?;
        rest = arguments.trim_start();
        if !keyword.eq_ignore_ascii_case("ONBUILD") {
            let (keyword, arguments) = (keyword.to_ascii_uppercase(), rest.to_owned());
            return Some(Instruction {
                keyword,
                arguments,
                start: start + whole.len() - rest.len(),
            });
        }
    }
}

/// The character that joins lines: a backslash unless a directive says otherwise.
fn escape(text: &str) -> char {
    static DIRECTIVE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^(?:#[^\n]*\n)*?#[ \t]*(?i:escape)[ \t]*=[ \t]*`"));
    if DIRECTIVE.is_match(text) { '`' } else { '\\' }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    escape: char,
}

impl<'t> Reader<'t> {
    /// The next line, with its end.
    fn line(&mut self) -> &'t str {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let line = rest.find('\n').map_or(rest, |end| rest.get(..=end).unwrap_or(rest));
        self.at += line.len();
        line
    }

    /// The instruction that begins with a line: with the lines that continue it, and the bodies of
    /// its here-documents.
    fn rest_of_instruction(&mut self, first: &str) -> String {
        let mut whole = String::new();
        let mut open = self.join(&mut whole, first);
        while open && self.at < self.text.len() {
            let line = self.line();
            let trimmed = line.trim_start();
            if trimmed.is_empty() || trimmed.starts_with('#') {
                whole.extend(std::iter::repeat_n(' ', line.len()));
            } else {
                open = self.join(&mut whole, line);
            }
        }
        for last in heredocs(&whole) {
            let mut open = true;
            while open && self.at < self.text.len() {
                let line = self.line();
                whole.push_str(line);
                open = line.trim() != last;
            }
        }
        whole
    }

    /// Adds a line; whether it goes on with the next.
    fn join(&self, whole: &mut String, line: &str) -> bool {
        let Some(content) = line.trim_end().strip_suffix(self.escape) else {
            whole.push_str(line);
            return false;
        };
        whole.push_str(content);
        whole.extend(std::iter::repeat_n(' ', line.len() - content.len()));
        true
    }
}

/// The last lines of the here-documents that an instruction announces.
fn heredocs(whole: &str) -> Vec<String> {
    static HEREDOC: LazyLock<Regex> =
        LazyLock::new(|| pattern(r#"(?:^|[^<])<<-?["']?([A-Za-z_]\w*)["']?"#));
    let upper = whole.get(..5).unwrap_or_default().to_ascii_uppercase();
    if !["RUN", "COPY", "ADD", "ONBUI"].iter().any(|keyword| upper.starts_with(keyword)) {
        return Vec::new();
    }
    HEREDOC.captures_iter(whole).map(|found| found.extract::<1>().1[0].to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn show(text: &str) -> Vec<(String, String)> {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let shown = instructions(text).into_iter().map(|i| (i.keyword, words(&i.arguments)));
        shown.collect()
    }

    fn pairs<const N: usize>(expected: [(&str, &str); N]) -> Vec<(String, String)> {
        expected.map(|(keyword, rest)| (keyword.to_owned(), rest.to_owned())).to_vec()
    }

    #[test]
    fn lines_are_joined_and_comments_left_out() {
        let text = "# x\nfrom a \\\n  # y\n\n  as b\r\nONBUILD RUN c\n";
        assert_eq!(show(text), pairs([("FROM", "a as b"), ("RUN", "c")]));
    }

    #[test]
    fn what_is_put_off_may_be_put_off_again() {
        let text = "onbuild ".repeat(200_000) + "RUN a";
        assert_eq!(show(&text), pairs([("RUN", "a")]));
        assert_eq!(show("ONBUILD"), pairs([("", "")]));
    }

    #[test]
    fn the_escape_directive_is_obeyed() {
        assert_eq!(
            show("# escape=`\nRUN a `\n b\\\nRUN c"),
            pairs([("RUN", "a b\\"), ("RUN", "c")])
        );
    }

    #[test]
    fn a_here_document_holds_no_instruction() {
        assert_eq!(
            show("RUN <<EOF\nFROM x\nEOF\nUSER y"),
            pairs([("RUN", "<<EOF FROM x EOF"), ("USER", "y")])
        );
    }

    #[test]
    fn a_name_decides() {
        let named = |name: &str| is_dockerfile(&RepoPath::from(name));
        for name in
            ["Dockerfile", "a/Dockerfile.dev", "b.dockerfile", "Containerfile", "Dockerfile.tt"]
        {
            assert!(named(name), "{name}");
        }
        for name in
            ["Dockerfile.dockerignore", "dockerfile.md", "docker.txt", "dockerfile_parser.rb"]
        {
            assert!(!named(name), "{name}");
        }
    }

    proptest! {
        #[test]
        fn arguments_are_as_long_as_in_the_file(text in "(?s)(RUN|FROM|#|ONBUILD|é| |\n|\r\n|\\\\|<<E|E){0,30}") {
            for instruction in instructions(&text) {
                let end = instruction.start + instruction.arguments.len();
                prop_assert!(text.get(instruction.start..end).is_some());
            }
        }
    }
}
