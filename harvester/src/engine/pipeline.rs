//! From a surveyed document to batches, in the document's order, decoded by several threads.
//!
//! One thread reads records, some decode them, the caller's thread takes whole batches. A ticket for each batch on its way
//! bounds memory: while an early batch is slow, later ones do not pile up.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use fairground_catalog::harvest::IncomingRecord;
use fairground_domain::mapping::Rules;
use fairground_standards::{Document, RawRecord, ReadError};
use parking_lot::Mutex;

use super::record::Decoder;
use super::{EngineError, Tuning};
use crate::stop::Stop;

/// Batches on their way for each decoder: one in work, one ready.
const BATCHES_PER_DECODER: usize = 2;

/// A stretch of the document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    /// The first record's number.
    pub(super) from: u64,
    /// Records to take at most.
    pub(super) most: u64,
    /// Records in a batch.
    pub(super) batch: usize,
}

type Numbered<T> = (u64, T);

/// Reads and decodes a stretch, and hands each batch to `import` in order. Stops at the first error of either side.
pub(super) fn run(
    document: &Document,
    rules: &Rules,
    stretch: Stretch,
    tuning: &Tuning,
    stop: &Stop,
    mut import: impl FnMut(Vec<IncomingRecord>) -> Result<(), EngineError>,
) -> Result<(), EngineError> {
    let in_flight = tuning.decoders * BATCHES_PER_DECODER;
    let (ticket, tickets) = sync_channel::<()>(in_flight);
    let (raw, raws) = sync_channel::<Numbered<Vec<RawRecord>>>(in_flight);
    let (ready, batches) = sync_channel::<Numbered<Result<Vec<IncomingRecord>, ReadError>>>(in_flight);
    let raws = Mutex::new(raws);
    thread::scope(|scope| {
        let reader = Reader { document, stretch, bytes: tuning.batch_bytes, ticket, raw, failed: ready.clone() };
        spawn(scope, "harvest-read", move || reader.run(stop))?;
        for _ in 0..tuning.decoders {
            let (raws, ready) = (&raws, ready.clone());
            spawn(scope, "harvest-decode", move || decode_all(document, rules, raws, &ready))?;
        }
        drop(ready);
        // Whatever ends this loop, the receivers go with it, and every thread that still sends stops at its next send.
        let (batches, tickets) = (batches, tickets);
        let mut waiting = BTreeMap::new();
        let mut next = 0;
        for (number, batch) in &batches {
            waiting.insert(number, batch);
            while let Some(batch) = waiting.remove(&next) {
                next += 1;
                // The reader took a ticket before it sent this batch, so there is one to give back.
                let _ = tickets.recv();
                if let Some(reason) = stop.reason() {
                    return Err(EngineError::Stopped(reason));
                }
                import(batch?)?;
            }
        }
        stop.reason().map_or(Ok(()), |reason| Err(EngineError::Stopped(reason)))
    })
}

fn spawn<'scope>(
    scope: &'scope thread::Scope<'scope, '_>,
    name: &str,
    work: impl FnOnce() + Send + 'scope,
) -> Result<(), EngineError> {
    let spawned = thread::Builder::new().name(name.to_owned()).spawn_scoped(scope, work);
    spawned.map(|_| ()).map_err(|source| EngineError::System { what: "a thread", source })
}

struct Reader<'a> {
    document: &'a Document,
    stretch: Stretch,
    bytes: usize,
    ticket: SyncSender<()>,
    raw: SyncSender<Numbered<Vec<RawRecord>>>,
    failed: SyncSender<Numbered<Result<Vec<IncomingRecord>, ReadError>>>,
}

impl Reader<'_> {
    fn run(self, stop: &Stop) {
        let most = usize::try_from(self.stretch.most).unwrap_or(usize::MAX);
        let mut number = 0;
        let mut batch = Vec::with_capacity(self.stretch.batch);
        let mut bytes = 0;
        for record in self.document.records_from(self.stretch.from).take(most) {
            if stop.reason().is_some() {
                return;
            }
            match record {
                Ok(record) => {
                    bytes += record.bytes.len();
                    batch.push(record);
                }
                Err(error) => {
                    // What was read before the failure still counts, in its order.
                    if self.send(number, batch) && self.ticket.send(()).is_ok() {
                        let _ = self.failed.send((number + 1, Err(error)));
                    }
                    return;
                }
            }
            if batch.len() >= self.stretch.batch || bytes >= self.bytes {
                if !self.send(number, std::mem::take(&mut batch)) {
                    return;
                }
                number += 1;
                bytes = 0;
            }
        }
        if !batch.is_empty() {
            self.send(number, batch);
        }
    }

    /// False when nobody takes batches any more.
    fn send(&self, number: u64, batch: Vec<RawRecord>) -> bool {
        self.ticket.send(()).is_ok() && self.raw.send((number, batch)).is_ok()
    }
}

fn decode_all(
    document: &Document,
    rules: &Rules,
    raws: &Mutex<Receiver<Numbered<Vec<RawRecord>>>>,
    ready: &SyncSender<Numbered<Result<Vec<IncomingRecord>, ReadError>>>,
) {
    let mut decoder = Decoder::new(document, rules);
    loop {
        // Waiting under the lock is meant: one decoder waits for work, the others wait for their turn.
        let Ok((number, batch)) = raws.lock().recv() else { return };
        let decoded = batch.iter().map(|raw| decoder.decode(raw)).collect();
        if ready.send((number, Ok(decoded))).is_err() {
            return;
        }
    }
}
