use super::*;

fn parse(text: &str) -> Vec<Locked> {
    PackageLock.parse(text).unwrap()
}

fn message(text: &str) -> (u32, String) {
    let error = PackageLock.parse(text).unwrap_err();
    (error.line.get(), error.message)
}

fn summary(locked: &[Locked]) -> Vec<String> {
    let entry =
        |entry: &Locked| format!("{} {} {}", entry.line, entry.package.name, entry.package.version);
    locked.iter().map(entry).collect()
}

const TREE: &str = r#"{
  "lockfileVersion": 3,
  "packages": {
    "": { "workspaces": ["packages/*"], "dependencies": { "a": "^1.0.0", "t": "https://h.example.org/t.tgz" } },
    "node_modules/a": { "version": "1.0.0", "resolved": "https://registry.example.org/a/-/a-1.0.0.tgz" },
    "node_modules/a/node_modules/b": { "version": "1.0.0", "inBundle": true },
    "node_modules/b": { "version": "2.0.0", "dev": true },
    "node_modules/other": {
      "name": "@scope/real",
      "version": "3.0.0",
      "devOptional": true
    },
    "node_modules/t": { "version": "4.0.0", "resolved": "https://h.example.org/t.tgz" },
    "node_modules/w": { "resolved": "packages/w", "link": true },
    "node_modules/outside": { "resolved": "../outside", "link": true },
    "node_modules/unsure": { "optional": true },
    "packages/w": { "version": "0.1.0", "devDependencies": { "b": "^1.0.0", "c": "*" } },
    "packages/w/node_modules/b": { "version": "1.5.0", "resolved": "git+ssh://git@h.example.org/b.git#abc" }
  }
}"#;

#[test]
fn every_folder_is_a_package_on_its_own_line() {
    assert_eq!(
        summary(&parse(TREE)),
        [
            "5 a 1.0.0",
            "6 b 1.0.0",
            "7 b 2.0.0",
            "9 @scope/real 3.0.0",
            "13 t 4.0.0",
            "15 outside ",
            "16 unsure ",
            "17 w 0.1.0",
            "18 b 1.5.0",
        ]
    );
}

#[test]
fn direct_follows_node_s_own_look_up() {
    let direct: Vec<_> = parse(TREE)
        .into_iter()
        .filter(|entry| entry.direct == Some(true))
        .map(|entry| entry.line.get())
        .collect();
    assert_eq!(direct, [5, 13, 17, 18]);
    let unknown =
        parse(r#"{"lockfileVersion": 3, "packages": {"node_modules/a": {"version": "1.0.0"}}}"#);
    assert_eq!(unknown[0].direct, None);
}

#[test]
fn only_dev_is_development_alone() {
    let dev: Vec<_> = parse(TREE).iter().filter_map(|entry| entry.dev).collect();
    assert_eq!(dev.iter().filter(|dev| **dev).count(), 1);
    assert_eq!(dev.len(), 9);
}

#[test]
fn origins_are_told_apart() {
    let origins: Vec<_> = parse(TREE).into_iter().map(|entry| entry.origin).collect();
    assert_eq!(
        origins,
        [
            Origin::Registry(Some("https://registry.example.org/a/-/a-1.0.0.tgz".into())),
            Origin::Registry(None),
            Origin::Registry(None),
            Origin::Registry(None),
            Origin::Url("https://h.example.org/t.tgz".into()),
            Origin::Path("../outside".into()),
            Origin::Registry(None),
            Origin::Path("packages/w".into()),
            Origin::Git("ssh://h.example.org/b.git#abc".into()),
        ]
    );
}

#[test]
fn version_1_is_read_to_its_depth() {
    let locked = parse(
        r#"{
  "lockfileVersion": 1,
  "dependencies": {
    "a": { "version": "1.0.0", "requires": { "b": "^1.0.0" }, "dependencies": {
      "b": { "version": "1.0.0", "dev": true } } },
    "alias": {
      "version": "npm:@scope/real@3.0.0"
    },
    "g": { "version": "git+https://me:word@h.example.org/g.git#abc", "from": "g@me/g" },
    "u": { "version": "https://h.example.org/u.tgz" },
    "f": { "version": "file:../f" }
  }
}"#,
    );
    assert_eq!(
        summary(&locked),
        ["4 a 1.0.0", "5 b 1.0.0", "7 @scope/real 3.0.0", "9 g abc", "10 u ", "11 f "]
    );
    assert_eq!(locked[3].origin, Origin::Git("https://h.example.org/g.git#abc".into()));
    assert_eq!(locked[5].origin, Origin::Path("../f".into()));
    assert!(locked.iter().all(|entry| entry.direct.is_none() && entry.dev.is_some()));
}

#[test]
fn a_project_without_dependencies_is_an_empty_list() {
    assert_eq!(parse(r#"{"lockfileVersion": 1}"#), []);
    assert_eq!(parse(r#"{"lockfileVersion": 3, "packages": {"": {"name": "x"}}}"#), []);
}

#[test]
fn what_npm_does_not_write_is_refused() {
    assert_eq!(message("{\n\"lockfileVersion\": 4, \"packages\": {}}").0, 2);
    assert_eq!(message("{\n\"lockfileVersion\": \"3\"}").0, 2);
    for text in [
        "{}",
        r#"{"name": "x"}"#,
        r#"{"lockfileVersion": 3, "dependencies": {}}"#,
        r#"{"lockfileVersion": 1, "packages": {}}"#,
        r#"{"lockfileVersion": 3, "packages": {"node_modules/a": "1.0.0"}}"#,
        r#"{"lockfileVersion": 3, "packages": {"node_modules/a": {"version": 1}}}"#,
        r#"{"lockfileVersion": 3, "packages": []}"#,
    ] {
        assert!(PackageLock.parse(text).is_err(), "{text}");
    }
}
