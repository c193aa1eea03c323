//! The face: skull, eyes and their lids, brows, nose, beard, mouth, glasses. The
//! features shift against the skull when the head turns, which makes it round.

use crate::brush::{Brush, Ink, flat, linear, radial};
use crate::motion::even;
use crate::person::{Hair, Look, Pose};
use resvg::tiny_skia::{Shader, Transform};

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

pub fn skull(brush: &mut Brush<'_>, look: &Look, pose: &Pose) {
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

pub fn draw(brush: &mut Brush<'_>, look: &Look, pose: &Pose) {
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
        let x = 50.0 * even(81, n);
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
