//! How bad an advisory is: the highest of its CVSS scores; without one, the word its database
//! chose; without either, medium, because an advisory that nobody rated is not harmless.

use crate::finding::Severity;
use cvss::Cvss;

/// The severity of an advisory, and the vector it comes from.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rating {
    pub(super) severity: Severity,
    pub(super) cvss: Option<Box<str>>,
    pub(super) score: Option<f64>,
}

impl Rating {
    /// Rates by CVSS vectors (2.0, 3.0, 3.1 and 4.0) and by severity words; what is neither is
    /// passed over.
    pub(super) fn new<'a>(
        vectors: impl IntoIterator<Item = &'a str>,
        words: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let scored = vectors.into_iter().filter_map(|vector| Some((score(vector)?, vector)));
        if let Some((score, vector)) = scored.max_by(|a, b| a.0.total_cmp(&b.0)) {
            let severity = Severity::from_cvss(score);
            return Self { severity, cvss: Some(vector.into()), score: Some(score) };
        }
        let severity = words.into_iter().filter_map(severity).max();
        Self { severity: severity.unwrap_or(Severity::Medium), cvss: None, score: None }
    }

    /// The worse of two ratings of one advisory; one with a score is preferred to one without.
    #[must_use]
    pub(super) fn worse(self, other: Self) -> Self {
        let key = |rating: &Self| (rating.score.is_some(), rating.score.unwrap_or(0.0));
        let (a, b) = (key(&self), key(&other));
        let order = a.0.cmp(&b.0).then(a.1.total_cmp(&b.1));
        match order.then(self.severity.cmp(&other.severity)) {
            std::cmp::Ordering::Less => other,
            std::cmp::Ordering::Equal | std::cmp::Ordering::Greater => self,
        }
    }
}

fn score(vector: &str) -> Option<f64> {
    vector.trim().parse::<Cvss>().ok().map(|vector| vector.score())
}

/// GitHub's words, and those of other databases that say the same.
fn severity(word: &str) -> Option<Severity> {
    match word.to_ascii_uppercase().as_str() {
        "LOW" => Some(Severity::Low),
        "MODERATE" | "MEDIUM" => Some(Severity::Medium),
        "HIGH" => Some(Severity::High),
        "CRITICAL" => Some(Severity::Critical),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const V2: &str = "AV:N/AC:L/Au:N/C:P/I:P/A:P";
    const V3: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
    const V4: &str = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:L/SC:N/SI:N/SA:N";

    #[test]
    fn the_highest_score_of_any_version_wins() {
        for vectors in [[V2, V3, V4], [V4, V3, V2]] {
            let rating = Rating::new(vectors, ["LOW"]);
            assert_eq!((rating.cvss.as_deref(), rating.score), (Some(V3), Some(9.8)));
            assert_eq!(rating.severity, Severity::Critical);
        }
    }

    #[test]
    fn a_word_counts_where_no_vector_can_be_scored() {
        let rating = Rating::new(["CVSS:9.9/X:Y", "7.5"], ["nonsense", "Moderate", "HIGH"]);
        assert_eq!((rating.severity, rating.score), (Severity::High, None));
    }

    #[test]
    fn what_nobody_rated_is_medium() {
        assert_eq!(Rating::new([], []).severity, Severity::Medium);
    }

    #[test]
    fn of_two_ratings_the_scored_and_then_the_higher_counts() {
        let scored = Rating::new([V2], []);
        let word = Rating::new([], ["CRITICAL"]);
        assert_eq!(scored.clone().worse(word.clone()), scored);
        assert_eq!(word.worse(Rating::new([V3], [])).score, Some(9.8));
    }
}
