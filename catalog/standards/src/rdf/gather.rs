//! A dataset's record out of the spool: everything that hangs on it, as sorted N-Triples.
//!
//! Other datasets, series, services, catalogues and catalogue records are left out, and so is what lies further away than
//! `max_closure_depth` links. Blank nodes get names by their content, so that a description keeps its bytes from one
//! capture to the next; blank nodes that say exactly the same become one.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io;

use fairground_domain::ContentHash;

use crate::limits::Limits;
use crate::rdf::document::Resources;
use crate::rdf::spool::{BlockReader, Blocks, hash_of};
use crate::rdf::vocab::leads_away;

#[derive(Debug)]
pub(crate) struct Gatherer<'a> {
    blocks: &'a Blocks,
    reader: BlockReader<'a>,
    resources: &'a Resources,
    max_depth: usize,
    max_bytes: usize,
}

/// A subject with what is said of it.
#[derive(Debug)]
struct Node {
    subject: String,
    /// `<predicate> object .`
    lines: Vec<String>,
}

impl<'a> Gatherer<'a> {
    pub(crate) fn new(blocks: &'a Blocks, resources: &'a Resources, limits: &Limits) -> io::Result<Self> {
        Ok(Self {
            blocks,
            reader: blocks.reader()?,
            resources,
            max_depth: limits.max_closure_depth,
            max_bytes: limits.max_record_bytes,
        })
    }

    /// The record of the subject with this hash, and whether all of it fitted.
    pub(crate) fn gather(&mut self, root: u64) -> io::Result<(Vec<u8>, bool)> {
        let mut nodes: Vec<Node> = Vec::new();
        let mut seen: HashSet<u64> = HashSet::from([root]);
        let mut bytes = 0;
        let mut ahead = vec![(root, None::<String>)];
        'depths: for depth in 0..=self.max_depth {
            let mut next = Vec::new();
            for (hash, subject) in std::mem::take(&mut ahead) {
                let Some(node) = self.node(hash, subject.as_deref())? else { continue };
                bytes += node.lines.iter().map(|line| line.len() + node.subject.len() + 2).sum::<usize>();
                if depth < self.max_depth {
                    for line in &node.lines {
                        self.follow(line, &mut seen, &mut next);
                    }
                }
                nodes.push(node);
                if bytes > self.max_bytes {
                    break 'depths;
                }
            }
            ahead = next;
        }
        let record = written(&nodes);
        if bytes <= self.max_bytes {
            return Ok((record, true));
        }
        // Only the root, so that it can at least be named.
        nodes.truncate(1);
        let mut start = written(&nodes);
        start.truncate(self.max_bytes.min(64 * 1024));
        let whole_lines = memchr::memrchr(b'\n', &start).map_or(0, |at| at + 1);
        start.truncate(whole_lines);
        Ok((start, false))
    }

    /// Everything said of one subject.
    fn node(&mut self, hash: u64, wanted: Option<&str>) -> io::Result<Option<Node>> {
        let mut node: Option<Node> = None;
        for offset in self.blocks.find(hash) {
            let mut text = Vec::new();
            let body = self.reader.read(offset, &mut text)?;
            let text = String::from_utf8(text).map_err(io::Error::other)?;
            let (subject, body) = text.split_at_checked(body).ok_or(io::ErrorKind::InvalidData)?;
            if wanted.is_some_and(|wanted| wanted != subject) {
                continue;
            }
            let node = node.get_or_insert_with(|| Node { subject: subject.to_owned(), lines: Vec::new() });
            if node.subject == subject {
                node.lines.extend(body.lines().map(str::to_owned));
            }
        }
        Ok(node)
    }

    /// Puts the object of a line on the way, when it belongs to the record.
    fn follow(&self, line: &str, seen: &mut HashSet<u64>, next: &mut Vec<(u64, Option<String>)>) {
        let Some((predicate, object)) = parts(line) else { return };
        if !(object.starts_with('<') || object.starts_with("_:")) || leads_away(predicate) {
            return;
        }
        let hash = hash_of(object);
        if !self.resources.contains_key(&hash) && seen.insert(hash) {
            next.push((hash, Some(object.to_owned())));
        }
    }
}

/// Predicate (without brackets) and object of a line.
fn parts(line: &str) -> Option<(&str, &str)> {
    let (predicate, rest) = line.strip_prefix('<')?.split_once("> ")?;
    Some((predicate, rest.strip_suffix(" .")?))
}

/// The nodes as sorted lines, blank nodes named by content.
fn written(nodes: &[Node]) -> Vec<u8> {
    let names = blank_names(nodes);
    let mut lines: Vec<String> = Vec::with_capacity(nodes.iter().map(|node| node.lines.len()).sum());
    for node in nodes {
        let subject = names.get(node.subject.as_str()).map_or(node.subject.as_str(), String::as_str);
        for line in &node.lines {
            let renamed = parts(line).and_then(|(predicate, object)| Some((predicate, names.get(object)?)));
            lines.push(match renamed {
                Some((predicate, object)) => format!("{subject} <{predicate}> {object} .\n"),
                None => format!("{subject} {line}\n"),
            });
        }
    }
    lines.sort_unstable();
    lines.dedup();
    lines.concat().into_bytes()
}

/// `_:b0`, `_:b1`, … for every blank node, in the order of the digests of what is said of them.
fn blank_names(nodes: &[Node]) -> HashMap<&str, String> {
    let blank: HashMap<&str, &Node> =
        nodes.iter().filter(|node| node.subject.starts_with("_:")).map(|node| (node.subject.as_str(), node)).collect();
    let objects = nodes.iter().flat_map(|node| &node.lines).filter_map(|line| Some(parts(line)?.1));
    let all: BTreeSet<&str> = objects.filter(|object| object.starts_with("_:")).chain(blank.keys().copied()).collect();
    let mut digests: HashMap<&str, ContentHash> = HashMap::new();
    for name in &all {
        let mut path = Vec::new();
        let digest = digest(name, &blank, &mut digests, &mut path);
        digests.insert(name, digest);
    }
    let ranks: BTreeSet<[u8; 32]> = digests.values().map(|digest| *digest.as_bytes()).collect();
    let ranks: HashMap<[u8; 32], usize> = ranks.into_iter().enumerate().map(|(rank, digest)| (digest, rank)).collect();
    digests
        .into_iter()
        .filter_map(|(name, digest)| Some((name, format!("_:b{}", ranks.get(digest.as_bytes())?))))
        .collect()
}

/// The digest of what is said of a blank node, blank nodes below it included. A way that comes back to where it was ends.
fn digest<'n>(
    name: &'n str,
    blank: &HashMap<&'n str, &'n Node>,
    known: &mut HashMap<&'n str, ContentHash>,
    path: &mut Vec<&'n str>,
) -> ContentHash {
    if let Some(digest) = known.get(name) {
        return *digest;
    }
    let Some(node) = blank.get(name) else { return ContentHash::of(b"nothing is said") };
    if path.contains(&name) {
        return ContentHash::of(b"a way back");
    }
    path.push(name);
    let mut lines: Vec<String> = Vec::with_capacity(node.lines.len());
    for line in &node.lines {
        match parts(line) {
            Some((predicate, object)) if object.starts_with("_:") => {
                lines.push(format!("{predicate} {}", digest(object, blank, known, path)));
            }
            _ => lines.push(line.clone()),
        }
    }
    path.pop();
    lines.sort_unstable();
    lines.dedup();
    let digest = ContentHash::of_parts(lines.iter().map(String::as_bytes));
    if path.is_empty() {
        known.insert(name, digest);
    }
    digest
}
