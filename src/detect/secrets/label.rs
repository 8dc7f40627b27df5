//! Secrets in texts that belong to no file, said without repeating them.

use super::{Detector, MESSAGE, NoFile, Scanned, at_the_commit};
use crate::finding::{Finding, RepoPath, Salt};
use crate::source::{Change, Entry, Label, LabelKind};

impl Detector {
    /// The secrets in a text that belongs to no file. They are shown at the first file that its commit
    /// changes.
    pub fn label(&self, label: &Label, salt: &dyn Fn() -> Salt) -> Vec<Finding> {
        self.in_label(label, &|change| self.scan_and_tell(change, salt, &|_, _| ()))
    }

    /// What `look` finds in a text that belongs to no file.
    pub(super) fn in_label(
        &self,
        label: &Label,
        look: &dyn Fn(&Change<'_>) -> Scanned,
    ) -> Vec<Finding> {
        let path = RepoPath::from(MESSAGE);
        let change = Change::new(&path, label.commit.as_ref(), Entry::File, &label.text, &NoFile);
        let found = look(&change).findings;
        if found.is_empty() {
            return found;
        }
        let (place, anchor) = (self.place(label), label.anchor.as_ref());
        found.into_iter().map(|finding| at_the_commit(finding, &place, anchor)).collect()
    }

    /// Where a text is, in words that follow what is found.
    fn place(&self, label: &Label) -> String {
        let name = RepoPath::from(label.name.as_str());
        let name = self.masked(&name).unwrap_or(name).to_string().escape_debug().to_string();
        match label.kind {
            LabelKind::CommitMessage => "in the commit message".to_owned(),
            LabelKind::CommitHeaders => "in the commit's headers".to_owned(),
            LabelKind::TagMessage => format!("in the message of tag {name}"),
            LabelKind::Tagger => format!("in the tagger of tag {name}"),
            LabelKind::TagName => format!("in the name of tag {name}"),
            LabelKind::BranchName => format!("in the name of branch {name}"),
            LabelKind::RefName => format!("in the name of {name}"),
            LabelKind::RefContent => format!("in what {name} stands for"),
            LabelKind::Note => format!("in a note of {name} about the commit"),
        }
    }
}
