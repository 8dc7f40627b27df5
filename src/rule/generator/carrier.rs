//! Tokens that carry something: an account, a number, JSON, a macaroon.

use super::random::Random;
use crate::rule::checksum::{BASE36, BASE62};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

const HEX: &[u8] = b"0123456789abcdef";
const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The registry's host in base 64, so that it is nowhere written out.
const PYPI: &str = "cHlwaS5vcmc";

pub(super) fn generate(kind: &str, argument: &str, random: &mut Random) -> Option<String> {
    match (kind, argument) {
        ("aws", prefix) if !prefix.is_empty() => Some(aws(random, prefix)),
        ("jwt", role) => Some(jwt(random, role, None)),
        ("jwt-until", year) => Some(jwt(random, "", Some(year.parse().ok()?))),
        ("userpass", "") => Some(STANDARD.encode(format!("deploy:{}", random.string(BASE62, 19)))),
        ("snowflake", "") => {
            Some(STANDARD.encode(format!("9{}", random.string(b"0123456789", 17))))
        }
        ("pypi", "") => Some(pypi(random)),
        ("fly", "") => Some(fly(random)),
        ("sentry", "") => Some(sentry(random)),
        ("grafana-cloud", "") => Some(grafana_cloud(random)),
        ("grafana-key", "") => Some(grafana_key(random)),
        ("onepassword", "") => Some(onepassword(random)),
        ("mapbox", "") => Some(mapbox(random)),
        ("swarm", "") => Some(swarm(random)),
        _ => None,
    }
}

/// A key id of an account whose number has twelve digits.
fn aws(random: &mut Random, prefix: &str) -> String {
    format!("{prefix}{}{}", random.string(b"QRSTUVWXYZ234", 1), random.string(BASE32, 15))
}

fn jwt(random: &mut Random, role: &str, until: Option<i64>) -> String {
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let role = if role.is_empty() { String::new() } else { format!(",\"role\":\"{role}\"") };
    let seconds = |year: i64| (year - 1970) * 31_556_952;
    let until = until.map(|year| format!(",\"exp\":{}", seconds(year))).unwrap_or_default();
    let subject = random.string(b"0123456789", 10);
    let head = encode("{\"alg\":\"HS256\",\"typ\":\"JWT\"}");
    let claims = encode(&format!("{{\"sub\":\"{subject}\",\"iat\":1200000000{role}{until}}}"));
    format!("{head}.{claims}.{}", URL_SAFE_NO_PAD.encode(random.bytes(32)))
}

/// A macaroon of version 2: a place, a name, a caveat and a signature.
fn pypi(random: &mut Random) -> String {
    let place = URL_SAFE_NO_PAD.decode(PYPI).unwrap_or_default();
    let field = |kind: u8, body: &[u8]| {
        let length = u8::try_from(body.len()).unwrap_or_default();
        [&[kind, length], body].concat()
    };
    let name = random.string(HEX, 36);
    let caveat = format!("[3,\"{}\"]", random.string(HEX, 36));
    let parts = [
        vec![2],
        field(1, &place),
        field(2, name.as_bytes()),
        vec![0],
        field(2, caveat.as_bytes()),
        vec![0, 0],
        field(6, &random.bytes(32)),
    ];
    format!("pypi-{}", URL_SAFE_NO_PAD.encode(parts.concat()))
}

/// A macaroon in `MessagePack`: an array of four, of which the first is an array of three.
fn fly(random: &mut Random) -> String {
    let place = b"https://api.fly.io/v1";
    let parts = [
        vec![0x94, 0x93, 0xc4, 16],
        random.bytes(16),
        vec![0xc4, 16],
        random.bytes(16),
        vec![0xc2, 0xb5],
        place.to_vec(),
        vec![0xc4, 100],
        random.bytes(100),
        vec![0xc4, 32],
        random.bytes(32),
    ];
    format!("fm2_{}", STANDARD.encode(parts.concat()))
}

fn sentry(random: &mut Random) -> String {
    let json = "{\"iat\":1700000000.25,\"url\":\"https://sentry.io\",\
                \"region_url\":\"https://us.sentry.io\",\"org\":\"acme\"}";
    format!("sntrys_{}_{}", STANDARD.encode(json), random.string(BASE62, 43))
}

fn grafana_cloud(random: &mut Random) -> String {
    let key = random.string(BASE62, 24);
    let json = format!(
        "{{\"o\":\"652992\",\"n\":\"acme-writer\",\"k\":\"{key}\",\"m\":{{\"r\":\"eu\"}}}}"
    );
    format!("glc_{}", STANDARD.encode(json))
}

fn grafana_key(random: &mut Random) -> String {
    let key = random.string(BASE62, 32);
    STANDARD.encode(format!("{{\"k\":\"{key}\",\"n\":\"acme-writer\",\"id\":1}}"))
}

fn onepassword(random: &mut Random) -> String {
    let secret = random.string(&BASE62.map(|digit| digit.to_ascii_uppercase()), 26);
    let key = URL_SAFE_NO_PAD.encode(random.bytes(32));
    let device = random.string(BASE36, 26);
    let json = format!(
        "{{\"signInAddress\":\"acme.1password.com\",\"userAuth\":{{\"method\":\"SRPg-4096\",\
         \"alg\":\"PBES2g-HS256\",\"iterations\":650000,\"salt\":\"{}\"}},\
         \"email\":\"{}@1passwordserviceaccounts.com\",\"srpX\":\"{}\",\
         \"muk\":{{\"alg\":\"A256GCM\",\"ext\":true,\"k\":\"{key}\",\"key_ops\":[\"encrypt\",\
         \"decrypt\"],\"kty\":\"oct\",\"kid\":\"mp\"}},\"secretKey\":\"A3-{secret}\",\
         \"throttleSecret\":{{\"seed\":\"{}\",\"uuid\":\"{device}\"}},\"deviceUuid\":\"{device}\"}}",
        URL_SAFE_NO_PAD.encode(random.bytes(16)),
        random.string(BASE36, 13),
        random.string(HEX, 64),
        random.string(HEX, 64),
    );
    format!("ops_{}", URL_SAFE_NO_PAD.encode(json))
}

fn mapbox(random: &mut Random) -> String {
    let json = format!("{{\"u\":\"acme\",\"a\":\"cl{}\"}}", random.string(BASE36, 23));
    format!("sk.{}.{}", URL_SAFE_NO_PAD.encode(json), random.string(BASE62, 22))
}

/// A digest of 256 bits and a secret of 128 in base 36: the first digits are low.
fn swarm(random: &mut Random) -> String {
    let digest = format!("{}{}", random.string(b"012345", 1), random.string(BASE36, 49));
    let secret = format!("{}{}", random.string(b"0123456789abcde", 1), random.string(BASE36, 24));
    format!("SWMTKN-1-{digest}-{secret}")
}
