//! What the gate would say of whole repositories, for somebody to judge.
//!
//! `cargo build && cargo run --example judge -- FOLDER…` scans the files of each folder for secrets and
//! prints one line for each finding that blocks (`path:line rule preview`), then how many there were
//! of either sort. Give it clones of large open repositories after a change to rules or detectors: a
//! line that is not a secret is a false alarm that users will meet.

#![expect(clippy::print_stdout, reason = "the list is what the example is for")]

use serde_json::Value;
use std::error::Error;
use std::process::Command;

fn main() -> Result<(), Box<dyn Error>> {
    let program = std::env::current_exe()?.with_file_name("../lockkeeper");
    for folder in std::env::args().skip(1) {
        let output = Command::new(&program)
            .args(["scan", &folder, "--worktree", "--only=secrets", "--no-progress"])
            .arg("--report=json=-")
            .output()?;
        let report: Value = serde_json::from_slice(&output.stdout)
            .map_err(|_| String::from_utf8_lossy(&output.stderr).into_owned())?;
        let findings = report.get("findings").and_then(Value::as_array).into_iter().flatten();
        let blocks = |finding: &&Value| text(finding, "/disposition") == "blocking";
        for finding in findings.filter(blocks) {
            println!("{folder}: {}", line(finding));
        }
        let count = |name| report.pointer(name).and_then(Value::as_u64).unwrap_or_default();
        let (blocking, advisory) = (count("/verdict/blocking"), count("/verdict/advisory"));
        println!("{folder}: {blocking} blocking, {advisory} advisory");
    }
    Ok(())
}

fn line(finding: &Value) -> String {
    let number = finding.get("line").and_then(Value::as_u64).unwrap_or_default();
    let [path, rule] = ["/path", "/rule"].map(|name| text(finding, name));
    format!("{path}:{number} {rule} {}", text(finding, "/secret/preview"))
}

fn text<'f>(finding: &'f Value, place: &str) -> &'f str {
    finding.pointer(place).and_then(Value::as_str).unwrap_or_default()
}
