//! What can be computed about a value to tell a real secret from a lookalike, without a network.
//!
//! A checksum that fails makes a finding doubtful and never hides it: it may be the format that
//! changed. Structure that cannot be there in a secret of the kind proves that it is none.

mod key;
mod stand_in;
mod structure;
mod token;
mod url;

use crate::rule::Check;
use std::ops::Range;

/// What a check says of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The value is what its rule says, however it looks.
    Holds,
    /// The shape fits, but this speaks against it.
    Doubtful(&'static str),
    /// The value is something else.
    NoSecret,
}

/// Runs a check on the value at `secret` in `bytes`.
pub(super) fn verify(check: Check, bytes: &[u8], secret: &Range<usize>) -> Verdict {
    let value = bytes.get(secret.clone()).unwrap_or_default();
    match check {
        Check::GithubCrc32 => checksum(token::github(value)),
        Check::GitlabCrc32 => checksum(token::gitlab(value)),
        Check::CloudflareCrc32 => checksum(token::cloudflare(value)),
        Check::GrafanaCrc32 => checksum(token::grafana(value)),
        Check::AtlassianCrc32 => checksum(token::atlassian(value)),
        Check::Bech32 => checksum(token::bech32(value)),
        Check::Jwt => structure::jwt(value),
        Check::JwtServiceRole => structure::jwt_of_service_role(value),
        Check::PrivateKey => key::private(value),
        Check::EncryptedKey => key::encrypted(value),
        Check::UrlPassword => url::password(bytes, secret),
        Check::Password => url::bare_password(value),
        Check::AzureStorage => structure::azure_storage(value),
        Check::BasicAuth => structure::basic_auth(value),
        Check::Discord => structure::discord(value),
    }
}

fn checksum(holds: bool) -> Verdict {
    if holds { Verdict::Holds } else { Verdict::Doubtful("its checksum does not hold") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::expand;

    fn verdict(check: Check, text: &str) -> Verdict {
        let text = expand(text).unwrap().text;
        verify(check, text.as_bytes(), &(0..text.len()))
    }

    /// The checks that compute a checksum, with a token for which it holds.
    const CHECKSUMS: &[(Check, &str)] = &[
        (Check::GithubCrc32, "{github:ghp_}"),
        (Check::GithubCrc32, "{github:npm_}"),
        (Check::GitlabCrc32, "{gitlab-routable:glpat-}"),
        (Check::CloudflareCrc32, "{cloudflare:cfut_}"),
        (Check::GrafanaCrc32, "{grafana}"),
        (Check::AtlassianCrc32, "{atlassian}"),
        (Check::Bech32, "{age}"),
    ];

    #[test]
    fn a_checksum_holds_for_the_token_it_was_computed_of_and_for_no_other() {
        for (check, text) in CHECKSUMS {
            assert_eq!(verdict(*check, text), Verdict::Holds, "{text}");
            let mut token = expand(text).unwrap().text.into_bytes();
            let middle = token.len() / 2;
            token[middle] = if token[middle] == b'Q' { b'P' } else { b'Q' };
            let changed = verify(*check, &token, &(0..token.len()));
            assert!(matches!(changed, Verdict::Doubtful(_)), "{text}");
        }
    }

    #[test]
    fn a_value_too_short_for_its_check_is_doubtful_and_no_panic() {
        for (check, _) in CHECKSUMS {
            for text in ["", "a", "_", "{alnum:9}", "{alnum:36}", "ééé"] {
                assert!(matches!(verdict(*check, text), Verdict::Doubtful(_)), "{text}");
            }
        }
    }
}
