//! A drawn person, seen from the waist up, and how they hold themselves at one
//! moment. The origin is the middle of the head, the chin lies at y = 112.

use crate::brush::{Brush, Ink, flat, linear, radial};
use crate::motion::even;
use resvg::tiny_skia::{Shader, Transform};

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
    back_hair(&mut body.moved(head), look);
    torso(&mut body, look, pose);
    neck(&mut body, look, pose);
    collar(&mut body, look, pose);
    let mut top = body.moved(head);
    skull(&mut top, look, pose);
    face(&mut top, look, pose);
    front_hair(&mut top, look, pose);
    arms(&mut body, look, pose);
}

fn back_hair(brush: &mut Brush<'_>, look: &Look) {
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

/// The skin of the face, lit from one side; the lids are painted with the same
/// shader in the same place, so that no seam shows.
fn complexion(look: &Look) -> Shader<'static> {
    let skin = look.skin;
    radial(
        (34.0 * look.light, -34.0),
        175.0,
        &[
            (skin.lit(1.14), 1.0),
            (skin.lit(1.03), 1.0),
            (skin.lit(0.9), 1.0),
            (skin.lit(0.66), 1.0),
        ],
    )
}

fn skull(brush: &mut Brush<'_>, look: &Look, pose: &Pose) {
    let turn = pose.turn * 4.0;
    for side in [-1.0, 1.0] {
        if look.style == Hair::Short {
            let x = 82.0 * side - turn;
            brush.oval(x, 2.0, 15.0, 26.0, flat(look.skin.lit(0.86), 1.0));
            brush.oval(
                x + 3.0 * side,
                2.0,
                8.0,
                17.0,
                flat(look.skin.lit(0.62), 0.7),
            );
        }
    }
    let chin = 112.0 + 8.0 * pose.mouth;
    brush.blob(
        &[
            (0.0, -118.0),
            (52.0, -104.0),
            (81.0, -54.0),
            (82.0, 6.0),
            (70.0, 60.0 + 2.0 * pose.mouth),
            (40.0, chin - 14.0),
            (0.0, chin),
            (-40.0, chin - 14.0),
            (-70.0, 60.0 + 2.0 * pose.mouth),
            (-82.0, 6.0),
            (-81.0, -54.0),
            (-52.0, -104.0),
        ],
        complexion(look),
    );
}

fn face(brush: &mut Brush<'_>, look: &Look, pose: &Pose) {
    let turn = pose.turn * 9.0;
    let drop = pose.nod * 4.0;
    for side in [-1.0, 1.0] {
        let eye = Transform::from_translate(34.0 * side + turn, -10.0 + drop);
        let squeeze = 1.0 - 0.10 * (pose.turn * side).max(0.0);
        eye_at(brush, look, pose, eye.pre_scale(squeeze, 1.0));
    }
    let shade = look.skin.lit(0.55);
    let blush = look.skin.mix(Ink(206, 84, 72), 0.5);
    for side in [-1.0, 1.0] {
        brush.glow(
            46.0 * side + turn * 0.8,
            32.0 + drop,
            34.0,
            26.0,
            blush,
            0.30,
        );
        brush.glow(34.0 * side + turn, -30.0 + drop, 30.0, 15.0, shade, 0.28);
        // From the nose to the corners of the mouth.
        brush.line(
            &[
                (21.0 * side + turn, 34.0 + drop),
                (36.0 * side + turn * 0.9, 50.0 + drop),
                (41.0 * side + turn * 0.8, 66.0 + drop + 4.0 * pose.mouth),
            ],
            3.0,
            shade,
            0.26,
        );
    }
    brush.glow(
        -52.0 * look.light,
        30.0,
        46.0,
        92.0,
        look.skin.lit(0.4),
        0.30,
    );
    brow(brush, look, pose, turn, drop);
    nose(brush, look, turn, drop);
    if look.beard {
        beard(brush, look, pose, turn);
    }
    mouth(brush, look, pose, turn * 0.9, 66.0 + drop);
    if look.glasses {
        glasses(brush, turn, drop);
    }
}

fn eye_at(brush: &mut Brush<'_>, look: &Look, pose: &Pose, place: Transform) {
    // Skin is shaded in the head's units, so the lids keep the head's place and
    // carry the eye's offset in their points.
    let (x, y) = (place.tx, place.ty);
    let at = |points: &[(f32, f32)]| -> Vec<(f32, f32)> {
        points
            .iter()
            .map(|(px, py)| (x + px * place.sx, y + py))
            .collect()
    };
    let upper = -8.0 + 13.0 * pose.blink - 1.5 * pose.brow;
    let mid = |k: f32| upper + (4.0 - upper) * k;
    brush.oval(x, y, 19.5, 12.0, flat(Ink(236, 232, 226), 1.0));
    let (gx, gy) = (x + pose.gaze.0 * 4.0, y - 1.0 + pose.gaze.1 * 2.5);
    brush.oval(
        gx,
        gy,
        9.4,
        9.4,
        radial(
            (gx, gy + 2.0),
            9.4,
            &[
                (look.iris.lit(1.3), 1.0),
                (look.iris, 1.0),
                (look.iris.lit(0.5), 1.0),
            ],
        ),
    );
    brush.oval(gx, gy, 4.3, 4.3, flat(Ink(14, 12, 12), 1.0));
    brush.oval(
        gx + 3.2 * look.light,
        gy - 3.4,
        2.3,
        2.3,
        flat(Ink(255, 255, 255), 0.92),
    );
    brush.glow(x, y - 8.0, 20.0, 8.0, Ink(40, 24, 18), 0.5);
    let lid = at(&[
        (-27.0, 2.0),
        (-19.5, 3.0),
        (-11.0, mid(0.22)),
        (0.0, upper),
        (11.0, mid(0.22)),
        (19.5, 3.0),
        (27.0, 2.0),
        (20.0, -17.0),
        (0.0, -22.0),
        (-20.0, -17.0),
    ]);
    brush.blob(&lid, complexion(look));
    let below = at(&[
        (-27.0, 4.0),
        (-19.5, 3.0),
        (-10.0, 7.4),
        (0.0, 8.6),
        (10.0, 7.4),
        (19.5, 3.0),
        (27.0, 4.0),
        (18.0, 18.0),
        (0.0, 20.0),
        (-18.0, 18.0),
    ]);
    brush.blob(&below, complexion(look));
    brush.line(&lid[1..6], 3.4, Ink(34, 22, 18), 0.92);
    brush.line(&below[2..5], 1.4, look.skin.lit(0.45), 0.6);
    let crease = at(&[
        (-18.0, -6.5),
        (-2.0, -15.0 + 3.0 * pose.blink),
        (18.0, -6.5),
    ]);
    brush.line(&crease, 2.0, look.skin.lit(0.5), 0.5);
    let bag = at(&[(-14.0, 14.0), (0.0, 17.5), (14.0, 14.0)]);
    brush.line(&bag, 2.2, look.skin.lit(0.6), 0.25);
}

fn brow(brush: &mut Brush<'_>, look: &Look, pose: &Pose, turn: f32, drop: f32) {
    let ink = look.hair.lit(0.72);
    let lift = -38.0 + drop - 7.0 * pose.brow;
    for side in [-1.0, 1.0] {
        let thick = if look.beard { 8.5 } else { 6.0 };
        let points = [
            (13.0 * side + turn, lift + 3.0 + 3.0 * pose.brow),
            (34.0 * side + turn, lift - 5.0),
            (56.0 * side + turn * 0.9, lift + 5.0),
        ];
        brush.line(&points, thick, ink, 0.85);
        brush.line(&points[..2], thick + 2.0, ink, 0.4);
    }
}

fn nose(brush: &mut Brush<'_>, look: &Look, turn: f32, drop: f32) {
    let shade = look.skin.lit(0.5);
    let tip = 1.25 * turn;
    let away = -look.light;
    brush.glow(tip + 7.0 * away, 12.0 + drop, 11.0, 38.0, shade, 0.34);
    brush.glow(
        tip - 3.0 * away,
        24.0 + drop,
        10.0,
        12.0,
        look.skin.lit(1.4),
        0.5,
    );
    brush.line(
        &[
            (tip + 14.0 * away, 22.0 + drop),
            (tip + 18.0 * away, 31.0 + drop),
            (tip + 9.0 * away, 36.0 + drop),
            (tip, 38.5 + drop),
            (tip - 9.0 * away, 36.0 + drop),
        ],
        3.2,
        shade,
        0.62,
    );
    for side in [-1.0, 1.0] {
        brush.oval(
            tip + 7.5 * side,
            35.0 + drop,
            4.2,
            2.4,
            flat(look.skin.lit(0.28), 0.6),
        );
    }
}

fn beard(brush: &mut Brush<'_>, look: &Look, pose: &Pose, turn: f32) {
    let chin = 116.0 + 8.0 * pose.mouth;
    let ink = look.hair;
    let shader = linear(
        (0.0, 10.0),
        (0.0, 110.0),
        &[(ink, 0.12), (ink, 0.7), (ink.lit(0.8), 0.86)],
    );
    let t = turn * 0.6;
    brush.blob(
        &[
            (-82.0, 4.0),
            (-72.0, 60.0),
            (-42.0, chin - 12.0),
            (0.0, chin),
            (42.0, chin - 12.0),
            (72.0, 60.0),
            (82.0, 4.0),
            (64.0, 40.0),
            (40.0 + t, 48.0),
            (0.0 + t, 46.0),
            (-40.0 + t, 48.0),
            (-64.0, 40.0),
        ],
        shader,
    );
    for n in 0..90i64 {
        let x = 66.0 * even(81, n);
        let y = 84.0 + 20.0 * even(82, n) - 0.004 * x * x;
        let y = y + 8.0 * pose.mouth;
        brush.line(&[(x, y), (x * 1.01, y + 7.0)], 1.3, ink.lit(0.6), 0.5);
    }
}

fn mouth(brush: &mut Brush<'_>, look: &Look, pose: &Pose, x: f32, y: f32) {
    let open = pose.mouth;
    let half = 31.0 + 5.0 * pose.wide - 4.0 * open;
    let (up, down) = (3.0 + 4.0 * open, 3.0 + 19.0 * open);
    let smile = 6.0 * (1.0 - open);
    let lip = look.lips;
    // Upper lip with its bow, then the lower, fuller one.
    brush.blob(
        &[
            (x - half - 2.0, y - smile),
            (x - half * 0.5, y - up - 5.5),
            (x - 6.0, y - up - 8.5),
            (x, y - up - 6.5),
            (x + 6.0, y - up - 8.5),
            (x + half * 0.5, y - up - 5.5),
            (x + half + 2.0, y - smile),
            (x + half * 0.5, y + down + 6.0),
            (x, y + down + 11.0),
            (x - half * 0.5, y + down + 6.0),
        ],
        linear(
            (0.0, y - up - 8.0),
            (0.0, y + down + 11.0),
            &[(lip.lit(0.82), 1.0), (lip, 1.0), (lip.lit(1.1), 1.0)],
        ),
    );
    let inside = [
        (x - half + 3.0, y - smile * 0.8),
        (x - half * 0.5, y - up + 1.0),
        (x, y - up + 2.0),
        (x + half * 0.5, y - up + 1.0),
        (x + half - 3.0, y - smile * 0.8),
        (x + half * 0.52, y + down - 2.5),
        (x, y + down),
        (x - half * 0.52, y + down - 2.5),
    ];
    if open > 0.06 {
        brush.blob(&inside, flat(Ink(62, 18, 20), 1.0));
        if open > 0.3 {
            brush.oval(
                x,
                y + down - 5.0 * open,
                half * 0.5,
                6.0 * open,
                flat(Ink(176, 84, 84), 0.95),
            );
        }
        // Teeth hang from the upper lip and are never wider than the opening.
        let bite = (7.5 * open + 1.5).min(7.0);
        let row = [
            inside[1],
            inside[2],
            inside[3],
            (x + half * 0.42, y - up + 1.0 + bite),
            (x, y - up + 2.5 + bite),
            (x - half * 0.42, y - up + 1.0 + bite),
        ];
        if open > 0.14 {
            brush.blob(&row, flat(Ink(238, 232, 222), 0.96));
        }
    } else {
        brush.line(
            &[
                inside[0],
                (x - half * 0.4, y + 1.0),
                (x, y),
                (x + half * 0.4, y + 1.0),
                inside[4],
            ],
            2.6,
            Ink(84, 34, 32),
            0.85,
        );
    }
    brush.glow(x, y + down + 17.0, 22.0, 8.0, look.skin.lit(0.5), 0.4);
    brush.glow(
        x + 5.0 * look.light,
        y + down + 4.5,
        12.0,
        4.0,
        lip.lit(1.5),
        0.5,
    );
}

fn glasses(brush: &mut Brush<'_>, turn: f32, drop: f32) {
    let frame = Ink(58, 40, 46);
    for side in [-1.0, 1.0] {
        let (x, y) = (36.0 * side + turn * 1.1, -7.0 + drop);
        let ring: Vec<(f32, f32)> = [
            (-27.0, -17.0),
            (0.0, -21.0),
            (27.0, -17.0),
            (28.0, 4.0),
            (17.0, 21.0),
            (-17.0, 21.0),
            (-28.0, 4.0),
            (-27.0, -17.0),
        ]
        .iter()
        .map(|(dx, dy)| (x + dx, y + dy))
        .collect();
        brush.blob(&ring, flat(Ink(255, 255, 255), 0.07));
        brush.line(&ring, 4.2, frame, 1.0);
        brush.line(
            &[(x - 14.0, y + 8.0), (x - 2.0, y - 12.0)],
            4.0,
            Ink(255, 255, 255),
            0.22,
        );
        brush.line(
            &[(x + 27.0 * side, y - 12.0), (84.0 * side, y - 14.0)],
            4.2,
            frame,
            1.0,
        );
    }
    let y = -12.0 + drop;
    let x = turn * 1.1;
    brush.line(&[(x - 9.0, y), (x, y - 3.0), (x + 9.0, y)], 4.0, frame, 1.0);
}

fn front_hair(brush: &mut Brush<'_>, look: &Look, pose: &Pose) {
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
