use super::*;

const LOCK: &str = r#"{
  "version": "5",
  "specifiers": {
    "jsr:@std/path@1": "1.0.8",
    "npm:@s/a@^1.0.0": "1.0.0_b@2.0.0",
    "npm:c": "3.0.0"
  },
  "jsr": { "@std/path@1.0.8": { "integrity": "00" } },
  "npm": {
    "@s/a@1.0.0_b@2.0.0": { "integrity": "sha512-AAAA==", "dependencies": ["b"] },
    "@s/a@1.0.0_b@3.0.0": { "integrity": "sha512-AAAA==" },
    "b@2.0.0": { "integrity": "sha512-BBBB==", "tarball": "https://me:word@registry.example.org/b.tgz" },
    "c@3.0.0": {}
  },
  "remote": { "https://me:word@h.example.org/x.ts": "00" },
  "workspace": {
    "dependencies": ["jsr:@std/path@1"],
    "packageJson": { "dependencies": ["npm:@s/a@^1.0.0"] },
    "members": { "m": { "dependencies": ["npm:c"] } }
  }
}"#;

#[test]
fn packages_are_told_from_what_has_no_advisories() {
    let reading = DenoLock.read(LOCK).unwrap();
    let rows: Vec<_> = reading
        .packages
        .iter()
        .map(|it| (it.line.get(), &*it.package.name, &*it.package.version, it.direct))
        .collect();
    let expected = [
        (10, "@s/a", "1.0.0", Some(true)),
        (12, "b", "2.0.0", Some(false)),
        (13, "c", "3.0.0", Some(true)),
    ];
    assert_eq!(rows, expected);
    let address = Some("https://registry.example.org/b.tgz".into());
    assert_eq!(reading.packages[1].origin, Origin::Registry(address));
    let passed_over: Vec<_> =
        reading.passed_over.iter().map(|it| (it.line.get(), &*it.name)).collect();
    assert_eq!(passed_over, [(8, "@std/path@1.0.8"), (15, "https://h.example.org/x.ts")]);
}

#[test]
fn what_is_unknown_is_an_error() {
    for (from, to, line) in [
        ("\"version\": \"5\"", "\"version\": \"6\"", 2),
        ("\"version\": \"5\"", "\"version\": 5", 2),
        ("\"version\": \"5\",", "", 1),
        ("\"c@3.0.0\"", "\"c\"", 13),
        ("\"c@3.0.0\": {}", "\"c@3.0.0\": []", 13),
        ("[\"npm:c\"]", "\"npm:c\"", 19),
    ] {
        let error = DenoLock.read(&LOCK.replacen(from, to, 1)).unwrap_err();
        assert_eq!(error.line.get(), line, "{to}: {error}");
    }
}
