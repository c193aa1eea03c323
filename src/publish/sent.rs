//! What stands on the servers that show the trees, as far as anybody has said.
//! What is still to be sent there, and to be deleted there, adds up until
//! somebody says that it was done: two builds before one upload must not leave
//! a capsule online that was taken out by the first.

use super::manifest::{MANIFEST, Manifest, SUMS};
use super::path::TreePath;
use super::sums::Sha256;
use super::tree::Turn;
use crate::values::audience::Audience;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// The servers of all trees.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Sent(BTreeMap<Audience, Server>);

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
struct Server {
    /// Files as they were when somebody said last that all was sent.
    sent: BTreeMap<TreePath, Sha256>,
    /// Files that were published at any time since: they may be there too.
    since: BTreeSet<TreePath>,
}

/// What is left to do on the server of one tree.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Owed {
    /// In the order in which nothing is named before it is there.
    pub send: Vec<TreePath>,
    /// What names others goes before what it names.
    pub delete: Vec<TreePath>,
}

impl Sent {
    /// Remembers what is published now: anybody may send it from now on.
    pub fn note(&mut self, manifest: &Manifest) {
        let server = self.0.entry(manifest.audience).or_default();
        let paths = manifest.files.iter().map(|file| &file.path);
        for path in paths.chain(&own()) {
            if !server.sent.contains_key(path) && !server.since.contains(path) {
                server.since.insert(path.clone());
            }
        }
    }

    /// What the server of a tree lacks or has too much of; without a manifest,
    /// that of a tree that is gone.
    pub fn owed(&self, audience: Audience, manifest: Option<&Manifest>) -> Owed {
        let nothing = Server::default();
        let server = self.0.get(&audience).unwrap_or(&nothing);
        let files = manifest.iter().flat_map(|m| &m.files);
        let now: BTreeMap<&TreePath, Sha256> = files.map(|f| (&f.path, f.sha256)).collect();
        let changed = |(path, sum): &(&&TreePath, &Sha256)| server.sent.get(path) != Some(sum);
        let send = now.iter().filter(changed);
        let mut send: Vec<TreePath> = send.map(|(path, _)| (*path).clone()).collect();
        let own = own();
        let stays =
            |path: &&TreePath| now.contains_key(path) || manifest.is_some() && own.contains(path);
        let known: BTreeSet<&TreePath> = server.sent.keys().chain(&server.since).collect();
        let gone = known.into_iter().filter(|path| !stays(path));
        let mut delete: Vec<TreePath> = gone.cloned().collect();
        if manifest.is_some() && !(send.is_empty() && delete.is_empty()) {
            send.extend(own);
        }
        send.sort_by_cached_key(|path| (Turn::of(path), path.clone()));
        delete.sort_by_cached_key(|path| (Reverse(Turn::of(path)), path.clone()));
        Owed { send, delete }
    }

    /// Somebody says that the server shows the tree as it is now.
    pub fn confirm(&mut self, audience: Audience, manifest: Option<&Manifest>) {
        let files = manifest.iter().flat_map(|m| &m.files);
        let sent = files.map(|f| (f.path.clone(), f.sha256)).collect();
        let since = match manifest {
            Some(_) => own().into(),
            None => BTreeSet::new(),
        };
        self.0.insert(audience, Server { sent, since });
    }
}

/// Files of a tree that its manifest cannot name: they say what the others are.
fn own() -> [TreePath; 2] {
    [TreePath::known(MANIFEST), TreePath::known(SUMS)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::manifest::File;
    use crate::publish::sample;

    fn tree(files: &[(&str, &str)]) -> Manifest {
        let mut manifest = sample::manifest(Vec::new());
        manifest.files = files
            .iter()
            .map(|(path, content)| File {
                path: TreePath::new(path).expect("a path"),
                bytes: content.len() as u64,
                sha256: Sha256::of(content.as_bytes()),
                media_type: String::new(),
            })
            .collect();
        manifest
    }

    fn told(sent: &Sent, manifest: Option<&Manifest>) -> (Vec<String>, Vec<String>) {
        let owed = sent.owed(sample::manifest(Vec::new()).audience, manifest);
        let text = |paths: Vec<TreePath>| paths.iter().map(|p| p.as_str().to_owned()).collect();
        (text(owed.send), text(owed.delete))
    }

    #[test]
    fn what_is_to_be_done_adds_up_until_it_is_said_to_be_done() {
        let first = tree(&[("a/1.m4s", "a"), ("b/1.m4s", "b"), ("index.html", "a b")]);
        let second = tree(&[("a/1.m4s", "a"), ("index.html", "a")]);
        let third = tree(&[("a/1.m4s", "a"), ("index.html", "A")]);
        let audience = first.audience;
        let mut sent = Sent::default();
        let whole = ["a/1.m4s", "b/1.m4s", "index.html", MANIFEST, SUMS];
        assert_eq!(
            told(&sent, Some(&first)),
            (whole.map(String::from).into(), vec![])
        );
        sent.note(&first);
        sent.confirm(audience, Some(&first));
        assert_eq!(told(&sent, Some(&first)), (vec![], vec![]));

        // Two builds: the first took `b` out.
        sent.note(&first);
        let owed = (
            ["index.html", MANIFEST, SUMS].map(String::from).into(),
            vec!["b/1.m4s".to_owned()],
        );
        assert_eq!(told(&sent, Some(&second)), owed);
        sent.note(&second);
        assert_eq!(told(&sent, Some(&third)), owed);
        // Published again before it was deleted anywhere.
        let back = told(&sent, Some(&first));
        assert_eq!(back, (vec![], vec![]));
        sent.confirm(audience, Some(&third));
        assert_eq!(told(&sent, Some(&third)), (vec![], vec![]));
        // The whole tree is gone.
        let (send, delete) = told(&sent, None);
        assert_eq!(send, [""; 0]);
        assert_eq!(delete, [SUMS, MANIFEST, "index.html", "a/1.m4s"]);
    }

    #[test]
    fn what_was_never_said_to_be_sent_may_have_been() {
        let first = tree(&[("a/1.m4s", "a"), ("b/1.m4s", "b")]);
        let second = tree(&[("a/1.m4s", "a")]);
        let mut sent = Sent::default();
        sent.note(&first);
        assert_eq!(told(&sent, Some(&second)).1, ["b/1.m4s"]);
    }
}
