//! Embeds the rule files under `rules/`, so that adding a rule is adding a file: nothing lists them
//! by hand. Secret rules are embedded as JSON, which a program reads in a tenth of the time of TOML:
//! a hook reads hundreds of them at every commit.

use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

#[expect(clippy::disallowed_methods, reason = "cargo speaks to build scripts through variables")]
fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=rules");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or(io::ErrorKind::NotFound)?);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    let mut code = String::new();
    let secrets = toml_files(&root, "rules/secrets")?;
    let secrets = secrets.iter().map(|path| Ok((name(path), as_json(path)?)));
    let secrets = secrets.collect::<io::Result<Vec<_>>>()?;
    table(&mut code, "SECRETS", "rules/secrets", &secrets)?;
    let policies = toml_files(&root, "rules/policies")?;
    let policies = policies.iter().map(|path| Ok((name(path), fs::read_to_string(path)?)));
    let policies = policies.collect::<io::Result<Vec<_>>>()?;
    table(&mut code, "POLICIES", "rules/policies", &policies)?;
    digest(&mut code, &secrets)?;
    fs::write(out.join("rules.rs"), code)
}

fn toml_files(root: &Path, folder: &str) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(root.join(folder))?;
    let mut files: Vec<_> =
        entries.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    Ok(files)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn as_json(path: &Path) -> io::Result<String> {
    let text = fs::read_to_string(path)?;
    let wrong =
        |why: &dyn std::fmt::Display| io::Error::other(format!("{}: {why}", path.display()));
    let value: toml::Table = toml::from_str(&text).map_err(|why| wrong(&why))?;
    serde_json::to_string(&value).map_err(|why| wrong(&why))
}

/// What the embedded secret rules are, as a number: to compute it at each run would take a
/// millisecond.
fn digest(code: &mut String, files: &[(String, String)]) -> io::Result<()> {
    let mut digest = Sha256::new();
    for (name, text) in files {
        digest.update(format!("{name}\n{text}\n"));
    }
    let bytes = digest.finalize().to_vec();
    writeln!(code, "/// SHA-256 of all embedded secret rules.").map_err(io::Error::other)?;
    writeln!(code, "pub(super) const DIGEST: &[u8] = &{bytes:?};").map_err(io::Error::other)
}

fn table(
    code: &mut String,
    name: &str,
    folder: &str,
    files: &[(String, String)],
) -> io::Result<()> {
    let mut line = |text: String| writeln!(code, "{text}").map_err(io::Error::other);
    line(format!("/// Path and text of every file in `{folder}`."))?;
    line(format!("pub(super) const {name}: &[(&str, &str)] = &["))?;
    for (file, text) in files {
        line(format!("    ({:?}, {text:?}),", format!("{folder}/{file}")))?;
    }
    line("];".to_owned())
}
