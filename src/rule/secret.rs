//! What a secret rule says: data alone; `detect::secrets` runs it.

use super::Validate;
use crate::finding::{Action, Confidence, RuleId, Severity};
use serde::Deserialize;

/// One kind of secret.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SecretRule {
    /// `secret/<kind>`.
    pub id: RuleId,
    /// What the secret is, in words.
    pub title: String,
    /// How bad its leak is.
    pub severity: Severity,
    /// How sure a match is.
    pub confidence: Confidence,
    /// What a match asks of the gate.
    #[serde(default = "block")]
    pub action: Action,
    /// The policy under which a finding counts, and so the controls for which it is evidence.
    #[serde(default = "secret_in_diff")]
    pub policy: RuleId,
    /// Text of which one must occur in every match of the pattern, compared without regard to ASCII
    /// case. A rule that is confined to paths may do without.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// The regular expression. Its group `secret` is the value; a group `id`, if it has one, is the
    /// public half of the credential, which is then not reported for itself.
    #[serde(default)]
    pub pattern: String,
    /// Instead of a pattern: the value is what a name that says so is given. Keywords are the stems
    /// of such names.
    #[serde(default)]
    pub assigned: Option<Assigned>,
    /// Whether the value must stand by itself.
    #[serde(default)]
    pub boundary: Boundary,
    /// What can be computed about a value to tell a real one from a lookalike.
    #[serde(default)]
    pub check: Option<Check>,
    /// Whether people think the value up, so that it could be guessed from a fast hash; checks of
    /// passwords imply it.
    #[serde(default)]
    pub human: bool,
    /// The least Shannon entropy of the value after its public prefix, in bits a character.
    #[serde(default)]
    pub min_entropy: Option<f64>,
    /// Path patterns (globs) to which the rule is confined; empty means every path. One without a
    /// slash is compared with the file's name.
    #[serde(default)]
    pub paths: Vec<String>,
    /// Text with which every token of the kind begins and which is no secret; shown in reports.
    #[serde(default)]
    pub public_prefix: String,
    /// Why its leak matters.
    pub why: String,
    /// How to make the leak harmless.
    pub fix: String,
    /// The issuer's pages.
    #[serde(default)]
    pub references: Vec<String>,
    /// Texts in which it must be found; `{alnum:36}` and the like expand to generated characters.
    pub matches: Vec<String>,
    /// Texts in which it must not be found.
    pub ignores: Vec<String>,
    /// How its issuer is asked whether a secret works: by `lockkeeper verify-secret`, never by a scan.
    #[serde(default)]
    pub validate: Option<Validate>,
}

impl SecretRule {
    /// Whether a value could be guessed from a fast hash of it.
    pub fn is_human(&self) -> bool {
        let passwords = [Check::UrlPassword, Check::Password, Check::BasicAuth];
        self.human || self.check.is_some_and(|check| passwords.contains(&check))
    }
}

#[expect(clippy::expect_used, reason = "the text is a rule id")]
fn secret_in_diff() -> RuleId {
    "SEC-001".parse().expect("SEC-001 is a rule id")
}

fn block() -> Action {
    Action::Block
}

/// What the name of a value without a pattern says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Assigned {
    /// What a person signs in with.
    Password,
    /// What a program signs in or encrypts with.
    Token,
}

/// Whether a value must stand by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Boundary {
    /// It is not part of a longer run of characters that a token is made of. An escape (`\n`,
    /// `%3D`) before it is no part of it.
    #[default]
    Token,
    /// The pattern alone says where it begins and ends.
    Pattern,
}

/// What can be computed about a value without asking its issuer. A check that fails lowers the
/// confidence to low, or proves that the value is no secret; a check that holds may know who the
/// value belongs to, and that its leak does less harm than the rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// The last six characters are the CRC-32 of the thirty before them, in base 62.
    GithubCrc32,
    /// The last seven characters are the CRC-32 of all before them, in base 36.
    GitlabCrc32,
    /// A token without a checksum, and no piece of one that has one.
    GitlabLegacy,
    /// The last eight characters are the CRC-32 of the forty before them, in hexadecimal.
    CloudflareCrc32,
    /// The last eight characters are the CRC-32 of all before the last underscore, in hexadecimal,
    /// lowest byte first.
    GrafanaCrc32,
    /// The last eight characters are the CRC-32 of all before them, in hexadecimal.
    AtlassianCrc32,
    /// The last eight characters are the CRC-32 of what stands between the underscores, in
    /// hexadecimal.
    ZuploCrc32,
    /// The last six characters are the CRC-32 of all before them, in base 64, lowest byte first.
    ConfluentCrc32,
    /// A bech32 text that ends in its own checksum.
    Bech32,
    /// A base 58 text that ends in four bytes of its own SHA-256, as Bitcoin writes keys.
    Base58Check,
    /// An AWS access key id: it names its account.
    AwsKeyId,
    /// A JSON web token: its header decodes to JSON that names an algorithm.
    Jwt,
    /// A JSON web token whose claims give it the role `service_role`.
    JwtServiceRole,
    /// A private key in PEM that is not encrypted: a body that decodes to a key's structure.
    PrivateKey,
    /// A private key in PEM that is encrypted.
    EncryptedKey,
    /// A private key in the JSON of a Google service account.
    GoogleServiceAccount,
    /// A Google refresh token, perhaps in the JSON of an authorized user.
    GoogleRefreshToken,
    /// A macaroon of version 2, as PyPI issues them.
    Macaroon,
    /// A macaroon as Fly.io writes them.
    FlyMacaroon,
    /// A Sentry token that carries JSON.
    SentryJson,
    /// A Grafana Cloud token, or an API key of Grafana, which are JSON.
    GrafanaJson,
    /// A 1Password service account token, which is JSON.
    OnePasswordJson,
    /// A Mapbox token that carries JSON.
    MapboxJson,
    /// A Docker Swarm token: a digest and a secret in base 36.
    Swarm,
    /// A token whose first part is a number in base 64.
    Discord,
    /// A token that begins with its bot's number.
    Telegram,
    /// A token of numbers and a secret between dashes.
    Slack,
    /// A token that says in its prefix whether it is for a test environment.
    TestMode,
    /// A storage key: 64 bytes, and not the one that the vendor publishes for its emulator.
    AzureStorage,
    /// The signature of a shared access URL that says until when it is valid.
    AzureSas,
    /// The password of a URL: not a stand-in for one, and not for a server of nobody's.
    UrlPassword,
    /// A password: not a stand-in for one.
    Password,
    /// Base 64 of `user:password`.
    BasicAuth,
}
