//! What owners are told when something happens to their application.

use fairground_catalog::application::Application;
use fairground_catalog::register::{Content, RegisterEntry};
use fairground_catalog::tariff::Move;
use fairground_domain::Timestamp;

use crate::mail::{Mail, Tongue};
use crate::settings::ApiSettings;

/// The application was suspended.
#[must_use]
pub fn suspension(settings: &ApiSettings, tongue: Tongue, owner: &Application, entry: &RegisterEntry) -> Mail {
    let title = settings.title.as_str();
    let ground = match &entry.content {
        Content::Suspension { ground, .. } => ground.as_str(),
        Content::Exception(_)
        | Content::Arrangement { .. }
        | Content::Refusal { .. }
        | Content::Assignment { .. }
        | Content::Embargo { .. } => "",
    };
    let review = entry.content.review_at().map(Timestamp::day).unwrap_or_default();
    let end = entry.content.ends_at().map(|end| {
        let words = tongue.say("letter-suspended-ends", &[("day", &end.day())]);
        format!(" {words}")
    });
    let (number, place) = (owner.number.to_string(), entry.number.to_string());
    let arguments = [
        ("title", title),
        ("url", settings.public_url.as_str()),
        ("name", owner.name.as_str()),
        ("number", number.as_str()),
        ("ground", ground),
        ("reason", entry.content.reason()),
        ("review", review.as_str()),
        ("end", end.as_deref().unwrap_or_default()),
        ("entry", place.as_str()),
    ];
    Mail {
        to: owner.email.clone(),
        subject: tongue.subject(title, "letter-suspended-subject", &[]),
        text: tongue.say("letter-suspended", &arguments),
    }
}

/// The application works again.
#[must_use]
pub fn reinstatement(settings: &ApiSettings, tongue: Tongue, owner: &Application, entry: &RegisterEntry) -> Mail {
    let (number, place) = (owner.number.to_string(), entry.number.to_string());
    let arguments = [
        ("url", settings.public_url.as_str()),
        ("name", owner.name.as_str()),
        ("number", number.as_str()),
        ("reason", entry.end_reason.as_deref().unwrap_or_default()),
        ("entry", place.as_str()),
    ];
    Mail {
        to: owner.email.clone(),
        subject: tongue.subject(&settings.title, "letter-reinstated-subject", &[]),
        text: tongue.say("letter-reinstated", &arguments),
    }
}

/// The application moves to another plan, or has moved.
#[must_use]
pub fn plan_move(settings: &ApiSettings, tongue: Tongue, moved: &Move, now: Timestamp) -> Mail {
    let (from, to, day) = (moved.application.plan.to_string(), moved.to.to_string(), moved.at.day());
    let id = moved.application.id.to_string();
    let arguments = [
        ("name", moved.application.name.as_str()),
        ("from", from.as_str()),
        ("to", to.as_str()),
        ("day", day.as_str()),
        ("url", settings.public_url.as_str()),
        ("id", id.as_str()),
    ];
    let figures = moved
        .verdict
        .as_ref()
        .and_then(|verdict| Some((verdict.days_reached?, verdict.days_needed?, verdict.units_needed?)))
        .map(|(reached, needed, units)| {
            let (reached, needed, units) = (reached.to_string(), needed.to_string(), units.to_string());
            let figures = [
                ("from", from.as_str()),
                ("needed", needed.as_str()),
                ("units", units.as_str()),
                ("reached", reached.as_str()),
            ];
            format!("\n\n{}", tongue.say("letter-plan-figures", &figures))
        })
        .unwrap_or_default();
    let (subject, told) = if moved.at > now {
        ("letter-plan-subject-later", "letter-plan-later")
    } else {
        ("letter-plan-subject", "letter-plan")
    };
    Mail {
        to: moved.application.email.clone(),
        subject: tongue.subject(&settings.title, subject, &arguments),
        text: format!("{}{figures}\n\n{}", tongue.say(told, &arguments), tongue.say("letter-plan-foot", &arguments)),
    }
}
