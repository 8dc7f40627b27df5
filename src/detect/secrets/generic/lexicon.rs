//! Words in the names of things, and whether they make the thing a secret.

/// Words that name a password, in the languages in which people name theirs.
pub(super) const PASSWORDS: &[&str] = &[
    "password", "passwd", "pwd", "passphrase", "passcode", "passwrd", "pswd", "psw", "userpass",
    "contrasena", "contraseña", "clave", "senha", "passwort", "kennwort", "wachtwoord", "haslo",
    "hasło", "heslo", "salasana", "losenord", "lösenord", "adgangskode", "motdepasse", "mdp",
    "parola", "sifre", "şifre", "sandi", "jelszo", "jelszó", "lozinka", "пароль", "密码", "密碼",
    "パスワード", "비밀번호",
];

/// Words that name a password beside others that say so, or in a file of settings.
pub(super) const WEAK_PASSWORDS: &[&str] = &["pass", "pw", "passw"];

/// Words that name a token or a key that has to be kept.
pub(super) const TOKENS: &[&str] = &[
    "secret", "token", "apikey", "secretkey", "accesskey", "privatekey", "authkey", "authtoken",
    "accesstoken", "apitoken", "apisecret", "clientsecret", "appsecret", "authorization", "bearer",
    "credential", "credentials", "secrets", "jeton", "geheimnis", "segredo", "secreto",
];

/// Words that name one beside a value that is surely random.
pub(super) const WEAK_TOKENS: &[&str] = &["salt", "pepper", "auth", "hmac", "cred", "creds", "apitok"];

/// What stands before `key` (or `string`) where it is one that has to be kept.
pub(super) const BEFORE_KEY: &[&str] = &[
    "api", "access", "secret", "private", "signing", "signature", "sign", "encryption", "encrypt",
    "crypt", "crypto", "cipher", "auth", "authentication", "authorization", "master", "account",
    "storage", "shared", "service", "server", "admin", "webhook", "hmac", "jwt", "session", "cookie",
    "aes", "write", "app", "application", "subscription", "client", "deploy", "license", "integration",
    "routing", "user",
];

/// The same where only a value that is surely random makes the key one that has to be kept.
pub(super) const WEAK_BEFORE_KEY: &[&str] = &[
    "app", "application", "account", "service", "server", "session", "cookie", "user", "client",
    "license", "write", "integration", "routing", "subscription", "signature", "sign",
];

/// Words before which `pass` and `pw` are a password: `dbpass`, `rootpw`.
pub(super) const OWNERS: &[&str] = &[
    "db", "user", "root", "admin", "my", "smtp", "mail", "email", "ftp", "sftp", "ssh", "sql",
    "mysql", "pg", "postgres", "redis", "mongo", "rabbitmq", "ldap", "login", "auth", "database",
    "jdbc", "proxy", "wifi", "keystore", "truststore", "key", "cert", "account", "imap", "svc",
    "service", "sudo", "app", "client", "server", "rds", "es", "elastic", "vpn",
];

/// Words after the one that names a secret that make the name that of something about it.
pub(super) const ABOUT: &[&str] = &[
    "id", "ids", "name", "names", "path", "paths", "file", "files", "filename", "dir", "folder",
    "version", "hash", "hashed", "hasher", "hashes", "checksum", "digest", "sha", "md", "sum", "url",
    "uri", "endpoint", "host", "type", "types", "kind", "field", "fields", "label", "placeholder",
    "hint", "policy", "regex", "regexp", "pattern", "length", "len", "size", "min", "max", "expiry",
    "expires", "expiration", "expired", "ttl", "age", "timeout", "count", "counter", "prefix",
    "suffix", "header", "headers", "column", "prompt", "error", "errors", "message", "msg", "text",
    "title", "description", "desc", "help", "ref", "reference", "arn", "selector", "class", "style",
    "icon", "button", "input", "form", "page", "view", "screen", "dialog", "modal", "link", "route",
    "param", "params", "parameter", "arg", "argument", "option", "options", "opt", "flag", "env",
    "var", "variable", "manager", "provider", "service", "store", "storage", "factory", "handler",
    "helper", "validator", "validation", "verifier", "generator", "encoder", "encryptor", "reset",
    "change", "changed", "confirmation", "strength", "required", "enabled", "disabled", "mode",
    "format", "algorithm", "alg", "method", "scheme", "source", "src", "target", "index", "idx",
    "position", "pos", "offset", "line", "start", "end", "begin", "stream", "list", "array", "map",
    "set", "table", "model", "schema", "scope", "scopes", "status", "state", "event", "action",
    "callback", "function", "func", "fn", "test", "tests", "spec", "kinds", "iterator", "iter",
    "parser", "lexer", "scanner", "tokenizer", "issuer", "audience", "expression", "expr", "usage",
    "usages", "entry", "namespace", "engine", "mount", "backend", "lookup", "command", "cmd", "program",
    "getter", "setter", "request", "response", "rotation", "bits", "bytes", "limit", "cost", "price",
    "char", "chars", "character", "delimiter", "separator", "alias", "attribute", "property", "template",
    "exception", "failure", "invalid", "missing", "incorrect", "mismatch", "protected", "login", "less",
    "cache", "locator", "owner", "plugin", "annotation", "labels", "docs", "url", "uuid", "guid", "tag",
    "fingerprint", "thumbprint", "pub", "public", "of", "is", "has", "was", "exists", "in", "by",
    "for", "not", "and", "or", "review", "reviews", "resource", "audiences", "budget",
];

/// Words before the one that names a secret that take that meaning from it.
pub(super) const DENIED: &[&str] = &[
    "public", "pub", "publishable", "primary", "foreign", "partition", "sort", "cache", "csrf", "xsrf",
    "antiforgery", "page", "pagination", "continuation", "continue", "cursor", "sync", "syntax", "lex",
    "lexer", "parser", "parse", "ast", "next", "prev", "previous", "last", "first", "current", "design",
    "color", "css", "site", "anon", "anonymous", "has", "is", "no", "non", "without", "invalid", "wrong",
    "bad", "incorrect", "missing", "hashed", "hash", "encrypted", "enc", "encoded", "sealed", "expected",
    "unexpected", "keyword", "index", "unique", "composite", "idempotency", "sha", "sha1", "sha256",
    "checksum", "version", "tokenizer", "max", "min", "num", "total", "count", "forgot", "reset",
    "change", "confirm", "show", "hide", "toggle", "enter", "stop", "start", "end", "begin", "eof", "eos",
    "bos", "pad", "unk", "mask", "special", "sdk", "example", "sample", "dummy", "placeholder", "push",
    "nft", "erc", "by", "peek", "expect", "consume", "read",
];
