//! No two files of a folder import each other, and no two folders beside each other, not by way of others either.

use super::{
    imports::{Path, imports, reexports},
    sources::code,
};
use std::collections::{BTreeMap, BTreeSet};

/// By folder: which of its files and folders import which.
type Arrows = BTreeMap<Path, BTreeMap<String, BTreeSet<String>>>;

/// Finds the file where something is defined.
struct Places {
    /// By module, whether it is a folder.
    modules: BTreeMap<Path, bool>,
    reexports: BTreeMap<Path, Path>,
}

impl Places {
    fn new() -> Self {
        let mut places = Places { modules: BTreeMap::new(), reexports: BTreeMap::new() };
        for source in
            code().into_iter().filter(|source| !["lib.rs", "main.rs"].contains(&source.path.as_str()))
        {
            places.modules.insert(source.module(), source.is_folder());
            for (named, path) in reexports(&source) {
                let outside = [source.module(), vec![named]].concat();
                // A macro is re-exported under its own name.
                if outside != path {
                    places.reexports.insert(outside, path);
                }
            }
        }
        places
    }

    /// The place of a module among files and folders: that of a folder's own file ends with `mod`.
    fn place(&self, module: Path) -> Path {
        if self.modules[&module] { [module, vec!["mod".to_owned()]].concat() } else { module }
    }

    /// Where what a path names is defined; none where that is not in this crate.
    fn home(&self, path: &[String]) -> Option<Path> {
        let mut path = path.to_vec();
        // A module and what its folder re-exports may have one name; what is behind it is in the module.
        let leads_on = |path: &Path, end: usize| {
            self.reexports.contains_key(&path[..end])
                && (end == path.len() || !self.modules.contains_key(&path[..end]))
        };
        while let Some(prefix) = (1..=path.len()).rev().find(|&end| leads_on(&path, end)) {
            path = [self.reexports[&path[..prefix]].clone(), path[prefix..].to_vec()].concat();
        }
        let end = (1..=path.len()).rev().find(|&end| self.modules.contains_key(&path[..end]))?;
        path.truncate(end);
        Some(self.place(path))
    }

    fn arrows(&self) -> Arrows {
        let mut arrows = Arrows::new();
        for source in code().iter().filter(|source| self.modules.contains_key(&source.module())) {
            let from = self.place(source.module());
            for to in imports(source).iter().filter_map(|path| self.home(path)) {
                let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
                let (Some(a), Some(b)) = (from.get(shared), to.get(shared)) else { continue };
                let of_folder = arrows.entry(from[..shared].to_vec()).or_default();
                of_folder.entry(a.clone()).or_default().insert(b.clone());
            }
        }
        arrows
    }
}

/// What is reached from a place, by arrows of one folder.
fn reached(arrows: &BTreeMap<String, BTreeSet<String>>, from: &str) -> BTreeSet<String> {
    let (mut found, mut waiting) = (BTreeSet::new(), vec![from.to_owned()]);
    while let Some(place) = waiting.pop() {
        for next in arrows.get(&place).into_iter().flatten() {
            if found.insert(next.clone()) {
                waiting.push(next.clone());
            }
        }
    }
    found
}

#[test]
fn nothing_imports_itself_by_way_of_its_neighbours() {
    let arrows = Places::new().arrows();
    assert!(arrows.len() > 20, "folders with arrows: {}", arrows.len());
    let mut circles = Vec::new();
    for (folder, arrows) in &arrows {
        let in_circle = arrows.keys().filter(|place| reached(arrows, place).contains(*place));
        circles
            .extend(in_circle.map(|place| format!("{}: {place} -> {:?}", folder.join("::"), arrows[place])));
    }
    assert!(circles.is_empty(), "{circles:#?}");
}
