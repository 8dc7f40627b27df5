//! One object at a time from the packs, made from its chain of deltas.
//!
//! libgit2 maps packs, inflates with a decoder that it makes for each object, and takes every commit apart.
//! Here what was made is kept for what is made from it next, as the versions of one file are asked for one
//! after the other: a range of 100 commits of rails takes 98 ms where it took 110. What is unusual, damaged
//! or very large is not known here: libgit2 is asked for it, and says what is wrong.

use super::Kind;
use super::corrupt;
use super::delta::Delta;
use super::entries::{Access, Entries, LARGEST, Tools};
use super::file::Made;
use super::index::Name;
use super::lookup::Lookup;
use super::store::{all, packs};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How much is made before what was not asked for meanwhile is let go, in bytes: of files, of which most
/// are asked for once and a few right after for those that are made from them, and of all else. More is no
/// faster: memory that is touched for the first time costs as much as a file that is made again.
const KEPT_FILES: usize = 3 << 20;
const KEPT: usize = 16 << 20;

/// How long an object may be to be kept, in bytes.
const KEPT_EACH: usize = 8 << 20;

/// Of how many objects it is known where they are.
const MOST_NAMES: usize = 1 << 16;

/// The longest chain of deltas that is followed; git makes none that is longer.
const DEEPEST: usize = 4096;

/// The packs of a repository and of those that it borrows from.
#[derive(Default)]
pub(in super::super) struct Packs {
    packs: Vec<One>,
    made: Mutex<Kept>,
}

struct One {
    lookup: Lookup,
    entries: Entries,
}

/// An object as it was stored.
#[derive(Clone)]
struct Object {
    kind: Kind,
    bytes: Arc<Vec<u8>>,
}

/// Where an entry is: its pack and its offset.
type Place = (usize, u64);

/// A name as numbers, which are compared sooner than bytes.
type Key = (u128, u32);

#[derive(Default)]
struct Kept {
    files: Recent,
    others: Recent,
    /// Where those are that were asked for.
    places: BTreeMap<Key, Place>,
}

/// What was made or asked for since something was let go the last time, and between that and the time
/// before.
#[derive(Default)]
struct Recent {
    lately: BTreeMap<Place, Object>,
    before: BTreeMap<Place, Object>,
    /// How many bytes are in what was made lately.
    bytes: usize,
}

thread_local! {
    static TOOLS: RefCell<Tools> = RefCell::new(Tools::new());
}

impl Packs {
    /// Opens the packs in the folders of objects.
    pub(in super::super) fn open(folders: &[PathBuf], access: Access) -> io::Result<Self> {
        let packs = packs(&all(folders)?)?;
        let packs = packs.iter().map(|index| One::open(index, access));
        let packs = packs.collect::<io::Result<_>>()?;
        Ok(Self { packs, made: Mutex::default() })
    }

    /// An object of a kind; `None` where it cannot be told.
    pub(in super::super) fn object(&self, name: &Name, kind: Kind) -> Option<Arc<Vec<u8>>> {
        let object = self.make(self.find_again(name)?).ok()?;
        (object.kind == kind).then_some(object.bytes)
    }

    fn find(&self, name: &Name) -> Option<Place> {
        let mut packs = self.packs.iter().enumerate();
        packs.find_map(|(pack, one)| Some((pack, one.lookup.find(name).ok()??)))
    }

    /// The same, kept for who asks again.
    fn find_again(&self, name: &Name) -> Option<Place> {
        let known = self.held().places.get(&key(name)).copied();
        known.or_else(|| {
            let place = self.find(name)?;
            self.held().note(name, place);
            Some(place)
        })
    }

    fn held(&self) -> MutexGuard<'_, Kept> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn make(&self, place: Place) -> io::Result<Object> {
        let pack = self.packs.get(place.0).ok_or_else(corrupt)?;
        let (mut place, mut codes, mut waiting) = (place, Vec::new(), 0);
        let mut object = loop {
            if let Some(object) = self.kept(place) {
                break object;
            }
            let inflate = |tools: &mut Tools| tools.entry(&pack.entries, place.1);
            let (made, bytes) = TOOLS.with_borrow_mut(inflate)?;
            let base = match made {
                Made::Whole(kind) => break self.keep(place, kind, bytes),
                Made::FromOffset(at) => at,
                Made::FromName(name) => pack.lookup.find(&name)?.ok_or_else(corrupt)?,
            };
            waiting += bytes.len() as u64;
            codes.push((place, bytes));
            place.1 = base;
            if codes.len() > DEEPEST || waiting > LARGEST {
                return Err(corrupt());
            }
        };
        let mut delta = Delta::default();
        while let Some((place, code)) = codes.pop() {
            let mut bytes = Vec::new();
            delta.apply(&object.bytes, &code, &mut bytes)?;
            object = self.keep(place, object.kind, bytes);
        }
        Ok(object)
    }

    fn kept(&self, place: Place) -> Option<Object> {
        self.held().object(place)
    }

    /// Keeps what was made.
    fn keep(&self, place: Place, kind: Kind, bytes: Vec<u8>) -> Object {
        let object = Object { kind, bytes: Arc::new(bytes) };
        if object.bytes.len() <= KEPT_EACH {
            self.held().keep(place, object.clone());
        }
        object
    }
}

impl Kept {
    fn object(&mut self, place: Place) -> Option<Object> {
        self.files.get(place, KEPT_FILES).or_else(|| self.others.get(place, KEPT))
    }

    fn keep(&mut self, place: Place, object: Object) {
        match object.kind {
            Kind::Blob => self.files.keep(place, object, KEPT_FILES),
            Kind::Commit | Kind::Tree | Kind::Tag => self.others.keep(place, object, KEPT),
        }
    }

    fn note(&mut self, name: &Name, place: Place) {
        if self.places.len() >= MOST_NAMES {
            self.places.clear();
        }
        self.places.insert(key(name), place);
    }
}

impl Recent {
    fn get(&mut self, place: Place, most: usize) -> Option<Object> {
        if let Some(object) = self.lately.get(&place) {
            return Some(object.clone());
        }
        let object = self.before.remove(&place)?;
        self.keep(place, object.clone(), most);
        Some(object)
    }

    fn keep(&mut self, place: Place, object: Object, most: usize) {
        if self.bytes + object.bytes.len() > most {
            self.before = std::mem::take(&mut self.lately);
            self.bytes = 0;
        }
        self.bytes += object.bytes.len();
        self.lately.insert(place, object);
    }
}

impl One {
    fn open(index: &Path, access: Access) -> io::Result<Self> {
        let entries = Entries::open(&index.with_extension("pack"), access)?;
        Ok(Self { lookup: Lookup::open(index)?, entries })
    }
}

fn key(name: &Name) -> Key {
    let first = name.first_chunk().map_or(0, |first| u128::from_be_bytes(*first));
    (first, name.last_chunk().map_or(0, |last| u32::from_be_bytes(*last)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use git2::{Indexer, ObjectType, Oid, Repository, Signature};
    use std::io::Write as _;

    /// What cannot be packed well, the same each time.
    fn noise(len: usize) -> Vec<u8> {
        let mut state = 1_u64;
        let step = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state.to_be_bytes()[0]
        };
        std::iter::repeat_with(step).take(len).collect()
    }

    /// A repository of one pack: versions of a file that grow and change, what does not pack, and commits.
    fn packed() -> (tempfile::TempDir, Repository, Vec<Oid>) {
        let folder = tempfile::tempdir().unwrap();
        let repository = Repository::init_bare(folder.path()).unwrap();
        let mut builder = repository.packbuilder().unwrap();
        let mut ids = Vec::new();
        let mut lines: Vec<String> = (0..300).map(|line| format!("line {line} of it\n")).collect();
        let who =
            Signature::new("Somebody", "somebody@example.org", &git2::Time::new(1, 0)).unwrap();
        let mut parent = None;
        for version in 0..60 {
            lines[version * 5] = format!("version {version}\n");
            let blob = repository.blob(lines.concat().as_bytes()).unwrap();
            let mut tree = repository.treebuilder(None).unwrap();
            tree.insert("file", blob, 0o100_644).unwrap();
            let tree = repository.find_tree(tree.write().unwrap()).unwrap();
            let parents: Vec<_> = parent.iter().collect();
            let message = "because\n".repeat(version);
            let commit = repository.commit(None, &who, &who, &message, &tree, &parents).unwrap();
            ids.extend([blob, tree.id(), commit]);
            parent = Some(repository.find_commit(commit).unwrap());
        }
        ids.extend([0, 1, 5_000, 300_000].map(|len| repository.blob(&noise(len)).unwrap()));
        for id in &ids {
            builder.insert_object(*id, None).unwrap();
        }
        let mut pack = git2::Buf::new();
        builder.write_buf(&mut pack).unwrap();
        let into = folder.path().join("objects/pack");
        let mut indexer = Indexer::new(None, &into, 0o644, true).unwrap();
        indexer.write_all(&pack).unwrap();
        indexer.commit().unwrap();
        drop((builder, parent));
        (folder, repository, ids)
    }

    fn name(id: Oid) -> Name {
        Name::try_from(id.as_bytes()).unwrap()
    }

    fn kind(kind: ObjectType) -> Kind {
        match kind {
            ObjectType::Commit => Kind::Commit,
            ObjectType::Tree => Kind::Tree,
            ObjectType::Blob => Kind::Blob,
            ObjectType::Tag | ObjectType::Any => Kind::Tag,
        }
    }

    #[test]
    fn every_object_is_what_libgit2_makes_of_it() {
        let (folder, repository, ids) = packed();
        let packs = Packs::open(&[folder.path().join("objects")], Access::Few).unwrap();
        let odb = repository.odb().unwrap();
        // Twice: what was kept is the same.
        for id in ids.iter().chain(&ids) {
            let theirs = odb.read(*id).unwrap();
            let ours = packs.object(&name(*id), kind(theirs.kind()));
            assert_eq!(ours.unwrap().as_slice(), theirs.data());
        }
    }

    #[test]
    fn what_is_not_there_or_of_another_kind_is_not_known() {
        let (folder, _repository, ids) = packed();
        let packs = Packs::open(&[folder.path().join("objects")], Access::Few).unwrap();
        assert!(packs.object(&name(ids[0]), Kind::Tree).is_none());
        assert!(packs.object(&name(ids[0]), Kind::Commit).is_none());
        for first in 0..=u8::MAX {
            assert!(packs.object(&[first; 20], Kind::Blob).is_none());
        }
    }

    #[test]
    fn a_damaged_pack_is_no_panic() {
        let (folder, _repository, ids) = packed();
        let objects = folder.path().join("objects");
        let files = std::fs::read_dir(objects.join("pack")).unwrap();
        for file in files.map(|entry| entry.unwrap().path()) {
            let whole = std::fs::read(&file).unwrap();
            std::fs::remove_file(&file).unwrap();
            for damage in 0..40 {
                let mut bytes = whole.clone();
                let at = 12 + (damage * 7_919) % (bytes.len() - 12);
                bytes[at] ^= 0x55;
                bytes.truncate(whole.len() - damage);
                std::fs::write(&file, bytes).unwrap();
                ask(&objects, &ids);
            }
            std::fs::write(&file, whole).unwrap();
        }
    }

    fn ask(objects: &Path, ids: &[Oid]) {
        let Ok(packs) = Packs::open(&[objects.to_owned()], Access::Few) else { return };
        for id in ids.iter().map(|id| name(*id)) {
            _ = packs.object(&id, Kind::Commit);
            _ = packs.object(&id, Kind::Blob);
        }
    }
}
