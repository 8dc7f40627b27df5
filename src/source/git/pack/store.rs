//! The objects of a repository under one numbering: those of all packs, then those that lie loose.

use super::super::store::Store;
use super::Kind;
use super::corrupt;
use super::family::Pack;
use super::index::Name;
use super::traverse::{self, From, Reader};
use git2::{ObjectType, Oid};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// All packs of a repository and of those that it borrows from, and the loose objects.
pub(in super::super) struct Objects {
    packs: Vec<Pack>,
    /// The number of the first object of each pack.
    firsts: Vec<u32>,
    /// Sorted.
    loose: Vec<Name>,
    packed: u32,
}

/// What reads objects by their number.
pub(in super::super) trait Visitor: Sync {
    type Kept: Send;

    fn wants(&self, kind: Kind) -> bool;

    fn visit(
        &self,
        number: u32,
        kind: Kind,
        bytes: &[u8],
        from: Option<From<'_, Self::Kept>>,
    ) -> Self::Kept;
}

impl Objects {
    /// Finds and opens everything in the folders of objects.
    pub(in super::super) fn open(folders: &[PathBuf]) -> io::Result<Self> {
        let folders = all(folders)?;
        let packs = packs(&folders)?.into_iter().map(|index| Pack::open(&index));
        let packs = packs.collect::<io::Result<Vec<_>>>()?;
        let mut loose = BTreeSet::new();
        folders.iter().try_for_each(|folder| loose_names(folder, &mut loose))?;
        let mut firsts = Vec::new();
        let mut count = 0_u32;
        for pack in &packs {
            firsts.push(count);
            let more = u32::try_from(pack.index.len()).map_err(|_| corrupt())?;
            count = count.checked_add(more).ok_or_else(corrupt)?;
        }
        Ok(Self { packs, firsts, loose: loose.into_iter().collect(), packed: count })
    }

    /// How many numbers there are.
    pub(in super::super) fn len(&self) -> usize {
        self.packed as usize + self.loose.len()
    }

    /// The number of an object.
    pub(in super::super) fn find(&self, name: &Name) -> Option<u32> {
        let mut packs = self.packs.iter().zip(&self.firsts);
        let packed = packs.find_map(|(pack, first)| Some(first + pack.index.find(name)?));
        packed.or_else(|| {
            let place = self.loose.binary_search(name).ok()?;
            Some(self.packed + u32::try_from(place).ok()?)
        })
    }

    /// The name of an object.
    pub(in super::super) fn name(&self, number: u32) -> Option<&Name> {
        if let Some(place) = number.checked_sub(self.packed) {
            return self.loose.get(place as usize);
        }
        let pack = self.firsts.partition_point(|first| *first <= number).checked_sub(1)?;
        let place = number - self.firsts.get(pack)?;
        self.packs.get(pack)?.index.name(place as usize)
    }

    /// Gives every object of the kinds that it wants to a visitor.
    pub(in super::super) fn visit<V: Visitor>(&self, store: &Store, visitor: &V) -> io::Result<()> {
        for (pack, first) in self.packs.iter().zip(&self.firsts) {
            traverse::traverse(pack, &Numbered { first: *first, visitor })?;
        }
        let loose = (self.packed..).zip(&self.loose).collect::<Vec<_>>();
        loose.into_par_iter().try_for_each(|(number, name)| {
            let (kind, bytes) = read(store, name)?;
            if visitor.wants(kind) {
                visitor.visit(number, kind, &bytes, None);
            }
            Ok(())
        })
    }
}

/// Tells a visitor of one pack's objects.
struct Numbered<'v, V> {
    first: u32,
    visitor: &'v V,
}

impl<V: Visitor> Reader for Numbered<'_, V> {
    type Kept = V::Kept;

    fn wants(&self, kind: Kind) -> bool {
        self.visitor.wants(kind)
    }

    fn read(
        &self,
        place: u32,
        kind: Kind,
        bytes: &[u8],
        from: Option<From<'_, V::Kept>>,
    ) -> V::Kept {
        self.visitor.visit(self.first + place, kind, bytes, from)
    }
}

fn read(store: &Store, name: &Name) -> io::Result<(Kind, Vec<u8>)> {
    let read = store.with(|repository| {
        let object = Oid::from_bytes(name).and_then(|id| {
            let objects = repository.odb()?;
            let object = objects.read(id)?;
            Ok((object.kind(), object.data().to_vec()))
        });
        Ok(object)
    });
    let (kind, bytes) = read.map_err(io::Error::other)?.map_err(io::Error::other)?;
    let kind = match kind {
        ObjectType::Commit => Kind::Commit,
        ObjectType::Tree => Kind::Tree,
        ObjectType::Blob => Kind::Blob,
        ObjectType::Tag | ObjectType::Any => Kind::Tag,
    };
    Ok((kind, bytes))
}

/// The indexes of the packs in folders of objects.
pub(super) fn packs(folders: &BTreeSet<PathBuf>) -> io::Result<Vec<PathBuf>> {
    let found = folders.iter().map(|folder| indexes(folder)).collect::<io::Result<Vec<_>>>();
    Ok(found?.concat())
}

/// Folders of objects, and those that they borrow from, each once.
pub(super) fn all(folders: &[PathBuf]) -> io::Result<BTreeSet<PathBuf>> {
    let mut all = BTreeSet::new();
    folders.iter().try_for_each(|folder| with_borrowed(folder, &mut all))?;
    Ok(all)
}

/// Adds a folder of objects and those that it borrows from, each once.
fn with_borrowed(folder: &Path, all: &mut BTreeSet<PathBuf>) -> io::Result<()> {
    let Ok(folder) = fs::canonicalize(folder) else { return Ok(()) };
    if !all.insert(folder.clone()) {
        return Ok(());
    }
    let Ok(list) = fs::read_to_string(folder.join("info/alternates")) else { return Ok(()) };
    let lines = list.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.into_iter().try_for_each(|line| with_borrowed(&folder.join(line), all))
}

fn indexes(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let Ok(entries) = fs::read_dir(folder.join("pack")) else { return Ok(Vec::new()) };
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths: Vec<_> = paths.collect::<io::Result<_>>()?;
    // A pack without its index, or the other way round, is being written or removed.
    paths.retain(|path| {
        path.extension().is_some_and(|extension| extension == "idx")
            && path.with_extension("pack").is_file()
    });
    paths.sort();
    Ok(paths)
}

fn loose_names(folder: &Path, names: &mut BTreeSet<Name>) -> io::Result<()> {
    for first in 0..=u8::MAX {
        let first = format!("{first:02x}");
        let Ok(entries) = fs::read_dir(folder.join(&first)) else { continue };
        for entry in entries {
            let rest = entry?.file_name();
            let id = rest.to_str().and_then(|rest| Oid::from_str(&format!("{first}{rest}")).ok());
            let whole = id.filter(|_| rest.len() == 38);
            names.extend(whole.and_then(|id| Name::try_from(id.as_bytes()).ok()));
        }
    }
    Ok(())
}
