use super::*;

const SOUND: &str = r#"
method = "POST"
url = "https://api.example.org/me"
headers = { Authorization = "Bearer {secret}" }
body = 'token={secret|url}'
valid = { status = [200], body-contains = ['"ok": true'] }
invalid = { status = [200, 401], body-contains = ["invalid_auth", "revoked"] }
"#;

fn table(text: &str) -> Validate {
    toml::from_str(text).unwrap()
}

/// What is wrong with the sound table once `from` in it is `to`.
fn broken(from: &str, to: &str) -> Vec<ValidateDefect> {
    assert!(SOUND.contains(from), "the sound table has no {from:?} to break");
    table(&SOUND.replacen(from, to, 1)).defects(HasId::No)
}

fn refused(from: &str, to: &str) -> String {
    assert!(SOUND.contains(from), "the sound table has no {from:?} to break");
    toml::from_str::<Validate>(&SOUND.replacen(from, to, 1)).unwrap_err().to_string()
}

#[test]
fn a_sound_table_has_no_defects() {
    assert_eq!(table(SOUND).defects(HasId::No), []);
}

#[test]
fn each_defect_is_named() {
    let valid = "valid = { status = [200], body-contains = ['\"ok\": true'] }\n";
    let answers = SOUND.split_once(valid).unwrap();
    let nothing = answers.0.to_owned();
    assert_eq!(table(&nothing).defects(HasId::No), [ValidateDefect::NoAnswer]);
    assert_eq!(broken("{secret|url}", "{secret}"), [ValidateDefect::BodyEncoding]);
    assert_eq!(broken("org/me", "org/{secret}"), [ValidateDefect::UrlEncoding]);
    assert_eq!(broken("{secret}", "{id}"), [ValidateDefect::NoId]);
    assert_eq!(broken("\"POST\"", "\"GET\""), [ValidateDefect::BodyOfGet]);
    assert_eq!(broken("[200]", "[500]"), [ValidateDefect::Status(500)]);
    assert_eq!(broken("[200]", "[302]"), [ValidateDefect::Status(302)]);
    assert_eq!(broken("[200]", "[429]"), [ValidateDefect::Status(429)]);
    assert_eq!(broken("[200]", "[]"), [ValidateDefect::EmptyAnswer]);
    let bare = [ValidateDefect::Ambiguous(200)];
    assert_eq!(broken(", body-contains = ['\"ok\": true']", ""), bare);
    let mute = SOUND.replace("{secret}", "x").replace("{secret|url}", "x");
    assert_eq!(table(&mute).defects(HasId::No), [ValidateDefect::NoSecret]);
    let twice = format!("basic = '{{id}}:{{secret}}'\n{SOUND}");
    assert_eq!(table(&twice).defects(HasId::Yes), [ValidateDefect::TwoAuthorizations]);
}

#[test]
fn what_cannot_be_read_is_refused_at_once() {
    assert!(refused("body =", "boddy =").contains("unknown field `boddy`"));
    assert!(refused("https://", "http://").contains("must begin with https://"));
    assert!(refused("{secret}", "{secrte}").contains("{secrte} is no placeholder"));
    assert!(refused("\"POST\"", "\"DELETE\"").contains("unknown variant"));
    for name in ["Host", "cookie", "a b", ""] {
        let quoted = format!("'{name}' =");
        assert!(refused("Authorization =", &quoted).contains("no header that a rule may set"));
    }
}

#[test]
fn an_answer_is_known_by_its_status_and_its_body() {
    let table = table(SOUND);
    assert_eq!(table.judge(200, b"{\"ok\":true}"), Judgement::Valid);
    assert_eq!(table.judge(200, b"{ \"ok\" :\n true }"), Judgement::Valid);
    assert_eq!(table.judge(200, b"{\"ok\":false,\"error\":\"invalid_auth\"}"), Judgement::Invalid);
    assert_eq!(table.judge(401, b"revoked"), Judgement::Invalid);
    for (status, body) in [(200, ""), (401, ""), (403, "revoked"), (500, "\"ok\":true")] {
        assert_eq!(table.judge(status, body.as_bytes()), Judgement::Neither);
    }
}

#[test]
fn an_answer_that_says_both_proves_nothing() {
    assert_eq!(table(SOUND).judge(200, b"\"ok\":true invalid_auth"), Judgement::Neither);
}

#[test]
fn a_body_is_read_only_where_it_decides() {
    let table = table(SOUND);
    assert!(table.reads_body(200) && table.reads_body(401) && !table.reads_body(404));
}
