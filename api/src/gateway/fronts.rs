//! What is fronted: a table in memory, fed by the journal.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use arc_swap::ArcSwap;
use fairground_catalog::service;
use fairground_catalog::{CatalogError, Db, Secret};
use fairground_gateway::{Gateway, GatewaySettings};
use fairground_reach::AllowList;
use parking_lot::Mutex;

use super::fronted::Fronted;

/// The table; whoever reads it holds what was true when it looked.
#[derive(Debug)]
pub struct Fronts {
    db: Db,
    secret: Secret,
    public_url: String,
    gateway: Gateway,
    table: ArcSwap<HashMap<String, Arc<Fronted>>>,
    /// Where the journal stood when the table was last read.
    position: AtomicI64,
    reading: Mutex<()>,
}

impl Fronts {
    /// Reads the table from the store; `position` is where the journal last spoke of a service.
    ///
    /// # Errors
    /// `Storage` when the database fails, `Setting` when TLS cannot be set up.
    pub fn load(
        db: Db,
        secret: Secret,
        public_url: &str,
        allow: AllowList,
        position: i64,
    ) -> Result<Self, CatalogError> {
        let pseudonym = url::Url::parse(public_url).ok().and_then(|url| match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => Some(format!("{host}:{port}")),
            (Some(host), None) => Some(host.to_owned()),
            (None, _) => None,
        });
        let settings = GatewaySettings {
            allow,
            pseudonym: pseudonym.unwrap_or_else(|| "fairground".to_owned()),
            ..GatewaySettings::default()
        };
        let gateway = Gateway::new(settings).map_err(|error| CatalogError::Setting {
            name: "gateway",
            problem: format!("TLS cannot be set up: {error}"),
        })?;
        let fronts = Self {
            db,
            secret,
            public_url: public_url.trim_end_matches('/').to_owned(),
            gateway,
            table: ArcSwap::default(),
            position: AtomicI64::new(position),
            reading: Mutex::new(()),
        };
        fronts.read()?;
        Ok(fronts)
    }

    /// Reads the table again if the journal has spoken of a service since.
    ///
    /// # Errors
    /// `Storage` when the database fails; the next call tries again.
    pub fn follow(&self, position: i64) -> Result<(), CatalogError> {
        if self.position.load(Ordering::Acquire) >= position {
            return Ok(());
        }
        self.read()?;
        self.position.fetch_max(position, Ordering::AcqRel);
        Ok(())
    }

    fn read(&self) -> Result<(), CatalogError> {
        let _one_at_a_time = self.reading.lock();
        let routable = self.db.read(|tx| service::list_routable(tx, &self.secret))?;
        let before = self.table.load();
        let mut table = HashMap::with_capacity(routable.len());
        for routable in routable {
            let slug = routable.service.slug.to_string();
            // What did not change keeps its connections' history and what it has cached.
            let known = before.get(&slug).filter(|known| known.updated_at == routable.service.updated_at);
            let fronted = match known {
                Some(known) => Arc::clone(known),
                None => {
                    let service::Routable { service, credentials, openapi } = routable;
                    Arc::new(Fronted::new(&service, &credentials, openapi, &self.public_url))
                }
            };
            table.insert(slug, fronted);
        }
        self.table.store(Arc::new(table));
        Ok(())
    }

    /// The engine.
    #[must_use]
    pub fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// The service of a name.
    pub(super) fn find(&self, slug: &str) -> Option<Arc<Fronted>> {
        self.table.load().get(slug).cloned()
    }

    /// Where every fronted service stands with its circuit: slug, state, calls under way.
    #[must_use]
    pub fn standing(&self) -> Vec<(String, fairground_gateway::BreakerState, u32)> {
        let now = std::time::Instant::now();
        let table = self.table.load();
        let of = |fronted: &Arc<Fronted>| {
            let upstream = fronted.upstream.as_ref()?;
            Some((fronted.slug.clone(), upstream.breaker().state(now), upstream.in_flight()))
        };
        table.values().filter_map(of).collect()
    }
}
