//! DCAT-US 3.0 in JSON-LD: a graph of nodes under the standard's own context, which is known without loading it.
//!
//! The graph is written out as the `data.json` that it stands for: resources in lists, and what they refer to inside them.

use serde_json::{Map, Value, json};

use crate::error::ReadError;
use crate::json::nodes::Nodes;

/// Keys whose values are ids of nodes, by the standard's context.
const REFERENCES: &[&str] = &[
    "accessRestriction",
    "accessRights",
    "agent",
    "checksum",
    "conformsTo",
    "contactPoint",
    "contributor",
    "creator",
    "cuiRestriction",
    "dcat:record",
    "describedBy",
    "distribution",
    "format",
    "identifier",
    "license",
    "mediaType",
    "otherIdentifier",
    "page",
    "provenance",
    "publisher",
    "qualifiedAttribution",
    "qualifiedRelation",
    "record",
    "rights",
    "rightsHolder",
    "spatial",
    "subOrganizationOf",
    "temporal",
    "theme",
    "useRestriction",
    "accessService",
];

/// The local name of a type, such as `Dataset` of `dcat:Dataset`.
fn types(node: &Map<String, Value>) -> Vec<&str> {
    let all = match node.get("@type") {
        Some(Value::String(text)) => vec![text.as_str()],
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    all.into_iter().map(|name| name.rsplit([':', '#', '/']).next().unwrap_or(name)).collect()
}

/// Resources are listed, not written into each other.
fn is_part(node: &Map<String, Value>) -> bool {
    !types(node)
        .iter()
        .any(|name| matches!(*name, "Dataset" | "DatasetSeries" | "DataService" | "Catalog" | "CatalogRecord"))
}

/// Writes a graph as lists of datasets, series, services and catalogue records.
///
/// # Errors
/// `Syntax` when it is no JSON, `NotACatalogue` when no node is a resource or catalogue.
pub(crate) fn as_lists(bytes: &[u8]) -> Result<Vec<u8>, ReadError> {
    let value = crate::collected::json(bytes)?;
    let nodes = Nodes::of(&value, is_part, REFERENCES);
    let (mut datasets, mut series, mut services, mut records) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut catalogue, mut queue) = (false, vec![&value]);
    while let Some(value) = queue.pop() {
        match value {
            Value::Array(items) => queue.extend(items.iter().rev()),
            Value::Object(node) => {
                let types = types(node);
                let has = |name: &str| types.contains(&name);
                let list = if has("Dataset") {
                    Some(&mut datasets)
                } else if has("DatasetSeries") {
                    Some(&mut series)
                } else if has("DataService") {
                    Some(&mut services)
                } else if has("CatalogRecord") {
                    Some(&mut records)
                } else {
                    None
                };
                catalogue |= has("Catalog");
                if let Some(list) = list {
                    list.push(nodes.linked(node));
                }
                for (key, inner) in node.iter().rev() {
                    // Whole resources may stand inside a catalogue or a graph.
                    if matches!(
                        key.as_str(),
                        "@graph" | "dataset" | "service" | "datasetSeries" | "catalog" | "record" | "dcat:record"
                    ) {
                        queue.push(inner);
                    }
                }
            }
            _ => {}
        }
    }
    if !catalogue && datasets.is_empty() && series.is_empty() && services.is_empty() {
        return Err(ReadError::NotACatalogue {
            why: "no node of the graph is a dataset, series, service or catalogue".to_owned(),
        });
    }
    let lists = json!({ "dataset": datasets, "datasetSeries": series, "service": services, "record": records });
    Ok(lists.to_string().into_bytes())
}
