use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use std::io::Write as _;

fn texts(path: &str, bytes: &[u8]) -> Vec<String> {
    let (path, mut budget) = (RepoPath::from(path), Budget::of(bytes.len()));
    let readings = Walk::new(&path, bytes, &mut budget);
    readings.map(|reading| String::from_utf8_lossy(&reading.text).into_owned()).collect()
}

fn reads(text: &str, wanted: &str) -> bool {
    texts("a.txt", text.as_bytes()).iter().any(|text| text.contains(wanted))
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn tar(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_ustar();
    header.set_size(bytes.len() as u64);
    let mut builder = tar::Builder::new(Vec::new());
    builder.append_data(&mut header, name, bytes).unwrap();
    builder.into_inner().unwrap()
}

const SENTENCE: &str = "the value that stands here is a sentence of its own";

/// The sentence with each byte written in some way.
fn each(write: impl Fn(u8) -> String) -> String {
    SENTENCE.bytes().map(write).collect::<Vec<_>>().concat()
}

#[test]
fn plain_text_is_read_once() {
    let code = "fn aVeryLongIdentifierInCamelCase(a_name_in_snake_case: usize) {}\n";
    assert_eq!(texts("a.rs", code.repeat(50).as_bytes()).len(), 1);
    assert_eq!(texts("a", b"").len(), 1);
}

#[test]
fn what_is_encoded_is_read_in_its_context() {
    for encoded in [
        STANDARD.encode(SENTENCE),
        URL_SAFE_NO_PAD.encode(SENTENCE),
        each(|byte| format!("{byte:02x}")),
        each(|byte| format!("{byte:02X}")),
        each(|byte| format!("%{byte:02X}")),
        each(|byte| format!("\\x{byte:02x}")),
        each(|byte| format!("\\u{byte:04x}")),
        each(|byte| format!("&#{byte};")),
        STANDARD.encode(STANDARD.encode(SENTENCE)),
        STANDARD.encode(STANDARD.encode(STANDARD.encode(SENTENCE))),
        format!("0x{}", each(|byte| format!("{byte:02x}"))),
        format!("path/to/{}", STANDARD.encode(SENTENCE)),
        STANDARD.encode(SENTENCE.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()),
    ] {
        assert!(reads(&format!("key: {encoded} # end"), SENTENCE), "{encoded}");
    }
    let once = STANDARD.encode(SENTENCE);
    assert!(reads(&format!("name: '{once}'\n"), &format!("name: '{SENTENCE}")));
}

#[test]
fn base_64_goes_on_over_line_ends() {
    let encoded = STANDARD.encode(SENTENCE.repeat(4));
    for (width, end) in [(76, "\n"), (64, "\r\n    "), (76, "\\n")] {
        let lines: Vec<_> = encoded.as_bytes().chunks(width).map(String::from_utf8_lossy).collect();
        assert!(reads(&lines.join(end), &SENTENCE.repeat(4)), "{end:?}");
    }
}

#[test]
fn a_manifest_of_secrets_is_read_to_its_shortest_value() {
    let manifest = format!("kind: Secret\ndata:\n  pass: {}\n", STANDARD.encode("hunter2!"));
    assert!(reads(&manifest, "pass: hunter2!"));
    assert!(!reads(&manifest.replace("Secret", "ConfigMap"), "pass: hunter2!"));
}

#[test]
fn single_escapes_are_read_too() {
    assert!(reads("https://a:b%2Bc%3D@host/\n", "https://a:b+c=@host/"));
    assert!(reads(r#"{"key":"ab\/cd\u003d"}"#, r#"{"key":"ab/cd="}"#));
    assert!(reads(r#"<add value="Password=a&amp;b"/>"#, r#"value="Password=a&b""#));
}

#[test]
fn members_of_archives_are_read_within_each_other() {
    let inner = zip(&[("config/app.env", SENTENCE.as_bytes())]);
    let packed = [
        zip(&[("a.txt", SENTENCE.as_bytes())]),
        gzip(SENTENCE.as_bytes()),
        tar("b.txt", SENTENCE.as_bytes()),
        gzip(&tar("c.txt", SENTENCE.as_bytes())),
        zip(&[("lib/inner.jar", &inner)]),
        STANDARD.encode(gzip(SENTENCE.as_bytes())).into_bytes(),
    ];
    for bytes in packed {
        assert!(texts("a.bin", &bytes).iter().any(|text| text.contains(SENTENCE)));
    }
    let names = texts("a.zip", &zip(&[("name/of/it.txt", b"")]));
    assert!(names.iter().any(|text| text == "name/of/it.txt"));
}

#[test]
fn what_unpacks_without_end_is_cut_and_told() {
    let bomb = gzip(&vec![b' '; MOST_UNPACKED + 1]);
    let mut budget = Budget::of(bomb.len());
    let path = RepoPath::from("a.gz");
    let unpacked: usize = Walk::new(&path, &bomb, &mut budget).map(|r| r.text.len()).sum();
    assert!(unpacked <= MOST_UNPACKED + bomb.len());
    assert!(budget.into_cuts().concat().contains("unpack to more"));
}

#[test]
fn a_damaged_archive_is_told_and_keeps_what_could_be_read() {
    let mut damaged = gzip(SENTENCE.repeat(2_000).as_bytes());
    damaged.truncate(damaged.len() - 9);
    let (path, mut budget) = (RepoPath::from("a.gz"), Budget::of(damaged.len()));
    let read = Walk::new(&path, &damaged, &mut budget).any(|r| r.text.starts_with(b"the value"));
    assert!(read && budget.into_cuts().concat().contains("damaged"));
}

#[test]
fn decoding_without_end_is_cut_and_told() {
    let mut text = STANDARD.encode(SENTENCE.repeat(8_000));
    for _ in 0..2 {
        text = STANDARD.encode(&text);
    }
    let (path, mut budget) = (RepoPath::from("a"), Budget::of(0));
    assert_eq!(Walk::new(&path, text.as_bytes(), &mut budget).count(), 1);
    assert!(budget.into_cuts().concat().contains("more encoded text"));
}

#[test]
fn a_notebook_joins_its_lines() {
    let text = "{\"source\": [\n  \"-----BEGIN KEY-----\\n\",\n  \"MIIEpAIBAAKCAQEA\\n\"]}";
    let joined = texts("a.ipynb", text.as_bytes());
    assert!(joined.iter().any(|text| text.contains("-----BEGIN KEY-----\nMIIEpA")));
}

#[test]
fn a_place_leads_back_to_what_was_decoded() {
    let encoded = STANDARD.encode(SENTENCE);
    let text = format!("first line\nkey = {encoded}\n");
    let (path, mut budget) = (RepoPath::from("a"), Budget::of(text.len()));
    let reading = Walk::new(&path, text.as_bytes(), &mut budget).nth(1).unwrap();
    let at = String::from_utf8_lossy(&reading.text).find("value").unwrap();
    let origin = reading.origin(&(at..at + 5));
    assert!(text[..origin.start].starts_with("first line\nkey = ") && origin.end < text.len());
    assert!(origin.start > 17 && origin.len() >= 6, "{origin:?}");
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        texts("a.ipynb", &bytes);
        texts("a", &[b"PK\x03\x04".as_slice(), &bytes].concat());
        texts("a", &[b"\x1F\x8B\x08".as_slice(), &bytes].concat());
    }

    #[test]
    fn any_text_is_found_in_base_64(text in "[ -~]{24,200}", before in "[ -~]{0,30}[ =:\"]") {
        let encoded = format!("{before}{}", STANDARD.encode(&text));
        prop_assert!(texts("a", encoded.as_bytes()).iter().any(|reading| reading.contains(&text)));
    }
}
