//! One record as a tree of elements.
//!
//! Names carry no prefix: the metadata standards read here use each local name in one meaning, and servers bind prefixes and
//! versions of namespaces in every way there is.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

/// Elements of one record; the largest real ones have some ten thousand.
pub(crate) const MOST_ELEMENTS: usize = 200_000;

/// An element with what is inside it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Element {
    /// Its local name.
    pub(crate) name: String,
    /// Local names and values of its attributes; namespace declarations are left out.
    pub(crate) attributes: Vec<(String, String)>,
    /// The elements in it, in order.
    pub(crate) children: Vec<Element>,
    /// Its own text, as written.
    text: String,
}

/// Why there is no tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Not well-formed.
    Syntax {
        /// The byte where the parser gave up.
        offset: u64,
        /// What it says.
        message: String,
    },
    /// Nested deeper than so many levels.
    Depth(usize),
    /// More than [`MOST_ELEMENTS`].
    Elements,
    /// No element at all.
    Nothing,
}

/// A record's tree.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) root: Element,
    /// The first entity that was neither predefined nor a character, and so was left out.
    pub(crate) unknown_entity: Option<String>,
}

/// Reads one element and what is in it.
pub(crate) fn parse(text: &str, max_depth: usize) -> Result<Tree, Fault> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Element> = Vec::new();
    let mut unknown_entity = None;
    let mut elements = 0;
    loop {
        let event = reader.read_event().map_err(|error| syntax(reader.error_position(), &error.to_string()))?;
        match event {
            Event::Start(start) => {
                elements += 1;
                if elements > MOST_ELEMENTS {
                    return Err(Fault::Elements);
                }
                if open.len() >= max_depth {
                    return Err(Fault::Depth(max_depth));
                }
                open.push(element(&start, &mut unknown_entity).map_err(|it| syntax(reader.buffer_position(), &it))?);
            }
            Event::End(_) => {
                let Some(done) = open.pop() else { continue };
                match open.last_mut() {
                    Some(parent) => parent.children.push(done),
                    None => return Ok(Tree { root: done, unknown_entity }),
                }
            }
            Event::Text(text) => add(&mut open, &text.xml10_content()),
            Event::CData(text) => add(&mut open, &text.xml10_content()),
            Event::GeneralRef(name) => match resolve(&name) {
                Some(text) => add(&mut open, &text),
                None => {
                    unknown_entity.get_or_insert_with(|| name.chars().take(40).collect());
                }
            },
            Event::Eof if open.is_empty() => return Err(Fault::Nothing),
            Event::Eof => return Err(syntax(reader.buffer_position(), "the text ends before the element does")),
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

fn syntax(offset: u64, message: &str) -> Fault {
    Fault::Syntax { offset, message: message.to_owned() }
}

fn element(start: &BytesStart<'_>, unknown_entity: &mut Option<String>) -> Result<Element, String> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        if attribute.key.as_namespace_binding().is_some() {
            continue;
        }
        let value = match attribute.normalized_value(XmlVersion::Implicit1_0) {
            Ok(value) => value.into_owned(),
            Err(_) => {
                unknown_entity.get_or_insert_with(|| attribute.value.chars().take(40).collect());
                attribute.value.clone().into_owned()
            }
        };
        attributes.push((attribute.key.local_name().into_inner().to_owned(), value));
    }
    let name = start.local_name().into_inner().to_owned();
    Ok(Element { name, attributes, children: Vec::new(), text: String::new() })
}

/// What a reference stands for: a character, or one of the five predefined entities.
pub(crate) fn resolve(name: &quick_xml::events::BytesRef<'_>) -> Option<String> {
    if name.is_char_ref() {
        return name.resolve_char_ref().ok().flatten().map(String::from);
    }
    quick_xml::escape::resolve_predefined_entity(name).map(str::to_owned)
}

fn add(open: &mut [Element], text: &str) {
    if let Some(current) = open.last_mut() {
        current.text.push_str(text);
    }
}

impl Drop for Element {
    /// Takes deep trees apart without recursion.
    fn drop(&mut self) {
        let mut rest = std::mem::take(&mut self.children);
        while let Some(mut next) = rest.pop() {
            rest.append(&mut next.children);
        }
    }
}

impl Element {
    /// Its own text without blanks around; `None` when nothing is left.
    pub(crate) fn own_text(&self) -> Option<String> {
        Some(self.text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// Its own text, or that of the first element in it that has some: `<title><CharacterString>…`.
    pub(crate) fn text(&self) -> Option<String> {
        self.own_text().or_else(|| self.children.iter().find_map(Element::own_text))
    }

    /// Every text in it, one after the other, blanks folded.
    pub(crate) fn all_text(&self) -> String {
        let mut words = Vec::new();
        self.gather_text(&mut words);
        words.join(" ")
    }

    fn gather_text<'a>(&'a self, words: &mut Vec<&'a str>) {
        words.extend(self.text.split_whitespace());
        self.children.iter().for_each(|child| child.gather_text(words));
    }

    /// An attribute by its local name; a blank one counts as absent.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let (_, value) = self.attributes.iter().find(|(key, value)| key == name && !value.trim().is_empty())?;
        Some(value.trim())
    }

    /// The first child of this name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The children of this name.
    pub(crate) fn children<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| name == "*" || child.name == name)
    }

    /// Every element at a path of local names, `*` standing for any name: `citation/*/title`.
    pub(crate) fn all<'a>(&'a self, path: &'a str) -> Vec<&'a Self> {
        let mut found = vec![self];
        for name in path.split('/') {
            found = found.into_iter().flat_map(|element| element.children(name)).collect();
        }
        found
    }

    /// The first element at a path.
    pub(crate) fn find<'a>(&'a self, path: &'a str) -> Option<&'a Self> {
        let (name, rest) = path.split_once('/').map_or((path, None), |(name, rest)| (name, Some(rest)));
        match rest {
            None => self.children(name).next(),
            Some(rest) => self.children(name).find_map(|child| child.find(rest)),
        }
    }

    /// The text at a path.
    pub(crate) fn text_at(&self, path: &str) -> Option<String> {
        self.all(path).into_iter().find_map(Self::text)
    }

    /// Every element of this name in it, at any depth.
    pub(crate) fn descendants<'a>(&'a self, name: &str) -> Vec<&'a Self> {
        let mut found = Vec::new();
        self.descend(name, &mut found);
        found
    }

    fn descend<'a>(&'a self, name: &str, found: &mut Vec<&'a Self>) {
        for child in &self.children {
            if child.name == name {
                found.push(child);
            }
            child.descend(name, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_walked_by_local_names() {
        let text = r#"<?xml version="1.0"?><!DOCTYPE a SYSTEM "http://x.example/a.dtd"><g:a xmlns:g="urn:g" x:href="1 &amp; 2">
            <g:b><c>one &lt; two</c></g:b><b><![CDATA[<three>]]>&#x41;</b><d/>&nbsp;</g:a>"#;
        let tree = parse(text, 10).expect("well-formed");
        assert_eq!(tree.unknown_entity.as_deref(), Some("nbsp"));
        let root = &tree.root;
        assert_eq!((root.name.as_str(), root.attribute("href")), ("a", Some("1 & 2")));
        assert_eq!(root.text_at("b").as_deref(), Some("one < two"));
        assert_eq!(root.all("b").get(1).and_then(|it| it.text()).as_deref(), Some("<three>A"));
        assert_eq!(root.find("*/c").map(|it| it.name.as_str()), Some("c"));
        assert!(root.find("d/e").is_none() && root.descendants("c").len() == 1 && root.descendants("z").is_empty());
        assert_eq!(root.attributes.len(), 1, "declarations of namespaces are no attributes");
    }

    #[test]
    fn broken_and_hostile_records_are_named() {
        for (text, fault) in [
            ("<a><b></a>", "Syntax"),
            ("<a>", "Syntax"),
            ("", "Nothing"),
            ("<!-- nobody -->", "Nothing"),
            ("<a><a><a><a/></a></a></a>", "Depth"),
            ("<a x=1/>", "Syntax"),
        ] {
            let found = format!("{:?}", parse(text, 3).expect_err(text));
            assert!(found.starts_with(fault), "{text}: {found}");
        }
        let many = format!("<a>{}</a>", "<b/>".repeat(MOST_ELEMENTS));
        assert_eq!(parse(&many, 3).map(|_| ()), Err(Fault::Elements));
    }

    #[test]
    fn declared_entities_are_never_expanded() {
        let bomb = r#"<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>"#;
        let tree = parse(bomb, 3).expect("read without them");
        assert_eq!((tree.root.text(), tree.unknown_entity.as_deref()), (None, Some("c")));
        let file = r#"<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>"#;
        assert_eq!(parse(file, 3).expect("read without it").root.text(), None);
    }
}
