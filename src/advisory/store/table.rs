//! The table of an ecosystem's blocks, and the blocks: names in their order, each with its records.
//!
//! A table has the first name of each block, its place and its checksum, so that a name is found by a
//! binary search in memory and one read of its block.

use super::codec::{Broken, Reader, put_number, put_text, text};
use super::file::Piece;
use std::cmp::Ordering;
use std::ops::Range;

/// How long a block gets before the next name begins another: a page, as measured (see the module).
const BLOCK: usize = 4096;

/// The blocks of one ecosystem.
#[derive(Debug)]
pub(super) struct Table {
    bytes: Vec<u8>,
    fences: Vec<Fence>,
}

/// Where a block begins.
#[derive(Debug)]
struct Fence {
    /// The place of its first name in the table's bytes.
    name: Range<usize>,
    piece: Piece,
}

impl Table {
    /// Reads a table; every block of it lies before `end`.
    pub(super) fn parse(bytes: Vec<u8>, end: u64) -> Result<Self, Broken> {
        let mut reader = Reader(&bytes);
        let mut fences = Vec::new();
        for _ in 0..reader.length()? {
            let name = reader.text()?;
            let stop = bytes.len() - reader.0.len();
            let (at, length) = (reader.number()?, reader.number()?);
            if at.checked_add(length).is_none_or(|last| last > end) {
                return Err(Broken("a block lies outside"));
            }
            let crc = u32::from_le_bytes(reader.array()?);
            let piece = Piece { at, length, crc };
            fences.push(Fence { name: stop - name.len()..stop, piece });
        }
        if !reader.0.is_empty() {
            return Err(Broken("a table is too long"));
        }
        Ok(Self { bytes, fences })
    }

    /// The block that has the name, if any has.
    pub(super) fn block_of(&self, name: &str) -> Option<Piece> {
        let after = self.fences.partition_point(|fence| self.name(fence) <= name.as_bytes());
        self.fences.get(after.checked_sub(1)?).map(|fence| fence.piece)
    }

    /// The blocks and the first name of each.
    pub(super) fn blocks(&self) -> impl Iterator<Item = (&[u8], Piece)> {
        self.fences.iter().map(|fence| (self.name(fence), fence.piece))
    }

    fn name(&self, fence: &Fence) -> &[u8] {
        self.bytes.get(fence.name.clone()).unwrap_or_default()
    }
}

/// The names of a block, each with its records.
pub(super) struct Names<'a>(Reader<'a>);

impl<'a> Names<'a> {
    pub(super) fn new(block: &'a [u8]) -> Self {
        Self(Reader(block))
    }

    /// The records of a name, if the block has it: names stand in their order.
    pub(super) fn find(mut self, wanted: &str) -> Result<Option<&'a [u8]>, Broken> {
        while !self.0.0.is_empty() {
            let (name, records) = self.entry()?;
            match name.cmp(wanted.as_bytes()) {
                Ordering::Less => {}
                Ordering::Equal => return Ok(Some(records)),
                Ordering::Greater => break,
            }
        }
        Ok(None)
    }

    fn entry(&mut self) -> Result<(&'a [u8], &'a [u8]), Broken> {
        let length = self.0.length()?;
        let name = self.0.bytes(length)?;
        let length = self.0.length()?;
        Ok((name, self.0.bytes(length)?))
    }
}

impl<'a> Iterator for Names<'a> {
    type Item = Result<(&'a str, &'a [u8]), Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.0.is_empty() {
            return None;
        }
        let entry = self.entry().and_then(|(name, records)| Ok((text(name)?, records)));
        if entry.is_err() {
            self.0 = Reader(&[]);
        }
        Some(entry)
    }
}

/// Appends blocks to a body, and keeps the table of them.
pub(super) struct Writer<'a> {
    body: &'a mut Vec<u8>,
    /// Where the block that is being written begins, and its first name.
    open: Option<(usize, String)>,
    entries: Vec<u8>,
    blocks: u64,
}

impl<'a> Writer<'a> {
    pub(super) fn new(body: &'a mut Vec<u8>) -> Self {
        Self { body, open: None, entries: Vec::new(), blocks: 0 }
    }

    /// Adds a name, greater than those before it, and its records.
    pub(super) fn add(&mut self, name: &str, records: &[u8]) {
        let start = self.body.len();
        self.open.get_or_insert_with(|| (start, name.to_owned()));
        put_text(self.body, name);
        put_number(self.body, records.len() as u64);
        self.body.extend_from_slice(records);
        if self.open.as_ref().is_some_and(|(at, _)| self.body.len() - at >= BLOCK) {
            self.close();
        }
    }

    /// Writes the table after the blocks.
    pub(super) fn finish(mut self) -> Piece {
        self.close();
        let mut table = Vec::new();
        put_number(&mut table, self.blocks);
        table.extend(self.entries);
        let piece = Piece::of(&table, self.body.len() as u64);
        self.body.extend(table);
        piece
    }

    fn close(&mut self) {
        let Some((at, name)) = self.open.take() else { return };
        let Piece { at, length, crc } =
            Piece::of(self.body.get(at..).unwrap_or_default(), at as u64);
        put_text(&mut self.entries, &name);
        put_number(&mut self.entries, at);
        put_number(&mut self.entries, length);
        self.entries.extend(crc.to_le_bytes());
        self.blocks += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn written(names: &[String], records: usize) -> (Vec<u8>, Table) {
        let mut body = Vec::new();
        let mut writer = Writer::new(&mut body);
        for name in names {
            writer.add(name, &name.repeat(records).into_bytes());
        }
        let piece = writer.finish();
        let table = body[usize::try_from(piece.at).unwrap()..].to_vec();
        (body, Table::parse(table, piece.at).unwrap())
    }

    fn find(body: &[u8], table: &Table, name: &str) -> Option<Vec<u8>> {
        let piece = table.block_of(name)?;
        let range = usize::try_from(piece.at).unwrap()..;
        let block = &body[range][..usize::try_from(piece.length).unwrap()];
        assert_eq!(crc32fast::hash(block), piece.crc);
        Names::new(block).find(name).unwrap().map(<[u8]>::to_vec)
    }

    #[test]
    fn every_name_is_found_and_no_other() {
        let names: Vec<_> = (0..3000).map(|at| format!("name-{at:05}")).collect();
        for records in [0, 3, 1000] {
            let (body, table) = written(&names, records);
            assert!(table.blocks().count() > 1);
            for name in &names {
                assert_eq!(find(&body, &table, name), Some(name.repeat(records).into_bytes()));
                assert_eq!(find(&body, &table, &format!("{name}x")), None);
            }
            assert_eq!((find(&body, &table, ""), find(&body, &table, "zz")), (None, None));
        }
    }

    #[test]
    fn an_ecosystem_without_packages_has_no_block() {
        let (body, table) = written(&[], 0);
        assert_eq!((body.len(), find(&body, &table, "a")), (1, None));
    }

    #[test]
    fn a_block_beyond_the_end_is_refused() {
        let (body, table) = written(&["a".to_owned()], 1);
        let bytes = table.bytes;
        assert!(Table::parse(bytes.clone(), body.len() as u64).is_ok());
        assert_eq!(Table::parse(bytes, 2).unwrap_err(), Broken("a block lies outside"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_table_or_none(bytes in vec(any::<u8>(), 0..200), end in 0_u64..1000) {
            if let Ok(table) = Table::parse(bytes, end) {
                for (_, piece) in table.blocks() {
                    prop_assert!(piece.at + piece.length <= end);
                }
            }
        }

        #[test]
        fn any_bytes_are_a_block_or_none(bytes in vec(any::<u8>(), 0..200)) {
            let read = Names::new(&bytes).take_while(Result::is_ok).count();
            prop_assert!(read <= bytes.len());
        }
    }
}
