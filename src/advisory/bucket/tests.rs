use super::super::location::Location;
use super::*;
use jiff::Timestamp;
use std::io::{BufRead as _, BufReader, Cursor, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use zip::write::{SimpleFileOptions, ZipWriter};

/// What the server sends for one connection: a head without its blank line, and a body.
type Reply = (String, Vec<u8>);

/// A server on the loopback interface that gives one reply a connection, in order, and hands out
/// the requests that it saw.
struct Server {
    address: String,
    requests: Receiver<String>,
}

impl Server {
    fn new(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://me:hidden@{}/osv?key=hidden", listener.local_addr().unwrap());
        let (sender, requests) = channel();
        std::thread::spawn(move || {
            for (head, body) in replies {
                let (stream, _) = listener.accept().unwrap();
                sender.send(request(&stream)).unwrap();
                reply(&stream, &head, &body);
            }
        });
        Self { address, requests }
    }

    fn obtain(&self, cache: &Path, day: i64) -> Result<Dump, AdvisoryError> {
        obtain(&bucket(&self.address), Ecosystem::Go, &options(cache, day))
    }
}

fn request(stream: &TcpStream) -> String {
    let lines = BufReader::new(stream).lines().map(Result::unwrap);
    lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join("\n").to_ascii_lowercase()
}

fn reply(mut stream: &TcpStream, head: &str, body: &[u8]) {
    let head = format!("HTTP/1.1 {head}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
}

fn bucket(address: &str) -> Address {
    match address.parse() {
        Ok(Location::Bucket(address)) => address,
        other => panic!("{other:?}"),
    }
}

fn options(cache: &Path, day: i64) -> LoadOptions {
    LoadOptions {
        cache: cache.to_owned(),
        network: Network::Allowed,
        max_age_days: 7,
        now: Timestamp::from_second(1_700_000_000 + day * 86_400).unwrap(),
        backoff: Duration::ZERO,
    }
}

fn zip(content: &str) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("GO-1.json", SimpleFileOptions::default()).unwrap();
    writer.write_all(content.as_bytes()).unwrap();
    writer.finish().unwrap().into_inner()
}

fn ok(body: &[u8]) -> Reply {
    (format!("200 OK\r\nETag: \"tag-1\"\r\nContent-Length: {}", body.len()), body.to_vec())
}

fn status(line: &str) -> Reply {
    (format!("{line}\r\nContent-Length: 0"), Vec::new())
}

#[test]
fn a_dump_is_fetched_once_and_then_confirmed_by_its_tag() {
    let cache = tempfile::tempdir().unwrap();
    let server = Server::new(vec![ok(&zip("1")), status("304 Not Modified"), ok(&zip("2"))]);
    let first = server.obtain(cache.path(), 0).unwrap();
    assert_eq!((first.bytes, first.notice), (Some(zip("1")), None));
    let plain = server.requests.recv().unwrap();
    assert!(
        plain.starts_with("get /osv/go/all.zip?key=hidden") && !plain.contains("if-none-match")
    );
    assert!(plain.contains("authorization: basic"), "{plain}");
    assert_eq!(server.obtain(cache.path(), 1).unwrap().bytes, Some(zip("1")));
    assert!(server.requests.recv().unwrap().contains("if-none-match: \"tag-1\""));
    assert_eq!(server.obtain(cache.path(), 2).unwrap().bytes, Some(zip("2")));
}

#[test]
fn a_server_that_recovers_is_asked_again() {
    let cut = (ok(&zip("1")).0, zip("1")[..40].to_vec());
    for broken in [status("503 Service Unavailable"), status("429 Too Many Requests"), cut] {
        let cache = tempfile::tempdir().unwrap();
        let server = Server::new(vec![broken.clone(), broken, ok(&zip("1"))]);
        assert_eq!(server.obtain(cache.path(), 0).unwrap().bytes, Some(zip("1")));
    }
}

#[test]
fn an_answer_that_is_no_zip_does_not_replace_a_good_copy() {
    let cache = tempfile::tempdir().unwrap();
    let html = ok(b"<html>please log in</html>");
    let server = Server::new(vec![ok(&zip("1")), html.clone(), html.clone(), html]);
    server.obtain(cache.path(), 0).unwrap();
    let dump = server.obtain(cache.path(), 3).unwrap();
    assert_eq!(dump.bytes, Some(zip("1")));
    let notice = dump.notice.unwrap();
    assert_eq!(notice.level, Level::Warning);
    assert!(
        notice.message.contains("no zip") && notice.message.contains("3 days"),
        "{}",
        notice.message
    );
}

#[test]
fn a_refusal_is_not_asked_about_again_and_shows_no_credentials() {
    let cache = tempfile::tempdir().unwrap();
    let server = Server::new(vec![status("403 Forbidden"), ok(&zip("1"))]);
    let text = server.obtain(cache.path(), 0).unwrap_err().to_string();
    assert!(text.contains("403") && text.contains("/osv/Go/all.zip"), "{text}");
    assert!(!text.contains("hidden"), "{text}");
    assert_eq!(server.requests.try_iter().count(), 1);
}

#[test]
fn a_dump_that_does_not_exist_is_told_apart_from_one_that_is_gone() {
    let cache = tempfile::tempdir().unwrap();
    let gone = || status("404 Not Found");
    let server = Server::new(vec![gone(), ok(&zip("1")), gone(), gone()]);
    let absent = server.obtain(cache.path(), 0).unwrap();
    assert_eq!((absent.bytes, absent.notice.map(|it| it.level)), (None, Some(Level::Warning)));
    server.obtain(cache.path(), 0).unwrap();
    assert_eq!(server.obtain(cache.path(), 1).unwrap().bytes, Some(zip("1")));
    assert!(matches!(server.obtain(cache.path(), 8), Err(AdvisoryError::Network { .. })));
}

#[test]
fn without_a_network_a_copy_stands_in_only_while_it_is_young() {
    let cache = tempfile::tempdir().unwrap();
    let server = Server::new(vec![ok(&zip("1"))]);
    server.obtain(cache.path(), 0).unwrap();
    let young = server.obtain(cache.path(), 7).unwrap();
    assert_eq!(young.notice.map(|notice| notice.level), Some(Level::Warning));
    let old = server.obtain(cache.path(), 8).unwrap_err().to_string();
    assert!(old.contains("8 days old") && old.contains("at most 7"), "{old}");
    let future = server.obtain(cache.path(), -3);
    assert!(matches!(future, Err(AdvisoryError::Network { .. })));
}

#[test]
fn with_the_network_off_nothing_is_asked() {
    let cache = tempfile::tempdir().unwrap();
    let server = Server::new(vec![ok(&zip("1")), ok(&zip("2"))]);
    server.obtain(cache.path(), 0).unwrap();
    let off = |day| LoadOptions { network: Network::Off, ..options(cache.path(), day) };
    let address = bucket(&server.address);
    let kept = obtain(&address, Ecosystem::Go, &off(2)).unwrap();
    assert_eq!(kept.bytes, Some(zip("1")));
    assert!(matches!(obtain(&address, Ecosystem::Go, &off(9)), Err(AdvisoryError::Offline { .. })));
    assert!(matches!(
        obtain(&address, Ecosystem::Npm, &off(2)),
        Err(AdvisoryError::Offline { .. })
    ));
    assert_eq!(server.requests.try_iter().count(), 1);
}

#[test]
fn a_spoiled_copy_is_fetched_anew() {
    let cache = tempfile::tempdir().unwrap();
    let server = Server::new(vec![ok(&zip("1")), ok(&zip("1"))]);
    server.obtain(cache.path(), 0).unwrap();
    let folder = std::fs::read_dir(cache.path()).unwrap().next().unwrap().unwrap().path();
    std::fs::write(folder.join("Go.zip"), "spoiled").unwrap();
    assert_eq!(server.obtain(cache.path(), 0).unwrap().bytes, Some(zip("1")));
    let plain = |request: String| !request.contains("if-none-match");
    assert!(server.requests.try_iter().all(plain));
}

#[test]
fn a_cache_that_cannot_be_written_is_told_and_does_no_harm() {
    let cache = tempfile::NamedTempFile::new().unwrap();
    let server = Server::new(vec![ok(&zip("1"))]);
    let dump = server.obtain(cache.path(), 0).unwrap();
    assert_eq!(dump.bytes, Some(zip("1")));
    assert!(dump.notice.unwrap().message.contains("cannot be kept"));
}
