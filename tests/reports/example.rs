//! One run of each kind that the reports are tried on.

use jiff::civil::{Date, date};
use lockkeeper::finding::*;
use lockkeeper::gate::*;
use lockkeeper::package::{Ecosystem, Package};
use lockkeeper::report::*;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

const TODAY: Date = date(2026, 7, 20);

/// The file of every secret finding: with a wide character before the secret, on its third line.
const TEXT: &str = "first\r\nsecond\r\nkéy😀 = VALUE # end\n";

/// What an attacker may write wherever text is free.
const HOSTILE: &str =
    "<script>x</script>\n::error::pwn \u{1b}[31m\u{202e}##vso[x] [go](http://evil.example)";

/// A value shaped like a token, made here so that none is in the repository.
pub(crate) fn secret() -> String {
    format!("{}_{}", "ghp", "qwertyuiopas".repeat(3))
}

pub(crate) fn text() -> String {
    TEXT.replace("VALUE", &secret())
}

pub(crate) fn span() -> Range<usize> {
    let text = text();
    let start = text.find(&secret()).unwrap();
    start..start + secret().len()
}

pub(crate) fn finding(rule: &str, severity: Severity, path: RepoPath) -> Finding {
    let salt = Salt::new("salt of the test");
    let fingerprint = Fingerprint::new(&salt, &[rule.as_bytes(), path.as_bytes()]);
    Finding {
        rule: rule.parse().unwrap(),
        severity,
        confidence: Confidence::High,
        action: Action::Block,
        standing: Standing::Introduced,
        message: "a step runs code that can change under it".to_owned(),
        fix: "Pin it to a commit.".to_owned(),
        subject: Subject::Policy,
        location: Location { path, start: LineCol::START, end: LineCol::START, commit: None },
        fingerprint,
        line_hash: None,
        allow: None,
    }
}

pub(crate) fn secret_finding(path: RepoPath) -> Finding {
    let text = text();
    let (start, end) = LineIndex::new(text.as_bytes()).span(&span());
    let line_hash = line_hashes(text.as_bytes(), &BTreeSet::from([start.line])).remove(&start.line);
    let salt = Salt::new("salt of the test");
    Finding {
        message: "GitHub personal access token".to_owned(),
        fix: "Revoke it, then remove it from history.".to_owned(),
        subject: Subject::Secret(Box::new(Secret::new(Redacted::new(
            &salt,
            secret().as_bytes(),
            "ghp_",
        )))),
        location: Location {
            start,
            end,
            commit: Some(CommitId::new("0123456789abcdef0123456789abcdef01234567")),
            path: path.clone(),
        },
        line_hash,
        ..finding("secret/github-pat", Severity::Critical, path)
    }
}

fn advice() -> Advice {
    let package = |name: &str, version: &str| {
        let (name, version) = (name.to_owned(), version.to_owned());
        Package { ecosystem: Ecosystem::RubyGems, name, version }
    };
    let solved = |id: &str, severity| Solved { id: id.to_owned(), severity };
    Advice {
        path: Some(vec![package("rails", "6.0.3"), package("actionpack", "6.0.3")]),
        upgrade: Some(Upgrade {
            version: "2.2.4".to_owned(),
            solves: vec![
                solved("GHSA-aaaa-bbbb-cccc", Severity::High),
                solved("GHSA-dddd-eeee-ffff", Severity::Low),
            ],
            leaves: vec!["GHSA-gggg-hhhh-iiii".to_owned()],
            fit: Fit::Held {
                by: Some(package("actionpack", "6.0.3")),
                constraint: "~> 2.2.3".to_owned(),
            },
        }),
    }
}

pub(crate) fn vulnerability(score: Option<f64>) -> Finding {
    let subject = Vulnerability {
        package: Package {
            ecosystem: Ecosystem::RubyGems,
            name: "rack".to_owned(),
            version: "2.2.3".to_owned(),
        },
        direct: Some(true),
        dev: None,
        id: "GHSA-aaaa-bbbb-cccc".to_owned(),
        aliases: vec!["CVE-2026-1".to_owned()],
        summary: "Denial of service in multipart parsing".to_owned(),
        url: Some("https://advisories.example.org/GHSA-aaaa-bbbb-cccc".to_owned()),
        fixed: vec!["2.2.4".to_owned()],
        cvss: Some("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H".to_owned()),
        score,
        exploitation: Some(Exploitation::Likely {
            score: 0.61,
            dated: Some("2026-07-20".to_owned()),
        }),
        advice: Arc::new(advice()),
    };
    Finding {
        message: "rack 2.2.3 has GHSA-aaaa-bbbb-cccc: Denial of service in multipart parsing"
            .to_owned(),
        fix: "upgrade rack 2.2.3 to 2.2.4: fixes 2 of 3 (1 high), no known version fixes all, \
              brought by rails through actionpack; actionpack 6.0.3 holds it at ~> 2.2.3"
            .to_owned(),
        subject: Subject::Package(Box::new(subject)),
        ..finding("DEP-001", Severity::High, "Gemfile.lock".into())
    }
}

/// One finding of each kind, one that does not block, and two whose every text is hostile.
pub(crate) fn findings() -> Vec<Finding> {
    let hostile_path = RepoPath::new(b"::error::a b\xFF\x1B[31m\n.yml".to_vec());
    let hostile = Finding {
        message: HOSTILE.to_owned(),
        fix: HOSTILE.to_owned(),
        ..finding("CI-002", Severity::High, hostile_path)
    };
    let mut odd = vulnerability(Some(f64::NAN));
    if let Subject::Package(subject) = &mut odd.subject {
        HOSTILE.clone_into(&mut subject.id);
        HOSTILE.clone_into(&mut subject.summary);
        subject.url = Some(format!("https://{HOSTILE}"));
    }
    odd.message = format!("rack 2.2.3: {HOSTILE}");
    "Read the advisory.".clone_into(&mut odd.fix);
    let minor = finding("CI-001", Severity::Medium, ".github/workflows/ci.yml".into());
    let secrets = ["config/app.env", "config/app copy.env"].map(|path| secret_finding(path.into()));
    let others = [vulnerability(Some(7.5)), odd, hostile, minor];
    settle(secrets.into_iter().chain(others).collect())
}

fn waiver() -> Waiver {
    let text = "scope = \"**\"\nreason = \"a trial\"\nowner = \"ann\"\nuntil = 2026-07-30";
    Waiver::new(toml::from_str(text).unwrap(), 3).unwrap()
}

pub(crate) fn verdict(findings: Vec<Finding>, waivers: Vec<Waiver>) -> Verdict {
    let policy = Policy {
        options: Options::default(),
        existing: Existing::Report,
        waivers,
        baseline: Baseline::default(),
        vex: Vex::default(),
        today: TODAY,
        extent: Extent::Whole,
    };
    policy.decide(findings)
}

fn source() -> Source {
    Source {
        kind: "range".to_owned(),
        repository: ".".to_owned(),
        repository_uri: Some("https://git.example.org/shop.git".to_owned()),
        base: Some(CommitId::new("00000000000000000000000000000000000000aa")),
        head: Some(CommitId::new("00000000000000000000000000000000000000bb")),
        commits: 12,
        files: 40,
        bytes: 1_234_567,
        lockfiles: 2,
        packages: 321,
    }
}

pub(crate) fn run(verdict: Verdict) -> Run {
    let doc = RuleDoc {
        title: "A GitHub personal access token".to_owned(),
        why: "It grants its owner's access to every repository it covers.".to_owned(),
        fix: "Revoke it, then remove it from history.".to_owned(),
        references: vec!["https://docs.example.org/tokens".to_owned()],
        severity: Severity::Critical,
        tags: vec!["secret".to_owned()],
    };
    Run {
        tool: Tool {
            name: "lockkeeper".to_owned(),
            version: "0.1.0".to_owned(),
            ruleset_digest: "aa".to_owned(),
            config_digest: "bb".to_owned(),
            rules: 58,
        },
        time: "2026-07-20T12:00:00Z".parse().unwrap(),
        source: source(),
        advisories: vec![AdvisorySource {
            source: "https://advisories.example.org".to_owned(),
            ecosystem: "RubyGems".to_owned(),
            records: 1214,
            newest: Some("2026-07-20T10:00:00Z".to_owned()),
            digest: "cc".to_owned(),
        }],
        exploited: vec![ExploitedSource {
            source: "kev.json".to_owned(),
            kind: "KEV".to_owned(),
            records: 1312,
            dated: Some("2026-07-20".to_owned()),
            digest: "dd".to_owned(),
        }],
        verdict,
        notices: vec![Notice::at(&"big.bin".into(), Level::Note, "a binary file of 2 GB")],
        rules: BTreeMap::from([("secret/github-pat".parse().unwrap(), doc)]),
    }
}

pub(crate) fn passing() -> Run {
    run(verdict(Vec::new(), Vec::new()))
}

pub(crate) fn blocked() -> Run {
    run(verdict(findings(), Vec::new()))
}

pub(crate) fn waived() -> Run {
    run(verdict(findings(), vec![waiver()]))
}
