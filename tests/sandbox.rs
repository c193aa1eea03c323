//! What a worker can still do once it is confined: nothing but its work. Each
//! attempt runs in a process of its own, this test binary started again.

use crate::build::bench::{Run, Series};
use crate::fuzz::watch::children;
use landlock::RulesetStatus;
use portevoix::worker::sandbox;
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};
use serde_json::Value;
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
    attempt_behind("all", name, argument)
}

/// The same behind some of the walls.
fn attempt_behind(walls: &str, name: &str, argument: &str) -> Output {
    Command::new(std::env::current_exe().expect("this binary"))
        .args(["--exact", "sandbox::tries", "--ignored", "--nocapture"])
        // The confinement holds for the thread that asks for it.
        .args(["--test-threads", "1"])
        .env("WALLS", walls)
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
    refused_behind("all", name, argument, why);
}

fn refused_behind(walls: &str, name: &str, argument: &str, why: &str) {
    let output = attempt_behind(walls, name, argument);
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
    match std::env::var("WALLS").as_deref() {
        Ok("landlock") => {
            let status = sandbox::confine().expect("a kernel with Landlock");
            assert_eq!(status, RulesetStatus::FullyEnforced);
        }
        _ => assert_eq!(sandbox::enter(), [], "all of the sandbox"),
    }
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
        "call" => {
            let number = CALLS.iter().find(|(name, _)| *name == argument);
            by_number(number.expect("a call of the list").1).err()
        }
        "descriptors" => {
            let more: Result<Vec<File>, _> = (0..1000).map(|_| scratch.try_clone()).collect();
            more.err()
        }
        "addresses" => reserve(64 << 30).err(),
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

/// What an intruder asks for once he is in.
const CALLS: [(&str, libc::c_long); 16] = [
    ("ptrace", libc::SYS_ptrace),
    ("process_vm_readv", libc::SYS_process_vm_readv),
    ("process_vm_writev", libc::SYS_process_vm_writev),
    ("pidfd_open", libc::SYS_pidfd_open),
    ("pidfd_getfd", libc::SYS_pidfd_getfd),
    ("open_by_handle_at", libc::SYS_open_by_handle_at),
    ("execveat", libc::SYS_execveat),
    ("io_uring_setup", libc::SYS_io_uring_setup),
    ("bpf", libc::SYS_bpf),
    ("userfaultfd", libc::SYS_userfaultfd),
    ("perf_event_open", libc::SYS_perf_event_open),
    ("keyctl", libc::SYS_keyctl),
    ("unshare", libc::SYS_unshare),
    ("setns", libc::SYS_setns),
    ("mount", libc::SYS_mount),
    ("sendto", libc::SYS_sendto),
];

#[allow(
    unsafe_code,
    reason = "no safe binding asks for any call by its number"
)]
fn by_number(call: libc::c_long) -> std::io::Result<()> {
    // SAFETY: with nothing but zeros none of the calls reads or writes memory.
    match unsafe { libc::syscall(call, 0, 0, 0, 0, 0, 0) } {
        -1 => Err(std::io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// Takes addresses, and no memory behind them.
#[allow(unsafe_code, reason = "no safe binding maps addresses")]
fn reserve(bytes: usize) -> std::io::Result<()> {
    let (none, private) = (libc::PROT_NONE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: a new mapping that nobody uses.
    let place = unsafe {
        let private = private | libc::MAP_NORESERVE;
        libc::mmap(std::ptr::null_mut(), bytes, none, private, -1, 0)
    };
    match place {
        libc::MAP_FAILED => Err(std::io::Error::last_os_error()),
        _ => Ok(()),
    }
}

#[test]
fn a_worker_touches_no_other_process_and_no_kernel_of_its_choice() {
    for (call, _) in CALLS {
        ended("call", call, call);
    }
}

/// Without the table of system calls, which refuses everything first.
#[test]
fn landlock_alone_leaves_no_file_no_server_and_no_other_process() {
    let folder = tempfile::tempdir().expect("a folder");
    let there = folder.path().join("canary");
    fs::write(&there, "canary").expect("written");
    let there = there.to_string_lossy();
    let new = folder.path().join("new");
    let new = new.to_string_lossy();
    let denied = |name: &str, argument: &str| {
        refused_behind("landlock", name, argument, "Permission denied");
    };
    denied("read", READABLE);
    denied("read", &there);
    denied("list", &folder.path().to_string_lossy());
    denied("create", &new);
    denied("remove", &there);
    denied("link", &new);
    denied("exec", "/bin/true");
    assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 1);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("does not wait");
    let address = listener.local_addr().expect("an address").to_string();
    denied("connect", &address);
    assert!(listener.accept().is_err(), "nobody came");
    refused_behind("landlock", "signal", "", "Operation not permitted");
    refused_behind("landlock", "work", "", "nothing");
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
    refused("addresses", "", "Cannot allocate memory");
    refused("descriptors", "", "Too many open files");
    let grown = attempt("grow", "");
    assert_eq!(grown.status.signal(), Some(25), "{}", words(&grown));
}

/// Not a test of its own: a command under a kernel that knows neither call.
#[test]
#[ignore = "the child of another test"]
fn runs_on_an_old_kernel() {
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
    let command = std::env::var("COMMAND").expect("a command");
    let error = Command::new(env!("CARGO_BIN_EXE_portevoix"))
        .args(["--series", &series, "--format", "json"])
        .args(command.split(' '))
        .current_dir(&series)
        .exec();
    panic!("not started: {error}");
}

#[test]
fn every_command_says_once_what_the_kernel_lacks_and_goes_on() {
    let series = Series::new().capsule("a", "La peur");
    let run = |command: &str| {
        let output = Command::new(std::env::current_exe().expect("this binary"))
            .args(["--exact", "sandbox::runs_on_an_old_kernel", "--ignored"])
            .args(["--nocapture", "--test-threads", "1"])
            .env("ARGUMENT", series.folder())
            .env("COMMAND", command)
            .output()
            .expect("it runs");
        let said = words(&output);
        assert_eq!(output.status.code(), Some(0), "{command}: {said}");
        let found: Vec<Value> = said
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter(|event| event["id"] == "sandbox-incomplete")
            .collect();
        found
    };
    for command in ["check", "build", "frame a 0:01", "verify"] {
        let [found] = &run(command)[..] else {
            panic!("{command} does not say it once");
        };
        assert_eq!(found["severity"], "warning");
        let message = found["message"].as_str().expect("words");
        assert!(message.contains("Landlock") && message.contains("seccomp"));
        assert!(!message.contains("mémoire"), "the limits hold: {message}");
    }
    assert_eq!(series.published("public"), ["a"]);
    assert_eq!(run("build").len(), 0, "nobody worked");
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
    let limits = fs::read_to_string(seen.join("limits")).expect("its limits");
    let bytes = |bytes: u64| format!("{bytes} {bytes} bytes");
    for (name, limit) in [
        ("Max data size", bytes(sandbox::limits::MEMORY)),
        ("Max address space", bytes(32 << 30)),
        ("Max file size", bytes(sandbox::limits::FILE_SIZE)),
        ("Max core file size", bytes(0)),
        ("Max processes", "0 0 processes".to_owned()),
        ("Max open files", "64 64 files".to_owned()),
    ] {
        let line = limits.lines().find(|l| l.starts_with(name));
        let line = line.unwrap_or_else(|| panic!("no {name}: {limits}"));
        let set: Vec<&str> = line[name.len()..].split_whitespace().collect();
        assert_eq!(set.join(" "), limit, "{name}");
    }
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

/// Starts a build and gives its first worker to `seize` as soon as it is one.
fn with_first_worker(mut build: Command, seize: impl FnOnce(i32)) -> Run {
    let said = tempfile::NamedTempFile::new().expect("a file");
    build
        .stdout(said.reopen().expect("again"))
        .stderr(Stdio::null());
    let mut program = build.spawn().expect("the program starts");
    let id = i32::try_from(program.id()).expect("an id");
    let worker = loop {
        let is_worker = |child: &i32| {
            // Before it becomes one, it has its parent's words.
            let words = fs::read(format!("/proc/{child}/cmdline")).unwrap_or_default();
            let program = words.split(|&b| b == 0).next().unwrap_or_default();
            program.ends_with(b"portevoix-worker")
        };
        if let Some(worker) = children(id).into_keys().find(is_worker) {
            break worker;
        }
        let ended = program.try_wait().expect("a program");
        assert!(ended.is_none(), "no worker was seen");
        std::thread::sleep(std::time::Duration::from_millis(1));
    };
    seize(worker);
    let status = program.wait().expect("it ends");
    Run::of(Output {
        status,
        stdout: fs::read(said.path()).expect("readable"),
        stderr: Vec::new(),
    })
}

#[test]
fn a_worker_of_a_real_build_inherits_no_word_of_its_environment() {
    let series = Series::new().capsule("a", "La peur");
    let mut build = series.command(&["build", "--jobs", "1"]);
    build.env("CANARY_TOKEN", "SECRET-du-serveur-1b7c");
    let mut environment = Vec::new();
    let run = with_first_worker(build, |worker| {
        environment = fs::read(format!("/proc/{worker}/environ")).expect("its environment");
    });
    run.ends(0);
    let text = String::from_utf8(environment).expect("UTF-8");
    let names: Vec<&str> = text
        .split_terminator('\0')
        .map(|variable| variable.split('=').next().expect("a name"))
        .collect();
    // How it keeps memory, and nothing of whoever started the build.
    assert_eq!(
        names,
        ["MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"],
        "{text}"
    );
}

/// What befalls a worker of the real program fails its capsule by name.
fn failed_by(run: Run, id: &str) -> Value {
    let run = run.ends(1);
    assert_eq!(run.state("a"), "failed");
    assert_eq!(run.errors_found(), [id], "{run:#?}");
    run.finding(id)["facts"].clone()
}

#[test]
fn a_build_names_a_worker_that_was_blocked() {
    let series = Series::new().capsule("a", "La peur");
    // What a worker is asked of the clip for the first time, is asked now: what
    // the program asks of its own has been answered.
    series.run(&["plan"]).ends(0);
    let build = series.command(&["build", "--jobs", "1"]);
    let mut injected = Command::new("strace");
    // The signal of a forbidden call, as the worker begins to listen.
    injected
        .args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=recvmsg"])
        .args(["-e", "inject=recvmsg:signal=SIGSYS:when=1"])
        .arg(build.get_program())
        .args(build.get_args())
        .env_remove("PORTEVOIX_STORE");
    let run = Run::of(injected.output().expect("strace starts"));
    let facts = failed_by(run, "worker-blocked");
    assert_eq!(facts["call"], "?", "{facts}");
}

#[test]
fn a_build_names_a_worker_that_wrote_too_much() {
    let mut series = Series::new();
    series.clip("a.mp4", "20");
    series.row(
        "a",
        &[("question", "La peur"), ("intervenant", "Anne Roux")],
    );
    // Noise that does not get smaller: a job of several segments is longer than
    // any one of them, and than all that the program writes itself.
    let noisy = "package = \"mp4\"\ncards = []\n[[rung]]\nheight = 270\n\
                 preset = \"ultrafast\"\ncrf = 1\n";
    series.write("profiles/web.toml", noisy);
    let build = series.command(&["build", "--jobs", "1"]);
    let mut limited = Command::new("prlimit");
    limited
        .arg("--fsize=1000000")
        .arg(build.get_program())
        .args(build.get_args())
        .env_remove("PORTEVOIX_STORE");
    let run = Run::of(limited.output().expect("prlimit starts"));
    let facts = failed_by(run, "worker-over-limit");
    assert_eq!(facts["limit"]["what"], "file-size", "{facts}");
}

/// A minute: the least that a worker is given.
#[test]
fn a_build_names_a_worker_that_did_not_answer() {
    let series = Series::new().capsule("a", "La peur");
    // What the program asks of its own has been answered, of the clip nothing.
    series.run(&["plan"]).ends(0);
    let hidden = series.path(".portevoix");
    fs::remove_dir_all(hidden.join("store")).expect("forgotten");
    fs::remove_file(hidden.join("sources.json")).expect("forgotten");
    let run = with_first_worker(series.command(&["build", "--jobs", "1"]), |worker| {
        let worker = rustix::process::Pid::from_raw(worker).expect("an id");
        rustix::process::kill_process(worker, rustix::process::Signal::STOP).expect("stopped");
    });
    let facts = failed_by(run, "worker-timed-out");
    assert_eq!(facts["seconds"], 60, "{facts}");
}
