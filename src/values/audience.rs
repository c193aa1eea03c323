//! Who may see a capsule.

use serde::{Deserialize, Serialize};

/// Widest first. `Ord` follows reach: `Public < Professionals < Group < Private`,
/// so the narrower of two audiences is their maximum.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Debug,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    Public,
    Professionals,
    Group,
    Private,
}

impl Audience {
    pub const ALL: [Audience; 4] = [
        Audience::Public,
        Audience::Professionals,
        Audience::Group,
        Audience::Private,
    ];

    /// The word used in files and folder names.
    pub fn name(self) -> &'static str {
        match self {
            Audience::Public => "public",
            Audience::Professionals => "professionals",
            Audience::Group => "group",
            Audience::Private => "private",
        }
    }

    /// Whether the tree of this audience holds a capsule that reaches `reach`:
    /// a tree holds all that its audience may see.
    pub fn sees(self, reach: Audience) -> bool {
        reach <= self
    }
}
