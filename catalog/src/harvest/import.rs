//! Bringing a batch of records into the catalogue: one transaction with its journal events and the job's position.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use fairground_domain::mapping::{self, EXCLUDED_BY_RULE};
use fairground_domain::{ContentHash, DatasetDraft, DatasetId, Finding, JobId, ResourceKind, Severity, SourceId};

use super::change::{Change, diff};
use super::held::Attempt;
use super::job::{HarvestPayload, HarvestProgress, get_job};
use super::likeness::{Likenesses, Sketch};
use super::record::{RecordRow, insert_records};
use super::source::HarvestSource;
use super::{Outcome, Sums};
use crate::correction::Corrections;
use crate::dataset::{self, DatasetRow, Known, PublicationState, RawRow, Replacement, Whose};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::gate::{self, HoldId, RULES_VERSION, Report, ReportRow, Subject, Verdict};
use crate::job::{self, Lease, heartbeat};
use crate::journal::{self, Event, EventKind};
use crate::member;
use crate::publisher::Directory;
use crate::schema::harvest_records;
use crate::table::{self, Duplicates, LoadRequest};

/// A record that the engine has read, ready to be imported.
#[derive(Debug)]
pub struct IncomingRecord {
    /// Its place in the source, from 0.
    pub seq: u64,
    /// Dataset, series or service.
    pub kind: ResourceKind,
    /// Its identity within the source; empty when it has none (then it is refused).
    pub key: String,
    /// Its title, as far as there is one.
    pub title: String,
    /// The description; `None` when it could not be read.
    pub content: Option<Incoming>,
    /// SHA-256 of the raw record.
    pub raw_hash: ContentHash,
    /// The raw record, compressed with zstd.
    pub raw_zstd: Vec<u8>,
    /// What the checks found.
    pub findings: Vec<Finding>,
}

/// The description that a record gave, with its document made and fingerprinted off the import's thread.
#[derive(Debug)]
pub struct Incoming {
    /// The normalised draft.
    pub draft: DatasetDraft,
    /// [`DatasetDraft::to_document`] of it.
    pub document: String,
    /// [`DatasetDraft::fingerprint`] of the document.
    pub hash: ContentHash,
    /// What the personal-data screen says of its texts; `None` when they pass without a word.
    pub report: Option<Box<Report>>,
    /// The document as the source says it, where an agency's corrections lie over it.
    pub said: Option<String>,
}

impl Incoming {
    /// What the screen says of it.
    pub(super) fn report(&self) -> Report {
        self.report.as_ref().map_or_else(gate::passing_report, |report| Report::clone(report))
    }

    fn would_be_held(&self) -> bool {
        self.report.as_ref().is_some_and(|report| report.verdict == Verdict::Hold)
    }

    /// It waits for a reviewer though nothing was found: its publisher does not trust its sources.
    fn wait_for_review(&mut self) {
        let mut report = self.report();
        report.verdict = Verdict::Hold;
        self.report = Some(Box::new(report));
    }
}

impl From<DatasetDraft> for Incoming {
    fn from(draft: DatasetDraft) -> Self {
        let document = draft.to_document();
        let report = gate::screen_description(&draft);
        let report = (report.verdict != Verdict::Pass).then(|| Box::new(report));
        Self { hash: DatasetDraft::fingerprint(&document), document, draft, report, said: None }
    }
}

/// Records that wait for the end of the source, at most: they look like a dataset under another identifier, which the source
/// may list further on. Of more the first look decides, as when a whole catalogue has moved.
pub const MOST_DEFERRED: usize = 1_000;

/// The identities that this run of a job has met, as digests of 16 bytes each, so that a source of any size fits in memory.
#[derive(Debug, Default)]
pub struct SeenKeys {
    met: HashSet<[u8; 16]>,
    /// What the source listed before this run, by what a changed identifier leaves alike; read when it is first needed.
    before: Option<Likenesses>,
}

impl SeenKeys {
    /// What an interrupted job had met before.
    ///
    /// # Errors
    /// `Storage` when the database fails.
    pub fn load(tx: &mut Tx<'_>, job: JobId) -> Result<Self, CatalogError> {
        const PAGE: i64 = 20_000;
        let (mut seen, mut after) = (Self::default(), -1);
        loop {
            let page: Vec<(i64, String)> = harvest_records::table
                .filter(harvest_records::job_id.eq(job.to_string()))
                .filter(harvest_records::seq.gt(after))
                .filter(harvest_records::outcome.ne(Outcome::Deleted.as_str()))
                .filter(harvest_records::findings.not_like(format!("%\"{EXCLUDED_BY_RULE}\"%")))
                .order(harvest_records::seq)
                .limit(PAGE)
                .select((harvest_records::seq, harvest_records::source_key))
                .load(tx.conn)?;
            let Some((last, _)) = page.last() else { return Ok(seen) };
            after = *last;
            for (_, key) in &page {
                seen.insert(key);
            }
        }
    }

    /// Notes an identity; false when it was there already. An empty one is never noted.
    fn insert(&mut self, key: &str) -> bool {
        key.is_empty() || self.met.insert(Self::digest(key))
    }

    /// Whether an identity was met.
    #[must_use]
    pub fn contains(&self, key: &str) -> bool {
        self.met.contains(&Self::digest(key))
    }

    /// The dataset of this source that a record under an unknown identity is, by the rules of likeness; it must not have been
    /// met under its own.
    fn alike(
        &mut self,
        tx: &mut Tx<'_>,
        source: SourceId,
        key: &str,
        draft: &DatasetDraft,
    ) -> Result<Option<Known>, CatalogError> {
        let before = match self.before.take() {
            Some(before) => before,
            None => self.listed_before(tx, source)?,
        };
        let found =
            if before.is_empty() { None } else { before.find(&Sketch::of_draft(draft).marks_within_source(key)) };
        self.before = Some(before);
        let Some(id) = found else { return Ok(None) };
        let known = dataset::find_known_by_id(tx, &id.to_string())?;
        Ok(known.filter(|known| !self.contains(&known.key)))
    }

    fn listed_before(&self, tx: &mut Tx<'_>, source: SourceId) -> Result<Likenesses, CatalogError> {
        const PAGE: i64 = 1_000;
        let corrupt = |error: &dyn std::fmt::Display| CatalogError::corrupt("dataset", error);
        let (mut all, mut after) = (Likenesses::default(), String::new());
        loop {
            let page = dataset::describe(tx, Whose::Of(source), &after, PAGE)?;
            let Some(last) = page.last().and_then(|last| last.key.as_ref()) else { return Ok(all) };
            after.clone_from(last);
            // Alike is what the source said, not what was corrected.
            let ids: Vec<&str> = page.iter().map(|one| one.id.as_str()).collect();
            let corrections = Corrections::of(tx, &ids)?;
            for one in page {
                let Some(key) = one.key.filter(|key| !self.contains(key)) else { continue };
                let said = corrections.as_said(&one.id, &one.document)?;
                let sketch = Sketch::of_document(&said).map_err(|error| corrupt(&error))?;
                let id = one.id.parse().map_err(|error| corrupt(&error))?;
                all.add(id, &sketch.marks_within_source(&key));
            }
        }
    }

    fn digest(key: &str) -> [u8; 16] {
        let mut short = [0; 16];
        for (to, from) in short.iter_mut().zip(ContentHash::of(key.as_bytes()).as_bytes()) {
            *to = *from;
        }
        short
    }
}

/// What became of a batch.
#[derive(Debug, Default)]
pub struct BatchReport {
    /// The sums.
    pub sums: Sums,
    /// The outcomes, in the records' order.
    pub outcomes: Vec<Outcome>,
    /// The journal's last number, when something was written down.
    pub journal_seq: Option<i64>,
    /// Of a dry run: what would become of datasets that would not stay as they are.
    pub changes: Vec<Change>,
}

/// Brings a batch into the catalogue and moves the job's position behind it: all of it or nothing.
///
/// Every record comes to exactly one outcome. `progress` is updated in place (position and sums) and saved in the same
/// transaction; `seen` learns the batch's identities. When this fails, both must be taken from before: the caller gives copies.
///
/// # Errors
/// `LeaseLost`, `Cancelled` when the job is no longer ours; `Storage` when the database fails.
pub fn import_batch(
    tx: &mut Tx<'_>,
    lease: &Lease,
    source: &HarvestSource,
    seen: &mut SeenKeys,
    progress: &mut HarvestProgress,
    records: Vec<IncomingRecord>,
) -> Result<BatchReport, CatalogError> {
    heartbeat(tx, lease)?;
    let payload = get_job(tx, lease.job)?.payload;
    let mut import = Import::new(tx, source, &records, &payload)?;
    let mut report = BatchReport::default();
    for record in records {
        progress.position = progress.position.max(record.seq + 1);
        let (seq, kind) = (record.seq, record.kind);
        let waited = progress.deferred.iter().position(|deferred| *deferred == seq);
        let may_wait = waited.is_none() && progress.deferred.len() < MOST_DEFERRED;
        match import.take(tx, lease, seen, record, may_wait)? {
            Some(outcome) => {
                report.sums.of_mut(kind).add(outcome);
                report.outcomes.push(outcome);
                if let Some(place) = waited {
                    progress.deferred.remove(place);
                }
            }
            None => progress.deferred.push(seq),
        }
    }
    report.changes = std::mem::take(&mut import.changes);
    report.journal_seq = import.write(tx)?;
    progress.sums.merge(&report.sums);
    job::save_progress(tx, lease.job, progress)?;
    Ok(report)
}

fn corrupt(problem: impl ToString) -> CatalogError {
    CatalogError::corrupt("dataset", problem)
}

/// A batch on its way: what the store knows of it, and the rows that it will become.
struct Import<'a> {
    source: &'a HarvestSource,
    actor: String,
    publishers: Directory,
    known: HashMap<String, Known>,
    /// What agencies corrected in known datasets: it lies over what the source says.
    corrections: Corrections,
    /// What the gate keeps back of known datasets, by id.
    kept_back: HashMap<String, Vec<(ContentHash, HoldId)>>,
    taken_slugs: HashSet<String>,
    new: Vec<DatasetRow>,
    /// What the screen noted of new datasets.
    reports: Vec<ReportRow>,
    restored: Vec<String>,
    raw: Vec<RawRow>,
    rows: Vec<RecordRow>,
    events: Vec<Event>,
    /// Datasets that the source lists again within their grace period.
    back: Vec<String>,
    with_tables: bool,
    tells_changes: bool,
    changes: Vec<Change>,
    loads_of_new: Vec<LoadRequest>,
    loads_of_known: Vec<LoadRequest>,
    /// The distributions of each dataset that changed.
    listed: HashMap<String, HashSet<String>>,
    /// Whether publishers trust their sources; `None` when all of them do.
    trust: Option<HashMap<String, bool>>,
}

impl<'a> Import<'a> {
    fn new(
        tx: &mut Tx<'_>,
        source: &'a HarvestSource,
        records: &[IncomingRecord],
        payload: &HarvestPayload,
    ) -> Result<Self, CatalogError> {
        let keys: Vec<&str> = records.iter().map(|record| record.key.as_str()).filter(|key| !key.is_empty()).collect();
        let known = dataset::find_known(tx, source.id, &keys)?;
        let wanted: Vec<String> = records
            .iter()
            .filter(|record| !known.contains_key(&record.key))
            .filter_map(|record| fairground_domain::Slug::from_title(record.content.as_ref()?.draft.title.any()))
            .map(|slug| slug.to_string())
            .collect();
        let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
        let ids: Vec<&str> = known.values().map(|known| known.id.as_str()).collect();
        let kept_back = gate::kept_back(tx, &ids)?;
        let corrections = Corrections::of(tx, &ids)?;
        Ok(Self {
            source,
            actor: source.actor(),
            publishers: Directory::default(),
            known,
            corrections,
            kept_back,
            taken_slugs: dataset::slugs_in_use(tx, &wanted)?,
            new: Vec::new(),
            reports: Vec::new(),
            restored: Vec::new(),
            raw: Vec::new(),
            rows: Vec::new(),
            events: Vec::new(),
            back: Vec::new(),
            with_tables: !payload.no_tables,
            tells_changes: payload.dry_run,
            changes: Vec::new(),
            loads_of_new: Vec::new(),
            loads_of_known: Vec::new(),
            listed: HashMap::new(),
            trust: member::any_distrusts(tx)?.then(HashMap::new),
        })
    }

    /// Whether what a publisher's sources say is published without a reviewer.
    fn is_trusted(&mut self, tx: &mut Tx<'_>, publisher: Option<&str>) -> Result<bool, CatalogError> {
        let (Some(known), Some(publisher)) = (&mut self.trust, publisher) else { return Ok(true) };
        if let Some(trusted) = known.get(publisher) {
            return Ok(*trusted);
        }
        let trusted = member::policy_of(tx, publisher.parse().map_err(corrupt)?)?.trusts_sources;
        known.insert(publisher.to_owned(), trusted);
        Ok(trusted)
    }

    /// Brings one record to its outcome; `None` when it has to wait until the whole source has been seen (`may_wait`).
    fn take(
        &mut self,
        tx: &mut Tx<'_>,
        lease: &Lease,
        seen: &mut SeenKeys,
        mut record: IncomingRecord,
        may_wait: bool,
    ) -> Result<Option<Outcome>, CatalogError> {
        if let Some(known) = self.under_another_key(tx, seen, &record)? {
            if may_wait {
                return Ok(None);
            }
            dataset::rename_key(tx, &known.id, &record.key)?;
            self.corrections.learn(tx, &known.id)?;
            self.known.insert(record.key.clone(), Known { key: record.key.clone(), ..known });
            let message =
                "the source lists this dataset under another identifier than before; it stays the same dataset";
            record.findings.push(Finding::warning("identifier-changed", "", message));
        }
        // What a rule leaves out counts as not listed: what it was before goes.
        let left_out = mapping::is_excluded(&record.findings);
        let repeated = if left_out { seen.contains(&record.key) } else { !seen.insert(&record.key) };
        if repeated {
            let message = format!("`{}` occurs more than once in this source; the first one counts", record.key);
            record.findings.push(Finding::error("duplicate-identifier", "", message));
        } else if record.key.is_empty() && record.content.is_some() {
            record.findings.push(Finding::error("identifier-missing", "", "a record needs an identifier"));
        }
        let refused = record.findings.iter().any(|finding| finding.severity == Severity::Error);
        let raw_hash = record.raw_hash.to_string();
        let (outcome, dataset_id) = match record.content.take() {
            None if refused => (Outcome::Refused, None),
            None => (Outcome::Failed, None),
            Some(_) if refused => (Outcome::Refused, None),
            Some(content) => {
                let (outcome, id) = self.place(tx, &record, content, &raw_hash)?;
                (outcome, Some(id))
            }
        };
        self.keep(lease, record, outcome, dataset_id, raw_hash)?;
        Ok(Some(outcome))
    }

    /// The dataset that a sound record with an unknown identity was until now, if the rules of likeness know one.
    fn under_another_key(
        &self,
        tx: &mut Tx<'_>,
        seen: &mut SeenKeys,
        record: &IncomingRecord,
    ) -> Result<Option<Known>, CatalogError> {
        let unknown = !record.key.is_empty() && !self.known.contains_key(&record.key) && !seen.contains(&record.key);
        let sound = record.findings.iter().all(|finding| finding.severity != Severity::Error);
        match &record.content {
            Some(content) if unknown && sound => seen.alike(tx, self.source.id, &record.key, &content.draft),
            _ => Ok(None),
        }
    }

    /// Creates, updates, restores or confirms the dataset that a sound record describes.
    fn place(
        &mut self,
        tx: &mut Tx<'_>,
        record: &IncomingRecord,
        mut content: Incoming,
        raw_hash: &str,
    ) -> Result<(Outcome, String), CatalogError> {
        if let Some(known) = self.known.get(&record.key)
            && let Some(corrected) = self.corrections.lay_over(tx, &known.id, &content.draft)?
        {
            content = Incoming { said: Some(content.document), ..Incoming::from(corrected) };
        }
        let publisher_id = self.publisher_of(tx, &content.draft)?;
        if !self.is_trusted(tx, publisher_id.as_deref())? {
            content.wait_for_review();
        }
        let hash = content.hash.to_string();
        let Some(known) = self.known.get(&record.key).cloned() else {
            let id = DatasetId::new();
            let slug = dataset::slug_for(&content.draft, id, &mut self.taken_slugs)?.to_string();
            let clear = self.admit(tx, record, &content, &id.to_string(), publisher_id.as_deref(), raw_hash)?;
            if self.with_tables && clear {
                self.loads_of_new.extend(table::requests_of(id, Some(self.source.id), &content.draft));
            }
            let id = id.to_string();
            self.tell(record, Outcome::Created, &slug, Vec::new());
            if clear {
                self.events.push(dataset::event(EventKind::DatasetCreated, &id, &slug, 1, &hash, &self.actor));
            }
            let state = if clear { PublicationState::Published } else { PublicationState::Held };
            self.new.push(DatasetRow {
                id: id.clone(),
                slug,
                kind: record.kind.as_str().to_owned(),
                publisher_id,
                source_id: Some(self.source.id.to_string()),
                source_key: Some(record.key.clone()),
                state: state.as_str().to_owned(),
                version: 1,
                content_hash: hash,
                raw_hash: Some(raw_hash.to_owned()),
                document: content.document,
                created_at: tx.now.as_micros(),
                updated_at: tx.now.as_micros(),
                withdrawn_at: None,
                withdrawn_reason: None,
                screened_rules: Some(RULES_VERSION.to_owned()),
                screened_at: Some(tx.now.as_micros()),
            });
            return Ok((Outcome::Created, id));
        };
        // Shown as another one, or withdrawn by hand: what the source lists does not bring it into view.
        let hidden = known.same_as.is_some() || known.withdrawn_by.is_some();
        let held = known.state == PublicationState::Held.as_str();
        let withdrawn = known.state == PublicationState::Withdrawn.as_str() && !hidden;
        let changed = known.content_hash != hash || known.publisher_id != publisher_id;
        if known.missing_since.is_some() {
            self.back.push(known.id.clone());
        }
        // What waits for a reviewer is the same as it was; nobody looks at it twice.
        let waits = self.kept_back.get(&known.id).is_some_and(|kept| kept.iter().any(|(one, _)| *one == content.hash));
        if waits || (held && !changed) {
            return Ok((Outcome::Unchanged, known.id));
        }
        if !held && (changed || withdrawn) && content.would_be_held() {
            let attempt = self.attempt(record, &content, &known.id, publisher_id.as_deref(), raw_hash);
            if !attempt.judge_beside(tx)? {
                return Ok((if withdrawn { Outcome::Created } else { Outcome::Updated }, known.id));
            }
        }
        if changed {
            if self.tells_changes && !withdrawn {
                let before = dataset::document_of(tx, &known.id)?;
                let fields = diff(&before, &content.document).map_err(|e| CatalogError::corrupt("dataset", e))?;
                self.tell(record, Outcome::Updated, &known.slug, fields);
            }
            let replacement = Replacement {
                id: &known.id,
                kind: record.kind.as_str(),
                publisher_id: publisher_id.clone(),
                expected_version: known.version,
                content_hash: hash.clone(),
                raw_hash: Some(raw_hash.to_owned()),
                document: &content.document,
                public: !hidden,
                screened: Some(RULES_VERSION),
            };
            dataset::replace(tx, replacement)?;
            if held || content.report.is_some() || self.kept_back.contains_key(&known.id) {
                self.attempt(record, &content, &known.id, publisher_id.as_deref(), raw_hash).judge(tx)?;
            } else {
                gate::forget(tx, &Subject::description(known.id.parse().map_err(corrupt)?))?;
            }
        } else if withdrawn {
            self.restored.push(known.id.clone());
        }
        if held {
            // If nothing keeps it back any more, the gate has brought it into view and told the journal.
            return Ok((Outcome::Updated, known.id));
        }
        let version = known.version + i32::from(changed);
        let (outcome, kind) = match (withdrawn, changed) {
            (true, _) => {
                self.tell(record, Outcome::Created, &known.slug, Vec::new());
                (Outcome::Created, EventKind::DatasetRestored)
            }
            // Nobody sees it by itself, so there is nothing to follow.
            (false, true) if hidden => return Ok((Outcome::Updated, known.id)),
            (false, true) => (Outcome::Updated, EventKind::DatasetUpdated),
            (false, false) => return Ok((Outcome::Unchanged, known.id)),
        };
        self.events.push(dataset::event(kind, &known.id, &known.slug, version, &hash, &self.actor));
        self.follow_up(&known.id, &content.draft)?;
        Ok((outcome, known.id))
    }

    /// Whether a description that is new to the catalogue may be public. What is only noted of it is written with the batch.
    fn admit(
        &mut self,
        tx: &mut Tx<'_>,
        record: &IncomingRecord,
        content: &Incoming,
        id: &str,
        publisher: Option<&str>,
        raw_hash: &str,
    ) -> Result<bool, CatalogError> {
        if content.report.is_none() {
            return Ok(true);
        }
        let attempt = self.attempt(record, content, id, publisher, raw_hash);
        if content.would_be_held() {
            return attempt.judge(tx);
        }
        let report = attempt.report_row(tx.now)?;
        self.reports.push(report);
        Ok(true)
    }

    fn attempt<'b>(
        &self,
        record: &'b IncomingRecord,
        content: &'b Incoming,
        id: &'b str,
        publisher: Option<&'b str>,
        raw_hash: &'b str,
    ) -> Attempt<'b>
    where
        'a: 'b,
    {
        Attempt { source: self.source, record, content, id, publisher, raw_hash }
    }

    /// Notes what a dry run says of a dataset.
    fn tell(&mut self, record: &IncomingRecord, outcome: Outcome, slug: &str, fields: Vec<super::FieldChange>) {
        if self.tells_changes {
            let (key, slug, title) = (record.key.clone(), slug.to_owned(), record.title.clone());
            self.changes.push(Change { outcome, key, slug, title, fields });
        }
    }

    /// Tables follow a dataset that changed or is back: its files are loaded, and those of files that it no longer lists go.
    fn follow_up(&mut self, id: &str, draft: &DatasetDraft) -> Result<(), CatalogError> {
        let id: DatasetId = id.parse().map_err(|error| CatalogError::corrupt("dataset", error))?;
        let listed = dataset::distribution_ids(id, draft).into_iter().map(|id| id.to_string()).collect();
        self.listed.insert(id.to_string(), listed);
        if self.with_tables {
            self.loads_of_known.extend(table::requests_of(id, Some(self.source.id), draft));
        }
        Ok(())
    }

    /// The source's own publisher where it has one, else the one that the dataset names.
    fn publisher_of(&mut self, tx: &mut Tx<'_>, draft: &DatasetDraft) -> Result<Option<String>, CatalogError> {
        if let Some(id) = self.source.publisher_id {
            return Ok(dataset::publisher_column(Some(id)));
        }
        let Some(agent) = &draft.publisher else { return Ok(None) };
        let publisher = self.publishers.resolve(tx, agent, &self.actor)?;
        Ok(dataset::publisher_column(publisher.map(|publisher| publisher.id)))
    }

    /// The record's own row, and its raw bytes unless they are known to be there.
    fn keep(
        &mut self,
        lease: &Lease,
        record: IncomingRecord,
        outcome: Outcome,
        dataset_id: Option<String>,
        raw_hash: String,
    ) -> Result<(), CatalogError> {
        let findings = if record.findings.is_empty() {
            String::new()
        } else {
            serde_json::to_string(&record.findings).map_err(|error| CatalogError::corrupt("finding", error))?
        };
        self.rows.push(RecordRow {
            job_id: lease.job.to_string(),
            seq: i64::try_from(record.seq).map_err(|error| CatalogError::corrupt("harvest record", error))?,
            source_id: self.source.id.to_string(),
            kind: record.kind.as_str().to_owned(),
            source_key: record.key,
            title: record.title,
            outcome: outcome.as_str().to_owned(),
            dataset_id,
            raw_hash: Some(raw_hash.clone()),
            findings,
        });
        if outcome != Outcome::Unchanged {
            self.raw.push(RawRow { hash: raw_hash, body: record.raw_zstd });
        }
        Ok(())
    }

    fn write(mut self, tx: &mut Tx<'_>) -> Result<Option<i64>, CatalogError> {
        dataset::insert_all(tx, &self.new, &self.raw)?;
        gate::insert_reports(tx, &self.reports)?;
        if !self.restored.is_empty() {
            dataset::restore_all(tx, &self.restored)?;
        }
        if !self.back.is_empty() {
            let back: Vec<&str> = self.back.iter().map(String::as_str).collect();
            dataset::set_missing(tx, &back, None)?;
        }
        insert_records(tx, &self.rows)?;
        if !self.listed.is_empty() {
            self.events.extend(table::withdraw_unlisted(tx, &self.listed, &self.actor)?);
        }
        table::enqueue_all(tx, self.loads_of_new, Duplicates::Impossible)?;
        table::enqueue_all(tx, self.loads_of_known, Duplicates::OfQueued)?;
        if self.events.is_empty() { Ok(None) } else { journal::append_all(tx, self.events).map(Some) }
    }
}
