//! Repositories that are the same wherever and whenever they are made.

use git2::{Index, IndexEntry, IndexTime, Oid, Repository, RepositoryInitOptions, Signature, Time};
use lockkeeper::rule::expand_from;
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// What the binary is to do.
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    pub(crate) arguments: Vec<&'static str>,
    pub(crate) folder: PathBuf,
}

/// How many lines a file has.
const LINES: u64 = 60;
/// What names and texts are made of; some are keywords of rules.
const WORDS: [&str; 24] = [
    "order", "total", "render", "index", "parse", "token", "length", "buffer", "password", "cache",
    "header", "offset", "client", "secret", "record", "window", "stream", "key", "cursor",
    "digest", "access", "branch", "filter", "layout",
];

/// Makes the three, below a folder.
pub(crate) fn make(place: &Path) -> Result<Vec<Workload>, Box<dyn Error>> {
    let (wide, long) = (place.join("wide"), place.join("long"));
    self::wide(&wide)?;
    self::long(&long)?;
    Ok(vec![
        Workload { name: "staged-1-of-5000", arguments: vec!["--staged"], folder: wide },
        Workload {
            name: "range-50",
            arguments: vec!["--range=HEAD~50..HEAD"],
            folder: long.clone(),
        },
        Workload { name: "history-300", arguments: vec!["--history", "--all"], folder: long },
    ])
}

/// Five thousand files in one commit, of which one is changed in the index.
fn wide(folder: &Path) -> Result<(), Box<dyn Error>> {
    let mut maker = Maker::new(folder)?;
    let path = |file: u64| format!("src/part{}/{}/file{file}.rs", file % 10, file % 100);
    for file in 0..5_000 {
        maker.write(path(file), &text(file, 0))?;
    }
    maker.commit()?;
    maker.pack()?;
    let changed = text(2_500, 1) + &secret(1)?;
    maker.write(path(2_500), &changed)?;
    maker.stage()
}

/// Three hundred commits, each with changes in three of forty files; every fiftieth brings a secret.
fn long(folder: &Path) -> Result<(), Box<dyn Error>> {
    let mut maker = Maker::new(folder)?;
    for commit in 0..300 {
        for turn in 0..3 {
            let file = (commit * 7 + turn * 13) % 40;
            let mut content = text(file, commit);
            if commit % 50 == 49 && turn == 0 {
                content.push_str(&secret(commit)?);
            }
            maker.write(format!("src/part{}/file{file}.rs", file % 5), &content)?;
        }
        maker.commit()?;
    }
    maker.pack()
}

fn secret(seed: u64) -> Result<String, Box<dyn Error>> {
    Ok(expand_from("const TOKEN: &str = \"{github:ghp_}\";\n", seed)?.text)
}

/// Something like code. Between two versions of a file one line in ten differs.
fn text(file: u64, version: u64) -> String {
    let mut out = String::new();
    for line in 0..LINES {
        let own = if (line + file).is_multiple_of(10) { version } else { 0 };
        let mut random = Random(1 + file * 1_000_003 + line * 7_919 + own * 104_729);
        let [a, b, c, d] = [random.word(), random.word(), random.word(), random.word()];
        let (number, wide) = (random.next() % 10_000, random.next());
        // A string takes all that is written.
        _ = match line % 6 {
            0 => writeln!(out, "    let {a}_{b} = {c}.{d}({number}, \"{b} {c}\")?;"),
            1 => writeln!(out, "    // The {a} of the {b} is {c} unless {d} says otherwise."),
            2 => writeln!(out, "    if {a}.{b}() > {number} {{ return Err({c}::{d}); }}"),
            3 => writeln!(out, "    const {}: &str = \"{wide:016x}\";", a.to_uppercase()),
            4 => writeln!(out, "    {a}_{b}: \"https://{c}.example.org/{d}?{a}={number}\","),
            _ => writeln!(out, "    assert_eq!({a}(&{b}), {c}(\"{d}\", {number}));"),
        };
    }
    out
}

/// Marsaglia's xorshift, after a few steps that pull close seeds apart.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        for _ in 0..3 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
        }
        self.0
    }

    fn word(&mut self) -> &'static str {
        let place = usize::try_from(self.next() % WORDS.len() as u64).unwrap_or_default();
        WORDS.get(place).copied().unwrap_or_default()
    }
}

/// A repository under construction; nothing of it is on disk but its objects.
struct Maker {
    git: Repository,
    files: BTreeMap<String, Oid>,
    head: Option<Oid>,
    commits: i64,
}

impl Maker {
    fn new(folder: &Path) -> Result<Self, Box<dyn Error>> {
        let mut options = RepositoryInitOptions::new();
        options.external_template(false).initial_head("main");
        let git = Repository::init_opts(folder, &options)?;
        Ok(Self { git, files: BTreeMap::new(), head: None, commits: 0 })
    }

    fn write(&mut self, path: String, content: &str) -> Result<(), Box<dyn Error>> {
        self.files.insert(path, self.git.blob(content.as_bytes())?);
        Ok(())
    }

    fn commit(&mut self) -> Result<(), Box<dyn Error>> {
        self.commits += 1;
        let mut index = Index::new()?;
        self.fill(&mut index)?;
        let tree = self.git.find_tree(index.write_tree_to(&self.git)?)?;
        let time = Time::new(1_790_000_000 + self.commits * 3_600, 0);
        let ada = Signature::new("Ada", "ada@example.org", &time)?;
        let parent = self.head.map(|id| self.git.find_commit(id)).transpose()?;
        let message = format!("change {}", self.commits);
        let parents: Vec<_> = parent.iter().collect();
        self.head = Some(self.git.commit(Some("HEAD"), &ada, &ada, &message, &tree, &parents)?);
        Ok(())
    }

    fn stage(&self) -> Result<(), Box<dyn Error>> {
        let mut index = self.git.index()?;
        self.fill(&mut index)?;
        Ok(index.write()?)
    }

    fn fill(&self, index: &mut Index) -> Result<(), Box<dyn Error>> {
        for (path, id) in &self.files {
            index.add(&entry(path, *id))?;
        }
        Ok(())
    }

    /// Puts all objects into one pack, as they are in every repository but the youngest.
    fn pack(&mut self) -> Result<(), Box<dyn Error>> {
        let objects = self.git.path().join("objects");
        self.write_pack(&objects.join("pack"))?;
        for entry in fs::read_dir(&objects)? {
            let entry = entry?;
            if entry.file_name().len() == 2 {
                fs::remove_dir_all(entry.path())?;
            }
        }
        self.git = Repository::open(self.git.path())?;
        Ok(())
    }

    fn write_pack(&self, folder: &Path) -> Result<(), Box<dyn Error>> {
        let mut walk = self.git.revwalk()?;
        walk.push_head()?;
        let mut builder = self.git.packbuilder()?;
        builder.set_threads(1);
        builder.insert_walk(&mut walk)?;
        Ok(builder.write(folder, 0o644)?)
    }
}

fn entry(path: &str, id: Oid) -> IndexEntry {
    let never = IndexTime::new(0, 0);
    IndexEntry {
        ctime: never,
        mtime: never,
        dev: 0,
        ino: 0,
        mode: 0o100_644,
        uid: 0,
        gid: 0,
        file_size: 0,
        id,
        flags: 0,
        flags_extended: 0,
        path: path.as_bytes().to_vec(),
    }
}
