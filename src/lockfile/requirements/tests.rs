use super::*;

fn pinned(text: &str) -> Vec<(u32, String, String)> {
    let locked = Requirements.parse(text).unwrap();
    locked.into_iter().map(|it| (it.line.get(), it.package.name, it.package.version)).collect()
}

fn passed_over(text: &str) -> Vec<(u32, String)> {
    let reading = Requirements.read(text).unwrap();
    assert!(reading.packages.is_empty(), "{text}: {:?}", reading.packages);
    reading.passed_over.into_iter().map(|it| (it.line.get(), it.name)).collect()
}

#[test]
fn pins_are_packages_however_they_are_written() {
    for line in [
        "Some.Name==1.0",
        "Some.Name == 1.0",
        "Some.Name[a, b]==1.0 ; python_version < '3.8' and sys_platform == \"win32\"",
        "Some.Name (==1.0)",
        "Some.Name===1.0  # why",
        "Some.Name>=0.9,==1.0",
        "  Some.Name==1.0 --hash=sha256:0123456789012345678901234567890123456789012345678901234567890123",
        "Some.Name==1.0;python_version>='3'",
    ] {
        let expected = (2, "Some.Name".to_owned(), "1.0".to_owned());
        assert_eq!(pinned(&format!("# a\n{line}\n")), [expected], "{line}");
    }
}

#[test]
fn a_continued_line_has_the_number_of_its_first() {
    let hash = "0123456789abcdef".repeat(4);
    let text = format!(
        "a==1.0 \\\n    --hash=sha256:{hash} \\\n    --hash=sha256:{hash}\n    # via b\nb==2\n"
    );
    let locked = Requirements.parse(&text).unwrap();
    assert_eq!(locked[0].integrity.as_deref(), Some(&*format!("sha256:{hash}")));
    assert_eq!((locked[0].line.get(), locked[1].line.get()), (1, 5));
    assert!(Requirements.parse("a==1.0 \\\n").is_err());
    assert!(Requirements.parse("a==1.0 --hash=sha256:").is_err());
}

#[test]
fn what_is_not_pinned_is_told_by_name() {
    for (line, name) in [
        ("flask", "flask"),
        ("flask>=1,<2", "flask"),
        ("flask==1.*", "flask"),
        ("flask~=1.0 ; python_version < '3'", "flask"),
        ("flask[async] @ https://me:word@h.example.org/flask-1.0.whl", "flask"),
        ("-e .[dev]", ".[dev]"),
        (
            "-e git+https://me:word@git.example.org/a.git@v1#egg=a",
            "git+https://git.example.org/a.git@v1#egg=a",
        ),
        ("--editable=./a", "./a"),
        ("./a.whl", "./a.whl"),
        ("https://me:word@h.example.org/a-1.0.tar.gz", "https://h.example.org/a-1.0.tar.gz"),
        ("git+ssh://git@git.example.org/a.git", "git+ssh://git.example.org/a.git"),
        ("-r other.txt", "other.txt"),
        ("-rother.txt", "other.txt"),
        ("--constraint=../c.txt", "../c.txt"),
        ("{{ name }}==1.0", "{{"),
        ("flask==${VERSION}", "flask"),
    ] {
        assert_eq!(passed_over(line), [(1, name.to_owned())], "{line}");
    }
}

#[test]
fn options_of_the_index_are_no_packages() {
    let text = "-i https://me:word@registry.example.org/simple\n--require-hashes\n--pre\n\
                --extra-index-url=https://registry.example.org\n-f wheels\n";
    assert_eq!(Requirements.read(text), Ok(Reading::default()));
}

#[test]
fn what_pip_refuses_is_refused_with_its_line() {
    for line in [
        "a b",
        "a==",
        "a=1.0",
        "a==1.0;",
        "a[b==1.0",
        "a==1.0 2.0",
        "--hsah=x",
        "-r",
        "a @",
        "(a)",
        "a-==1",
        "[[a]]",
        "\"a\"",
        "a>1,,<2,b",
    ] {
        let error = Requirements.read(&format!("ok==1\n{line}\n")).unwrap_err();
        assert_eq!(error.line.get(), 2, "{line}");
    }
}

#[test]
fn files_are_claimed_by_name_or_folder() {
    let claimed = |path: &str| Requirements.claims(&RepoPath::from(path));
    for path in [
        "requirements.txt",
        "a/requirements-dev.txt",
        "requirements_test.txt",
        "dev-requirements.txt",
        "requirements/main.txt",
        "a/requirements/dev.txt",
        "constraints.txt",
        "requirements.dev.txt",
    ] {
        assert!(claimed(path), "{path}");
    }
    for path in [
        "requirements.in",
        "xrequirements.txt",
        "requirementsx.txt",
        "requirements/a/b.txt",
        "requirements.txt/a.txt",
        "node_modules/requirements.txt",
        "a.txt",
    ] {
        assert!(!claimed(path), "{path}");
    }
}

#[test]
fn what_a_file_includes_counts_as_if_it_stood_there() {
    let text = "a==1\n-r sub/base.in\n-c requirements.txt\n-r gone.in\n-r https://me:word@h.example.org/x\n";
    let tree = |path: &RepoPath| match path.as_str()? {
        "app/sub/base.in" => Some("b==2\n-r ../dev.in\n".to_owned()),
        "app/dev.in" => Some("c>=3\n-r sub/base.in\n".to_owned()),
        "app/requirements.txt" => Some("never==1\n".to_owned()),
        _ => None,
    };
    let path = RepoPath::from("app/requirements-dev.txt");
    let reading = Requirements.read_in(text, &path, &tree).unwrap();
    let rows: Vec<_> =
        reading.packages.iter().map(|it| (it.line.get(), &*it.package.name)).collect();
    assert_eq!(rows, [(1, "a"), (2, "b")]);
    let told: Vec<_> = reading.passed_over.iter().map(|it| (it.line.get(), &*it.name)).collect();
    assert_eq!(told, [(2, "c"), (4, "gone.in"), (5, "https://h.example.org/x")]);
    let broken = |_: &RepoPath| Some("=\n".to_owned());
    let error = Requirements.read_in("-r x.in\n", &path, &broken).unwrap_err();
    assert_eq!(error.line.get(), 1);
}

#[test]
fn a_file_is_included_once_and_a_long_chain_is_refused() {
    let asked = std::cell::Cell::new(0);
    let chain = |path: &RepoPath| {
        asked.set(asked.get() + 1);
        let number: usize = path.as_str()?.strip_suffix(".in")?.parse().ok()?;
        Some(format!("p{number}==1\n-r {}.in\n", number + 1))
    };
    let path = RepoPath::from("requirements.txt");
    let read = |text: &str| Requirements.read_in(text, &path, &chain);
    assert!(read("-r 0.in\n").is_err_and(|error| error.message.contains("more than 1000 files")));
    let once =
        |path: &RepoPath| chain(path).and_then(|text| text.lines().next().map(str::to_owned));
    asked.set(0);
    let reading = Requirements.read_in(&"-r 0.in\n".repeat(3), &path, &once).unwrap();
    assert_eq!((reading.packages.len(), asked.get()), (1, 1));
}

#[test]
fn a_version_at_the_very_end_may_be_half_of_one() {
    let told = |text: &str| Requirements.read(text).unwrap().passed_over.len();
    assert_eq!((told("a==1.2"), told("a==1.2\n"), told("a==1.2\n# why")), (1, 0, 0));
}
