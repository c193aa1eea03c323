//! Names made of hashes. Each kind has its own type, so that a segment's key
//! can never be looked up as a source's digest. Printed as 8 hex digits,
//! stored whole.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::fmt;

/// 32 bytes of BLAKE3.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Digest([u8; 32]);

impl Digest {
    pub fn of(bytes: &[u8]) -> Digest {
        Digest(*blake3::hash(bytes).as_bytes())
    }

    pub fn from_bytes(bytes: [u8; 32]) -> Digest {
        Digest(bytes)
    }

    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub fn to_hex(self) -> String {
        blake3::Hash::from_bytes(self.0).to_hex().to_string()
    }

    pub fn parse_hex(text: &str) -> Option<Digest> {
        blake3::Hash::from_hex(text)
            .ok()
            .map(|h| Digest(*h.as_bytes()))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex()[..8])
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex()[..8])
    }
}

impl From<Digest> for String {
    fn from(d: Digest) -> String {
        d.to_hex()
    }
}

impl TryFrom<String> for Digest {
    type Error = String;
    fn try_from(s: String) -> Result<Self, Self::Error> {
        Digest::parse_hex(&s).ok_or_else(|| format!("not a digest: {s}"))
    }
}

macro_rules! typed_digest {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Digest);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

typed_digest! {
    /// Of a clip's bytes.
    SourceDigest,
    /// Of a card's outlines: what is drawn, whatever it was drawn from.
    ArtDigest,
    /// Of a set of font files, in order.
    FontsDigest,
}

/// The name under which an object is stored: a digest over its recipe, which
/// is everything that can change the object's bytes, and nothing else.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Key {
    pub kind: ObjectKind,
    pub digest: Digest,
}

/// What a stored object is. Each kind has a folder of its own in the store.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ObjectKind {
    /// `SourceFacts`, as JSON.
    Facts,
    /// `Examination`, as JSON.
    Examination,
    /// Outlines of a card at one size, or why it could not be laid out; JSON.
    Art,
    /// Access units of one segment on one rung.
    Segment,
    /// Access units of a capsule's sound.
    Audio,
    /// Poster and storyboard pictures of a capsule.
    Stills,
}

impl ObjectKind {
    pub const ALL: [ObjectKind; 6] = [
        ObjectKind::Facts,
        ObjectKind::Examination,
        ObjectKind::Art,
        ObjectKind::Segment,
        ObjectKind::Audio,
        ObjectKind::Stills,
    ];

    pub fn folder(self) -> &'static str {
        match self {
            ObjectKind::Facts => "facts",
            ObjectKind::Examination => "examination",
            ObjectKind::Art => "art",
            ObjectKind::Segment => "segment",
            ObjectKind::Audio => "audio",
            ObjectKind::Stills => "stills",
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.folder(), self.digest)
    }
}

/// Everything that can change an object's bytes. The serialised form is what
/// is hashed, so a recipe holds integers and text, never floats or maps
/// without order.
pub trait Recipe: Serialize + DeserializeOwned {
    const KIND: ObjectKind;

    fn to_json(&self) -> String {
        serde_json::to_string(self).expect("recipes are plain data")
    }

    fn key(&self) -> Key {
        let mut hasher = blake3::Hasher::new_derive_key("portevoix 2026 recipe");
        hasher.update(Self::KIND.folder().as_bytes());
        hasher.update(&[0]);
        hasher.update(self.to_json().as_bytes());
        Key {
            kind: Self::KIND,
            digest: Digest(*hasher.finalize().as_bytes()),
        }
    }
}
