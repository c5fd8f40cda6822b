//! Where and when: boxes, named places, periods.

use fairground_domain::{DatasetDraft, Location, PeriodOfTime};

use super::Record;
use super::words::{Tongue, anchor};
use crate::check::{Findings, shape};
use crate::xml::Element;

pub(super) fn read(record: &Record<'_>, draft: &mut DatasetDraft, findings: &mut Findings) {
    let Record { info, tongue, .. } = record;
    for extent in info.all("extent/*") {
        let before = draft.spatial.len();
        for place in extent.all("geographicElement/*") {
            let location = match place.name.as_str() {
                "EX_GeographicBoundingBox" => bounding_box(place, findings),
                "EX_GeographicDescription" => named(place, tongue),
                _ => None,
            };
            draft.spatial.extend(location.filter(|it| !draft.spatial.contains(it)));
        }
        let temporal = extent.all("temporalElement/*/extent/*");
        draft.temporal.extend(temporal.into_iter().filter_map(period));
        let described = tongue.words_at(extent, "description");
        let bare = draft.spatial.len() == before && extent.child("temporalElement").is_none();
        if bare && !described.is_empty() {
            draft.spatial.push(Location { label: described, ..Location::default() });
        }
    }
}

fn bounding_box(place: &Element, findings: &mut Findings) -> Option<Location> {
    let side = |name: &str| place.text_at(name).map(|it| it.replace(',', "."));
    let west = side("westBoundLongitude")?;
    let east = side("eastBoundLongitude")?;
    let south = side("southBoundLatitude")?;
    let north = side("northBoundLatitude")?;
    let upright = shape(&format!("{west},{south},{east},{north}"));
    if upright.is_some() {
        return upright;
    }
    let path = "identificationInfo/extent/geographicElement";
    let turned = shape(&format!("{west},{north},{east},{south}"));
    let message = match &turned {
        Some(_) => format!("south ({south}) is above north ({north}); taken the other way round"),
        None => format!("“{west}, {south}, {east}, {north}” is no box in degrees"),
    };
    findings.warn("spatial-unreadable", path, message);
    turned
}

fn named(place: &Element, tongue: &Tongue) -> Option<Location> {
    let property = place.find("geographicIdentifier/*/code")?;
    let location = Location { iri: anchor(property), label: tongue.words(property), ..Location::default() };
    (location != Location::default()).then_some(location)
}

/// A `gml:TimePeriod` or `gml:TimeInstant`; an unknown or open end is left out.
fn period(time: &Element) -> Option<PeriodOfTime> {
    let moment = |paths: [&str; 2]| paths.iter().find_map(|path| time.text_at(path));
    let period = if time.name == "TimeInstant" {
        let at = time.text_at("timePosition");
        PeriodOfTime { start: at.clone(), end: at }
    } else {
        PeriodOfTime {
            start: moment(["beginPosition", "begin/*/timePosition"]),
            end: moment(["endPosition", "end/*/timePosition"]),
        }
    };
    (period != PeriodOfTime::default()).then_some(period)
}
