//! `bundle`: the release archive of one tree.

use crate::cli::Context;
use crate::cli::arguments::AudienceName;
use crate::publish::bundle;
use crate::series::load;
use crate::values::audience::Audience;
use crate::values::diagnostic::Problem;
use std::path::PathBuf;

pub(super) fn bundle(context: &Context, audience: AudienceName, output: Option<PathBuf>) -> u8 {
    context.reporter.start("bundle");
    let audience = Audience::from(audience);
    let loaded = load::load(&context.settings.series);
    let Some(series) = loaded.series else {
        loaded.diagnostics.into_iter().for_each(|d| context.tell(d));
        return 2;
    };
    let path = output.unwrap_or_else(|| {
        context
            .settings
            .series
            .join(format!("{}-{}.tar", series.id, audience.name()))
    });
    let asked = std::env::var("SOURCE_DATE_EPOCH")
        .ok()
        .and_then(|t| t.parse().ok());
    let time = bundle::archive_time(asked, series.published);
    let written = match bundle::write(&context.settings.dist(), audience, &path, time) {
        Ok(written) => written,
        Err(failure) => {
            let problem = Problem::from(failure);
            let machine = matches!(
                problem,
                Problem::DiskFull { .. }
                    | Problem::PermissionDenied { .. }
                    | Problem::IoFailed { .. }
            );
            context.say(problem);
            return if machine { 3 } else { 1 };
        }
    };
    let name = path
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    let releases = context.settings.series.join("releases.csv");
    if let Err(failure) = bundle::record_release(&releases, &name, &written) {
        context.say(failure.into());
        return 3;
    }
    context
        .reporter
        .lines_for_people(&[format!("{}  {}", written.digest, path.display())]);
    0
}
