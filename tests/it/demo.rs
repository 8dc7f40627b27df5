//! The README's first command, and the picture of what it prints.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Cargo builds the examples for `cargo test`, next to the executable.
fn demo() -> PathBuf {
    let folder = Path::new(env!("CARGO_BIN_EXE_lockkeeper")).parent().unwrap();
    folder.join("examples").join("demo").with_extension(env::consts::EXE_EXTENSION)
}

fn run(color: &str) -> (Option<i32>, String) {
    let output =
        Command::new(demo()).args(["--color", color]).env_remove("NO_COLOR").output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the tests asks for a new picture by it"
)]
fn the_demo_blocks_for_three_reasons_and_the_picture_shows_it() {
    let (status, text) = run("always");
    assert_eq!(status, Some(0), "{text}");
    for reason in ["secret/stripe-live-key", "IMG-003", "GHSA-wq4h-7r42-5hrr"] {
        assert!(text.contains(reason), "{reason} is not in:\n{text}");
    }
    let (shown, _) = text.split_once("\nThe gate's exit status").unwrap();
    let picture = anstyle_svg::Term::new()
        .min_width_px(900)
        .render_svg(&format!("$ lockkeeper scan --range origin/main..HEAD\n{shown}"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/demo.svg");
    if env::var_os("UPDATE_PICTURE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &picture).unwrap();
    }
    let drawn = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        drawn == picture,
        "the picture in the README is not what the demo prints: run UPDATE_PICTURE=1 cargo test"
    );
}
