//! A drawn person, seen from the waist up, and how they hold themselves at one
//! moment. The origin is the middle of the head, the chin lies at y = 112.

use crate::brush::{Brush, Ink, flat, linear};
use crate::{face, hair};
use resvg::tiny_skia::Transform;

#[derive(Clone, Copy, PartialEq)]
pub enum Hair {
    Curls,
    Bob,
    Short,
}

#[derive(Clone, Copy)]
pub struct Look {
    pub skin: Ink,
    pub hair: Ink,
    pub style: Hair,
    pub beard: bool,
    pub glasses: bool,
    pub lips: Ink,
    pub iris: Ink,
    pub garment: Ink,
    pub shirt: Ink,
    /// Where the light comes from: −1 left, 1 right.
    pub light: f32,
}

/// All of it relative to sitting still with the mouth shut.
#[derive(Clone, Copy, Default)]
pub struct Pose {
    /// 0 … 1.
    pub mouth: f32,
    /// −1 for a round mouth, 1 for a wide one.
    pub wide: f32,
    /// 0 … 1.
    pub blink: f32,
    pub brow: f32,
    /// −1 … 1.
    pub gaze: (f32, f32),
    pub turn: f32,
    pub nod: f32,
    /// Degrees.
    pub tilt: f32,
    /// Units.
    pub sway: (f32, f32),
    pub breath: f32,
    /// How far each hand is raised from the lap, 0 … 1.
    pub hands: (f32, f32),
    /// Degrees that the hands turn by.
    pub wrist: f32,
}

pub fn draw(brush: &mut Brush<'_>, look: &Look, pose: &Pose) {
    let (x, y) = pose.sway;
    let mut body = brush.moved(Transform::from_translate(x * 0.6, y * 0.5));
    let head = Transform::from_translate(x * 0.4 + pose.turn * 5.0, 14.0 + pose.nod * 5.0)
        .pre_rotate_at(pose.tilt, 0.0, 140.0)
        .pre_scale(1.05, 1.05);
    hair::back(&mut body.moved(head), look);
    torso(&mut body, look, pose);
    neck(&mut body, look, pose);
    collar(&mut body, look, pose);
    let mut top = body.moved(head);
    face::skull(&mut top, look, pose);
    face::draw(&mut top, look, pose);
    hair::front(&mut top, look, pose);
    arms(&mut body, look, pose);
}

fn torso(brush: &mut Brush<'_>, look: &Look, pose: &Pose) {
    let up = -5.0 * pose.breath;
    let cloth = look.garment;
    let (lit, dim) = (cloth.lit(1.12), cloth.lit(0.6));
    let edge = 230.0 * look.light;
    let outline = [
        (0.0, 168.0 + up),
        (72.0, 176.0 + up),
        (150.0, 200.0 + up),
        (204.0, 246.0 + up),
        (232.0, 350.0),
        (240.0, 520.0),
        (236.0, 1100.0),
        (-236.0, 1100.0),
        (-240.0, 520.0),
        (-232.0, 350.0),
        (-204.0, 246.0 + up),
        (-150.0, 200.0 + up),
        (-72.0, 176.0 + up),
    ];
    brush.blob(
        &outline,
        linear(
            (edge, 160.0),
            (-edge, 420.0),
            &[(lit, 1.0), (cloth, 1.0), (dim, 1.0)],
        ),
    );
    // The inside of the upper arms, and folds that follow the breath.
    for side in [-1.0, 1.0] {
        brush.line(
            &[
                (148.0 * side, 330.0 + up),
                (156.0 * side, 440.0),
                (150.0 * side, 640.0),
            ],
            9.0,
            dim,
            0.5,
        );
        brush.glow(165.0 * side, 480.0, 34.0, 190.0, dim.lit(0.7), 0.5);
        brush.line(
            &[
                (190.0 * side, 262.0 + up),
                (160.0 * side, 292.0 + up),
                (150.0 * side, 340.0 + up),
            ],
            4.0,
            dim,
            0.5,
        );
        brush.line(
            &[
                (110.0 * side, 380.0 + up),
                (70.0 * side, 420.0 + up * 0.5),
                (62.0 * side, 500.0),
            ],
            5.0,
            dim,
            0.28,
        );
    }
    brush.glow(
        60.0 * look.light,
        330.0 + up,
        150.0,
        130.0,
        lit.lit(1.1),
        0.35,
    );
}

fn neck(brush: &mut Brush<'_>, look: &Look, pose: &Pose) {
    let shade = look.skin.lit(0.72);
    let lean = pose.turn * 3.0 + pose.sway.0 * 0.25;
    let edge = 60.0 * look.light;
    brush.blob(
        &[
            (-46.0 + lean, 50.0),
            (46.0 + lean, 50.0),
            (46.0, 140.0),
            (76.0, 180.0),
            (40.0, 236.0),
            (0.0, 252.0),
            (-40.0, 236.0),
            (-76.0, 180.0),
            (-46.0, 140.0),
        ],
        linear(
            (edge, 0.0),
            (-edge, 0.0),
            &[
                (look.skin.lit(0.94), 1.0),
                (shade, 1.0),
                (shade.lit(0.8), 1.0),
            ],
        ),
    );
    // The head's shadow on the throat.
    brush.glow(
        lean - 10.0 * look.light,
        116.0,
        66.0,
        52.0,
        look.skin.lit(0.32),
        0.62,
    );
    for side in [-1.0, 1.0] {
        brush.line(
            &[
                (8.0 * side, 206.0),
                (34.0 * side, 198.0),
                (58.0 * side, 196.0),
            ],
            5.0,
            look.skin.lit(0.6),
            0.35,
        );
    }
}

fn collar(brush: &mut Brush<'_>, look: &Look, pose: &Pose) {
    let up = -5.0 * pose.breath;
    let shirt = look.shirt;
    for side in [-1.0, 1.0] {
        let lit = if side == look.light { 1.0 } else { 0.82 };
        brush.polygon(
            &[
                (62.0 * side, 150.0 + up),
                (88.0 * side, 178.0 + up),
                (52.0 * side, 258.0 + up),
                (2.0 * side, 300.0 + up),
                (22.0 * side, 236.0 + up),
            ],
            linear(
                (80.0 * side, 160.0),
                (10.0 * side, 290.0),
                &[(shirt.lit(lit), 1.0), (shirt.lit(0.8 * lit), 1.0)],
            ),
        );
        brush.line(
            &[
                (86.0 * side, 180.0 + up),
                (54.0 * side, 258.0 + up),
                (4.0 * side, 300.0 + up),
            ],
            3.0,
            shirt.lit(0.5),
            0.5,
        );
    }
    brush.line(
        &[(0.0, 300.0 + up), (3.0, 420.0), (2.0, 640.0)],
        3.0,
        look.garment.lit(0.5),
        0.6,
    );
    for y in [340.0, 430.0] {
        brush.oval(
            9.0,
            y + up * 0.6,
            6.0,
            6.0,
            flat(look.garment.lit(0.45), 1.0),
        );
        brush.oval(
            8.0,
            y - 1.5 + up * 0.6,
            4.0,
            3.5,
            flat(look.garment.lit(1.3), 0.8),
        );
    }
    // A lavalier: small, and clipped on askew as they always are.
    brush.line(
        &[(-26.0, 322.0 + up), (-44.0, 400.0), (-30.0, 560.0)],
        2.5,
        Ink(20, 20, 22),
        0.8,
    );
    brush.oval(-26.0, 312.0 + up, 7.5, 12.0, flat(Ink(24, 24, 26), 1.0));
    brush.oval(-28.0, 308.0 + up, 3.0, 4.0, flat(Ink(110, 110, 116), 0.8));
}

/// Forearms come up from the lap into the picture, so that hands are seen when
/// they speak.
fn arms(brush: &mut Brush<'_>, look: &Look, pose: &Pose) {
    for (side, lift) in [(-1.0, pose.hands.0), (1.0, pose.hands.1)] {
        let lift = lift.clamp(0.0, 1.0);
        let elbow = (226.0 * side, 540.0);
        let wrist = (
            (72.0 + 62.0 * lift) * side,
            534.0 - 128.0 * lift - 2.0 * pose.breath,
        );
        let (dx, dy) = (wrist.0 - elbow.0, wrist.1 - elbow.1);
        let long = dx.hypot(dy).max(1.0);
        let (nx, ny) = (-dy / long, dx / long);
        let sleeve = look.garment;
        brush.glow(
            wrist.0 - 30.0 * side,
            wrist.1 + 70.0,
            150.0,
            60.0,
            Ink(0, 0, 0),
            0.22,
        );
        brush.blob(
            &[
                (elbow.0 + nx * 46.0, elbow.1 + ny * 46.0),
                (
                    elbow.0 + dx * 0.5 + nx * 40.0,
                    elbow.1 + dy * 0.5 + ny * 40.0,
                ),
                (wrist.0 + nx * 32.0, wrist.1 + ny * 32.0),
                (wrist.0 - nx * 32.0, wrist.1 - ny * 32.0),
                (
                    elbow.0 + dx * 0.5 - nx * 42.0,
                    elbow.1 + dy * 0.5 - ny * 42.0,
                ),
                (elbow.0 - nx * 50.0, elbow.1 - ny * 50.0),
                (elbow.0 - dx * 0.2, elbow.1 - dy * 0.2),
            ],
            linear(
                (wrist.0 + nx * 50.0 * side, wrist.1 + ny * 50.0 * side),
                (wrist.0 - nx * 60.0 * side, wrist.1 - ny * 60.0 * side),
                &[
                    (sleeve.lit(0.62), 1.0),
                    (sleeve.lit(1.04), 1.0),
                    (sleeve.lit(1.14), 1.0),
                ],
            ),
        );
        brush.line(
            &[
                (wrist.0 + nx * 30.0, wrist.1 + ny * 30.0),
                (wrist.0 + dx * 0.03, wrist.1 + dy * 0.03),
                (wrist.0 - nx * 30.0, wrist.1 - ny * 30.0),
            ],
            9.0,
            look.shirt.lit(0.9),
            1.0,
        );
        let angle = dy.atan2(dx).to_degrees() + pose.wrist * side * (0.4 + 0.6 * lift)
            - 16.0 * side * (1.0 - lift);
        let place = Transform::from_translate(wrist.0, wrist.1)
            .pre_rotate(angle)
            .pre_scale(1.0, -side);
        hand(&mut brush.moved(place), look, lift);
    }
}

/// A hand that points along x, its thumb towards −y.
fn hand(brush: &mut Brush<'_>, look: &Look, open: f32) {
    let skin = look.skin.lit(0.97);
    let edge = look.skin.lit(0.52);
    let fingers = [
        (-19.0, 60.0, -10.0),
        (-6.5, 70.0, -3.0),
        (6.5, 66.0, 4.0),
        (18.0, 54.0, 12.0),
    ];
    for outline in [true, false] {
        for (y, long, spread) in fingers {
            let spread = spread * (0.4 + 0.9 * open);
            let curl = 12.0 * (1.0 - open);
            let points = [
                (22.0, y),
                (26.0 + long * 0.5, y + spread * 0.6),
                (18.0 + long - curl, y + spread * 1.5 + curl),
            ];
            if outline {
                brush.line(&points, 18.5, edge, 0.85);
            } else {
                brush.line(&points, 15.0, skin, 1.0);
                brush.line(&points[1..], 7.0, skin.lit(1.1), 0.5);
            }
        }
    }
    brush.blob(
        &[
            (-6.0, -22.0),
            (22.0, -29.0),
            (44.0, -20.0),
            (48.0, 8.0),
            (40.0, 27.0),
            (10.0, 28.0),
            (-6.0, 21.0),
        ],
        linear(
            (0.0, -28.0),
            (0.0, 30.0),
            &[(skin.lit(1.08), 1.0), (skin, 1.0), (skin.lit(0.8), 1.0)],
        ),
    );
    let thumb = [
        (8.0, -20.0),
        (28.0, -38.0 - 6.0 * open),
        (50.0, -42.0 - 10.0 * open),
    ];
    brush.line(&thumb, 19.0, edge, 0.7);
    brush.line(&thumb, 16.0, skin.lit(1.04), 1.0);
    for y in [-12.0, 1.0, 13.0] {
        brush.line(&[(38.0, y), (48.0, y + 1.0)], 1.6, edge, 0.4);
    }
}
