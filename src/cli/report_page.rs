//! `report.html`: what was heard during a build, as the coordinator's page.

use crate::cli::Context;
use crate::pipeline::{State, Summary, servers};
use crate::publish::path::TreePath;
use crate::render::art::Drawing;
use crate::render::{Workshop, pictures};
use crate::report::html::{self, Change, ChangeKind, Clip, Finding, Report, Transfer, Withheld};
use crate::report::words;
use crate::report::{Heard, clips, lines};
use crate::series::load;
use crate::values::diagnostic::{Diagnostic, Place, Problem, Severity};
use crate::values::geometry::Size;
use crate::values::ids::{Id, Language};
use crate::worker::pool::Material;
use crate::worker::protocol::Request;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Of a card's picture, in pixels.
const LONGER_SIDE: u32 = 640;

/// Writes the page, and says where it is.
pub(super) fn write(
    context: &Context,
    workshop: &Workshop,
    summary: &Summary,
) -> Result<PathBuf, u8> {
    let series = load::load(&context.settings.series).series;
    let language = series
        .as_ref()
        .map(|s| s.language.clone())
        .or_else(|| Language::new("fr"));
    let Some(language) = language else {
        return Err(3);
    };
    let lang = words::Lang::of(&language);
    let capsule = |id: &Id| {
        let mut capsules = series.iter().flat_map(|s| &s.capsules);
        capsules.find(|c| &c.id == id)
    };
    let title = |id: &Id| capsule(id).map_or_else(|| id.to_string(), |c| c.title.clone());
    let heard = context.reporter.heard();
    let mut findings = Vec::new();
    let mut changes = Vec::new();
    let mut withheld = Vec::new();
    let mut seen = Vec::new();
    let reasons: BTreeMap<&str, &str> = heard
        .iter()
        .filter_map(|h| match h {
            Heard::Job(id, reason) => Some((id.as_str(), reason.as_str())),
            _ => None,
        })
        .collect();
    let drawn = |of: &Diagnostic| {
        let mut drawings = heard.iter().filter_map(|h| match h {
            Heard::Drawn(drawn) if drawn.0 == *of => Some(&drawn.1),
            _ => None,
        });
        drawings.next()
    };
    for heard in &heard {
        match heard {
            Heard::Diagnostic(diagnostic) if diagnostic.severity() > Severity::Note => {
                let (file, place) = whereabouts(&diagnostic.place, lang);
                if let (Problem::ProfileWithoutCaptions { profile, .. }, Some(id)) =
                    (&diagnostic.problem, &diagnostic.capsule)
                {
                    withheld.push(Withheld {
                        capsule: id.clone(),
                        title: title(id),
                        profile: Some(profile.clone()),
                        reason: words::sentence(diagnostic, lang),
                    });
                }
                findings.push(Finding {
                    severity: diagnostic.severity(),
                    file,
                    place,
                    sentence: words::sentence(diagnostic, lang),
                    hint: words::hint(diagnostic, lang),
                    card: drawn(diagnostic).and_then(|drawing| picture(workshop, drawing)),
                });
            }
            Heard::Clip(clip) => seen.push(Clip {
                capsule: clip.capsule.clone(),
                path: clip.path.display().to_string(),
                description: clips::description(clip, lang),
            }),
            Heard::Capsule(id, state @ (State::Built | State::Failed)) => {
                let known = summary.published.contains(id);
                let kind = match state {
                    State::Built if summary.before.contains(id) => ChangeKind::Updated,
                    State::Built => ChangeKind::Added,
                    _ if known => ChangeKind::KeptFormer,
                    _ => ChangeKind::Failed,
                };
                changes.push(Change {
                    capsule: id.clone(),
                    title: title(id),
                    kind,
                    reason: reasons.get(id.as_str()).map(|&r| r.to_owned()),
                });
            }
            Heard::Capsule(id, State::Withheld)
                if withheld.iter().any(|w: &Withheld| &w.capsule == id) => {}
            Heard::Capsule(id, state @ State::Withheld) => withheld.push(Withheld {
                capsule: id.clone(),
                title: title(id),
                profile: None,
                reason: capsule(id)
                    .and_then(|c| Some((lines::status(c.status, lang)?, c.place("status"))))
                    .map_or_else(
                        || lines::state(*state, lang).to_owned(),
                        |(status, place)| format!("{status}, {}", words::place(&place, lang)),
                    ),
            }),
            _ => {}
        }
    }
    for id in &summary.removed {
        changes.push(Change {
            capsule: id.clone(),
            title: title(id),
            kind: ChangeKind::Removed,
            reason: None,
        });
    }
    let text = |paths: Vec<TreePath>| paths.iter().map(|p| p.as_str().to_owned()).collect();
    // Of a tree that cannot be read was told; there is nothing to send of it.
    let owed = servers::owed(&context.settings).unwrap_or_default();
    let transfers = owed.into_iter().map(|(audience, owed)| Transfer {
        audience,
        send: text(owed.send),
        delete: text(owed.delete),
    });
    let report = Report {
        language,
        series: series
            .as_ref()
            .map_or_else(String::new, |s| s.title.clone()),
        findings,
        changes,
        withheld,
        transfers: transfers.collect(),
        clips: seen,
    };
    let path = context.settings.series.join("report.html");
    let page = html::page(&report);
    if std::fs::read(&path).is_ok_and(|former| former == page.as_bytes()) {
        return Ok(path);
    }
    super::write_output(context, &path, page.as_bytes())?;
    Ok(path)
}

/// A card that nobody can draw leaves its sentence without a picture.
fn picture(workshop: &Workshop, drawing: &Drawing) -> Option<Vec<u8>> {
    let Size { width, height } = drawing.size;
    let longer = width.max(height).max(1);
    let shown = |side: u32| (side * LONGER_SIDE / longer).max(1);
    let request = Request::CardPicture {
        svg: drawing.svg.clone(),
        size: Size {
            width: shown(width),
            height: shown(height),
        },
    };
    pictures::picture(workshop, Material::Charter, &request, &[]).ok()
}

/// The file to correct, and where in it.
fn whereabouts(place: &Place, lang: words::Lang) -> (Option<String>, Option<String>) {
    let spot = words::place(place, lang);
    match place {
        Place::Series => (None, None),
        Place::File { path } => (Some(path.clone()), None),
        Place::Text { path, .. } | Place::Cell { path, .. } | Place::Row { path, .. } => {
            (Some(path.clone()), Some(spot))
        }
        Place::Moment { .. } => (None, Some(spot)),
    }
}
