//! The GitHub Action: its steps are read from `action.yml` and executed with the provider's
//! variables.

use crate::repo::Repo;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::{env, fs};
use yaml_rust2::{Yaml, YamlLoader};

/// What a run of the action left behind.
struct Job {
    /// The exit status of the first step that failed, else 0.
    status: i32,
    outputs: BTreeMap<String, String>,
    log: String,
}

/// Runs the composite action's steps in order, as a runner does: expressions are replaced in `env`
/// alone, which is the only place where this action may have them.
fn run_action(repo: &Repo, inputs: &[(&str, &str)], event: &serde_json::Value) -> Job {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("action.yml")).unwrap();
    let action = &YamlLoader::load_from_str(&text).unwrap()[0];
    let mut values: BTreeMap<String, String> = action["inputs"]
        .as_hash()
        .unwrap()
        .iter()
        .map(|(name, input)| {
            let default = input["default"].as_str().unwrap_or("").to_owned();
            (format!("inputs.{}", name.as_str().unwrap()), default)
        })
        .collect();
    values
        .extend(inputs.iter().map(|(name, value)| (format!("inputs.{name}"), (*value).to_owned())));
    let event_path = repo.write_file(".git/event.json", &event.to_string());
    let mut job = Job { status: 0, outputs: BTreeMap::new(), log: String::new() };
    for step in action["runs"]["steps"].as_vec().unwrap() {
        let output_path = repo.write_file(".git/step-output", "");
        let mut command = Command::new("bash");
        command.args([
            "--noprofile",
            "--norc",
            "-eo",
            "pipefail",
            "-c",
            step["run"].as_str().unwrap(),
        ]);
        command
            .current_dir(repo.path())
            .env("GITHUB_ACTION_PATH", root)
            .env("GITHUB_ACTIONS", "true")
            .env("CI", "true");
        command.env("GITHUB_OUTPUT", &output_path).env("GITHUB_EVENT_PATH", &event_path);
        command.env("GITHUB_EVENT_NAME", "pull_request").env_remove("GITHUB_STEP_SUMMARY");
        command.envs(step_env(step, &values));
        let output = command.output().unwrap();
        job.log.push_str(&String::from_utf8_lossy(&output.stdout));
        job.log.push_str(&String::from_utf8_lossy(&output.stderr));
        let id = step["id"].as_str().unwrap_or("");
        for line in fs::read_to_string(&output_path).unwrap().lines() {
            let (name, value) = line.split_once('=').unwrap();
            values.insert(format!("steps.{id}.outputs.{name}"), value.to_owned());
        }
        if !output.status.success() {
            job.status = output.status.code().unwrap();
            break;
        }
    }
    for (name, output) in action["outputs"].as_hash().unwrap() {
        let value = expand(output["value"].as_str().unwrap(), &values);
        job.outputs.insert(name.as_str().unwrap().to_owned(), value);
    }
    job
}

fn step_env(step: &Yaml, values: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let none = yaml_rust2::yaml::Hash::new();
    let entries = step["env"].as_hash().unwrap_or(&none).iter();
    entries
        .map(|(k, v)| (k.as_str().unwrap().to_owned(), expand(v.as_str().unwrap(), values)))
        .collect()
}

fn expand(text: &str, values: &BTreeMap<String, String>) -> String {
    match text.strip_prefix("${{ ").and_then(|rest| rest.strip_suffix(" }}")) {
        Some(name) => values.get(name).cloned().unwrap_or_default(),
        None => text.to_owned(),
    }
}

fn pull_request(repo: &Repo) -> serde_json::Value {
    json!({"pull_request": {"base": {"sha": repo.id("HEAD~1").to_string()}, "head": {"sha": repo.id("HEAD").to_string()}}})
}

fn repo(text: &str) -> Repo {
    Repo::new()
        .commit("start", |tree| tree.write("README.md", "hello\n"))
        .commit("change", |tree| tree.write("app.conf", text))
}

const BINARY: (&str, &str) = ("binary", env!("CARGO_BIN_EXE_lockkeeper"));

#[test]
fn a_leak_in_a_pull_request_fails_the_last_step_after_the_sarif_is_there() {
    let repo = repo(&lockkeeper::rule::expand("KEY={github:ghp_}\n").unwrap().text);
    let job = run_action(&repo, &[BINARY], &pull_request(&repo));
    assert_eq!(job.status, 1, "{}", job.log);
    assert_eq!(job.outputs["verdict"], "block");
    assert_eq!(job.outputs["findings"], "1");
    let sarif: serde_json::Value =
        serde_json::from_slice(&repo.read(&job.outputs["sarif"])).unwrap();
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 1);
}

#[test]
fn a_clean_pull_request_passes() {
    let repo = repo("DEBUG=1\n");
    let job = run_action(&repo, &[BINARY], &pull_request(&repo));
    assert_eq!((job.status, job.outputs["verdict"].as_str()), (0, "pass"), "{}", job.log);
}

#[test]
fn a_base_that_is_not_in_the_clone_is_an_error_and_not_a_pass() {
    let repo = repo("DEBUG=1\n");
    let absent = "0123456789012345678901234567890123456789";
    let event = json!({"pull_request": {"base": {"sha": absent}, "head": {"sha": repo.id("HEAD").to_string()}}});
    let job = run_action(&repo, &[BINARY], &event);
    assert_eq!((job.status, job.outputs["verdict"].as_str()), (2, "error"), "{}", job.log);
    assert!(job.log.contains("is not in this repository"), "{}", job.log);
}

#[test]
fn an_input_cannot_become_a_command() {
    let repo = repo("DEBUG=1\n");
    let hostile = "HEAD~1..HEAD; touch pwned; $(touch pwned) `touch pwned`";
    let job = run_action(
        &repo,
        &[BINARY, ("range", hostile), ("only", "$(touch pwned)")],
        &pull_request(&repo),
    );
    assert_eq!(job.status, 2, "{}", job.log);
    assert!(!repo.path().join("pwned").exists());
}
