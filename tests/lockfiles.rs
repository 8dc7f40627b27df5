//! Every format over every fixture: `fixtures/lockfiles/<module>/<case>/<path of the file>`.
//!
//! A format needs nothing here: its module, its fixtures and its entry in `FORMATS` are compared
//! with each other, and what holds for one lockfile must hold for all.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a test fails by panicking, in its helpers too"
)]

use lockkeeper::finding::RepoPath;
use lockkeeper::lockfile::{FORMATS, Format, Locked, Origin, ParseError, Requirement, format_of};
use lockkeeper::package::Package;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

struct Fixture {
    module: String,
    case: String,
    file: String,
    text: String,
}

impl Fixture {
    fn format(&self) -> &'static dyn Format {
        format_of(&RepoPath::from(&*self.file)).expect("a fixture has the name of a lockfile")
    }

    fn parse(&self, text: &str) -> Result<Vec<Locked>, ParseError> {
        self.format().parse(text)
    }

    fn whole(&self) -> Vec<Locked> {
        self.parse(&self.text).unwrap_or_else(|error| panic!("{self}: {error}"))
    }
}

impl std::fmt::Display for Fixture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}", self.module, self.case, self.file)
    }
}

fn entries(folder: &Path) -> BTreeMap<String, PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is part of the repository");
    let entry = |entry: std::io::Result<fs::DirEntry>| {
        let entry = entry.expect("the folder can be read");
        (entry.file_name().into_string().expect("its names are plain"), entry.path())
    };
    entries.map(entry).collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn fixtures() -> &'static [Fixture] {
    static FIXTURES: LazyLock<Vec<Fixture>> = LazyLock::new(read_fixtures);
    &FIXTURES
}

fn read_fixtures() -> Vec<Fixture> {
    let mut all = Vec::new();
    for (module, cases) in entries(&root().join("fixtures/lockfiles")) {
        for (case, files) in entries(&cases) {
            for (file, path) in files_below(&files) {
                let text = fs::read_to_string(path).expect("a fixture is text");
                all.push(Fixture { module: module.clone(), case: case.clone(), file, text });
            }
        }
    }
    all
}

/// The files of a folder and of those below it, by their paths.
fn files_below(folder: &Path) -> BTreeMap<String, PathBuf> {
    let mut files = BTreeMap::new();
    for (name, path) in entries(folder) {
        if path.is_dir() {
            let below = files_below(&path).into_iter();
            files.extend(below.map(|(file, path)| (format!("{name}/{file}"), path)));
        } else {
            files.insert(name, path);
        }
    }
    files
}

/// Whether a format holds packages of many ecosystems, as bills of materials do.
fn is_bill(module: &str) -> bool {
    matches!(module, "cyclonedx" | "spdx")
}

/// Whether a format claims whatever ends in what this file ends in.
fn is_claimed_by_ending(file: &str) -> bool {
    let ending = file.find('.').map(|dot| &file[dot..]).unwrap_or_default();
    format_of(&RepoPath::from(&*format!("another-name{ending}"))).is_some()
}

/// Whether a line names a package: it has the last part of its name, or all of it.
fn names(line: &str, name: &str) -> bool {
    line.contains(name) || line.contains(name.rsplit([':', '/']).next().unwrap_or(name))
}

/// A line for something that is asked for.
fn asked(by: &str, wish: &Requirement) -> String {
    let Requirement { name, version, constraint } = wish;
    let version = version.as_ref().map(|version| format!(" at {version}"));
    let constraint = constraint.as_ref().map(|constraint| format!(" within {constraint}"));
    format!("   {by} {name}{}{}\n", version.unwrap_or_default(), constraint.unwrap_or_default())
}

/// One line a package, so that a difference shows what changed.
fn table(locked: &[Locked]) -> String {
    let answer = |answer: Option<bool>| match answer {
        Some(true) => "yes",
        Some(false) => "no",
        None => "?",
    };
    let row = |entry: &Locked| {
        let (direct, dev) = (answer(entry.direct), answer(entry.dev));
        let origin = match &entry.origin {
            Origin::Registry(None) => "registry".to_owned(),
            Origin::Registry(Some(address)) => format!("registry {address}"),
            Origin::Git(address) => format!("git {address}"),
            Origin::Url(address) => format!("url {address}"),
            Origin::Path(path) => format!("path {path}"),
        };
        let (line, purl) = (entry.line, entry.package.purl());
        let checksum = entry.integrity.as_ref().map(|text| format!(" {text:.14}"));
        let checksum = checksum.unwrap_or_default();
        let licence = entry.licence.as_ref().map(|text| format!(" licence={text}"));
        let licence = licence.unwrap_or_default();
        let origin = origin.trim_end();
        let needs: String = entry.requires.iter().map(|wish| asked("needs", wish)).collect();
        format!("{line}: {purl} direct={direct} dev={dev} {origin}{checksum}{licence}\n{needs}")
    };
    locked.iter().map(row).collect()
}

#[test]
fn the_packages_of_every_fixture_are_as_reviewed() {
    for fixture in fixtures() {
        let name = format!("{}-{}", fixture.module, fixture.case);
        let reading = fixture.format().read(&fixture.text).expect("it was read before");
        assert_eq!(reading.packages, fixture.whole(), "{fixture}");
        let passed_over = reading.passed_over.iter();
        let rows =
            passed_over.map(|it| format!("{}: {} not checked, {}\n", it.line, it.name, it.why));
        let rows: String = rows.collect();
        let declared: String =
            reading.declared.iter().map(|wish| asked("asks for", wish)).collect();
        insta::assert_snapshot!(name, table(&fixture.whole()) + &rows + &declared);
    }
}

#[test]
fn every_line_names_its_package() {
    for fixture in fixtures() {
        let lines: Vec<_> = fixture.text.lines().collect();
        for entry in fixture.whole() {
            let line = lines[usize::try_from(entry.line.get()).unwrap() - 1];
            assert!(names(line, &entry.package.name), "{fixture}: {entry:?} at {line:?}");
            let nominal = fixture.format().ecosystem();
            assert!(entry.package.ecosystem == nominal || is_bill(&fixture.module), "{entry:?}");
        }
    }
}

#[test]
fn modules_fixtures_and_formats_are_the_same_list() {
    let source = root().join("src/lockfile");
    let mut on_disk: BTreeSet<_> = entries(&source)
        .into_keys()
        .map(|name| name.strip_suffix(".rs").unwrap_or(&name).to_owned())
        .collect();
    on_disk.remove("mod");
    let text = fs::read_to_string(source.join("mod.rs")).unwrap();
    let module = |line: &str| Some(line.strip_prefix("mod ")?.strip_suffix(';')?.to_owned());
    let mut declared: BTreeSet<_> = text.lines().filter_map(module).collect();
    assert_eq!(on_disk, declared, "a file of src/lockfile is not declared");

    declared.remove("syntax");
    let mut claimed = BTreeMap::<String, BTreeSet<&str>>::new();
    for fixture in fixtures() {
        claimed.entry(fixture.module.clone()).or_default().insert(fixture.format().name());
    }
    assert_eq!(claimed.keys().cloned().collect::<BTreeSet<_>>(), declared);
    assert!(claimed.values().all(|formats| formats.len() == 1), "{claimed:?}");
    let by_fixture: BTreeSet<_> = claimed.into_values().flatten().collect();
    let registered: BTreeSet<_> = FORMATS.iter().map(|format| format.name()).collect();
    assert_eq!(by_fixture, registered);
    assert_eq!(registered.len(), FORMATS.len());
}

#[test]
fn no_file_is_claimed_twice_or_inside_foreign_folders() {
    for fixture in fixtures() {
        for folder in ["", "a/", "a/b.lock/", "Gemfile.lock/"] {
            let path = RepoPath::from(&*format!("{folder}{}", fixture.file));
            let claims = FORMATS.iter().filter(|format| format.claims(&path)).count();
            assert_eq!(claims, 1, "{path}");
        }
        for folder in ["node_modules/", "a/node_modules/b/", ".git/", "a/.git/modules/"] {
            let path = RepoPath::from(&*format!("{folder}{}", fixture.file));
            assert!(format_of(&path).is_none(), "{path}");
        }
        let prefix = if is_claimed_by_ending(&fixture.file) { "" } else { "x" };
        for name in [format!("{}.orig", fixture.file), format!("{prefix}{}", fixture.file)] {
            if name == fixture.file {
                continue;
            }
            assert!(format_of(&RepoPath::from(&*name)).is_none(), "{name}");
        }
    }
}

/// What stands at the end of a cut file is what stands there in the whole one: no cut makes up a
/// package.
#[test]
fn a_cut_file_is_an_error_or_a_shorter_list() {
    for fixture in fixtures() {
        let whole = fixture.whole();
        let lines: Vec<_> = fixture.text.lines().collect();
        for (at, _) in fixture.text.char_indices() {
            for entry in fixture.parse(&fixture.text[..at]).unwrap_or_default() {
                let Package { name, version, .. } = &entry.package;
                let line = lines[usize::try_from(entry.line.get()).unwrap() - 1];
                let on_its_line = names(line, name) && line.contains(version);
                let known = whole.iter().any(|other| other.package == entry.package);
                assert!(known || on_its_line, "{fixture} cut at {at}: {entry:?}");
            }
        }
    }
}

#[test]
fn a_cut_of_a_format_that_marks_its_end_is_an_error() {
    for fixture in fixtures() {
        let marked = match fixture.module.as_str() {
            "npm"
            | "bun"
            | "deno"
            | "composer"
            | "pipenv"
            | "nuget_lock"
            | "deps_json"
            | "project_assets"
            | "swiftpm"
            | "conan"
            | "renv"
            | "cyclonedx"
            | "spdx"
            | "gradle_verification"
            | "maven"
            | "msbuild"
            | "packages_config"
            | "mix"
            | "rebar" => fixture.text.trim_end().len(),
            "pnpm" if fixture.text.contains("snapshots:") => fixture.text.trim_end().len(),
            "pdm" if fixture.case == "v3.1" => fixture.text.find("lock_version").unwrap(),
            "poetry" => fixture.text.find("[metadata]").unwrap(),
            "bundler" => fixture.text.find("\nDEPENDENCIES").unwrap() + 1,
            _ => continue,
        };
        for (at, _) in fixture.text.char_indices().take_while(|(at, _)| *at < marked) {
            assert!(fixture.parse(&fixture.text[..at]).is_err(), "{fixture} cut at {at}");
        }
    }
}

/// Where each entry refers to others, no cut between two of them is a shorter list without a word;
/// of what is empty, the inventory says so.
#[test]
fn a_cut_between_entries_that_refer_to_each_other_is_told() {
    let linked = |it: &&Fixture| matches!(it.module.as_str(), "uv" | "pnpm");
    for fixture in fixtures().iter().filter(linked) {
        let whole = fixture.whole().len();
        for (at, _) in fixture.text.match_indices('\n') {
            let Ok(reading) = fixture.format().read(&fixture.text[..=at]) else { continue };
            let count = reading.packages.len();
            let told = count == 0 || count >= whole || !reading.passed_over.is_empty();
            assert!(told, "{fixture} cut at {at}: {count} of {whole}");
        }
    }
}

/// README names these: cut between two lines, each of them can be a shorter list without a word, if no
/// manifest is at hand.
const SILENT: &[&str] = &[
    "actions",
    "cargo",
    "gomod",
    "gradle",
    "julia",
    "paket",
    "pdm",
    "pylock",
    "requirements",
    "yarn",
];

#[test]
fn the_formats_that_lose_entries_unseen_are_those_that_are_named() {
    let mut silent = BTreeSet::new();
    for fixture in fixtures() {
        let whole = fixture.whole().len();
        for (at, _) in fixture.text.match_indices('\n') {
            let Ok(reading) = fixture.format().read(&fixture.text[..=at]) else { continue };
            let count = reading.packages.len();
            if count > 0 && count < whole && reading.passed_over.is_empty() {
                silent.insert(fixture.module.as_str());
            }
        }
    }
    assert!(silent.iter().eq(SILENT), "{silent:?}");
}

#[test]
fn what_no_format_may_take_is_refused_by_all() {
    for fixture in fixtures() {
        for text in ["", "\u{feff}", " \r\n\t\n", "\0", "<html></html>"] {
            assert!(fixture.parse(text).is_err(), "{fixture}: {text:?}");
        }
        for number in 0..fixture.text.lines().count() {
            for marker in ["<<<<<<< ours", "=======", ">>>>>>> theirs"] {
                let mut lines: Vec<_> = fixture.text.lines().collect();
                lines.insert(number, marker);
                let error = fixture.parse(&lines.join("\n")).unwrap_err();
                let line = usize::try_from(error.line.get()).unwrap();
                assert_eq!(line, number + 1, "{fixture}: {error}");
            }
        }
    }
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_change_nothing() {
    for fixture in fixtures() {
        let windows = format!("\u{feff}{}", fixture.text.replace('\n', "\r\n"));
        assert_eq!(fixture.parse(&windows).as_ref(), Ok(&fixture.whole()), "{fixture}");
    }
}

/// Ways to nest, each with what it may stand behind and what closes it.
const NESTS: &[(&str, &str, &str, &str)] = &[
    ("x = ", "[", "1", "]"),
    ("x = ", "{a=", "1", "}"),
    ("x = ", "{a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a=", "1", "}"),
    ("", "a.", "a = 1", ""),
    ("[", "a.", "a", "]\n"),
    ("[[", "a.", "a", "]]\n"),
    ("", "a = [", "1", "]"),
    ("", "[", "", "]"),
    ("", "{", "", "}"),
    ("", "{\"a\":", "1", "}"),
    ("{\"lockfileVersion\": 3, \"packages\": ", "{\"a\":", "{}", "}}"),
    ("{\"lockfileVersion\": 3, \"packages\": ", "[", "", "]}"),
    ("a: ", "[", "1", "]"),
    ("a: ", "{a: ", "1", "}"),
    ("a:\n", "- ", "1", "\n"),
    ("", "? ", "1", "\n"),
    ("", "(", "", ")"),
    ("", " ", "a", "\n"),
    ("<project>", "<a>", "", "</a>"),
    ("<project>", "<a b='/>'>", "", "</a>"),
    ("<packages>", "<a><![CDATA[</a>]]>", "", "</a>"),
    ("<Project>", "<a>", "", "</a>"),
];

#[test]
fn depth_exhausts_no_stack() {
    // The stack of a test is that of a worker: two mebibytes.
    let counts = |nest| [31, 79, 3_000].map(|count| (nest, count));
    for ((before, open, inner, close), count) in NESTS.iter().flat_map(counts) {
        let cut = format!("{before}{}", open.repeat(count));
        let whole = format!("{cut}{inner}{}", close.repeat(count));
        let texts = [format!("[metadata]\n{cut}"), format!("[x]\n{whole}"), whole, cut];
        let read = |text: &String| FORMATS.iter().for_each(|format| drop(format.parse(text)));
        texts.iter().for_each(read);
    }
}

/// Unoptimised code gets fewer, which exhaust its stack no less where they exhaust any.
const MANY: usize = if cfg!(debug_assertions) { 50_000 } else { 1_000_000 };

#[test]
fn open_brackets_without_end_are_an_error() {
    for format in FORMATS {
        for open in ["[", "{", "a.", "- ", "<a>"] {
            let text = open.repeat(MANY);
            assert!(format.parse(&text).is_err(), "{}: {open:?}", format.name());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_file_is_an_error_or_a_list(
        pick in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        length in 0..20_usize,
        insert in "[\\[\\]{}()\",:=@#/ \\n\\\\a1é\u{0}-]{0,4}",
    ) {
        let fixture = pick.get(fixtures());
        let mut letters: Vec<_> = fixture.text.chars().collect();
        let start = at.index(letters.len());
        let end = (start + length).min(letters.len());
        letters.splice(start..end, insert.chars());
        let text: String = letters.into_iter().collect();
        let lines = text.lines().count();
        match fixture.parse(&text) {
            Ok(locked) => prop_assert!(locked.iter().all(|e| e.line.get() as usize <= lines)),
            Err(error) => {
                prop_assert!(error.line.get() as usize <= lines.max(1), "{}", error);
                prop_assert!(!error.message.contains(char::is_control), "{}", error);
                prop_assert!(error.message.len() < 300);
            }
        }
    }
}
