//! Trees and blobs without libgit2: trees as the survey has them, blobs by their own chains of deltas.

use super::super::contents::{Item, Items, Known, Node};
use super::super::pack::{Kind, Name, Objects};
use super::survey::Survey;
use super::tree::Entry;
use git2::Oid;

/// A repository that was surveyed.
pub(super) struct Decoded<'a> {
    pub(super) objects: &'a Objects,
    pub(super) survey: &'a Survey,
}

impl Known for Decoded<'_> {
    fn tree(&self, id: Oid) -> Option<Items> {
        let entries = self.survey.tree(self.number(id)?)?;
        entries.iter().map(|entry| self.item(*entry)).collect()
    }

    fn blob(&self, id: Oid) -> Option<Vec<u8>> {
        self.objects.read(self.number(id)?, Kind::Blob).ok()
    }
}

impl Decoded<'_> {
    fn number(&self, id: Oid) -> Option<u32> {
        self.objects.find(&Name::try_from(id.as_bytes()).ok()?)
    }

    fn item(&self, entry: Entry) -> Option<(Vec<u8>, Item)> {
        let name = self.survey.names.name(entry.name())?;
        let target = entry.target;
        let id = self.objects.name(target).or_else(|| self.survey.stranger(target))?;
        let id = Oid::from_bytes(id).ok()?;
        let leaf = entry.held().map(|held| Item::Leaf(Node { held, id }));
        Some((name, leaf.unwrap_or(Item::Folder(id))))
    }
}
