use super::*;
use crate::finding::Severity;
use crate::rule::expand;
use jiff::civil::date;
use proptest::prelude::*;

fn verdict(check: Check, text: &str) -> Verdict {
    of(check, expand(text).unwrap().text.as_bytes())
}

fn of(check: Check, value: &[u8]) -> Verdict {
    let today = Some(date(2026, 1, 1));
    verify(check, &Found { bytes: value, secret: &(0..value.len()), id: None, today })
}

fn is_doubtful(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Doubtful(_))
}

/// The checks that compute a checksum, with a token for which it holds.
const CHECKSUMS: &[(Check, &str)] = &[
    (Check::GithubCrc32, "{github:ghp_}"),
    (Check::GithubCrc32, "{github:npm_}"),
    (Check::GitlabCrc32, "{gitlab-routable:glpat-}"),
    (Check::CloudflareCrc32, "{cloudflare:cfut_}"),
    (Check::GrafanaCrc32, "{grafana}"),
    (Check::AtlassianCrc32, "{atlassian}"),
    (Check::ZuploCrc32, "{zuplo}"),
    (Check::ConfluentCrc32, "{confluent}"),
    (Check::Bech32, "{age}"),
    (Check::Bech32, "{nsec}"),
    (Check::Base58Check, "{wif}"),
    (Check::Base58Check, "{xprv}"),
];

/// Every check there is.
const ALL: &[Check] = &[
    Check::GithubCrc32,
    Check::GitlabCrc32,
    Check::GitlabLegacy,
    Check::CloudflareCrc32,
    Check::GrafanaCrc32,
    Check::AtlassianCrc32,
    Check::ZuploCrc32,
    Check::ConfluentCrc32,
    Check::Bech32,
    Check::Base58Check,
    Check::AwsKeyId,
    Check::Jwt,
    Check::JwtServiceRole,
    Check::PrivateKey,
    Check::EncryptedKey,
    Check::GoogleServiceAccount,
    Check::GoogleRefreshToken,
    Check::Macaroon,
    Check::FlyMacaroon,
    Check::SentryJson,
    Check::GrafanaJson,
    Check::OnePasswordJson,
    Check::MapboxJson,
    Check::Swarm,
    Check::Discord,
    Check::Telegram,
    Check::Slack,
    Check::TestMode,
    Check::AzureStorage,
    Check::AzureSas,
    Check::UrlPassword,
    Check::Password,
    Check::BasicAuth,
];

/// Texts that some check gets far with.
const TEXTS: &[&str] = &[
    "{pem:RSA PRIVATE KEY}",
    "{pem:EC PRIVATE KEY}",
    "{pem:ENCRYPTED PRIVATE KEY}",
    "{pem:PGP PRIVATE KEY BLOCK}",
    "{openssh:none}",
    "{openssh:aes256-ctr}",
    "{jwt-until:2020}",
    "{pypi}",
    "{fly}",
    "{sentry}",
    "{grafana-cloud}",
    "{onepassword}",
    "{mapbox}",
    "{swarm}",
    "{snowflake}.{alnum:6}.{alnum:38}",
    "{aws:AKIA}",
    "{userpass}",
    "{xprv}",
];

#[test]
fn a_checksum_holds_for_the_token_it_was_computed_of_and_for_no_other() {
    for (check, text) in CHECKSUMS {
        assert_eq!(verdict(*check, text), Verdict::Holds, "{text}");
        let token = expand(text).unwrap().text.into_bytes();
        for at in token.iter().position(|byte| b"_-1".contains(byte)).unwrap() + 1..token.len() {
            let mut changed = token.clone();
            changed[at] = if changed[at] == b'q' { b'p' } else { b'q' };
            assert!(is_doubtful(&of(*check, &changed)), "{text} {at}");
        }
    }
}

#[test]
fn a_value_too_short_for_its_check_is_doubtful_and_no_panic() {
    for (check, _) in CHECKSUMS {
        for text in ["", "a", "_", "{alnum:9}", "{alnum:36}", "ééé"] {
            assert!(is_doubtful(&verdict(*check, text)), "{text}");
        }
    }
}

/// Of a refresh token in its longer form it is not known whether it ends in a checksum.
#[test]
fn what_no_checksum_is_known_of_stays_open() {
    let open = Verdict::Open(Facts::default());
    assert_eq!(verdict(Check::GithubCrc32, "ghr_{alnum:76}"), open);
}

#[test]
fn a_piece_of_a_routable_token_is_no_older_token() {
    let after = |tail: &str| {
        let text = format!("glpat-{{alnum:20}}{tail}");
        let text = expand(&text).unwrap().text;
        verify(
            Check::GitlabLegacy,
            &Found { bytes: text.as_bytes(), secret: &(0..26), id: None, today: None },
        )
    };
    assert!(matches!(after(".01.0a1234567"), Verdict::Doubtful(_)));
    assert!(matches!(after(".{alnum:20}.01.0a1234567"), Verdict::Doubtful(_)));
    for tail in ["", ".", ". The end of it", ".json\"", "@host.example.org"] {
        assert_eq!(after(tail), Verdict::Open(Facts::default()), "{tail}");
    }
}

#[test]
fn severities_are_only_lowered() {
    let facts = Facts::at_most(Severity::Low, "for test mode".to_owned());
    assert_eq!(verdict(Check::TestMode, "sk_test_{alnum:24}"), Verdict::Open(facts));
}

proptest! {
    #[test]
    fn no_bytes_make_a_check_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for check in ALL {
            of(*check, &bytes);
        }
    }

    /// Whatever is cut from a text, or changed in it, or put around it.
    #[test]
    fn nothing_almost_right_makes_a_check_panic(
        text in prop::sample::select(TEXTS),
        cut in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        around in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let mut value = expand(text).unwrap().text.into_bytes();
        let place = at.index(value.len());
        value[place] = byte;
        value.truncate(cut.index(value.len()) + 1);
        let bytes = [around.as_slice(), &value, &around].concat();
        let secret = around.len()..around.len() + value.len();
        for check in ALL {
            let found = Found { bytes: &bytes, secret: &secret, id: Some(&secret), today: None };
            let detail = verify(*check, &found).facts().and_then(|facts| facts.detail);
            prop_assert!(detail.is_none_or(|detail| detail.len() <= 400));
        }
    }
}
