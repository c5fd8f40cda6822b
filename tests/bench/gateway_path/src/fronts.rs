//! One service instead of the program's table of them.

use std::sync::Arc;

use fairground_catalog::service::{
    CredentialsKind, DataService, ServiceCredentials, ServiceDraft, ServiceLimits, ServiceState,
};
use fairground_domain::{DatasetId, PublisherId, ServiceId, Timestamp};
use fairground_gateway::{Gateway, GatewaySettings};

use crate::gateway::Fronted;
use crate::hot_path::Gate;
use crate::settings::ApiSettings;

pub const SLUG: &str = "bench";

#[derive(Debug)]
pub struct State {
    pub gate: Arc<Gate>,
    pub fronts: Arc<Fronts>,
    pub settings: Arc<ApiSettings>,
}

#[derive(Debug)]
pub struct Fronts {
    gateway: Gateway,
    fronted: Arc<Fronted>,
}

impl Fronts {
    pub fn new(upstream: &str, public_url: &str) -> Result<Self, Box<dyn std::error::Error>> {
        let allow = "127.0.0.1".parse()?;
        let gateway = Gateway::new(GatewaySettings { allow, ..GatewaySettings::default() })?;
        let mut draft = ServiceDraft::new("Bench", upstream);
        draft.limits = ServiceLimits { in_flight: 4096, ..ServiceLimits::default() };
        let service = DataService {
            id: ServiceId::new(),
            slug: SLUG.parse()?,
            publisher_id: PublisherId::new(),
            publisher_slug: "agency".parse()?,
            publisher_name: "Agency".to_owned(),
            dataset_id: Some(DatasetId::new()),
            state: ServiceState::Live,
            reason: None,
            draft,
            has_openapi: false,
            credentials: CredentialsKind::None,
            revision: 1,
            created_at: Timestamp::now(),
            updated_at: Timestamp::now(),
            approved_at: None,
            opened_at: None,
        };
        let fronted = Arc::new(Fronted::new(&service, &ServiceCredentials::None, None, public_url));
        Ok(Self { gateway, fronted })
    }

    pub fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    pub fn find(&self, slug: &str) -> Option<Arc<Fronted>> {
        (slug == SLUG).then(|| Arc::clone(&self.fronted))
    }
}
