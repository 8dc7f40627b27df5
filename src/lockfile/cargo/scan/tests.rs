use super::super::{CargoLock, document};
use super::entries;
use crate::lockfile::Format as _;
use crate::lockfile::syntax::checked;
use proptest::prelude::*;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// The lockfiles of the fixtures, and this project's own.
fn lockfiles() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cases = fs::read_dir(root.join("fixtures/lockfiles/cargo")).unwrap();
    let folders = cases.map(|case| case.unwrap().path()).chain([root.to_owned()]);
    folders.map(|folder| fs::read_to_string(folder.join("Cargo.lock")).unwrap()).collect()
}

/// Whether a text was read; fails where the general readers make something else of it.
fn agrees(text: &str) -> bool {
    let Some(scanned) = checked(text).ok().and_then(entries) else { return false };
    assert_eq!(Ok(scanned), document::entries(checked(text).unwrap()), "{text}");
    true
}

/// Lockfiles with everything that Cargo writes, of every version.
fn lockfile() -> impl Strategy<Value = String> {
    let name = "[a-c]{1,2}(-[a-z]{1,2})?";
    let version = r"[0-9]\.[1-9]?[0-9]\.[0-9](-(rc|0)\.[1-9])?(\+[a-z0-9]{1,3})?";
    let source = prop::sample::select(vec![
        "",
        "registry+https://registry.example.org/index",
        "sparse+https://me:word@registry.example.org/",
        "git+https://git.example.org/x?branch=a%2Fb#0123abc",
        "git+ssh://git@git.example.org/x.git?rev=01&y=2#0123abc",
        "path+file:///x/y",
    ]);
    let dependency = r"[a-c]{1,2}( [0-9]\.[0-9]\.[0-9]( \(registry\+https://a/\))?)?";
    let dependencies = prop::collection::vec(dependency, 0..3);
    let package = (name, version, source, prop::option::of("[0-9a-f]{4}"), dependencies);
    let packages = prop::collection::vec(package, 0..6);
    (0..5_u32, any::<(bool, bool, bool)>(), packages).prop_map(|(version, extras, packages)| {
        let (has_root, has_unused, has_metadata) = extras;
        let mut text = "# Written by Cargo.\n".to_owned();
        if version > 0 {
            writeln!(text, "version = {version}").unwrap();
        }
        let count = packages.len();
        for (at, (name, version, source, checksum, dependencies)) in
            packages.into_iter().enumerate()
        {
            let header = match at {
                0 if has_root => "[root]",
                last if has_unused && last + 1 == count => "[[patch.unused]]",
                _ => "[[package]]",
            };
            write!(text, "\n{header}\nname = \"{name}\"\nversion = \"{version}\"\n").unwrap();
            if !source.is_empty() {
                writeln!(text, "source = \"{source}\"").unwrap();
            }
            if let Some(checksum) = checksum {
                writeln!(text, "checksum = \"{checksum}\"").unwrap();
            }
            if !dependencies.is_empty() {
                let list: Vec<_> = dependencies.iter().map(|it| format!(" \"{it}\",\n")).collect();
                write!(text, "dependencies = [\n{}]\n", list.concat()).unwrap();
            }
        }
        if has_metadata {
            text.push_str("\n[metadata]\n\"checksum a 1.0.0\" = \"00\"\n\"checksum b 1\" = \"\"\n");
        }
        text
    })
}

#[test]
fn what_cargo_writes_is_read() {
    for text in lockfiles() {
        assert!(agrees(&text), "{text}");
        assert!(agrees(&text.replace('\n', "\r\n")), "{text}");
    }
}

#[test]
fn a_file_that_is_cut_is_never_a_shorter_list_of_another_kind() {
    for text in lockfiles().iter().filter(|text| text.len() < 5000) {
        for end in 0..text.len() {
            agrees(text.get(..end).unwrap());
            agrees(text.get(end..).unwrap());
        }
    }
}

#[test]
fn a_list_that_does_not_end_is_not_read() {
    for rest in ["", " \"b\",\n", " \"b\",\n\n[[package]]\n", " \"b\"\n]\n", " 'b',\n]\n"] {
        let text =
            format!("[[package]]\nname = \"a\"\nversion = \"1.0.0\"\ndependencies = [\n{rest}");
        assert!(entries(&text).is_none(), "{text}");
    }
}

#[test]
fn what_cargo_does_not_write_is_left_to_the_general_readers() {
    let package = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n";
    assert!(agrees(package));
    for odd in [
        format!("version = 5\n{package}"),
        format!("version = 3\nversion = 3\n{package}"),
        format!("{package}name = \"b\"\n"),
        format!("{package}replace = \"b 1.0.0\"\n"),
        format!("{package}checksum = \"\\u0061\"\n"),
        format!("{package}source = \"svn+https://a/\"\n"),
        format!("{package}source = \"\"\"\nregistry+https://a/\"\"\"\n"),
        format!("{package}dependencies = []\n"),
        format!("{package}checksum = \"0\" # so\n"),
        format!("{package}[root]\nname = \"b\"\nversion = \"1.0.0\"\n"),
        format!("{package}[metadata]\n\"b\" = \"0\"\n\"a\" = \"0\"\n"),
        format!("{package}[metadata]\n\"a\" = \"0\"\n\"a\" = \"0\"\n"),
        format!("{package}[metadata]\n[metadata]\n"),
        format!("{package}[package.more]\nname = \"b\"\n"),
        package.replace("1.0.0", "01.0.0"),
        package.replace("1.0.0", "1.0"),
        package.replace("name = \"a\"\n", ""),
        package.replace("\"a\"", "'a'"),
        package.replace('a', "\u{e9}"),
        format!("# \u{7f}\n{package}"),
    ] {
        assert!(!agrees(&odd), "{odd}");
    }
}

#[test]
fn one_odd_package_does_not_cost_the_others() {
    let plain = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n";
    let odd = format!("{plain}[[package]]\nname = 'b'\nversion = \"1.0.0\"\n");
    assert_eq!(CargoLock.parse(&odd).unwrap().len(), 2);
}

proptest! {
    #[test]
    fn every_lockfile_is_read_as_the_general_readers_read_it(text in lockfile()) {
        prop_assert!(agrees(&text), "{}", text);
    }

    #[test]
    fn so_is_one_that_was_tampered_with(
        text in lockfile(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), "[\\[\\]\"'=, \n\r\tax.0#\\\\\u{e9}\u{0}]{0,2}", 0..3_usize), 1..4),
    ) {
        let mut chars: Vec<char> = text.chars().collect();
        for (at, new, removed) in changes {
            let start = at.index(chars.len() + 1);
            let end = chars.len().min(start + removed);
            chars.splice(start..end, new.chars());
        }
        agrees(&chars.into_iter().collect::<String>());
    }

    #[test]
    fn so_are_lines_in_any_order(text in lockfile(), order in prop::collection::vec(any::<prop::sample::Index>(), 0..40)) {
        let lines: Vec<_> = text.lines().collect();
        let shuffled: Vec<_> = order.iter().map(|at| *at.get(&lines)).collect();
        agrees(&shuffled.join("\n"));
    }
}
