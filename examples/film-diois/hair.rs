//! Hair: what lies behind the neck and what frames the face, with some strands.

use crate::brush::{Brush, flat, linear};
use crate::motion::even;
use crate::person::{Hair, Look, Pose};

pub fn back(brush: &mut Brush<'_>, look: &Look) {
    let dark = look.hair.lit(0.62);
    match look.style {
        Hair::Curls => {
            for n in 0..54i64 {
                let around = n as f32 / 54.0 * std::f32::consts::TAU;
                let far = 1.0 + 0.09 * even(71, n);
                let x = around.cos() * 106.0 * far;
                let y =
                    -18.0 + around.sin() * (if around.sin() > 0.0 { 112.0 } else { 108.0 }) * far;
                let r = 27.0 + 6.0 * even(72, n);
                brush.oval(x, y, r, r, flat(dark.lit(1.0 + 0.06 * even(73, n)), 1.0));
            }
            brush.oval(0.0, -10.0, 108.0, 112.0, flat(dark, 1.0));
        }
        Hair::Bob => brush.blob(
            &[
                (0.0, -134.0),
                (84.0, -98.0),
                (108.0, -10.0),
                (110.0, 92.0),
                (70.0, 128.0),
                (0.0, 120.0),
                (-70.0, 128.0),
                (-110.0, 92.0),
                (-108.0, -10.0),
                (-84.0, -98.0),
            ],
            flat(dark, 1.0),
        ),
        Hair::Short => brush.oval(0.0, -52.0, 88.0, 82.0, flat(dark, 1.0)),
    }
}

pub fn front(brush: &mut Brush<'_>, look: &Look, pose: &Pose) {
    let hair = look.hair;
    let t = pose.turn * 6.0;
    let lit = linear(
        (70.0 * look.light, -130.0),
        (-70.0 * look.light, 20.0),
        &[(hair.lit(1.15), 1.0), (hair, 1.0), (hair.lit(0.7), 1.0)],
    );
    match look.style {
        Hair::Curls => {
            for n in 0..46i64 {
                let around = std::f32::consts::PI * (1.02 + 0.96 * n as f32 / 45.0);
                let x = around.cos() * (84.0 + 12.0 * even(91, n)) + t * 0.5;
                let y = -34.0 + around.sin() * (84.0 + 14.0 * even(92, n));
                let r = 19.0 + 5.0 * even(93, n);
                let light = 0.96 + 0.08 * (x / 90.0) * look.light + 0.05 * even(94, n);
                brush.oval(x, y, r, r, flat(hair.lit(light), 1.0));
                brush.line(
                    &[(x - r * 0.5, y + 2.0), (x, y - r * 0.55), (x + r * 0.5, y)],
                    2.2,
                    hair.lit(1.2),
                    0.45,
                );
            }
            for side in [-1.0, 1.0] {
                for n in 0..9i64 {
                    let y = -28.0 + 15.0 * n as f32;
                    let x = side * (90.0 + 8.0 * even(95, n));
                    let r = 16.0 + 3.0 * even(96, n);
                    brush.oval(
                        x,
                        y,
                        r,
                        r,
                        flat(hair.lit(0.9 + 0.1 * side * look.light), 1.0),
                    );
                }
            }
        }
        Hair::Bob => {
            let parting = -26.0 + t;
            brush.blob(
                &[
                    (0.0, -136.0),
                    (60.0, -122.0),
                    (99.0, -62.0),
                    (106.0, 20.0),
                    (104.0, 92.0),
                    (80.0, 112.0),
                    (78.0, 40.0),
                    (74.0, -36.0),
                    (40.0 + t, -66.0),
                    (parting, -96.0),
                    (-52.0 + t, -62.0),
                    (-76.0, -28.0),
                    (-78.0, 40.0),
                    (-80.0, 112.0),
                    (-104.0, 92.0),
                    (-106.0, 20.0),
                    (-99.0, -62.0),
                    (-60.0, -122.0),
                ],
                lit,
            );
            for n in 0..26i64 {
                let k = n as f32 / 25.0;
                let side = if n % 2 == 0 { 1.0 } else { -1.0 };
                let out = 78.0 + 24.0 * k;
                let ink = hair.lit(if n % 3 == 0 { 1.3 } else { 0.72 });
                brush.line(
                    &[
                        (parting + side * 6.0, -124.0 + 22.0 * k),
                        (side * out * 0.86, -84.0 + 10.0 * k),
                        (side * out, 0.0),
                        (side * (out - 4.0), 96.0 + 8.0 * even(97, n)),
                    ],
                    1.8,
                    ink,
                    0.4,
                );
            }
        }
        Hair::Short => {
            brush.blob(
                &[
                    (0.0, -136.0),
                    (56.0, -122.0),
                    (88.0, -70.0),
                    (88.0, -16.0),
                    (79.0, -22.0),
                    (72.0, -62.0),
                    (40.0 + t, -84.0),
                    (0.0 + t, -86.0),
                    (-40.0 + t, -82.0),
                    (-72.0, -62.0),
                    (-79.0, -22.0),
                    (-88.0, -16.0),
                    (-88.0, -70.0),
                    (-56.0, -122.0),
                ],
                lit,
            );
            for n in 0..130i64 {
                let x = 70.0 * even(98, n);
                let y = -106.0 + 16.0 * even(99, n) + 0.005 * x * x;
                brush.oval(
                    x,
                    y,
                    3.2,
                    2.6,
                    flat(hair.lit(if n % 2 == 0 { 1.18 } else { 0.7 }), 0.5),
                );
            }
        }
    }
}
