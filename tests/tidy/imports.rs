//! What a file imports of this crate: the trees of its `use`s and the paths in its code, from the root on.

use super::sources::Source;

pub type Path = Vec<String>;

/// The paths that a file imports; re-exports of a folder are a part of its declaration, and not counted.
pub fn imports(source: &Source) -> Vec<Path> {
    let (uses, rest) = uses(&source.code());
    let counted = uses.into_iter().filter(|(visible, _)| !(*visible && source.is_folder()));
    let of_uses = counted.flat_map(|(_, tree)| leaves(&tree));
    of_uses.chain(paths(&rest)).filter_map(|path| absolute(path, source)).collect()
}

/// What a folder re-exports: the names, and where they are defined.
pub fn reexports(source: &Source) -> Vec<(String, Path)> {
    let (uses, _) = uses(&source.code());
    let visible = uses.into_iter().filter(|(visible, _)| *visible && source.is_folder());
    let paths = visible.flat_map(|(_, tree)| leaves(&tree)).filter_map(|path| {
        let named = path.last()?.clone();
        // In a folder, a path without a root begins with one of its modules.
        let is_rooted = ["crate", "self", "super"].contains(&path.first()?.as_str());
        let path = if is_rooted { absolute(path, source)? } else { [source.module(), path].concat() };
        Some((named, path))
    });
    paths.collect()
}

/// The `use` trees, each with whether it is visible from outside, and the code without them.
fn uses(code: &str) -> (Vec<(bool, String)>, String) {
    let (mut found, mut rest) = (Vec::new(), String::new());
    let mut lines = code.lines();
    while let Some(line) = lines.next() {
        let Some((visible, first)) = begins_use(line) else {
            rest.push_str(line);
            rest.push('\n');
            continue;
        };
        let mut tree = first.to_owned();
        while !tree.trim_end().ends_with(';') {
            let Some(line) = lines.next() else { break };
            tree.push_str(line);
        }
        found.push((visible, tree.trim_end().trim_end_matches(';').to_owned()));
    }
    (found, rest)
}

/// What a line imports that begins a `use`, and whether that is visible from outside.
fn begins_use(line: &str) -> Option<(bool, &str)> {
    let line = line.trim_start();
    let (before, tree) =
        if let Some(tree) = line.strip_prefix("use ") { ("", tree) } else { line.split_once(" use ")? };
    (before.is_empty() || before.starts_with("pub")).then_some((!before.is_empty(), tree))
}

/// The paths of one tree: `a::{b, c::{self, d}}` is `a::b`, `a::c` and `a::c::d`.
fn leaves(tree: &str) -> Vec<Path> {
    let tree = tree.trim();
    let Some((stem, group)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or(tree);
        let names = path.split("::").map(|name| name.trim().to_owned());
        return vec![names.filter(|name| name != "*").collect()];
    };
    let stem: Path =
        stem.split("::").map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let inner = group.trim_end().strip_suffix('}').unwrap_or(group);
    let below = members(inner).into_iter().flat_map(leaves);
    below.map(|path| if path == ["self"] { stem.clone() } else { [stem.clone(), path].concat() }).collect()
}

/// The members of a group, without splitting groups inside.
fn members(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut found) = (0, 0, Vec::new());
    for (place, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                found.push(&group[start..place]);
                start = place + 1;
            }
            _ => {}
        }
    }
    found.push(&group[start..]);
    found.into_iter().filter(|member| !member.trim().is_empty()).collect()
}

/// Paths in code that begin at a root: `crate::a::b(…)`.
fn paths(code: &str) -> Vec<Path> {
    let mut found = Vec::new();
    for root in ["crate::", "super::", "self::"] {
        for (place, _) in code.match_indices(root) {
            let is_whole = !code[..place].ends_with(|c: char| c.is_alphanumeric() || "_:\",".contains(c));
            let path: String =
                code[place..].chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == ':').collect();
            if is_whole {
                found.push(path.split("::").filter(|name| !name.is_empty()).map(str::to_owned).collect());
            }
        }
    }
    found
}

/// A path from the root of the crate; none where it is of another crate.
fn absolute(path: Path, source: &Source) -> Option<Path> {
    let mut base = match path.first()?.as_str() {
        "crate" => return Some(path[1..].to_vec()),
        "self" | "super" => source.module(),
        _ => return None,
    };
    let supers = path.iter().take_while(|name| *name == "super").count();
    base.truncate(base.len().checked_sub(supers)?);
    let roots = supers.max(1);
    Some([base, path[roots..].to_vec()].concat())
}

#[test]
fn imports_are_found_in_trees_and_in_code() {
    let text = "use super::{b::{self, C}, d::*};\npub use crate::e;\nfn f() { crate::g::h(); }".to_owned();
    let found = imports(&Source { path: "a/x.rs".into(), text });
    let found: Vec<String> = found.into_iter().map(|path| path.join("::")).collect();
    assert_eq!(found, ["a::b", "a::b::C", "a::d", "e", "g::h"]);
}
