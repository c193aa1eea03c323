//! Cards as they come out of a decoder: gradients and edges. What they cost is
//! measured by `bench/cards`.

use crate::media::decoded_card;
use portevoix::values::geometry::Size;

const FRAME: Size = Size {
    width: 640,
    height: 360,
};
const PIXELS: usize = 640 * 360;

fn drawing(content: &str) -> String {
    format!(
        "<svg xmlns='http://www.w3.org/2000/svg' width='640' height='360' viewBox='0 0 640 360'>\
         {content}</svg>"
    )
}

/// From one dark blue to another, ten levels apart over 360 lines: bands of 36
/// lines if nothing were done.
#[test]
fn a_gradient_comes_out_without_bands() {
    let svg = drawing(
        "<linearGradient id='g' x2='0' y2='1'><stop stop-color='#0c1c30'/>\
         <stop offset='1' stop-color='#16263a'/></linearGradient>\
         <rect width='640' height='360' fill='url(#g)'/>",
    );
    let planes = decoded_card(&svg, FRAME);
    let lines: Vec<f64> = planes[..PIXELS]
        .chunks(640)
        .map(|line| line.iter().map(|&level| f64::from(level)).sum::<f64>() / 640.0)
        .collect();
    let luma = |rgb: [f64; 3]| {
        16.0 + 219.0 * (0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]) / 255.0
    };
    let from = luma([12.0, 28.0, 48.0]);
    let to = luma([22.0, 38.0, 58.0]);
    let errors = lines
        .iter()
        .enumerate()
        .skip(16)
        .take(328)
        .map(|(y, found)| {
            let wanted = from + (to - from) * (y as f64 + 0.5) / 360.0;
            (found - wanted).abs()
        });
    let errors: Vec<f64> = errors.collect();
    let mean = errors.iter().sum::<f64>() / errors.len() as f64;
    let worst = errors.iter().copied().fold(0.0, f64::max);
    // Bands would be 0.25 off on average and 0.5 at worst.
    assert!(mean < 0.14 && worst < 0.4, "{mean} {worst}");
}

/// Neutral letters lend no colour to what is around them.
#[test]
fn black_on_white_has_no_coloured_fringe() {
    let bars: String = (0..40)
        .map(|n| {
            format!(
                "<rect x='{}' y='{}' width='3' height='300'/>",
                20 + n * 15,
                n
            )
        })
        .collect();
    let svg = drawing(&format!(
        "<rect width='640' height='360' fill='#fff'/>{bars}"
    ));
    let planes = decoded_card(&svg, FRAME);
    let off = planes[PIXELS..].iter().map(|&c| c.abs_diff(128)).max();
    assert!(off <= Some(1), "{off:?}");
}

/// At an edge between two colours chroma changes where luma does (sited left),
/// and has no third colour on the way.
#[test]
fn colours_meet_where_they_are_drawn() {
    for edge in [300usize, 301] {
        let svg = drawing(&format!(
            "<rect width='640' height='360' fill='#d8401f'/>\
             <rect x='{edge}' width='340' height='360' fill='#1f6bd8'/>"
        ));
        let planes = decoded_card(&svg, FRAME);
        let (quarter, middle) = (PIXELS / 4, 90 * 320);
        for plane in [PIXELS, PIXELS + quarter] {
            // The mean of twenty lines, from the middle of the picture.
            let row: Vec<f64> = (0..320)
                .map(|x| {
                    let column = (0..20).map(|y| f64::from(planes[plane + middle + y * 320 + x]));
                    column.sum::<f64>() / 20.0
                })
                .collect();
            let (left, right) = (row[40], row[280]);
            let share: Vec<f64> = row.iter().map(|c| (c - left) / (right - left)).collect();
            assert!(
                share.iter().all(|s| (-0.1..1.1).contains(s)),
                "a third colour"
            );
            // Near the edge, where rounding of the flat parts does not add up.
            let near = edge / 2 - 8..edge / 2 + 8;
            // Weights 1 2 1 around each even column.
            let wanted = near.clone().map(|k| {
                let column = |x: i64, weight: f64| {
                    if x >= edge as i64 { weight } else { 0.0 }
                };
                let x = 2 * k as i64;
                column(x - 1, 0.25) + column(x, 0.5) + column(x + 1, 0.25)
            });
            let apart = share[near].iter().sum::<f64>() - wanted.sum::<f64>();
            assert!(apart.abs() < 0.12, "{edge}: {apart}");
        }
    }
}
