use super::*;
use crate::lockfile::Locked;
use crate::lockfile::Origin;

fn rows(text: &str) -> Vec<String> {
    let row = |entry: Locked| {
        let package = &entry.package;
        let direct = if entry.direct == Some(true) { "direct" } else { "indirect" };
        let dev = if entry.dev == Some(true) { "dev" } else { "all" };
        format!("{} {} {} {direct} {dev}", entry.line, package.name, package.version)
    };
    PnpmLock.parse(text).unwrap().into_iter().map(row).collect()
}

fn message(text: &str) -> (u32, String) {
    let error = PnpmLock.parse(text).unwrap_err();
    (error.line.get(), error.message)
}

const NINE: &str = "lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      a:
        specifier: ^1.0.0
        version: 1.0.0(b@2.0.0)
    devDependencies:
      c: {specifier: 'npm:@s/real@3', version: '@s/real@3.0.0'}
      own: {specifier: 'workspace:*', version: link:own}
packages:
  a@1.0.0: {resolution: {integrity: x}}
  b@2.0.0: {resolution: {integrity: x}}
  '@s/real@3.0.0': {resolution: {integrity: x}}
snapshots:
  a@1.0.0(b@2.0.0): {dependencies: {b: 2.0.0}}
  b@2.0.0: {}
  '@s/real@3.0.0': {dependencies: {b: 2.0.0}, optionalDependencies: {gone: 1.0.0}}
";

#[test]
fn use_is_followed_from_the_importers() {
    let expected =
        ["12 a 1.0.0 direct all", "13 b 2.0.0 indirect all", "14 @s/real 3.0.0 direct dev"];
    assert_eq!(rows(NINE), expected);
}

#[test]
fn every_document_is_read() {
    let tools = NINE.replace("dependencies:\n      a:", "packageManagerDependencies:\n      a:");
    let tools = tools.replace("devDependencies", "configDependencies");
    let both = format!("---\n{tools}---\n{NINE}");
    assert_eq!(rows(&both).len(), 6);
    assert!(message(&tools).1.contains("project's part is missing"));
    assert_eq!(message(&format!("---\n{NINE}---\nx: 1\n")), (1, message("x: 1").1));
}

#[test]
fn an_unknown_version_is_an_error() {
    for version in ["'4.0'", "8", "'10.0'", "9x", "{}", "''"] {
        let (line, message) = message(&NINE.replace("'9.0'", version));
        assert!(line == 1 && message.contains("not one of"), "{version}: {message}");
    }
    assert_eq!(rows(&NINE.replace("'9.0'", "9.1")).len(), 3);
}

#[test]
fn what_is_referred_to_and_missing_is_an_error() {
    for (from, to, line) in [
        ("  b@2.0.0: {}\n", "", 13),
        ("  b@2.0.0: {resolution: {integrity: x}}\n", "", 16),
        ("'@s/real@3.0.0'}", "'@s/real@3.0.1'}", 9),
        ("{dependencies: {b: 2.0.0}}", "{dependencies: {b: 2.0.1}}", 16),
        ("        version: 1.0.0(b@2.0.0)\n", "", 5),
        ("a@1.0.0: {resolution: {integrity: x}}", "a@1.0.0: {}", 12),
        ("{integrity: x}", "{type: parcel}", 12),
        ("importers:", "imported:", 1),
    ] {
        assert_eq!(message(&NINE.replacen(from, to, 1)).0, line, "{from:?} {to:?}");
    }
}

#[test]
fn keys_of_all_versions_are_taken_apart() {
    use Layout::{Peers, Slashes, Snapshots};
    for (layout, text, name, version) in [
        (Slashes, "/a/1.0.0", "a", "1.0.0"),
        (Slashes, "/@s/a_b/1.0.0-rc.1_c@2.0.0+d@3.0.0", "@s/a_b", "1.0.0-rc.1"),
        (Slashes, "registry.example.org/@s/a/1.0.0", "@s/a", "1.0.0"),
        (Peers, "/a@1.0.0", "a", "1.0.0"),
        (Peers, "/@s/a@1.0.0(@t/b@2.0.0(c@3.0.0))(d@4.0.0)", "@s/a", "1.0.0"),
        (Peers, "registry.example.org/a@1.0.0", "a", "1.0.0"),
        (Snapshots, "@s/a@1.0.0(b@2.0.0)", "@s/a", "1.0.0"),
        (Snapshots, "a@file:x(1)/y(b@2.0.0)", "a", "file:x(1)/y"),
        (Snapshots, "a@https://h.example.org/@x/a.tgz", "a", "https://h.example.org/@x/a.tgz"),
    ] {
        let split = key::split(key::without_peers(text, layout), layout);
        assert_eq!(split, Some((name, version)), "{text}");
    }
}

#[test]
fn no_address_keeps_a_credential() {
    let hostile = NINE.replacen(
        "{integrity: x}",
        "{tarball: 'https://me:word@registry.example.org/a.tgz'}",
        1,
    );
    let locked = PnpmLock.parse(&hostile).unwrap();
    let address = "https://registry.example.org/a.tgz".to_owned();
    assert_eq!(locked[0].origin, Origin::Registry(Some(address)));
}
