//! Embeds the rule files under `rules/`, so that adding a rule is adding a file: nothing lists them
//! by hand.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

#[expect(clippy::disallowed_methods, reason = "cargo speaks to build scripts through variables")]
fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=rules");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or(io::ErrorKind::NotFound)?);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    let mut code = String::new();
    for (name, folder) in [("SECRETS", "rules/secrets"), ("POLICIES", "rules/policies")] {
        table(&mut code, name, &root, folder)?;
    }
    fs::write(out.join("rules.rs"), code)
}

fn table(code: &mut String, name: &str, root: &Path, folder: &str) -> io::Result<()> {
    let mut files: Vec<_> = fs::read_dir(root.join(folder))?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    writeln!(code, "/// Path and text of every file in `{folder}`.\npub(super) const {name}: &[(&str, &str)] = &[").map_err(io::Error::other)?;
    for path in files {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        writeln!(
            code,
            "    ({:?}, include_str!({:?})),",
            format!("{folder}/{file}"),
            path.display().to_string()
        )
        .map_err(io::Error::other)?;
    }
    writeln!(code, "];").map_err(io::Error::other)
}
