//! Floor 5: arguments as typed → settings resolved → one command each. Nothing
//! below sees an argument.
//!
//! Exit codes: 0 done; 1 something in the series is wrong, or a capsule failed;
//! 2 the command line or the series cannot be understood; 3 the machine's
//! fault; 130 interrupted.

pub mod arguments;
mod bundle;
mod french;
mod looks;
pub mod new;
mod prune;
mod report_page;
mod sent;
mod series;
mod verify;

use crate::pipeline::{Ending, Settings};
use crate::render::Failure;
use crate::report::Reporter;
use crate::report::words::Lang;
use crate::store::Lock;
use crate::values::diagnostic::{Diagnostic, Place, Problem};
use arguments::{Arguments, Command, Format};
use clap::{CommandFactory, FromArgMatches, Parser};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Runs the program with the arguments of the process.
pub fn run() -> ExitCode {
    let arguments = match asked_language() {
        Lang::English => Arguments::parse(),
        Lang::French => {
            let command = french::command(Arguments::command());
            let matches = command.try_get_matches();
            match matches.and_then(|m| Arguments::from_arg_matches(&m)) {
                Ok(arguments) => arguments,
                Err(error) => match french::slip(&error) {
                    None => error.exit(),
                    Some(slip) => {
                        // Nobody is left to tell when this fails.
                        let _ = writeln!(std::io::stderr(), "{slip}");
                        return ExitCode::from(2);
                    }
                },
            }
        }
    };
    // A file beyond a limit is an error to tell, not a signal to die of.
    let beyond = Arc::new(AtomicBool::new(false));
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, beyond);
    let code = dispatch(arguments);
    ExitCode::from(code)
}

/// Everything that a command works with.
struct Context {
    settings: Settings,
    reporter: Reporter,
    lang: Lang,
    stop: Arc<AtomicBool>,
}

fn dispatch(arguments: Arguments) -> u8 {
    let lang = language(&arguments);
    let stop = Arc::new(AtomicBool::new(false));
    let jobs = match &arguments.command {
        Command::Build {
            jobs: Some(jobs), ..
        } => *jobs,
        _ => std::thread::available_parallelism().map_or(1, usize::from),
    };
    let (only, profiles) = arguments.command.limits();
    let (refresh, remove) = match &arguments.command {
        Command::Build {
            refresh, remove, ..
        } => (*refresh, remove.clone()),
        _ => (false, Vec::new()),
    };
    let memory = match &arguments.command {
        Command::Build { memory, nice, .. } => {
            // Before there are threads and workers, which inherit it.
            if let Some(nice) = nice {
                // Who may not give way goes on as before.
                let _ = rustix::process::nice(*nice);
            }
            *memory
        }
        _ => None,
    };
    let examine = matches!(
        arguments.command,
        Command::Check { .. } | Command::Build { .. }
    );
    // `check` is there to tell everything, remedies too.
    let tells_all = matches!(arguments.command, Command::Check { .. }) && !arguments.quiet;
    let reporter = |verbose| {
        let json = arguments.format == Format::Json;
        Reporter::new(json, lang, arguments.quiet, verbose)
    };
    let context = Context {
        settings: Settings {
            series: arguments.series.clone(),
            store: arguments.store.clone(),
            only,
            profiles,
            jobs: jobs.max(1),
            memory,
            refresh,
            remove,
            examine,
            baseline_cpu: arguments.baseline_cpu,
        },
        reporter: match tells_all {
            true => reporter(true).gravest_last(),
            false => reporter(arguments.verbose),
        },
        lang,
        stop,
    };
    match arguments.command {
        Command::New { folder } => new_series(&context, &folder),
        Command::Check { .. } => series::check(&context),
        Command::Plan { .. } => series::plan(&context),
        Command::Build { .. } => series::build(&context),
        Command::Status => series::status(&context),
        Command::Card { sheet, output, .. } => looks::cards(&context, sheet, output),
        Command::Frame {
            id,
            time,
            profile,
            rung,
            output,
        } => looks::frame(&context, &id, &time, profile.as_deref(), rung, output),
        Command::Verify { path } => verify::verify(&context, path),
        Command::Bundle { audience, output } => bundle::bundle(&context, audience, output),
        Command::Sent { audience } => sent::sent(&context, audience.into()),
        Command::Prune => prune::prune(&context),
        Command::Schema { name } => schema(&context, &name),
        Command::Completions { shell } => {
            let mut command = Arguments::command();
            clap_complete::generate(shell, &mut command, "portevoix", &mut std::io::stdout());
            0
        }
        Command::Man => {
            let page = clap_mangen::Man::new(Arguments::command());
            u8::from(page.render(&mut std::io::stdout()).is_err()) * 3
        }
    }
}

impl Context {
    /// Says once what of their confinement workers had to do without.
    fn tell_missing(&self, workshop: &crate::render::Workshop) {
        if let Some(missing) = workshop.pool.untold_missing() {
            self.say(Problem::SandboxIncomplete { missing });
        }
    }

    /// Keeps builds and others away while it is held; says who holds it.
    fn lock(&self) -> Result<Lock, u8> {
        match Lock::take(&self.settings.hidden().join("lock")) {
            Ok(Ok(lock)) => Ok(lock),
            Ok(Err(by)) => {
                self.say(Problem::LockHeld { by });
                Err(3)
            }
            Err(error) => {
                self.say(crate::render::store_problem(&error));
                Err(3)
            }
        }
    }

    /// Opens the series' store and pool; says why it cannot.
    fn workshop(&self) -> Result<crate::render::Workshop, u8> {
        if !self.settings.series.is_dir() {
            let path = self.settings.series.display().to_string();
            self.say(Problem::SeriesFolderMissing { path });
            return Err(2);
        }
        self.settings
            .workshop(Arc::clone(&self.stop))
            .map_err(|failure| self.ended(failure))
    }

    fn say(&self, problem: Problem) {
        self.tell(Diagnostic::new(problem, Place::Series));
    }

    fn tell(&self, diagnostic: Diagnostic) {
        self.reporter
            .hear(crate::pipeline::Event::Diagnostic(diagnostic));
    }

    /// The exit code of a command that ended so, after all that was said.
    fn code(&self, ending: Ending) -> u8 {
        match ending {
            Ending::Done => u8::from(self.reporter.heard_error()),
            Ending::NotUnderstood => 2,
            Ending::Machine => 3,
            Ending::Interrupted => 130,
        }
    }

    /// The exit code after a failure that ended the command.
    fn ended(&self, failure: Failure) -> u8 {
        match failure {
            Failure::Interrupted => 130,
            Failure::Machine(problem) | Failure::Capsule(problem) => {
                self.say(problem);
                3
            }
        }
    }

    /// Ctrl-C once ends after the running segments, twice at once; Ctrl-Z stops
    /// workers too. They are in groups of their own and hear nothing of it.
    fn listen_for_interrupts(&self) {
        let stop = Arc::clone(&self.stop);
        let times = AtomicUsize::new(0);
        let signals = signal_hook::iterator::Signals::new([
            signal_hook::consts::SIGINT,
            signal_hook::consts::SIGTERM,
            signal_hook::consts::SIGTSTP,
        ]);
        let Ok(mut signals) = signals else { return };
        std::thread::spawn(move || {
            for signal in signals.forever() {
                if signal == signal_hook::consts::SIGTSTP {
                    crate::worker::pause::pause();
                    continue;
                }
                stop.store(true, Ordering::Relaxed);
                if times.fetch_add(1, Ordering::Relaxed) > 0 {
                    std::process::exit(130);
                }
            }
        });
    }
}

/// The option, else the locale unless it is C or POSIX, else the series'
/// language, else English.
/// Before the command line is understood, and even where it cannot be.
fn asked_language() -> Lang {
    let words: Vec<String> = std::env::args_os()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let value = |option: &str| {
        words.iter().enumerate().find_map(|(n, word)| {
            let rest = word.strip_prefix(option)?;
            match rest.strip_prefix('=') {
                Some(value) => Some(value.to_owned()),
                None => words.get(n + 1).filter(|_| rest.is_empty()).cloned(),
            }
        })
    };
    match value("--lang").as_deref() {
        Some("fr") => Lang::French,
        Some("en") => Lang::English,
        _ => spoken(Path::new(
            &value("--series").unwrap_or_else(|| ".".to_owned()),
        )),
    }
}

fn language(arguments: &Arguments) -> Lang {
    match arguments.lang {
        Some(lang) => lang.into(),
        None => spoken(&arguments.series),
    }
}

/// That of the locale, else of the series.
fn spoken(series: &Path) -> Lang {
    let said = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    let locale = said.filter(|l| !matches!(l.split('.').next(), Some("C" | "POSIX")));
    match locale {
        Some(locale) if locale.starts_with("fr") => Lang::French,
        Some(_) => Lang::English,
        None => language_of_series(series),
    }
}

/// Only the language: the series itself is read later, with all its mistakes.
fn language_of_series(series: &Path) -> Lang {
    let text = std::fs::read_to_string(series.join("series.toml")).unwrap_or_default();
    let table: toml::Table = text.parse().unwrap_or_default();
    let language = table
        .get("language")
        .and_then(|v| v.as_str())
        .and_then(crate::values::ids::Language::new);
    language.map_or(Lang::English, |l| Lang::of(&l))
}

fn new_series(context: &Context, folder: &Path) -> u8 {
    match new::write_series(folder, context.lang) {
        Ok(files) => {
            let names: Vec<String> = files.iter().map(|f| f.display().to_string()).collect();
            context.reporter.lines(&names);
            0
        }
        Err(error) => {
            let path = folder.display().to_string();
            match error.kind() {
                std::io::ErrorKind::DirectoryNotEmpty => {
                    context.say(Problem::FolderNotEmpty { path });
                    2
                }
                _ => {
                    context.say(crate::render::io_problem(&path, &error));
                    3
                }
            }
        }
    }
}

fn schema(context: &Context, name: &str) -> u8 {
    let text = match name {
        "manifest" => Some(crate::publish::manifest::schema_json()),
        other => crate::report::schemas::schema(other).map(str::to_owned),
    };
    match text {
        Some(text) => {
            context.reporter.lines(&[text.trim_end().to_owned()]);
            0
        }
        None => {
            context.say(Problem::UnknownSchema {
                name: name.to_owned(),
            });
            2
        }
    }
}

/// Writes a file that a person asked for by name; nothing is left half-written.
fn write_output(context: &Context, path: &Path, bytes: &[u8]) -> Result<(), u8> {
    crate::store::write_durably(path, &[bytes]).map_err(|error| {
        context.say(crate::render::store_problem(&error));
        3
    })
}

/// Where pictures go unless told otherwise.
fn picture_folder(context: &Context, asked: Option<PathBuf>) -> PathBuf {
    asked.unwrap_or_else(|| context.settings.series.join("cards"))
}

/// Writes bytes to stdout as they are.
fn to_stdout(bytes: &[u8]) -> u8 {
    let mut out = std::io::stdout().lock();
    u8::from(out.write_all(bytes).and_then(|()| out.flush()).is_err()) * 3
}
