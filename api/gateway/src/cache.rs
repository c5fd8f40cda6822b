//! Kept answers of every upstream, bounded by bytes.

use std::sync::Arc;
use std::time::SystemTime;

use http::HeaderMap;
use moka::sync::Cache;

use crate::stored::Stored;

/// Forms of one address that are kept side by side (`Vary`).
const MOST_FORMS: usize = 8;

/// An upstream's number and a target.
type Key = (u64, Arc<str>);
type Forms = Arc<Vec<Arc<Stored>>>;

/// The cache. Cheap to clone; every clone is the same one.
#[derive(Debug, Clone)]
pub(crate) struct AnswerCache {
    kept: Cache<Key, Forms>,
}

impl AnswerCache {
    pub(crate) fn new(most_bytes: u64) -> Self {
        let weight = |key: &Key, forms: &Forms| {
            let bytes: usize = forms.iter().map(|stored| stored.weight()).sum();
            u32::try_from(bytes + key.1.len() + 128).unwrap_or(u32::MAX)
        };
        Self { kept: Cache::builder().max_capacity(most_bytes).weigher(weight).build() }
    }

    /// What is kept for a call with these fields.
    pub(crate) fn find(&self, upstream: u64, target: &Arc<str>, call: &HeaderMap) -> Option<Arc<Stored>> {
        let forms = self.kept.get(&(upstream, Arc::clone(target)))?;
        forms.iter().find(|stored| stored.answers(call)).cloned()
    }

    /// Keeps an answer, in the place of the one that answers the same calls; of too many forms, the oldest goes.
    pub(crate) fn put(&self, upstream: u64, target: Arc<str>, stored: Stored, now: SystemTime) {
        let key = (upstream, target);
        let mut forms: Vec<Arc<Stored>> = self.kept.get(&key).map(|forms| forms.to_vec()).unwrap_or_default();
        // Another `Vary` makes the earlier forms unreachable or ambiguous.
        let names = |stored: &Stored| stored.selected.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        let new_names = names(&stored);
        forms.retain(|other| names(other) == new_names && other.selected != stored.selected);
        if forms.len() >= MOST_FORMS
            && let Some(oldest) = (0..forms.len()).max_by_key(|at| forms.get(*at).map(|stored| stored.age(now)))
        {
            forms.remove(oldest);
        }
        forms.push(Arc::new(stored));
        self.kept.insert(key, Arc::new(forms));
    }

    /// Forgets an address: it was changed through us (RFC 9111, section 4.4).
    pub(crate) fn forget(&self, upstream: u64, target: &Arc<str>) {
        self.kept.invalidate(&(upstream, Arc::clone(target)));
    }

    /// Bytes that are kept, about; and how many addresses.
    pub(crate) fn size(&self) -> (u64, u64) {
        self.kept.run_pending_tasks();
        (self.kept.weighted_size(), self.kept.entry_count())
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::header::{HeaderName, HeaderValue};
    use http::{HeaderMap, StatusCode};

    use super::*;

    fn fields(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).expect("a value")))
            .collect()
    }

    fn stored(vary: &'static str, call: &HeaderMap, body: usize) -> Stored {
        let answer = fields(&[("vary", vary), ("cache-control", "max-age=60")]);
        let now = SystemTime::now();
        Stored::new(StatusCode::OK, answer, Bytes::from(vec![0; body]), call, [now, now])
    }

    #[test]
    fn memory_is_bounded_by_bytes() {
        let cache = AnswerCache::new(100_000);
        let call = HeaderMap::new();
        for n in 0..500 {
            cache.put(1, format!("/{n}").into(), stored("accept", &call, 5_000), SystemTime::now());
        }
        let (bytes, count) = cache.size();
        assert!(bytes <= 100_000 && count > 0, "{bytes} bytes in {count}");
    }

    #[test]
    fn forms_of_an_address_are_kept_side_by_side_and_few() {
        let cache = AnswerCache::new(1_000_000);
        let target: Arc<str> = "/a".into();
        for n in 0..20 {
            let call = fields(&[("accept-language", &format!("l{n}"))]);
            cache.put(1, Arc::clone(&target), stored("accept-language", &call, n), SystemTime::now());
        }
        let found = |n: usize| {
            cache.find(1, &target, &fields(&[("accept-language", &format!("l{n}"))])).map(|stored| stored.body.len())
        };
        assert_eq!(found(19), Some(19));
        assert_eq!((0..20).filter(|n| found(*n).is_some()).count(), MOST_FORMS);
        assert!(cache.find(2, &target, &fields(&[("accept-language", "l19")])).is_none(), "another upstream's");
        cache.forget(1, &target);
        assert_eq!(found(19), None);
    }
}
