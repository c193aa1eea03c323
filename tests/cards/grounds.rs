//! Grounds fill frames of every shape and let a background through, however a
//! drawing program writes them.

use super::{drawn, laid_out, pixel, request, titled};
use portevoix::cards::{CardProblem, CardRequest};
use portevoix::values::geometry::Size;

const TITLE: &str = "<rect id='text:title' x='100' y='100' width='440' height='160'/>";

/// The ground of a drawing of 640×360 as a plain rectangle, as a path, moved
/// with its group, turned, in millimetres of a layer, as a polygon.
const WRITTEN: [&str; 7] = [
    "<rect width='640' height='360' fill='#ff0000'/>",
    "<path d='M 0,0 H 640 V 360 H 0 Z' fill='#ff0000'/>",
    "<path style='fill:#ff0000' d='m 640,360 h -640 v -360 h 640 z'/>",
    "<g transform='translate(-20,30)'><rect x='20' y='-30' width='640' height='360' fill='#ff0000'/></g>",
    "<g transform='scale(2)'><g transform='translate(160,90)'>\
     <path d='M-160-90h320v180h-320z' fill='#ff0000'/></g></g>",
    "<rect width='360' height='640' transform='translate(640) rotate(90)' fill='#ff0000'/>",
    "<polygon points='0,0 640,0 640,360 0,360' fill='#ff0000'/>",
];

fn corners(request: &CardRequest) -> Vec<[u8; 4]> {
    let Size { width, height } = request.size;
    let raster = drawn(request);
    let places = [
        (0, 0),
        (width - 1, 0),
        (0, height - 1),
        (width - 1, height - 1),
    ];
    places.map(|(x, y)| pixel(&raster, x, y)).into()
}

#[test]
fn a_ground_fills_frames_of_other_shapes_however_it_is_written() {
    for ground in WRITTEN {
        let mut request = titled(&format!("{ground}{TITLE}"), "Oui");
        for (width, height) in [(640, 360), (480, 360), (640, 270), (240, 426)] {
            request.size = Size { width, height };
            assert_eq!(corners(&request), [[255, 0, 0, 255]; 4], "{ground} {width}");
        }
    }
    // Neither a turned one nor a disc is a ground, nor what covers a part.
    for other in [
        "<rect x='-400' y='-400' width='1400' height='1400' transform='rotate(10)' fill='#ff0000'/>",
        "<rect width='640' height='180' fill='#ff0000'/>",
    ] {
        let request = titled(&format!("{other}{TITLE}"), "Oui");
        let mut tall = request.clone();
        tall.size = Size {
            width: 480,
            height: 480,
        };
        let at = |request: &CardRequest, x, y| pixel(&drawn(request), x, y);
        assert_eq!(at(&request, 320, 10), [255, 0, 0, 255], "{other}");
        let seen = if other.contains("rotate") { 255 } else { 0 };
        assert_eq!(at(&tall, 240, 2)[3], seen, "{other}");
    }
}

/// What cuts the whole drawing to its view box does not cut the frame.
#[test]
fn a_clip_in_a_moved_group_grows_with_the_frame() {
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 640 360'>\
        <defs><clipPath id='c'><path d='M10 0h640v360H10z'/></clipPath></defs>\
        <g transform='translate(-10)' clip-path='url(#c)'>\
        <rect x='10' width='640' height='360' fill='#ff0000'/></g>\
        <rect id='text:title' x='100' y='100' width='440' height='160'/></svg>";
    let mut request = request(svg);
    request.size = Size {
        width: 480,
        height: 360,
    };
    assert_eq!(corners(&request), [[255, 0, 0, 255]; 4]);
}

#[test]
fn a_background_is_seen_through_any_ground_and_through_two() {
    let mark = "<rect x='10' y='10' width='50' height='50' fill='#0000ff'/>";
    let veiled = |grounds: &str| {
        let mut request = titled(&format!("{grounds}{mark}{TITLE}"), "Oui");
        request.veil = Some(60);
        request
    };
    let clip = "<clipPath id='c'><rect width='640' height='360'/></clipPath>";
    let page = "<rect width='640' height='360' fill='#ffffff'/>";
    let others = [
        format!("{page}{}", WRITTEN[1]),
        format!("{clip}<g clip-path='url(#c)'>{}</g>", WRITTEN[0]),
    ];
    for grounds in WRITTEN
        .iter()
        .copied()
        .chain(others.iter().map(String::as_str))
    {
        let request = veiled(grounds);
        let raster = drawn(&request);
        assert_eq!(pixel(&raster, 600, 300), [153, 0, 0, 153], "{grounds}");
        assert_eq!(pixel(&raster, 30, 30), [0, 0, 255, 255], "{grounds}");
        let hidden = CardProblem::BackgroundHidden;
        assert!(!laid_out(&request).remarks.contains(&hidden), "{grounds}");
    }
    // A tint over the ground stays.
    let tint = "<rect width='640' height='360' fill='#000000' fill-opacity='0.5'/>";
    let raster = drawn(&veiled(&format!("{}{tint}", WRITTEN[0])));
    let [red, .., alpha] = pixel(&raster, 600, 300);
    assert!(
        red.abs_diff(76) <= 1 && alpha.abs_diff(204) <= 1,
        "{red} {alpha}"
    );
}

#[test]
fn a_background_that_the_drawing_hides_is_told() {
    let disc = "<circle cx='320' cy='180' r='500' fill='#ffffff'/>";
    let mut request = titled(&format!("{disc}{TITLE}"), "Oui");
    let hidden = |request: &CardRequest| {
        let remarks = laid_out(request).remarks;
        remarks.contains(&CardProblem::BackgroundHidden)
    };
    assert!(!hidden(&request));
    request.veil = Some(60);
    assert!(hidden(&request));
    // Who asks for none of it to be seen has what they asked for.
    request.veil = Some(100);
    assert!(!hidden(&request));
}
