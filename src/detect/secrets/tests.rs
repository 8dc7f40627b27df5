use super::*;
use crate::finding::{Confidence, Subject};
use crate::rule::{builtin_secrets, expand, expand_from, parse_secrets};
use crate::source::{Earlier, Entry};
use proptest::prelude::*;
use std::sync::LazyLock;

static BUILTIN: LazyLock<Detector> =
    LazyLock::new(|| Detector::new(builtin_secrets().unwrap(), &Options::default()).unwrap());

fn generated(text: &str) -> String {
    expand(text).unwrap().text
}

/// What the embedded rules find in a file that has these earlier versions.
fn scan_against(earlier: &dyn Earlier, bytes: &[u8]) -> Vec<Finding> {
    let path = RepoPath::from("a.txt");
    let change = Change::new(&path, None, Entry::File, bytes, earlier);
    BUILTIN.scan(&change, &|| Salt::new("salt")).findings
}

fn scan(text: impl AsRef<[u8]>) -> Vec<Finding> {
    scan_against(&(), text.as_ref())
}

struct Before(String);

impl Earlier for Before {
    fn versions(&self) -> Vec<Option<Arc<Vec<u8>>>> {
        vec![Some(self.0.clone().into_bytes().into())]
    }
}

fn options(text: &str) -> Options {
    toml::from_str(text).unwrap()
}

fn acme() -> Vec<SecretRule> {
    let rule = r#"
        [[rule]]
        id = "secret/acme"
        title = "Acme key"
        severity = "high"
        confidence = "high"
        keywords = ["acme_"]
        pattern = '(?<secret>acme_[0-9a-f]{16})'
        why = "It opens the gate."
        fix = "Change the lock."
        matches = []
        ignores = []
    "#;
    parse_secrets("acme.toml", rule).unwrap()
}

fn refusal(rules: Vec<SecretRule>, options: &Options) -> String {
    Detector::new(rules, options).err().map(|error| error.to_string()).unwrap_or_default()
}

#[test]
fn a_detector_without_rules_is_refused() {
    assert!(refusal(Vec::new(), &Options::default()).contains("no secret rule is active"));
    assert!(refusal(acme(), &options("disable = ['secret/acme']")).contains("no secret rule"));
    let mut off = acme();
    off[0].action = Action::Off;
    assert!(refusal(off, &Options::default()).contains("no secret rule"));
}

#[test]
fn rules_that_cannot_be_run_are_refused() {
    assert!(refusal([acme(), acme()].concat(), &Options::default()).contains("two secret rules"));
    let mut nowhere = acme();
    nowhere[0].keywords.clear();
    assert!(refusal(nowhere, &Options::default()).contains("neither keywords nor paths"));
    let mut endless = acme();
    endless[0].pattern = "(?<secret>acme_.*)".to_owned();
    assert!(refusal(endless, &Options::default()).contains("secret/acme"));
}

#[test]
fn a_misspelt_rule_is_refused_with_the_nearest_name() {
    let disable = options("disable = ['secret/acne']");
    assert!(refusal(acme(), &disable).contains("secret/acme is the nearest"));
    assert!(toml::from_str::<Options>("disabled = []").is_err());
    assert!(!refusal(acme(), &options("exclude = ['a[']")).is_empty());
}

#[test]
fn excluded_paths_are_not_read_and_say_so() {
    let detector = Detector::new(acme(), &options("exclude = ['docs/**', '*.lock']")).unwrap();
    let path = RepoPath::from("docs/a.md");
    let text = generated("acme_{hex:16}");
    let change = Change::new(&path, None, Entry::File, text.as_bytes(), &());
    assert!(detector.excludes(&path) && !detector.excludes(&RepoPath::from("src/a.rs")));
    assert!(detector.scan(&change, &|| Salt::new("salt")).findings.is_empty());
}

#[test]
fn a_finding_says_what_and_where_and_not_the_value() {
    let token = generated("{github:ghp_}");
    let findings = scan(format!("é = 1\r\nkéy = '{token}' # here\n"));
    let [finding] = &findings[..] else { panic!("one finding, not {findings:?}") };
    assert_eq!(finding.rule.as_str(), "secret/github-pat");
    assert_eq!(finding.message, "GitHub personal access token");
    let place = &finding.location;
    assert_eq!((place.start.line.get(), place.start.column.get()), (2, 8));
    assert_eq!((place.end.line.get(), place.end.column.get()), (2, 48));
    let Subject::Secret(secret) = &finding.subject else { panic!("a secret") };
    assert_eq!(secret.redacted.preview, "ghp_… (40 characters)");
}

#[test]
fn a_checksum_that_fails_lowers_the_confidence_and_hides_nothing() {
    let findings = scan(generated("token: ghp_{alnum:36}"));
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].confidence, Confidence::Low);
    assert!(findings[0].message.contains("checksum"));
}

#[test]
fn only_what_is_new_is_found() {
    let old = generated("old = '{github:ghp_}'\n");
    let new = generated("the new one = '{github:ghp_}'\n");
    let findings = scan_against(&Before(old.clone()), format!("{old}{new}").as_bytes());
    assert_eq!(findings.iter().map(|f| f.location.start.line.get()).collect::<Vec<_>>(), [2]);
}

#[test]
fn a_secret_that_moved_within_its_file_is_not_new() {
    let line = generated("key = '{github:ghp_}'\n");
    let moved = format!("# a new line\n\n  {line}");
    assert!(scan_against(&Before(line), moved.as_bytes()).is_empty());
}

#[test]
fn one_value_in_one_file_is_one_finding() {
    let token = generated("{github:ghp_}");
    let findings = scan(format!("a = {token}\nb = {token}\nc = {token}\n"));
    assert_eq!(findings.iter().map(|f| f.location.start.line.get()).collect::<Vec<_>>(), [1]);
}

#[test]
fn a_fingerprint_survives_indentation_and_a_neighbour_but_not_another_secret() {
    let print = |text: &str| scan(text).last().map(|finding| finding.fingerprint).unwrap();
    let (one, two) = (generated("{github:ghp_}"), generated(" {github:ghp_}").trim().to_owned());
    let plain = print(&format!("key = {one}"));
    assert_eq!(plain, print(&format!("\n\n\tkey  =   {one}  \r\n")));
    assert_ne!(plain, print(&format!("key = {two}")));
    let before_one = print(&format!("a = {two}, b = {one}"));
    let three = generated("    {github:ghp_}").trim().to_owned();
    assert_eq!(before_one, print(&format!("a = {three}, b = {one}")));
}

#[test]
fn a_key_in_a_url_is_one_finding_of_the_more_specific_rule() {
    let findings = scan(generated("git clone https://x:{github:ghp_}@github.com/acme/app.git"));
    let rules: Vec<_> = findings.iter().map(|finding| finding.rule.as_str()).collect();
    assert_eq!(rules, ["secret/github-pat"]);
}

#[test]
fn a_key_pair_is_one_finding() {
    let findings = scan(generated("AKIA{base32:16},{base64:40}\n"));
    let rules: Vec<_> = findings.iter().map(|finding| finding.rule.as_str()).collect();
    assert_eq!(rules, ["secret/aws-key-pair"]);
}

#[test]
fn a_secret_between_the_halves_of_a_pair_is_not_lost() {
    let findings = scan(generated("AKIA{base32:16} {github:ghp_} {base64:40}\n"));
    assert!(findings.iter().any(|finding| finding.rule.as_str() == "secret/github-pat"));
}

#[test]
fn nothing_hides_behind_zeros_invalid_bytes_or_utf_16() {
    let token = generated("{github:ghp_}");
    let wide: Vec<u8> =
        format!("a\r\nkey={token}\r\n").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(scan([b"\0\xff\0", token.as_bytes(), b"\0"].concat()).len(), 1);
    let findings = scan([b"\xff\xfe".as_slice(), &wide].concat());
    assert_eq!(findings.iter().map(|f| f.location.start.line.get()).collect::<Vec<_>>(), [2]);
}

#[test]
fn a_key_across_many_lines_ends_on_its_last() {
    let findings = scan(generated("a\n{openssh:none}\n"));
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].location.start.line.get(), 2);
    assert!(findings[0].location.end.line.get() > 5);
}

/// A line without end costs one pass, whether it is full of keywords or of secrets.
#[test]
fn a_line_without_end_is_read_once() {
    assert!(scan("ghp_ sk_live_ AKIA eyJ".repeat(20_000)).is_empty());
    let tokens: String =
        (0..2_000).map(|n| expand_from("{github:ghp_},", n).unwrap().text).collect();
    let findings = scan(&tokens);
    assert_eq!(findings.len(), 2_000);
    assert_eq!(findings[1_999].location.start.column.get(), 1_999 * 41 + 1);
}

proptest! {
    #[test]
    fn a_planted_token_is_found_exactly_once(
        before in "[ -~é\n]{0,60}[ \n\"'=(,>]",
        after in "[\"', \n)<&;\\\\][ -~é\n]{0,60}",
        seed in any::<u64>(),
        rule in prop::sample::select(vec![
            "{github:ghp_}", "glpat-{alnum:20}", "sk_live_{alnum:24}", "dop_v1_{hex:64}", "{age}",
            "AKIA{base32:16}", "xoxb-{digit:12}-{digit:12}-{alnum:24}", "{grafana}",
        ]),
    ) {
        let token = expand_from(rule, seed).unwrap().text;
        let text = format!("{before}{token}{after}");
        let found = BUILTIN.locate(&RepoPath::from("a"), text.as_bytes());
        let planted = before.len()..before.len() + token.len();
        prop_assert_eq!(found.iter().filter(|(_, range)| *range == planted).count(), 1, "{:?}", text);
    }

    /// What the keywords lead to is all there is: searching whole texts finds nothing more.
    #[test]
    fn windows_hide_nothing(
        noise in "[ -~\n]{0,80}",
        picks in prop::collection::vec((any::<prop::sample::Index>(), any::<u64>()), 1..5),
    ) {
        let rules: Vec<_> = BUILTIN.rules().collect();
        let pieces = picks.iter().map(|(at, seed)| {
            let example = at.get(&rules).matches.first().unwrap();
            expand_from(example, *seed).unwrap().text + &noise
        });
        let text: String = pieces.collect();
        let windows = BUILTIN.windows(text.as_bytes());
        for (rule, windows) in windows {
            let search = |window| BUILTIN.matchers[rule].search(rule, text.as_bytes(), window);
            let within: Vec<_> = windows.into_iter().flat_map(search).collect();
            prop_assert_eq!(within, search(0..text.len()), "{}", text);
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), seed in any::<u64>()) {
        let rules: Vec<_> = BUILTIN.rules().collect();
        let rule = rules[usize::try_from(seed % rules.len() as u64).unwrap()];
        let keyword = rule.keywords.first().cloned().unwrap_or_default();
        let middle = bytes.len() / 2;
        scan([&bytes[..middle], keyword.as_bytes(), &bytes[middle..]].concat());
    }

    #[test]
    fn nothing_that_is_printed_holds_the_value(seed in any::<u64>(), nth in any::<prop::sample::Index>()) {
        let rules: Vec<_> = BUILTIN.rules().filter(|rule| rule.paths.is_empty()).collect();
        let expansion = expand_from(nth.get(&rules).matches.first().unwrap(), seed).unwrap();
        let rule = nth.get(&rules);
        let pieces: Vec<_> = expansion.generated.iter().filter_map(|range| {
            let piece = expansion.text.get(range.clone())?;
            Some(piece.strip_prefix(&rule.public_prefix).unwrap_or(piece))
        }).collect();
        for finding in scan(&expansion.text) {
            let Subject::Secret(secret) = &finding.subject else { panic!("a secret") };
            let json = serde_json::to_string(&secret.redacted).unwrap();
            let shown = format!("{finding:?}{}{json}", finding.message);
            for part in pieces.iter().flat_map(|piece| piece.as_bytes().windows(12)) {
                prop_assert!(!shown.contains(std::str::from_utf8(part).unwrap()));
            }
        }
    }
}

#[test]
fn what_is_part_of_a_word_is_no_news_where_it_was_before() {
    for line in ["u = a%3Dghp_{alnum:36}\n", "mysql -uroot -pk9XbV4q{alnum:4} -h db\n"] {
        let line = generated(line);
        assert_eq!(scan(&line).len(), 1, "{line}");
        assert!(scan_against(&Before(line.clone()), format!("more\n{line}").as_bytes()).is_empty());
    }
}
