//! What can be computed about a value to tell a real secret from a lookalike, without a network.
//!
//! - A checksum that fails makes a finding doubtful and never hides it: it may be the format that
//!   changed. Structure that cannot be there in a secret of the kind proves that it is none.
//! - What is learnt on the way (an account, an issuer, a date) goes into the message; no part of the
//!   value that is secret does.
//! - No bytes make a check panic, and each costs time linear in the value and a bounded surrounding.

mod azure;
mod der;
mod found;
mod google;
mod identity;
mod json;
mod jwt;
mod key;
mod macaroon;
mod openssh;
mod pgp;
mod published;
mod stand_in;
mod structure;
mod token;
mod url;

pub(super) use found::Found;
pub(super) use published::is_published;
pub(super) use url::bare_password;

use crate::finding::Severity;
use crate::rule::Check;
use std::fmt;

/// What a check says of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The value is what its rule says, however it looks.
    Holds,
    /// The same, and this is known of it.
    HoldsWith(Facts),
    /// Nothing is proven: how the value looks decides. This is known of it.
    Open(Facts),
    /// The shape fits, but this speaks against it.
    Doubtful(Doubt),
    /// The value is something else.
    NoSecret,
}

#[cfg(test)]
impl Verdict {
    /// What is known of a value that may be a secret.
    fn facts(self) -> Option<Facts> {
        match self {
            Self::HoldsWith(facts) | Self::Open(facts) => Some(facts),
            Self::Holds | Self::Doubtful(_) | Self::NoSecret => None,
        }
    }
}

/// What a check learnt of a value besides that it holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Facts {
    /// The worst that its leak can do, where that is less than its rule says.
    pub(super) at_most: Option<Severity>,
    /// What it opens or until when, in a few words without anything secret.
    pub(super) detail: Option<String>,
}

impl Facts {
    /// Facts that change nothing about how bad the leak is; none if there is nothing to say.
    fn about(detail: impl Into<Option<String>>) -> Self {
        Self { at_most: None, detail: detail.into() }
    }

    /// Facts that make the leak at most this bad.
    fn at_most(severity: Severity, detail: String) -> Self {
        Self { at_most: Some(severity), detail: Some(detail) }
    }
}

/// What speaks against a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    /// Its own checksum: nobody issued it, whichever rule finds it.
    Checksum,
    /// Something that makes it less likely to be a secret.
    Circumstance(&'static str),
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Checksum => f.write_str("its checksum does not hold"),
            Self::Circumstance(why) => f.write_str(why),
        }
    }
}

/// Runs a check on a value where it was found.
pub(super) fn verify(check: Check, found: &Found<'_>) -> Verdict {
    let value = found.value();
    match check {
        Check::GithubCrc32 => token::github(value),
        Check::GitlabCrc32 => checksum(token::gitlab(value)),
        Check::GitlabLegacy => token::gitlab_legacy(found),
        Check::CloudflareCrc32 => checksum(token::cloudflare(value)),
        Check::GrafanaCrc32 => checksum(token::grafana(value)),
        Check::AtlassianCrc32 => checksum(token::atlassian(value)),
        Check::ZuploCrc32 => checksum(token::zuplo(value)),
        Check::ConfluentCrc32 => checksum(token::confluent(value)),
        Check::Bech32 => checksum(token::bech32(value)),
        Check::Base58Check => token::base58check(value),
        Check::AwsKeyId => identity::aws_key_id(found),
        Check::Jwt => jwt::token(found),
        Check::JwtServiceRole => jwt::of_service_role(found),
        Check::PrivateKey => key::private(value),
        Check::EncryptedKey => key::encrypted(value),
        Check::GoogleServiceAccount => google::service_account(found),
        Check::GoogleRefreshToken => google::refresh_token(found),
        Check::Macaroon => macaroon::pypi(value),
        Check::FlyMacaroon => macaroon::fly(value),
        Check::SentryJson => json::sentry(value),
        Check::GrafanaJson => json::grafana(value),
        Check::OnePasswordJson => json::onepassword(value),
        Check::MapboxJson => json::mapbox(value),
        Check::Swarm => identity::swarm(value),
        Check::Discord => identity::discord(found),
        Check::Telegram => identity::telegram(value),
        Check::Slack => identity::slack(value),
        Check::TestMode => identity::test_mode(value),
        Check::AzureStorage => azure::storage_key(value),
        Check::AzureSas => azure::shared_access(found),
        Check::UrlPassword => url::password(found),
        Check::Password => bare_password(value),
        Check::BasicAuth => structure::basic_auth(value),
    }
}

fn checksum(holds: bool) -> Verdict {
    if holds { Verdict::Holds } else { Verdict::Doubtful(Doubt::Checksum) }
}

/// A doubt in words.
fn doubtful(why: &'static str) -> Verdict {
    Verdict::Doubtful(Doubt::Circumstance(why))
}

#[cfg(test)]
mod tests;
