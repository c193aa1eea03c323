//! Caption files as people have them. The real files are third-party ones,
//! read in place where they exist; what is expected of those that come from
//! the web-platform tests is what those tests expect.

mod specification;

use portevoix::captions::{
    Cue, Encoding, Format, KeptRange, parse, retime, webvtt, webvtt_segments,
};
use portevoix::values::captions::CaptionFault;
use portevoix::values::diagnostic::Severity;
use portevoix::values::time::Rational;
use proptest::prelude::*;
use std::path::PathBuf;

/// The folder of real clips and captions, where it exists.
fn media() -> Option<PathBuf> {
    let named = std::env::var_os("PORTEVOIX_MEDIA").map(PathBuf::from);
    let folder =
        named.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/media"));
    if folder.join("files/subs").is_dir() {
        Some(folder)
    } else {
        crate::skipped::skipped("no folder of real media");
        None
    }
}

/// Those that come from the web-platform tests.
const PUBLIC_CASES: [&str; 9] = [
    "bom.vtt",
    "webvtt-rubbish.vtt",
    "no-webvtt.vtt",
    "cues-overlapping.vtt",
    "cues-no-separation.vtt",
    "large-timestamp.vtt",
    "timings-hour-error.vtt",
    "newlines.vtt",
    "nulls.vtt",
];

fn real(name: &str) -> Option<Vec<u8>> {
    let path = media()?.join("files/subs").join(name);
    Some(std::fs::read(path).expect("a file that the list of media names"))
}

/// Cues as (start ms, end ms, text).
fn cues(bytes: &[u8]) -> Vec<(i64, i64, String)> {
    let ms = |t: Rational| (t * Rational::integer(1000)).round();
    let all = parse(bytes).cues.into_iter();
    all.map(|c| (ms(c.start), ms(c.end), c.text)).collect()
}

fn shown(cues: &[(i64, i64, String)]) -> Vec<(i64, i64, &str)> {
    cues.iter().map(|(s, e, t)| (*s, *e, t.as_str())).collect()
}

fn faults(bytes: &[u8]) -> Vec<(usize, CaptionFault)> {
    let all = parse(bytes).findings.into_iter();
    all.map(|f| (f.line, f.fault)).collect()
}

fn losses(bytes: &[u8]) -> usize {
    let all = parse(bytes).findings.into_iter();
    all.filter(|f| f.fault.severity() > Severity::Note).count()
}

/// Count, first start and last end of each real file, in milliseconds.
#[test]
fn real_files_are_read_whole() {
    use Encoding::{Utf8, Utf16Le, Windows1252};
    use Format::{Srt, WebVtt};
    for (name, format, encoding, count, first, last) in [
        (
            "How_I_found_a_Star_Wars_website_made_by_the_CIA.srt",
            Srt,
            Utf8,
            222,
            0,
            532_600,
        ),
        ("bom.vtt", WebVtt, Utf8, 2, 0, 1_200_500),
        ("captions.ar.vtt", WebVtt, Utf8, 77, 15_042, 540_000),
        ("cues-no-separation.vtt", WebVtt, Utf8, 3, 0, 361_200_500),
        ("cues-overlapping.vtt", WebVtt, Utf8, 3, 1000, 5000),
        ("example-in-carriage-return.srt", Srt, Utf8, 3, 0, 14_066),
        ("example-in-non-utf8.srt", Srt, Utf16Le, 6, 99_000, 153_440),
        ("example-in-styled.srt", Srt, Utf8, 10, 17_985, 780_000),
        ("example-in.srt", Srt, Utf8, 6, 99_000, 153_440),
        // To the letter WebVTT refuses two-digit fractions; their meaning is clear.
        ("example-in.vtt", WebVtt, Utf8, 6, 99_000, 153_440),
        ("friday.vtt", WebVtt, Utf8, 5, 0, 6000),
        ("gb2312.srt", Srt, Windows1252, 3, 27_000, 36_570),
        (
            "large-timestamp.vtt",
            WebVtt,
            Utf8,
            1,
            4_444_441_200_000,
            4_444_444_404_000_000,
        ),
        ("missing-sequence-in.srt", Srt, Utf8, 6, 99_000, 153_440),
        ("newlines.vtt", WebVtt, Utf8, 4, 0, 1000),
        ("no-webvtt.vtt", Srt, Utf8, 2, 0, 1_200_500),
        ("nulls.vtt", WebVtt, Utf8, 7, 0, 1000),
        ("s1.srt", Srt, Utf8, 7, 0, 10_000),
        ("s2.vtt", WebVtt, Utf8, 5, 0, 2500),
        ("sintel-es.vtt", WebVtt, Utf8, 14, 0, 119_500),
        ("subtitles.srt", Srt, Utf8, 5, 0, 10_000),
        ("timings-hour-error.vtt", WebVtt, Utf8, 0, 0, 0),
        ("utf16.srt", Srt, Utf16Le, 1, 0, 1000),
        ("vtt_with_html.vtt", WebVtt, Utf8, 1, 0, 10_000),
        (
            "vtt_without_hours_in_timestamp.vtt",
            WebVtt,
            Utf8,
            1,
            0,
            10_000,
        ),
        ("webvtt-rubbish.vtt", WebVtt, Utf8, 2, 0, 1_200_500),
    ] {
        let Some(bytes) = real(name) else { return };
        let parsed = parse(&bytes);
        assert_eq!(
            (parsed.format, parsed.encoding),
            (Some(format), encoding),
            "{name}"
        );
        let cues = cues(&bytes);
        let ends = cues
            .first()
            .zip(cues.last())
            .map_or((0, 0), |(f, l)| (f.0, l.1));
        assert_eq!((cues.len(), ends), (count, (first, last)), "{name}");
    }
}

#[test]
fn real_files_keep_their_words() {
    let Some(styled) = real("example-in-styled.srt") else {
        return;
    };
    let styled = cues(&styled);
    assert_eq!(styled[0].2, "<c.lime><b>[instrumental music]</b></c>");
    assert_eq!(styled[3].2, "<b><u>[dog barking]</u></b>");
    assert_eq!(
        styled[6].2,
        "<i>Test with multi line italics\nTerminated on the next line</i>"
    );
    assert_eq!(styled[7].2, "<i>Unterminated styles</i>");
    assert_eq!(styled[8].2, "Do no fall to the next item");
    assert_eq!(styled[9].2, "<i>x</i>^3 * <i>x</i> = 100");

    let nulls = cues(&real("nulls.vtt").unwrap());
    let texts: Vec<&str> = nulls.iter().map(|c| c.2.as_str()).collect();
    let expected = [
        "text0",
        "text1",
        "\u{FFFD}text\u{FFFD}2",
        "text3",
        "text4",
        "text5",
        "text6",
    ];
    assert_eq!(texts, expected);

    let newlines = cues(&real("newlines.vtt").unwrap());
    let texts: Vec<&str> = newlines.iter().map(|c| c.2.as_str()).collect();
    assert_eq!(texts, ["text0", "text1", "text2", "text3"]);

    // The web-platform test reads "Bear is Coming!!!!!\n2": to the letter the
    // number of the next cue is text. Nobody meant to show it.
    let glued = cues(&real("cues-no-separation.vtt").unwrap());
    let expected = [
        "Bear is Coming!!!!!",
        "I said Bear is coming!!!!",
        "I said Bear is coming now!!!!",
    ];
    assert_eq!(
        glued.iter().map(|c| c.2.as_str()).collect::<Vec<_>>(),
        expected
    );

    let html = cues(&real("vtt_with_html.vtt").unwrap());
    assert_eq!(
        html[0].2,
        "Sur les <i.foreignphrase><lang en>playground</lang></i>, ici à Montpellier"
    );

    let voice = cues(&real("sintel-es.vtt").unwrap());
    assert_eq!(voice[0].2, "<v Test>[Test]</v>");

    let example = parse(&real("example-in.vtt").unwrap());
    assert_eq!(
        example.cues[0].settings, None,
        "its region is not carried over"
    );
    let second = "position:10%,line-left size:35% align:left";
    assert_eq!(example.cues[1].settings.as_deref(), Some(second));
}

/// The web-platform tests, cue by cue: times and words as the specification
/// has them, and the setting that the NULs leave whole.
#[test]
fn the_public_cases_cue_by_cue() {
    let mut read = Vec::new();
    let bear = ["Bear is Coming!!!!!", "I said Bear is coming!!!!"];
    let now = "I said Bear is coming now!!!!";
    let two = [(0, 30_500, bear[0]), (31_000, 1_200_500, bear[1])];
    let all_at_once = |texts: &[&'static str]| -> Vec<(i64, i64, &'static str)> {
        texts.iter().map(|t| (0, 1000, *t)).collect()
    };
    for (name, expected) in [
        ("bom.vtt", two.to_vec()),
        ("webvtt-rubbish.vtt", two.to_vec()),
        // Without the signature it is no WebVTT; as SRT it is clear.
        ("no-webvtt.vtt", two.to_vec()),
        (
            "cues-overlapping.vtt",
            vec![
                (1000, 6000, bear[0]),
                (1500, 5000, bear[1]),
                (2000, 5000, now),
            ],
        ),
        (
            "cues-no-separation.vtt",
            vec![
                (0, 30_500, bear[0]),
                (31_000, 60_500, bear[1]),
                (61_000, 361_200_500, now),
            ],
        ),
        (
            "large-timestamp.vtt",
            vec![(4_444_441_200_000, 4_444_444_404_000_000, "A very long cue.")],
        ),
        ("timings-hour-error.vtt", vec![]),
        (
            "newlines.vtt",
            all_at_once(&["text0", "text1", "text2", "text3"]),
        ),
        (
            "nulls.vtt",
            all_at_once(&[
                "text0",
                "text1",
                "\u{FFFD}text\u{FFFD}2",
                "text3",
                "text4",
                "text5",
                "text6",
            ]),
        ),
    ] {
        let Some(bytes) = real(name) else { return };
        assert_eq!(shown(&cues(&bytes)), expected, "{name}");
        read.push(name);
    }
    assert_eq!(read, PUBLIC_CASES);
    let nulls = parse(&real("nulls.vtt").unwrap()).cues;
    let settings: Vec<Option<&str>> = nulls.iter().map(|c| c.settings.as_deref()).collect();
    assert_eq!(
        settings,
        [None, None, None, None, None, None, Some("align:end")]
    );
}

#[test]
fn what_real_files_lack_is_said() {
    let Some(gb) = real("gb2312.srt") else { return };
    assert!(faults(&gb).contains(&(1, CaptionFault::EncodingDoubtful)));
    for name in ["broken-1-in.vtt", "example-in.ssa"] {
        let parsed = parse(&real(name).unwrap());
        assert_eq!((parsed.cues.len(), parsed.format), (0, None), "{name}");
        assert_eq!(parsed.findings.len(), 1);
        assert_eq!(parsed.findings[0].fault, CaptionFault::NotCaptions);
    }
    // Four cues whose arrow stands in the line, one whose arrow is missing.
    let hours = faults(&real("timings-hour-error.vtt").unwrap());
    let bad = hours
        .iter()
        .filter(|f| matches!(f.1, CaptionFault::BadTiming { .. }));
    assert_eq!(bad.map(|f| f.0).collect::<Vec<_>>(), [5, 9, 13, 21]);
    assert!(
        hours
            .iter()
            .any(|f| matches!(f.1, CaptionFault::TextOutsideCue { .. }))
    );
    for name in [
        "friday.vtt",
        "sintel-es.vtt",
        "captions.ar.vtt",
        "s1.srt",
        "utf16.srt",
    ] {
        assert_eq!(losses(&real(name).unwrap()), 0, "{name}");
    }
}

#[test]
fn a_lone_number_is_the_next_cues_or_somebody_said_it() {
    let cue = |n: u32, from: u32| format!("{n}\n00:00:0{from},000 --> 00:00:0{},000\n", from + 1);
    let (one, two) = (cue(1, 1), cue(2, 3));
    let say = |text: &str| -> Vec<String> {
        let cues = cues(text.as_bytes()).into_iter();
        cues.map(|(_, _, text)| text).collect()
    };
    let said = format!("{one}Combien ?\n\n42\n\n{two}Tant.\n");
    assert_eq!(say(&said), ["Combien ?\n42", "Tant."]);
    assert_eq!(faults(said.as_bytes()), [(5, CaptionFault::BlankLineInCue)]);
    // Its own number, apart from its timing.
    let apart = format!("{one}Un\n\n{}Deux\n", two.replace("2\n0", "2\n\n0"));
    assert_eq!(say(&apart), ["Un", "Deux"]);
    // Of a cue that was deleted; or the last word.
    assert_eq!(say(&format!("{one}Un\n\n2\n")), ["Un"]);
    assert_eq!(say(&format!("{one}Combien ?\n\n42\n")), ["Combien ?\n42"]);
}

#[test]
fn srt_as_people_have_it() {
    let text = "1\r\n00:00:01,000 --> 00:00:02,000\r\nUn\r\n\r\nencore un\r\n\r\n\
                2\r00:00:03.5 --> 00:00:04,500 X1:0\rDeux\r3\r00:00:05,000 -> 00:00:06,000\rTrois\r\r\
                quatre\n00:00:07,000 --> 00:00:06,000\nperdu\n\n\
                5\n00:00:00,100 --> 00:00:00,900\n{\\an8}0 & 1 --> 2\n\n\
                6\n00:00:08,000 --> 00:00:09,000\n\n";
    assert_eq!(
        shown(&cues(text.as_bytes())),
        [
            (100, 900, "0 &amp; 1 --&gt; 2"),
            (1000, 2000, "Un\nencore un"),
            (3500, 4500, "Deux"),
            (5000, 6000, "Trois"),
        ]
    );
    let found = |s: &str| s.to_owned();
    assert_eq!(
        faults(text.as_bytes()),
        [
            (5, CaptionFault::BlankLineInCue),
            (
                8,
                CaptionFault::SettingDropped {
                    setting: found("X1:0")
                }
            ),
            (11, CaptionFault::MissingBlankLine),
            (
                14,
                CaptionFault::TextOutsideCue {
                    text: found("quatre")
                }
            ),
            (
                15,
                CaptionFault::EndBeforeStart {
                    found: found("00:00:07,000 --> 00:00:06,000")
                }
            ),
            (19, CaptionFault::OutOfOrder),
            (
                19,
                CaptionFault::TagDropped {
                    tag: found("{\\}"),
                    count: 1
                }
            ),
            (23, CaptionFault::EmptyCue),
        ]
    );
    let top = parse(text.as_bytes()).cues[0].settings.clone();
    assert_eq!(top.as_deref(), Some("line:0"));
}

#[test]
fn webvtt_blocks_are_told_apart() {
    let text = "\u{FEFF}WEBVTT - titre\nKind: captions\n\nNOTE\nune note --\nde deux lignes\n\n\
                STYLE\n::cue(b) { color: red }\n\nREGION\nid:fred\n\n\
                introduction\n00:01.000 --> 00:02.000 region:fred align:start\n- Oui\n- Non\n\n\
                00:03,000 --> 00:04,000\nvirgule\n\nperdu de vue\n\nNOTE fin\n";
    assert_eq!(
        shown(&cues(text.as_bytes())),
        [(1000, 2000, "- Oui\n- Non"), (3000, 4000, "virgule")]
    );
    let found = |s: &str| s.to_owned();
    assert_eq!(
        faults(text.as_bytes()),
        [
            (
                15,
                CaptionFault::SettingDropped {
                    setting: found("region:fred")
                }
            ),
            (
                19,
                CaptionFault::LooseTime {
                    found: found("00:03,000 --> 00:04,000")
                }
            ),
            (
                22,
                CaptionFault::TextOutsideCue {
                    text: found("perdu de vue")
                }
            ),
        ]
    );
}

#[test]
fn a_number_that_is_said_is_no_cue_number() {
    let text = "00:01.000 --> 00:02.000\n42\n\n00:03.000 --> 00:04.000\nEt\n7\n";
    let vtt = format!("WEBVTT\n\n{text}");
    for bytes in [text, vtt.as_str()] {
        assert_eq!(
            shown(&cues(bytes.as_bytes())),
            [(1000, 2000, "42"), (3000, 4000, "Et\n7")]
        );
    }
}

#[test]
fn nothing_at_all_is_no_caption_file() {
    for bytes in [
        &b""[..],
        b"\n\n",
        b"\xEF\xBB\xBF",
        b"\xFF\xFE",
        b"Bonjour,\nvoici le film.\n",
        b"\x89PNG\r\n",
    ] {
        let parsed = parse(bytes);
        assert_eq!((parsed.format, parsed.cues.len()), (None, 0));
        assert_eq!(faults(bytes), [(1, CaptionFault::NotCaptions)]);
    }
    let empty = parse(b"WEBVTT\n");
    assert_eq!(
        (empty.format, empty.findings.len()),
        (Some(Format::WebVtt), 0)
    );
}

#[test]
fn from_a_file_to_the_capsules_sidecar_and_segments() {
    let srt = "1\n00:00:09,500 --> 00:00:12,000\nPeut-on demander de l\u{2019}aide\u{202F}?\n\n\
               2\n00:00:14,000 --> 00:00:20,000\n<i>Oui</i>\n";
    let ten_to_sixteen = KeptRange {
        start: Rational::integer(10),
        end: Rational::integer(16),
        at: Rational::integer(4),
    };
    let (cues, dropped) = retime(&parse(srt.as_bytes()).cues, &[ten_to_sixteen]);
    assert_eq!(dropped, 0);
    assert_eq!(
        webvtt(&cues),
        "WEBVTT\n\n00:00:04.000 --> 00:00:06.000\nPeut-on demander de l\u{2019}aide\u{202F}?\n\n\
         00:00:08.000 --> 00:00:10.000\n<i>Oui</i>\n"
    );
    let boundaries = [0, 4, 10, 13].map(Rational::integer);
    let segments = webvtt_segments(&cues, &boundaries);
    let header = "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n";
    assert_eq!(segments[0], header);
    assert_eq!(segments[1], webvtt(&cues).replace("WEBVTT\n", header));
    assert_eq!(segments[2], header);
}

/// Lines of the kind that trip readers, in any order.
fn trouble() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        Just("WEBVTT".to_owned()),
        Just("NOTE".to_owned()),
        Just("STYLE".to_owned()),
        Just(String::new()),
        Just("-->".to_owned()),
        Just("12".to_owned()),
        Just("<v Anne>Oui & <i>non</b> {\\an8} &eacute; </v".to_owned()),
        (0i64..90, 0i64..90)
            .prop_map(|(a, b)| format!("00:00:{a:02},5 --> 0:{b:02}.250 line:{a}% align:middle")),
        (0i64..60, 0i64..60).prop_map(|(a, b)| format!("00:00:{a:02}.000 --> 00:00:{b:02}.999")),
        "[<>&{}a-c/.:; \u{e9}-]{0,20}",
    ];
    let ends = prop_oneof![Just("\n"), Just("\r\n"), Just("\r")];
    proptest::collection::vec((line, ends), 0..40)
        .prop_map(|lines| lines.into_iter().map(|(l, e)| l + e).collect())
}

fn assert_clean(parsed: &[Cue]) -> Result<(), TestCaseError> {
    prop_assert!(parsed.windows(2).all(|w| w[0].start <= w[1].start));
    for cue in parsed {
        prop_assert!(cue.start < cue.end && !cue.start.is_negative());
        prop_assert!(!cue.text.contains("-->") && !cue.text.contains('\0'));
        prop_assert!(cue.text.lines().all(|l| !l.trim().is_empty()));
        prop_assert!(!cue.plain_text().trim_matches([' ', '\n']).is_empty());
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        assert_clean(&parse(&bytes).cues)?;
    }

    /// What is written is read back the same, without a finding.
    #[test]
    fn what_is_written_is_clean(text in trouble()) {
        let first = parse(text.as_bytes());
        assert_clean(&first.cues)?;
        let again = parse(webvtt(&first.cues).as_bytes());
        prop_assert_eq!(&again.cues, &first.cues);
        prop_assert_eq!(again.findings, vec![]);
    }
}

/// Reading is linear: with anything worse, these few megabytes would take
/// hours, and the test would never end.
#[test]
fn long_nonsense_is_read_in_one_pass() {
    let head = "1\n00:00:01,000 --> 00:00:02,000\n";
    let long = |s: &str| s.repeat(2_000_000 / s.len());
    for nonsense in [
        long("<"),
        long("<a"),
        format!("{}{}x", long("<b>"), long("</i>")),
        format!("{}x", long("<ruby><rt><v a>")),
        long("{\\an8"),
        long("&"),
        long("&#"),
        long("\n"),
        long("\r"),
        long("x\n\n"),
        long("1\n"),
        long("a:b "),
        long("00:"),
        long("0"),
        long("- "),
        long("-->\n"),
        long("\0"),
        long(head),
        long("x\n00:00:01,000 --> 00:00:02,000\n"),
    ] {
        let srt = parse(format!("{head}{nonsense}").as_bytes());
        assert_eq!(srt.format, Some(Format::Srt));
        let settings = parse(format!("WEBVTT\n\n00:01.000 --> 00:02.000 {nonsense}").as_bytes());
        assert_eq!(settings.format, Some(Format::WebVtt));
    }
}

/// What we write of the real files, as FFmpeg's WebVTT reader sees it.
#[test]
fn another_reader_finds_the_same_cues() {
    let Some(media) = media() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let sidecar = folder.path().join("captions.vtt");
    let mut checked = 0;
    for entry in std::fs::read_dir(media.join("files/subs")).expect("a folder") {
        let path = entry.expect("an entry").path();
        let cues = parse(&std::fs::read(&path).expect("readable")).cues;
        if cues.is_empty() || path.ends_with("large-timestamp.vtt") {
            continue; // FFmpeg stops before a million hours
        }
        std::fs::write(&sidecar, webvtt(&cues)).expect("written");
        let mut ffprobe = std::process::Command::new("ffprobe");
        ffprobe.args(["-v", "error", "-of", "csv=p=0", "-show_entries"]);
        ffprobe.arg("packet=pts_time,duration_time").arg(&sidecar);
        let Ok(output) = ffprobe.output() else {
            crate::skipped::skipped("no ffprobe");
            return;
        };
        let said = String::from_utf8(output.stdout).expect("text");
        // Cue settings are side data, which leave a comma and an empty line.
        let read = said.lines().map(|line| line.trim_end_matches(','));
        let read: Vec<&str> = read.filter(|line| !line.is_empty()).collect();
        let seconds = |t: Rational| format!("{:.6}", t.to_f64());
        let written: Vec<String> = cues
            .iter()
            .map(|c| format!("{},{}", seconds(c.start), seconds(c.end - c.start)))
            .collect();
        assert_eq!(read, written, "{}", path.display());
        checked += 1;
    }
    assert!(checked > 20, "{checked} files");
}

/// Only WebVTT has comments.
#[test]
fn a_note_in_srt_is_a_word_like_others() {
    let srt = "1\n00:00:01,000 --> 00:00:02,000\nAvant\n\nNOTE importante\n";
    let parsed = portevoix::captions::parse(srt.as_bytes());
    let said: Vec<String> = parsed.cues.iter().map(|c| c.plain_text()).collect();
    assert_eq!(said, ["Avant\nNOTE importante"]);
}
