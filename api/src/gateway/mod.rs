//! `/gateway/{service}/…`: agencies' APIs behind the same keys, limits and meter as our own.
//!
//! [`Fronts`] is the table of what is fronted, in memory, fed by the journal: no call asks the database. `aim` reads a call's
//! address once, before the hot path admits it: the path that its class is judged by is the path that is forwarded. `serve`
//! answers; forwarding itself is the engine's (`fairground-gateway`).

mod aim;
mod body;
mod describe;
mod fronted;
mod fronts;
mod health;
mod problem;
mod serve;
mod settings;

use std::rc::Rc;
use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::dev::ServiceRequest;
use actix_web::web::{self, Data};

pub use fronted::Fronted;
pub use fronts::Fronts;
pub use health::HealthWatch;
pub(crate) use health::LOOK_EVERY;
pub use settings::{check_service, upstream_settings};

use crate::hot_path::HotPath;
use crate::state::ApiState;

/// Where agencies' APIs are.
pub const GATEWAY_ROOT: &str = "/gateway";

/// Mounts the gateway; its calls pass the hot path under the class that their service publishes for them.
pub(crate) fn configure(config: &mut web::ServiceConfig, state: &Data<ApiState>) {
    let forwarder = state.fronts.gateway().forwarder();
    let door = Rc::new(serve::Door { forwarder, public_url: state.settings.public_url.clone() });
    let resolver = {
        let fronts = Arc::clone(&state.fronts);
        move |req: &ServiceRequest| aim::resolve(&fronts, req)
    };
    config.service(
        web::scope(GATEWAY_ROOT)
            .default_service(web::to(move |req: HttpRequest, payload: web::Payload| {
                serve::serve(Rc::clone(&door), req, payload)
            }))
            .wrap(HotPath::new(Arc::clone(&state.gate), resolver)),
    );
}
