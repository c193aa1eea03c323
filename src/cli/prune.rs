//! `prune`: drops stored objects that no present plan needs.

use crate::cli::{Context, series};
use crate::pipeline::record::Record;
use crate::pipeline::stale;
use crate::plan::recipe::{FactsRecipe, PROBER};
use crate::plan::stills;
use crate::render::tunes;
use crate::report::lines;
use crate::values::diagnostic::Problem;
use crate::values::digest::{Key, ObjectKind, Recipe};
use std::collections::BTreeSet;

pub(super) fn prune(context: &Context) -> u8 {
    context.reporter.start("prune");
    if context.settings.store.is_some() {
        // Other series' objects cannot be told from those that nobody wants.
        context.say(Problem::PruneShared);
        return 2;
    }
    let workshop = match context.workshop() {
        Ok(workshop) => workshop,
        Err(code) => return code,
    };
    let _lock = match context.lock() {
        Ok(lock) => lock,
        Err(code) => return code,
    };
    let survey = match series::surveyed(context, &workshop) {
        Ok(survey) => survey,
        Err(code) => return code,
    };
    let record = Record::read(&context.settings.hidden().join("built.json"));
    let mut wanted: BTreeSet<Key> = BTreeSet::new();
    for surveyed in &survey.capsules {
        wanted.extend(stale::wanted_keys(surveyed));
        wanted.extend(surveyed.cards.keys.iter().copied());
        wanted.insert(
            FactsRecipe {
                prober: PROBER,
                source: surveyed.clip.digest(),
            }
            .key(),
        );
        let stills = surveyed
            .leading()
            .and_then(|p| stills::stills(p, surveyed.poster));
        wanted.extend(stills.iter().flat_map(|s| s.keys()));
    }
    wanted.extend(survey.series.charter.sounds.values().map(tunes::key));
    // What could not be planned now (off, or with a mistake in its row) keeps
    // what it had; only its segments are known by name, so nothing of the
    // other kinds is dropped.
    let planned: BTreeSet<_> = survey.capsules.iter().map(|s| &s.capsule.id).collect();
    let rows = survey
        .series
        .capsules
        .iter()
        .map(|c| &c.id)
        .chain(survey.series.faulty.iter().map(|f| &f.id));
    let unplanned: Vec<_> = rows.filter(|id| !planned.contains(id)).collect();
    if !unplanned.is_empty() {
        for built in unplanned.iter().filter_map(|id| record.capsules.get(id)) {
            wanted.extend(
                built
                    .profiles
                    .values()
                    .flat_map(|p| p.slots.values().copied()),
            );
        }
        match workshop.store.keys() {
            Ok(keys) => wanted.extend(
                keys.into_iter()
                    .map(|(k, _)| k)
                    .filter(|k| k.kind != ObjectKind::Segment),
            ),
            Err(error) => {
                context.say(crate::render::store_problem(&error));
                return 3;
            }
        }
    }
    match workshop.store.prune(&wanted) {
        Ok((objects, bytes)) => {
            context
                .reporter
                .lines_for_people(&[lines::pruned(objects, bytes, context.lang)]);
            0
        }
        Err(error) => {
            context.say(crate::render::store_problem(&error));
            3
        }
    }
}
