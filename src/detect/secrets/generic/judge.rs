//! What a name and a value together are worth.

use super::assignment::Form;
use super::key::{Class, Key, Strength};
use super::model::Model;
use super::place::{Bare, Place, Role, Setting};
use super::reference::References;
use super::shape::{is_name, is_number, is_path, is_sequence, is_uuid, says_specimen, stands_in};
use crate::finding::Confidence;
use aho_corasick::BuildError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The surprise from which a value is sure to have been drawn by lot, in bits.
const SURELY_DRAWN: i32 = 20;

/// The surprise from which it probably was.
const DRAWN: i32 = 7;

/// The shortest token.
const TOKEN: usize = 16;

/// The shortest token of which characters of several kinds show that it was drawn.
const SHORT_TOKEN: usize = 12;

/// The shortest password.
const PASSWORD: usize = 6;

const SPECIMEN: &str = "in a test, an example or documentation";
const STAND_IN: &str = "it may stand in for a secret";
const GUESSED: &str = "a person may have chosen it";
const LOOSE: &str = "the text may mean something else here";

/// What a value is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Worth {
    pub(super) confidence: Confidence,
    /// What speaks against it.
    pub(super) doubt: Option<&'static str>,
}

/// A value beside a name.
#[derive(Clone, Copy)]
pub(super) struct Candidate<'a> {
    pub(super) key: Key,
    pub(super) value: &'a [u8],
    pub(super) form: Form,
    pub(super) place: Place,
}

/// How a value came about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    /// A person chose it, and it could be a word with a number.
    Simple,
    /// A person chose it, with care.
    Careful,
    /// It was drawn by lot, as far as so few characters show it.
    Drawn,
    /// It was drawn by lot.
    SurelyDrawn,
}

/// What is known of values: ready to judge.
pub(super) struct Judge {
    model: Model,
    references: References,
}

impl Judge {
    pub(super) fn new() -> Result<Self, BuildError> {
        Ok(Self { model: Model::new(), references: References::new()? })
    }

    /// How a value came about; `None` if nobody would take it for a secret. This is cheap, and most
    /// values end here.
    pub(super) fn origin(&self, value: &[u8]) -> Option<Origin> {
        let possible = value.len() >= PASSWORD && value.iter().all(u8::is_ascii_graphic);
        if possible { origin(value, &self.model) } else { None }
    }

    /// Judges a candidate; `None` if it is no secret.
    pub(super) fn judge(&self, candidate: &Candidate<'_>) -> Option<Worth> {
        let origin = self.origin(candidate.value)?;
        let excluded = || self.is_out_of_question(candidate.value);
        (is_enough(candidate, origin) && !excluded()).then(|| worth(candidate, origin))
    }

    /// Whether nothing could make the value a secret.
    fn is_out_of_question(&self, value: &[u8]) -> bool {
        is_number(value)
            || self.references.hold(value)
            || is_path(value, &self.model)
            || is_name(value, &self.model)
            || stands_in(value)
            || self.is_encoded_stand_in(value)
    }

    /// Whether it is base 64 of something that is no secret, as in a Kubernetes manifest.
    fn is_encoded_stand_in(&self, value: &[u8]) -> bool {
        let Some(decoded) = STANDARD.decode(value).ok().filter(|_| value.len() >= 8) else {
            return false;
        };
        let decoded = decoded.trim_ascii();
        let text = decoded.iter().all(|b| b.is_ascii_graphic() || *b == b' ');
        let words = || is_name(decoded, &self.model) || stands_in(decoded);
        text && (decoded.contains(&b' ') || words() || self.references.hold(decoded))
    }
}

/// Whether a value that came about so is a secret beside its name.
fn is_enough(candidate: &Candidate<'_>, origin: Origin) -> bool {
    let settings = candidate.place.role == Role::Settings;
    match (candidate.key.class, candidate.key.strength) {
        (Class::Password, Strength::Strong) => password(candidate, origin),
        (Class::Password, Strength::Weak) => {
            origin >= if settings { Origin::Careful } else { Origin::Drawn }
                && password(candidate, origin)
        }
        (Class::Token, Strength::Strong) => token(candidate, origin),
        (Class::Token, Strength::Weak) => origin == Origin::SurelyDrawn && token(candidate, origin),
    }
}

fn origin(value: &[u8], model: &Model) -> Option<Origin> {
    let surprise = model.surprise(value);
    let kinds = kinds(value);
    let long = value.len() >= TOKEN;
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    let dense = digits * 16 >= value.len() || usize::try_from(surprise).unwrap_or(0) >= value.len();
    if surprise >= SURELY_DRAWN && long && dense {
        Some(Origin::SurelyDrawn)
    } else if surprise >= DRAWN && value.len() >= 8 && kinds >= 2 && dense {
        Some(Origin::Drawn)
    } else if kinds >= 3 && value.len() >= 8 && value.len() <= 40 && has_sign(value) {
        Some(Origin::Careful)
    } else if kinds >= 2 && digits > 0 && value.len() <= 40 {
        Some(Origin::Simple)
    } else {
        None
    }
}

/// Whether one of its characters is in no name.
fn has_sign(value: &[u8]) -> bool {
    value.iter().any(|b| b"!@#$%^&*?~+=|,;".contains(b))
}

fn kinds(value: &[u8]) -> usize {
    let kinds: [fn(&u8) -> bool; 4] =
        [u8::is_ascii_lowercase, u8::is_ascii_uppercase, u8::is_ascii_digit, |b| {
            !b.is_ascii_alphanumeric() && !b"-_./:".contains(b)
        }];
    kinds.iter().filter(|kind| value.iter().any(*kind)).count()
}

/// Whether a value beside the name of a password is one.
fn password(candidate: &Candidate<'_>, origin: Origin) -> bool {
    let Candidate { form, place, value, .. } = candidate;
    let specimen = place.setting == Setting::Specimen;
    let least = match (form, place.role) {
        (_, Role::Phrases) => Origin::SurelyDrawn,
        (Form::Doubtful, _) => Origin::Drawn,
        (Form::Loose, _) | (_, Role::Prose) => Origin::Careful,
        (Form::Literal | Form::Plain, _) if specimen => Origin::Careful,
        (Form::Literal | Form::Plain, _) => Origin::Simple,
    };
    let expression = *form == Form::Doubtful && place.bare == Bare::Expression;
    origin >= least
        && !(is_uuid(value) && specimen)
        && !(expression && origin < Origin::SurelyDrawn)
}

/// Whether a value beside the name of a token is one.
fn token(candidate: &Candidate<'_>, origin: Origin) -> bool {
    let Candidate { form, place, value, .. } = candidate;
    let drawn = origin == Origin::SurelyDrawn
        || (origin == Origin::Drawn && value.len() >= SHORT_TOKEN && *form <= Form::Plain);
    let specimen = place.setting == Setting::Specimen;
    let phrase = place.role == Role::Phrases;
    let chosen = origin >= Origin::Careful && place.role != Role::Prose && *form <= Form::Plain;
    let invented = specimen && (is_uuid(value) || !drawn);
    !phrase && !invented && (drawn || chosen)
}

fn worth(candidate: &Candidate<'_>, origin: Origin) -> Worth {
    let Candidate { form, place, value, .. } = candidate;
    let low = |doubt| Worth { confidence: Confidence::Low, doubt: Some(doubt) };
    let prose = place.role == Role::Prose;
    let token = candidate.key.class == Class::Token;
    let guessed = origin == Origin::Simple || (token && origin == Origin::Careful);
    if place.setting == Setting::Specimen || prose {
        low(SPECIMEN)
    } else if says_specimen(value) || (is_sequence(value) && origin < Origin::SurelyDrawn) {
        low(STAND_IN)
    } else if *form >= Form::Loose && origin < Origin::SurelyDrawn {
        low(LOOSE)
    } else if place.role == Role::Code && guessed {
        low(GUESSED)
    } else if is_certain(candidate, origin) {
        Worth { confidence: Confidence::High, doubt: None }
    } else {
        Worth { confidence: Confidence::Medium, doubt: None }
    }
}

/// Whether it is base 64 of text: then the text was chosen, whatever it looks like encoded.
fn is_encoded_text(value: &[u8]) -> bool {
    let decoded = STANDARD.decode(value);
    decoded.is_ok_and(|text| text.iter().all(|b| b.is_ascii_graphic() || b.is_ascii_whitespace()))
}

/// Whether nobody could doubt it: a value surely drawn, with a name that means nothing else, where
/// secrets are kept.
fn is_certain(candidate: &Candidate<'_>, origin: Origin) -> bool {
    let Candidate { key, value, form, place } = candidate;
    origin == Origin::SurelyDrawn
        && key.strength == Strength::Strong
        && *form <= Form::Plain
        && place.role == Role::Settings
        && place.setting == Setting::Production
        && !is_uuid(value)
        && !is_sequence(value)
        && !has_prefix(value)
        && !is_encoded_text(value)
}

/// Whether a value begins with a word and a separator, as the tokens of vendors do, or is as long as
/// those that carry data: their own rules know better whether they are what they seem.
fn has_prefix(value: &[u8]) -> bool {
    let head = value.get(..value.len().min(16)).unwrap_or_default();
    value.len() > 100 || head.iter().any(|byte| matches!(byte, b'_' | b'-' | b'.'))
}
