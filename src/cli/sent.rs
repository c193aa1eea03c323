//! `sent`: somebody says that a tree is on its server as it is in `dist/`.

use crate::cli::Context;
use crate::pipeline::servers;
use crate::report::lines;
use crate::values::audience::Audience;
use crate::values::diagnostic::Problem;

pub(super) fn sent(context: &Context, audience: Audience) -> u8 {
    context.reporter.start("sent");
    if !context.settings.series.is_dir() {
        let path = context.settings.series.display().to_string();
        context.say(Problem::SeriesFolderMissing { path });
        return 2;
    }
    // A build that is under way would change what was looked at.
    let _lock = match context.lock() {
        Ok(lock) => lock,
        Err(code) => return code,
    };
    match servers::confirm(&context.settings, audience) {
        Ok(Some(files)) => {
            context
                .reporter
                .lines_for_people(&[lines::sent(audience, files, context.lang)]);
            0
        }
        Ok(None) => {
            let path = context.settings.dist().join(audience.name());
            let path = path.display().to_string();
            context.say(Problem::NotAPublication { path });
            1
        }
        Err(failure) => context.ended(failure),
    }
}
