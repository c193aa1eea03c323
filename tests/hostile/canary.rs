//! What no clip may reach: a file that says when it is opened, and a server
//! that says when somebody calls.

use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
use std::fs;
use std::io::ErrorKind;
use std::mem::MaybeUninit;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// Stands in the file, and must stand nowhere else.
pub const SECRET: &str = "SECRET-des-familles-7f3a";

pub struct Canary {
    pub file: PathBuf,
    server: TcpListener,
    watch: OwnedFd,
}

impl Canary {
    /// Puts a real film with the secret in it beside the series, and listens.
    pub fn new(folder: &Path, film: &[u8]) -> Canary {
        let file = folder.join("canary.mp4");
        let secret = super::bytes::boxed(b"free", SECRET.as_bytes());
        fs::write(&file, [film, &secret].concat()).expect("written");
        let server = TcpListener::bind("127.0.0.1:0").expect("a free port");
        server.set_nonblocking(true).expect("a choice");
        let watch = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).expect("a watch");
        let seen = WatchFlags::OPEN | WatchFlags::ACCESS;
        inotify::add_watch(&watch, &file, seen).expect("watched");
        Canary {
            file,
            server,
            watch,
        }
    }

    pub fn path(&self) -> String {
        self.file.display().to_string()
    }

    pub fn url(&self) -> String {
        let port = self.server.local_addr().expect("an address").port();
        format!("http://127.0.0.1:{port}/canary.ts")
    }

    /// Nobody has opened the file and nobody has called.
    pub fn assert_untouched(&self) {
        let mut space = [MaybeUninit::uninit(); 1024];
        let seen = inotify::Reader::new(&self.watch, &mut space)
            .next()
            .map(|event| event.events());
        assert_eq!(
            seen.err(),
            Some(rustix::io::Errno::AGAIN),
            "the canary file"
        );
        let caller = self.server.accept().map(|(_, from)| from);
        let error = caller.expect_err("nobody called").kind();
        assert_eq!(error, ErrorKind::WouldBlock);
    }
}
