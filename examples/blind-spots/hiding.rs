//! Secrets that hide in a file: behind an attribute, an encoding, a format or a name.

use crate::packing::{gzip, tar_gz, zip};
use crate::repository::File;
use crate::spot::{Spot, files};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lockkeeper::rule::expand;

/// The spots: each is one commit that adds files.
pub(crate) fn spots() -> Vec<Spot> {
    let mut spots = behind_git();
    spots.extend(in_encodings());
    spots.extend(in_formats());
    spots
}

fn behind_git() -> Vec<Spot> {
    vec![
        files("attribute -diff", |token| one("app.hidden", line(token))),
        files("attribute textconv", |token| one("app.converted", line(token))),
        files("attribute binary", |token| one("app.bin", line(token))),
        files("one NUL byte", |token| one("app.dat", format!("\0{}", line(token)))),
        files("name of a file", |token| one(&format!("dump-{token}.txt"), "nothing\n")),
        files("target of a link", |token| {
            vec![File::link("current", &format!("https://x:{token}@git.acme.io/app"))]
        }),
        files("path with quotes and umlauts", |token| one("ключ \"a b\"\t.conf", line(token))),
        files("windows line ends", |token| one("app.conf", format!("A=1\r\n{}", line(token)))),
        files("minified line of 1 MB", |token| one("app.min.js", minified(token))),
        files("lockfile address", |token| one("package-lock.json", lockfile(token))),
    ]
}

fn in_encodings() -> Vec<Spot> {
    vec![
        files("UTF-16 little endian with mark", |token| one("a.reg", utf16(token, "\u{feff}", le))),
        files("UTF-16 little endian", |token| one("a.reg", utf16(token, "", le))),
        files("UTF-16 big endian with mark", |token| one("a.reg", utf16(token, "\u{feff}", be))),
        files("UTF-16 big endian", |token| one("a.reg", utf16(token, "", be))),
        files("UTF-32 with mark", |token| one("a.txt", utf32(&format!("\u{feff}{}", line(token))))),
        files("base 64", |token| one("a.sh", coded(&STANDARD.encode(line(token))))),
        files("base 64 twice", |token| {
            one("a.sh", coded(&STANDARD.encode(STANDARD.encode(line(token)))))
        }),
        files("hexadecimal", |token| one("a.py", coded(&each(token, |b| format!("{b:02x}"))))),
        files("percent", |token| {
            one("a.url", format!("u={}\n", each(token, |b| format!("%{b:02X}"))))
        }),
        files("unicode escapes", |token| {
            one("a.json", format!("{{\"k\": \"{}\"}}\n", each(token, |b| format!("\\u{b:04x}"))))
        }),
    ]
}

fn in_formats() -> Vec<Spot> {
    vec![
        files("kubernetes Secret", |token| {
            let data = STANDARD.encode(token);
            let head = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: app\ndata:\n";
            one("secret.yaml", format!("{head}  token: {data}\n"))
        }),
        files("docker configuration", |token| {
            let auth = STANDARD.encode(format!("deploy:{token}"));
            let text =
                format!("{{\"auths\": {{\"registry.acme.io\": {{\"auth\": \"{auth}\"}}}}}}\n");
            one("config.json", text)
        }),
        files("notebook output", |token| one("a.ipynb", notebook(token))),
        files("JSON in JSON", |token| {
            one("a.json", format!("{{\"body\": \"{{\\\"token\\\": \\\"{token}\\\"}}\"}}\n"))
        }),
        files("zip archive", |token| one("a.zip", zip("app.conf", line(token).as_bytes()))),
        files("zip in a zip", |token| {
            one("a.zip", zip("b.zip", &zip("app.conf", line(token).as_bytes())))
        }),
        files("jar", |token| {
            one("app.jar", zip("BOOT-INF/classes/application.properties", line(token).as_bytes()))
        }),
        files("tar.gz archive", |token| {
            one("a.tar.gz", tar_gz("app.conf", line(token).as_bytes()))
        }),
        files("gzip file", |token| one("app.conf.gz", gzip(line(token).as_bytes()))),
    ]
}

fn one(path: &str, content: impl AsRef<[u8]>) -> Vec<File> {
    vec![File::new(path, content)]
}

fn line(token: &str) -> String {
    format!("GITHUB_KEY={token}\n")
}

fn coded(text: &str) -> String {
    format!("setup \"{text}\"\n")
}

fn each(text: &str, show: impl Fn(u8) -> String) -> String {
    text.bytes().map(show).collect()
}

fn le(unit: u16) -> [u8; 2] {
    unit.to_le_bytes()
}

fn be(unit: u16) -> [u8; 2] {
    unit.to_be_bytes()
}

fn utf16(token: &str, mark: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    format!("{mark}[settings]\r\n{}", line(token)).encode_utf16().flat_map(bytes).collect()
}

fn utf32(text: &str) -> Vec<u8> {
    text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect()
}

fn minified(token: &str) -> String {
    let piece = "function a(t){return t&&t.value||0}";
    let half = piece.repeat(500_000 / piece.len());
    format!("{half}var k=\"{token}\";{half}")
}

fn lockfile(token: &str) -> String {
    let hash = expand("sha512-{base64:86}==").map(|made| made.text).unwrap_or_default();
    format!(
        "{{\n  \"name\": \"app\",\n  \"lockfileVersion\": 3,\n  \"packages\": {{\n    \"\": {{ \"name\": \"app\" }},\n    \
         \"node_modules/left\": {{\n      \"version\": \"1.0.0\",\n      \
         \"resolved\": \"git+https://x:{token}@git.acme.io/left.git#v1.0.0\",\n      \"integrity\": \"{hash}\"\n    \
         }}\n  }}\n}}\n"
    )
}

fn notebook(token: &str) -> String {
    format!(
        "{{\n \"cells\": [\n  {{\n   \"cell_type\": \"code\",\n   \"metadata\": {{}},\n   \"outputs\": [\n    {{\n     \
         \"output_type\": \"stream\",\n     \"text\": [\n      \"using {token}\\n\"\n     ]\n    }}\n   ],\n   \
         \"source\": [\"show()\"]\n  }}\n ],\n \"nbformat\": 4,\n \"nbformat_minor\": 5\n}}\n"
    )
}
