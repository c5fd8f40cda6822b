//! Mapping rules of a source: kept as they were written, every version.

use diesel::prelude::*;
use fairground_domain::{LONGEST_RULES_BYTES, RuleFault, Rules, SourceId, Timestamp};
use serde_json::{Value, json};

use crate::db::Tx;
use crate::error::CatalogError;
use crate::harvest::{self, HarvestSource, Validators};
use crate::journal::{self, Event, EventKind};
use crate::schema::source_rules;

/// How deep values of a document may lie in one another.
const DEEPEST_VALUE: usize = 24;

/// A document of rules that can be applied: what was written (JSON or YAML), and what it means.
#[derive(Debug, Clone, Default)]
pub struct RulesDocument {
    text: String,
    rules: Rules,
}

impl RulesDocument {
    /// Reads a document; an empty text is one without rules.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its place.
    pub fn parse(text: &str) -> Result<Self, Vec<RuleFault>> {
        let fault = |problem: String| vec![RuleFault { pointer: String::new(), problem }];
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Ok(Self::default());
        }
        if text.len() > LONGEST_RULES_BYTES {
            return Err(fault(format!("a document of rules may hold up to {LONGEST_RULES_BYTES} bytes")));
        }
        let value: Value = if trimmed.starts_with('{') {
            serde_json::from_str(trimmed).map_err(|error| fault(format!("the JSON cannot be read: {error}")))?
        } else {
            serde_saphyr::from_str(trimmed).map_err(|error| {
                let told: String = error.to_string().chars().take(500).collect();
                fault(format!("the YAML cannot be read: {told}"))
            })?
        };
        if depth_of(&value) > DEEPEST_VALUE {
            return Err(fault(format!("values may lie up to {DEEPEST_VALUE} deep in one another")));
        }
        Ok(Self { rules: Rules::parse(&value)?, text: text.to_owned() })
    }

    /// As it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it means.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.rules
    }
}

fn depth_of(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth_of).max().unwrap_or(0),
        Value::Object(fields) => 1 + fields.values().map(depth_of).max().unwrap_or(0),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

/// The rules of a source as they are in force.
#[derive(Debug, Clone, Default)]
pub struct SourceRules {
    /// The version, from 1; 0 when there never were any.
    pub version: i32,
    /// What they say.
    pub document: RulesDocument,
    /// When they were written.
    pub created_at: Option<Timestamp>,
    /// Who wrote them, as the journal names them.
    pub created_by: String,
}

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = source_rules, treat_none_as_default_value = false)]
struct RulesRow {
    source_id: String,
    version: i32,
    document: String,
    created_at: i64,
    created_by: String,
}

/// The rules in force for a source; version 0 and empty when it has none.
///
/// # Errors
/// `Corrupt` when this program cannot read them (a newer one wrote them): the harvest must not go on without.
pub fn current_rules(tx: &mut Tx<'_>, source: SourceId) -> Result<SourceRules, CatalogError> {
    let row: Option<RulesRow> = source_rules::table
        .filter(source_rules::source_id.eq(source.to_string()))
        .order(source_rules::version.desc())
        .select(RulesRow::as_select())
        .first(tx.conn)
        .optional()?;
    let Some(row) = row else { return Ok(SourceRules::default()) };
    let document = RulesDocument::parse(&row.document).map_err(|faults| {
        let told: Vec<String> = faults.iter().map(|fault| format!("{}: {}", fault.pointer, fault.problem)).collect();
        CatalogError::corrupt("document of mapping rules", told.join("; "))
    })?;
    Ok(SourceRules {
        version: row.version,
        document,
        created_at: Some(Timestamp::from_micros(row.created_at)),
        created_by: row.created_by,
    })
}

/// Puts new rules in force: the next harvest reads the whole source again, even if it is unchanged.
///
/// `after` is the version that whoever wrote them has seen.
///
/// # Errors
/// `WrongState` when somebody else wrote other rules in the meantime.
pub fn save_rules(
    tx: &mut Tx<'_>,
    source: &HarvestSource,
    document: RulesDocument,
    after: Option<i32>,
    actor: &str,
) -> Result<SourceRules, CatalogError> {
    let current = current_rules(tx, source.id)?;
    if after.is_some_and(|after| after != current.version) {
        return Err(CatalogError::WrongState {
            what: format!("the mapping of source {}", source.slug),
            state: format!("at version {}", current.version),
            problem: "somebody else has changed it in the meantime; look at it again",
        });
    }
    if current.version > 0 && current.document.text == document.text {
        return Ok(current);
    }
    let row = RulesRow {
        source_id: source.id.to_string(),
        version: current.version + 1,
        document: document.text.clone(),
        created_at: tx.now.as_micros(),
        created_by: actor.to_owned(),
    };
    diesel::insert_into(source_rules::table).values(&row).execute(tx.conn)?;
    harvest::save_validators(tx, source.id, &Validators::default())?;
    journal::append(
        tx,
        Event {
            kind: EventKind::SourceChanged,
            subject_id: row.source_id,
            actor: actor.to_owned(),
            payload: json!({ "slug": source.slug, "rules_version": row.version }),
        },
    )?;
    Ok(SourceRules { version: row.version, document, created_at: Some(tx.now), created_by: actor.to_owned() })
}

/// The versions of a source's rules, newest first: number, moment, author.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_rules_versions(
    tx: &mut Tx<'_>,
    source: SourceId,
    limit: i64,
) -> Result<Vec<(i32, Timestamp, String)>, CatalogError> {
    let rows: Vec<(i32, i64, String)> = source_rules::table
        .filter(source_rules::source_id.eq(source.to_string()))
        .order(source_rules::version.desc())
        .limit(limit)
        .select((source_rules::version, source_rules::created_at, source_rules::created_by))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(version, at, by)| (version, Timestamp::from_micros(at), by)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_from_json_and_from_yaml_alike_and_faults_are_told() {
        let json = r#"{ "version": 1, "rules": [{ "licence": "https://l.example/0" }] }"#;
        let yaml = "# ours\nversion: 1\nrules:\n  - licence: https://l.example/0\n    note: agreed with the agency\n";
        for text in [json, yaml] {
            assert!(!RulesDocument::parse(text).expect(text).rules().is_empty());
        }
        assert!(RulesDocument::parse(" \n").expect("nothing").rules().is_empty());
        let deep = format!("{{\"version\":1,\"rules\":{}1{}}}", "[".repeat(60), "]".repeat(60));
        for (text, part) in [
            ("{", "the JSON cannot be read"),
            ("version: 1\n rules: [", "the YAML cannot be read"),
            ("version: 1\nrules:\n  - sett: {}\n", "nothing that a rule can do"),
            (deep.as_str(), "deep"),
            (" ".repeat(LONGEST_RULES_BYTES).as_str(), ""),
            (&"#".repeat(LONGEST_RULES_BYTES + 1), "bytes"),
        ] {
            match RulesDocument::parse(text) {
                Ok(_) => assert!(part.is_empty(), "{}", text.len()),
                Err(faults) => assert!(!part.is_empty() && faults[0].problem.contains(part), "{faults:?}"),
            }
        }
    }

    /// Aliases of YAML that multiply (the "billion laughs") must end in a refusal, not in memory.
    #[test]
    fn a_document_that_multiplies_itself_is_refused() {
        let mut text = "a: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for (n, name) in ('b'..='j').enumerate() {
            let before = char::from(b'a' + u8::try_from(n).expect("small"));
            text.push_str(&format!("{name}: &{name} [{}]\n", vec![format!("*{before}"); 10].join(", ")));
        }
        text.push_str("version: 1\nrules: *j\n");
        assert!(RulesDocument::parse(&text).is_err());
    }
}
