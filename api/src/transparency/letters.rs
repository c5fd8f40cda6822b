//! What owners are told when something happens to their application.

use fairground_catalog::application::Application;
use fairground_catalog::register::{Content, RegisterEntry};
use fairground_catalog::tariff::Move;
use fairground_domain::Timestamp;

use crate::mail::Mail;
use crate::settings::ApiSettings;

/// The application was suspended.
#[must_use]
pub fn suspension(settings: &ApiSettings, owner: &Application, entry: &RegisterEntry) -> Mail {
    let (title, url) = (&settings.title, &settings.public_url);
    let (name, number, reason) = (&owner.name, owner.number, entry.content.reason());
    let ground = match &entry.content {
        Content::Suspension { ground, .. } => ground.as_str(),
        Content::Exception(_) | Content::Arrangement { .. } | Content::Refusal { .. } | Content::Assignment { .. } => {
            ""
        }
    };
    let review = entry.content.review_at().map(Timestamp::day).unwrap_or_default();
    let end = entry.content.ends_at().map(|end| format!(" It ends by itself on {}.", end.day())).unwrap_or_default();
    Mail {
        to: owner.email.clone(),
        subject: format!("{title}: your application is suspended"),
        text: format!(
            "Your application \"{name}\" (number {number}) was suspended at {title}. Calls with its keys are refused.\n\n\
             Ground: {ground}\nReason: {reason}\n\nIt is looked at again by {review}.{end}\n\nThe public register says \
             the same, by number and without your name: {url}/transparency/register/{}\n\nIf this is wrong, answer the \
             portal's team.",
            entry.number
        ),
    }
}

/// The application works again.
#[must_use]
pub fn reinstatement(settings: &ApiSettings, owner: &Application, entry: &RegisterEntry) -> Mail {
    let (title, url) = (&settings.title, &settings.public_url);
    let reason = entry.end_reason.as_deref().unwrap_or_default();
    Mail {
        to: owner.email.clone(),
        subject: format!("{title}: your application works again"),
        text: format!(
            "The suspension of your application \"{}\" (number {}) is over: {reason}.\n\nIts keys work as before. The \
             register keeps the entry: {url}/transparency/register/{}",
            owner.name, owner.number, entry.number
        ),
    }
}

/// The application moves to another plan, or has moved.
#[must_use]
pub fn plan_move(settings: &ApiSettings, moved: &Move, now: Timestamp) -> Mail {
    let (title, url) = (&settings.title, &settings.public_url);
    let (name, from, to) = (&moved.application.name, &moved.application.plan, &moved.to);
    let figures = moved
        .verdict
        .as_ref()
        .and_then(|verdict| Some((verdict.days_reached?, verdict.days_needed?, verdict.units_needed?)))
        .map(|(reached, needed, units)| {
            format!(
                "\n\nThe rule of plan {from} asks for {needed} of the last 30 days with at least {units} units; there were \
                 {reached}."
            )
        })
        .unwrap_or_default();
    let (subject, told) = if moved.at > now {
        let day = moved.at.day();
        (
            format!("{title}: your application moves to plan {to} on {day}"),
            format!(
                "Your application \"{name}\" does not meet the published rule of its plan {from} any more. Unless it does \
                 again, it moves to plan {to} on {day}."
            ),
        )
    } else {
        (
            format!("{title}: your application is on plan {to}"),
            format!("By the published rules your application \"{name}\" moved from plan {from} to plan {to}."),
        )
    };
    Mail {
        to: moved.application.email.clone(),
        subject,
        text: format!(
            "{told}{figures}\n\nRules and limits are the same for everybody: {url}/transparency\nYour own figures: \
             {url}/api/v1/applications/{}/eligibility",
            moved.application.id
        ),
    }
}
