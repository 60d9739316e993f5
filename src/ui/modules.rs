//! Which modules a page is made of: what its entry imports, and what that imports, so that a browser is told of all of
//! them at once and does not find them one import after the other. It must not know HTTP or markup.

/// The modules that `entries` and all that they import are made of, nearest first, but for those that are `known` with all
/// that they import; `text` gives a module by its path. What is imported only when it is wanted, by `import(…)`, is not among them.
pub(super) fn reached<'a>(
    entries: &[&str],
    known: &[String],
    text: impl Fn(&str) -> Option<&'a str>,
) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut found: Vec<String> = entries.iter().map(|&entry| entry.to_owned()).collect();
    let mut at = 0;
    loop {
        for path in found.drain(..) {
            if !known.contains(&path) && !all.contains(&path) {
                all.push(path);
            }
        }
        let Some(module) = all.get(at) else { return all };
        let imports = text(module).into_iter().flat_map(str::lines).filter_map(imported);
        found.extend(imports.map(|import| resolved(module, import)));
        at += 1;
    }
}

/// The address in `import … from '…';` or `import '…';`. Each stands on a line of its own in our modules, which their linter sees to.
fn imported(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("import ").or_else(|| line.strip_prefix("export "))?;
    let address = match rest.split_once(" from '") {
        Some((_, address)) => address,
        None => rest.strip_prefix('\'')?,
    };
    address.strip_suffix("';")
}

/// A relative address, as seen from the folder of a module.
fn resolved(module: &str, import: &str) -> String {
    let mut path: Vec<&str> = module.split('/').collect();
    path.pop();
    for part in import.split('/') {
        match part {
            "." => {}
            ".." => drop(path.pop()),
            name => path.push(name),
        }
    }
    path.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(module: &str) -> Option<&'static str> {
        Some(match module {
            "app.js" => {
                "// Starts.\nimport { a } from './core/a.js';\nimport './b.js';\nconst late = () => import('./late.js');"
            }
            "core/a.js" => {
                "import { b } from '../b.js';\nexport { c } from './deep/c.js';\nexport const from = 'import x';"
            }
            "b.js" => "import { a } from './core/a.js';",
            _ => return None,
        })
    }

    #[test]
    fn all_that_is_imported_is_reached_once_and_what_is_loaded_later_is_not() {
        let all = ["app.js", "core/a.js", "b.js", "core/deep/c.js"];
        assert_eq!(reached(&["app.js"], &[], text), all);
        assert_eq!(
            reached(&["b.js", "app.js"], &[], text),
            ["b.js", "app.js", "core/a.js", "core/deep/c.js"]
        );
        let known = reached(&["core/a.js"], &[], text);
        assert_eq!(reached(&["app.js", "b.js"], &known, text), ["app.js"]);
    }
}
