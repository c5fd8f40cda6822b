//! The way of a question: from what is kept, from the index, or by reading; rows and groups alike.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use fairground_domain::{ColumnType, ContentHash};
use fairground_tables_columns::{ColumnsError, Cost, Sidecar, Stop};
use fairground_tables_query::plan::{AggregatePlan, GroupKey, RowsPlan, Start};
use serde::Serialize;

use crate::answer::{AggregateAnswer, Engine, Kept, RowsAnswer};
use crate::error::TablesError;
use crate::open::OpenSnapshot;
use crate::scan::{ScanEngine, aggregate, rows};
use crate::tables::Tables;
use crate::text::json::RowWriter;

/// Answers that are longer are not kept, in bytes.
const KEPT_ANSWER_BYTES_MAX: usize = 256 * 1024;

/// A question that both engines answer.
pub(crate) trait Ask: Serialize + Clone + Send + Sync + 'static {
    /// What comes back.
    type Answer: Answer;
    /// Tells kinds of questions apart, where plans of two kinds could look alike.
    const KIND: &'static str;

    /// What the index would have to do.
    fn index_cost(&self, sidecar: &Sidecar) -> Cost;

    /// The index's answer; nothing when reading should answer.
    fn by_index(
        &self,
        open: &OpenSnapshot,
        sidecar: &Sidecar,
        stop: Stop<'_>,
    ) -> Result<Option<Self::Answer>, ColumnsError>;

    /// The answer by reading the snapshot.
    fn by_reading(
        self,
        engine: Arc<ScanEngine>,
        open: Arc<OpenSnapshot>,
    ) -> impl Future<Output = Result<Self::Answer, TablesError>> + Send + 'static;
}

/// An answer that may be kept.
pub(crate) trait Answer: Clone + Send + 'static {
    fn keep(self) -> Kept;
    fn of_kept(kept: Kept) -> Option<Self>;
    /// Bytes of its text.
    fn length(&self) -> usize;
    fn came(&mut self, engine: Option<Engine>, elapsed: Duration);
}

impl Ask for RowsPlan {
    type Answer = RowsAnswer;
    const KIND: &'static str = "rows";

    fn index_cost(&self, sidecar: &Sidecar) -> Cost {
        sidecar.rows_cost(self)
    }

    fn by_index(
        &self,
        _open: &OpenSnapshot,
        sidecar: &Sidecar,
        stop: Stop<'_>,
    ) -> Result<Option<RowsAnswer>, ColumnsError> {
        /// Bytes of a value with its name, roughly.
        const MEMBER_BYTES: usize = 24;
        let page = sidecar.rows(self, stop)?;
        let mut items = Vec::with_capacity(2 + page.rows.len() * self.properties.len() * MEMBER_BYTES);
        sidecar.write_json(&page.rows, &self.properties, &mut items)?;
        let numbers = page.rows.iter().copied().map(u64::from).collect();
        Ok(Some(rows_answer(items, numbers, page.total, page.next, Engine::Index)))
    }

    async fn by_reading(self, engine: Arc<ScanEngine>, open: Arc<OpenSnapshot>) -> Result<RowsAnswer, TablesError> {
        let page = rows::find(&engine, &open, &self).await?;
        let items = rows::write(&open, &page.rows, &self.properties).await?;
        Ok(rows_answer(items, page.rows.into(), page.total, page.next, Engine::Scan))
    }
}

fn rows_answer(items: Vec<u8>, row_numbers: Arc<[u64]>, total: u64, next: Option<Start>, engine: Engine) -> RowsAnswer {
    let count = row_numbers.len() as u64;
    RowsAnswer { items: Bytes::from(items), row_numbers, count, total, next, engine, elapsed: Duration::ZERO }
}

impl Answer for RowsAnswer {
    fn keep(self) -> Kept {
        Kept::Rows(Arc::new(self))
    }

    fn of_kept(kept: Kept) -> Option<Self> {
        if let Kept::Rows(answer) = kept { Some(Arc::unwrap_or_clone(answer)) } else { None }
    }

    fn length(&self) -> usize {
        self.items.len()
    }

    fn came(&mut self, engine: Option<Engine>, elapsed: Duration) {
        self.engine = engine.unwrap_or(self.engine);
        self.elapsed = elapsed;
    }
}

impl Ask for AggregatePlan {
    type Answer = AggregateAnswer;
    const KIND: &'static str = "aggregate";

    fn index_cost(&self, sidecar: &Sidecar) -> Cost {
        sidecar.aggregate_cost(self)
    }

    fn by_index(
        &self,
        open: &OpenSnapshot,
        sidecar: &Sidecar,
        stop: Stop<'_>,
    ) -> Result<Option<AggregateAnswer>, ColumnsError> {
        let types = answer_types(open, self)?;
        let Some(page) = sidecar.aggregate(self, stop)? else { return Ok(None) };
        let writer = RowWriter::new(self.names.iter().map(String::as_str));
        let mut items = vec![b'['];
        for (at, group) in page.groups.iter().enumerate() {
            if at > 0 {
                items.push(b',');
            }
            writer.write_values(&types, group, &mut items);
        }
        items.push(b']');
        Ok(Some(groups_answer(items, page.groups.len() as u64, page.total, Engine::Index)))
    }

    async fn by_reading(
        self,
        engine: Arc<ScanEngine>,
        open: Arc<OpenSnapshot>,
    ) -> Result<AggregateAnswer, TablesError> {
        let groups = aggregate::aggregate(&engine, &open, &self).await?;
        Ok(groups_answer(groups.items, groups.count, groups.total, Engine::Scan))
    }
}

fn groups_answer(items: Vec<u8>, count: u64, total: u64, engine: Engine) -> AggregateAnswer {
    AggregateAnswer { items: Bytes::from(items), count, total, engine, elapsed: Duration::ZERO }
}

impl Answer for AggregateAnswer {
    fn keep(self) -> Kept {
        Kept::Aggregate(Arc::new(self))
    }

    fn of_kept(kept: Kept) -> Option<Self> {
        if let Kept::Aggregate(answer) = kept { Some(Arc::unwrap_or_clone(answer)) } else { None }
    }

    fn length(&self) -> usize {
        self.items.len()
    }

    fn came(&mut self, engine: Option<Engine>, elapsed: Duration) {
        self.engine = engine.unwrap_or(self.engine);
        self.elapsed = elapsed;
    }
}

/// Types of the columns of an aggregate's answer.
fn answer_types(open: &OpenSnapshot, plan: &AggregatePlan) -> Result<Vec<ColumnType>, ColumnsError> {
    let types: Vec<ColumnType> = open.snapshot().columns.iter().map(|column| column.column_type).collect();
    if let Some(strange) = plan.keys.iter().map(GroupKey::column).find(|column| *column >= types.len()) {
        return Err(ColumnsError::Mismatch(format!("there is no column {strange}")));
    }
    let keys = plan.keys.iter().map(|key| key.answer_type(&types));
    Ok(keys.chain(plan.measures.iter().map(|measure| measure.answer_type(&types))).collect())
}

impl Tables {
    /// Answers a question. `name` is its name among the kept answers, where the caller has one already.
    pub(crate) async fn ask<Q: Ask>(
        &self,
        open: &Arc<OpenSnapshot>,
        question: &Q,
        name: Option<ContentHash>,
    ) -> Result<Q::Answer, TablesError> {
        let started = Instant::now();
        let name = match name {
            _ if !self.keeps_answers() => None,
            Some(name) => Some(name),
            None => Some(question_name(open, question)?),
        };
        if let Some(mut answer) = name.and_then(|name| self.core().answers.get(&name)).and_then(Q::Answer::of_kept) {
            answer.came(Some(Engine::Cache), started.elapsed());
            return Ok(answer);
        }
        let mut answer = match self.ask_once(open, question).await {
            Err(error) if error.is_gone() => {
                let open = self.reopen(open.key()).await?;
                self.ask_once(&open, question).await?
            }
            other => other?,
        };
        answer.came(None, started.elapsed());
        if let Some(name) = name.filter(|_| answer.length() <= KEPT_ANSWER_BYTES_MAX) {
            self.core().answers.insert(name, answer.clone().keep());
        }
        Ok(answer)
    }

    async fn ask_once<Q: Ask>(&self, open: &Arc<OpenSnapshot>, question: &Q) -> Result<Q::Answer, TablesError> {
        if let Some(sidecar) = open.sidecar() {
            let answer = if question.index_cost(sidecar) == Cost::Cheap {
                question.by_index(open, sidecar, &|| false)
            } else {
                let _place = self.core().engine.enter_index().await?;
                let question = question.clone();
                self.with_index(Arc::clone(open), move |open, sidecar, stop| question.by_index(open, sidecar, stop))
                    .await
            };
            if let Some(Some(answer)) = self.unless_damaged(open.key(), answer)? {
                return Ok(answer);
            }
        }
        let engine = Arc::clone(&self.core().engine);
        let work = question.clone().by_reading(Arc::clone(&engine), Arc::clone(open));
        engine.ask(work).await
    }

    /// Asks the index on a thread of ours, within the time of a question. Dropping the future stops it.
    pub(crate) async fn with_index<T: Send + 'static>(
        &self,
        open: Arc<OpenSnapshot>,
        ask: impl FnOnce(&OpenSnapshot, &Sidecar, Stop<'_>) -> Result<T, ColumnsError> + Send + 'static,
    ) -> Result<T, ColumnsError> {
        let limit = self.settings().query_time;
        let gone = Arc::new(AtomicBool::new(false));
        let _guard = SetOnDrop(Arc::clone(&gone));
        let started = Instant::now();
        let task = self.core().threads().spawn_blocking(move || {
            let stop = || gone.load(Ordering::Relaxed) || started.elapsed() > limit;
            match open.sidecar() {
                Some(sidecar) => ask(&open, sidecar, &stop),
                None => Err(ColumnsError::Stopped),
            }
        });
        task.await.unwrap_or(Err(ColumnsError::Stopped))
    }

    /// A damaged index is built anew, and reading answers meanwhile; so it does where a sum is too large for the index.
    pub(crate) fn unless_damaged<T>(
        &self,
        key: ContentHash,
        answer: Result<T, ColumnsError>,
    ) -> Result<Option<T>, TablesError> {
        match answer {
            Ok(answer) => Ok(Some(answer)),
            Err(ColumnsError::Stopped) => {
                Err(TablesError::TimedOut { limit_secs: self.settings().query_time.as_secs() })
            }
            Err(ColumnsError::Overflow) => Ok(None),
            Err(ColumnsError::Mismatch(why)) => Err(TablesError::BadPlan { why }),
            Err(error) => {
                tracing::warn!(%key, %error, "An index does not answer; it is built anew");
                self.forget_index(key)?;
                Ok(None)
            }
        }
    }
}

/// Tells a thread that nobody waits for it.
struct SetOnDrop(Arc<AtomicBool>);

impl Drop for SetOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A question's name among the kept answers: plans are normalised, so equal questions are equal bytes.
fn question_name<Q: Ask>(open: &OpenSnapshot, question: &Q) -> Result<ContentHash, TablesError> {
    let plan = serde_json::to_vec(question).map_err(TablesError::engine("naming a question"))?;
    Ok(ContentHash::of_parts([open.key().as_bytes().as_slice(), Q::KIND.as_bytes(), &plan]))
}
