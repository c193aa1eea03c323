//! Clips that point at something else: a file of somebody's, or a server.

use super::bytes::{boxed, chunk, edited, element, lengthened, place_of, put};
use super::{Case, Scene, published, unusable};

pub fn cases(scene: &Scene) -> Vec<Case> {
    let (path, url) = (scene.canary.path(), scene.canary.url());
    let playlist = format!(
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXTINF:1,\n{url}\n#EXTINF:1,\n\
         file://{path}\n#EXT-X-ENDLIST\n"
    );
    let not_media =
        |id, name, text: String| Case::of_bytes(id, name, text.into_bytes(), unusable("not-media"));
    let mut cases = vec![
        not_media("hls", "hls.mp4", playlist.clone()),
        not_media(
            "hls-master",
            "hls-master.ts",
            format!("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{url}\n"),
        ),
        not_media(
            "concat",
            "concat.mp4",
            format!("ffconcat version 1.0\nfile '{path}'\n"),
        ),
        not_media(
            "concat-net",
            "concat-net.mkv",
            format!("ffconcat version 1.0\nfile '{url}'\nduration 1\nfile '{path}'\n"),
        ),
        not_media(
            "dash",
            "dash.mp4",
            format!(
                "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\" \
                 mediaPresentationDuration=\"PT1S\"><Period><AdaptationSet mimeType=\"video/mp4\">\
                 <Representation id=\"v\" bandwidth=\"1\"><BaseURL>{url}</BaseURL><SegmentBase/>\
                 </Representation></AdaptationSet></Period></MPD>"
            ),
        ),
        not_media(
            "smil",
            "smil.mov",
            format!("<smil><body><video src=\"{url}\"/><video src=\"{path}\"/></body></smil>"),
        ),
        not_media(
            "sdp",
            "sdp.mp4",
            "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
             m=video 5004 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
                .to_owned(),
        ),
        not_media(
            "asx",
            "asx.wmv",
            format!("<ASX><ENTRY><REF HREF=\"{url}\"/></ENTRY></ASX>"),
        ),
        not_media("filter", "filter.avi", format!("movie={path}[out0]")),
        not_media("script", "script.avi", format!("AviSource(\"{path}\")\n")),
        not_media(
            "vobsub",
            "vobsub.mpg",
            format!(
                "# VobSub index file, v7 (do not modify this line!)\n# {path}\ntimestamp: 00:00:00:000, filepos: 000000000\n"
            ),
        ),
        not_media(
            "imf",
            "imf.mxf",
            format!(
                "<?xml version=\"1.0\"?><CompositionPlaylist xmlns=\"http://www.smpte-ra.org/schemas/2067-3/2016\">\
                 <Id>urn:uuid:0</Id><Path>{path}</Path></CompositionPlaylist>"
            ),
        ),
        not_media(
            "rtsp",
            "rtsp.mov",
            format!("rtsptext\n{}\n", url.replace("http", "rtsp")),
        ),
    ];
    // A reference movie: nothing but the address of another.
    let address = format!("{url}\0");
    let length = u32::try_from(address.len()).expect("short").to_be_bytes();
    let rdrf = [&[0; 4][..], b"url ", &length, address.as_bytes()].concat();
    let reference = boxed(b"rmra", &boxed(b"rmda", &boxed(b"rdrf", &rdrf)));
    let movie = [
        boxed(b"ftyp", b"qt  \0\0\0\0qt  "),
        boxed(b"moov", &reference),
    ]
    .concat();
    cases.push(Case::of_bytes(
        "reference-movie",
        "reference-movie.mov",
        movie,
        unusable("no-picture"),
    ));

    // Pictures and sound that lie in another file.
    let elsewhere = [
        ("alias", alias(&path), unusable("undecodable")),
        // An address on the web is not even read, and the bytes are here.
        ("web-reference", web_reference(&url), published()),
    ];
    for (id, entry, outcome) in elsewhere {
        let table = [&[0; 4][..], &1u32.to_be_bytes(), &entry].concat();
        let film = edited(&scene.film, "moov/trak/mdia/minf/dinf/dref", &|_| {
            table.clone()
        });
        cases.push(Case::of_bytes(id, &format!("{id}.mov"), film, outcome));
    }

    let avi = with_subtitles(&scene.avi, playlist.as_bytes());
    cases.push(Case::of_bytes(
        "hls-in-avi",
        "hls-in-avi.avi",
        avi,
        published(),
    ));

    // A film whose next part is said to be somebody's file.
    let info = [
        element(&[0x3e, 0xb9, 0x23], &[7; 16]),
        element(&[0x3e, 0x83, 0xbb], path.as_bytes()),
        element(&[0x3c, 0x83, 0xab], path.as_bytes()),
        element(&[0x44, 0x44], &[9; 16]),
    ];
    let linked = lengthened(&scene.live_mkv, &[0x15, 0x49, 0xa9, 0x66], &info.concat());
    cases.push(Case::of_bytes(
        "segment-link",
        "segment-link.mkv",
        linked,
        published(),
    ));
    cases.push(Case::of_bytes(
        "attachment",
        "attachment.mkv",
        scene.attached.clone(),
        published(),
    ));

    // A header that names no essence of its own, only where it is to be found.
    let body = place_of(
        &scene.mxf,
        &[
            0x06, 0x0e, 0x2b, 0x34, 0x01, 0x02, 0x01, 0x01, 0x0d, 0x01, 0x03, 0x01,
        ],
    );
    let wide: Vec<u8> = format!("file://{path}")
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    let tag = [
        &[0x40, 0x01][..],
        &u16::try_from(wide.len()).expect("short").to_be_bytes(),
        &wide,
    ]
    .concat();
    let key = [
        0x06, 0x0e, 0x2b, 0x34, 0x02, 0x53, 0x01, 0x01, 0x0d, 0x01, 0x01, 0x01, 0x01, 0x01, 0x32,
        0x00,
    ];
    let size = u32::try_from(tag.len()).expect("short").to_be_bytes();
    let locator = [&key[..], &[0x84], &size, &tag].concat();
    let external = [&scene.mxf[..body], &locator].concat();
    cases.push(Case::of_bytes(
        "external-essence",
        "external-essence.mxf",
        external,
        unusable(""),
    ));
    cases.push(Case::of_bytes(
        "nut",
        "nut.mp4",
        scene.nut.clone(),
        unusable("not-media"),
    ));
    cases
}

/// A Macintosh alias to a path, as QuickTime kept them.
fn alias(path: &str) -> Vec<u8> {
    let mut record = vec![0; 150];
    record = put(record, 4, &150u16.to_be_bytes());
    let name = path.rsplit('/').next().expect("a name").as_bytes();
    record[50] = name.len() as u8;
    record = put(record, 51, name);
    let length = u16::try_from(path.len()).expect("short").to_be_bytes();
    // The path as old systems and as new ones write it, and the end.
    for kind in [2u16, 18] {
        record.extend(kind.to_be_bytes());
        record.extend(length);
        record.extend(path.as_bytes());
        record.extend([0].repeat(path.len() % 2));
    }
    record.extend([0xff, 0xff, 0, 0]);
    boxed(b"alis", &[&[0; 4][..], &record].concat())
}

fn web_reference(url: &str) -> Vec<u8> {
    boxed(b"url ", &[&[0; 4][..], url.as_bytes(), &[0]].concat())
}

/// The same AVI with a track of captions that are a playlist.
fn with_subtitles(avi: &[u8], playlist: &[u8]) -> Vec<u8> {
    let word = |at: usize| u32::from_le_bytes(avi[at..at + 4].try_into().expect("a word")) as usize;
    assert_eq!(&avi[12..16], b"LIST");
    let head_end = 20 + word(16);
    let header = &avi[20..head_end];
    let header = put(header.to_vec(), 4 + 8 + 24, &2u32.to_le_bytes());
    let mut stream = b"txts".to_vec();
    stream.extend([0; 16]);
    for number in [1u32, 25, 0, 10, 0, 0, 0] {
        stream.extend(number.to_le_bytes());
    }
    stream.extend([0; 8]);
    let list = [&b"strl"[..], &chunk(b"strh", &stream), &chunk(b"strf", &[])].concat();
    let header = chunk(b"LIST", &[header, chunk(b"LIST", &list)].concat());
    let size = u32::try_from(playlist.len()).expect("short").to_le_bytes();
    let text = [
        b"GAB2\0",
        &[2, 0][..],
        &2u32.to_le_bytes(),
        &[0, 0],
        &[4, 0],
        &size,
        playlist,
    ];
    let movie = place_of(avi, b"movi");
    let movie_end = movie + word(movie - 4);
    let frames = &avi[movie + 4..movie_end];
    let movie = [b"movi", &chunk(b"01tx", &text.concat())[..], frames].concat();
    chunk(
        b"RIFF",
        &[&b"AVI "[..], &header, &chunk(b"LIST", &movie)].concat(),
    )
}
