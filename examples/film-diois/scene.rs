//! The rooms: a wall with its grain, shelves, a window, a plant. Everything
//! that does not move is painted once, then blurred as a lens would.

use crate::brush::{Brush, Ink, flat, linear, radial};
use crate::motion::{even, hash, smooth};
use resvg::tiny_skia::{Pixmap, Transform};

/// Scenes are drawn in units of which a landscape picture has 900 in height;
/// this much is painted beyond each edge, for the camera to drift in.
pub const MARGIN: f32 = 40.0;

#[derive(Clone, Copy)]
pub enum Room {
    Study,
    Lounge,
    Playroom,
}

pub struct Layers {
    pub far: Pixmap,
    /// Drawn with its foot at (`foot.0`, `foot.1`) of the scene, and sways.
    pub plant: Pixmap,
    pub foot: (f32, f32),
}

/// `width` and `height` in pixels of the finished picture, `scale` in pixels
/// per unit; the middle of the picture is the middle of the scene (0, 0).
pub fn paint(
    room: Room,
    width: u32,
    height: u32,
    scale: f32,
    seed: u64,
) -> Result<Layers, &'static str> {
    let margin = MARGIN * scale;
    let full = |n: u32| n + 2 * margin as u32;
    let mut far = Pixmap::new(full(width), full(height)).ok_or("an empty picture")?;
    let middle = (far.width() as f32 / 2.0, far.height() as f32 / 2.0);
    let place = Transform::from_row(scale, 0.0, 0.0, scale, middle.0, middle.1);
    let mut brush = Brush {
        on: &mut far,
        place,
    };
    let (wall, left, right) = match room {
        Room::Study => (Ink(196, 188, 172), -640.0, 470.0),
        Room::Lounge => (Ink(178, 192, 190), 470.0, -520.0),
        Room::Playroom => (Ink(214, 196, 168), 330.0, -330.0),
    };
    brush.rect(
        -1200.0,
        -1200.0,
        2400.0,
        2400.0,
        linear(
            (-900.0, -300.0),
            (900.0, 500.0),
            &[(wall.lit(1.12), 1.0), (wall, 1.0), (wall.lit(0.72), 1.0)],
        ),
    );
    plaster(brush.on, seed);
    match room {
        Room::Study => {
            shelves(&mut brush, left, seed, false);
            window(&mut brush, right, seed);
        }
        Room::Lounge => {
            window(&mut brush, right, seed);
            frames(&mut brush, left, seed);
        }
        Room::Playroom => {
            drawings(&mut brush, right, seed);
            shelves(&mut brush, left, seed, true);
        }
    }
    blur(&mut far, 3.0 * scale);

    let mut plant =
        Pixmap::new((420.0 * scale) as u32, (640.0 * scale) as u32).ok_or("an empty picture")?;
    let place = Transform::from_row(scale, 0.0, 0.0, scale, 210.0 * scale, 600.0 * scale);
    leaves(
        &mut Brush {
            on: &mut plant,
            place,
        },
        seed,
    );
    blur(&mut plant, 2.0 * scale);
    let foot = match room {
        Room::Study => (330.0, 470.0),
        Room::Lounge => (650.0, 480.0),
        Room::Playroom => (-300.0, 560.0),
    };
    Ok(Layers { far, plant, foot })
}

/// The grain of a painted wall: three octaves of noise over the picture.
fn plaster(on: &mut Pixmap, seed: u64) {
    let width = on.width() as usize;
    let data = on.data_mut();
    for (i, pixel) in data.chunks_exact_mut(4).enumerate() {
        let (x, y) = ((i % width) as f32, (i / width) as f32);
        let row = |scale: f32, salt: u64| {
            let line = (y / scale).floor();
            let part = y / scale - line;
            let at = |n: f32| smooth(seed ^ salt ^ hash(seed, n as i64), x / scale);
            at(line) * (1.0 - part) + at(line + 1.0) * part
        };
        let level = 5.0 * row(90.0, 1) + 3.0 * row(17.0, 2) + 3.0 * row(5.0, 3);
        for c in &mut pixel[..3] {
            *c = (f32::from(*c) + level).clamp(0.0, 255.0) as u8;
        }
    }
}

const SPINES: [Ink; 9] = [
    Ink(122, 52, 46),
    Ink(44, 74, 96),
    Ink(186, 142, 74),
    Ink(70, 92, 66),
    Ink(206, 196, 176),
    Ink(92, 66, 90),
    Ink(160, 96, 62),
    Ink(52, 54, 62),
    Ink(120, 142, 150),
];

fn shelves(brush: &mut Brush<'_>, left: f32, seed: u64, toys: bool) {
    let wood = Ink(132, 94, 62);
    let (width, top, step) = (430.0, -620.0, 205.0);
    brush.rect(
        left - 14.0,
        top,
        width + 28.0,
        1400.0,
        flat(wood.lit(0.42), 1.0),
    );
    for row in 0..7i64 {
        let floor = top + step * (row + 1) as f32;
        let mut x = left + 6.0;
        let mut n = row * 100;
        while x < left + width - 34.0 {
            n += 1;
            let pick = hash(seed, n);
            let ink = SPINES[(pick % 9) as usize];
            let wide = 17.0 + 11.0 * even(seed ^ 7, n).abs();
            let tall = 118.0 + 42.0 * even(seed ^ 9, n);
            if toys && pick % 5 < 2 {
                let round = 26.0 + 12.0 * even(seed ^ 3, n).abs();
                let bright = ink.lit(1.25);
                brush.oval(
                    x + round,
                    floor - round,
                    round,
                    round,
                    radial(
                        (x + round * 0.6, floor - round * 1.4),
                        round * 1.7,
                        &[(bright.lit(1.3), 1.0), (bright.lit(0.7), 1.0)],
                    ),
                );
                x += 2.0 * round + 10.0;
                continue;
            }
            if pick.is_multiple_of(11) {
                x += 34.0;
                continue;
            }
            let lean = if pick.is_multiple_of(7) { 9.0 } else { 0.0 };
            brush.polygon(
                &[
                    (x + lean, floor - tall),
                    (x + wide + lean, floor - tall),
                    (x + wide, floor),
                    (x, floor),
                ],
                linear(
                    (x, 0.0),
                    (x + wide, 0.0),
                    &[
                        (ink.lit(0.75), 1.0),
                        (ink.lit(1.12), 1.0),
                        (ink.lit(0.7), 1.0),
                    ],
                ),
            );
            for band in [0.16, 0.22, 0.8] {
                let y = floor - tall * band;
                brush.rect(x + 1.0, y, wide - 2.0, 3.0, flat(Ink(226, 206, 150), 0.55));
            }
            x += wide + 1.5;
        }
        brush.rect(
            left - 14.0,
            floor,
            width + 28.0,
            15.0,
            linear(
                (0.0, floor),
                (0.0, floor + 15.0),
                &[(wood.lit(1.2), 1.0), (wood.lit(0.7), 1.0)],
            ),
        );
        brush.rect(
            left,
            floor + 15.0,
            width,
            42.0,
            linear(
                (0.0, floor + 15.0),
                (0.0, floor + 57.0),
                &[(Ink(10, 8, 6), 0.55), (Ink(10, 8, 6), 0.0)],
            ),
        );
    }
    for x in [left - 16.0, left + width] {
        brush.rect(x, top, 16.0, 1400.0, flat(wood.lit(0.85), 1.0));
    }
}

fn window(brush: &mut Brush<'_>, left: f32, seed: u64) {
    let (top, width, height) = (-470.0, 300.0, 640.0);
    brush.rect(
        left,
        top,
        width,
        height,
        linear(
            (0.0, top),
            (0.0, top + height),
            &[
                (Ink(226, 238, 248), 1.0),
                (Ink(236, 240, 236), 1.0),
                (Ink(176, 196, 168), 1.0),
            ],
        ),
    );
    for n in 0..46 {
        let x = left + width * (0.5 + 0.5 * even(seed ^ 21, n));
        let y = top + height * (0.74 + 0.22 * even(seed ^ 22, n));
        let r = 22.0 + 26.0 * even(seed ^ 23, n).abs();
        let green = Ink(112, 140, 92).mix(Ink(190, 202, 140), even(seed ^ 24, n).abs());
        brush.glow(x, y, 1.5 * r, 1.2 * r, green, 0.8);
    }
    let white = Ink(238, 234, 226);
    for x in [left - 18.0, left + width / 2.0 - 8.0, left + width] {
        brush.rect(
            x,
            top,
            17.0,
            height,
            linear(
                (x, 0.0),
                (x + 17.0, 0.0),
                &[(white, 1.0), (white.lit(0.7), 1.0)],
            ),
        );
    }
    brush.rect(
        left - 18.0,
        top + 240.0,
        width + 36.0,
        12.0,
        flat(white.lit(0.88), 1.0),
    );
    brush.rect(
        left - 34.0,
        top + height,
        width + 68.0,
        22.0,
        flat(white, 1.0),
    );
    for side in [left - 118.0, left + width + 4.0] {
        for fold in 0..9 {
            let x = side + 13.0 * fold as f32;
            let light = 1.0 + 0.1 * even(seed ^ 31, fold);
            let cloth = Ink(226, 216, 198).lit(light.min(1.15));
            brush.rect(
                x,
                top - 60.0,
                13.5,
                height + 150.0,
                linear(
                    (x, 0.0),
                    (x + 13.5, 0.0),
                    &[(cloth.lit(0.8), 1.0), (cloth, 1.0), (cloth.lit(0.76), 1.0)],
                ),
            );
        }
    }
    brush.glow(
        left + 150.0,
        top + 320.0,
        620.0,
        620.0,
        Ink(255, 246, 226),
        0.32,
    );
}

fn frames(brush: &mut Brush<'_>, left: f32, seed: u64) {
    for (n, (x, y, w, h)) in [
        (left - 70.0, -400.0, 210.0, 270.0),
        (left + 170.0, -330.0, 150.0, 190.0),
    ]
    .into_iter()
    .enumerate()
    {
        brush.glow(
            x + w / 2.0 + 12.0,
            y + h / 2.0 + 16.0,
            w * 0.8,
            h * 0.75,
            Ink(0, 0, 0),
            0.3,
        );
        brush.rect(x, y, w, h, flat(Ink(88, 62, 44), 1.0));
        brush.rect(
            x + 12.0,
            y + 12.0,
            w - 24.0,
            h - 24.0,
            flat(Ink(238, 232, 220), 1.0),
        );
        let (px, py, pw, ph) = (x + 36.0, y + 36.0, w - 72.0, h - 72.0);
        brush.rect(
            px,
            py,
            pw,
            ph,
            linear(
                (0.0, py),
                (0.0, py + ph),
                &[(Ink(150, 186, 206), 1.0), (Ink(232, 208, 170), 1.0)],
            ),
        );
        // Mountains, as one sees them from Die.
        for (k, ink) in [Ink(120, 136, 150), Ink(98, 116, 104), Ink(128, 134, 88)]
            .into_iter()
            .enumerate()
        {
            let base = py + ph * (0.45 + 0.17 * k as f32);
            let mut ridge = vec![(px, py + ph), (px, base)];
            for step in 1..12i64 {
                let lift = even(seed ^ (40 + 10 * n as u64 + k as u64), step);
                ridge.push((px + pw * step as f32 / 12.0, base + lift * ph * 0.08));
            }
            ridge.extend([(px + pw, base), (px + pw, py + ph)]);
            brush.polygon(&ridge, flat(ink, 1.0));
        }
    }
    // A lamp that is on.
    let lamp = left + 60.0;
    brush.glow(lamp, 90.0, 330.0, 330.0, Ink(255, 220, 150), 0.55);
    brush.rect(lamp - 5.0, 130.0, 10.0, 500.0, flat(Ink(70, 58, 48), 1.0));
    brush.polygon(
        &[
            (lamp - 52.0, 20.0),
            (lamp + 52.0, 20.0),
            (lamp + 88.0, 140.0),
            (lamp - 88.0, 140.0),
        ],
        linear(
            (0.0, 20.0),
            (0.0, 140.0),
            &[(Ink(246, 216, 160), 1.0), (Ink(255, 240, 206), 1.0)],
        ),
    );
}

/// What children have drawn, pinned to the wall.
fn drawings(brush: &mut Brush<'_>, left: f32, seed: u64) {
    for n in 0..12i64 {
        let x = left + 200.0 * ((n % 3) as f32 - 1.0) + 26.0 * even(seed ^ 51, n);
        let y = -640.0 + 250.0 * (n / 3) as f32 + 24.0 * even(seed ^ 52, n);
        let turn =
            Transform::from_row(1.0, 0.0, 0.0, 1.0, x, y).pre_rotate(5.0 * even(seed ^ 53, n));
        let mut sheet = brush.moved(turn);
        sheet.glow(6.0, 10.0, 104.0, 128.0, Ink(60, 40, 20), 0.35);
        sheet.rect(-76.0, -96.0, 152.0, 192.0, flat(Ink(246, 242, 232), 1.0));
        let bright = |k: u64| SPINES[(hash(seed ^ k, n) % 9) as usize].lit(1.2);
        match n % 3 {
            0 => {
                sheet.oval(30.0, -48.0, 24.0, 24.0, flat(Ink(238, 190, 70), 1.0));
                sheet.polygon(
                    &[(-58.0, 10.0), (-16.0, -30.0), (26.0, 10.0)],
                    flat(bright(1), 1.0),
                );
                sheet.rect(-48.0, 10.0, 64.0, 54.0, flat(bright(2), 0.85));
                sheet.rect(-70.0, 64.0, 140.0, 12.0, flat(Ink(112, 150, 84), 1.0));
            }
            1 => {
                for k in 0..5u64 {
                    let bow = 62.0 - 11.0 * k as f32;
                    let ink = SPINES[k as usize].lit(1.25);
                    sheet.line(
                        &[(-bow, 40.0), (0.0, 40.0 - bow * 1.3), (bow, 40.0)],
                        9.0,
                        ink,
                        1.0,
                    );
                }
            }
            _ => {
                for (k, tall) in [(0u64, 60.0), (1, 74.0), (2, 44.0)] {
                    let x = -44.0 + 44.0 * k as f32;
                    let ink = bright(5 + k);
                    sheet.oval(x, 40.0 - tall, 15.0, 16.0, flat(Ink(236, 196, 160), 1.0));
                    sheet.polygon(
                        &[(x, 50.0 - tall), (x + 20.0, 60.0), (x - 20.0, 60.0)],
                        flat(ink, 1.0),
                    );
                }
            }
        }
        sheet.oval(0.0, -88.0, 6.0, 6.0, flat(Ink(190, 50, 44), 1.0));
    }
}

fn leaves(brush: &mut Brush<'_>, seed: u64) {
    let pot = Ink(176, 102, 72);
    for n in 0..26i64 {
        let lean = even(seed ^ 61, n);
        let tall = 250.0 + 190.0 * even(seed ^ 62, n);
        let green = Ink(58, 96, 56).mix(Ink(132, 160, 84), even(seed ^ 63, n).abs());
        let tip = (lean * 185.0, -120.0 - tall + 90.0 * lean * lean);
        let bend = (lean * 60.0, -120.0 - tall * 0.62);
        brush.line(&[(0.0, -90.0), bend, tip], 4.0, green.lit(0.7), 1.0);
        let (dx, dy) = (tip.0 - bend.0, tip.1 - bend.1);
        let wide = 0.2;
        brush.blob(
            &[
                (bend.0 - dx * 0.1, bend.1 - dy * 0.1),
                (bend.0 + dx * 0.4 - dy * wide, bend.1 + dy * 0.4 + dx * wide),
                (tip.0 + dx * 0.1, tip.1 + dy * 0.1),
                (bend.0 + dx * 0.4 + dy * wide, bend.1 + dy * 0.4 - dx * wide),
            ],
            linear(bend, tip, &[(green.lit(0.8), 1.0), (green.lit(1.18), 1.0)]),
        );
        brush.line(&[bend, tip], 1.6, green.lit(1.35), 0.6);
    }
    brush.polygon(
        &[(-78.0, -110.0), (78.0, -110.0), (58.0, 36.0), (-58.0, 36.0)],
        linear(
            (-78.0, 0.0),
            (78.0, 0.0),
            &[
                (pot.lit(0.7), 1.0),
                (pot.lit(1.15), 1.0),
                (pot.lit(0.6), 1.0),
            ],
        ),
    );
    brush.rect(-86.0, -124.0, 172.0, 24.0, flat(pot.lit(0.9), 1.0));
}

/// Three passes of a box along each axis come close to a lens's blur.
fn blur(on: &mut Pixmap, radius: f32) {
    let radius = radius.round() as usize;
    let (width, height) = (on.width() as usize, on.height() as usize);
    let data = on.data_mut();
    let mut line = Vec::new();
    for _ in 0..3 {
        for y in 0..height {
            slide(data, y * width * 4, 4, width, radius, &mut line);
        }
        for x in 0..width {
            slide(data, x * 4, width * 4, height, radius, &mut line);
        }
    }
}

/// A running mean over one row or column, all four channels.
fn slide(
    data: &mut [u8],
    start: usize,
    step: usize,
    count: usize,
    radius: usize,
    line: &mut Vec<[u8; 4]>,
) {
    line.clear();
    line.extend((0..count).map(|i| {
        let at = start + i * step;
        [data[at], data[at + 1], data[at + 2], data[at + 3]]
    }));
    let span = (2 * radius + 1) as u32;
    let pixel = |i: isize| line[i.clamp(0, count.cast_signed() - 1).cast_unsigned()];
    let mut sum = [0u32; 4];
    let reach = radius.cast_signed();
    for i in -reach..=reach {
        for (s, c) in sum.iter_mut().zip(pixel(i)) {
            *s += u32::from(c);
        }
    }
    for i in 0..count {
        let at = start + i * step;
        let here = i.cast_signed();
        for c in 0..4 {
            data[at + c] = ((sum[c] + span / 2) / span) as u8;
            sum[c] += u32::from(pixel(here + reach + 1)[c]);
            sum[c] -= u32::from(pixel(here - reach)[c]);
        }
    }
}
