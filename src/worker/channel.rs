//! Requests with open files, over a Unix socket: eight bytes of length that
//! carry the descriptors, then the request as JSON.

use crate::worker::protocol::Request;
use rustix::io::Errno;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use std::fs::File;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

/// Files beside one request at most.
const MOST_FILES: usize = 4;
/// A request is words, not media.
const LONGEST: u64 = 64 << 20;

/// Sends a request. The socket does not block; `wait` does until it takes more.
pub fn send(
    socket: &UnixStream,
    request: &Request,
    files: &[BorrowedFd<'_>],
    wait: &mut dyn FnMut() -> io::Result<()>,
) -> io::Result<()> {
    let body = serde_json::to_vec(request)?;
    let length = (body.len() as u64).to_le_bytes();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_FILES))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if !files.is_empty() && !ancillary.push(SendAncillaryMessage::ScmRights(files)) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "too many files beside a request",
        ));
    }
    let sent = loop {
        let piece = [IoSlice::new(&length)];
        match sendmsg(socket.as_fd(), &piece, &mut ancillary, SendFlags::NOSIGNAL) {
            Ok(sent) => break sent,
            Err(Errno::AGAIN) => wait()?,
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    };
    write_all(socket, &length[sent..], wait)?;
    write_all(socket, &body, wait)
}

fn write_all(
    mut socket: &UnixStream,
    mut bytes: &[u8],
    wait: &mut dyn FnMut() -> io::Result<()>,
) -> io::Result<()> {
    while !bytes.is_empty() {
        match socket.write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => bytes = &bytes[n..],
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => wait()?,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// The next request, or `None` when the parent has gone.
pub fn receive(socket: &mut UnixStream) -> io::Result<Option<(Request, Vec<File>)>> {
    let mut length = [0u8; 8];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_FILES))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let got = recvmsg(
        socket.as_fd(),
        &mut [IoSliceMut::new(&mut length)],
        &mut ancillary,
        RecvFlags::CMSG_CLOEXEC,
    )?
    .bytes;
    if got == 0 {
        return Ok(None);
    }
    let files: Vec<File> = ancillary
        .drain()
        .filter_map(|message| match message {
            RecvAncillaryMessage::ScmRights(files) => Some(files),
            _ => None,
        })
        .flatten()
        .map(|fd: OwnedFd| File::from(fd))
        .collect();
    socket.read_exact(&mut length[got..])?;
    let length = u64::from_le_bytes(length);
    if length > LONGEST {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "a request beyond all measure",
        ));
    }
    let mut body = vec![0; length as usize];
    socket.read_exact(&mut body)?;
    Ok(Some((serde_json::from_slice(&body)?, files)))
}
