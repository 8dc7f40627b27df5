//! A server on the loopback interface plays the vendor.

use super::*;
use crate::detect::secrets::{Detector, Options, SecretValue};
use crate::finding::{RepoPath, Salt};
use crate::rule::{SecretRule, expand_from, parse_secrets};
use crate::source::{Change, Coverage, Delta, Entry, Origin, Sink, Source, SourceError, Tree};
use std::cell::{Cell, RefCell};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

const HOST: &str = "vendor.example.org";

/// What the vendor does with one connection.
enum Reply {
    /// A head without its blank line, and a body.
    Text(String, Vec<u8>),
    /// Nothing, until the other side gives up.
    Silence,
    /// Hangs up.
    Close,
}

struct Vendor {
    stand_ins: Vec<StandIn>,
    requests: Receiver<String>,
}

impl Vendor {
    fn new(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stand_in = format!("{HOST}=http://{}", listener.local_addr().unwrap());
        let (sender, requests) = channel();
        std::thread::spawn(move || {
            for reply in replies {
                let (stream, _) = listener.accept().unwrap();
                sender.send(request(&stream)).unwrap();
                match reply {
                    Reply::Text(head, body) => answer(&stream, &head, &body),
                    Reply::Silence => _ = (&stream).read_to_end(&mut Vec::new()),
                    Reply::Close => drop(stream),
                }
            }
        });
        Self { stand_ins: vec![stand_in.parse().unwrap()], requests }
    }

    fn asked(&self) -> Vec<String> {
        self.requests.try_iter().collect()
    }
}

fn request(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let mut text = String::new();
    while reader.read_line(&mut text).unwrap() > 2 {}
    text
}

fn answer(mut stream: &TcpStream, head: &str, body: &[u8]) {
    let head = format!("HTTP/1.1 {head}\r\nConnection: close\r\n\r\n");
    // The other side may have what it wants before the end.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
}

fn says(status: &str, body: &str) -> Reply {
    Reply::Text(format!("{status}\r\nContent-Length: {}", body.len()), body.as_bytes().to_vec())
}

/// A clock that shows what it was told to wait for.
#[derive(Default)]
struct FakeClock {
    now: Cell<Duration>,
    waited: RefCell<Vec<Duration>>,
}

impl Clock for FakeClock {
    fn now(&self) -> Duration {
        self.now.get()
    }

    fn sleep(&self, time: Duration) {
        self.now.set(self.now.get() + time);
        self.waited.borrow_mut().push(time);
    }
}

fn rules() -> Vec<SecretRule> {
    let text = r#"
        [[rule]]
        id = "secret/acme"
        title = "Acme key"
        severity = "high"
        confidence = "high"
        keywords = ["acme_"]
        pattern = '(?<secret>acme_[0-9a-f]{16})'
        why = "It opens the gate."
        fix = "Change the lock."
        matches = []
        ignores = []

        [rule.validate]
        url = "https://vendor.example.org/{secret|url}/me"
        headers = { Authorization = "Bearer {secret}" }
        valid = { status = [200], body-contains = ['"ok":true'] }
        invalid = { status = [200, 401], body-contains = ["no such key"] }

        [[rule]]
        id = "secret/emca"
        title = "Another key"
        severity = "high"
        confidence = "high"
        keywords = ["emca_"]
        pattern = '(?<secret>emca_[0-9a-f]{16})'
        why = "It closes the gate."
        fix = "Change the lock."
        matches = []
        ignores = []
    "#;
    parse_secrets("acme.toml", text).unwrap()
}

fn table() -> Validate {
    rules().remove(0).validate.unwrap()
}

fn value(seed: u64) -> String {
    expand_from("acme_{hex:16}", seed).unwrap().text
}

fn credential(seed: u64) -> Credential {
    Credential { secret: SecretValue::new(value(seed)), id: None }
}

const LIMITS: Limits = Limits { per_second: 2, most: 100, timeout: Duration::from_secs(5) };

/// What is known of a secret once the vendor has replied like this.
fn known(reply: Reply) -> Outcome {
    known_within(reply, LIMITS)
}

fn known_within(reply: Reply, limits: Limits) -> Outcome {
    let vendor = Vendor::new(vec![reply]);
    let clock = FakeClock::default();
    let outcome = Issuers::new(limits, &vendor.stand_ins, &clock).ask(&table(), &credential(1));
    let asked = vendor.asked();
    assert_eq!(asked.len(), 1);
    assert!(!outcome.why.contains(&value(1)), "{}", outcome.why);
    outcome
}

fn assert_unknown(reply: Reply, why: &str) {
    let outcome = known(reply);
    assert_eq!(outcome.state, State::Unknown, "{}", outcome.why);
    assert!(outcome.why.contains(why), "{}", outcome.why);
}

#[test]
fn the_vendor_says_whether_a_secret_works() {
    let active = known(says("200 OK", "{\"ok\": true}"));
    assert_eq!(active.state, State::Active);
    assert_eq!(active.why, "vendor.example.org answers 200");
    let body = "{\"ok\": false, \"error\": \"no such key\"}";
    assert_eq!(known(says("200 OK", body)).state, State::Inactive);
    assert_eq!(known(says("401 Unauthorized", body)).state, State::Inactive);
}

#[test]
fn every_other_answer_proves_nothing() {
    assert_unknown(says("200 OK", "<html>sign in</html>"), "proves nothing");
    assert_unknown(says("401 Unauthorized", ""), "proves nothing");
    assert_unknown(says("403 Forbidden", "no such key"), "answers 403");
    assert_unknown(says("500 Internal Server Error", "\"ok\":true"), "answers 500");
    assert_unknown(says("429 Too Many Requests", ""), "asks for a pause");
}

#[test]
fn a_vendor_that_cannot_be_asked_is_no_verdict() {
    assert_unknown(Reply::Close, "cannot be asked");
    let cut = "200 OK\r\nContent-Length: 100".to_owned();
    assert_unknown(Reply::Text(cut, b"\"ok\":tr".to_vec()), "breaks off");
    assert_unknown(Reply::Text("no such protocol".to_owned(), Vec::new()), "cannot be asked");
    let soon = Limits { timeout: Duration::from_millis(50), ..LIMITS };
    let outcome = known_within(Reply::Silence, soon);
    assert_eq!(outcome.state, State::Unknown);
    assert!(outcome.why.contains("does not answer in time"), "{}", outcome.why);
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let address = elsewhere.local_addr().unwrap();
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect"] {
        let head = format!("{status}\r\nLocation: http://{address}/{}", value(1));
        assert_unknown(Reply::Text(head, Vec::new()), "is not followed");
    }
    assert!(elsewhere.accept().is_err(), "somebody else was asked");
}

#[test]
fn a_body_without_end_is_not_read_to_its_end() {
    let huge = format!("{}\"ok\":true", "x".repeat(1 << 20));
    assert_unknown(says("200 OK", &huge), "proves nothing");
    let early = format!("\"ok\":true{}", "x".repeat(1 << 20));
    assert_eq!(known(says("200 OK", &early)).state, State::Active);
}

#[test]
fn the_request_is_the_one_that_the_rule_describes() {
    let vendor = Vendor::new(vec![says("200 OK", "")]);
    let clock = FakeClock::default();
    Issuers::new(LIMITS, &vendor.stand_ins, &clock).ask(&table(), &credential(1));
    let request = vendor.asked().concat();
    let value = value(1);
    assert!(request.starts_with(&format!("GET /{value}/me HTTP/1.1\r\n")), "{request}");
    let lower = request.to_ascii_lowercase();
    assert!(lower.contains(&format!("authorization: bearer {value}\r\n")), "{request}");
    let agent = concat!("user-agent: lockkeeper/", env!("CARGO_PKG_VERSION"));
    assert!(lower.contains(agent) && !lower.contains("cookie"), "{request}");
}

#[test]
fn a_value_that_no_header_can_hold_is_not_sent() {
    let vendor = Vendor::new(vec![says("200 OK", "")]);
    let clock = FakeClock::default();
    let credential = Credential { secret: SecretValue::new("a\r\nHost: x"), id: None };
    let outcome = Issuers::new(LIMITS, &vendor.stand_ins, &clock).ask(&table(), &credential);
    assert_eq!(outcome.state, State::Unknown);
    assert!(outcome.why.ends_with("no request can hold this value"), "{}", outcome.why);
    assert!(vendor.asked().is_empty());
}

#[test]
fn one_host_is_asked_only_so_often() {
    let vendor = Vendor::new((0..4).map(|_| says("200 OK", "")).collect());
    let clock = FakeClock::default();
    let mut issuers = Issuers::new(LIMITS, &vendor.stand_ins, &clock);
    (0..3).for_each(|seed| _ = issuers.ask(&table(), &credential(seed)));
    let half = Duration::from_millis(500);
    assert_eq!(*clock.waited.borrow(), [half, half]);
    // Time that passes by itself is not waited for again.
    clock.now.set(clock.now.get() + Duration::from_millis(400));
    issuers.ask(&table(), &credential(3));
    assert_eq!(clock.waited.borrow().last(), Some(&Duration::from_millis(100)));
    assert_eq!((vendor.asked().len(), issuers.requests()), (4, 4));
}

#[test]
fn a_run_makes_only_so_many_requests() {
    let vendor = Vendor::new((0..3).map(|_| says("200 OK", "")).collect());
    let clock = FakeClock::default();
    let mut issuers = Issuers::new(Limits { most: 2, ..LIMITS }, &vendor.stand_ins, &clock);
    let last = (0..3).map(|seed| issuers.ask(&table(), &credential(seed))).last().unwrap();
    assert_eq!(last.state, State::Unknown);
    assert!(last.why.contains("2 requests were made (--most)"), "{}", last.why);
    assert_eq!(vendor.asked().len(), 2);
}

#[test]
fn a_vendor_that_asks_for_a_pause_gets_it() {
    let vendor = Vendor::new(vec![says("429 Too Many Requests", ""), says("200 OK", "")]);
    let clock = FakeClock::default();
    let mut issuers = Issuers::new(LIMITS, &vendor.stand_ins, &clock);
    issuers.ask(&table(), &credential(1));
    let second = issuers.ask(&table(), &credential(2));
    assert!(second.why.contains("is not asked again in this run"), "{}", second.why);
    assert_eq!(vendor.asked().len(), 1);
}

/// One file and nothing else.
struct OneFile {
    text: String,
    origin: Origin,
}

impl OneFile {
    fn new(text: String) -> Self {
        let kind = crate::source::Kind::Worktree;
        let repository = String::new();
        Self { text, origin: Origin { kind, repository, base: None, head: None } }
    }
}

impl Source for OneFile {
    fn origin(&self) -> &Origin {
        &self.origin
    }

    fn visit(&self, sink: &dyn Sink) -> Result<Coverage, SourceError> {
        let path = RepoPath::from("app.conf");
        sink.change(&Change::new(&path, None, Entry::File, self.text.as_bytes(), &()));
        Ok(Coverage { files: 1, bytes: self.text.len() as u64, ..Coverage::default() })
    }

    fn head(&self) -> &dyn Tree {
        unreachable!("nobody compares")
    }

    fn base(&self) -> Option<&dyn Tree> {
        None
    }

    fn delta(&self) -> Result<Vec<Delta>, SourceError> {
        Ok(Vec::new())
    }

    fn salt(&self) -> Salt {
        Salt::new("salt")
    }
}

/// Two lines of one value, one of another, and one of a kind that nobody can be asked about.
fn found() -> (Found, Tables) {
    let detector = Detector::new(rules(), &Options::default()).unwrap();
    let other = expand_from("emca_{hex:16}", 1).unwrap().text;
    let text = format!("A={}\nB={}\nD={other}\n", value(1), value(2));
    let mut found = find(&OneFile::new(text.clone()), &detector, &|| Salt::new("salt")).unwrap();
    // The same value in a second file.
    let again =
        find(&OneFile::new(format!("C={}\n", value(1))), &detector, &|| Salt::new("salt")).unwrap();
    let mut twin = again.findings()[0].clone();
    twin.location.path = RepoPath::from("b.conf");
    found.push(twin);
    (found, Tables::from([("secret/acme".parse().unwrap(), table())]))
}

#[test]
fn each_distinct_secret_is_asked_about_once() {
    let vendor = Vendor::new(vec![says("200 OK", "\"ok\":true"), says("401 No", "no such key")]);
    let clock = FakeClock::default();
    let (found, tables) = found();
    assert_eq!(plan(&found, &tables), BTreeMap::from([(HOST.to_owned(), 2)]));
    let mut issuers = Issuers::new(LIMITS, &vendor.stand_ins, &clock);
    let outcomes = verify(&found, &tables, &mut issuers);
    let states: Vec<_> = outcomes.iter().map(|(_, outcome)| outcome.state).collect();
    let expected = [State::Active, State::Inactive, State::Unverifiable, State::Active];
    assert_eq!(states, expected);
    assert_eq!(vendor.asked().len(), 2);
}

#[test]
fn what_is_found_is_what_a_scan_finds() {
    let (text, detector) =
        (format!("A={}\n", value(1)), Detector::new(rules(), &Options::default()).unwrap());
    let path = RepoPath::from("app.conf");
    let change = Change::new(&path, None, Entry::File, text.as_bytes(), &());
    let scanned = detector.scan(&change, &|| Salt::new("salt")).findings;
    let found = find(&OneFile::new(text.clone()), &detector, &|| Salt::new("salt")).unwrap();
    assert_eq!(found.findings(), crate::finding::settle(scanned));
}
