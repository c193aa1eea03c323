//! Whether pictures are interlaced, and which field is seen first.

use crate::media::decode::VideoDecoder;
use crate::media::error::Flow;
use crate::media::ffi::{self, Coding, CodingReader, StreamParameters};
use crate::media::input;
use crate::values::facts::FieldOrder;
use ffmpeg_next::format::context::Input;
use ffmpeg_next::frame::Video;
use ffmpeg_next::{Packet, Stream};

/// Codecs whose pictures do not say whether they are interlaced: the container
/// has to.
const SILENT: [&str; 6] = ["mjpeg", "huffyuv", "qtrle", "png", "rawvideo", "v210"];

/// Codecs that may go over to fields in the middle of a clip, as when a title
/// was put before it.
const CHANGING: [&str; 2] = ["h264", "mpeg2video"];

/// Pictures that are looked at in one place.
const IN_ONE_PLACE: usize = 8;

/// Where at least one picture in so many is made of fields, the clip was filmed
/// so: a camera codes as frames those in which nothing moves.
const ONE_OF_FIELDS_IN: usize = 20;

/// Pictures of a whole clip that are coded as fields.
#[derive(Clone, Copy, Default)]
pub(super) struct Coded {
    pub(super) in_fields: usize,
    pub(super) top_first: usize,
}

impl Coded {
    /// What a clip of so many pictures was filmed as; `None` where fields are
    /// too few to say it.
    pub(super) fn order(&self, pictures: usize) -> Option<FieldOrder> {
        let filmed_so = self.in_fields > 0 && self.in_fields * ONE_OF_FIELDS_IN >= pictures;
        filmed_so.then_some(if self.top_first * 2 >= self.in_fields {
            FieldOrder::TopFirst
        } else {
            FieldOrder::BottomFirst
        })
    }
}

/// Tells pictures that come as two packets, a field each (PAFF): they may be
/// mixed with whole ones at any place.
pub(super) struct Pairing {
    reader: Option<CodingReader>,
    /// The first field of a picture whose second may follow: whether it is the
    /// top one, and whether it is a key.
    awaiting: Option<(bool, bool)>,
    pub(super) coded: Coded,
}

impl Pairing {
    pub(super) fn of(stream: Option<&Stream>) -> Pairing {
        let h264 = stream.filter(|s| s.parameters().id() == ffmpeg_next::codec::Id::H264);
        Pairing {
            reader: h264.and_then(CodingReader::of),
            awaiting: None,
            coded: Coded::default(),
        }
    }

    /// Whether a packet is the second field of the picture before. All of the
    /// stream's packets have to be shown, in their order in the file.
    pub(super) fn is_second(&mut self, packet: &Packet) -> bool {
        let coding = self.reader.as_mut().and_then(|reader| reader.read(packet));
        let top = match coding {
            Some(Coding::TopField) => true,
            Some(Coding::BottomField) => false,
            Some(Coding::Frame) | None => {
                self.awaiting = None;
                return false;
            }
        };
        // The two have other parities (else a packet holds both), and a key is
        // no picture's second field unless its first is one.
        let key = packet.is_key();
        if self
            .awaiting
            .take()
            .is_some_and(|(first_is_top, first_is_key)| {
                first_is_top != top && (first_is_key || !key)
            })
        {
            return true;
        }
        self.awaiting = Some((top, key));
        self.coded.in_fields += 1;
        self.coded.top_first += usize::from(top);
        false
    }
}

/// What pictures say of themselves.
#[derive(Default)]
pub(super) struct Tally {
    count: usize,
    interlaced: usize,
    top_first: usize,
}

impl Tally {
    pub(super) fn add(&mut self, frame: &Video) {
        self.count += 1;
        if frame.is_interlaced() {
            self.interlaced += 1;
            self.top_first += usize::from(frame.is_top_first());
        }
    }

    /// What most of them are.
    pub(super) fn order(&self) -> FieldOrder {
        if self.interlaced * 2 <= self.count {
            FieldOrder::Progressive
        } else if self.top_first * 2 >= self.interlaced {
            FieldOrder::TopFirst
        } else {
            FieldOrder::BottomFirst
        }
    }

    /// The same, where the first pictures leave it open.
    pub(super) fn settled(
        mut self,
        opened: &mut Input,
        decoder: &mut VideoDecoder,
        parameters: &StreamParameters,
    ) -> FieldOrder {
        let codec = parameters.codec.as_str();
        if self.interlaced == 0 && SILENT.contains(&codec) {
            return parameters.field_order;
        }
        if self.order() == FieldOrder::Progressive && CHANGING.contains(&codec) {
            for third in [1, 2] {
                self.look_at(opened, decoder, third);
            }
        }
        self.order()
    }

    /// Looks at some pictures after so many thirds of the clip. Where it cannot
    /// be sought, or nothing decodes, the first pictures have said it all.
    fn look_at(&mut self, opened: &mut Input, decoder: &mut VideoDecoder, thirds: i64) {
        let length = opened.duration();
        if length <= 0 || input::is_untimed(opened) {
            return;
        }
        let stamp = ffi::start_time(opened).saturating_add(length / 3 * thirds);
        if opened.seek(stamp, ..stamp).is_err() {
            return;
        }
        decoder.restart();
        let mut seen = 0;
        while seen < IN_ONE_PLACE {
            match decoder.next_frame(opened) {
                Ok(Flow::Item(frame)) => {
                    self.add(&frame);
                    seen += 1;
                }
                Ok(Flow::NeedsInput) => {}
                Ok(Flow::Drained) | Err(_) => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::probe::probe;
    use std::fs::File;
    use std::path::Path;
    use std::process::Command;

    fn order(place: &Path, arguments: &str) -> FieldOrder {
        let made = Command::new("ffmpeg")
            .args("-v error -y".split_whitespace())
            .args(arguments.split_whitespace())
            .arg(place)
            .status();
        assert!(made.expect("ffmpeg runs").success(), "{arguments}");
        let facts = probe(File::open(place).expect("there")).expect("a film");
        facts.video.field_order
    }

    #[test]
    fn where_pictures_are_silent_the_container_speaks() {
        let folder = tempfile::tempdir().expect("a folder");
        let source = "-f lavfi -i testsrc2=s=96x64:r=25:d=1 -pix_fmt yuvj422p -c:v mjpeg";
        let place = folder.path().join("clip.mov");
        for (said, found) in [
            ("progressive", FieldOrder::Progressive),
            ("tt", FieldOrder::TopFirst),
            ("bb", FieldOrder::BottomFirst),
        ] {
            let arguments = format!("{source} -field_order {said}");
            assert_eq!(order(&place, &arguments), found, "{said}");
        }
    }

    #[test]
    fn a_progressive_title_does_not_hide_what_follows() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = |name: &str| folder.path().join(name);
        let source = "-f lavfi -i testsrc2=s=96x64:r=25";
        let coding = "-c:v libx264 -preset veryfast -g 12 -bf 0";
        let title = format!("{source}:d=1 {coding}");
        assert_eq!(order(&place("1.ts"), &title), FieldOrder::Progressive);
        let film = format!(
            "{source}:d=7 {coding} -vf setfield=tff -flags +ilme+ildct -output_ts_offset 1"
        );
        assert_eq!(order(&place("2.ts"), &film), FieldOrder::TopFirst);
        let both = ["1.ts", "2.ts"].map(|n| std::fs::read(place(n)).expect("there"));
        std::fs::write(place("both.ts"), both.concat()).expect("written");
        let joined = format!("-i {} -c copy", place("both.ts").display());
        assert_eq!(order(&place("both.mkv"), &joined), FieldOrder::TopFirst);
    }
}
