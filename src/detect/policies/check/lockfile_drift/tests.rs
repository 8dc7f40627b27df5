use super::*;
use crate::source::Delta;
use std::collections::BTreeMap;

struct Files(BTreeMap<RepoPath, Vec<u8>>);

impl Tree for Files {
    fn paths(&self) -> Result<Vec<RepoPath>, SourceError> {
        Ok(self.0.keys().cloned().collect())
    }

    fn read(&self, path: &RepoPath) -> Result<Option<Vec<u8>>, SourceError> {
        Ok(self.0.get(path).cloned())
    }
}

fn files(all: &[(&str, &str)]) -> Files {
    Files(
        all.iter().map(|(path, text)| (RepoPath::from(*path), text.as_bytes().to_vec())).collect(),
    )
}

fn found(before: &[(&str, &str)], after: &[(&str, &str)]) -> usize {
    let (base, head) = (files(before), files(after));
    let paths: BTreeSet<_> = base.0.keys().chain(head.0.keys()).cloned().collect();
    let changed = paths.into_iter().filter_map(|path| {
        let status = match (base.0.get(&path), head.0.get(&path)) {
            (Some(a), Some(b)) if a == b => return None,
            (Some(_), Some(_)) => Status::Modified,
            (None, _) => Status::Added,
            (_, None) => Status::Deleted,
        };
        Some(Delta { path, status })
    });
    let delta: Vec<_> = changed.collect();
    let ends = Ends { base: &base, head: &head, delta: &delta };
    LockfileDrift::default().snapshot(&ends).unwrap().len()
}

#[test]
fn a_new_dependency_without_the_lockfile_is_found() {
    let lock = ("Cargo.lock", "version = 4\n");
    let before = [lock, ("Cargo.toml", "[dependencies]\na = '1'\n")];
    assert_eq!(found(&before, &[lock, ("Cargo.toml", "[dependencies]\na = '1'\nb = '1'\n")]), 1);
    let together =
        [("Cargo.lock", "version = 4\n# b\n"), ("Cargo.toml", "[dependencies]\na = '2'\n")];
    assert_eq!(found(&before, &together), 0);
}

#[test]
fn what_does_not_decide_the_lockfile_is_silent() {
    let lock = ("package-lock.json", "{}");
    let before = [lock, ("package.json", r#"{"version": "1", "dependencies": {"a": "1"}}"#)];
    let after =
        [lock, ("package.json", r#"{"version": "2", "scripts": {}, "dependencies": {"a": "1"}}"#)];
    assert_eq!(found(&before, &after), 0);
    assert_eq!(found(&before, &[("package-lock.json", "{\"a\": 1}"), before[1]]), 0);
}

#[test]
fn a_member_of_a_workspace_follows_the_lockfile_above() {
    let lock = ("Cargo.lock", "");
    let member = |text| [lock, ("crates/a/Cargo.toml", text)];
    assert_eq!(found(&member("[dependencies]\n"), &member("[dependencies]\nb = '1'\n")), 1);
}

#[test]
fn a_lockfile_that_goes_is_found_unless_another_takes_its_place() {
    let manifest = ("package.json", "{}");
    let before = [manifest, ("yarn.lock", "")];
    assert_eq!(found(&before, &[manifest]), 1);
    assert_eq!(found(&before, &[manifest, ("package-lock.json", "{}")]), 0);
    assert_eq!(found(&before, &[]), 0);
}

#[test]
fn a_lockfile_of_any_format_that_follows_a_manifest_is_missed() {
    for (manifest, lockfile) in [
        ("mix.exs", "mix.lock"),
        ("app/pubspec.yaml", "app/pubspec.lock"),
        ("Podfile", "Podfile.lock"),
        ("build.gradle.kts", "gradle.lockfile"),
        ("src/App.csproj", "src/packages.lock.json"),
        ("pyproject.toml", "pylock.toml"),
    ] {
        let before = [(manifest, ""), (lockfile, "")];
        assert_eq!(found(&before, &before[..1]), 1, "{lockfile}");
        assert_eq!(found(&before, &[]), 0, "{lockfile}");
        let elsewhere = [("other/mix.exs", ""), ("other/App.csproj", ""), (lockfile, "")];
        assert_eq!(found(&elsewhere, &elsewhere[..2]), 0, "{lockfile}");
    }
    let poetry = [("pyproject.toml", ""), ("poetry.lock", "")];
    assert_eq!(found(&poetry, &[poetry[0], ("pylock.toml", "")]), 0, "another takes its place");
    let requirements = [("setup.py", ""), ("requirements.txt", "")];
    assert_eq!(found(&requirements, &requirements[..1]), 0, "it is a manifest itself");
}

#[test]
fn a_manifest_without_a_lockfile_is_somebody_s_choice() {
    assert_eq!(found(&[("Gemfile", "gem 'a'\n")], &[("Gemfile", "gem 'b'\n")]), 0);
}
