//! Tokens that name whom they belong to: an account, a bot, an environment.

use super::structure::BASE64_URL;
use super::{Facts, Found, Verdict, doubtful};
use crate::finding::Severity;
use base64::Engine as _;
use jiff::Timestamp;
use memchr::memmem;

const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Accounts whose keys are planted to see who uses them.
const CANARIES: &[u64] = &[
    52_310_077_262,
    171_436_882_533,
    534_261_010_715,
    595_918_472_158,
    717_712_589_309,
    819_147_034_852,
    992_382_622_183,
    730_335_385_048,
    266_735_846_894,
    893_192_397_702,
    44_858_866_125,
    251_535_659_677,
    344_043_088_457,
    351_906_852_752,
    390_477_818_340,
    426_127_672_474,
    427_150_556_519,
    439_872_796_651,
    445_142_720_921,
    465_867_158_099,
    637_958_123_769,
    693_412_236_332,
    732_624_840_810,
    735_421_457_923,
    959_235_150_393,
    982_842_642_351,
];

/// Accounts that AWS's documentation uses.
const SPECIMENS: &[u64] = &[
    0,
    111_111_111_111,
    111_122_223_333,
    123_456_789_012,
    210_987_654_321,
    222_222_222_222,
    333_333_333_333,
    444_455_556_666,
    555_555_555_555,
    777_788_889_999,
    999_999_999_999,
];

/// The highest 256-bit and 128-bit numbers in base 36, which a Swarm token's parts do not pass.
const HIGHEST_DIGEST: &[u8] = b"6dp5qcb22im238nr3wvp0ic7q99w035jmy2iw7i6n43d37jtof";
const HIGHEST_SECRET: &[u8] = b"f5lxx1zz5pnorynqglhzmsp33";

/// When Discord's numbers begin, in milliseconds since 1970.
const DISCORD_EPOCH: i64 = 1_420_070_400_000;

/// An AWS key id, by itself or with its secret.
pub(super) fn aws_key_id(found: &Found<'_>) -> Verdict {
    match aws_account(found.key_id()) {
        Some(account) if CANARIES.contains(&account) => {
            doubtful("its account is one of those whose keys are planted as alarms")
        }
        Some(account) if SPECIMENS.contains(&account) => {
            doubtful("its account is one that documentation uses")
        }
        Some(account) => Verdict::Open(Facts::about(format!("account {account:012}"))),
        None => Verdict::Open(Facts::default()),
    }
}

/// The account that a key id names: 40 bits after the first of its body. Ids from before 2019 begin
/// with a bit that is not set and name none.
fn aws_account(id: &[u8]) -> Option<u64> {
    let digits = id.get(4..14)?.iter().map(|byte| BASE32.iter().position(|digit| digit == byte));
    let mut bits = digits.map(|value| u64::try_from(value?).ok());
    let bits = bits.try_fold(0_u64, |sum, value| Some((sum << 5) | value?))?;
    let (named, account) = (bits >> 49 == 1, (bits >> 9) & ((1 << 40) - 1));
    (named && account < 1_000_000_000_000).then_some(account)
}

/// A Discord token: its first part is the number of its bot, which says when the bot was made.
pub(super) fn discord(found: &Found<'_>) -> Verdict {
    let first = found.value().split(|byte| *byte == b'.').next().unwrap_or_default();
    let number = BASE64_URL.decode(first).unwrap_or_default();
    let digits = (17..=20).contains(&number.len()) && number.iter().all(u8::is_ascii_digit);
    let number = String::from_utf8(number).ok().filter(|_| digits);
    let Some(number) = number.and_then(|text| text.parse::<u64>().ok()) else {
        return Verdict::NoSecret;
    };
    let made = i64::try_from(number >> 22).ok().and_then(|ms| ms.checked_add(DISCORD_EPOCH));
    let made = made.and_then(|ms| Timestamp::from_millisecond(ms).ok());
    let made = made.map(|time| jiff::tz::Offset::UTC.to_datetime(time).date());
    match (made, found.today) {
        (Some(made), Some(today)) if made > today => {
            doubtful("its bot would have been made in the future")
        }
        _ => Verdict::HoldsWith(Facts::about(format!("bot {number}"))),
    }
}

/// A Telegram token begins with the number of its bot.
pub(super) fn telegram(token: &[u8]) -> Verdict {
    let number = token.split(|byte| *byte == b':').next().unwrap_or_default();
    let digits = number.len() <= 12 && number.iter().all(u8::is_ascii_digit);
    match std::str::from_utf8(number) {
        Ok(number) if digits && !number.starts_with('0') => {
            Verdict::Open(Facts::about(format!("bot {number}")))
        }
        _ => doubtful("it does not begin with the number of a bot"),
    }
}

/// A Slack token's numbers are those of its workspace and its user: none begins with zero.
pub(super) fn slack(token: &[u8]) -> Verdict {
    let mut parts: Vec<_> = token.split(|byte| *byte == b'-').skip(1).collect();
    parts.pop();
    let number = |part: &&[u8]| part.len() >= 9 && part.iter().all(u8::is_ascii_digit);
    if parts.iter().filter(|part| number(part)).any(|part| part.starts_with(b"0")) {
        return doubtful("its numbers are none of Slack's");
    }
    Verdict::Open(Facts::default())
}

/// A token that says in its own prefix that nothing real depends on it.
pub(super) fn test_mode(token: &[u8]) -> Verdict {
    let start = token.get(..24.min(token.len())).unwrap_or_default().to_ascii_lowercase();
    let says = |word: &[u8]| memmem::find(&start, word).is_some();
    let modes: [(&[u8], Severity, &str); 4] = [
        (b"sandbox", Severity::Low, "for the sandbox"),
        (b"_test_", Severity::Low, "for test mode"),
        (b"-test-", Severity::Low, "for test mode"),
        (b"development", Severity::Medium, "for development"),
    ];
    let mode = modes.into_iter().find(|(word, ..)| says(word));
    let facts = mode.map(|(_, severity, what)| Facts::at_most(severity, what.to_owned()));
    Verdict::Open(facts.unwrap_or_default())
}

/// A Swarm join token: a digest and a secret, each a number of a fixed size.
pub(super) fn swarm(token: &[u8]) -> Verdict {
    let Some(rest) = token.strip_prefix(b"SWMTKN-1-") else {
        return Verdict::Open(Facts::default());
    };
    let mut parts = rest.split(|byte| *byte == b'-');
    let (digest, secret) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let fits = digest <= HIGHEST_DIGEST && secret <= HIGHEST_SECRET;
    if fits { Verdict::Open(Facts::default()) } else { doubtful("its numbers are too large") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::expand;

    #[test]
    fn a_key_id_names_its_account() {
        assert_eq!(aws_account(id_of(29_608_264_753).as_bytes()), Some(29_608_264_753));
        assert_eq!(aws_account(["AKIA", "IOSFODNN7", "ABCDEFG"].concat().as_bytes()), None);
        assert_eq!(aws_account(b"AKIA"), None);
        assert!(aws_account(expand("{aws:AKIA}").unwrap().text.as_bytes()).is_some());
    }

    /// The id that an account's number would have, with zeros for the rest.
    fn id_of(account: u64) -> String {
        let bits = (1_u64 << 49) | (account << 9);
        let digit =
            |n: u32| char::from(BASE32[usize::try_from((bits >> (45 - 5 * n)) & 31).unwrap()]);
        format!("AKIA{}QWERTY", (0..10).map(digit).collect::<String>())
    }

    fn key_id(text: &str) -> Verdict {
        let found =
            Found { bytes: text.as_bytes(), secret: &(0..text.len()), id: None, today: None };
        aws_key_id(&found)
    }

    #[test]
    fn planted_keys_and_those_of_documentation_are_doubtful() {
        for account in CANARIES.iter().chain(SPECIMENS) {
            assert_eq!(aws_account(id_of(*account).as_bytes()), Some(*account));
            assert!(matches!(key_id(&id_of(*account)), Verdict::Doubtful(_)), "{account}");
        }
        let facts = Facts::about("account 001234567890".to_owned());
        assert_eq!(key_id(&id_of(1_234_567_890)), Verdict::Open(facts));
    }

    #[test]
    fn a_test_environment_lowers_what_a_leak_can_do() {
        let most = |token: &[u8]| test_mode(token).facts().unwrap().at_most;
        assert_eq!(most(b"access-sandbox-1234"), Some(Severity::Low));
        assert_eq!(most(b"access-production-1234"), None);
    }

    #[test]
    fn the_parts_of_a_swarm_token_fit_their_numbers() {
        let token = expand("{swarm}").unwrap().text;
        assert_eq!(swarm(token.as_bytes()), Verdict::Open(Facts::default()));
        let high = token.replacen("SWMTKN-1-", "SWMTKN-1-z", 1);
        assert!(matches!(swarm(high.as_bytes()), Verdict::Doubtful(_)));
    }

    #[test]
    fn slack_numbers_do_not_begin_with_zero() {
        assert!(matches!(slack(b"xoxb-012345678901-abcdef"), Verdict::Doubtful(_)));
        assert_eq!(slack(b"xoxb-912345678901-abcdef"), Verdict::Open(Facts::default()));
    }
}
