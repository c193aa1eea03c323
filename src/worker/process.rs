//! Starts a worker, hands it a request with open files, listens with a
//! deadline, and ends it when it is done, stuck, or no longer wanted.

use crate::values::diagnostic::{SandboxPiece, WorkerLimit};
use crate::worker::channel;
use crate::worker::last_words::LastWords;
use crate::worker::pause::{self, Deadline};
use crate::worker::protocol::{Answer, MediaError, Message, Request};
use crate::worker::sandbox;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
use std::io::{self, Read};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Why a request has no answer.
#[derive(Debug)]
pub enum WorkerFailure {
    /// The worker lives; FFmpeg or a card said no.
    Media(MediaError),
    /// The worker is gone.
    Died {
        signal: Option<i32>,
        code: Option<i32>,
        last_words: String,
    },
    TimedOut {
        seconds: u64,
        last_words: String,
    },
    /// The worker is gone: it asked for a system call that no clip needs.
    Blocked {
        call: String,
    },
    /// The worker may live or be gone: it wanted more than it is allowed.
    OverLimit {
        limit: WorkerLimit,
        last_words: String,
    },
    /// No worker could be started or spoken to.
    Machine(io::Error),
    /// Stopped because the build was interrupted.
    Interrupted,
}

/// A worker says at most the cards of one capsule at once: outlines of every
/// size, and the pictures that stand in them.
const LONGEST_LINE: usize = 128 << 20;

/// An encoder takes a hundred megabytes for each segment and gives them back.
/// The C library keeps them for the next one, rather than have the kernel
/// clear every page again: two to three percent of all processor time. Bytes;
/// 32 MiB is the most that it allows for single pieces.
const KEEP_MEMORY: [(&str, &str); 2] = [
    ("MALLOC_MMAP_THRESHOLD_", "33554432"),
    ("MALLOC_TRIM_THRESHOLD_", "1073741824"),
];

/// One living worker process.
pub struct Worker {
    child: Child,
    socket: UnixStream,
    stdout: ChildStdout,
    heard: Vec<u8>,
    words: LastWords,
    /// `None` until it has said its first word.
    missing: Option<Vec<SandboxPiece>>,
    /// Processor time that the last answer took, by its own account.
    pub spent: Duration,
}

/// The worker's program: it stands beside ours.
pub fn program() -> io::Result<PathBuf> {
    Ok(std::env::current_exe()?.with_file_name("portevoix-worker"))
}

/// What the caller wants after a message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Go {
    On,
    Stop,
}

impl Worker {
    /// Starts a worker: an empty environment, its own process group (Ctrl-C is
    /// for the parent), no files but those it is given.
    pub fn start(baseline_cpu: bool) -> io::Result<Worker> {
        let mut command = Command::new(program()?);
        command.args(baseline_cpu.then_some("--baseline-cpu"));
        Worker::from_command(command)
    }

    fn from_command(mut command: Command) -> io::Result<Worker> {
        let (socket, theirs) = UnixStream::pair()?;
        let mut child = command
            .env_clear()
            .envs(KEEP_MEMORY)
            .process_group(0)
            .current_dir("/")
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        pause::born(child.id());
        let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
            return Err(io::Error::other("a worker without standard streams"));
        };
        // Requests are sent by a deadline, and one worker may not listen.
        socket.set_nonblocking(true)?;
        Ok(Worker {
            child,
            socket,
            stdout,
            heard: Vec::new(),
            words: LastWords::new(stderr)?,
            missing: None,
            spent: Duration::ZERO,
        })
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The files that the kernel has mapped for it: its program and libraries.
    /// None when it cannot be looked at.
    pub fn loaded(&self) -> Vec<PathBuf> {
        let maps = std::fs::read_to_string(format!("/proc/{}/maps", self.id()));
        let maps = maps.unwrap_or_default();
        let mut files: Vec<PathBuf> = maps
            .lines()
            .filter_map(|line| Some(line[line.find('/')?..].into()))
            .collect();
        files.sort();
        files.dedup();
        files
    }

    /// Whether it still waits to be asked.
    pub fn is_alive(&self) -> bool {
        !self.has_ended()
    }

    /// Without letting go of its number, which would be another's then while a
    /// pause may still be told to it.
    fn has_ended(&self) -> bool {
        let Some(pid) = i32::try_from(self.id()).ok().and_then(Pid::from_raw) else {
            return true;
        };
        let ended = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        !matches!(waitid(WaitId::Pid(pid), ended), Ok(None))
    }

    /// What of the sandbox the kernel could not give; waits for the worker's
    /// first word.
    pub fn missing(&mut self, allowed: Duration) -> Result<&[SandboxPiece], WorkerFailure> {
        if self.missing.is_none() {
            let line = self.line_by(Deadline::after(allowed), allowed)?;
            match serde_json::from_slice(&line) {
                Ok(Message::Ready { missing }) => self.missing = Some(missing),
                Ok(_) => return Err(self.death(io::ErrorKind::InvalidData.into())),
                Err(error) => return Err(self.death(error.into())),
            }
        }
        Ok(self.missing.as_deref().unwrap_or_default())
    }

    /// The same, once it has said its first word.
    pub fn known_missing(&self) -> Option<&[SandboxPiece]> {
        self.missing.as_deref()
    }

    /// Asks and waits. `hear` gets every delivery as it comes, and may stop
    /// the worker for good. After any failure but `Media` the worker is dead.
    pub fn ask(
        &mut self,
        request: &Request,
        files: &[BorrowedFd<'_>],
        allowed: Duration,
        hear: &mut dyn FnMut(&Message) -> Go,
    ) -> Result<Answer, WorkerFailure> {
        let deadline = Deadline::after(allowed);
        self.spent = Duration::ZERO;
        // One that does not listen, or a little at a time, must not hold the
        // build up either.
        let (socket, words) = (&self.socket, &mut self.words);
        let sent = channel::send(socket, request, files, &mut || {
            let outlet = PollFd::new(socket, PollFlags::OUT);
            match wait(outlet, words, deadline)? {
                Some(_) => Ok(()),
                None => Err(io::ErrorKind::TimedOut.into()),
            }
        });
        match sent {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                return Err(self.timed_out(allowed));
            }
            Err(error) => return Err(self.death(error)),
        }
        loop {
            let line = self.line_by(deadline, allowed)?;
            match serde_json::from_slice(&line) {
                Ok(Message::Done { answer, cpu }) => {
                    self.spent = Duration::from_micros(cpu);
                    return match *answer {
                        Answer::Failed { error } => Err(said(error)),
                        answer => Ok(answer),
                    };
                }
                // Said once, before anything was read.
                Ok(Message::Ready { missing }) if self.missing.is_none() => {
                    self.missing = Some(missing);
                }
                Ok(Message::Ready { .. }) => {
                    return Err(self.death(io::ErrorKind::InvalidData.into()));
                }
                Ok(message) => {
                    if hear(&message) == Go::Stop {
                        self.end();
                        return Err(WorkerFailure::Interrupted);
                    }
                }
                Err(error) => return Err(self.death(error.into())),
            }
        }
    }

    /// The next line that the worker says; one that is silent is ended.
    fn line_by(&mut self, deadline: Deadline, allowed: Duration) -> Result<Vec<u8>, WorkerFailure> {
        match self.line(deadline) {
            Ok(Some(line)) => Ok(line),
            Ok(None) => Err(self.timed_out(allowed)),
            Err(error) => Err(self.death(error)),
        }
    }

    fn timed_out(&mut self, allowed: Duration) -> WorkerFailure {
        self.end();
        WorkerFailure::TimedOut {
            seconds: allowed.as_secs(),
            last_words: self.words.last(),
        }
    }

    /// The next line that the worker says, or `None` at the deadline.
    fn line(&mut self, deadline: Deadline) -> io::Result<Option<Vec<u8>>> {
        // A long line is heard in many pieces, each of them looked through once.
        let mut searched = 0;
        loop {
            let fresh = self.heard[searched..].iter();
            if let Some(end) = fresh.copied().position(|b| b == b'\n') {
                let rest = self.heard.split_off(searched + end + 1);
                let line = std::mem::replace(&mut self.heard, rest);
                return Ok(Some(line));
            }
            searched = self.heard.len();
            let ear = PollFd::new(&self.stdout, PollFlags::IN);
            match wait(ear, &mut self.words, deadline)? {
                Some(Ready::Asked) => {}
                Some(Ready::Words) => continue,
                None => return Ok(None),
            }
            let mut piece = [0; 64 * 1024];
            match self.stdout.read(&mut piece) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(_) if self.heard.len() > LONGEST_LINE => {
                    return Err(io::Error::new(
                        io::ErrorKind::InvalidData,
                        "a line without end",
                    ));
                }
                Ok(n) => self.heard.extend_from_slice(&piece[..n]),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
    }

    /// Reaps a worker that has stopped answering.
    fn death(&mut self, error: io::Error) -> WorkerFailure {
        let status = self.status();
        let words = self.words.last();
        let code = status.and_then(|s| s.code());
        if code == Some(sandbox::BLOCKED_CODE)
            && let Some((_, call)) = words.rsplit_once(sandbox::BLOCKED)
        {
            return WorkerFailure::Blocked { call: call.into() };
        }
        // What Rust says when an allocation fails, before it aborts.
        if words.contains("memory allocation of") {
            return over(MEMORY, words);
        }
        WorkerFailure::Died {
            signal: status.and_then(|s| s.signal()),
            code,
            last_words: if words.is_empty() {
                error.to_string()
            } else {
                words
            },
        }
    }

    /// How it ended. Its ends of the pipes close a moment before the kernel
    /// has its status, so it is waited for; one that closed its ears and lives
    /// on is ended then.
    fn status(&mut self) -> Option<ExitStatus> {
        let patience = Instant::now() + Duration::from_secs(2);
        while Instant::now() < patience {
            if self.has_ended() {
                pause::gone(self.id());
                return self.child.wait().ok();
            }
            // It may have much to say before it goes.
            self.words.hear();
            std::thread::sleep(Duration::from_millis(2));
        }
        let _ = self.child.kill();
        pause::gone(self.id());
        self.child.wait().ok()
    }

    fn end(&mut self) {
        // Nothing can be done about a process that is already gone.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a worker let be heard of it.
enum Ready {
    /// What was waited for.
    Asked,
    /// Words on its standard error, and nothing else.
    Words,
}

/// Waits for a worker's socket or voice while its words are listened to; `None`
/// at the deadline.
fn wait(asked: PollFd<'_>, words: &mut LastWords, deadline: Deadline) -> io::Result<Option<Ready>> {
    let left = deadline.left();
    if left.is_zero() {
        return Ok(None);
    }
    let left = Timespec {
        tv_sec: left.as_secs() as i64,
        tv_nsec: i64::from(left.subsec_nanos()),
    };
    let mut ears = vec![asked];
    ears.extend(words.ear());
    let ready = match poll(&mut ears, Some(&left)) {
        // Time may have passed while we were stopped.
        Ok(0) | Err(rustix::io::Errno::INTR) => Ready::Words,
        Err(error) => return Err(error.into()),
        Ok(_) if ears[0].revents().is_empty() => Ready::Words,
        Ok(_) => Ready::Asked,
    };
    drop(ears);
    words.hear();
    Ok(Some(ready))
}

const MEMORY: WorkerLimit = WorkerLimit::Memory {
    bytes: sandbox::limits::MEMORY,
};
const FILE_SIZE: WorkerLimit = WorkerLimit::FileSize {
    bytes: sandbox::limits::FILE_SIZE,
};

/// An orderly error, which may be that of a limit.
fn said(error: MediaError) -> WorkerFailure {
    // The C library's words, which FFmpeg and Rust both pass on.
    if error.error.contains("Cannot allocate memory") {
        over(MEMORY, error.last_log)
    } else if error.error.contains("File too large") {
        over(FILE_SIZE, error.last_log)
    } else {
        WorkerFailure::Media(error)
    }
}

fn over(limit: WorkerLimit, last_words: String) -> WorkerFailure {
    WorkerFailure::OverLimit { limit, last_words }
}

impl Drop for Worker {
    fn drop(&mut self) {
        pause::gone(self.id());
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::digest::{ArtDigest, Digest};

    const READY: &str = r#"echo '{"say":"ready","missing":[]}'; "#;

    /// Waits to be asked: who answers and leaves before that is never heard.
    const ASKED: &str = "head -c 8 >/dev/null; ";

    const READY_LENGTH: usize = r#"{"say":"ready","missing":[]}"#.len() + 1;

    /// A worker that does what a shell says instead of its work.
    fn playing(script: &str) -> Worker {
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(format!("{READY}{script}"));
        Worker::from_command(command).expect("a shell")
    }

    fn failure(script: &str, allowed: Duration) -> WorkerFailure {
        let mut worker = playing(script);
        let failure = worker
            .ask(&Request::Probe, &[], allowed, &mut |_| Go::On)
            .err()
            .expect("no answer");
        let gone = worker.child.try_wait();
        let lives = matches!(failure, WorkerFailure::Media(_));
        assert_eq!(matches!(gone, Ok(Some(_))), !lives, "ended and reaped");
        failure
    }

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn one_that_hangs_is_ended_and_reaped() {
        let silent = failure("exec sleep 1000", Duration::from_millis(300));
        assert!(
            matches!(silent, WorkerFailure::TimedOut { .. }),
            "{silent:?}"
        );
        // More is asked than it reads: outlines beyond the socket's own buffer.
        let mut deaf = playing("exec sleep 1000");
        let much = Request::Render {
            groups: Vec::new(),
            arts: vec![(ArtDigest(Digest::of(b"")), "x".repeat(8 << 20))],
        };
        let unheard = deaf.ask(&much, &[], Duration::from_millis(300), &mut |_| Go::On);
        assert!(matches!(unheard, Err(WorkerFailure::TimedOut { .. })));
        // Ears closed, and deaf to a polite request.
        let deaf = failure("trap '' TERM; exec >&-; exec sleep 1000", LONG);
        assert!(
            matches!(
                deaf,
                WorkerFailure::Died {
                    signal: Some(9),
                    ..
                }
            ),
            "{deaf:?}"
        );
    }

    #[test]
    fn one_that_listens_a_little_at_a_time_has_one_deadline_for_all() {
        // Each part of it is taken in time; the whole would take two minutes.
        let mut slow = playing("while sleep 0.1; do head -c 6000 >/dev/null; done");
        let much = Request::Render {
            groups: Vec::new(),
            arts: vec![(ArtDigest(Digest::of(b"")), "x".repeat(8 << 20))],
        };
        let began = Instant::now();
        let unheard = slow.ask(&much, &[], Duration::from_secs(1), &mut |_| Go::On);
        assert!(matches!(unheard, Err(WorkerFailure::TimedOut { .. })));
        assert!(began.elapsed() < Duration::from_secs(60));
    }

    #[test]
    fn one_that_never_stops_complaining_fills_nothing_and_is_heard_to_the_end() {
        let flood = "head -c 20000000 /dev/zero | tr '\\0' x >&2; echo >&2; \
                     echo 'the last line' >&2; kill -SEGV $$";
        let mut worker = playing(flood);
        let stream = std::fs::read_link(format!("/proc/{}/fd/2", worker.id()));
        let stream = stream.expect("its standard error").display().to_string();
        assert!(stream.starts_with("pipe:"), "{stream}");
        let failure = worker.ask(&Request::Probe, &[], LONG, &mut |_| Go::On);
        match failure {
            Err(WorkerFailure::Died { last_words, .. }) => {
                assert!(last_words.ends_with(" the last line"), "{last_words}");
                assert!(last_words.len() <= 4096);
            }
            _ => panic!("it lives"),
        }
    }

    #[test]
    fn one_that_says_again_what_it_lacks_is_not_believed() {
        let again = failure(&format!("{ASKED}{READY} exec sleep 1000"), LONG);
        assert!(matches!(again, WorkerFailure::Died { .. }), "{again:?}");
    }

    #[test]
    fn one_that_talks_nonsense_is_ended() {
        let nonsense = failure("echo nonsense; exec sleep 1000", LONG);
        assert!(
            matches!(nonsense, WorkerFailure::Died { .. }),
            "{nonsense:?}"
        );
    }

    #[test]
    fn a_line_in_many_pieces_is_heard_whole_and_the_next_one_too() {
        let mut worker = playing("head -c 3000000 /dev/zero | tr '\\0' x; echo; echo; echo y");
        let deadline = Deadline::after(LONG);
        let mut next = || worker.line(deadline).expect("lives").expect("a line").len();
        assert_eq!(next(), READY_LENGTH);
        assert_eq!((next(), next(), next()), (3_000_001, 1, 2));
    }

    #[test]
    fn a_crash_carries_signal_code_and_last_words() {
        match failure("echo 'the last line' >&2; kill -SEGV $$", LONG) {
            WorkerFailure::Died {
                signal: Some(11),
                last_words,
                ..
            } => assert_eq!(last_words, "the last line"),
            other => panic!("{other:?}"),
        }
        let ended = failure("exit 3", LONG);
        assert!(
            matches!(ended, WorkerFailure::Died { code: Some(3), .. }),
            "{ended:?}"
        );
    }

    #[test]
    fn what_was_blocked_and_which_limit_was_met_are_named() {
        match failure("echo 'blocked: connect' >&2; exit 159", LONG) {
            WorkerFailure::Blocked { call } => assert_eq!(call, "connect"),
            other => panic!("{other:?}"),
        }
        let long = r#"echo '{"say":"done","answer":{"answer":"failed","error":{"operation":"write","error":"File too large (os error 27)","last_log":""}}}'"#;
        let met =
            playing(&format!("{ASKED}{long}")).ask(&Request::Probe, &[], LONG, &mut |_| Go::On);
        let met = met.err();
        assert!(
            matches!(
                met,
                Some(WorkerFailure::OverLimit {
                    limit: WorkerLimit::FileSize { .. },
                    ..
                })
            ),
            "{met:?}"
        );
        let hungry = "echo 'memory allocation of 9 bytes failed' >&2; kill -ABRT $$";
        let refused = r#"echo '{"say":"done","answer":{"answer":"failed","error":
            {"operation":"open","error":"Cannot allocate memory","last_log":""}}}' | tr -d '\n'; echo"#;
        for script in [hungry, refused] {
            let mut worker = playing(&format!("{ASKED}{script}"));
            let met = worker
                .ask(&Request::Probe, &[], LONG, &mut |_| Go::On)
                .err();
            assert!(
                matches!(
                    met,
                    Some(WorkerFailure::OverLimit {
                        limit: WorkerLimit::Memory { .. },
                        ..
                    })
                ),
                "{script}: {met:?}"
            );
        }
    }
}
