//! What a worker can still do once it is confined: nothing but its work. Each
//! attempt runs in a process of its own, this test binary started again.

use crate::build::bench::Series;
use portevoix::worker::sandbox;
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Reads a file that everybody may read.
const READABLE: &str = "/etc/passwd";

/// Starts one attempt in a process of its own and waits for its end.
fn attempt(name: &str, argument: &str) -> Output {
    Command::new(std::env::current_exe().expect("this binary"))
        .args(["--exact", "sandbox::tries", "--ignored", "--nocapture"])
        // The confinement holds for the thread that asks for it.
        .args(["--test-threads", "1"])
        .env("ATTEMPT", name)
        .env("ARGUMENT", argument)
        .output()
        .expect("the attempt runs")
}

fn words(output: &Output) -> String {
    let out = String::from_utf8_lossy(&output.stdout);
    let err = String::from_utf8_lossy(&output.stderr);
    format!("{out}{err}")
}

/// The attempt was refused, in so many words, and the process lived.
fn refused(name: &str, argument: &str, why: &str) {
    let output = attempt(name, argument);
    let said = words(&output);
    assert!(output.status.success(), "{name}: {said}");
    assert!(said.contains(&format!("refused: {why}")), "{name}: {said}");
}

/// The attempt ended the process, which named the call.
fn ended(name: &str, argument: &str, call: &str) {
    let output = attempt(name, argument);
    let said = words(&output);
    assert_eq!(
        output.status.code(),
        Some(sandbox::BLOCKED_CODE),
        "{name}: {said}"
    );
    assert!(
        said.contains(&format!("{}{call}\n", sandbox::BLOCKED)),
        "{name}: {said}"
    );
}

/// Not a test of its own: what [`attempt`] runs.
#[test]
#[ignore = "the child of other tests"]
fn tries() {
    let attempt = std::env::var("ATTEMPT").expect("an attempt");
    let argument = std::env::var("ARGUMENT").expect("an argument");
    let mut scratch = tempfile::tempfile().expect("a file");
    let parent = rustix::process::getppid().expect("a parent");
    assert_eq!(sandbox::enter(), [], "all of the sandbox");
    let refusal = match attempt.as_str() {
        "read" => File::open(&argument).err(),
        "look" => fs::metadata(&argument).err(),
        "list" => fs::read_dir(&argument).err(),
        "create" => File::create(&argument).err(),
        "remove" => fs::remove_file(&argument).err(),
        "link" => std::os::unix::fs::symlink(READABLE, &argument).err(),
        "connect" => TcpStream::connect(&argument).err(),
        "socket" => UnixStream::pair().err(),
        "exec" => Some(Command::new(&argument).exec()),
        "fork" => Command::new(&argument).status().err(),
        "thread" => std::thread::Builder::new().spawn(|| ()).err(),
        // Signals by way of a descriptor begin with its flags.
        "flags" => rustix::fs::fcntl_setfl(&scratch, rustix::fs::OFlags::NONBLOCK)
            .err()
            .map(Into::into),
        "signal" => rustix::process::test_kill_process(parent)
            .err()
            .map(Into::into),
        "memory" => {
            let mut much: Vec<u8> = Vec::new();
            much.try_reserve_exact(sandbox::limits::MEMORY as usize)
                .err()
                .map(|_| std::io::ErrorKind::OutOfMemory.into())
        }
        "grow" => {
            scratch
                .seek(SeekFrom::Start(sandbox::limits::FILE_SIZE))
                .expect("seeking changes nothing");
            scratch.write_all(b"x").err()
        }
        // What may be done goes on as before.
        "work" => {
            let mut scratch = BufReader::new(scratch);
            scratch.get_mut().write_all(b"line\n").expect("written");
            scratch.rewind().expect("rewound");
            let mut line = String::new();
            scratch.read_line(&mut line).expect("read");
            let again = scratch.get_ref().try_clone().expect("shared");
            assert_eq!(rustix::fs::fstat(&again).expect("looked at").st_size, 5);
            assert_eq!(line, "line\n");
            Some(std::io::Error::other("nothing"))
        }
        other => panic!("no attempt {other}"),
    };
    match refusal {
        Some(error) => eprintln!("refused: {error}"),
        None => eprintln!("it was possible"),
    }
}

#[test]
fn a_worker_opens_nothing_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let there = folder.path().join("canary");
    fs::write(&there, "canary").expect("written");
    let there = there.to_string_lossy();
    let new = folder.path().join("new");
    let new = new.to_string_lossy();
    refused("read", READABLE, "Permission denied");
    refused("read", &there, "Permission denied");
    refused(
        "list",
        &folder.path().to_string_lossy(),
        "Permission denied",
    );
    refused("create", &new, "Permission denied");
    refused("look", &there, "Permission denied");
    refused("remove", &there, "Operation not permitted");
    refused("link", &new, "Operation not permitted");
    assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 1);
    refused("work", "", "nothing");
}

#[test]
fn a_worker_reaches_nobody() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("does not wait");
    let address = listener.local_addr().expect("an address").to_string();
    ended("connect", &address, "socket");
    assert!(listener.accept().is_err(), "nobody came");
    ended("socket", "", "socketpair");
    ended("signal", "", "kill");
    refused("flags", "", "Operation not permitted");
}

#[test]
fn a_worker_starts_nothing() {
    ended("exec", "/bin/true", "execve");
    refused("fork", "/bin/true", "Operation not permitted");
    refused("thread", "", "");
}

#[test]
fn a_worker_has_limits() {
    refused("memory", "", "out of memory");
    let grown = attempt("grow", "");
    assert_eq!(grown.status.signal(), Some(25), "{}", words(&grown));
}

/// Not a test of its own: `check` under a kernel that knows neither call.
#[test]
#[ignore = "the child of another test"]
fn checks_on_an_old_kernel() {
    let series = std::env::var("ARGUMENT").expect("a series");
    let unknown = [libc::SYS_landlock_create_ruleset, libc::SYS_seccomp];
    let filter = SeccompFilter::new(
        unknown.into_iter().map(|call| (call, Vec::new())).collect(),
        SeccompAction::Allow,
        SeccompAction::Errno(libc::ENOSYS as u32),
        std::env::consts::ARCH
            .try_into()
            .expect("a known processor"),
    )
    .expect("a filter");
    let program: BpfProgram = filter.try_into().expect("a program");
    seccompiler::apply_filter(&program).expect("applied");
    let error = Command::new(env!("CARGO_BIN_EXE_portevoix"))
        .args(["--series", &series, "--format", "json", "check"])
        .exec();
    panic!("not started: {error}");
}

#[test]
fn check_says_what_the_kernel_lacks_and_goes_on() {
    let series = Series::new().capsule("a", "La peur");
    let output = Command::new(std::env::current_exe().expect("this binary"))
        .args(["--exact", "sandbox::checks_on_an_old_kernel", "--ignored"])
        .args(["--nocapture", "--test-threads", "1"])
        .env("ARGUMENT", series.folder())
        .output()
        .expect("it runs");
    let said = words(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let found = said
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .find(|event| event["id"] == "sandbox-incomplete")
        .unwrap_or_else(|| panic!("not said: {said}"));
    assert_eq!(found["severity"], "warning");
    let message = found["message"].as_str().expect("words");
    assert!(message.contains("Landlock") && message.contains("seccomp"));
    assert!(!message.contains("mémoire"), "the limits hold: {message}");
}

/// The real worker, as the kernel sees it while it waits for its first request.
#[test]
fn a_waiting_worker_is_confined_and_owns_nothing() {
    let (ours, theirs) = UnixStream::pair().expect("a socket");
    // Left open by whoever started the build, and inherited.
    let secret = File::open(READABLE).expect("opened");
    let inherited = rustix::io::dup(&secret).expect("not closed on exec");
    let mut worker = Command::new(env!("CARGO_BIN_EXE_portevoix-worker"))
        .env_clear()
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(Stdio::piped())
        .spawn()
        .expect("a worker");
    let mut first = String::new();
    BufReader::new(worker.stdout.as_mut().expect("its words"))
        .read_line(&mut first)
        .expect("a line");
    assert_eq!(first, "{\"say\":\"ready\",\"missing\":[]}\n");
    let seen = Path::new("/proc").join(worker.id().to_string());
    let status = fs::read_to_string(seen.join("status")).expect("its status");
    let field = |name: &str| -> String {
        let line = status.lines().find(|l| l.starts_with(name));
        line.map_or("", |l| l[name.len()..].trim()).to_owned()
    };
    assert_eq!(field("Seccomp:"), "2", "a filter of system calls");
    assert_eq!(field("NoNewPrivs:"), "1");
    assert_eq!(field("Threads:"), "1");
    assert_eq!(
        fs::read(seen.join("environ")).expect("its environment"),
        b""
    );
    let open: Vec<String> = fs::read_dir(seen.join("fd"))
        .expect("its descriptors")
        .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
        .map(|target| target.display().to_string())
        .collect();
    assert!(open.iter().all(|o| !o.contains("passwd")), "{open:?}");
    assert!(open.len() <= 4, "{open:?}");
    drop((ours, inherited));
    assert!(worker.wait().expect("it ends").success(), "its parent left");
}
