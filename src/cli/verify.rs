//! `verify`: judges a published tree or a bundle as its readers will.

use crate::cli::Context;
use crate::pipeline::Ending;
use crate::pipeline::inspect;
use crate::publish::check_tree::Secrets;
use crate::render::Failure;
use crate::report::lines;
use crate::series::load;
use crate::values::audience::Audience;
use crate::values::diagnostic::Problem;
use std::path::{Path, PathBuf};

pub(super) fn verify(context: &Context, path: Option<PathBuf>) -> u8 {
    context.reporter.start("verify");
    context.listen_for_interrupts();
    // Outside a series nothing is to be left behind.
    let elsewhere = match tempfile::tempdir() {
        Ok(folder) => folder,
        Err(error) => {
            context.say(crate::render::io_problem("tmp", &error));
            return 3;
        }
    };
    let mut settings = context.settings.clone();
    if !settings.series.join("series.toml").exists() {
        settings.series = elsewhere.path().to_owned();
    }
    let workshop = match settings.workshop(std::sync::Arc::clone(&context.stop)) {
        Ok(workshop) => workshop,
        Err(failure) => return context.ended(failure),
    };
    let asked = path.unwrap_or_else(|| context.settings.dist());
    let targets = targets(&asked);
    if targets.is_empty() {
        let path = asked.display().to_string();
        context.say(match asked.exists() {
            true => Problem::NotAPublication { path },
            false => Problem::TreeFileMissing { path },
        });
        return 2;
    }
    let secrets = secrets(context);
    for target in targets {
        let found = inspect::inspect(&workshop, &target, &secrets);
        context.tell_missing(&workshop);
        match found {
            Ok(diagnostics) => {
                if diagnostics.is_empty() {
                    context
                        .reporter
                        .lines_for_people(&[lines::sound(&target, context.lang)]);
                }
                diagnostics.into_iter().for_each(|d| context.tell(d));
            }
            Err(Failure::Interrupted) => return 130,
            Err(Failure::Machine(problem) | Failure::Capsule(problem)) => {
                context.say(problem);
                return 3;
            }
        }
    }
    context.code(Ending::Done)
}

/// A tree, every tree of a `dist/`, or a bundle.
fn targets(asked: &Path) -> Vec<PathBuf> {
    if asked.is_file() || asked.join("manifest.json").exists() {
        return vec![asked.to_owned()];
    }
    Audience::ALL
        .iter()
        .map(|a| asked.join(a.name()))
        .filter(|tree| tree.is_dir())
        .collect()
}

/// Names of the clips of this series, where there is one.
fn secrets(context: &Context) -> Secrets {
    let series = load::load(&context.settings.series).series;
    let clips = series.into_iter().flat_map(|s| s.capsules).map(|c| c.clip);
    Secrets {
        source_names: clips
            .filter_map(|c| Some(c.file_name()?.to_string_lossy().into_owned()))
            .collect(),
    }
}
