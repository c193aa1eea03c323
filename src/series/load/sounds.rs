//! `[sound]` of a `charter.toml`: what is heard under the inserted cards.

use super::charter::{has_extension, no_such_file};
use super::document::Table;
use super::folder::{self, Entry};
use crate::series::charter::{CardSound, Timing};
use crate::series::profile::CardKind;
use crate::values::diagnostic::{Diagnostic, Expected, Place, Problem};
use crate::values::digest::Digest;
use std::path::Path;

/// Sounds that can be played under a card.
const SOUNDS: [&str; 12] = [
    "wav", "mp3", "flac", "ogg", "oga", "opus", "m4a", "aac", "aif", "aiff", "wma", "mka",
];

/// A sound as a `charter.toml` names it.
pub(super) struct Named {
    card: CardKind,
    written: String,
    place: Place,
    level: i32,
    fade_in: u32,
    fade_out: u32,
}

/// `[sound]`: what is heard under the inserted cards. A sound logo is struck at
/// once and is over when people are seen; music comes and goes, and stays
/// further below what was said.
pub(super) fn overlay(
    timing: &Timing,
    mut table: Table<'_, '_>,
    found: &mut Vec<Diagnostic>,
) -> Vec<Named> {
    type Keys = [&'static str; 4];
    const CARDS: [(CardKind, Keys, i32, [u32; 2]); 2] = [
        (
            CardKind::Opening,
            [
                "opening",
                "opening-level",
                "opening-fade-in",
                "opening-fade-out",
            ],
            -300,
            [0, 500],
        ),
        (
            CardKind::End,
            ["end", "end-level", "end-fade-in", "end-fade-out"],
            -600,
            [1000, 1500],
        ),
    ];
    let mut named = Vec::new();
    for (card, [file, level_key, in_key, out_key], level, [fade_in, fade_out]) in CARDS {
        let written = table.text(file);
        let place = table.place_of(file);
        let expected = Expected::Decimal { from: -30, to: 6 };
        let told = table.decimal(level_key, -30, 6, 100, expected);
        let level = told.and_then(|l| i32::try_from(l).ok()).unwrap_or(level);
        let room_ms = match card {
            CardKind::Opening => timing.opening,
            _ => timing.end,
        };
        let mut fade = |key: &'static str, usual: u32| {
            let expected = Expected::Duration { from: 0, to: 30 };
            let told = table.decimal(key, 0, 30, 1000, expected);
            let Some(ms) = told.and_then(|ms| u32::try_from(ms).ok()) else {
                return usual.min(room_ms / 2);
            };
            if ms > room_ms {
                let place = table.place_of(key);
                let key = format!("sound.{key}");
                table.note(Problem::FadeTooLong { key, room_ms }, place);
            }
            ms
        };
        let (fade_in, fade_out) = (fade(in_key, fade_in), fade(out_key, fade_out));
        named.extend(written.map(|written| Named {
            card,
            written,
            place,
            level,
            fade_in,
            fade_out,
        }));
    }
    table.finish(found);
    named
}

/// The file that a name means.
pub(super) fn found(
    series: &Path,
    entries: &[Entry],
    sound: Named,
    found: &mut Vec<Diagnostic>,
) -> Option<(CardKind, CardSound)> {
    let files = entries.iter().filter(|e| has_extension(&e.name, &SOUNDS));
    let files: Vec<&Entry> = files.collect();
    let Some(entry) = files.iter().find(|e| e.name == sound.written) else {
        let key = format!("sound.{}", sound.card.name());
        let known = files.iter().map(|e| e.name.as_str()).collect();
        found.push(no_such_file(key, sound.written, known, sound.place));
        return None;
    };
    let bytes = folder::bytes(series, &entry.path, found)?;
    let heard = CardSound {
        path: entry.path.clone(),
        digest: Digest::of(&bytes),
        bytes: bytes.into(),
        level: sound.level,
        fade_in: sound.fade_in,
        fade_out: sound.fade_out,
        looped: sound.card == CardKind::End,
    };
    Some((sound.card, heard))
}

#[cfg(test)]
mod tests {
    use crate::series::charter::Position;
    use crate::series::load::charter::read;
    use crate::series::profile::CardKind;
    use crate::values::diagnostic::{Expected, Problem};

    #[test]
    fn sounds_are_files_of_the_charter_with_their_levels_and_fades() {
        let home = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let path = home.path().join("charter").join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, text).expect("written");
        };
        write("jingle.wav", "a sound is not heard here");
        write("fin.MP3", "nor this one");
        let text = "[sound]\nend-level = -12.5\nopening = \"jingle.wav\"\nend = \"fin.MP3\"\n\
             opening-fade-out = 0.25\n[timing]\nend = 2\n[position]\nlower-third = \"top-right\"\n";
        write("charter.toml", text);
        let mut found = Vec::new();
        let charter = read(home.path(), &mut found);
        assert_eq!(found, []);
        assert_eq!(charter.lower_third, Some(Position::TopRight));
        let of = |card| {
            let sound = charter.sounds.get(&card).expect("a sound");
            (sound.level, sound.fade_in, sound.fade_out, sound.looped)
        };
        assert_eq!(of(CardKind::Opening), (-300, 0, 250, false));
        // Music that usually goes in a second and a half has two seconds in all.
        assert_eq!(of(CardKind::End), (-1250, 1000, 1000, true));
        let text = "[sound]\nopening = \"charter.toml\"\nend = \"../fin.MP3\"\n\
             opening-level = -31\nend-fade-in = 5\n";
        write("charter.toml", text);
        let charter = read(home.path(), &mut found);
        assert!(charter.sounds.is_empty());
        let ids: Vec<String> = found.iter().map(|d| d.problem.id()).collect();
        assert_eq!(
            ids,
            ["bad-value", "fade-too-long", "bad-value", "bad-value"]
        );
        for name in ["jingle.wav", "fin.MP3"] {
            std::fs::remove_file(home.path().join("charter").join(name)).expect("removed");
        }
        write("charter.toml", "[sound]\nopening = \"jingle.wav\"\n");
        let mut found = Vec::new();
        read(home.path(), &mut found);
        let expected = found.iter().map(|d| &d.problem);
        let expected: Vec<&Problem> = expected.collect();
        let none = Expected::CharterSound;
        assert!(
            matches!(&expected[..], [Problem::BadValue { expected, .. }] if *expected == none),
            "{expected:?}"
        );
    }
}
