//! The system calls that a worker may make.
//!
//! Three tables, because there are three answers. What encoding and decoding
//! were seen to need passes. Opening a file fails with "permission denied": good
//! clips try it (a date makes the C library look for the time zone, MPEG-TS for
//! character sets) and go on without. What no clip ever needs (a connection,
//! another program, another's memory) ends the worker, which says its name.
//! Everything else fails with "not permitted".

#![allow(
    unsafe_code,
    reason = "a signal's handler and the C library's time zone have no safe binding"
)]

use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen as Width, SeccompCmpOp as Is,
    SeccompCondition, SeccompFilter, SeccompRule, apply_filter,
};
use std::collections::BTreeMap;
use std::ffi::{c_int, c_long, c_void};

/// What a worker says before it ends over a forbidden call; the name follows.
pub const BLOCKED: &str = "blocked: ";

/// Exit code of a worker that asked for a forbidden call (128 and SIGSYS).
pub const BLOCKED_CODE: i32 = 159;

/// Calls that pass whatever is asked of them: none of them reaches beyond the
/// process and its open descriptors.
const PASSING: &[c_long] = &[
    // Clips, scratch files and standard streams, all open already.
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_pread64,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_pwrite64,
    libc::SYS_lseek,
    libc::SYS_fstat,
    libc::SYS_ftruncate,
    libc::SYS_fsync,
    libc::SYS_fdatasync,
    libc::SYS_dup,
    libc::SYS_close,
    libc::SYS_fadvise64,
    libc::SYS_copy_file_range,
    libc::SYS_sendfile,
    // Requests, on the one socket that there is.
    libc::SYS_recvfrom,
    libc::SYS_recvmsg,
    libc::SYS_ppoll,
    // Memory.
    libc::SYS_brk,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    // Locks and time.
    libc::SYS_futex,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_gettimeofday,
    libc::SYS_getrusage,
    libc::SYS_getrandom,
    libc::SYS_restart_syscall,
    // Signals to itself, a panic's way out, and the end.
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_exit,
    libc::SYS_exit_group,
    // Older names of the above, which only older processors have.
    #[cfg(target_arch = "x86_64")]
    libc::SYS_poll,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_time,
];

/// Calls that look for a file by its name. Two of them can also ask for the size
/// of an open file, but the filter cannot see which; [`libc::SYS_fstat`] does
/// that alone.
const OPENING: &[c_long] = &[
    libc::SYS_openat,
    libc::SYS_openat2,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_readlinkat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_open,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_creat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_access,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_stat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_lstat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_readlink,
];

/// Calls that only an intruder makes.
const FORBIDDEN: &[(c_long, &str)] = &[
    (libc::SYS_socket, "socket"),
    (libc::SYS_socketpair, "socketpair"),
    (libc::SYS_connect, "connect"),
    (libc::SYS_bind, "bind"),
    (libc::SYS_listen, "listen"),
    (libc::SYS_accept, "accept"),
    (libc::SYS_accept4, "accept4"),
    (libc::SYS_sendto, "sendto"),
    (libc::SYS_sendmsg, "sendmsg"),
    (libc::SYS_execve, "execve"),
    (libc::SYS_execveat, "execveat"),
    (libc::SYS_ptrace, "ptrace"),
    (libc::SYS_process_vm_readv, "process_vm_readv"),
    (libc::SYS_process_vm_writev, "process_vm_writev"),
    (libc::SYS_pidfd_open, "pidfd_open"),
    (libc::SYS_pidfd_getfd, "pidfd_getfd"),
    (libc::SYS_kill, "kill"),
    (libc::SYS_open_by_handle_at, "open_by_handle_at"),
    (libc::SYS_io_uring_setup, "io_uring_setup"),
    (libc::SYS_bpf, "bpf"),
    (libc::SYS_userfaultfd, "userfaultfd"),
    (libc::SYS_perf_event_open, "perf_event_open"),
    (libc::SYS_keyctl, "keyctl"),
    (libc::SYS_unshare, "unshare"),
    (libc::SYS_setns, "setns"),
    (libc::SYS_mount, "mount"),
];

type Rules = BTreeMap<c_long, Vec<SeccompRule>>;

/// Installs the tables, for good.
///
/// # Errors
/// When the kernel has no filter of system calls.
pub(super) fn restrict() -> Result<(), seccompiler::Error> {
    name_what_is_forbidden();
    let named = |calls: &[c_long]| {
        calls
            .iter()
            .map(|&call| (call, Vec::new()))
            .collect::<Rules>()
    };
    let mut passing = named(PASSING);
    passing.extend(conditional()?);
    // So that the second table, not the first, decides how they fail.
    passing.extend(named(OPENING));
    passing.extend(FORBIDDEN.iter().map(|&(call, _)| (call, Vec::new())));
    let forbidden = FORBIDDEN
        .iter()
        .map(|&(call, _)| (call, Vec::new()))
        .collect();
    // Of several answers the kernel takes the strictest. The last table forbids
    // that another is installed.
    install(forbidden, SeccompAction::Allow, SeccompAction::Trap)?;
    install(
        named(OPENING),
        SeccompAction::Allow,
        SeccompAction::Errno(libc::EACCES as u32),
    )?;
    install(
        passing,
        SeccompAction::Errno(libc::EPERM as u32),
        SeccompAction::Allow,
    )
}

fn install(
    rules: Rules,
    otherwise: SeccompAction,
    listed: SeccompAction,
) -> Result<(), seccompiler::Error> {
    let arch = std::env::consts::ARCH
        .try_into()
        .map_err(|error: BackendError| error)?;
    let filter = SeccompFilter::new(rules, otherwise, listed, arch)?;
    let program: BpfProgram = filter.try_into()?;
    apply_filter(&program)
}

/// Calls that pass when an argument is harmless.
fn conditional() -> Result<Rules, BackendError> {
    let when = |index, is, value: u64| -> Result<Vec<SeccompRule>, BackendError> {
        let condition = SeccompCondition::new(index, Width::Dword, is, value)?;
        Ok(vec![SeccompRule::new(vec![condition])?])
    };
    let without =
        |index, flag: i32| SeccompCondition::new(index, Width::Dword, Is::MaskedEq(flag as u64), 0);
    // Another descriptor for the same file, or what one is. Not who is sent a
    // signal when it is ready: that reaches other processes.
    let harmless = [
        libc::F_DUPFD_CLOEXEC,
        libc::F_GETFD,
        libc::F_SETFD,
        libc::F_GETFL,
    ];
    let mut control = Vec::new();
    for command in harmless {
        control.extend(when(1, Is::Eq, command as u64)?);
    }
    Ok(Rules::from([
        (libc::SYS_fcntl, control),
        // Nothing that was written may be run, and no memory is beside what
        // the limit counts.
        (
            libc::SYS_mmap,
            vec![SeccompRule::new(vec![
                without(2, libc::PROT_EXEC)?,
                without(3, libc::MAP_SHARED)?,
            ])?],
        ),
        (
            libc::SYS_mprotect,
            vec![SeccompRule::new(vec![without(2, libc::PROT_EXEC)?])?],
        ),
        // FFmpeg's log asks whether it writes to a terminal.
        (libc::SYS_ioctl, when(1, Is::Eq, libc::TCGETS)?),
        // A panic ends its own process, and no other.
        (
            libc::SYS_tgkill,
            when(0, Is::Eq, u64::from(std::process::id()))?,
        ),
    ]))
}

/// What would open files later is done now.
pub(super) fn warm_up() {
    unsafe extern "C" {
        fn tzset();
    }
    // SAFETY: no other thread reads the environment or the zone yet.
    unsafe { tzset() };
}

/// A forbidden call becomes a signal, whose handler says which one it was. The
/// call itself never happens, whatever the handler does.
fn name_what_is_forbidden() {
    let handler: unsafe extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void) = say_and_end;
    // SAFETY: the structure is plain and fully set; the handler only makes
    // calls that are allowed in a handler.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler as usize;
        action.sa_flags = libc::SA_SIGINFO;
        libc::sigaction(libc::SIGSYS, &action, std::ptr::null_mut());
    }
}

unsafe extern "C" fn say_and_end(_: c_int, signal: *mut libc::siginfo_t, _: *mut c_void) {
    // SAFETY: for SIGSYS the kernel fills in, behind three integers, padding
    // and an address, the number of the call (sigaction(2), si_syscall).
    let call = c_long::from(unsafe { *signal.cast::<c_int>().add(6) });
    let name = FORBIDDEN
        .iter()
        .find(|(number, _)| *number == call)
        .map_or("?", |(_, name)| name);
    for words in ["\n", BLOCKED, name, "\n"] {
        // SAFETY: the bytes are static, and standard error is open.
        unsafe { libc::write(2, words.as_ptr().cast(), words.len()) };
    }
    // SAFETY: ends the process without running anything else.
    unsafe { libc::_exit(BLOCKED_CODE) }
}
