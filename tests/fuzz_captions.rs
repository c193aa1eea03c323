//! Damaged caption files by the thousand through everything that reads,
//! checks, moves and writes them: nothing panics, nothing grows, and what is
//! written is read back the same.
//!
//! A short slice runs with the other tests; `bin/fuzz-captions` runs as many as
//! it is asked for.

use crate::fuzz::damage::Dice;
use portevoix::captions::{
    Cue, Height, KeptRange, Rules, Shown, check, offset, parse, retime, shifted, slips, spans,
    standing, webvtt, webvtt_segments,
};
use portevoix::values::captions::{CaptionFault, CaptionFinding};
use portevoix::values::ids::Language;
use portevoix::values::time::{FrameRate, Rational};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// Sound files with something of everything that is read.
const SOUND: [&str; 5] = [
    "1\n00:00:01,000 --> 00:00:02,500\nJe n\u{2019}en peux plus\u{202F}!\n\n\
     2\n00:00:03,000 --> 00:00:05,000\n- Tu dors ?\n- \"Non\"...\n\n",
    "WEBVTT - titre\nKind: captions\n\nNOTE une note\n\nSTYLE\n::cue { color: red }\n\n\
     un\n00:01.000 --> 00:02.000 line:80%,end position:10%,line-left size:35% align:start\n\
     <v.fort Mme Dupont>Oui.</v>\n<v Paul>Non &amp; <i>non</i></v>\n\n\
     00:02.000 --> 100:00:00.000 vertical:rl\n<ruby>字<rt>ji</rt></ruby> <c.yellow>b</c>\n",
    "\u{FEFF}1\r\n01:00:01,5 --> 01:00:02\r\n{\\an8}<font color=\"#00ff00\">[musique]</font>\r\n\
     \r\n2\r\n01:00:03:500 -> 01: 00: 04, 100\r\n&eacute;t&#xe9; <b>fort</i>\r\n\r\n",
    "WEBVTT\n\n00:00.000 --> 00:01.000\nترجمه و تنظيم &lrm;زيرنويس\n\n\
     00:00.500 --> 00:01.500\n<lang en>playground</lang><00:00:00.700>mot\n",
    "99\r00:00:09,000 --> 00:00:08,000\rperdu\r\r100\r00:00:00,000 --> 99:59:59,999\r<i>a\r\rb\r",
];

/// Words that mean something to one reader or another.
const WORDS: [&str; 44] = [
    "-->",
    "->",
    "\u{2013}>",
    "WEBVTT",
    "NOTE ",
    "STYLE",
    "REGION",
    "Region:",
    "\n",
    "\r",
    "\r\n",
    "\n\n",
    "\0",
    "\u{FEFF}",
    "\u{A0}",
    "\u{202F}",
    "\u{2028}",
    "\u{85}",
    "\u{200E}",
    "<",
    ">",
    "&",
    ";",
    "</",
    "<v ",
    "<c.",
    "<rt>",
    "<ruby>",
    "</v>",
    "&#0;",
    "&#x110000;",
    "&amp;",
    "{\\an9}",
    "99999999999999999999",
    "2562047788015:12:55.807",
    "00:00:59,999",
    "00:00:00.000",
    ":60:",
    "line:-1",
    "position:100.000000001%",
    "align:middle",
    "line:0,end size:0%",
    "...",
    "\"",
];

#[derive(Default)]
struct Tally {
    inputs: usize,
    with_cues: usize,
    cues: usize,
    breaches: usize,
    longest: Duration,
}

#[test]
fn a_slice_of_damaged_captions() {
    let tally = run(3000, 1);
    // Damage that nothing survives would prove nothing.
    assert!(tally.with_cues > tally.inputs / 3, "{}", tally.with_cues);
    assert!(tally.breaches > 1000, "{}", tally.breaches);
}

/// `PORTEVOIX_FUZZ_CAPTIONS` and `PORTEVOIX_FUZZ_SEED` say how many, and which.
#[test]
#[ignore = "as long as one likes: bin/fuzz-captions"]
fn as_many_as_asked_for() {
    let number = |name| std::env::var(name).ok().and_then(|n| n.parse().ok());
    let count = number("PORTEVOIX_FUZZ_CAPTIONS").unwrap_or(1_000_000);
    let seed = number("PORTEVOIX_FUZZ_SEED").unwrap_or(1) as u64;
    let begun = Instant::now();
    let tally = run(count, seed);
    println!(
        "{} files, {} with cues; {} cues, {} findings of the editor; {} s, the longest {} ms",
        tally.inputs,
        tally.with_cues,
        tally.cues,
        tally.breaches,
        begun.elapsed().as_secs(),
        tally.longest.as_millis()
    );
}

fn run(count: usize, seed: u64) -> Tally {
    let mut dice = Dice::new(seed);
    let sound: Vec<Vec<u8>> = SOUND.iter().map(|s| s.as_bytes().to_vec()).collect();
    let languages = ["fr", "en", "ar"].map(|l| Language::new(l).expect("a language"));
    let rules = languages.map(|l| Rules::of(&l));
    let mut tally = Tally::default();
    for number in 0..count {
        let input = damaged(&sound, &mut dice);
        let begun = Instant::now();
        if let Err(wrong) = survived(&input, &rules[number % rules.len()], &mut tally) {
            let text = String::from_utf8_lossy(&input);
            panic!("file {number} of seed {seed}: {wrong}\n{input:?}\n{text}");
        }
        tally.longest = tally.longest.max(begun.elapsed());
        tally.inputs += 1;
    }
    tally
}

fn damaged(sound: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = dice.choose(sound).clone();
    for _ in 0..1 + dice.below(8) {
        let at = dice.below(bytes.len() + 1);
        let end = at + dice.below((bytes.len() - at).min(60) + 1);
        match dice.below(9) {
            0 if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
            1 if at < bytes.len() => bytes[at] = *dice.choose(b"0123456789:.,<>&{}/ \t-\n\r"),
            2 => drop(bytes.drain(at..end)),
            3 => {
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again);
            }
            4 => {
                let other = dice.choose(sound);
                let from = dice.below(other.len());
                let to = from + dice.below((other.len() - from).min(200) + 1);
                bytes.splice(at..end, other[from..to].iter().copied());
            }
            5 => drop(bytes.splice(at..end, dice.choose(&WORDS).bytes())),
            6 if dice.below(8) == 0 => bytes.truncate(at),
            7 if dice.below(8) == 0 => {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                bytes = match dice.below(3) {
                    0 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
                    1 => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
                    _ => text.chars().map(|c| c as u8).collect(),
                };
            }
            _ => drop(bytes.splice(at..at, dice.choose(&WORDS).bytes())),
        }
    }
    bytes
}

fn survived(input: &[u8], rules: &Rules, tally: &mut Tally) -> Result<(), String> {
    let truth = |holds: bool, what: &str| holds.then_some(()).ok_or_else(|| what.to_owned());
    let parsed = parse(input);
    tally.with_cues += usize::from(!parsed.cues.is_empty());
    tally.cues += parsed.cues.len();
    let written: usize = parsed.cues.iter().map(|c| c.text.len()).sum();
    truth(written <= 16 * input.len(), "text grew")?;
    truth(
        parsed.findings.len() <= 2 * input.len() + 2,
        "findings grew",
    )?;
    truth(
        parsed.lines.len() == parsed.cues.len(),
        "a cue without its line",
    )?;
    let lines: BTreeSet<usize> = parsed.lines.iter().copied().collect();
    truth(
        lines.len() == parsed.cues.len() && lines.iter().all(|l| (1..=input.len()).contains(l)),
        "two cues on one line, or outside the file",
    )?;
    let french = Language::new("fr").expect("a language");
    let in_order = parsed.cues.windows(2).all(|w| w[0].start <= w[1].start);
    truth(in_order, "out of order")?;
    for cue in &parsed.cues {
        truth(
            cue.start < cue.end && !cue.start.is_negative(),
            "impossible times",
        )?;
        truth(!cue.text.contains("-->"), "an arrow in a text")?;
        truth(
            cue.text.lines().all(|l| !l.trim().is_empty()),
            "a blank line",
        )?;
        // As it is drawn: every word once, with a place that can be reckoned with.
        let drawn: String = spans(&cue.text, &french, cue.text.len() % 2 == 0)
            .into_iter()
            .map(|span| span.text)
            .collect();
        let aids = cue.text.contains("<rt");
        truth(aids || drawn == cue.plain_text(), "other words when drawn")?;
        let place = standing(cue.settings.as_deref());
        let share = match place.line {
            Some(Height::Share(share, _)) => Some(share),
            _ => None,
        };
        let shares = [share, place.position, place.size];
        truth(
            shares.into_iter().flatten().all(|share| share <= 10_000),
            "a place outside the picture",
        )?;
    }
    // As it is published: the same words in the same colours, read back the same.
    let arabic = Language::new("ar").expect("a language");
    for (language, sdh) in [(&french, true), (&arabic, false)] {
        let dress = |cue: &Cue| cue.clone().dressed(language, sdh);
        let dressed: Vec<Cue> = parsed.cues.iter().map(dress).collect();
        let twice: Vec<Cue> = dressed.iter().map(dress).collect();
        truth(twice == dressed, "dressed twice it is another")?;
        let back = parse(webvtt(&dressed).as_bytes()).cues;
        truth(back == dressed, "other cues when read back dressed")?;
        let bare = |text: String| text.replace(['\u{2066}', '\u{2069}'], "");
        for (cue, dressed) in parsed.cues.iter().zip(&dressed) {
            let same = bare(cue.plain_text()) == bare(dressed.plain_text());
            truth(same, "other words when dressed")?;
        }
    }
    let again = parse(webvtt(&parsed.cues).as_bytes());
    truth(again.cues == parsed.cues, "other cues when read back")?;
    // A character that was lost stays lost, and is said.
    let lost = |f: &CaptionFinding| matches!(f.fault, CaptionFault::CharactersReplaced { .. });
    truth(again.findings.iter().all(lost), "findings in what we wrote")?;

    let by = offset(&parsed.cues, Rational::integer(8), None);
    let cues = shifted(&parsed.cues, by);
    let range = |start, end, at| KeptRange {
        start: Rational::milliseconds(start),
        end: Rational::milliseconds(end),
        at: Rational::milliseconds(at),
    };
    let kept = [range(500, 2200, 4000), range(3000, 8000, 5700)];
    let mut shown: Vec<Shown> = Vec::new();
    for (line, cue) in parsed.lines.iter().zip(&cues) {
        let (parts, _) = retime(std::slice::from_ref(cue), &kept);
        shown.extend(parts.into_iter().map(|part| Shown {
            cue: part,
            line: *line,
            start: cue.start + by,
            end: cue.end + by,
        }));
    }
    shown.sort_by_key(|s| s.cue.start);
    let rate = FrameRate::new(30_000, 1001).expect("positive");
    let end = Rational::milliseconds(10_700);
    tally.breaches += check(&shown, rules, rate, end).len();
    let texts: Vec<String> = shown.iter().map(|s| s.cue.plain_text()).collect();
    slips(texts.iter().map(|t| (1, t.as_str())), rules);

    // Every segment of a stream is a file of its own, with the same cues.
    let (moved, _) = retime(&cues, &kept);
    let boundaries = [0, 4, 6, 11].map(Rational::integer);
    for (at, segment) in webvtt_segments(&moved, &boundaries).iter().enumerate() {
        let read = parse(segment.as_bytes()).cues;
        let touching = moved
            .iter()
            .filter(|c| c.start < boundaries[at + 1] && c.end > boundaries[at]);
        truth(read.len() == touching.count(), "another segment")?;
    }
    Ok(())
}
