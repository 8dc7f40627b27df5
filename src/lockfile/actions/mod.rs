//! What workflows and actions of GitHub use: `uses:` in `.github/workflows/*.yml` and in
//! `action.yml`.
//!
//! A version is a tag, or what the comment behind a commit says (`@0123… # v4.1.0`). A branch or a
//! bare commit is no version, so that one is kept without it. Images and folders of the repository
//! are told or are its own code. What was read to its end is all there is: a cut workflow that is
//! still YAML has fewer steps, which its own runner would not notice either.

mod tree;

use super::syntax::{checked, excerpt, line_number, locked, numbered, passed_over, under};
use super::{Format, Locked, Origin, ParseError, Reading};
use crate::finding::RepoPath;
use crate::package::Ecosystem;
use std::num::NonZeroU32;
use tree::Node;

/// Characters of a name and the comment behind it, after which none is looked for: a line may name
/// many.
const MAX_COMMENTED: usize = 1000;

/// Workflows and actions.
pub(super) struct Workflows;

impl Format for Workflows {
    fn name(&self) -> &'static str {
        "workflow"
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::GitHubActions
    }

    fn claims(&self, path: &RepoPath) -> bool {
        is_workflow(path) || is_action(path)
    }

    fn emptiness_is_odd(&self) -> bool {
        false
    }

    fn read(&self, text: &str) -> Result<Reading, ParseError> {
        let text = checked(text)?;
        let mut reader = Reader { text, reading: Reading::default() };
        let root = match tree::read(text) {
            Ok(root) => root,
            Err(error) if is_like_one(text) => {
                reader.lines(&error);
                return Ok(reader.reading);
            }
            Err(error) => return Err(error),
        };
        if root.get("jobs").or(root.get("runs")).is_none() {
            let why = "neither `jobs` nor `runs` is there, so it is no workflow and no action";
            let entry = passed_over("the file", NonZeroU32::MIN, why);
            return Ok(Reading { passed_over: vec![entry], ..Reading::default() });
        }
        for job in root.get("jobs").map_or(&[][..], Node::values) {
            reader.step(job)?;
            reader.steps(job)?;
        }
        if let Some(runs) = root.get("runs") {
            reader.steps(runs)?;
        }
        Ok(reader.reading)
    }
}

/// Whether a path is a file of YAML directly in `.github/workflows`.
fn is_workflow(path: &RepoPath) -> bool {
    let name = path.file_name_str();
    let folder = path.as_bytes().strip_suffix(name.as_bytes()).unwrap_or_default();
    let place: &[u8] = b".github/workflows/";
    is_yaml(name)
        && (folder == place || folder.strip_suffix(place).is_some_and(|it| it.ends_with(b"/")))
        && is_own(path)
}

fn is_action(path: &RepoPath) -> bool {
    matches!(path.file_name_str(), "action.yml" | "action.yaml") && is_own(path)
}

fn is_yaml(name: &str) -> bool {
    [".yml", ".yaml"]
        .iter()
        .any(|ending| name.strip_suffix(ending).is_some_and(|it| !it.is_empty()))
}

fn is_own(path: &RepoPath) -> bool {
    !under(path, "node_modules") && !under(path, ".git")
}

/// Whether a text that is no YAML is a workflow or an action all the same.
fn is_like_one(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("jobs:") || line.starts_with("runs:"))
}

struct Reader<'a> {
    text: &'a str,
    reading: Reading,
}

impl Reader<'_> {
    /// Reads the lines that begin with `uses:`, and tells so: GitHub is laxer about quotes that
    /// span lines than YAML is.
    fn lines(&mut self, error: &ParseError) {
        let why = "not YAML here and after, so only the lines that begin with `uses:` were read";
        self.reading.passed_over.push(passed_over("the file", error.line, why));
        for (number, line) in numbered(self.text) {
            let words = line.trim().trim_start_matches("- ").trim_start();
            let Some(value) = words.strip_prefix("uses:").map(str::trim) else { continue };
            let quoted = ['"', '\'']
                .into_iter()
                .find_map(|quote| value.strip_prefix(quote)?.split(quote).next());
            let plain = value.split(" #").next().unwrap_or(value).trim();
            let line = line_number(number);
            if self.uses(quoted.unwrap_or(plain), line, words).is_err() {
                let why = "named in a way that was not understood";
                self.reading.passed_over.push(passed_over(plain, line, why));
            }
        }
    }

    fn steps(&mut self, job: &Node<'_>) -> Result<(), ParseError> {
        let steps = job.get("steps").map_or(&[][..], Node::values);
        steps.iter().try_for_each(|step| self.step(step))
    }

    fn step(&mut self, step: &Node<'_>) -> Result<(), ParseError> {
        match step.get("uses") {
            Some(Node::Text(uses)) => {
                let written = self.text.get(uses.at..).unwrap_or_default();
                self.uses(&uses.text, uses.line, written)
            }
            Some(Node::Map(..) | Node::List(_)) | None => Ok(()),
        }
    }

    /// Reads what is used. `written` is the text from where it is named.
    fn uses(&mut self, words: &str, line: NonZeroU32, written: &str) -> Result<(), ParseError> {
        let words = words.trim();
        let mut tell = |why| self.reading.passed_over.push(passed_over(words, line, why));
        if words.starts_with("docker://") {
            tell("a container image and no action");
            return Ok(());
        }
        if words.starts_with("./") || words.starts_with("../") {
            let origin = Origin::Path(words.to_owned());
            let package = locked(Ecosystem::GitHubActions, words, "", line);
            self.reading.packages.push(Locked { origin, direct: Some(true), ..package });
            return Ok(());
        }
        if words.contains("${{") {
            tell("named by an expression");
            return Ok(());
        }
        let Some((name, reference)) = words.split_once('@').filter(|(name, _)| name.contains('/'))
        else {
            let message = format!("{} is not `owner/name@version`", excerpt(words));
            return Err(ParseError { line, message });
        };
        let version = version(reference, written);
        self.reading.packages.push(Locked {
            direct: Some(true),
            integrity: is_commit(reference).then(|| format!("sha1:{reference}")),
            origin: Origin::Git(format!("github.com/{}#{reference}", repository(name))),
            ..locked(Ecosystem::GitHubActions, name, &version, line)
        });
        Ok(())
    }
}

/// The version that a reference is: itself if it is a tag like one, or what the comment on its
/// line says. `written` is the text from where it is named.
fn version(reference: &str, written: &str) -> String {
    if is_version(reference) {
        return reference.to_owned();
    }
    let end = written.char_indices().nth(MAX_COMMENTED).map_or(written.len(), |(at, _)| at);
    let line = written.get(..end).and_then(|text| text.split(['\n', '\r']).next());
    let comment = line.and_then(|line| line.split_once(reference)?.1.split_once('#'));
    let comment = comment.map_or("", |(_, comment)| comment);
    let mut words = comment.split(|c: char| c.is_whitespace() || matches!(c, ',' | '@' | '='));
    words.find(|word| is_version(word)).unwrap_or_default().to_owned()
}

fn is_commit(reference: &str) -> bool {
    reference.len() == 40 && reference.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a tag is like a version: digits, perhaps behind a `v`, to its end or to a sign.
fn is_version(reference: &str) -> bool {
    let digits = reference.strip_prefix(['v', 'V']).unwrap_or(reference);
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let rest = digits.get(end..).unwrap_or_default();
    end > 0 && !is_commit(reference) && (rest.is_empty() || rest.starts_with(['.', '-', '+']))
}

/// The repository of an action that is in a folder of one.
fn repository(name: &str) -> String {
    name.split('/').take(2).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uses(words: &str) -> Reading {
        let text = format!("on: push\njobs:\n  a:\n    steps:\n      - uses: {words}\n");
        Workflows.read(&text).unwrap()
    }

    #[test]
    fn a_version_is_a_tag_or_what_a_comment_says() {
        let sha = "0123456789abcdef".repeat(3)[..40].to_owned();
        for (words, version) in [
            ("a/b@v4".to_owned(), "v4"),
            ("a/b/c/d@1.2.3-rc.1".to_owned(), "1.2.3-rc.1"),
            (format!("a/b@{sha} # v4.1.0"), "v4.1.0"),
            (format!("'a/b@{sha}' # pin@v4.1.0, see there"), "v4.1.0"),
            (format!("a/b@{sha}"), ""),
            ("a/b@main # v2".to_owned(), "v2"),
            ("a/b@release/v1".to_owned(), ""),
        ] {
            let reading = uses(&words);
            assert_eq!(reading.packages[0].package.version, version, "{words}");
        }
    }

    #[test]
    fn a_comment_is_looked_for_behind_its_own_name_and_near_it() {
        let versions = |steps: &str| {
            let start = "# é".repeat(100);
            let text = format!("{start}\r\njobs: {{é: {{steps: [{steps}\r\n]}}}}\r\n");
            let reading = Workflows.read(&text).unwrap();
            reading.packages.into_iter().map(|it| it.package.version).collect::<Vec<_>>()
        };
        let step = "{name: é#v1, uses: a/b@main}";
        let far = format!("{step},{}{step} # v2", " ".repeat(MAX_COMMENTED));
        assert_eq!(versions(&far), ["", "v2"]);
        assert_eq!(versions(&format!("{step}, {step} # v2")), ["v1", "v2"]);
    }

    #[test]
    fn images_expressions_and_folders_are_no_actions() {
        for words in ["docker://alpine:3", "\"${{ matrix.action }}@v1\""] {
            let reading = uses(words);
            assert_eq!((reading.packages.len(), reading.passed_over.len()), (0, 1), "{words}");
        }
        assert!(matches!(uses("./.github/actions/x").packages[0].origin, Origin::Path(_)));
        assert!(Workflows.read("jobs: {a: {uses: nothing}}\n").is_err());
        assert_eq!(Workflows.read("name: x\n").unwrap().passed_over.len(), 1);
    }

    #[test]
    fn what_is_no_yaml_is_read_by_lines_and_told() {
        let text = "jobs:\n  a:\n    with:\n      x: '[\n      ]'\n    uses: a/b/c.yml@v1.0 # z\n";
        let reading = Workflows.read(text).unwrap();
        assert_eq!((reading.packages.len(), reading.passed_over.len()), (1, 1));
        assert_eq!(reading.packages[0].package.version, "v1.0");
        assert!(Workflows.read("x: '[\n").is_err());
    }

    #[test]
    fn workflows_are_claimed_where_they_run() {
        let claims = |path: &str| Workflows.claims(&RepoPath::from(path));
        assert!(claims(".github/workflows/ci.yaml") && claims("a/action.yml"));
        for path in [
            ".github/ci.yml",
            ".github/workflows/a/ci.yml",
            ".github/workflows/.yml",
            "x.github/workflows/ci.yml",
        ] {
            assert!(!claims(path), "{path}");
        }
    }

    #[test]
    fn an_anchored_step_counts_where_it_is_used() {
        let text = "jobs:\n  a:\n    steps: &s\n      - uses: a/b@v1\n  b:\n    steps: *s\n";
        assert_eq!(Workflows.read(text).unwrap().packages.len(), 1);
    }
}
