//! A bucket of advisories on this machine: tags, ranges, and faults as they are asked for.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Cursor, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use zip::write::{SimpleFileOptions, ZipWriter};

/// What goes wrong with one answer.
#[derive(Clone, Copy)]
pub(super) enum Fault {
    /// The connection breaks after so many bytes of the body.
    Cut(usize),
    /// The server says this instead.
    Status(&'static str),
}

/// A server that gives out files until the test ends.
pub(super) struct Bucket {
    pub(super) address: String,
    shelf: Arc<Mutex<Shelf>>,
}

#[derive(Default)]
struct Shelf {
    files: BTreeMap<String, Vec<u8>>,
    /// What goes wrong with the next answers, the last first.
    faults: Vec<Fault>,
    requests: Vec<String>,
}

impl Bucket {
    pub(super) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let shelf = Arc::new(Mutex::new(Shelf::default()));
        let shared = Arc::clone(&shelf);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                // Whoever was killed does not hear the answer.
                let _ = answer(&stream.unwrap(), &shared);
            }
        });
        Self { address, shelf }
    }

    /// Puts a zip of some of our fixtures in the place of an ecosystem's dump.
    pub(super) fn serve(&self, ecosystem: &str) -> &Self {
        self.put(ecosystem, dump(ecosystem))
    }

    pub(super) fn put(&self, ecosystem: &str, bytes: Vec<u8>) -> &Self {
        self.shelf.lock().unwrap().files.insert(format!("/{ecosystem}/all.zip"), bytes);
        self
    }

    /// Lets the next answers go wrong, in this order.
    pub(super) fn fail(&self, faults: &[Fault]) {
        self.shelf.lock().unwrap().faults = faults.iter().rev().copied().collect();
    }

    /// The heads of the requests since this was last asked, in lower case.
    pub(super) fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.shelf.lock().unwrap().requests)
    }
}

/// A zip of our fixtures of an ecosystem.
pub(super) fn dump(ecosystem: &str) -> Vec<u8> {
    let folder = fixtures(&format!("osv/{ecosystem}"));
    let mut paths: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let files = paths.iter().map(|path| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(path).unwrap())
    });
    zip(files)
}

pub(super) fn zip(files: impl IntoIterator<Item = (String, String)>) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

pub(super) fn fixtures(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/advisories").join(name)
}

fn answer(mut stream: &TcpStream, shelf: &Mutex<Shelf>) -> std::io::Result<()> {
    let lines = BufReader::new(stream).lines().map_while(Result::ok);
    let head: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
    let path = head.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default().to_owned();
    let field = |name: &str| {
        let mut fields = head.iter().filter_map(|line| line.split_once(": "));
        fields
            .find(|(field, _)| field.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.to_owned())
    };
    let (fault, file) = {
        let mut shelf = shelf.lock().unwrap();
        shelf.requests.push(head.join("\n").to_ascii_lowercase());
        (shelf.faults.pop(), shelf.files.get(&path).cloned())
    };
    let Some(file) = file.filter(|_| !matches!(fault, Some(Fault::Status(_)))) else {
        let status = if let Some(Fault::Status(status)) = fault { status } else { "404 Not Found" };
        return write!(
            stream,
            "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
    };
    let tag = format!(
        "\"{:x}\"",
        file.iter().fold(7_u64, |sum, byte| sum.wrapping_mul(31) + u64::from(*byte))
    );
    if field("if-none-match").as_ref() == Some(&tag) {
        return write!(
            stream,
            "HTTP/1.1 304 Not Modified\r\nETag: {tag}\r\nConnection: close\r\n\r\n"
        );
    }
    let asked = field("range").filter(|_| field("if-range").as_ref() == Some(&tag));
    let from = asked.and_then(|range| range["bytes=".len()..].trim_end_matches('-').parse().ok());
    let (status, part) = match from {
        Some(from) => {
            let (last, all) = (file.len() - 1, file.len());
            (
                format!("206 Partial Content\r\nContent-Range: bytes {from}-{last}/{all}"),
                &file[from..],
            )
        }
        None => ("200 OK".to_owned(), file.as_slice()),
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\nETag: {tag}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        part.len()
    )?;
    let sent = if let Some(Fault::Cut(after)) = fault { after.min(part.len()) } else { part.len() };
    stream.write_all(&part[..sent])
}
