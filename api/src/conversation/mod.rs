//! Questions at datasets, and requests for data that is not published: asked by citizens, answered by publishers, in public.

mod question;
mod request;
mod wire;

use utoipa_actix_web::service_config::ServiceConfig;

pub use question::send_answer;
pub use request::send_request_answer;
pub(crate) use wire::{DataRequestOut, QuestionOut};

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(question::list_open_questions)
        .service(question::answer_question)
        .service(question::moderate_question)
        .service(question::delete_question)
        .service(request::list_data_requests)
        .service(request::create_data_request)
        .service(request::get_data_request)
        .service(request::support_data_request)
        .service(request::withdraw_support)
        .service(request::answer_data_request)
        .service(request::moderate_data_request)
        .service(request::delete_data_request);
}

/// Below `/datasets`.
pub(crate) fn routes_of_datasets(config: &mut ServiceConfig<'_>) {
    config.service(question::list_questions).service(question::create_question);
}
