//! Brings a decoded picture upright, to square pixels, to the size of every
//! rung, and to 8-bit BT.709 in limited range with chroma to the left.

use crate::media::error::{During, Flow, MediaError};
use crate::media::ffi;
use crate::plan::recipe::SourceReading;
use crate::values::facts::{Colour, FieldOrder};
use crate::values::geometry::{Orientation, Size};
use ffmpeg_next as ffmpeg;
use ffmpeg_next::frame::Video;

/// Bit-exact on every CPU: without `accurate_rnd` and `bitexact`, swscale's
/// bicubic differs between SSE2 and AVX2.
const SWS_FLAGS: &str = "bicubic+accurate_rnd+bitexact+full_chroma_int+full_chroma_inp";

/// Light of a diffuse white in cd/m² (ITU-R BT.2408), against which highlights
/// are rolled off.
const REFERENCE_WHITE: u32 = 203;

/// Peak of an HDR clip that does not say: what HLG and most PQ masters assume.
const DEFAULT_PEAK: u32 = 1000;

/// From the light of a display to the pictures that are published. Whole
/// numbers in between know nothing below black: what lies outside of BT.709
/// becomes the nearest colour inside, before it bleeds into its neighbours'
/// chroma.
const FROM_LIGHT: [&str; 4] = [
    "zscale=t=bt709",
    "format=gbrp16le",
    "zscale=m=bt709:r=limited:chromal=left",
    "format=yuv420p",
];

/// Frames that deinterlacing looks at on either side.
pub const DEINTERLACE_NEIGHBOURS: u64 = 2;

/// One filter graph: a picture in, one picture per size out.
pub struct Scaler {
    graph: ffmpeg::filter::Graph,
    sinks: usize,
    shape: Shape,
}

/// What a graph was built for; a clip may change in the middle.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Shape {
    size: Size,
    format: ffmpeg::format::Pixel,
}

impl Shape {
    fn of(frame: &Video) -> Shape {
        Shape {
            size: Size {
                width: frame.width(),
                height: frame.height(),
            },
            format: frame.format(),
        }
    }
}

/// A frame of the grid at every size asked for, in that order.
pub struct Scaled {
    pub index: u64,
    pub pictures: Vec<Video>,
}

impl Scaler {
    pub fn new(
        first: &Video,
        reading: &SourceReading,
        sizes: &[Size],
    ) -> Result<Scaler, MediaError> {
        let shape = Shape::of(first);
        let mut graph = ffi::filter_graph();
        let find = |name: &str| {
            ffmpeg::filter::find(name)
                .ok_or_else(|| MediaError::new("find a filter", format!("no {name}")))
        };
        let format = ffmpeg::ffi::AVPixelFormat::from(shape.format) as i32;
        let Size { width, height } = shape.size;
        let source = format!(
            "video_size={width}x{height}:pix_fmt={format}:time_base=1/1000000:pixel_aspect=1/1"
        );
        graph
            .add(&find("buffer")?, "in", &source)
            .during("build the scaler")?;
        for n in 0..sizes.len() {
            graph
                .add(&find("buffersink")?, &sink_name(n), "")
                .during("build the scaler")?;
        }
        let chain = chain(shape.format, reading, sizes);
        let mut parser = graph.output("in", 0).during("build the scaler")?;
        for n in 0..sizes.len() {
            parser = parser.input(&sink_name(n), 0).during("build the scaler")?;
        }
        parser.parse(&chain).during("build the scaler")?;
        graph.validate().during("build the scaler")?;
        Ok(Scaler {
            graph,
            sinks: sizes.len(),
            shape,
        })
    }

    /// Whether a frame can go through this graph.
    pub fn fits(&self, frame: &Video) -> bool {
        Shape::of(frame) == self.shape
    }

    /// Puts a picture in; takes out what is ready, which with deinterlacing
    /// comes a frame later.
    pub fn push(&mut self, index: u64, mut frame: Video) -> Result<Vec<Scaled>, MediaError> {
        frame.set_pts(Some(index as i64));
        self.source()?
            .source()
            .add(&frame)
            .during("scale a picture")?;
        self.drain()
    }

    /// No more pictures come.
    pub fn finish(&mut self) -> Result<Vec<Scaled>, MediaError> {
        self.source()?.source().flush().during("scale a picture")?;
        self.drain()
    }

    fn source(&mut self) -> Result<ffmpeg::filter::Context, MediaError> {
        self.graph
            .get("in")
            .ok_or_else(|| MediaError::new("scale a picture", "the graph has no source"))
    }

    fn drain(&mut self) -> Result<Vec<Scaled>, MediaError> {
        let mut ready: Vec<Scaled> = Vec::new();
        for n in 0..self.sinks {
            let mut sink = self
                .graph
                .get(&sink_name(n))
                .ok_or_else(|| MediaError::new("scale a picture", "the graph has no sink"))?;
            let mut position = 0;
            loop {
                let mut picture = Video::empty();
                let answer = sink.sink().frame(&mut picture).map(|()| picture);
                match Flow::from_answer(answer, "scale a picture")? {
                    Flow::Item(picture) if n == 0 => {
                        let index = picture.pts().unwrap_or(0).max(0) as u64;
                        ready.push(Scaled {
                            index,
                            pictures: vec![picture],
                        });
                    }
                    Flow::Item(picture) => {
                        let row = ready.get_mut(position).ok_or_else(|| {
                            MediaError::new("scale a picture", "sizes out of step")
                        })?;
                        row.pictures.push(picture);
                        position += 1;
                    }
                    Flow::NeedsInput | Flow::Drained => break,
                }
            }
        }
        Ok(ready)
    }
}

fn sink_name(n: usize) -> String {
    format!("out{n}")
}

/// The filters, in libavfilter's own notation.
fn chain(format: ffmpeg::format::Pixel, reading: &SourceReading, sizes: &[Size]) -> String {
    let mut filters: Vec<String> = Vec::new();
    if format == ffmpeg::format::Pixel::PAL8 {
        // swscale reads palettes by BT.601, whatever it is told.
        filters.push("format=rgb24".into());
    }
    match reading.field_order {
        FieldOrder::Progressive => {}
        // One frame per frame; every frame, since flags on single frames lie.
        FieldOrder::TopFirst => filters.push(deinterlaced("tff")),
        FieldOrder::BottomFirst => filters.push(deinterlaced("bff")),
    }
    let colour = &reading.colour;
    let hdr = colour.is_hdr();
    let matrix = colour.matrix_or_guess(reading.coded);
    let converted = if hdr {
        filters.extend(tone_mapped(colour));
        true
    } else if let Some(primaries) = wide_primaries(colour) {
        filters.extend(narrowed(primaries, matrix, colour));
        true
    } else {
        false
    };
    let chroma = if converted {
        filters.extend(FROM_LIGHT.map(str::to_owned));
        Chroma::QUARTER
    } else {
        Chroma::of(format)
    };
    let matrix = if converted {
        "bt709"
    } else {
        scale_matrix(matrix)
    };
    let full = !converted && colour.full_range;
    let location = if converted {
        Some("left")
    } else {
        colour.chroma_location.as_deref()
    };
    let in_range = if full { "pc" } else { "tv" };
    let turns = reading.orientation != Orientation::default();
    let positioned = if turns && !chroma.turns() {
        // A quarter turn knows no chroma of half width: it becomes as wide as
        // luma before.
        let from = chroma.positioned(location, Orientation::default());
        let depth = depth(format);
        filters.push(format!(
            "scale=flags={SWS_FLAGS}:in_color_matrix={matrix}:out_color_matrix={matrix}:\
             in_range={in_range}:out_range={in_range}{from},format=yuv444p{depth}"
        ));
        String::new()
    } else {
        chroma.positioned(location, reading.orientation)
    };
    filters.extend(upright(reading.orientation).map(str::to_owned));
    let scales: Vec<String> = sizes
        .iter()
        .map(|s| {
            format!(
                "scale=w={}:h={}:flags={SWS_FLAGS}:in_color_matrix={matrix}:out_color_matrix=bt709:\
                 in_range={in_range}:out_range=tv{positioned}:out_h_chr_pos=0:out_v_chr_pos=128,format=yuv420p,setsar=1",
                s.width, s.height,
            )
        })
        .collect();

    // For the conversions that libavfilter puts in by itself, too.
    let mut text = format!("sws_flags={SWS_FLAGS};[in]");
    for filter in &filters {
        text.push_str(filter);
        text.push(',');
    }
    if let [only] = scales.as_slice() {
        text.push_str(only);
        text.push_str("[out0]");
        return text;
    }
    text.push_str(&format!("split={}", scales.len()));
    for n in 0..scales.len() {
        text.push_str(&format!("[s{n}]"));
    }
    for (n, scale) in scales.iter().enumerate() {
        text.push_str(&format!(";[s{n}]{scale}[out{n}]"));
    }
    text
}

/// The filter counts in half ticks even when it gives one frame for a frame;
/// frames are told apart by their time, so whole ticks are restored.
fn deinterlaced(parity: &str) -> String {
    format!("bwdif=mode=send_frame:parity={parity}:deint=all,settb=1/1000000")
}

/// Mirror first, then quarter turns, as `Orientation` defines them.
fn upright(orientation: Orientation) -> impl Iterator<Item = &'static str> {
    let mirror = orientation.mirrored.then_some("hflip");
    let turn: &[&str] = match orientation.clockwise_quarters {
        1 => &["transpose=clock"],
        2 => &["hflip", "vflip"],
        3 => &["transpose=cclock"],
        _ => &[],
    };
    mirror.into_iter().chain(turn.iter().copied())
}

/// HDR to SDR with fixed numbers: no filter may adapt from frame to frame,
/// since segments are made apart.
fn tone_mapped(colour: &Colour) -> Vec<String> {
    let transfer = colour.transfer.as_deref().unwrap_or("smpte2084");
    let peak = f64::from(
        colour
            .peak_nits
            .unwrap_or(DEFAULT_PEAK)
            .clamp(REFERENCE_WHITE, 10_000),
    );
    let white = f64::from(REFERENCE_WHITE);
    let range = if colour.full_range { "full" } else { "limited" };
    let primaries = colour.primaries.as_deref().unwrap_or("bt2020");
    let matrix = colour.matrix.as_deref().unwrap_or("bt2020nc");
    let location = zscale_location(colour);
    vec![
        named(primaries, transfer, matrix),
        format!(
            "zscale=tin={transfer}:min={}:pin={primaries}:rin={range}:chromalin={location}:t=linear:npl={REFERENCE_WHITE}",
            zscale_matrix(matrix)
        ),
        "format=gbrpf32le".into(),
        "zscale=p=bt709".into(),
        format!(
            "tonemap=tonemap=mobius:param=0.6:desat=0:peak={:.3}",
            peak / white
        ),
    ]
}

/// Writes onto the pictures what they are in, since zscale finds no way from
/// pictures that do not say it themselves, whatever it is told beside.
fn named(primaries: &str, transfer: &str, matrix: &str) -> String {
    format!("setparams=color_primaries={primaries}:color_trc={transfer}:colorspace={matrix}")
}

/// Primaries so far from BT.709 that skin looks pale without conversion. Those
/// of BT.601 are near enough that players pass them on as they are.
fn wide_primaries(colour: &Colour) -> Option<&'static str> {
    match colour.primaries.as_deref() {
        Some("bt2020") => Some("bt2020"),
        Some("smpte431") => Some("smpte431"),
        Some("smpte432") => Some("smpte432"),
        _ => None,
    }
}

/// A wide gamut brought into that of BT.709, in the light of a display.
fn narrowed(primaries: &str, matrix: &str, colour: &Colour) -> Vec<String> {
    let range = if colour.full_range { "full" } else { "limited" };
    let location = zscale_location(colour);
    vec![
        named(primaries, "bt709", matrix),
        format!(
            "zscale=tin=bt709:min={}:pin={primaries}:rin={range}:chromalin={location}:t=linear",
            zscale_matrix(matrix)
        ),
        "format=gbrpf32le".into(),
        "zscale=p=bt709".into(),
    ]
}

/// The zscale filter's name for a matrix, of which it misspells one.
fn zscale_matrix(name: &str) -> &str {
    match name {
        "smpte240m" => "smpte2400m",
        name => name,
    }
}

/// Where chroma lies, to the zscale filter: where nobody says, to the left.
fn zscale_location(colour: &Colour) -> &str {
    match colour.chroma_location.as_deref() {
        Some(place @ ("left" | "center" | "topleft" | "top" | "bottomleft" | "bottom")) => place,
        _ => "left",
    }
}

/// The scale filter's name for a matrix.
fn scale_matrix(name: &str) -> &str {
    match name {
        "bt709" | "gbr" => "bt709",
        "bt2020nc" | "bt2020c" => "bt2020",
        "smpte240m" => "smpte240m",
        "fcc" => "fcc",
        _ => "smpte170m",
    }
}

/// By how much chroma is coarser than luma, in powers of two: across and down.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Chroma {
    across: u8,
    down: u8,
}

impl Chroma {
    const QUARTER: Chroma = Chroma { across: 1, down: 1 };

    fn of(format: ffmpeg::format::Pixel) -> Chroma {
        format
            .descriptor()
            .map_or(Chroma { across: 0, down: 0 }, |d| Chroma {
                across: d.log2_chroma_w(),
                down: d.log2_chroma_h(),
            })
    }

    /// Whether its place can be told of pictures that are turned or mirrored.
    fn turns(self) -> bool {
        self.across == self.down && self.across <= 1
    }

    /// What the scale filter is told of its place. Left to itself it takes chroma
    /// for centred between the pixels that share it, which it seldom is across.
    fn positioned(self, location: Option<&str>, orientation: Orientation) -> String {
        let (h, v) = self.position(location, orientation);
        // The filter counts no further; nobody films with chroma that lies there.
        let told = |name: &str, coarser: u8, at: i32| match coarser {
            0 => String::new(),
            _ => format!(":in_{name}_chr_pos={}", at.min(512)),
        };
        told("h", self.across, h) + &told("v", self.down, v)
    }

    /// Where chroma lies after turning, in 256ths of a luma pixel.
    fn position(self, location: Option<&str>, orientation: Orientation) -> (i32, i32) {
        // Centres of the last of the pixels that share it.
        let mut far = ((256 << self.across) - 256, (256 << self.down) - 256);
        let (right, bottom) = far;
        let (mut h, mut v) = match location {
            Some("center") => (right / 2, bottom / 2),
            Some("topleft") => (0, 0),
            Some("top") => (right / 2, 0),
            Some("bottomleft") => (0, bottom),
            Some("bottom") => (right / 2, bottom),
            _ => (0, bottom / 2),
        };
        if orientation.mirrored {
            h = far.0 - h;
        }
        for _ in 0..orientation.clockwise_quarters {
            // (x, y) of the pixels goes to (far side − y, x).
            (h, v) = (far.1 - v, h);
            far = (far.1, far.0);
        }
        (h, v)
    }
}

/// How names of planar formats of so many bits end.
fn depth(format: ffmpeg::format::Pixel) -> &'static str {
    match ffi::bit_depth(format) {
        ..=8 => "",
        9..=10 => "10le",
        11..=12 => "12le",
        _ => "16le",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turned(mirrored: bool, clockwise_quarters: u8) -> Orientation {
        Orientation {
            mirrored,
            clockwise_quarters,
        }
    }

    #[test]
    fn chroma_turns_with_the_picture() {
        let at =
            |mirrored, quarters| Chroma::QUARTER.position(Some("left"), turned(mirrored, quarters));
        assert_eq!(at(false, 0), (0, 128));
        assert_eq!(at(false, 1), (128, 0));
        assert_eq!(at(false, 2), (256, 128));
        assert_eq!(at(false, 3), (128, 256));
        assert_eq!(at(true, 0), (256, 128));
    }

    #[test]
    fn chroma_has_a_place_only_where_it_is_coarser() {
        let told = |across, down, location| {
            Chroma { across, down }.positioned(location, Orientation::default())
        };
        assert_eq!(told(1, 0, None), ":in_h_chr_pos=0");
        assert_eq!(told(2, 0, Some("left")), ":in_h_chr_pos=0");
        assert_eq!(told(1, 0, Some("center")), ":in_h_chr_pos=128");
        assert_eq!(told(0, 0, Some("left")), "");
        assert_eq!(told(2, 2, None), ":in_h_chr_pos=0:in_v_chr_pos=384");
        assert_eq!(told(1, 1, None), ":in_h_chr_pos=0:in_v_chr_pos=128");
    }
}
