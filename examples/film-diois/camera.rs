//! One frame of a clip: the room, the plant, the person, seen by a hand-held
//! camera with a noisy sensor.

use crate::brush::{Brush, Ink};
use crate::motion::{blink, even, hash, wander};
use crate::person::{self, Look, Pose};
use crate::scene::{self, Layers};
use crate::script::Clip;
use crate::voice::Mouth;
use resvg::tiny_skia::{FilterQuality, Pixmap, PixmapPaint, Transform};

pub struct Camera {
    clip: Clip,
    look: Look,
    seed: u64,
    scale: f32,
    layers: Layers,
    grain: Vec<i8>,
    picture: Pixmap,
}

impl Camera {
    pub fn new(clip: Clip, seed: u64) -> Result<Camera, &'static str> {
        let (width, height) = clip.size;
        let scale = if width > height {
            height as f32 / 900.0
        } else {
            width as f32 / 640.0
        };
        let reach = 1.0 + clip.look_at.0.abs().max(clip.look_at.1.abs()) / 300.0;
        let wide = |n: u32| (n as f32 * if width > height { 1.12 } else { reach }) as u32;
        let layers = scene::paint(clip.speaker.room(), wide(width), height, scale, seed)?;
        let grain = (0..1i64 << 21)
            .map(|n| {
                let three: f32 = (0..3).map(|k| even(seed ^ 0xabc, 3 * n + k)).sum();
                (three * clip.grain) as i8
            })
            .collect();
        Ok(Camera {
            clip,
            look: clip.speaker.look(),
            seed,
            scale,
            layers,
            grain,
            picture: Pixmap::new(width, height).ok_or("an empty picture")?,
        })
    }

    /// RGBA, row by row.
    pub fn frame(&mut self, number: i64, t: f32, mouth: Mouth, voice: f32) -> &[u8] {
        let (width, height) = self.clip.size;
        let zoom = self.clip.zoom * (1.0 + 0.004 * wander(self.seed ^ 1, 0.3 * t));
        let shake = self.clip.shake;
        let drift = (
            shake * wander(self.seed ^ 2, 0.45 * t) + 0.12 * shake * wander(self.seed ^ 3, 3.1 * t),
            shake * wander(self.seed ^ 4, 0.4 * t) + 0.12 * shake * wander(self.seed ^ 5, 3.3 * t),
        );
        let roll = 0.03 * shake * wander(self.seed ^ 6, 0.3 * t);
        let scale = self.scale * zoom;
        // What is near moves more than what is far.
        let view = |depth: f32| {
            Transform::from_translate(width as f32 / 2.0, height as f32 / 2.0)
                .pre_rotate(roll)
                .pre_scale(scale, scale)
                .pre_translate(drift.0 * depth, drift.1 * depth)
        };
        let (lx, ly) = self.clip.look_at;

        let far = self.layers.far.as_ref();
        let paint = PixmapPaint {
            quality: FilterQuality::Bilinear,
            ..PixmapPaint::default()
        };
        let place = view(0.7)
            .pre_translate(-lx, -ly)
            .pre_scale(1.0 / self.scale, 1.0 / self.scale)
            .pre_translate(-(far.width() as f32) / 2.0, -(far.height() as f32) / 2.0);
        self.picture.draw_pixmap(0, 0, far, &paint, place, None);

        let plant = self.layers.plant.as_ref();
        let place = view(0.85)
            .pre_translate(self.layers.foot.0 - lx, self.layers.foot.1 - ly)
            .pre_rotate(0.9 * wander(self.seed ^ 7, 0.5 * t))
            .pre_scale(1.0 / self.scale, 1.0 / self.scale)
            .pre_translate(-210.0 * self.scale, -600.0 * self.scale);
        self.picture.draw_pixmap(0, 0, plant, &paint, place, None);

        let pose = pose(self.seed, t, mouth, voice);
        let mut brush = Brush {
            on: &mut self.picture,
            place: view(1.0),
        };
        // Daylight breathes with the clouds.
        let cloud = wander(self.seed ^ 8, 0.25 * t);
        brush.glow(
            500.0 * self.look.light,
            -200.0,
            900.0,
            800.0,
            Ink(255, 244, 220),
            0.07 + 0.05 * cloud,
        );
        let (hx, hy) = self.clip.head;
        let person = Transform::from_translate(hx, hy).pre_scale(1.06, 1.06);
        person::draw(&mut brush.moved(person), &self.look, &pose);
        self.noise(number);
        self.picture.data()
    }

    /// The sensor's noise: more in the dark than in the light.
    fn noise(&mut self, number: i64) {
        let mask = self.grain.len() - 1;
        let start = hash(self.seed ^ 0xdef, number) as usize;
        let pixels = self.picture.data_mut().chunks_exact_mut(4);
        for (n, pixel) in pixels.enumerate() {
            let grain = i32::from(self.grain[(start + n) & mask]);
            let grain = grain * (320 - i32::from(pixel[1])) / 256;
            for c in &mut pixel[..3] {
                *c = (i32::from(*c) + grain).clamp(0, 255) as u8;
            }
        }
    }
}

/// `voice` is how much somebody speaks around this moment: hands and brows
/// follow speech with a delay and lie still in the pauses.
fn pose(seed: u64, t: f32, mouth: Mouth, voice: f32) -> Pose {
    let lift = |salt: u64, shift: f32| {
        let rise = wander(seed ^ salt, 0.62 * t + shift) - 0.12;
        voice * (1.5 * rise).clamp(0.0, 1.0) + 0.05 * voice * wander(seed ^ salt ^ 1, 2.4 * t)
    };
    let glance = wander(seed ^ 31, 0.8 * t);
    let settle = |x: f32| if x.abs() < 0.35 { 0.0 } else { x };
    Pose {
        mouth: mouth.open,
        wide: mouth.wide,
        blink: blink(seed, t),
        brow: (0.9 * wander(seed ^ 11, 0.9 * t) * (0.3 + voice)).clamp(0.0, 1.0),
        gaze: (settle(glance) * 0.8, 0.3 * wander(seed ^ 32, 0.7 * t)),
        turn: 0.75 * wander(seed ^ 12, 0.55 * t) + 0.12 * glance,
        nod: 0.8 * wander(seed ^ 13, 0.9 * t) + 0.5 * voice * wander(seed ^ 14, 2.1 * t),
        tilt: 2.6 * wander(seed ^ 15, 0.4 * t) + 0.8 * voice * wander(seed ^ 16, 1.4 * t),
        sway: (
            9.0 * wander(seed ^ 17, 0.3 * t),
            4.0 * wander(seed ^ 18, 0.35 * t),
        ),
        breath: 0.5 - 0.5 * (t * std::f32::consts::TAU / 3.7).cos(),
        hands: (lift(19, 0.0), lift(20, 3.3)),
        wrist: 14.0 * voice * wander(seed ^ 21, 1.3 * t),
    }
}
