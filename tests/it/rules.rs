//! Rules of a project's own from end to end.

use crate::folder::Folder;
use crate::repo::Repo;

fn rule(id: &str, more: &str) -> String {
    format!(
        "[[rule]]\nid = \"{id}\"\ntitle = \"Acme key\"\nseverity = \"high\"\nconfidence = \"high\"\n\
         keywords = [\"acme_\"]\npattern = '(?<secret>acme_[0-9a-f]{{16}})'\nwhy = \"w\"\nfix = \"f\"\n\
         matches = [\"acme_{{hex:16}}\", \"k = acme_{{hex:16}}\"]\nignores = [\"acme_x\"]\n{more}"
    )
}

fn secret() -> String {
    lockkeeper::rule::expand("k = acme_{hex:16}\n").unwrap().text
}

#[test]
fn rules_in_the_usual_folder_and_in_those_that_are_named_are_run_listed_and_checked() {
    for (file, config) in [
        (".lockkeeper/rules/acme.toml", ""),
        ("gate/acme.toml", "[secrets]\nrules = [\"gate/\"]\n"),
        ("gate/acme.toml", "[secrets]\nrules = [\"gate/acme.toml\"]\n"),
    ] {
        let folder = Folder::new().write(file, rule("secret/acme", "")).write("a.txt", secret());
        let folder = folder.write(".lockkeeper.toml", config);
        let run = folder.scan(["--only", "secrets"]);
        assert_eq!(run.status(), 1, "{config}: {}", run.text());
        assert!(run.stdout().contains("secret/acme"), "{}", run.text());
        assert!(folder.run(["rules", "list"]).stdout().contains("secret/acme "));
        assert_eq!(folder.run(["rules", "explain", "secret/acme"]).status(), 0);
        let check = folder.run(["rules", "check"]);
        assert_eq!(check.status(), 0, "{}", check.text());
    }
}

#[test]
fn rules_come_from_the_base_of_a_range_and_their_loss_is_named() {
    let repo = Repo::new()
        .commit("start", |tree| tree.write(".lockkeeper/rules/acme.toml", rule("secret/acme", "")))
        .commit("leak", |tree| tree.remove(".lockkeeper/rules/acme.toml").write("a.txt", secret()));
    let run = repo.scan(["--range", "HEAD~1..HEAD", "--only", "secrets,policies"]);
    assert_eq!(run.status(), 1, "{}", run.text());
    let text = run.stdout();
    assert!(text.contains("secret/acme") && text.contains("GATE-001"), "{text}");
    assert!(text.contains("a secret rule is removed or changed"), "{text}");
}

#[test]
fn what_cannot_be_followed_is_2() {
    for (files, said) in [
        (vec![(".lockkeeper.toml", "[secrets]\nrules = [\"none/\"]\n".to_owned())], "none/"),
        (vec![(".lockkeeper/rules/a.toml", rule("secret/github-pat", ""))], "two secret rules"),
        (vec![(".lockkeeper/rules/a.toml", rule("secret/acme", "colour = 1\n"))], "a.toml"),
        (vec![(".lockkeeper.toml", "[secrets]\nexclude = [\"**\"]\n".to_owned())], "every file"),
        (vec![(".lockkeeper.toml", "[secrets]\nexclude = [\"**/*\"]\n".to_owned())], "every file"),
        (
            vec![(
                ".lockkeeper/rules/a.toml",
                rule("secret/acme", "").replace("[\"acme_\"]", "[\"zebra\"]"),
            )],
            "own example",
        ),
    ] {
        let folder = files.iter().fold(Folder::new(), |folder, (at, text)| folder.write(at, text));
        let run = folder.write("a.txt", "x").scan(["--only", "secrets"]);
        assert_eq!(run.status(), 2, "{}", run.text());
        assert!(run.stderr().contains(said), "{}", run.text());
    }
}

#[test]
fn a_change_that_is_left_out_whole_is_remarked_on() {
    let repo = Repo::new()
        .commit("start", |tree| {
            tree.write(".lockkeeper.toml", "[secrets]\nexclude = [\"doc/**\"]\n")
        })
        .commit("docs", |tree| tree.write("doc/a", "a").write("doc/b", "b"));
    let run = repo.scan(["--range", "HEAD~1..HEAD", "--only", "secrets"]);
    assert_eq!(run.status(), 0, "{}", run.text());
    assert!(run.stdout().contains("leaves out every file of the change (2)"), "{}", run.text());
}
