//! Why a tree could not be written or read: the machine's fault, or something
//! that stands where a file of ours belongs.

use crate::values::diagnostic::Problem;
use std::fmt;
use std::io;

/// Paths start at the tree's folder (`dist/public/…`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Failure {
    /// No space left, or no quota.
    DiskFull {
        path: String,
    },
    PermissionDenied {
        path: String,
    },
    /// A symbolic link or a file stands where a folder of the tree belongs, or
    /// a folder where a file does. Links are never followed.
    InTheWay {
        path: String,
    },
    /// A file that was to stay published is no longer there as it was.
    Vanished {
        path: String,
    },
    /// A published file is not what the manifest says it is.
    Changed {
        path: String,
    },
    /// The manifest of the tree is not one: the error, in words.
    BadManifest {
        path: String,
        error: String,
    },
    Io {
        path: String,
        error: String,
    },
}

impl Failure {
    pub fn new(path: impl Into<String>, error: &io::Error) -> Failure {
        use rustix::io::Errno;
        let path = path.into();
        match error.raw_os_error().map(Errno::from_raw_os_error) {
            Some(Errno::NOSPC | Errno::DQUOT) => Failure::DiskFull { path },
            Some(Errno::ACCESS | Errno::PERM | Errno::ROFS) => Failure::PermissionDenied { path },
            _ => Failure::Io {
                path,
                error: error.to_string(),
            },
        }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Problem {
        let error = failure.to_string();
        match failure {
            Failure::DiskFull { path } => Problem::DiskFull { path },
            Failure::PermissionDenied { path } => Problem::PermissionDenied { path },
            Failure::BadManifest { error, .. } => Problem::TreeManifestInvalid { error },
            Failure::Vanished { path } => Problem::TreeFileMissing { path },
            Failure::Changed { path } => Problem::TreeFileChanged { path },
            Failure::InTheWay { path } => Problem::IoFailed { path, error },
            Failure::Io { path, error } => Problem::IoFailed { path, error },
        }
    }
}

/// For logs; the coordinator's sentence is made in `report/` from the problem.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::DiskFull { path } => write!(f, "{path}: no space left"),
            Failure::PermissionDenied { path } => write!(f, "{path}: permission denied"),
            Failure::InTheWay { path } => {
                write!(f, "{path}: a link, a file or a folder is in the way")
            }
            Failure::Vanished { path } => write!(f, "{path}: no longer as it was published"),
            Failure::Changed { path } => write!(f, "{path}: not the bytes that were published"),
            Failure::BadManifest { path, error } | Failure::Io { path, error } => {
                write!(f, "{path}: {error}")
            }
        }
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_and_a_full_quota_are_the_same_misfortune() {
        for code in [28, 122] {
            let error = io::Error::from_raw_os_error(code);
            assert_eq!(
                Failure::new("dist/public/a", &error),
                Failure::DiskFull {
                    path: "dist/public/a".into()
                }
            );
        }
        let denied = io::Error::from_raw_os_error(13);
        assert!(matches!(
            Failure::new("a", &denied),
            Failure::PermissionDenied { .. }
        ));
        let broken = io::Error::from_raw_os_error(5);
        assert!(matches!(Failure::new("a", &broken), Failure::Io { .. }));
    }
}
