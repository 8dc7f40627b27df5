//! Secrets that hide in how commits and refs hang together.

use crate::repository::{ADA, File, Maker, Person};
use crate::spot::{Past, Spot, past, quiet};
use git2::{Error, Oid};
use lockkeeper::rule::expand;

/// The spots, each with its own history.
pub(crate) fn spots() -> Vec<Spot> {
    vec![
        past("merge resolution", merge),
        past("octopus merge", octopus),
        past("added, then removed", removed),
        past("root commit", root),
        past("side branch, merged", side),
        past("branch that is not checked out", elsewhere),
        past("private key in pieces", pieces),
        past("commit message", message),
        past("author's name", author),
        past("committer's address", committer),
        past("message of a tag", tag_message),
        past("name of a tag", tag_name),
        past("name of a branch", branch_name),
        past("note on a commit", note),
        quiet("clean merge", clean_merge),
        quiet("renamed file", renamed),
        quiet("indented again", indented),
        quiet("line moved within its file", moved),
        quiet("removal", removal),
    ]
}

fn line(token: &str) -> String {
    format!("GITHUB_KEY={token}\n")
}

fn readme() -> File {
    File::new("README.md", "hello\n")
}

fn app(text: impl AsRef<[u8]>) -> File {
    File::new("app.conf", text)
}

fn start(maker: &Maker) -> Result<Oid, Error> {
    maker.commit("start", &[], &[readme(), app("A=1\n")])
}

/// What is on a ref alone: no commit brought it, and no answer is wrong.
fn on_a_ref(base: Oid) -> Past {
    Past { base: Some(base), culprit: None }
}

fn found(base: Oid, culprit: Oid) -> Past {
    Past { base: Some(base), culprit: Some(culprit) }
}

fn merge(maker: &Maker, token: &str) -> Result<Past, Error> {
    let base = start(maker)?;
    let theirs = maker.commit("theirs", &[base], &[readme(), app("A=2\n")])?;
    let ours = maker.commit("ours", &[base], &[readme(), app("A=3\n")])?;
    let files = [readme(), app(format!("A=4\n{}", line(token)))];
    Ok(found(base, maker.commit("merge", &[ours, theirs], &files)?))
}

fn octopus(maker: &Maker, token: &str) -> Result<Past, Error> {
    let base = start(maker)?;
    let side =
        |name: &str| maker.commit(name, &[base], &[readme(), app("A=1\n"), File::new(name, "x\n")]);
    let parents = [side("one")?, side("two")?, side("three")?];
    let files = ["one", "two", "three"].map(|name| File::new(name, "x\n"));
    let files: Vec<_> = files.into_iter().chain([readme(), app(line(token))]).collect();
    Ok(found(base, maker.commit("merge all", &parents, &files)?))
}

fn removed(maker: &Maker, token: &str) -> Result<Past, Error> {
    let base = start(maker)?;
    let culprit = maker.commit("try", &[base], &[readme(), app(line(token))])?;
    maker.commit("oops", &[culprit], &[readme(), app("A=1\n")])?;
    Ok(found(base, culprit))
}

fn root(maker: &Maker, token: &str) -> Result<Past, Error> {
    let culprit = maker.commit("start", &[], &[readme(), app(line(token))])?;
    maker.commit("more", &[culprit], &[readme(), app(line(token)), File::new("b", "b\n")])?;
    Ok(Past { base: None, culprit: Some(culprit) })
}

fn side(maker: &Maker, token: &str) -> Result<Past, Error> {
    let base = start(maker)?;
    let culprit = maker.commit("side", &[base], &[readme(), app(line(token))])?;
    let gone = maker.commit("away", &[culprit], &[readme(), app("A=1\n")])?;
    let ours = maker.commit("ours", &[base], &[readme(), app("A=1\n"), File::new("b", "b\n")])?;
    maker.commit("merge", &[ours, gone], &[readme(), app("A=1\n"), File::new("b", "b\n")])?;
    Ok(found(base, culprit))
}

fn elsewhere(maker: &Maker, token: &str) -> Result<Past, Error> {
    let base = start(maker)?;
    let culprit = maker.commit("try", &[base], &[readme(), app(line(token))])?;
    maker.git.reference("refs/heads/attempt", culprit, true, "keep")?;
    maker.commit("go on", &[base], &[readme(), app("A=5\n")])?;
    Ok(Past { base: None, culprit: Some(culprit) })
}

/// A key of which some lines were there before, so that no hunk has the whole of it.
fn pieces(maker: &Maker, _: &str) -> Result<Past, Error> {
    let key = expand("{pem:RSA PRIVATE KEY}\n").map(|made| made.text).unwrap_or_default();
    let lines: Vec<&str> = key.lines().collect();
    let kept = |(at, line): (usize, &&str)| {
        let stays = at == 0 || at == 4 || at + 1 == lines.len();
        stays.then(|| format!("{line}\n"))
    };
    let before: String = lines.iter().enumerate().filter_map(kept).collect();
    let base = maker.commit("start", &[], &[readme(), File::new("server.pem", before)])?;
    let files = [readme(), File::new("server.pem", key)];
    Ok(found(base, maker.commit("whole", &[base], &files)?))
}

fn message(maker: &Maker, token: &str) -> Result<Past, Error> {
    let base = start(maker)?;
    let files = [readme(), app("A=2\n")];
    Ok(found(base, maker.commit(&format!("works with {token}\n"), &[base], &files)?))
}

fn author(maker: &Maker, token: &str) -> Result<Past, Error> {
    let base = start(maker)?;
    let person = Person { name: token, mail: "ada@example.org" };
    let files = [readme(), app("A=2\n")];
    Ok(found(base, maker.commit_by([&person, &ADA], "more", &[base], &files)?))
}

fn committer(maker: &Maker, token: &str) -> Result<Past, Error> {
    let base = start(maker)?;
    let mail = format!("{token}@example.org");
    let person = Person { name: "Ada", mail: &mail };
    let files = [readme(), app("A=2\n")];
    Ok(found(base, maker.commit_by([&ADA, &person], "more", &[base], &files)?))
}

fn two(maker: &Maker) -> Result<(Oid, Oid), Error> {
    let base = start(maker)?;
    Ok((base, maker.commit("more", &[base], &[readme(), app("A=2\n")])?))
}

fn tag_message(maker: &Maker, token: &str) -> Result<Past, Error> {
    let (base, tip) = two(maker)?;
    let object = maker.git.find_object(tip, None)?;
    let message = format!("built with {token}\n");
    maker.git.tag("v1", &object, &maker.signature(&ADA)?, &message, false)?;
    Ok(on_a_ref(base))
}

fn tag_name(maker: &Maker, token: &str) -> Result<Past, Error> {
    let (base, tip) = two(maker)?;
    maker.git.reference(&format!("refs/tags/{token}"), tip, true, "tag")?;
    Ok(on_a_ref(base))
}

fn branch_name(maker: &Maker, token: &str) -> Result<Past, Error> {
    let (base, tip) = two(maker)?;
    maker.git.reference(&format!("refs/heads/try-{token}"), tip, true, "branch")?;
    Ok(on_a_ref(base))
}

fn note(maker: &Maker, token: &str) -> Result<Past, Error> {
    let (base, tip) = two(maker)?;
    let ada = maker.signature(&ADA)?;
    maker.git.note(&ada, &ada, None, tip, &line(token), false)?;
    let culprit = maker.git.refname_to_id("refs/notes/commits")?;
    Ok(found(base, culprit))
}

/// The secret is on the branch that is merged into, and on no other.
fn clean_merge(maker: &Maker, token: &str) -> Result<Past, Error> {
    let first = start(maker)?;
    let topic = [readme(), app("A=1\n"), File::new("b", "b\n")];
    let topic = maker.commit("topic", &[first], &topic)?;
    let base = maker.commit("leak", &[first], &[readme(), app(line(token))])?;
    let files = [readme(), app(line(token)), File::new("b", "b\n")];
    maker.commit("merge", &[base, topic], &files)?;
    Ok(found(base, base))
}

fn leak_then(maker: &Maker, token: &str, before: &str, after: File) -> Result<Past, Error> {
    let text = before.replace("TOKEN", token);
    let base = maker.commit("leak", &[], &[readme(), app(text)])?;
    maker.commit("tidy", &[base], &[readme(), after])?;
    Ok(found(base, base))
}

fn renamed(maker: &Maker, token: &str) -> Result<Past, Error> {
    let file = File::new("config/app.conf", line(token));
    leak_then(maker, token, "GITHUB_KEY=TOKEN\n", file)
}

fn indented(maker: &Maker, token: &str) -> Result<Past, Error> {
    let file = app(format!("if x; then\n    GITHUB_KEY={token}\nfi\n"));
    leak_then(maker, token, "GITHUB_KEY=TOKEN\n", file)
}

fn moved(maker: &Maker, token: &str) -> Result<Past, Error> {
    let file = app(format!("A=1\nB=2\nGITHUB_KEY={token}\n"));
    leak_then(maker, token, "GITHUB_KEY=TOKEN\nA=1\nB=2\n", file)
}

fn removal(maker: &Maker, token: &str) -> Result<Past, Error> {
    leak_then(maker, token, "A=1\nGITHUB_KEY=TOKEN\nB=2\n", app("A=1\nB=2\n"))
}
