//! The embedded files, their tags, and the shell with its addresses filled in.
//! It must not know HTTP: names and bytes go in and out.

use super::{
    asset::{Asset, hex},
    book,
    modules::reached,
};
use actix_web::web::Bytes;
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::BTreeMap;

#[derive(RustEmbed)]
#[folder = "src/ui/site/"]
struct Embedded;

/// Stands in the shell where the address of this build's assets belongs.
const PLACEHOLDER: &str = "{{assets}}";
const SHELL: &str = "index.html";
/// A stream in a frame, which knows no session.
pub(super) const EMBED: &str = "embed.html";
/// Comments over a picture, which knows none either.
pub(super) const OVERLAY: &str = "overlay.html";
/// What every page of the book stands in.
const BOOK: &str = "book.html";
/// The tokens of dark pages, where a document has no script that could say in which of the two it is shown.
const DARK: (&str, &str) = ("css/tokens.css", ":root[data-theme=\"dark\"] {");
const DARK_BY_SYSTEM: &str = "css/dark-by-system.css";
/// What a browser is told that keeps the site like a program; it names assets, too.
pub(super) const MANIFEST: &str = "manifest.webmanifest";
/// Where the modules of a page are named.
const MODULES: &str = "{{modules}}";
/// A style that a document asks for, but for its name.
const STYLE: &str = "<link rel=\"stylesheet\" href=\"{{assets}}/";
const END: &str = "\">";
/// The module that every page of the shell begins with.
const START: &str = "app.js";
/// The documents that know no session, and what each begins with.
const DOCUMENTS: [(&str, &str); 2] = [(EMBED, "outside/embed.js"), (OVERLAY, "outside/overlay.js")];
/// Where the head of a page says what it is.
const HEAD: &str = "{{head}}";
/// What it says of pages that have nothing of their own to say.
const USUAL_HEAD: &str =
    "<title>Livehouse</title>\n<meta name=\"description\" content=\"Live streams, rooms and comments.\">";

/// A page of the shell.
#[derive(Clone, Copy)]
pub(super) struct Page {
    /// The module that the router will draw it by.
    pub module: &'static str,
    /// Those that it loads once it has been seen.
    pub later: &'static [&'static str],
}

/// Every file of the page under one build name: the hash of them all, so that an address never changes its meaning.
pub(super) struct Site {
    build: String,
    /// The shell of each page, by the module that draws it: before and behind what the head says.
    shells: BTreeMap<&'static str, (String, String)>,
    files: BTreeMap<String, Asset>,
    /// The pages of the book, by their names.
    book: BTreeMap<String, Asset>,
}

impl Site {
    /// The site as compiled in, with a shell for each of these pages.
    pub(super) fn embedded(pages: impl IntoIterator<Item = Page>) -> Self {
        let mut files: BTreeMap<String, Asset> = Embedded::iter().filter_map(|name| load(&name)).collect();
        let dark = dark_by_system(module(&files, DARK.0).unwrap_or_default());
        files.insert(DARK_BY_SYSTEM.to_owned(), Asset::new(DARK_BY_SYSTEM, dark.into()));
        for name in [SHELL, EMBED, OVERLAY, BOOK] {
            join_styles(&mut files, name);
        }
        let build = build_name(&files);
        for (name, start) in DOCUMENTS {
            let modules = links(&reached(&[start], &[], |name| module(&files, name)), "");
            let document = filled(&files, name, &modules, &build);
            rewrite(&mut files, name, document, &build);
        }
        let manifest = filled(&files, MANIFEST, "", &build);
        rewrite(&mut files, MANIFEST, manifest, &build);
        let shells = pages.into_iter().map(|page| (page.module, shell_of(&files, page, &build))).collect();
        let pages = book::pages(&filled(&files, BOOK, "", &build));
        let book = pages.into_iter().map(|(name, page)| (name, Asset::new(BOOK, page.into()))).collect();
        Self { build, shells, files, book }
    }

    /// Sixteen hex digits that change with any file.
    pub(super) fn build(&self) -> &str {
        &self.build
    }

    /// The build together with what else an answer depends on.
    pub(super) fn tag_with(&self, more: &[&str]) -> String {
        let hash = Sha256::new().chain_update(&self.build);
        // A NUL stands in none of them.
        hex(&more.iter().fold(hash, |hash, part| hash.chain_update(part).chain_update([0])).finalize())
    }

    /// The document of a page that is drawn by this module.
    pub(super) fn shell(&self, page: &str) -> Bytes {
        self.shell_with(page, USUAL_HEAD)
    }

    /// The same with a head of its own.
    pub(super) fn shell_with(&self, page: &str, head: &str) -> Bytes {
        let (before, behind) = &self.shells[page];
        Bytes::from([before, head, behind].concat())
    }

    /// A document beside the shell, by its name.
    pub(super) fn document(&self, name: &str) -> Bytes {
        self.files.get(name).map(|file| file.body.clone()).unwrap_or_default()
    }

    /// A file by its path below `site/`; documents are none, they have addresses of their own.
    pub(super) fn file(&self, name: &str) -> Option<&Asset> {
        self.files.get(name).filter(|_| !name.ends_with(".html"))
    }

    /// A page of the book, by its name.
    pub(super) fn page_of_book(&self, name: &str) -> Option<&Asset> {
        self.book.get(name)
    }

    /// What there is, for the tests that read all of it.
    #[cfg(test)]
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }
}

fn load(name: &str) -> Option<(String, Asset)> {
    let found = Embedded::get(name)?;
    let body = match found.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    };
    Some((name.to_owned(), Asset::new(name, body)))
}

fn build_name(files: &BTreeMap<String, Asset>) -> String {
    let all = files
        .iter()
        .fold(Sha256::new(), |hash, (name, file)| hash.chain_update(name).chain_update(&file.tag));
    hex(&all.finalize())
}

/// The same tokens for whose system is dark.
fn dark_by_system(tokens: &str) -> String {
    let dark = tokens.split_once(DARK.1).and_then(|(_, rest)| rest.split_once('}'));
    format!("@media (prefers-color-scheme: dark) {{\n:root {{{}}}\n}}\n", dark.map_or("", |(dark, _)| dark))
}

/// Has a document ask for one file in the place of all its styles, which stand in that in their order: the first paint waits for each
/// that is asked for.
fn join_styles(files: &mut BTreeMap<String, Asset>, document: &str) {
    let text = module(files, document).unwrap_or_default().to_owned();
    let styles = text.lines().filter_map(|line| line.strip_prefix(STYLE)?.strip_suffix(END));
    let styles: Vec<&str> = styles.filter_map(|name| module(files, name)).collect();
    let joined = styles.join("\n");
    let name = format!("css/of-{}.css", document.trim_end_matches(".html"));
    let link = format!("{STYLE}{name}{END}");
    let mut lines: Vec<&str> = text.lines().collect();
    if let Some(first) = lines.iter().position(|line| line.starts_with(STYLE)) {
        lines.retain(|line| !line.starts_with(STYLE));
        lines.insert(first, &link);
    }
    let text = lines.join("\n") + "\n";
    files.insert(name.clone(), Asset::new(&name, joined.into()));
    files.insert(document.to_owned(), Asset::new(document, text.into()));
}

fn rewrite(files: &mut BTreeMap<String, Asset>, name: &str, body: String, build: &str) {
    if let Some(file) = files.get_mut(name) {
        file.body = body.into();
        build.clone_into(&mut file.tag);
    }
}

/// The shell of a page, split where its head says what it is. What begins every page is asked for before what is this page's own.
fn shell_of(files: &BTreeMap<String, Asset>, page: Page, build: &str) -> (String, String) {
    let reach = |entries: &[&str], known: &[String]| reached(entries, known, |name| module(files, name));
    let first = reach(&[START], &[]);
    let own = reach(&[page.module], &first);
    let later = reach(page.later, &[first.as_slice(), &own].concat());
    let mut named = [links(&first, ""), links(&own, " fetchpriority=\"low\"")].concat();
    if !later.is_empty() {
        named += &format!("<meta name=\"later\" content=\"{}\">\n", later.join(" "));
    }
    let whole = filled(files, SHELL, &named, build);
    let (before, behind) = whole.split_once(HEAD).unwrap_or((&whole, ""));
    (before.to_owned(), behind.to_owned())
}

/// Has a browser ask for these modules.
fn links(modules: &[String], how: &str) -> String {
    let link = |module| format!("<link rel=\"modulepreload\"{how} href=\"{PLACEHOLDER}/{module}\">\n");
    modules.iter().map(link).collect()
}

fn module<'a>(files: &'a BTreeMap<String, Asset>, name: &str) -> Option<&'a str> {
    str::from_utf8(&files.get(name)?.body).ok()
}

/// A document that names its modules, and the addresses of this build.
fn filled(files: &BTreeMap<String, Asset>, name: &str, modules: &str, build: &str) -> String {
    let text = module(files, name).unwrap_or_default();
    text.replace(MODULES, modules.trim_end()).replace(PLACEHOLDER, &format!("/assets/{build}"))
}
