use crate::detect::secrets::{Detector, Options};
use crate::finding::{Action, Confidence, Finding, RepoPath, Salt};
use crate::rule::{builtin_secrets, expand_from};
use crate::source::{Change, Entry};
use proptest::prelude::*;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

static BUILTIN: LazyLock<Detector> =
    LazyLock::new(|| Detector::new(builtin_secrets().unwrap(), &Options::default()).unwrap());

fn scan_all(path: &str, text: &[u8]) -> Vec<Finding> {
    let path = RepoPath::from(path);
    let change = Change::new(&path, None, Entry::File, text, &());
    BUILTIN.scan(&change, &|| Salt::new("salt")).findings
}

fn scan(path: &str, text: &[u8]) -> Vec<Finding> {
    let findings = scan_all(path, text).into_iter();
    findings.filter(|finding| finding.rule.as_str().starts_with("secret/generic")).collect()
}

/// Whether something is found: some places have a more specific rule.
fn found(path: &str, template: &str, seed: u64) -> bool {
    !scan_all(path, expand_from(template, seed).unwrap().text.as_bytes()).is_empty()
}

/// Where a password can stand: the file, and the text around it.
const PASSWORD_PLACES: &[(&str, &str)] = &[
    (".env", "DB_PASSWORD=#"),
    (".env.production", "export SMTP_PASS='#'"),
    ("config/database.yml", "production:\n  password: #\n"),
    ("config/app.yml", "db: {password: \"#\", user: app}"),
    ("application.properties", "spring.datasource.password=#\n"),
    ("settings.ini", "[db]\npasswd = #\n"),
    ("app.json", "{\"user\": \"app\", \"password\": \"#\"}"),
    ("app.json", "{\"body\": \"{\\\"password\\\":\\\"#\\\"}\"}"),
    ("app.toml", "password = \"#\""),
    ("vars.tfvars", "db_password = \"#\""),
    ("main.tf", "resource \"db\" \"a\" {\n  password = \"#\"\n}"),
    ("web.config", "<add name=\"a\" connectionString=\"Server=db;User Id=app;Password=#;\" />"),
    ("settings.xml", "<server>\n<password>#</password>\n</server>"),
    ("beans.xml", "<property name=\"password\" value=\"#\"/>"),
    ("app.py", "DB_PASSWORD = '#'"),
    ("app.py", "connect(host='db', password='#')"),
    ("app.py", "config = {'password': '#'}"),
    ("app.py", "password: str = \"#\""),
    ("app.rb", "  password: '#',"),
    ("app.rb", ":password => \"#\""),
    ("app.js", "const dbPassword = \"#\";"),
    ("app.ts", "const opts = {user: 'app', password: '#'}"),
    ("app.min.js", "a=1;b={user:\"x\",password:\"#\"};c(2)"),
    ("App.java", "private static final String PASSWORD = \"#\";"),
    ("App.cs", "var password = \"#\";"),
    ("App.cs", "var c = \"Server=db;Uid=app;Pwd=#;\";"),
    ("main.go", "password := \"#\""),
    ("main.go", "var dbPassword string = \"#\""),
    ("main.rs", "const PASSWORD: &str = \"#\";"),
    ("app.php", "$password = '#';"),
    ("wp.php", "'password' => '#',"),
    ("deploy.sh", "export PGPASSWORD=#"),
    ("deploy.sh", "mysql --user app --password=# shop"),
    ("Dockerfile", "ENV DB_PASSWORD=#"),
    ("Dockerfile", "ENV DB_PASSWORD #"),
    ("a.ps1", "$password = ConvertTo-SecureString \"#\" -AsPlainText"),
    ("a.sql", "CREATE USER app IDENTIFIED BY '#';"),
    ("compose.yml", "environment:\n  - MYSQL_ROOT_PASSWORD=#\n"),
    ("pod.yaml", "env:\n- name: DB_PASSWORD\n  value: \"#\"\n"),
    ("a.kt", "val passwort = \"#\""),
    ("a.py", "contraseña = '#'"),
    ("a.swift", "let senha = \"#\""),
];

const PASSWORDS: &[&str] = &[
    "{alnum:16}",
    "{alnum:12}",
    "{alnum:10}!",
    "{base64url:24}",
    "Summer2024!",
    "Tr0ub4dor&3",
    "k3Jd9sQ2",
    "Winter{digit:4}$",
    "bluehorse{digit:2}!",
    "Kx9{lower:4}#{digit:2}Qz",
    "Liverpool{digit:4}!",
    "{hex:20}",
];

const TOKEN_PLACES: &[(&str, &str)] = &[
    (".env", "API_TOKEN=#"),
    (".env.local", "CLIENT_SECRET=\"#\""),
    ("a.yml", "api_key: #"),
    ("a.yml", "- name: AUTH_TOKEN\n  value: #\n"),
    ("a.json", "{\"apiKey\": \"#\"}"),
    ("a.toml", "secret_key = \"#\""),
    ("a.properties", "app.jwt.secret=#"),
    ("a.xml", "<add key=\"ApiKey\" value=\"#\" />"),
    ("a.plist", "<key>ApiSecret</key>\n<string>#</string>"),
    ("a.py", "headers = {'X-Api-Key': '#'}"),
    ("a.py", "token = os.environ.get('API_TOKEN', '#')"),
    ("a.py", "client = Client(api_key=\"#\")"),
    ("a.js", "const token = process.env.TOKEN || '#'; "),
    ("a.js", "axios.get('/a', {headers: {Authorization: 'Bearer #'}})"),
    ("a.js", "fetch(\"/things?access_token=#&page=2\")"),
    ("a.ts", "signingKey: '#',"),
    ("a.go", "webhookSecret := \"#\""),
    ("a.rs", "let api_key = String::from(\"#\");"),
    ("a.java", "client.setApiKey(\"#\");"),
    ("a.java", "props.setProperty(\"client.secret\", \"#\");"),
    ("a.cs", "private const string ApiKey = \"#\";"),
    ("a.php", "define('SECRET_KEY', '#');"),
    ("a.rb", "config.secret_token = '#'"),
    ("a.rb", "ENV['API_TOKEN'] = '#'"),
    ("a.sh", "curl -H \"X-Auth-Token: #\" https://api.acme.io"),
    ("a.sh", "deploy --token #"),
    ("Dockerfile", "ARG ACCESS_TOKEN=#"),
    ("a.tf", "variable \"api_token\" {\n  default = \"#\"\n}"),
    ("a.kt", "val encryptionKey = \"#\""),
    ("README.md", "Set `API_TOKEN=#` before you start."),
];

const TOKENS: &[&str] = &[
    "{alnum:32}",
    "{hex:32}",
    "{hex:64}",
    "{base64:43}=",
    "{base64url:40}",
    "{alnum:24}",
    "{base32:32}",
    "{alnum:20}",
];

/// The share of planted secrets that are found, and the templates of those that are not.
fn recall(places: &[(&str, &str)], values: &[&str]) -> (f64, Vec<String>) {
    let (mut hits, mut all, mut missed) = (0_u32, 0_u32, Vec::new());
    for (number, (path, text)) in (0_u64..).zip(places) {
        for value in values {
            all += 1;
            if found(path, &text.replace('#', value), number) {
                hits += 1;
            } else {
                missed.push(format!("{path}: {} <- {value}", text.escape_debug()));
            }
        }
    }
    (f64::from(hits) / f64::from(all), missed)
}

#[test]
fn passwords_are_found_in_most_syntaxes() {
    let (share, missed) = recall(PASSWORD_PLACES, PASSWORDS);
    assert!(share >= 0.9, "{share}\n{}", missed.join("\n"));
}

#[test]
fn tokens_are_found_in_most_syntaxes() {
    let (share, missed) = recall(TOKEN_PLACES, TOKENS);
    assert!(share >= 0.9, "{share}\n{}", missed.join("\n"));
}

#[test]
fn what_is_no_secret_is_silent() {
    for (path, text) in [
        ("a.yml", "uses: actions/checkout@{hex:40}"),
        ("a.yml", "token: ${{ secrets.GITHUB_TOKEN }}"),
        ("a.yml", "cache-key: deps-{hex:40}"),
        ("a.yml", "password: !vault |"),
        ("a.yml", "tokenUrl: https://login.acme.io/oauth"),
        ("a.yml", "secretName: db-credentials-2"),
        ("a.yml", "valueFrom:\n  secretKeyRef:\n    key: password1\n    name: db"),
        ("a.yml", "data:\n  password: cGFzc3dvcmQ=\n"),
        ("a.html", "<input id=\"password\" type=\"password\" placeholder=\"Password1\">"),
        ("a.html", "<script src=\"a.js\" integrity=\"sha384-{base64:64}\">"),
        ("de.po", "msgid \"password\"\nmsgstr \"Passwort2\""),
        ("config/locales/de.yml", "password: Passwort2 eingeben!"),
        ("a.ts", "password: string;"),
        ("a.ts", "token: Token2Type = undefined"),
        ("a.py", "password = request.POST['password2']"),
        ("a.py", "if password == 'k3Jd9sQ2x!':"),
        ("a.go", "token := lexer.next2()"),
        ("a.rs", "let token = Token::Ident2;"),
        ("a.js", "var token=e.token2,n=t1;"),
        (".env.example", "DB_PASSWORD=secret123"),
        (".env", "DB_PASSWORD=\nDB_NAME=app1"),
        (".env", "PASSWORD_MIN_LENGTH=12\nTOKEN_TTL=30m"),
        ("a.json", "{\"token\": \"{{access_token_1}}\"}"),
        ("a.yml", "accent_key: \"#3a4f9c\"\nprivate_key: \"#3a4f9c\""),
        ("Cargo.lock", "api_key = \"{hex:64}\""),
        ("a.md", "The password: something that you know, and 2 more."),
    ] {
        let text = expand_from(text, 1).unwrap().text;
        let findings = scan(path, text.as_bytes());
        assert!(findings.is_empty(), "{path}: {text}: {findings:?}");
    }
}

#[test]
fn only_what_is_certain_blocks() {
    let one = |path: &str, text: &str| {
        let text = expand_from(text, 3).unwrap().text;
        scan(path, text.as_bytes()).first().map(|finding| (finding.confidence, finding.action))
    };
    let token = "API_TOKEN={alnum:40}\n";
    assert_eq!(one(".env", token), Some((Confidence::High, Action::Block)));
    assert_eq!(one("config.env", token), Some((Confidence::Medium, Action::Warn)));
    assert_eq!(one(".env.example", token), Some((Confidence::Low, Action::Warn)));
    assert_eq!(one("test/.env", token), Some((Confidence::Low, Action::Warn)));
    // Base 64 of a text that somebody chose.
    let encoded = "data:\n  password: c0NhbGVpbzEyMw==\n";
    assert_eq!(one("secret.yaml", encoded), Some((Confidence::Medium, Action::Warn)));
    assert_eq!(one(".env", "DB_PASSWORD=Summer2024!\n"), Some((Confidence::Medium, Action::Warn)));
}

#[test]
fn the_project_can_switch_them_off_or_let_them_block() {
    let text = expand_from("api_key = '{alnum:32}'", 1).unwrap().text;
    let with = |options: &str| {
        let options: Options = toml::from_str(options).unwrap();
        let detector = Detector::new(builtin_secrets().unwrap(), &options).unwrap();
        let path = RepoPath::from("a.txt");
        let change = Change::new(&path, None, Entry::File, text.as_bytes(), &());
        let findings = detector.scan(&change, &|| Salt::new("salt")).findings;
        findings.first().map(|finding| finding.action)
    };
    assert_eq!(with("generic = 'off'"), None);
    assert_eq!(with(""), Some(Action::Warn));
    assert_eq!(with("generic = 'block'"), Some(Action::Block));
}

/// Hostile lines cost one pass: generous bounds for a build without optimisation.
#[test]
fn lines_without_end_are_read_once() {
    for piece in ["password=", "token: \"", "password=password(", "a_key", "secret\\\"", "pass "] {
        let text = piece.repeat(400_000 / piece.len());
        let start = Instant::now();
        scan("a.yml", text.as_bytes());
        scan("a.js", text.as_bytes());
        assert!(start.elapsed() < Duration::from_secs(60), "{piece}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(
        before in prop::collection::vec(any::<u8>(), 0..60),
        name in prop::sample::select(vec!["password", "API_TOKEN", "--secret", "<apiKey", "\"passwd\"", "${pwd"]),
        after in prop::collection::vec(any::<u8>(), 0..200),
        signs in "[=:>\"'(,{ \\\\\n-]{0,6}",
        path in prop::sample::select(vec!["a.yml", "a.js", "a.sh", "a.md", ".env", "a.json"]),
    ) {
        scan(path, &[&before, name.as_bytes(), signs.as_bytes(), &after].concat());
    }
}
