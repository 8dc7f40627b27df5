use super::*;

const LOCK: &str = r#"{
  "lockfileVersion": 1, // as Bun writes it
  "workspaces": {
    "": { "name": "quay", "dependencies": { "a": "^1.0.0", "own": "workspace:*", }, "devDependencies": { "d": "1", }, },
    "packages/own": { "name": "own", "dependencies": { "b": "^2.0.0", }, },
  },
  "packages": {
    "@s/g": ["@s/g@git+https://me:word@git.example.org/g.git#0123", {}, "0123"],
    "a": ["a@1.0.0", "", { "dependencies": { "b": "^1.0.0" }, "optionalDependencies": { "gone": "1" } }, "sha512-AAAA=="],
    "b": ["b@1.0.0", "https://registry.example.org/b-1.0.0.tgz", {}, "sha512-BBBB=="],
    "d": ["real@3.0.0", "", { "peerDependencies": { "b": "*", "@s/g": "*" } }, "sha512-CCCC=="],
    "own": ["own@workspace:packages/own"],
    /* nested */
    "own/b": ["b@2.0.0", "", {}, "sha512-DDDD=="],
    "t": ["t@https://files.example.org/t.tgz", {}],
    "f": ["f@file:../f", {}],
    "h": ["h@github:me/h#4567", {}, "me-h-4567"],
  },
}"#;

#[test]
fn uses_are_followed_from_the_workspaces() {
    let row = |it: Locked| {
        let answer = |answer: Option<bool>| answer.map_or("?", |yes| if yes { "y" } else { "n" });
        let (direct, dev) = (answer(it.direct), answer(it.dev));
        format!("{} {} {} {direct}{dev}", it.line, it.package.name, it.package.version)
    };
    let rows: Vec<_> = BunLock.parse(LOCK).unwrap().into_iter().map(row).collect();
    let expected = [
        "8 @s/g 0123 ny",
        "9 a 1.0.0 yn",
        "10 b 1.0.0 nn",
        "11 real 3.0.0 yy",
        "12 own  yn",
        "14 b 2.0.0 yn",
        "15 t  n?",
        "16 f  n?",
        "17 h 4567 n?",
    ];
    assert_eq!(rows, expected);
}

#[test]
fn origins_are_told_apart() {
    let locked = BunLock.parse(LOCK).unwrap();
    let origins: Vec<_> = locked.into_iter().map(|it| it.origin).collect();
    assert_eq!(origins[0], Origin::Git("https://git.example.org/g.git#0123".into()));
    assert_eq!(origins[1], Origin::Registry(None));
    assert_eq!(
        origins[2],
        Origin::Registry(Some("https://registry.example.org/b-1.0.0.tgz".into()))
    );
    assert_eq!(origins[4], Origin::Path("packages/own".into()));
    assert_eq!(origins[6], Origin::Url("https://files.example.org/t.tgz".into()));
    assert_eq!(origins[7], Origin::Path("../f".into()));
    assert_eq!(origins[8], Origin::Git("github:me/h#4567".into()));
}

#[test]
fn what_is_unknown_or_missing_is_an_error() {
    for (from, to, line) in [
        ("\"lockfileVersion\": 1", "\"lockfileVersion\": 2", 2),
        ("\"lockfileVersion\": 1", "\"lockfileVersion\": \"1\"", 2),
        ("\"a\": \"^1.0.0\"", "\"z\": \"^1.0.0\"", 4),
        ("{ \"b\": \"^1.0.0\" }", "{ \"z\": \"^1.0.0\" }", 9),
        ("\"a@1.0.0\", \"\", {", "\"a@1.0.0\", {", 9),
        ("\"own@workspace:packages/own\"", "\"own\"", 12),
        ("[\"own@workspace:packages/own\"]", "\"own\"", 12),
    ] {
        let error = BunLock.parse(&LOCK.replacen(from, to, 1)).unwrap_err();
        assert_eq!(error.line.get(), line, "{to}: {error}");
    }
}
