//! The book of `docs/`, from its Markdown to pages that need no script: links between pages and headings that can be linked to,
//! a list of contents, the way on. It must not know HTTP, nor what the book is about.

use crate::wire::documents::Markup;
use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};
use rust_embed::RustEmbed;
use std::collections::BTreeMap;

#[derive(RustEmbed)]
#[folder = "docs/src/"]
struct Written;

/// Lists all pages, as mdbook reads it.
const SUMMARY: &str = "SUMMARY.md";
/// The page on which the book begins, and its name in addresses: `/docs` itself shows the interface.
const FIRST: [&str; 2] = ["index", "book"];

/// A line of the contents.
enum Entry {
    /// A heading over pages.
    Part(String),
    Page(Listed),
}

/// A page as the contents have it.
struct Listed {
    title: String,
    /// Its file, but for the ending.
    stem: String,
    /// Whether it belongs to the page above it.
    is_below: bool,
}

/// What a page says.
struct Said {
    markup: String,
    /// Its sections: their ids and titles.
    sections: Vec<(String, String)>,
}

/// All pages as documents, by the names that addresses have of them, in a frame with places for title, contents, text and way on.
pub(super) fn pages(frame: &str) -> BTreeMap<String, String> {
    let entries = entries(&written(SUMMARY));
    let listed: Vec<&Listed> = entries.iter().filter_map(Entry::page).collect();
    let page = |(at, page): (usize, &&Listed)| {
        let said = said(&written(&format!("{}.md", page.stem)));
        let beside = |at: Option<usize>| listed.get(at?).copied();
        let document = frame
            .replace(
                "{{title}}",
                Markup::default().text("title", &format!("{} · Livehouse", page.title)).as_str(),
            )
            .replace("{{contents}}", contents(&entries, page, &said.sections).as_str())
            .replace("{{onward}}", onward(beside(at.checked_sub(1)), beside(Some(at + 1))).as_str())
            .replace("{{page}}", &said.markup);
        (page.name().to_owned(), document)
    };
    listed.iter().enumerate().map(page).collect()
}

impl Entry {
    fn page(&self) -> Option<&Listed> {
        match self {
            Self::Page(listed) => Some(listed),
            Self::Part(_) => None,
        }
    }
}

impl Listed {
    fn name(&self) -> &str {
        name(&self.stem)
    }

    fn address(&self) -> String {
        address(&self.stem, "")
    }
}

/// A file of the book; nothing where there is none, which its tests find.
fn written(file: &str) -> String {
    let found = Written::get(file).and_then(|found| String::from_utf8(found.data.into_owned()).ok());
    found.unwrap_or_default()
}

fn entries(summary: &str) -> Vec<Entry> {
    let entry = |line: &str| {
        let text = line.trim_start();
        if let Some(part) = text.strip_prefix("# ") {
            return (part != "Summary").then(|| Entry::Part(part.to_owned()));
        }
        let (title, rest) = text.trim_start_matches("- ").strip_prefix('[')?.split_once("](")?;
        let stem = rest.strip_suffix(".md)")?.to_owned();
        Some(Entry::Page(Listed { title: title.to_owned(), stem, is_below: line.starts_with(' ') }))
    };
    summary.lines().filter_map(entry).collect()
}

fn name(stem: &str) -> &str {
    if stem == FIRST[0] { FIRST[1] } else { stem }
}

fn address(stem: &str, anchor: &str) -> String {
    let page = format!("/docs/{}", name(stem));
    if anchor.is_empty() { page } else { format!("{page}#{anchor}") }
}

fn said(markdown: &str) -> Said {
    let mut events: Vec<Event> = Parser::new_ext(markdown, Options::ENABLE_TABLES).map(own).collect();
    let sections = name_headings(&mut events);
    let mut markup = String::with_capacity(markdown.len() * 2);
    html::push_html(&mut markup, events.into_iter());
    // Both may be wider than a screen, and are scrolled by themselves, also by keys. What is written is escaped, so these are tags.
    let markup = markup
        .replace("<pre>", "<pre tabindex=\"0\">")
        .replace("<table>", "<div class=\"wide\" tabindex=\"0\"><table>")
        .replace("</table>", "</table></div>");
    Said { markup, sections }
}

/// Links lead to pages, code has the name of its language alone, and markup, of which the book has only remarks for its test, is gone.
fn own(event: Event) -> Event {
    match event {
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let dest_url = to_page(&dest_url).map_or(dest_url, CowStr::from);
            Event::Start(Tag::Link { link_type, dest_url, title, id })
        }
        Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
            let language = info.split([',', ' ']).next().unwrap_or_default().to_owned();
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language.into())))
        }
        Event::Html(_) | Event::InlineHtml(_) => Event::Text(CowStr::Borrowed("")),
        other => other,
    }
}

/// Where a link to a file of the book leads; none for any other.
fn to_page(link: &str) -> Option<String> {
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    let stem = file.strip_suffix(".md").filter(|stem| !stem.contains('/'))?;
    Some(address(stem, anchor))
}

/// Gives each heading its id; back come those of the second rank.
fn name_headings(events: &mut [Event]) -> Vec<(String, String)> {
    let mut named: BTreeMap<String, usize> = BTreeMap::new();
    let mut sections = Vec::new();
    for at in 0..events.len() {
        let Event::Start(Tag::Heading { level, .. }) = &events[at] else { continue };
        let level = *level;
        let inner =
            events[at + 1..].iter().take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))));
        let title: String = inner.filter_map(text).collect();
        let times = named.entry(slug(&title)).and_modify(|times| *times += 1).or_insert(0);
        let id = if *times == 0 { slug(&title) } else { format!("{}-{times}", slug(&title)) };
        events[at] = Event::Start(Tag::Heading {
            level,
            id: Some(id.clone().into()),
            classes: Vec::new(),
            attrs: Vec::new(),
        });
        if level == HeadingLevel::H2 {
            sections.push((id, title));
        }
    }
    sections
}

fn text<'a>(event: &'a Event) -> Option<&'a str> {
    match event {
        Event::Text(text) | Event::Code(text) => Some(text),
        _ => None,
    }
}

/// The id of a heading, as mdbook makes it, too.
fn slug(title: &str) -> String {
    let kept = title.chars().filter_map(|c| match c {
        c if c.is_alphanumeric() || c == '_' || c == '-' => Some(c.to_ascii_lowercase()),
        c if c.is_whitespace() => Some('-'),
        _ => None,
    });
    kept.collect()
}

/// All pages, with the sections of the one that is shown.
fn contents(entries: &[Entry], shown: &Listed, sections: &[(String, String)]) -> Markup {
    let line = |entry: &Entry| match entry {
        Entry::Part(title) => Markup::default().words("li", &[("class", "part")], title),
        Entry::Page(page) => {
            let address = page.address();
            let link = [("href", address.as_str()), ("aria-current", "page")];
            let (link, below) = match page.stem == shown.stem {
                true => (&link[..], within(sections)),
                false => (&link[..1], Markup::default()),
            };
            let class = if page.is_below { "below" } else { "page" };
            let line = Markup::default().words("a", link, &page.title).and(below);
            Markup::default().element("li", &[("class", class)], line)
        }
    };
    let lines = entries.iter().map(line).fold(Markup::default(), Markup::and);
    Markup::default().element("ul", &[], lines)
}

fn within(sections: &[(String, String)]) -> Markup {
    if sections.is_empty() {
        return Markup::default();
    }
    let section = |(id, title): &(String, String)| {
        let link = Markup::default().words("a", &[("href", &format!("#{id}"))], title);
        Markup::default().element("li", &[], link)
    };
    Markup::default().element("ul", &[], sections.iter().map(section).fold(Markup::default(), Markup::and))
}

/// The pages before and behind.
fn onward(before: Option<&Listed>, behind: Option<&Listed>) -> Markup {
    let to = |page: Option<&Listed>, rel: &str, arrow: [&str; 2]| {
        page.map_or_else(Markup::default, |page| {
            let link = [("href", page.address()), ("rel", rel.to_owned())];
            let link = link.each_ref().map(|(name, text)| (*name, text.as_str()));
            Markup::default().words("a", &link, &arrow.join(&page.title))
        })
    };
    to(before, "prev", ["← ", ""]).and(to(behind, "next", ["", " →"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_a_page_whose_headings_can_be_linked_to_and_whose_markup_is_text_alone() {
        let said = said(
            "# One\n\n## A `part` of it\n\n[on](two.md#x) [home](index.md) [out](https://a.example/b.md)\n\n<!-- run: x -->\n\n\
             ```sh,run\na <b\n```\n\n## A part of it\n\n| | |\n|---|---|\n| a | <b>b</b> |\n",
        );
        let sections = [("a-part-of-it", "A part of it"), ("a-part-of-it-1", "A part of it")];
        assert_eq!(said.sections, sections.map(|(id, title)| (id.to_owned(), title.to_owned())));
        for part in [
            "<h1 id=\"one\">One</h1>",
            "<h2 id=\"a-part-of-it\">A <code>part</code> of it</h2>",
            "<a href=\"/docs/two#x\">on</a> <a href=\"/docs/book\">home</a> <a href=\"https://a.example/b.md\">out</a>",
            "<pre tabindex=\"0\"><code class=\"language-sh\">a &lt;b\n</code></pre>",
            "<div class=\"wide\" tabindex=\"0\"><table>",
            "<td>b</td>",
        ] {
            assert!(said.markup.contains(part), "{part} is not in {}", said.markup);
        }
        assert!(!said.markup.contains("run: x"), "{}", said.markup);
    }

    #[test]
    fn every_page_of_the_book_is_in_its_contents_and_says_more_than_its_title() {
        let pages = pages("{{title}}{{contents}}<main>{{page}}</main>{{onward}}");
        let written = Written::iter().filter(|name| name.as_ref() != SUMMARY).count();
        assert_eq!(pages.len(), written, "{:?}", pages.keys());
        for (name, page) in &pages {
            let (contents, rest) = page.split_once("<main>").unwrap();
            assert_eq!(contents.matches("aria-current=\"page\"").count(), 1, "{name}");
            assert!(rest.len() > 1000, "{name}");
            assert!(!page.contains(" style=") && !page.contains("<script"), "{name} is against the policy");
            for other in pages.keys().map(|other| other.as_str()) {
                assert!(contents.contains(&format!("href=\"/docs/{other}\"")), "{name} without {other}");
            }
        }
    }
}
