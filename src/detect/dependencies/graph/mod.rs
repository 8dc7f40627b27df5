//! What asks for what in one lockfile: the shortest way by which a package came, and whether those
//! that ask for it would take another version.
//!
//! Among ways of one length the first by names and versions is told, so that the same file always
//! tells the same.

use super::inventory::{Lockfile, is_foreign};
use crate::finding::Fit;
use crate::lockfile::{Locked, Requirement};
use crate::package::{Constraint, Ecosystem, Package};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The packages of a lockfile and what they ask for.
pub(super) struct Graph<'a> {
    /// Each version of each package once, sorted.
    nodes: Vec<Node<'a>>,
    named: BTreeMap<String, Vec<usize>>,
    /// What asks for each.
    asked: Vec<Vec<Ask<'a>>>,
    steps: Vec<Step>,
}

/// That something is asked for: by a package, or by the project where there is none.
#[derive(Clone, Copy)]
struct Ask<'a> {
    by: Option<usize>,
    requirement: &'a Requirement,
}

struct Node<'a> {
    package: &'a Package,
    /// Somebody else's, and not the project's own.
    foreign: bool,
    direct: bool,
    requires: Vec<&'a Requirement>,
}

/// How a package is reached.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    /// By nothing that the file says.
    Unknown,
    /// By the project itself.
    Direct,
    /// By a package.
    From(usize),
}

impl<'a> Graph<'a> {
    /// The graph of a lockfile.
    pub(super) fn new(lockfile: &'a Lockfile) -> Self {
        let mut merged = BTreeMap::<(String, &str), Node<'a>>::new();
        for locked in &lockfile.packages {
            let key = (locked.package.canonical_name(), locked.package.version.as_str());
            let node = merged.entry(key).or_insert_with(|| Node::new(locked));
            node.direct |= locked.direct == Some(true);
            node.foreign &= is_foreign(locked);
            node.requires.extend(&locked.requires);
        }
        let mut named = BTreeMap::<String, Vec<usize>>::new();
        for (at, (name, _)) in merged.keys().enumerate() {
            named.entry(name.clone()).or_default().push(at);
        }
        let nodes: Vec<_> = merged.into_values().collect();
        let (steps, asked) = (vec![Step::Unknown; nodes.len()], vec![Vec::new(); nodes.len()]);
        let mut graph = Self { nodes, named, asked, steps };
        let leads = graph.join(lockfile.format.ecosystem(), &lockfile.declared);
        graph.walk(&leads);
        graph
    }

    /// The packages by which a package came, without itself; empty where the project asks for it.
    pub(super) fn path(&self, package: &Package) -> Option<Vec<Package>> {
        let mut at = self.find(package)?;
        let mut path = Vec::new();
        loop {
            match self.steps.get(at)? {
                Step::Unknown => return None,
                Step::Direct => break,
                Step::From(before) => at = *before,
            }
            path.push(self.nodes.get(at)?.package.clone());
        }
        path.reverse();
        Some(path)
    }

    /// Whether everything that asks for a package takes a version of it.
    pub(super) fn fit(&self, package: &Package, version: &str) -> Fit {
        let asked = self.find(package).and_then(|at| self.asked.get(at));
        let mut fit = None;
        for Ask { by, requirement } in asked.into_iter().flatten() {
            let constraint = requirement.constraint.as_deref();
            let read = constraint.and_then(|text| Constraint::parse(package.ecosystem, text));
            match (read.and_then(|read| read.allows(version)), constraint) {
                (Some(false), Some(constraint)) => {
                    let by = by.and_then(|by| self.nodes.get(by)).filter(|node| node.foreign);
                    let by = by.map(|node| node.package.clone());
                    return Fit::Held { by, constraint: constraint.to_owned() };
                }
                (Some(_), _) => fit = fit.or(Some(Fit::Allowed)),
                (None, _) => fit = Some(Fit::Unknown),
            }
        }
        fit.unwrap_or(Fit::Unknown)
    }

    fn find(&self, package: &Package) -> Option<usize> {
        let named = self.named.get(&package.canonical_name())?.iter().copied();
        let is_it = |at: &usize| {
            self.nodes.get(*at).is_some_and(|node| node.package.version == package.version)
        };
        named.into_iter().find(is_it)
    }

    /// Joins everything with what asks for it; gives where each package leads.
    fn join(&mut self, ecosystem: Ecosystem, declared: &'a [Requirement]) -> Vec<Vec<usize>> {
        let said = declared.iter().map(|requirement| Ask { by: None, requirement });
        let said: Vec<_> =
            said.map(|ask| (self.targets(ecosystem, ask.requirement), ask)).collect();
        let declared: BTreeSet<_> =
            said.iter().flat_map(|(targets, _)| targets.iter()).copied().collect();
        let required: Vec<_> = (0..self.nodes.len()).map(|at| self.required(at)).collect();
        let mut asked = vec![Vec::new(); self.nodes.len()];
        for (targets, ask) in said.iter().chain(required.iter().flatten()) {
            for target in targets.iter().filter(|target| self.counts(*ask, **target, &declared)) {
                asked.get_mut(*target).into_iter().for_each(|asked: &mut Vec<_>| asked.push(*ask));
            }
        }
        let leads = required.iter().map(|asks| {
            let targets = asks.iter().flat_map(|(targets, _)| targets.iter());
            let mut targets: Vec<_> = targets.copied().collect();
            targets.sort_unstable();
            targets.dedup();
            targets
        });
        let leads = leads.collect();
        self.asked = asked;
        leads
    }

    /// What a package asks for, and which packages are meant.
    fn required(&self, at: usize) -> Vec<(Cow<'_, [usize]>, Ask<'a>)> {
        let Some(node) = self.nodes.get(at) else { return Vec::new() };
        let asks = node.requires.iter().map(|requirement| Ask { by: Some(at), requirement });
        asks.map(|ask| (self.targets(node.package.ecosystem, ask.requirement), ask)).collect()
    }

    /// Whether a wish has a say in the version of a package. What the project's own packages ask for
    /// without saying which versions has none where something declares it.
    fn counts(&self, ask: Ask<'_>, target: usize, declared: &BTreeSet<usize>) -> bool {
        let Some(by) = ask.by else { return true };
        let foreign = self.nodes.get(by).is_some_and(|node| node.foreign);
        by != target
            && (foreign || ask.requirement.constraint.is_some() || !declared.contains(&target))
    }

    /// The packages that a requirement means: those at its version, where it has one; else those
    /// that its constraint takes, where several are locked and it takes any.
    fn targets(&self, ecosystem: Ecosystem, requirement: &Requirement) -> Cow<'_, [usize]> {
        let name = ecosystem.canonical_name(&requirement.name);
        let Some(all) = self.named.get(&name) else { return Cow::Borrowed(&[]) };
        let version = |at: &usize| self.nodes.get(*at).map(|node| node.package.version.as_str());
        let pick = |chosen: &dyn Fn(&str) -> bool| {
            let chosen = all.iter().copied().filter(|at| version(at).is_some_and(chosen));
            Some(chosen.collect::<Vec<_>>()).filter(|chosen| !chosen.is_empty())
        };
        if all.len() == 1 {
            return Cow::Borrowed(all);
        }
        let stated = requirement.version.as_deref();
        let constraint = requirement.constraint.as_deref();
        let constraint = constraint.and_then(|text| Constraint::parse(ecosystem, text));
        let at_version = stated.and_then(|stated| pick(&|version| version == stated));
        let allowed = || {
            let constraint = constraint?;
            pick(&|version| constraint.allows(version) == Some(true))
        };
        at_version.or_else(allowed).map_or(Cow::Borrowed(all), Cow::Owned)
    }

    /// Finds the shortest way to every package.
    fn walk(&mut self, leads: &[Vec<usize>]) {
        let mut queue = VecDeque::from(self.roots(leads));
        for at in &queue {
            if let Some(step) = self.steps.get_mut(*at) {
                *step = Step::Direct;
            }
        }
        while let Some(at) = queue.pop_front() {
            let targets = leads.get(at).into_iter().flatten().copied();
            queue.extend(targets.filter(|target| self.reach(*target, at)));
        }
    }

    /// Notes by what a package is reached; `false` where it was reached before.
    fn reach(&mut self, target: usize, from: usize) -> bool {
        match self.steps.get_mut(target) {
            Some(step) if *step == Step::Unknown => {
                *step = Step::From(from);
                true
            }
            Some(_) | None => false,
        }
    }

    /// What the project asks for itself, sorted: what is said to be direct, what the file declares
    /// and what the project's own packages ask for.
    fn roots(&self, leads: &[Vec<usize>]) -> Vec<usize> {
        let nodes = || self.nodes.iter().enumerate();
        let direct = nodes().filter(|(_, node)| node.direct && node.foreign).map(|(at, _)| at);
        let declared = self.asked.iter().enumerate();
        let declared = declared.filter(|(_, asked)| asked.iter().any(|ask| ask.by.is_none()));
        let own = nodes().zip(leads).filter(|((_, node), _)| !node.foreign);
        let own = own.flat_map(|(_, leads)| leads.iter().copied());
        let roots: BTreeSet<_> = direct.chain(declared.map(|(at, _)| at)).chain(own).collect();
        roots.into_iter().collect()
    }
}

impl<'a> Node<'a> {
    fn new(locked: &'a Locked) -> Self {
        Self { package: &locked.package, foreign: true, direct: false, requires: Vec::new() }
    }
}

#[cfg(test)]
mod tests;
