//! From another scanner to this one, end to end: what was found is found, what was accepted is
//! accepted.

use crate::repo::Repo;
use lockkeeper::rule::{expand, expand_from};
use sha1::{Digest as _, Sha1};

const GITLEAKS: &str = "[extend]\nuseDefault = true\n[[rules]]\nid = \"acme\"\n\
    regex = '''acme_([0-9a-f]+)'''\n[[rules.allowlists]]\npaths = ['''^test/''']\n";

fn token() -> String {
    expand("{github:ghp_}").unwrap().text
}

fn acme() -> String {
    expand("k = acme_{hex:20}\n").unwrap().text
}

#[test]
fn rules_and_allowlists_go_on_to_hold() {
    let repo = Repo::new()
        .put(".gitleaks.toml", GITLEAKS)
        .put("a.txt", acme())
        .put("test/a.txt", expand_from("k = acme_{hex:20}\n", 5).unwrap().text);
    assert_eq!(repo.scan(["--worktree", "--only", "secrets"]).status(), 0);
    let shown = repo.run(["import", ".gitleaks.toml"]);
    assert_eq!(shown.status(), 0, "{}", shown.text());
    assert!(shown.stdout().contains("[[rule]]"), "{}", shown.text());
    assert!(!repo.path().join(".lockkeeper.toml").exists());
    let written = repo.run(["import", "--write", ".gitleaks.toml"]);
    assert_eq!(written.status(), 0, "{}", written.text());
    let scan = repo.scan(["--worktree", "--only", "secrets"]);
    assert_eq!(scan.status(), 1, "{}", scan.text());
    assert!(
        scan.stdout().contains("secret/acme") && scan.stdout().contains("1 waived"),
        "{}",
        scan.text()
    );
    let config = repo.read(".lockkeeper.toml");
    assert_eq!(repo.run(["import", "--write", ".gitleaks.toml"]).status(), 0);
    assert_eq!(repo.read(".lockkeeper.toml"), config, "a second time adds nothing");
}

#[test]
fn what_was_accepted_by_its_place_is_in_the_baseline() {
    let repo =
        Repo::new().commit("leak", |tree| tree.write("old.conf", format!("\nKEY={}\n", token())));
    let commit = repo.id("HEAD");
    let other = expand_from("KEY={github:gho_}\n", 3).unwrap().text;
    let repo = repo.commit("gone", |tree| tree.remove("old.conf").write("new.conf", &other)).put(
        ".gitleaksignore",
        format!("{commit}:old.conf:github-pat:2\nnew.conf:any:1\nnew.conf:any:9\n"),
    );
    let run = repo.run(["import", "--write", ".gitleaksignore"]);
    assert_eq!(run.status(), 0, "{}", run.text());
    assert!(run.text().contains("new.conf:9 holds no secret"), "{}", run.text());
    let baseline = String::from_utf8(repo.read(".lockkeeper-baseline")).unwrap();
    assert_eq!(baseline.matches("reason=imported from .gitleaksignore").count(), 2, "{baseline}");
    let known = ["--history", "--only", "secrets", "--baseline", ".lockkeeper-baseline"];
    let scan = repo.scan(known);
    assert_eq!(scan.status(), 0, "{}", scan.text());
}

#[test]
fn what_was_accepted_by_its_hash_is_in_the_baseline_wherever_it_stands_now() {
    let digits = Sha1::digest(token()).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>();
    let sha1 = digits.concat();
    let json = format!(
        "{{\"results\": {{\"a.conf\": [{{\"type\": \"GitHub Token\", \"hashed_secret\": \"{sha1}\", \
         \"line_number\": 1, \"is_secret\": true}}, {{\"type\": \"Secret Keyword\", \
         \"hashed_secret\": \"00\", \"line_number\": 4}}]}}}}"
    );
    let other = expand_from("KEY={github:gho_}\n", 3).unwrap().text;
    let repo = Repo::new()
        .put(".secrets.baseline", json)
        .put("a.conf", format!("\n\nKEY={}\n{other}", token()));
    let run = repo.run(["import", "--write", ".secrets.baseline"]);
    assert_eq!(run.status(), 0, "{}", run.text());
    assert!(run.text().contains("a.conf:4 holds no secret"), "{}", run.text());
    let scan = repo.scan(["--worktree", "--only", "secrets"]);
    assert_eq!(scan.status(), 1, "{}", scan.text());
    assert!(scan.stdout().contains("1 in the baseline"), "{}", scan.text());
    assert!(
        !String::from_utf8(repo.read(".lockkeeper-baseline")).unwrap().contains(&token()[4..12])
    );
}

#[test]
fn what_has_no_counterpart_is_named_and_ends_with_1() {
    let repo = Repo::new().put("rules.toml", "[[rules]]\nid = \"ahead\"\nregex = '''(?=x)y'''\n");
    let unknown = repo.run(["import", "rules.toml"]);
    assert_eq!(unknown.status(), 2, "{}", unknown.text());
    let run = repo.run(["import", "--from", "betterleaks", "rules.toml"]);
    assert_eq!(run.status(), 1, "{}", run.text());
    assert!(run.stderr().contains("not imported: rule ahead: "), "{}", run.text());
    let broken = repo.put("rules.toml", "[").run(["import", "--from", "gitleaks", "rules.toml"]);
    assert_eq!(broken.status(), 2, "{}", broken.text());
}
