//! Any sequence of edits, built after each, comes to the bytes of a build from
//! nothing; and what comes back encodes nothing. `PORTEVOIX_EDITS=SEED:COUNT`
//! tries more than the small slice that always runs.

use super::bench::{Series, differing};
use std::collections::BTreeMap;
use std::fs;

/// Edits in the slice that always runs.
const FEW: usize = 6;

/// Numbers without a pattern, the same for the same seed (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % sides as u64) as usize
    }

    fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }
}

/// All that can be edited; a series is written from it, so that a state is
/// reached by edits or from nothing.
#[derive(Clone, PartialEq, Debug)]
struct State {
    cells: BTreeMap<&'static str, BTreeMap<&'static str, &'static str>>,
    opening: &'static str,
    strap: &'static str,
    style: &'static str,
    ink: &'static str,
    crf: &'static str,
    rung: bool,
    loudness: &'static str,
    captions: Option<&'static str>,
}

const CLIPS: [&str; 3] = ["a", "b", "c"];

impl State {
    fn first() -> State {
        State {
            cells: CLIPS[..2].iter().map(|&id| (id, row())).collect(),
            opening: "1.0",
            strap: "1.0",
            style: "fade",
            ink: "#102030",
            crf: "36",
            rung: false,
            loudness: "-16",
            captions: None,
        }
    }

    fn edit(&mut self, dice: &mut Dice) {
        let ids: Vec<&'static str> = self.cells.keys().copied().collect();
        let id = dice.one_of(&ids);
        let mut set = |column, text| {
            let cells = self.cells.get_mut(id).expect("a row");
            cells.insert(column, text);
        };
        match dice.below(14) {
            0 => set("question", dice.one_of(&["La peur", "Le calme", "La joie"])),
            1 => set("intervenant", dice.one_of(&["Anne Roux", "Zoé", ""])),
            2 => set("début", dice.one_of(&["", "0:00:00:05", "0:00:00:06"])),
            3 => set("fin", dice.one_of(&["", "0:00:01:20"])),
            4 => set("diffusion", dice.one_of(&["public", "privé", ""])),
            5 => set("statut", dice.one_of(&["prêt", "suspendu", "brouillon"])),
            6 => set("description", dice.one_of(&["", "Deux mots"])),
            7 => self.opening = dice.one_of(&["1.0", "1.2"]),
            8 => {
                self.strap = dice.one_of(&["1.0", "1.4"]);
                self.style = dice.one_of(&["fade", "slide", "cut"]);
            }
            9 => self.ink = dice.one_of(&["#102030", "#301020"]),
            10 => self.crf = dice.one_of(&["36", "40"]),
            11 => {
                self.rung = !self.rung;
                self.loudness = dice.one_of(&["-16", "-18"]);
            }
            12 => self.captions = [None, Some("Bonjour"), Some("Bonsoir")][dice.below(3)],
            _ => {
                let id = CLIPS[dice.below(3)];
                if self.cells.len() > 1 && self.cells.remove(id).is_some() {
                    return;
                }
                self.cells.insert(id, row());
            }
        }
    }

    fn write(&self, series: &mut Series) {
        let rung = "[[rung]]\nheight = 144\npreset = \"ultrafast\"\ncrf = 40\nmax_kbps = 200\n";
        let more = if self.rung { rung } else { "" };
        let crf = self.crf;
        series.write(
            "profiles/web.toml",
            &format!(
                "package = \"hls\"\nprogressive = [216]\n[audio]\ncodec = \"aac\"\nkbps = 64\n\
                 [[rung]]\nheight = 216\npreset = \"ultrafast\"\ncrf = {crf}\nmax_kbps = 500\n{more}"
            ),
        );
        let State {
            opening,
            strap,
            style,
            ink,
            ..
        } = self;
        series.write(
            "charter/charter.toml",
            &format!(
                "[palette]\ndusk = \"{ink}\"\n[timing]\nopening = {opening}\nend = 1.0\n\
                 lower-third = {strap}\ntransition = 0.2\ntransition-style = \"{style}\"\n"
            ),
        );
        let former = fs::read_to_string(series.path("series.toml")).expect("readable");
        let kept = former.lines().filter(|l| !l.starts_with("loudness"));
        let kept: Vec<&str> = kept.collect();
        let loudness = format!("{}\nloudness = {}\n", kept.join("\n"), self.loudness);
        series.write("series.toml", &loudness);
        match self.captions {
            Some(text) => series.write(
                "subtitles/a.fr.srt",
                &format!("1\n00:00:00,200 --> 00:00:01,600\n{text}\n"),
            ),
            None => drop(fs::remove_file(series.path("subtitles/a.fr.srt"))),
        }
        for id in CLIPS {
            series.drop_row(id);
            series.clip(&format!("{id}.mp4"), "2");
        }
        for (id, cells) in &self.cells {
            let cells: Vec<(&str, &str)> = cells.iter().map(|(&c, &t)| (c, t)).collect();
            series.row(id, &cells);
        }
    }

    fn build(&self, series: &mut Series) -> u64 {
        self.write(series);
        let gone = CLIPS.iter().filter(|id| !self.cells.contains_key(*id));
        let removed: Vec<&str> = gone.flat_map(|&id| ["--remove", id]).collect();
        let run = series.run(&[vec!["build"], removed].concat());
        let run = run.ends(0);
        run.encoded()
    }
}

fn row() -> BTreeMap<&'static str, &'static str> {
    BTreeMap::from([("question", "La peur"), ("intervenant", "Anne Roux")])
}

#[test]
fn any_sequence_of_edits_comes_to_the_bytes_of_a_cold_build() {
    let asked = std::env::var("PORTEVOIX_EDITS").unwrap_or_default();
    let (seed, count) = match asked.split_once(':') {
        Some((seed, count)) => (
            seed.parse().expect("a seed"),
            count.parse().expect("a count"),
        ),
        None => (1, FEW),
    };
    let mut dice = Dice(seed);
    let mut series = Series::new();
    let mut state = State::first();
    state.build(&mut series);
    let mut told = Vec::new();
    for _ in 0..count {
        let before = state.clone();
        state.edit(&mut dice);
        told.push(format!("{state:?}"));
        state.build(&mut series);
        if dice.below(3) == 0 {
            assert_eq!(before.build(&mut series), 0, "there and back: {told:#?}");
            assert_eq!(state.build(&mut series), 0, "and there again: {told:#?}");
        }
    }
    let mut cold = Series::new();
    state.build(&mut cold);
    let differing = differing(&series.path("dist"), &cold.path("dist"));
    // A tree that was once meant for somebody stays, empty.
    let lasting = differing.iter().filter(|f| {
        cold.path("dist")
            .join(f.split('/').next().unwrap_or(""))
            .exists()
    });
    let lasting: Vec<&String> = lasting.collect();
    assert!(
        lasting.is_empty(),
        "seed {seed}: {lasting:?} after {told:#?}"
    );
}
