//! No secret leaves the place where it was matched: one of every kind is planted everywhere, the
//! program is run in every way, and nothing that it says or writes has a piece of any of them.

use crate::command::Run;
use crate::folder::Folder;
use crate::repo::Repo;
use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lockkeeper::detect::secrets::{Detector, Options};
use lockkeeper::finding::RepoPath;
use lockkeeper::rule::{SecretRule, builtin_secrets, expand_from};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::Path;

/// How long a piece of a secret must be to give it away.
const PIECE: usize = 12;

/// The reports that are written.
const FORMATS: [&str; 3] = ["text", "json", "sarif"];

/// All of them on standard output.
const REPORTS: [&str; 3] = ["--report=text=-", "--report=json=-", "--report=sarif=-"];

/// Where the files with the secrets are.
const FOLDER: &str = "planted";

/// A file with a secret in it.
struct Plant {
    path: String,
    text: String,
    /// What must not be seen: the characters of the secret that were made up.
    pieces: Vec<String>,
}

/// One secret of every rule, in the rule's own example.
fn plants() -> Vec<Plant> {
    let rules = builtin_secrets().unwrap();
    let detector = Detector::new(rules.clone(), &Options::default()).unwrap();
    rules.iter().zip(0..).filter_map(|(rule, seed)| plant(rule, &detector, seed)).collect()
}

fn plant(rule: &SecretRule, detector: &Detector, seed: u64) -> Option<Plant> {
    let name = rule.id.as_str().replace('/', "-");
    let own = rule.paths.first().map(|pattern| pattern.replace("**", &name).replace('*', "a"));
    let path = own.unwrap_or_else(|| format!("{FOLDER}/{name}.txt"));
    let expansion = expand_from(&rule.matches[0], seed).unwrap();
    let found = detector.locate(&RepoPath::from(path.as_str()), expansion.text.as_bytes());
    let (_, at) = found.into_iter().find(|(id, _)| *id == rule.id)?;
    let known = rule.public_prefix.as_str();
    let start =
        at.start + if expansion.text[at.clone()].starts_with(known) { known.len() } else { 0 };
    let secret = |made: &Range<usize>| made.start.max(start)..made.end.min(at.end);
    let pieces = expansion.generated.iter().map(secret).filter(|piece| !piece.is_empty());
    let pieces = pieces.map(|piece| expansion.text[piece].to_owned()).collect();
    Some(Plant { path, text: expansion.text, pieces })
}

/// A GitHub token for one more place.
fn token(seed: u64) -> String {
    expand_from("{github:ghp_}", seed).unwrap().text
}

/// The places beside files, each with a token of its own.
const MESSAGE: u64 = 901;
const AUTHOR: u64 = 902;
const TAG: u64 = 903;
const BRANCH: u64 = 904;
const FILE_NAME: u64 = 905;
const STAGED: u64 = 906;
const BROKEN: u64 = 907;

/// Finds pieces of secrets.
struct Watch {
    pieces: AhoCorasick,
    whose: Vec<String>,
}

impl Watch {
    /// Watches for every piece of every value, as it is and in base 64.
    fn over<'v>(values: impl IntoIterator<Item = (&'v str, &'v str)>) -> Self {
        let mut pieces = BTreeMap::new();
        for (name, value) in values {
            for text in [value.to_owned(), STANDARD.encode(value)] {
                let windows = text.as_bytes().windows(PIECE).filter(|piece| telling(piece));
                pieces.extend(windows.map(|piece| (piece.to_vec(), name.to_owned())));
            }
        }
        let whose = pieces.values().cloned().collect();
        Self { pieces: AhoCorasick::new(pieces.into_keys()).unwrap(), whose }
    }

    /// Fails where a text has a piece of a secret. The secret itself is not said here either.
    #[track_caller]
    fn see(&self, what: &str, text: impl AsRef<[u8]>) {
        let found = self.pieces.find_iter(text.as_ref());
        let whose: BTreeSet<&String> = found.map(|hit| &self.whose[hit.pattern()]).collect();
        assert!(whose.is_empty(), "{what} has a piece of the secrets of {whose:?}");
    }

    #[track_caller]
    fn see_run(&self, what: &str, run: &Run) {
        self.see(what, run.text());
    }
}

/// The header of a key is no secret.
fn telling(piece: &[u8]) -> bool {
    !piece.windows(3).any(|dashes| dashes == b"---") && !piece.contains(&b' ')
}

fn everything() -> (Repo, Watch) {
    let plants = plants();
    assert!(plants.len() >= 100, "{} rules are planted", plants.len());
    let repo = Repo::new().commit("start", |tree| tree.write("README.md", "hello\n"));
    let repo = repo.commit(&format!("it works with {}", token(MESSAGE)), |tree| {
        plants.iter().fold(tree, |tree, plant| tree.write(&plant.path, &plant.text))
    });
    let repo = repo.commit("name", |tree| {
        tree.write(format!("{FOLDER}/dump-{}.txt", token(FILE_NAME)), "nothing\n")
    });
    let author = format!("--author={} <ada@example.org>", token(AUTHOR));
    repo.run_git(["commit", "--quiet", "--allow-empty", "-m", "more", &author]);
    repo.run_git(["tag", "-a", "v1", "-m", &token(TAG)]);
    repo.run_git(["branch", &token(BRANCH)]);
    let repo = repo.stage(|tree| tree.write("staged.env", format!("KEY={}\n", token(STAGED))));
    let places = [
        ("the message", MESSAGE),
        ("the author", AUTHOR),
        ("the tag", TAG),
        ("the branch", BRANCH),
        ("the file's name", FILE_NAME),
        ("the index", STAGED),
    ];
    let places = places.map(|(name, seed)| (name, token(seed)));
    let bodies = places.iter().map(|(name, token)| (*name, &token[4..]));
    let files = plants
        .iter()
        .flat_map(|plant| plant.pieces.iter().map(|piece| (plant.path.as_str(), piece.as_str())));
    let watch = Watch::over(files.chain(bodies));
    (repo, watch)
}

#[test]
fn the_watch_sees_a_piece_and_only_a_piece() {
    let secret = token(1);
    let watch = Watch::over([("the token", &secret[4..])]);
    watch.see("another token", token(2));
    let leak = std::panic::catch_unwind(|| watch.see("a report", &secret[6..20]));
    assert!(leak.is_err());
    let encoded = STANDARD.encode(&secret[4..]);
    assert!(std::panic::catch_unwind(|| watch.see("a report", &encoded)).is_err());
}

#[test]
fn no_report_of_any_mode_has_a_piece_of_a_secret() {
    let (repo, watch) = everything();
    let first = repo.id("HEAD~3").to_string();
    let range = format!("{first}..HEAD");
    let modes: [&[&str]; 4] =
        [&["--worktree"], &["--staged"], &["--history", "--all"], &["--range", &range]];
    for mode in modes {
        let files = FORMATS.map(|format| format!("--report={format}=out.{format}"));
        let run = repo.scan(mode.iter().copied().chain(files.iter().map(String::as_str)));
        assert_eq!(run.status(), 1, "{mode:?}");
        watch.see_run(&format!("{mode:?}"), &run);
        for format in FORMATS {
            let path = format!("out.{format}");
            let report = repo.read(&path);
            assert!(!report.is_empty());
            watch.see(&format!("{mode:?} as {format}"), report);
            fs::remove_file(repo.path().join(path)).unwrap();
        }
    }
}

#[test]
fn no_flag_makes_it_say_more() {
    let (repo, watch) = everything();
    let flags: [&[&str]; 3] = [
        &["--color", "always", "--jobs", "1", "--fail-on", "low"],
        &["--color", "never", "--no-progress", "--fail-on", "none"],
        &["--only", "secrets,policies"],
    ];
    for flags in flags {
        let run = repo.scan(["--history"].iter().chain(&REPORTS).chain(flags));
        assert!(run.stdout().contains("\"schema\""), "{flags:?}: {}", run.stderr());
        watch.see_run(&format!("{flags:?}"), &run);
    }
    for arguments in
        [&["hook", "run", "pre-commit"][..], &["packages"], &["packages", "--format=json"]]
    {
        watch.see_run(&format!("{arguments:?}"), &repo.run(arguments));
    }
}

#[test]
fn a_baseline_has_no_piece_of_a_secret() {
    let (repo, watch) = everything();
    for command in ["write", "prune"] {
        let run = repo.run(["baseline", command, "--history"]);
        assert_eq!(run.status(), 0, "{}", run.stderr());
        watch.see_run(command, &run);
        let baseline = repo.read(".lockkeeper-baseline");
        // Nothing is in the baseline of HEAD, so nothing is left when it is pruned.
        assert!(command == "prune" || baseline.len() > 1_000);
        watch.see("the baseline", baseline);
    }
}

#[test]
fn what_cannot_be_read_is_told_without_a_piece_of_it() {
    let watch = Watch::over([("the text", &token(BROKEN)[4..])]);
    let url = format!("https://x:{}@registry.example.org/a", token(BROKEN));
    let broken = [
        ("package-lock.json", format!("{{\"packages\": {{\"a\": {{\"resolved\": \"{url}\" oops")),
        ("package-lock.json", format!("{{\"lockfileVersion\": \"{url}\"}}")),
        ("Cargo.lock", format!("[[package]]\nname = \"a\"\nsource = \"{url}\nversion")),
        ("Cargo.lock", format!("[[package]]\nname = \"a\"\nversion = \"{url}\"\n")),
        ("poetry.lock", format!("[[package]]\nname = {url}\n")),
        ("yarn.lock", format!("\"a@^1\":\n  resolved \"{url}\nversion {url}\n")),
        ("go.mod", format!("module a\nrequire ( {url}\n")),
        ("Gemfile.lock", format!("GEM\n  remote: {url}\n  specs:\n{url}\n      ({url}\n")),
        (".lockkeeper.toml", format!("[gate]\nfail-on = \"{}\"\n", token(BROKEN))),
        (".lockkeeper.toml", format!("[gate]\n{} = 1\n", token(BROKEN))),
        (".lockkeeper.toml", format!("token = \"{}\n", token(BROKEN))),
        (".lockkeeper.toml", format!("[secrets]\ndisable = [\"{}\"]\n", token(BROKEN))),
        (".lockkeeper.toml", format!("[dependencies]\nadvisories = [\"{url}\"]\n")),
        (".lockkeeper-baseline", format!("{}\n", token(BROKEN))),
    ];
    for (path, text) in broken {
        let folder = Folder::new().write("README.md", "hello\n").write(path, &text);
        let run = folder.scan(["--worktree", "--offline"].iter().chain(&REPORTS));
        watch.see_run(path, &run);
        watch.see_run(path, &folder.run(["packages"]));
        watch.see_run(path, &folder.run(["baseline", "write", "--offline"]));
    }
}

#[test]
fn a_lost_object_is_told_without_a_piece_of_the_others() {
    let (repo, watch) = everything();
    let repo = repo.commit("lost", |tree| tree.write("lost.txt", "gone\n"));
    repo.lose(Repo::blob_id("gone\n"));
    let run = repo.scan(["--history"].iter().chain(&REPORTS));
    assert_eq!(run.status(), 2, "{}", run.stderr());
    watch.see_run("a lost object", &run);
}

#[test]
fn a_file_of_rules_is_checked_without_repeating_a_secret_in_it() {
    let watch = Watch::over([("the text", &token(BROKEN)[4..])]);
    let rule = |example: &str, ignore: &str| {
        format!(
            "[[rule]]\nid = \"secret/acme\"\ntitle = \"Acme\"\nseverity = \"high\"\nconfidence = \"high\"\n\
             keywords = [\"acme_\"]\npattern = '(?<secret>acme_[0-9a-f]{{32}})'\nwhy = \"a\"\nfix = \"b\"\n\
             matches = [\"{example}\", \"acme_{{hex:32}}\"]\nignores = [\"{ignore}\"]\n"
        )
    };
    let secret = token(BROKEN);
    let texts = [
        rule(&secret, "acme_key"),
        rule(&format!("acme_{{hex:32}} {secret}"), &format!("acme_{{hex:32}} {secret}")),
        format!("{}\ncolour = \"{secret}\"\n", rule("acme_{hex:32}", "acme_key")),
        format!("{}\nsecret = \"{secret}\n", rule("acme_{hex:32}", "acme_key")),
    ];
    for text in texts {
        let folder = Folder::new().write("rules/acme.toml", &text);
        let path = Path::new("rules").join("acme.toml");
        let run = folder.run(["rules", "check", &path.to_string_lossy()]);
        watch.see_run("rules check", &run);
    }
}
