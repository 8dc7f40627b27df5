//! What the path of a file says about what stands in it.

use crate::finding::RepoPath;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) role: Role,
    pub(super) bare: Bare,
    pub(super) setting: Setting,
}

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It says how something is run.
    Settings,
    /// A program, or a text of unknown kind.
    Code,
    /// People read it.
    Prose,
    /// It says what a program says to people.
    Phrases,
}

/// What a value without quotes is in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bare {
    /// The rest of the line.
    Line,
    /// Text up to a blank.
    Word,
    /// An expression, and never a text.
    Expression,
}

/// Where a file is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Setting {
    /// Where secrets are kept on purpose, or where the program runs for its users.
    Production,
    /// It does not say.
    Unknown,
    /// It shows how it would be done, or is read by tests alone.
    Specimen,
}

const LOCKFILES: &[&str] = &[
    "package-lock.json",
    "npm-shrinkwrap.json",
    "pnpm-lock.yaml",
    "go.sum",
    "go.mod",
    "composer.lock",
    "packages.lock.json",
    "flake.lock",
    ".terraform.lock.hcl",
    "bun.lockb",
    "gradle.lockfile",
    "verification-metadata.xml",
    ".secrets.baseline",
    ".lockkeeper-baseline",
    "sri.json",
];

/// Endings of files in which there are no settings, but much that looks like some.
const OPAQUE: &[&str] = &[
    "lock", "map", "svg", "css", "scss", "sass", "less", "pem", "crt", "cer", "asc", "gpg", "sig",
    "sum", "csv", "tsv", "pdf", "ttf", "woff", "woff2", "eot", "tfstate", "enc",
];

const LINES: &[&str] = &[
    "env",
    "properties",
    "ini",
    "cfg",
    "conf",
    "cnf",
    "yaml",
    "yml",
    "envrc",
    "npmrc",
    "pypirc",
    "config",
];

const TYPED: &[&str] = &["toml", "tf", "tfvars", "hcl", "json", "json5", "jsonc", "xml", "plist"];

const SHELL: &[&str] = &[
    "sh", "bash", "zsh", "fish", "ps1", "psm1", "bat", "cmd", "ksh", "service", "sql", "patch",
    "diff", "txt", "log", "ipynb", "",
];

const PROSE: &[&str] = &[
    "md", "markdown", "rst", "adoc", "asciidoc", "textile", "html", "htm", "tex", "pod", "rdoc",
    "mdx", "org",
];

const PHRASES: &[&str] = &["po", "pot", "strings", "resx", "arb", "xlf", "xliff", "ftl", "lang"];

const PHRASE_FOLDERS: &[&str] =
    &["locales", "locale", "i18n", "l10n", "translations", "lang", "languages"];

const SPECIMEN_FOLDERS: &[&str] = &[
    "test",
    "tests",
    "testing",
    "spec",
    "specs",
    "__tests__",
    "fixtures",
    "fixture",
    "testdata",
    "test-data",
    "test_data",
    "mocks",
    "mock",
    "__mocks__",
    "examples",
    "example",
    "samples",
    "sample",
    "demo",
    "demos",
    "docs",
    "doc",
    "documentation",
    "e2e",
    "integration",
    "testsuite",
    "snapshots",
    "__snapshots__",
    "smoke-test",
    "benchmarks",
    "tutorials",
    "guides",
    "qa",
    "cassettes",
    "vcr",
    "testutil",
    "testutils",
    "test-fixtures",
    "dev-tools",
    "functional",
];

const SPECIMEN_ENDS: &[&str] = &[
    ".example",
    ".sample",
    ".template",
    ".dist",
    ".tmpl",
    ".tpl",
    ".tt",
    ".erb",
    ".j2",
    ".default",
    ".snap",
    ".defaults",
    ".stub",
    ".mustache",
    ".hbs",
];

/// What a file of this path is; `None` where a generic search makes no sense.
pub(super) fn place(path: &RepoPath) -> Option<Place> {
    let path = String::from_utf8_lossy(path.as_bytes()).to_ascii_lowercase();
    let name = path.rsplit('/').next().unwrap_or_default();
    let setting = setting(&path, name);
    let name = SPECIMEN_ENDS.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    if LOCKFILES.contains(&name) || OPAQUE.contains(&extension) {
        return None;
    }
    let (role, bare) = kind(name, extension);
    let folders = path.split('/').rev().skip(1);
    let phrases = PHRASES.contains(&extension)
        || folders.into_iter().any(|folder| PHRASE_FOLDERS.contains(&folder))
        || name.starts_with("messages_");
    let role = if phrases { Role::Phrases } else { role };
    Some(Place { role, bare, setting })
}

fn kind(name: &str, extension: &str) -> (Role, Bare) {
    let dotenv = name.starts_with(".env") || name == "credentials";
    let container = name.starts_with("dockerfile") || name.ends_with(".dockerfile");
    if dotenv || LINES.contains(&extension) {
        (Role::Settings, Bare::Line)
    } else if container || extension == "service" {
        (Role::Settings, Bare::Word)
    } else if TYPED.contains(&extension) {
        (Role::Settings, Bare::Expression)
    } else if SHELL.contains(&extension) {
        (Role::Code, Bare::Word)
    } else if PROSE.contains(&extension) {
        (Role::Prose, Bare::Word)
    } else {
        (Role::Code, Bare::Expression)
    }
}

fn setting(path: &str, name: &str) -> Setting {
    let folder = |part: &str| {
        SPECIMEN_FOLDERS.contains(&part)
            || [
                "-test",
                "-tests",
                "_test",
                "_tests",
                ".tests",
                "-example",
                "-examples",
                "-sample",
                "-spec",
            ]
            .iter()
            .any(|end| part.ends_with(end))
            || part.starts_with("test-")
            || part.starts_with("test_")
    };
    let words = name.split(['.', '-', '_']);
    let says = [
        "test",
        "tests",
        "spec",
        "example",
        "sample",
        "template",
        "mock",
        "mocks",
        "fixture",
        "fixtures",
        "dummy",
        "fake",
        "demo",
        "testing",
        "stub",
        "readme",
        "changelog",
    ];
    let mut specimen = path.split('/').rev().skip(1).any(folder);
    specimen |= SPECIMEN_ENDS.iter().any(|end| name.ends_with(end)) || ends_in_test(name);
    specimen |= name != "example.txt" && words.clone().any(|word| says.contains(&word));
    let kept = ["prod", "production", "secrets", "secret", "credentials"];
    let production = name.starts_with(".env") || words.clone().any(|word| kept.contains(&word));
    match (specimen, production) {
        (true, _) => Setting::Specimen,
        (false, true) => Setting::Production,
        (false, false) => Setting::Unknown,
    }
}

/// `LoginTest.java`, `LoginTests.cs`, `test_login.py` (the last by its first word).
fn ends_in_test(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name);
    ["test", "tests", "testcase", "spec"].iter().any(|end| stem.ends_with(end)) && stem != "latest"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str) -> Option<Place> {
        place(&RepoPath::from(path))
    }

    #[test]
    fn files_are_known_by_their_names() {
        let role = |path| read(path).unwrap().role;
        assert_eq!(role(".env.production"), Role::Settings);
        assert_eq!(role("config/database.yml"), Role::Settings);
        assert_eq!(role("a/Dockerfile"), Role::Settings);
        assert_eq!(role("src/main.rs"), Role::Code);
        assert_eq!(role("README.md"), Role::Prose);
        assert_eq!(role("config/locales/de.yml"), Role::Phrases);
        assert!(read("Cargo.lock").is_none() && read("a/package-lock.json").is_none());
    }

    #[test]
    fn specimens_are_known_by_folder_and_name() {
        let setting = |path| read(path).unwrap().setting;
        for path in [
            "test/a.rb",
            "src/a_test.go",
            "a/LoginTest.java",
            "test_a.py",
            ".env.example",
            "a.spec.ts",
            "docs/a.md",
            "config/secrets.yml.sample",
        ] {
            assert_eq!(setting(path), Setting::Specimen, "{path}");
        }
        assert_eq!(setting(".env"), Setting::Production);
        assert_eq!(setting("config/secrets.yml"), Setting::Production);
        assert_eq!(setting("latest.yml"), Setting::Unknown);
        assert_eq!(setting("src/contest/a.rs"), Setting::Unknown);
    }
}
