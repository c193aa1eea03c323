//! The command line: what `--help` says is the manual.

use crate::report::words::Lang;
use crate::values::audience::Audience;
use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Turns a folder of interview clips and a spreadsheet into finished, verified
/// publications: web renditions with title cards, captions, posters, a manifest.
#[derive(Parser, Debug)]
#[command(name = "portevoix", version, max_term_width = 100)]
pub struct Arguments {
    /// The series folder: the one that holds series.toml
    #[arg(long, value_name = "DIR", default_value = ".", global = true)]
    pub series: PathBuf,

    /// Where finished segments are kept, when several series share a store
    /// [default: .portevoix/store in the series]
    #[arg(long, value_name = "DIR", env = "PORTEVOIX_STORE", global = true)]
    pub store: Option<PathBuf>,

    /// Language of messages [default: the locale's, else the series']
    #[arg(long, value_enum, global = true)]
    pub lang: Option<Tongue>,

    /// Words for people, or one JSON object a line for scripts
    #[arg(long, value_enum, default_value_t = Format::Human, global = true)]
    pub format: Format,

    /// Only errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Notes too: every oddity and what is done about it
    #[arg(short, long, global = true)]
    pub verbose: bool,

    /// Compute with nothing but SSE2. The bytes must be the same, which is why
    /// this is no part of any key: it is for tests.
    #[arg(long, hide = true, global = true)]
    pub baseline_cpu: bool,

    #[command(subcommand)]
    pub command: Command,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Tongue {
    Fr,
    En,
}

impl From<Tongue> for Lang {
    fn from(tongue: Tongue) -> Lang {
        match tongue {
            Tongue::Fr => Lang::French,
            Tongue::En => Lang::English,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Format {
    Human,
    Json,
}

#[derive(Subcommand, Debug)]
pub enum Command {
    /// Write a small working series to start from
    New {
        /// A new or empty folder
        folder: PathBuf,
    },
    /// Read everything, look through every clip, lay out every card, report all problems and remedies; encodes nothing
    Check {
        /// Only these capsules
        ids: Vec<String>,
    },
    /// Say what `build` would do and why, with estimated time and size
    Plan {
        /// Only these capsules
        ids: Vec<String>,
        /// Only this profile; may be given several times
        #[arg(long, value_name = "P")]
        profile: Vec<String>,
    },
    /// Make dist/; what did not change is left as it is
    Build {
        /// Only these capsules; the others stay published as they are
        ids: Vec<String>,
        /// Only this profile; may be given several times
        #[arg(long, value_name = "P")]
        profile: Vec<String>,
        /// Workers at once [default: one per core]
        #[arg(long, value_name = "N")]
        jobs: Option<usize>,
        /// Memory that workers may use in all, as 4G or 800M: fewer work at once when it is short
        #[arg(long, value_name = "SIZE", value_parser = bytes)]
        memory: Option<u64>,
        /// Give way to other programs, from 0 to 19
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(0..=19))]
        nice: Option<i32>,
        /// Make again what was made with older libraries
        #[arg(long)]
        refresh: bool,
        /// Confirm that this id is gone from the spreadsheet on purpose; may be given several times
        #[arg(long, value_name = "ID")]
        remove: Vec<String>,
    },
    /// Show every capsule and profile: fresh, outdated, stale, failed, withheld
    Status,
    /// Draw every card at each size, as PNG
    Card {
        /// Only these capsules
        ids: Vec<String>,
        /// All of them side by side on one sheet, a row for each capsule:
        /// sheet.png, or sheet-1.png, sheet-2.png… when there are many
        #[arg(long)]
        sheet: bool,
        /// Where the pictures go [default: cards/ in the series]
        #[arg(short, long, value_name = "DIR")]
        output: Option<PathBuf>,
    },
    /// Show one frame exactly as it would be published, as PNG
    Frame {
        id: String,
        /// Time in the published capsule, cards included: 1:20, 80 s, 0:01:20.5
        time: String,
        /// [default: the capsule's first]
        #[arg(long, value_name = "P")]
        profile: Option<String>,
        /// Short side of the rung [default: the tallest]
        #[arg(long, value_name = "H")]
        rung: Option<u32>,
        /// [default: ID-TIME.png]
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Check a published tree or a bundle: sums, full decode, durations, HLS rules, privacy
    Verify {
        /// A tree (dist/public), dist itself, or a bundle [default: dist/ of the series]
        path: Option<PathBuf>,
    },
    /// Write the release archive of one audience's tree
    Bundle {
        #[arg(long, value_enum, default_value_t = AudienceName::Public)]
        audience: AudienceName,
        /// [default: SERIES-AUDIENCE.tar in the series]
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Say that a tree is on its server as it is in dist/: what is to be sent and deleted there is counted from now on
    Sent {
        /// Whose tree
        #[arg(value_enum, default_value_t = AudienceName::Public)]
        audience: AudienceName,
    },
    /// Drop stored objects that no present plan needs
    Prune,
    /// Print a JSON Schema
    Schema {
        /// manifest, series, profile, charter or events
        name: String,
    },
    /// Print a completion script
    Completions { shell: clap_complete::Shell },
    /// Print the manual page
    Man,
}

impl Command {
    /// The capsules and profiles that a command is limited to.
    pub fn limits(&self) -> (Vec<String>, Vec<String>) {
        match self {
            Command::Check { ids } | Command::Card { ids, .. } => (ids.clone(), Vec::new()),
            Command::Plan { ids, profile } | Command::Build { ids, profile, .. } => {
                (ids.clone(), profile.clone())
            }
            Command::Frame { id, profile, .. } => {
                (vec![id.clone()], profile.iter().cloned().collect())
            }
            _ => (Vec::new(), Vec::new()),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum AudienceName {
    Public,
    Professionals,
    Group,
    Private,
}

impl From<AudienceName> for Audience {
    fn from(name: AudienceName) -> Audience {
        match name {
            AudienceName::Public => Audience::Public,
            AudienceName::Professionals => Audience::Professionals,
            AudienceName::Group => Audience::Group,
            AudienceName::Private => Audience::Private,
        }
    }
}

/// "4G", "800M" or bytes.
fn bytes(text: &str) -> Result<u64, String> {
    let wrong = || "a size as 4G or 800M".to_owned();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "" => 0,
        "K" => 10,
        "M" => 20,
        "G" => 30,
        _ => return Err(wrong()),
    };
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    number.checked_mul(1 << shift).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes_are_read_as_written() {
        assert_eq!(bytes("4G"), Ok(4 << 30));
        assert_eq!(bytes("800m"), Ok(800 << 20));
        assert_eq!(bytes("1024"), Ok(1024));
        assert!(bytes("viel").is_err() && bytes("4X").is_err() && bytes("").is_err());
    }
}
