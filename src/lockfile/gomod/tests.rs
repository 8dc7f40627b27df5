use super::*;

fn parse(text: &str) -> Vec<Locked> {
    GoMod.parse(text).unwrap()
}

fn summary(locked: &[Locked]) -> Vec<String> {
    let entry = |entry: &Locked| {
        let direct = if entry.direct == Some(true) { "direct" } else { "indirect" };
        format!("{} {}@{} {direct}", entry.line, entry.package.name, entry.package.version)
    };
    locked.iter().map(entry).collect()
}

const MOD: &str = r#"// Deprecated: for the test.
module example.org/app // the project

go 1.24.0

toolchain go1.24.1
godebug default=go1.21
tool example.org/tool/cmd/x
ignore ./testdata

require example.org/single v1.0.0

require (
	example.org/a v0.0.0-20240101000000-0123456789ab
	"example.org/b" v2.0.0+incompatible // indirect
	example.org/c v1.2.3-rc.1 // indirect; for the tools
	example.org/d v1.0.0 // indirectly of use
	example.org/folder v1.0.0
)
require(
	example.org/e v1.0.0// indirect
)

exclude example.org/a v0.1.0

replace (
	example.org/single => example.org/fork v1.1.0
	example.org/a v9.9.9 => example.org/never v1.0.0
	example.org/folder v1.0.0 => ../folder
)

retract [v1.0.0, v1.1.0] // withdrawn
retract (
	v1.2.0
)
"#;

#[test]
fn every_directive_is_read() {
    let locked = parse(MOD);
    assert_eq!(
        summary(&locked),
        [
            "27 example.org/fork@v1.1.0 direct",
            "14 example.org/a@v0.0.0-20240101000000-0123456789ab direct",
            "15 example.org/b@v2.0.0+incompatible indirect",
            "16 example.org/c@v1.2.3-rc.1 indirect",
            "17 example.org/d@v1.0.0 direct",
            "18 example.org/folder@v1.0.0 direct",
            "21 example.org/e@v1.0.0 indirect",
        ]
    );
    assert_eq!(locked[5].origin, Origin::Path("../folder".into()));
    assert_eq!(locked[0].origin, Origin::Registry(None));
}

#[test]
fn a_module_without_requirements_is_an_empty_list() {
    assert_eq!(parse("module example.org/app\n"), []);
    assert_eq!(parse("module example.org/app\nrequire ()\n"), []);
}

#[test]
fn what_go_does_not_write_is_refused_with_its_line() {
    let module = "module example.org/app\n";
    for (body, line) in [
        ("requires example.org/a v1.0.0\n", 2),
        ("require example.org/a\n", 2),
        ("require example.org/a v1.0\n", 2),
        ("require example.org/a main\n", 2),
        ("require (\n\texample.org/a v1.0.0\n", 2),
        ("require (\n\tmodule x y\n)\n", 3),
        ("replace example.org/a => example.org/b\n", 2),
        ("replace example.org/a ../b\n", 2),
        ("require \"example.org/a v1.0.0\n", 2),
        ("exclude\n", 2),
        (")\n", 2),
    ] {
        let error = GoMod.parse(&format!("{module}{body}")).unwrap_err();
        assert_eq!(error.line.get(), line, "{body}");
    }
    assert!(GoMod.parse("require example.org/a v1.0.0\n").is_err());
}

#[test]
fn copies_of_other_modules_are_not_the_project_s() {
    assert!(GoMod.claims(&RepoPath::from("cmd/x/go.mod")));
    assert!(!GoMod.claims(&RepoPath::from("vendor/example.org/a/go.mod")));
}
