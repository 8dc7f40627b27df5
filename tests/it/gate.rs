//! The gate from end to end: a commit goes in, a verdict and a status come out.

use crate::command::Run;
use crate::folder::Folder;
use crate::repo::Repo;
use serde_json::Value;

/// A token of the right shape whose checksum holds; no such token was ever issued.
fn token() -> String {
    lockkeeper::rule::expand("{github:ghp_}").unwrap().text
}

fn rules(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["rule"].as_str().unwrap()).collect()
}

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.stdout()).unwrap_or_else(|why| panic!("{why}: {}", run.text()))
}

/// A clean start, then a commit that leaks.
fn leak() -> Repo {
    Repo::new()
        .commit("start", |tree| tree.write("README.md", "hello\n"))
        .commit("leak", |tree| tree.write("app.conf", format!("DEBUG=1\nKEY={}\n", token())))
}

#[test]
fn a_leak_in_the_range_blocks_and_says_where() {
    let run = leak().scan(["--range", "HEAD~1..HEAD", "--report", "json=-"]);
    assert_eq!(run.status(), 1, "{}", run.text());
    let report = json(&run);
    assert_eq!(report["schema"], "lockkeeper.report/v1");
    assert_eq!(report["verdict"]["decision"], "block");
    let finding = &report["findings"][0];
    assert_eq!(finding["kind"], "secret");
    assert_eq!(finding["disposition"], "blocking");
    assert_eq!((finding["path"].as_str(), finding["line"].as_u64()), (Some("app.conf"), Some(2)));
    assert_eq!((finding["column"].as_u64(), finding["end_column"].as_u64()), (Some(5), Some(45)));
}

#[test]
fn a_secret_that_the_range_removes_again_has_leaked_all_the_same() {
    let repo = leak().commit("oops", |tree| tree.remove("app.conf"));
    let run = repo.scan(["--range", "HEAD~2..HEAD"]);
    assert_eq!(run.status(), 1, "{}", run.text());
}

#[test]
fn a_secret_in_a_commit_message_has_leaked_too() {
    let message = format!("try it with {}\n\nSigned-off-by: Ada\n", token());
    let repo = Repo::new().commit("start", |tree| tree.write("README.md", "hello\n"));
    let repo = repo.commit(&message, |tree| tree.write("app.conf", "DEBUG=1\n"));
    let run = repo.scan(["--range", "HEAD~1..HEAD"]);
    assert_eq!(run.status(), 1, "{}", run.text());
    assert!(run.stdout().contains("in the commit message"), "{}", run.text());
    assert!(!run.text().contains(&token()), "{}", run.text());
}

#[test]
fn a_clean_range_passes_and_says_what_it_looked_at() {
    let repo = leak().commit("docs", |tree| tree.write("README.md", "hello\nworld\n"));
    let run = repo.scan(["--range", "HEAD~1..HEAD"]);
    assert_eq!(run.status(), 0, "{}", run.text());
    assert!(run.stdout().contains("1 commit") && run.stdout().contains("1 file"), "{}", run.text());
}

#[test]
fn looking_at_nothing_is_not_a_pass() {
    let repo = leak();
    for what in [&["--range", "HEAD..HEAD"][..], &["--staged"]] {
        let run = repo.scan(what.iter().copied());
        assert_eq!(run.status(), 2, "{}", run.text());
        assert!(run.text().contains("nothing was scanned"), "{}", run.text());
    }
    let empty = Folder::new().scan(["--worktree"]);
    assert_eq!(empty.status(), 2, "{}", empty.text());
}

#[test]
fn a_folder_without_git_is_scanned_as_it_is() {
    let folder = Folder::new().write("deploy.sh", format!("export TOKEN={}\n", token()));
    let run = folder.scan(["--report", "json=-"]);
    assert_eq!(run.status(), 1, "{}", run.text());
    assert_eq!(json(&run)["source"]["kind"], "worktree");
}

#[test]
fn a_change_cannot_weaken_its_own_gate() {
    let repo = leak()
        .commit("trust me", |tree| tree.write(".lockkeeper.toml", "[gate]\nfail-on = \"none\"\n"));
    let run = repo.scan(["--range", "HEAD~2..HEAD", "--report", "json=-"]);
    assert_eq!(run.status(), 1, "{}", run.text());
    let report = json(&run);
    assert!(rules(&report).contains(&"GATE-001"), "{}", run.text());
}

#[test]
fn a_waiver_holds_until_its_day() {
    let waiver = |until: &str| {
        format!(
            "[[waiver]]\nid = \"secret/github-pat\"\nscope = \"app.conf\"\nreason = \"revoked\"\n\
             owner = \"ada@example.org\"\nuntil = {until}\n"
        )
    };
    for (until, status) in [("2999-01-01", 0), ("2001-01-01", 1)] {
        let repo = Repo::new()
            .commit("start", |tree| tree.write(".lockkeeper.toml", waiver(until)))
            .commit("leak", |tree| tree.write("app.conf", format!("KEY={}\n", token())));
        let run = repo.scan(["--range", "HEAD~1..HEAD"]);
        assert_eq!(run.status(), status, "{until}: {}", run.text());
    }
}

#[test]
fn an_allow_comment_needs_the_rule_and_a_reason() {
    let allowed = |comment: &str| {
        let repo = Repo::new().commit("start", |tree| tree.write("README.md", "hello\n"));
        let line = format!("KEY={} {comment}\n", token());
        let repo = repo.commit("leak", |tree| tree.write("app.sh", &line));
        repo.scan(["--range", "HEAD~1..HEAD"]).status()
    };
    assert_eq!(allowed("# lockkeeper:allow secret/github-pat: a revoked key of the manual"), 0);
    assert_eq!(allowed("# lockkeeper:allow secret/github-pat"), 1);
    assert_eq!(allowed("# lockkeeper:allow secret/gitlab-pat: a revoked key of the manual"), 1);
}

#[test]
fn a_baseline_keeps_old_findings_from_blocking_but_not_new_ones() {
    let repo = leak();
    let written = repo.run(["baseline", "write", "--history", "."]);
    assert_eq!(written.status(), 0, "{}", written.text());
    let baseline = repo.read(".lockkeeper-baseline");
    let known = repo.scan(["--history", "--baseline", ".lockkeeper-baseline"]);
    assert_eq!(known.status(), 0, "{}", known.text());
    let other = lockkeeper::rule::expand("# other\n{github:gho_}").unwrap().text;
    let repo =
        repo.commit("again", |tree| tree.write("app.conf", format!("DEBUG=1\nKEY={other}\n")));
    repo.write_file(".lockkeeper-baseline", &String::from_utf8(baseline).unwrap());
    let new = repo.scan(["--history", "--baseline", ".lockkeeper-baseline"]);
    assert_eq!(new.status(), 1, "{}", new.text());
}

#[test]
fn a_baseline_keeps_its_key_and_reasons_when_it_is_written_again() {
    let repo = leak();
    let write = || repo.run(["baseline", "write", "--history", "."]);
    let text = || String::from_utf8(repo.read(".lockkeeper-baseline")).unwrap();
    assert_eq!(write().status(), 0);
    let first = text();
    let key = first.lines().nth(1).unwrap();
    assert!(key.starts_with("# key ") && key.len() == 38, "{first}");
    let noted = first.replace("app.conf\n", "app.conf until=2999-01-01 reason=a test key\n");
    repo.write_file(".lockkeeper-baseline", &noted);
    assert_eq!(write().status(), 0);
    assert_eq!(text(), noted);
    let pruned = repo.run(["baseline", "prune", "--history", "."]);
    assert_eq!((pruned.status(), text()), (0, noted.clone()), "{}", pruned.text());
    let past = noted.replace("2999", "2001");
    repo.write_file(".lockkeeper-baseline", &past);
    let expired = repo.scan(["--history", "--baseline", ".lockkeeper-baseline"]);
    assert_eq!(expired.status(), 1, "{}", expired.text());
    assert!(expired.text().contains("past `until`"), "{}", expired.text());
    assert_eq!(repo.run(["baseline", "prune", "--history", "."]).status(), 0);
    assert_eq!(text().lines().count(), 2, "{}", text());
    assert_eq!(leak().run(["baseline", "write", "--history", "."]).status(), 0);
}

#[test]
fn the_key_of_the_trusted_baseline_is_the_salt() {
    let hash = |key: &str| {
        let baseline = "# lockkeeper baseline v1: fingerprint, rule, path\n";
        let baseline = format!("{baseline}{key}");
        let repo = Repo::new().commit("start", |tree| tree.write(".lockkeeper-baseline", baseline));
        let repo = repo.commit("leak", |tree| tree.write("app.conf", format!("KEY={}\n", token())));
        let report = json(&repo.scan(["--range", "HEAD~1..HEAD", "--report", "json=-"]));
        report["findings"][0]["secret"]["sha256_salted"].as_str().unwrap().to_owned()
    };
    let keyed = hash("# key 000102030405060708090a0b0c0d0e0f\n");
    let salt = lockkeeper::finding::Salt::new((0..16).collect::<Vec<u8>>());
    let expected = lockkeeper::finding::Redacted::new(&salt, token().as_bytes(), "");
    assert_eq!(keyed, expected.salted);
    assert_ne!(keyed, hash(""));
}

#[test]
fn an_allow_comment_counts_in_utf_16_too() {
    let line = |comment| format!("[x]\nKEY={} {comment}\n", token());
    let utf16 = |text: String| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let comment = "# lockkeeper:allow secret/github-pat: a revoked key of the manual";
    for (comment, status) in [(comment, 0), ("# a key", 1)] {
        let folder = Folder::new().write("app.ini", utf16(line(comment)));
        let run = folder.scan(["--only", "secrets"]);
        assert_eq!(run.status(), status, "{}", run.text());
    }
}

#[test]
fn an_entry_of_allow_waives_what_it_covers_and_is_noted_when_it_covers_nothing() {
    let allow = |path: &str| {
        format!("[[secrets.allow]]\npaths = [\"{path}\"]\nreason = \"generated fixtures\"\n")
    };
    let folder = Folder::new().write("test/a.conf", format!("KEY={}\n", token()));
    let folder = folder.write(".lockkeeper.toml", allow("test/**"));
    let run = folder.scan(["--only", "secrets", "--report", "json=-"]);
    assert_eq!(run.status(), 0, "{}", run.text());
    let finding = &json(&run)["findings"][0];
    assert_eq!(finding["disposition"], "waived");
    assert_eq!(finding["waiver"]["reason"], "generated fixtures");
    let folder = folder.write(".lockkeeper.toml", allow("src/**"));
    let run = folder.scan(["--only", "secrets"]);
    assert_eq!(run.status(), 1, "{}", run.text());
    assert!(run.stdout().contains("(generated fixtures) lets nothing through"), "{}", run.text());
}

#[test]
fn several_reports_are_written_in_one_run() {
    let repo = leak();
    let run = repo.scan([
        "--range",
        "HEAD~1..HEAD",
        "--report",
        "text=-",
        "--report",
        "json=out.json",
        "--report",
        "sarif=out.sarif",
    ]);
    assert_eq!(run.status(), 1, "{}", run.text());
    let sarif: Value = serde_json::from_slice(&repo.read("out.sarif")).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let report: Value = serde_json::from_slice(&repo.read("out.json")).unwrap();
    assert_eq!(report["verdict"]["decision"], "block");
    assert!(run.stdout().contains("app.conf"), "{}", run.text());
}

#[test]
fn a_report_that_cannot_be_written_fails_before_the_work() {
    let run = leak().scan(["--range", "HEAD~1..HEAD", "--report", "json=no/such/folder/out.json"]);
    assert_eq!(run.status(), 2, "{}", run.text());
    assert!(run.stderr().contains("out.json"), "{}", run.text());
    assert!(run.stdout().is_empty(), "{}", run.text());
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let repo = (0..12).fold(leak(), |repo, at| {
        let text = format!("FROM ruby:latest\nENV A{at}={}\n", token());
        repo.commit("more", |tree| tree.write(format!("d{at}/Dockerfile"), &text))
    });
    let report = |jobs| repo.scan(["--history", "--jobs", jobs, "--report", "json=-"]);
    let (one, many) = (report("1"), report("4"));
    assert_eq!(one.status(), 1, "{}", one.text());
    assert_eq!(one.stdout(), many.stdout());
}

#[test]
fn no_report_holds_the_secret() {
    let repo = leak();
    for format in ["text", "json", "sarif"] {
        let run = repo.scan(["--history", "--report", &format!("{format}=-")]);
        assert_eq!(run.status(), 1, "{}", run.text());
        assert!(!run.text().contains(&token()[4..20]), "{format}: {}", run.text());
    }
}

#[test]
fn every_region_of_the_sarif_names_the_bytes_it_means() {
    let text = format!("# ключ\n\tKEY=\"{}\" # déjà vu\n", token());
    let folder = Folder::new().write("a b/ключ.conf", &text);
    let run = folder.scan(["--report", "sarif=-"]);
    let sarif: Value = serde_json::from_str(&run.stdout()).unwrap();
    let schema = include_str!("../../fixtures/schemas/sarif-2.1.0.json");
    let schema: Value = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<_> = validator.iter_errors(&sarif).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%20b/%D0%BA%D0%BB%D1%8E%D1%87.conf");
    let region = |name: &str| usize::try_from(place["region"][name].as_u64().unwrap()).unwrap();
    let line = text.lines().nth(region("startLine") - 1).unwrap();
    let width = region("endColumn") - region("startColumn");
    let named: String = line.chars().skip(region("startColumn") - 1).take(width).collect();
    assert_eq!(named, token());
}

#[test]
fn usage_errors_are_2_and_help_is_0() {
    let folder = Folder::new().write("a", "b");
    assert_eq!(folder.scan(["--no-such-flag"]).status(), 2);
    assert_eq!(folder.scan(["--staged", "--worktree"]).status(), 2);
    assert_eq!(folder.scan(["--report", "docx=-"]).status(), 2);
    assert_eq!(folder.scan(["--fail-on", "sometimes"]).status(), 2);
    assert_eq!(folder.scan(["--help"]).status(), 0);
    assert_eq!(folder.run(["--version"]).status(), 0);
}

#[test]
fn a_misspelt_key_is_an_error_that_knows_better() {
    let folder = Folder::new().write(".lockkeeper.toml", "[gate]\nfail-onn = \"low\"\n");
    let run = folder.scan(["."]);
    assert_eq!(run.status(), 2, "{}", run.text());
    assert!(
        run.stderr().contains("fail-on") && run.stderr().contains(".lockkeeper.toml:2"),
        "{}",
        run.text()
    );
}

#[test]
fn a_configuration_that_leaves_no_rule_is_an_error() {
    let listed = Folder::new().run(["rules", "list"]).stdout();
    let ids = listed.lines().filter_map(|line| line.split_whitespace().next());
    let ids: Vec<_> =
        ids.filter(|id| id.starts_with("secret/")).map(|id| format!("{id:?}")).collect();
    let config = format!("[secrets]\ndisable = [{}]\n", ids.join(", "));
    let run = Folder::new().write(".lockkeeper.toml", &config).scan(["."]);
    assert_eq!(run.status(), 2, "{}", run.text());
}

#[test]
fn a_fingerprint_outlives_moved_lines_and_a_renamed_file() {
    let text = format!("KEY={}\n", token());
    let fingerprints = |path: &str, text: &str| {
        let repo = Repo::new().commit("start", |tree| tree.write("README.md", "hello\n"));
        let repo = repo.commit("leak", |tree| tree.write(path, text));
        let report = json(&repo.scan(["--range", "HEAD~1..HEAD", "--report", "json=-"]));
        report["findings"][0]["fingerprint"].as_str().unwrap().to_owned()
    };
    let before = fingerprints("app.conf", &text);
    assert_eq!(before, fingerprints("app.conf", &format!("# one\n# two\n    {text}")));
    assert_eq!(before, fingerprints("config/app.conf", &text));
    let other = lockkeeper::rule::expand_from("KEY={github:ghp_}\n", 7).unwrap().text;
    assert_ne!(before, fingerprints("app.conf", &other), "another secret on the same line");
}

#[test]
fn another_repository_gives_the_same_secret_another_hash() {
    let hash = |first: &str| {
        let repo = Repo::new().commit("start", |tree| tree.write("README.md", first));
        let repo = repo.commit("leak", |tree| tree.write("app.conf", format!("KEY={}\n", token())));
        let report = json(&repo.scan(["--range", "HEAD~1..HEAD", "--report", "json=-"]));
        report["findings"][0]["secret"]["sha256_salted"].as_str().unwrap().to_owned()
    };
    assert_eq!(hash("hello\n"), hash("hello\n"));
    assert_ne!(hash("hello\n"), hash("good day\n"));
}

fn secrets(repo: &Repo, what: &[&str]) -> Vec<Value> {
    let arguments = [what, &["--only", "secrets", "--report", "json=-"]].concat();
    let report = json(&repo.scan(arguments));
    report["findings"].as_array().unwrap().clone()
}

#[test]
fn one_secret_in_many_commits_is_one_finding_at_the_first() {
    let line = format!("KEY={}\n", token());
    let repo = Repo::new()
        .commit("start", |tree| tree.write("README.md", "hello\n"))
        .commit("leak", |tree| tree.write("app.conf", &line))
        .commit("gone", |tree| tree.write("app.conf", "KEY=env\n"))
        .commit("again", |tree| tree.write("other.conf", &line));
    let first = repo.id("HEAD~2").to_string();
    for what in [&["--history"][..], &["--range", "HEAD~3..HEAD"]] {
        let findings = secrets(&repo, what);
        let [finding] = &findings[..] else { panic!("{findings:?}") };
        assert_eq!(finding["path"], "app.conf");
        assert_eq!(finding["commit"], Value::from(first.as_str()));
        assert_eq!(finding["secret"]["state"], "live");
        assert_eq!(finding["secret"]["elsewhere"][0]["path"], "other.conf");
    }
    let repo = repo.commit("all gone", |tree| tree.remove("other.conf"));
    assert_eq!(secrets(&repo, &["--history"])[0]["secret"]["state"], "removed");
}

#[test]
fn what_moves_between_files_is_not_new() {
    let line = format!("  KEY={}\n", token());
    let before = format!("a\nb\n{line}c\n");
    let repo = Repo::new()
        .commit("leak", |tree| tree.write("a.conf", &before).write("b.conf", "x\n"))
        .commit("move", |tree| {
            tree.write("a.conf", "a\nb\nc\n").write("b.conf", format!("x\n{}\n", line.trim()))
        })
        .commit("rename", |tree| tree.rename("b.conf", "dir/c.txt"));
    assert!(secrets(&repo, &["--range", "HEAD~2..HEAD"]).is_empty());
    assert_eq!(secrets(&repo, &["--history"]).len(), 1);
}

#[test]
fn a_secret_in_the_name_of_a_file_is_found_and_not_shown() {
    let path = format!("dump/{}.txt", token());
    let repo = Repo::new()
        .commit("start", |tree| tree.write("README.md", "hello\n"))
        .commit("leak", |tree| tree.write(&path, "DEBUG=1\n"));
    for what in [&["--worktree"][..], &["--history"], &["--range", "HEAD~1..HEAD"]] {
        for format in ["text", "json", "sarif"] {
            let run = repo.scan([what, &["--report", &format!("{format}=-")]].concat());
            assert!(!run.text().contains(&token()), "{what:?} {format}: {}", run.text());
        }
        let findings = secrets(&repo, what);
        assert_eq!(findings.len(), 1, "{what:?}");
        assert_eq!(findings[0]["path"], "dump/[secret].txt");
    }
}

#[test]
fn a_secret_in_an_archive_is_found_in_every_way_of_looking() {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("conf/app.env", zip::write::SimpleFileOptions::default()).unwrap();
    std::io::Write::write_all(&mut zip, format!("KEY={}\n", token()).as_bytes()).unwrap();
    let bytes = zip.finish().unwrap().into_inner();
    let repo = Repo::new()
        .commit("start", |tree| tree.write("README.md", "hello\n"))
        .commit("leak", |tree| tree.write("dist.zip", &bytes));
    for what in [&["--worktree"][..], &["--history"], &["--range", "HEAD~1..HEAD"]] {
        let findings = secrets(&repo, what);
        assert_eq!(findings.len(), 1, "{what:?}");
        assert!(findings[0]["message"].as_str().unwrap().contains("conf/app.env"));
    }
}

#[test]
fn a_run_that_could_not_look_says_why_wherever_its_reports_go() {
    let repo = Repo::new().commit("start", |tree| {
        tree.write("Gemfile.lock", "GEM\n  remote: https://registry.example.org/\n  specs:\n    rack (2.2.3)\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  rack\n\nBUNDLED WITH\n   2.4.0\n")
    });
    let json = format!("json={}", repo.path().join("report.json").display());
    let asked =
        ["--history", "--only", "dependencies", "--offline", "--advisories", "nowhere.index"];
    let run = repo.scan(asked.iter().copied().chain(["--report", &json]));
    assert_eq!(run.status(), 2, "{}", run.text());
    assert!(
        run.stdout().is_empty() && run.stderr().contains("packages were not checked"),
        "{}",
        run.text()
    );
    let run = repo.scan(asked);
    assert_eq!(run.status(), 2);
    assert!(!run.stderr().contains("packages were not checked"), "told once: {}", run.text());
}
