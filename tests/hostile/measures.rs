//! Clips that claim to be larger, longer or deeper than anything is.

use super::bytes::{
    Bits, boxed, edited, element, last_place_of, lengthened, place_of, put, section_packet, stored,
    zeros_packed,
};
use super::{Case, Scene, published, unusable};

pub fn cases(scene: &Scene) -> Vec<Case> {
    let film = &scene.film;
    let case = |id: &'static str, bytes: Vec<u8>, outcome| {
        Case::of_bytes(id, &format!("{id}.mp4"), bytes, outcome)
    };
    let table = |path: &str, body: Vec<u8>| edited(film, path, &|_| body.clone());
    let picture =
        |path: &str, at: usize, bytes: &[u8]| edited(film, path, &|body| put(body, at, bytes));
    let stbl = |kind: &str| format!("moov/trak/mdia/minf/stbl/{kind}");
    let mut cases = vec![
        // Pictures beyond all measure, said by one header after the other.
        case("sps-100000", huge_h264(), unusable("")),
        case(
            "png-100000",
            huge_png(&scene.png_mov),
            unusable("undecodable"),
        ),
        Case::of_bytes(
            "mjpeg-65500",
            "mjpeg-65500.avi",
            huge_jpeg(&scene.avi),
            unusable(""),
        ),
        case(
            "stsd-65535",
            edited(film, &stbl("stsd"), &|body| match &body[12..16] {
                b"avc1" => put(body, 40, &[0xff; 4]),
                _ => body,
            }),
            published(),
        ),
        case(
            "tkhd-huge",
            picture(
                "moov/trak/tkhd",
                76,
                &[0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff],
            ),
            published(),
        ),
        // More tracks than anybody films.
        case("tracks-10000", many_tracks(film), unusable("")),
        Case::of_bytes("programs", "programs.ts", many_programs(), unusable("")),
        // Little that unpacks to much.
        // What its edit lists hide cannot be seen from here.
        case("packed-index", packed_index(film, None), unusable("edits")),
        case(
            "packed-index-huge",
            packed_index(film, Some(0xffff_fff0)),
            unusable(""),
        ),
        case("packed-index-bomb", packed_bomb(), unusable("")),
        case("png-bomb", png_bomb(&scene.png_mov), published()),
        // Counts without the entries.
        case(
            "stsz-huge",
            table(
                &stbl("stsz"),
                [[0; 4], 1u32.to_be_bytes(), [0x0f, 0xff, 0xff, 0xff]].concat(),
            ),
            unusable(""),
        ),
        case(
            "stsz-short",
            picture(&stbl("stsz"), 8, &[0x7f, 0xff, 0xff, 0xff]),
            unusable(""),
        ),
        case(
            "stts-huge",
            table(
                &stbl("stts"),
                [
                    [0; 4],
                    1u32.to_be_bytes(),
                    [0xff; 4],
                    [0x7f, 0xff, 0xff, 0xff],
                ]
                .concat(),
            ),
            unusable(""),
        ),
        case(
            "stts-short",
            picture(&stbl("stts"), 4, &[0xff; 4]),
            unusable(""),
        ),
        case(
            "stsc-huge",
            table(
                &stbl("stsc"),
                [
                    [0; 4],
                    1u32.to_be_bytes(),
                    1u32.to_be_bytes(),
                    [0x7f, 0xff, 0xff, 0xff],
                    1u32.to_be_bytes(),
                ]
                .concat(),
            ),
            published(),
        ),
        case("ctts-absurd", ctts(film), published()),
        // Boxes in boxes.
        case("nested", nested(film), unusable("")),
        Case::of_bytes(
            "nested-elements",
            "nested-elements.mkv",
            nested_elements(scene),
            published(),
        ),
        Case::of_bytes(
            "element-huge",
            "element-huge.mkv",
            lengthened(
                &scene.live_mkv,
                &[0x15, 0x49, 0xa9, 0x66],
                &[0xec, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe],
            ),
            published(),
        ),
        Case::of_bytes(
            "clock-absurd",
            "clock-absurd.mkv",
            lengthened(
                &scene.live_mkv,
                &[0x15, 0x49, 0xa9, 0x66],
                &element(
                    &[0x2a, 0xd7, 0xb1],
                    &[0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
                ),
            ),
            unusable(""),
        ),
        // Times that no clock shows.
        case(
            "timescale-0",
            picture("moov/trak/mdia/mdhd", 12, &[0; 4]),
            unusable(""),
        ),
        case(
            "timescale-huge",
            picture("moov/trak/mdia/mdhd", 12, &[0x7f, 0xff, 0xff, 0xff]),
            published(),
        ),
        case("duration-huge", long_movie(film), published()),
        case(
            "edit-huge",
            edit(film, &[(0x7fff_ffff, 0x7fff_fff0)]),
            unusable(""),
        ),
        case("edit-negative", edit(film, &[(10, i32::MIN)]), unusable("")),
        case("edits-10000", edit(film, &[(1, 512); 10_000]), published()),
    ];
    // Fragments that begin at the end of all time; the very last tick counts as
    // the one before the first.
    let day = 12_800 * 86_400;
    let fragments: [(_, u64, _); 4] = [
        ("tfdt-last", u64::MAX, published()),
        ("tfdt-far", i64::MAX as u64, unusable("")),
        ("tfdt-year", 365 * day, unusable("beyond-limits")),
        ("tfdt-two-days", 2 * day, unusable("beyond-limits")),
    ];
    for (id, time, outcome) in fragments {
        let film = edited(&scene.fragments, "moof/traf/tfdt", &|body| {
            put(body, 4, &time.to_be_bytes())
        });
        cases.push(case(id, film, outcome));
    }
    cases
}

fn huge_h264() -> Vec<u8> {
    let sides = 100_000 / 16 - 1;
    let mut set = Bits::default();
    // Baseline, level 1, no ordering of pictures, one reference.
    set.put(0x0042_000a, 24)
        .golomb(0)
        .golomb(0)
        .golomb(2)
        .golomb(1);
    set.put(0, 1)
        .golomb(sides)
        .golomb(sides)
        .put(1, 1)
        .put(1, 1);
    set.put(0, 1).put(0, 1).put(1, 1);
    let mut pictures = Bits::default();
    pictures
        .golomb(0)
        .golomb(0)
        .put(0, 2)
        .golomb(0)
        .golomb(0)
        .golomb(0);
    pictures
        .put(0, 3)
        .golomb(0)
        .golomb(0)
        .golomb(0)
        .put(0, 3)
        .put(1, 1);
    let mut film = Vec::new();
    for _ in 0..12 {
        let units: [(u8, Vec<u8>); 3] = [
            (0x67, set.bytes()),
            (0x68, pictures.bytes()),
            (0x65, vec![0x88; 40]),
        ];
        for (kind, body) in units {
            film.extend([0, 0, 0, 1, kind]);
            film.extend(body);
        }
    }
    film
}

fn huge_png(mov: &[u8]) -> Vec<u8> {
    let sides = [100_000u32.to_be_bytes(), 100_000u32.to_be_bytes()].concat();
    everywhere(mov, b"IHDR", 4, &sides)
}

fn huge_jpeg(avi: &[u8]) -> Vec<u8> {
    everywhere(avi, &[0xff, 0xc0, 0x00, 0x11], 5, &[0xff, 0xdc, 0xff, 0xdc])
}

/// Overwrites what stands so far behind each place of a mark.
fn everywhere(film: &[u8], mark: &[u8], behind: usize, bytes: &[u8]) -> Vec<u8> {
    let marks = memchr::memmem::find_iter(film, mark);
    marks.fold(film.to_vec(), |film, at| put(film, at + behind, bytes))
}

fn many_tracks(film: &[u8]) -> Vec<u8> {
    edited(film, "moov", &|body| {
        let size = |at: usize| {
            u32::from_be_bytes(body[at..at + 4].try_into().expect("four bytes")) as usize
        };
        let track = size(0);
        let track = body[track..track + size(track)].to_vec();
        [body, track.repeat(10_000)].concat()
    })
}

/// Forty programs of two hundred tracks each, and not one picture.
fn many_programs() -> Vec<u8> {
    let programs = 1..=40u16;
    let table: Vec<u8> = programs
        .clone()
        .flat_map(|n| [n.to_be_bytes(), (0xe020 + n).to_be_bytes()].concat())
        .collect();
    let mut film = section_packet(0, 0, 1, &table);
    for n in programs {
        let first = 0x100 + n * 190;
        let mut body = vec![0xff, 0xff, 0xf0, 0];
        for pid in first..first + 190 {
            body.push(0x1b);
            body.extend((0xe000 | pid).to_be_bytes());
            body.extend([0xf0, 0]);
        }
        film.extend(section_packet(0x20 + n, 2, n, &body));
    }
    film.repeat(4)
}

/// The index as QuickTime packed it, with its true length or a claimed one.
fn packed_index(film: &[u8], claimed: Option<u32>) -> Vec<u8> {
    edited(film, "moov", &|body| {
        let index = boxed(b"moov", &body);
        let length = claimed.unwrap_or(u32::try_from(index.len()).expect("short"));
        packed(length, &stored(&index))
    })
}

fn packed(length: u32, zlib: &[u8]) -> Vec<u8> {
    let data = boxed(b"cmvd", &[&length.to_be_bytes(), zlib].concat());
    boxed(b"cmov", &[boxed(b"dcom", b"zlib"), data].concat())
}

fn packed_bomb() -> Vec<u8> {
    let bomb = packed(900_000_000, &zeros_packed(2000));
    [boxed(b"ftyp", b"qt  \0\0\0\0qt  "), boxed(b"moov", &bomb)].concat()
}

/// A small picture behind which two hundred megabytes of zeros are packed.
fn png_bomb(mov: &[u8]) -> Vec<u8> {
    let data = zeros_packed(200);
    let length = u32::try_from(data.len()).expect("short");
    let at = place_of(mov, b"IDAT") - 4;
    let picture = place_of(mov, b"\x89PNG");
    let image = [
        &mov[picture..at],
        &length.to_be_bytes(),
        b"IDAT",
        &data,
        &[0; 4],
        &[0, 0, 0, 0],
        b"IEND",
        &[0; 4],
    ]
    .concat();
    let size = u32::try_from(image.len()).expect("short").to_be_bytes();
    let one = 1u32.to_be_bytes();
    let table = |film: &[u8], kind: &str, words: &[[u8; 4]]| {
        let path = format!("moov/trak/mdia/minf/stbl/{kind}");
        edited(film, &path, &|_| words.concat())
    };
    let film = table(mov, "stsz", &[[0; 4], size, one]);
    let film = table(&film, "stsc", &[[0; 4], one, one, one, one]);
    let film = table(&film, "stts", &[[0; 4], one, one, 512u32.to_be_bytes()]);
    // The picture stands behind the index, which is told where.
    let film = table(&film, "stco", &[[0; 4], one, one]);
    let place = u32::try_from(film.len() + 8).expect("short");
    let film = table(&film, "stco", &[[0; 4], one, place.to_be_bytes()]);
    [film, boxed(b"mdat", &image)].concat()
}

/// Offsets of a picture's time as far back and ahead as the field allows.
fn ctts(film: &[u8]) -> Vec<u8> {
    edited(film, "moov/trak/mdia/minf/stbl", &|body| {
        let one = 1u32.to_be_bytes();
        let offsets = [
            [1, 0, 0, 0],
            2u32.to_be_bytes(),
            one,
            [0x80, 0, 0, 0],
            one,
            [0x7f, 0xff, 0xff, 0xff],
        ];
        [body, boxed(b"ctts", &offsets.concat())].concat()
    })
}

fn nested(film: &[u8]) -> Vec<u8> {
    let mut inner = Vec::new();
    for _ in 0..20_000 {
        inner = boxed(b"moov", &inner);
    }
    edited(film, "moov", &|body| [&inner[..], &body].concat())
}

fn nested_elements(scene: &Scene) -> Vec<u8> {
    let mut inner = element(&[0x45, 0xa3], b"x");
    for _ in 0..5_000 {
        inner = element(&[0x67, 0xc8], &inner);
    }
    let tags = element(&[0x12, 0x54, 0xc3, 0x67], &element(&[0x73, 0x73], &inner));
    let info = last_place_of(&scene.live_mkv, &[0x15, 0x49, 0xa9, 0x66]);
    [&scene.live_mkv[..info], &tags, &scene.live_mkv[info..]].concat()
}

fn long_movie(film: &[u8]) -> Vec<u8> {
    let film = edited(film, "moov/mvhd", &|body| {
        put(body, 16, &[0x7f, 0xff, 0xff, 0xff])
    });
    let film = edited(&film, "moov/trak/tkhd", &|body| {
        put(body, 20, &[0x7f, 0xff, 0xff, 0xff])
    });
    edited(&film, "moov/trak/mdia/mdhd", &|body| {
        put(body, 16, &[0x7f, 0xff, 0xff, 0xff])
    })
}

fn edit(film: &[u8], edits: &[(u32, i32)]) -> Vec<u8> {
    let count = u32::try_from(edits.len()).expect("few").to_be_bytes();
    let mut list = [[0; 4], count].concat();
    for (duration, time) in edits {
        list.extend(duration.to_be_bytes());
        list.extend(time.to_be_bytes());
        list.extend([0, 1, 0, 0]);
    }
    edited(film, "moov/trak/edts/elst", &|_| list.clone())
}
