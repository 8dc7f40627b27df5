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

fn read_in(text: &str, sums: Option<&str>) -> Reading {
    let tree =
        |path: &RepoPath| sums.filter(|_| path.as_str() == Some("x/go.sum")).map(str::to_owned);
    GoMod.read_in(text, &RepoPath::from("x/go.mod"), &tree).unwrap()
}

fn told(reading: &Reading) -> Vec<&str> {
    reading.passed_over.iter().map(|it| &*it.name).collect()
}

const SUMS: &str = "example.org/a v1.0.0 h1:aa=\nexample.org/a v1.0.0/go.mod h1:am=\n\
                    example.org/b v1.9.0 h1:b9=\nexample.org/b v1.10.0 h1:b10=\n\
                    example.org/b v1.10.0/go.mod h1:bm=\nexample.org/c v1.0.0/go.mod h1:cm=\n";

#[test]
fn before_1_17_the_modules_of_others_come_from_go_sum() {
    for release in ["", "go 1.16\n"] {
        let text = format!("module x\n{release}require example.org/a v1.0.0\n");
        let reading = read_in(&text, Some(SUMS));
        let rows: Vec<_> = reading
            .packages
            .iter()
            .filter(|it| it.package.name != STANDARD_LIBRARY)
            .map(|it| (&*it.package.name, &*it.package.version, it.integrity.as_deref()))
            .collect();
        let expected = [
            ("example.org/a", "v1.0.0", Some("h1:aa=")),
            ("example.org/b", "v1.10.0", Some("h1:b10=")),
        ];
        assert_eq!(rows, expected);
        assert_eq!(told(&reading), ["go 1.16"]);
        assert!(reading.passed_over[0].why.contains("go.sum"));
        assert!(read_in(&text, None).passed_over[0].why.contains("go mod tidy"));
    }
    assert_eq!(told(&read_in("module x\n", Some(""))), [""; 0]);
}

#[test]
fn what_one_of_the_two_files_lacks_is_told() {
    let whole = "module x\n\ngo 1.24\n\nrequire example.org/a v1.0.0\n";
    let indirect = "\nrequire example.org/b v1.10.0 // indirect\n";
    assert_eq!(told(&read_in(&format!("{whole}{indirect}"), Some(SUMS))), [""; 0]);
    assert_eq!(told(&read_in(&whole.replace("v1.0.0", "v1.0.1"), Some(SUMS))), ["example.org/a"]);
    let folder = format!("{whole}replace example.org/a => ../a\n");
    assert_eq!(told(&read_in(&folder, Some("example.org/c v1.0.0 h1:c=\n"))), [""; 0]);
    assert_eq!(told(&read_in(whole, Some(&format!("{SUMS}example.org/a")))), ["go.sum:7"]);
    let more = format!("{SUMS}example.org/d v1.0.0 h1:d=\n");
    assert_eq!(told(&read_in(whole, Some(&more))), ["example.org/b", "example.org/d"]);
    assert_eq!(told(&read_in(whole.trim_end(), None)), ["go.mod"]);
}

#[test]
fn the_standard_library_is_that_of_the_release_that_is_asked_for() {
    for (release, version, line) in [
        ("go 1.24.3", "1.24.3", 2),
        ("go 1.21", "1.21.0", 2),
        ("go 1.21rc2", "1.21.0-rc.2", 2),
        ("go 1.21\ntoolchain go1.24.1-custom", "1.24.1", 3),
        ("go 1.21\ntoolchain default", "1.21.0", 2),
    ] {
        let text = format!("module x\n{release}\nrequire example.org/a v1.0.0\n");
        let library = read_in(&text, None).packages.pop().unwrap();
        let Package { ecosystem, name, version: found } = &library.package;
        assert_eq!((*ecosystem, &**name, &**found), (Ecosystem::Go, "stdlib", version));
        assert_eq!(library.line.get(), line);
    }
    assert_eq!(read_in("module x\ngo 1.24\n", None).packages, []);
}
