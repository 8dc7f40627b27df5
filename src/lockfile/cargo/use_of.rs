//! What the packages of a `Cargo.lock` serve: the workspace directly, and development alone.

use super::Entry;
use super::manifest::Manifests;

/// Whether a package of the workspace depends on each.
pub(super) fn direct(entries: &[Entry<'_>], edges: &[Vec<usize>]) -> Vec<bool> {
    let mut direct = vec![false; entries.len()];
    let own = entries.iter().zip(edges).filter(|(entry, _)| entry.origin.is_none());
    for place in own.flat_map(|(_, places)| places) {
        mark(&mut direct, *place);
    }
    direct
}

/// Whether each serves development alone, as far as the manifests tell: nothing that is built depends on
/// it. What is reached from a package whose manifest was not found may be built; of what is reached by
/// no way, nothing is said.
pub(super) fn development(
    entries: &[Entry<'_>],
    edges: &[Vec<usize>],
    manifests: &Manifests,
) -> Vec<Option<bool>> {
    let used = reached(entries, edges, &|_, _| true);
    let built = reached(entries, edges, &|from, to| !manifests.is_for_development(from, to));
    let own = || entries.iter().filter(|entry| entry.origin.is_none());
    let known = own().next().is_some() && own().all(|entry| manifests.has(&entry.name));
    let told = used.into_iter().zip(built).map(|uses| match uses {
        (_, true) => known.then_some(false),
        (true, false) => Some(true),
        (false, false) => None,
    });
    told.collect()
}

/// What is reached from the workspace's own packages, of whose dependencies some are followed.
fn reached(
    entries: &[Entry<'_>],
    edges: &[Vec<usize>],
    follows: &dyn Fn(&str, &str) -> bool,
) -> Vec<bool> {
    let is_own = |entry: &Entry<'_>| entry.origin.is_none();
    let mut reached: Vec<_> = entries.iter().map(is_own).collect();
    let mut waiting: Vec<_> =
        entries.iter().zip(edges).filter(|(entry, _)| is_own(entry)).collect();
    while let Some((from, places)) = waiting.pop() {
        for &place in places {
            let Some((to, next)) = entries.get(place).zip(edges.get(place)) else { continue };
            let followed = !is_own(from) || follows(&from.name, &to.name);
            if followed && mark(&mut reached, place) {
                waiting.push((to, next));
            }
        }
    }
    reached
}

/// Marks a place; whether it was not marked before.
fn mark(places: &mut [bool], place: usize) -> bool {
    places.get_mut(place).is_some_and(|marked| !std::mem::replace(marked, true))
}

#[cfg(test)]
mod tests {
    use crate::finding::RepoPath;
    use crate::lockfile::{Format as _, Locked};

    /// Packages as `name version source? > dependency, dependency`; an own one has no source.
    fn lock(packages: &[&str]) -> String {
        let package = |text: &&str| {
            let (head, asked) = text.split_once(" > ").unwrap();
            let mut words = head.split(' ');
            let [name, version] = [words.next().unwrap(), words.next().unwrap()];
            let source = words.next().map(|it| format!("source = \"{it}\"\n"));
            let source = source.unwrap_or_default();
            let asked: Vec<_> = asked.split(", ").filter(|it| !it.is_empty()).collect();
            format!(
                "\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n{source}dependencies = {asked:?}\n"
            )
        };
        let packages: Vec<_> = packages.iter().map(package).collect();
        format!("version = 4\n{}", packages.concat())
    }

    fn read(packages: &[&str], manifests: &[(&str, &str)]) -> Vec<Locked> {
        let tree = |path: &RepoPath| {
            let path = path.to_string();
            manifests.iter().find(|(name, _)| *name == path).map(|(_, text)| (*text).to_owned())
        };
        let path = RepoPath::from("Cargo.lock");
        super::super::CargoLock.read_in(&lock(packages), &path, &tree).unwrap().packages
    }

    fn dev(packages: &[&str], manifests: &[(&str, &str)]) -> Vec<Option<bool>> {
        read(packages, manifests).into_iter().map(|it| it.dev).collect()
    }

    const REGISTRY: &str = "registry+https://registry.example.org/index";
    const APP: &str = "[package]\nname = 'app'\n[dependencies]\nbuilt = '1'\n\
                       [dev-dependencies]\ntested = '1'\nboth = '1'";

    fn workspace() -> Vec<String> {
        let locked = |text: &str| text.replace('R', REGISTRY);
        [
            "app 0.1.0 > built, tested, both",
            "both 1.0.0 R > ",
            "built 1.0.0 R > both",
            "deep 1.0.0 R > ",
            "lonely 1.0.0 R > ",
            "tested 1.0.0 R > deep, both",
        ]
        .map(locked)
        .into()
    }

    #[test]
    fn what_only_development_reaches_serves_it_alone() {
        let workspace = workspace();
        let workspace: Vec<_> = workspace.iter().map(String::as_str).collect();
        let manifest = [("Cargo.toml", APP)];
        let (no, yes) = (Some(false), Some(true));
        assert_eq!(dev(&workspace, &manifest), [no, no, no, yes, None, yes]);
        assert_eq!(dev(&workspace, &[]), [None; 6]);
        let older =
            workspace.join("|").replace("built, tested", "built 1.0.0, built 0.9.0, tested");
        let older: Vec<_> = older.split('|').collect();
        assert_eq!(dev(&older, &manifest), [None; 6], "a way may be missing");
    }

    #[test]
    fn of_what_a_package_without_a_manifest_reaches_nothing_is_said() {
        let mut workspace = workspace();
        workspace.push("tool 0.1.0 > deep".to_owned());
        let workspace: Vec<_> = workspace.iter().map(String::as_str).collect();
        let told = dev(&workspace, &[("Cargo.toml", APP)]);
        assert_eq!(told, [None, None, None, None, None, Some(true), None]);
    }

    #[test]
    fn packages_of_one_name_and_version_are_told_apart_by_their_source() {
        let git = "git+https://git.example.org/twin?branch=main";
        let twin = |asks: &str| {
            let own = format!("app 0.1.0 > {asks}");
            let of_git = format!("twin 1.0.0 {git}#0123abc > ");
            let of_registry = format!("twin 1.0.0 {REGISTRY} > ");
            let all = [own.as_str(), "twin 1.0.0 > ", &of_git, &of_registry];
            let told = read(&all, &[]).into_iter().skip(2);
            told.map(|it| it.direct.unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(twin("twin 1.0.0"), [false, false]);
        assert_eq!(twin(&format!("twin 1.0.0 ({git})")), [true, false]);
        assert_eq!(twin(&format!("twin 1.0.0 ({REGISTRY})")), [false, true]);
        assert_eq!(twin("twin 1.0.0 (registry+https://other.example.org)"), [true, true]);
    }
}
