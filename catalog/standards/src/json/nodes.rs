//! Nodes of JSON-LD that refer to each other by `@id`, without a context: what a document says of a node is written into the node
//! that refers to it.

use std::collections::HashMap;

use serde_json::{Map, Value};

/// How deep references are followed.
const MAX_REFERENCES: usize = 4;
/// How deep a document is looked through.
const DEEPEST: usize = 64;
/// Bytes that references may add to one node; beyond, they stay references.
const MAX_ADDED_BYTES: usize = 4 << 20;

/// The nodes of one document by their ids.
pub(crate) struct Nodes<'a> {
    named: HashMap<&'a str, &'a Map<String, Value>>,
    /// Whether a node may be written into others.
    may: fn(&Map<String, Value>) -> bool,
    /// Keys whose plain texts are ids too.
    references: &'a [&'a str],
}

impl<'a> Nodes<'a> {
    /// The nodes of a document that have an `@id` and say something.
    pub(crate) fn of(value: &'a Value, may: fn(&Map<String, Value>) -> bool, references: &'a [&'a str]) -> Self {
        let mut named = HashMap::new();
        index(value, &mut named, 0);
        Self { named, may, references }
    }

    /// A node with what it refers to written into it.
    pub(crate) fn linked(&self, node: &Map<String, Value>) -> Map<String, Value> {
        let mut room = MAX_ADDED_BYTES;
        self.object(node, 0, &mut room)
    }

    fn object(&self, node: &Map<String, Value>, depth: usize, room: &mut usize) -> Map<String, Value> {
        let of = |(key, value): (&String, &Value)| {
            let texts = self.references.contains(&key.as_str());
            (key.clone(), self.value(value, texts, depth, room))
        };
        node.iter().map(of).collect()
    }

    fn value(&self, value: &Value, texts: bool, depth: usize, room: &mut usize) -> Value {
        match value {
            Value::Object(map) => {
                let alone = if map.len() == 1 { map.get("@id").and_then(Value::as_str) } else { None };
                match alone {
                    Some(id) => self.target(id, depth, room).unwrap_or_else(|| value.clone()),
                    None => Value::Object(self.object(map, depth, room)),
                }
            }
            Value::Array(items) => {
                Value::Array(items.iter().map(|item| self.value(item, texts, depth, room)).collect())
            }
            Value::String(id) if texts => self.target(id, depth, room).unwrap_or_else(|| value.clone()),
            other => other.clone(),
        }
    }

    /// The node of an id, linked in turn, when there is one and room for it.
    fn target(&self, id: &str, depth: usize, room: &mut usize) -> Option<Value> {
        let target = self.named.get(id).filter(|target| depth < MAX_REFERENCES && (self.may)(target))?;
        let cost: usize = target.iter().map(|(key, value)| key.len() + weight(value)).sum();
        *room = room.checked_sub(cost)?;
        Some(Value::Object(self.object(target, depth + 1, room)))
    }
}

fn index<'a>(value: &'a Value, named: &mut HashMap<&'a str, &'a Map<String, Value>>, depth: usize) {
    match value {
        Value::Object(map) if depth <= DEEPEST => {
            if let Some(id) = map.get("@id").and_then(Value::as_str)
                && map.len() > 1
            {
                let known = named.entry(id).or_insert(map);
                if map.len() > known.len() {
                    *known = map;
                }
            }
            map.values().for_each(|inner| index(inner, named, depth + 1));
        }
        Value::Array(items) if depth <= DEEPEST => items.iter().for_each(|item| index(item, named, depth + 1)),
        _ => {}
    }
}

fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 2,
        Value::Array(items) => items.iter().map(weight).sum::<usize>() + 2,
        Value::Object(map) => map.iter().map(|(key, value)| key.len() + weight(value)).sum::<usize>() + 2,
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
    }
}
