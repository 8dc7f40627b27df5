//! Reading a large lockfile, against the floor: the general parser of the file's syntax, with its
//! result thrown away. `cargo bench --bench lockfiles`.

use divan::Bencher;
use lockkeeper::finding::RepoPath;
use lockkeeper::lockfile::format_of;

fn main() {
    divan::main();
}

const PACKAGES: usize = 1_000;

fn cargo_lock() -> String {
    let package = |at: usize| {
        format!(
            "[[package]]\nname = \"package-{at:04}\"\nversion = \"1.{at}.0\"\nsource = \
             \"registry+https://registry.example.org/index\"\nchecksum = \"{}\"\n\n",
            "0123456789abcdef".repeat(4)
        )
    };
    format!("version = 4\n\n{}", (0..PACKAGES).map(package).collect::<String>())
}

fn package_lock() -> String {
    let package = |at: usize| {
        format!(
            "    \"node_modules/package-{at:04}\": {{\"version\": \"1.{at}.0\", \"resolved\": \
             \"https://registry.example.org/package-{at:04}.tgz\"}}"
        )
    };
    let packages: Vec<_> = (0..PACKAGES).map(package).collect();
    format!("{{\"lockfileVersion\": 3, \"packages\": {{\n{}\n}}}}", packages.join(",\n"))
}

#[divan::bench]
fn cargo_lock_of_1000(bencher: Bencher<'_, '_>) {
    let format = format_of(&RepoPath::from("Cargo.lock"));
    bencher.with_inputs(cargo_lock).bench_refs(|text| format.map(|format| format.parse(text)));
}

#[divan::bench]
fn cargo_lock_of_1000_floor(bencher: Bencher<'_, '_>) {
    bencher.with_inputs(cargo_lock).bench_refs(|text| text.parse::<toml::Table>());
}

#[divan::bench]
fn package_lock_of_1000(bencher: Bencher<'_, '_>) {
    let format = format_of(&RepoPath::from("package-lock.json"));
    bencher.with_inputs(package_lock).bench_refs(|text| format.map(|format| format.parse(text)));
}

#[divan::bench]
fn package_lock_of_1000_floor(bencher: Bencher<'_, '_>) {
    let parse = |text: &mut String| serde_json::from_str::<serde_json::Value>(text);
    bencher.with_inputs(package_lock).bench_refs(parse);
}
