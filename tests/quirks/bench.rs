//! Makes clips with `ffmpeg`, builds a series of them with the real program,
//! and reads what was published.

use super::card::{BROADCAST, Picture, QUADRANTS, Rgb, Samples};
use crate::build::bench::{Run, Series, program};
use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// One rung, quick and good, nothing over the footage: frame n of the film is
/// frame n of the clip.
pub const PLAIN: &str = "package = \"mp4\"\ncards = []\n[audio]\ncodec = \"aac\"\nkbps = 128\n\
    [[rung]]\nheight = 180\npreset = \"veryfast\"\ncrf = 14\nmax_kbps = 6000\n";

/// A ladder of two rungs.
const LADDER: &str = "package = \"hls\"\nprogressive = [288, 144]\ncards = []\n\
    [audio]\ncodec = \"aac\"\nkbps = 64\n\
    [[rung]]\nheight = 288\npreset = \"veryfast\"\ncrf = 20\nmax_kbps = 2000\n\
    [[rung]]\nheight = 144\npreset = \"veryfast\"\ncrf = 20\nmax_kbps = 2000\n";

/// A clip of the test card.
#[derive(Clone, Copy)]
pub struct Clip {
    pub size: (usize, usize),
    pub frames: u64,
    pub rate: &'static str,
    pub samples: Samples,
}

/// Small, below every rung, and cheap.
pub const SMALL: Clip = Clip {
    size: (160, 90),
    frames: 25,
    rate: "25",
    samples: BROADCAST,
};

/// A small clip in an exact 16:9 that interlacing and old codecs accept.
pub const CLIP: Clip = Clip {
    size: (320, 180),
    frames: 8,
    ..SMALL
};

pub const H264: &str = "-c:v libx264 -preset ultrafast -crf 8 -pix_fmt yuv420p \
    -colorspace bt709 -color_primaries bt709 -color_trc bt709";

impl Clip {
    /// Writes the clip; `coding` is what the command line says after the
    /// inputs.
    pub fn write(self, place: &Path, coding: &str) {
        self.write_as(place, coding, &|x, y| (x, y), &[]);
    }

    /// The same with sound: `sound` is a source of libavfilter's.
    pub fn with_sound(self, place: &Path, sound: &str, coding: &str) {
        let also = ["-f", "lavfi", "-i", sound];
        self.write_as(place, coding, &|x, y| (x, y), &also);
    }

    /// The same, with what is seen where, and with other inputs beside.
    pub fn write_as(
        self,
        place: &Path,
        coding: &str,
        seen: &dyn Fn(f64, f64) -> (f64, f64),
        inputs: &[&str],
    ) {
        let size = format!("{}x{}", self.size.0, self.size.1);
        let format = self.samples.pixel_format();
        let raw = [
            "-f", "rawvideo", "-pix_fmt", format, "-s", &size, "-r", self.rate, "-i", "-",
        ];
        let range = if self.samples.full { "pc" } else { "tv" };
        let mut command = Command::new("ffmpeg");
        command
            .args(["-v", "error", "-y", "-color_range", range])
            .args(raw)
            .args(inputs);
        command.args(coding.split_whitespace()).arg(place);
        let mut running = command
            .stdin(Stdio::piped())
            .spawn()
            .expect("ffmpeg starts");
        let mut pipe = running.stdin.take().expect("a pipe");
        for number in 0..self.frames {
            // An encoder that has enough closes the pipe; the film tells.
            if pipe
                .write_all(&self.samples.frame(self.size, number, seen))
                .is_err()
            {
                break;
            }
        }
        drop(pipe);
        let ended = running.wait().expect("ffmpeg ends");
        assert!(ended.success(), "{}: {coding}", place.display());
    }
}

/// A series of many capsules, and what came of them.
pub struct Lot {
    pub series: Series,
    run: Option<Run>,
    wrong: Vec<String>,
}

impl Lot {
    pub fn new() -> Lot {
        let series = Series::new();
        series.write("profiles/web.toml", PLAIN);
        series.write("profiles/ladder.toml", LADDER);
        Lot {
            series,
            run: None,
            wrong: Vec::new(),
        }
    }

    /// A row for a clip, and the place where the clip is to be.
    pub fn clip(&mut self, id: &str, ending: &str) -> PathBuf {
        self.clip_with(id, ending, &[])
    }

    pub fn clip_with(&mut self, id: &str, ending: &str, cells: &[(&str, &str)]) -> PathBuf {
        let mut all = vec![("question", "Que voit-on ?")];
        all.extend(cells);
        self.series.row(id, &all);
        self.series.path("footage").join(format!("{id}.{ending}"))
    }

    pub fn build(&mut self) {
        self.run = Some(self.series.build());
    }

    /// Whether the capsule was published; a failure is noted with its reason.
    pub fn is_built(&mut self, id: &str) -> bool {
        let run = self.run.as_ref().expect("built before");
        let built = run.state(id) == "built";
        if !built {
            let concerns = |e: &&Value| e["capsule"] == id || e["capsule"].is_null();
            let said = run.of_kind("diagnostic").filter(concerns);
            let said: Vec<String> = said.map(Value::to_string).collect();
            let what = format!("{}: {}", run.state(id), said.join(" "));
            self.note(id, what);
        }
        built
    }

    /// Why its clip is not published; nothing when it is.
    pub fn failure(&self, id: &str) -> String {
        let run = self.run.as_ref().expect("built before");
        let all = run.of_kind("diagnostic");
        let unusable = all.filter(|e| e["capsule"] == id && e["id"] == "clip-unusable");
        unusable.map(|e| e["facts"].to_string()).collect()
    }

    /// The oddities of its clip that were told.
    pub fn told(&self, id: &str) -> Vec<String> {
        let run = self.run.as_ref().expect("built before");
        let of_it = run
            .of_kind("diagnostic")
            .filter(|e| e["capsule"] == id && e["id"] == "clip-odd");
        let oddity = |e: &Value| Some(e["facts"]["oddity"]["oddity"].as_str()?.to_owned());
        of_it.filter_map(oddity).collect()
    }

    pub fn place(&self, id: &str, file: &str) -> PathBuf {
        self.series.path("dist/public").join(id).join(file)
    }

    pub fn film(&self, id: &str) -> Film {
        Film::read(&self.place(id, "web.mp4"))
    }

    /// Something that is not as it has to be. All are told together.
    pub fn note(&mut self, id: &str, what: String) {
        self.wrong.push(format!("{id}: {what}"));
    }

    pub fn expect(&mut self, id: &str, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.note(id, what());
        }
    }

    /// A film of the card: its size, its rate, and the frame of the clip that
    /// each of its frames shows, upright and in the book's colours.
    pub fn expect_card(&mut self, id: &str, wanted: &Wanted) {
        if !self.is_built(id) {
            return;
        }
        let film = self.film(id);
        self.expect(id, film.size == wanted.size, || {
            format!("{:?} large", film.size)
        });
        self.expect(id, film.rate == wanted.rate, || {
            format!("{} frames a second", film.rate)
        });
        self.expect(id, film.starts_at_zero && film.is_bt709, || {
            format!("{:?}", film.stream)
        });
        let numbers = film.numbers();
        self.expect(id, numbers == wanted.numbers, || {
            format!("shows {numbers:?}, not {:?}", wanted.numbers)
        });
        let error = film.colour_error(&wanted.quadrants);
        self.expect(id, error <= wanted.tolerance, || {
            let seen = film.picture(film.frames() / 2).quadrants();
            format!("colours are {error:.1} levels off: {seen:.0?}")
        });
    }

    /// Fails when anything was noted.
    pub fn judge(self) {
        assert!(self.wrong.is_empty(), "\n{}", self.wrong.join("\n"));
    }
}

/// What a film of the card has to be.
#[derive(Clone)]
pub struct Wanted {
    pub size: (usize, usize),
    pub rate: String,
    pub numbers: Vec<Option<u64>>,
    pub quadrants: [Rgb; 4],
    /// Levels of 8 bit.
    pub tolerance: f64,
}

impl Wanted {
    /// The clip as it was drawn, frame by frame.
    pub fn all_of(clip: Clip) -> Wanted {
        Wanted {
            size: clip.size,
            rate: if clip.rate.contains('/') {
                clip.rate.to_owned()
            } else {
                format!("{}/1", clip.rate)
            },
            numbers: (0..clip.frames).map(Some).collect(),
            quadrants: QUADRANTS,
            tolerance: 2.0,
        }
    }

    pub fn numbers(self, numbers: impl IntoIterator<Item = u64>) -> Wanted {
        let numbers = numbers.into_iter().map(Some).collect();
        Wanted { numbers, ..self }
    }

    pub fn size(self, width: usize, height: usize) -> Wanted {
        let size = (width, height);
        Wanted { size, ..self }
    }

    pub fn rate(self, rate: &str) -> Wanted {
        Wanted {
            rate: rate.to_owned(),
            ..self
        }
    }
}

/// A published film, decoded.
pub struct Film {
    pub size: (usize, usize),
    pub rate: String,
    pub starts_at_zero: bool,
    pub is_bt709: bool,
    pub stream: Value,
    bytes: Vec<u8>,
}

impl Film {
    pub fn read(place: &Path) -> Film {
        let place = place.display().to_string();
        let asked = ["-v", "error", "-show_streams", "-of", "json", &place];
        let told: Value =
            serde_json::from_str(&program("ffprobe", &asked, Path::new("/"))).expect("JSON");
        let streams = told["streams"].as_array().expect("streams");
        let stream = streams
            .iter()
            .find(|s| s["codec_type"] == "video")
            .expect("a picture");
        let number = |key: &str| stream[key].as_u64().expect("a number") as usize;
        let bytes = output(
            "ffmpeg",
            &[
                "-v",
                "error",
                "-i",
                &place,
                "-map",
                "0:v",
                "-fps_mode",
                "passthrough",
            ],
            &["-f", "rawvideo", "-pix_fmt", "yuv420p", "-"],
        );
        let zero = |s: &Value| s["start_time"].as_str().and_then(|t| t.parse().ok()) == Some(0.0);
        let tagged = |key: &str, value: &str| stream[key] == value;
        Film {
            size: (number("width"), number("height")),
            rate: stream["r_frame_rate"].as_str().expect("a rate").to_owned(),
            starts_at_zero: streams.iter().all(zero),
            is_bt709: tagged("color_space", "bt709")
                && tagged("color_primaries", "bt709")
                && tagged("color_transfer", "bt709")
                && tagged("color_range", "tv")
                && tagged("sample_aspect_ratio", "1:1"),
            stream: stream.clone(),
            bytes,
        }
    }

    pub fn frames(&self) -> usize {
        self.bytes.len() / (self.size.0 * self.size.1 * 3 / 2)
    }

    pub fn picture(&self, frame: usize) -> Picture<'_> {
        let length = self.size.0 * self.size.1 * 3 / 2;
        Picture {
            size: self.size,
            bytes: &self.bytes[frame * length..(frame + 1) * length],
        }
    }

    pub fn numbers(&self) -> Vec<Option<u64>> {
        (0..self.frames())
            .map(|f| self.picture(f).number())
            .collect()
    }

    pub fn colour_error(&self, quadrants: &[Rgb; 4]) -> f64 {
        let errors = (0..self.frames()).map(|f| self.picture(f).colour_error(quadrants));
        errors.fold(0.0, f64::max)
    }
}

/// What a program writes on its standard output.
pub fn output(name: &str, arguments: &[&str], more: &[&str]) -> Vec<u8> {
    let done = Command::new(name)
        .args(arguments)
        .args(more)
        .output()
        .expect("it starts");
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{name} {arguments:?}: {said}");
    done.stdout
}

/// Runs ffmpeg on files in a folder.
pub fn ffmpeg(folder: &Path, line: &str) {
    let mut arguments = vec!["-nostdin", "-v", "error", "-y"];
    arguments.extend(line.split_whitespace());
    program("ffmpeg", &arguments, folder);
}

/// The sound of a published film: left and right at 48 kHz.
pub fn sound_of(place: &Path) -> Vec<[f32; 2]> {
    let place = place.display().to_string();
    let bytes = output(
        "ffmpeg",
        &[
            "-v", "error", "-i", &place, "-map", "0:a", "-ar", "48000", "-ac", "2",
        ],
        &["-f", "f32le", "-"],
    );
    let sample = |s: &[u8]| f32::from_le_bytes([s[0], s[1], s[2], s[3]]);
    bytes
        .chunks_exact(8)
        .map(|s| [sample(&s[..4]), sample(&s[4..])])
        .collect()
}
