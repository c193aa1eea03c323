//! What the drawings are made with: colours, closed curves, soft shadows.

use resvg::tiny_skia::{
    Color, FillRule, GradientStop, LineCap, LineJoin, LinearGradient, Paint, Path, PathBuilder,
    Pixmap, Point, RadialGradient, Rect, Shader, SpreadMode, Stroke, Transform,
};

#[derive(Clone, Copy)]
pub struct Ink(pub u8, pub u8, pub u8);

impl Ink {
    pub fn color(self, alpha: f32) -> Color {
        let mut color = Color::from_rgba8(self.0, self.1, self.2, 255);
        color.set_alpha(alpha.clamp(0.0, 1.0));
        color
    }

    /// Towards black below 1, towards white above.
    pub fn lit(self, factor: f32) -> Ink {
        let one = |c: u8| {
            let c = f32::from(c);
            let lit = if factor <= 1.0 {
                c * factor
            } else {
                c + (255.0 - c) * (factor - 1.0)
            };
            lit.clamp(0.0, 255.0) as u8
        };
        Ink(one(self.0), one(self.1), one(self.2))
    }

    pub fn mix(self, other: Ink, part: f32) -> Ink {
        let one = |a: u8, b: u8| (f32::from(a) * (1.0 - part) + f32::from(b) * part) as u8;
        Ink(
            one(self.0, other.0),
            one(self.1, other.1),
            one(self.2, other.2),
        )
    }
}

fn paint(shader: Shader<'_>) -> Paint<'_> {
    Paint {
        shader,
        anti_alias: true,
        ..Paint::default()
    }
}

pub fn flat(ink: Ink, alpha: f32) -> Shader<'static> {
    Shader::SolidColor(ink.color(alpha))
}

/// From `a` to `b`, ink by ink, evenly.
pub fn linear(a: (f32, f32), b: (f32, f32), inks: &[(Ink, f32)]) -> Shader<'static> {
    let last = (inks.len().max(2) - 1) as f32;
    let stops = inks
        .iter()
        .enumerate()
        .map(|(i, (ink, alpha))| GradientStop::new(i as f32 / last, ink.color(*alpha)))
        .collect();
    LinearGradient::new(
        Point::from_xy(a.0, a.1),
        Point::from_xy(b.0, b.1),
        stops,
        SpreadMode::Pad,
        Transform::identity(),
    )
    .unwrap_or(flat(inks[0].0, inks[0].1))
}

pub fn radial(centre: (f32, f32), radius: f32, inks: &[(Ink, f32)]) -> Shader<'static> {
    let last = (inks.len().max(2) - 1) as f32;
    let stops = inks
        .iter()
        .enumerate()
        .map(|(i, (ink, alpha))| GradientStop::new(i as f32 / last, ink.color(*alpha)))
        .collect();
    let centre = Point::from_xy(centre.0, centre.1);
    RadialGradient::new(
        centre,
        0.0,
        centre,
        radius,
        stops,
        SpreadMode::Pad,
        Transform::identity(),
    )
    .unwrap_or(flat(inks[0].0, inks[0].1))
}

/// A curve that passes smoothly through the points (Catmull-Rom).
pub fn curve(points: &[(f32, f32)], closed: bool) -> Option<Path> {
    let n = points.len();
    let at = |i: isize| {
        let last = n.cast_signed() - 1;
        let i = if closed {
            i.rem_euclid(n.cast_signed())
        } else {
            i.clamp(0, last)
        };
        points[i.cast_unsigned()]
    };
    let mut path = PathBuilder::new();
    path.move_to(points[0].0, points[0].1);
    let pieces = if closed { n } else { n - 1 };
    for i in 0..pieces.cast_signed() {
        let (p0, p1, p2, p3) = (at(i - 1), at(i), at(i + 1), at(i + 2));
        path.cubic_to(
            p1.0 + (p2.0 - p0.0) / 6.0,
            p1.1 + (p2.1 - p0.1) / 6.0,
            p2.0 - (p3.0 - p1.0) / 6.0,
            p2.1 - (p3.1 - p1.1) / 6.0,
            p2.0,
            p2.1,
        );
    }
    if closed {
        path.close();
    }
    path.finish()
}

/// A surface with a place on it: everything is drawn in the units of `place`.
pub struct Brush<'a> {
    pub on: &'a mut Pixmap,
    pub place: Transform,
}

impl Brush<'_> {
    pub fn moved(&mut self, place: Transform) -> Brush<'_> {
        Brush {
            on: self.on,
            place: self.place.pre_concat(place),
        }
    }

    pub fn fill(&mut self, path: Option<Path>, shader: Shader<'_>) {
        if let Some(path) = path {
            let paint = paint(shader);
            self.on
                .fill_path(&path, &paint, FillRule::Winding, self.place, None);
        }
    }

    pub fn blob(&mut self, points: &[(f32, f32)], shader: Shader<'_>) {
        self.fill(curve(points, true), shader);
    }

    pub fn polygon(&mut self, points: &[(f32, f32)], shader: Shader<'_>) {
        let mut path = PathBuilder::new();
        path.move_to(points[0].0, points[0].1);
        for (x, y) in &points[1..] {
            path.line_to(*x, *y);
        }
        path.close();
        self.fill(path.finish(), shader);
    }

    pub fn rect(&mut self, x: f32, y: f32, w: f32, h: f32, shader: Shader<'_>) {
        self.fill(
            Rect::from_xywh(x, y, w, h).map(PathBuilder::from_rect),
            shader,
        );
    }

    pub fn oval(&mut self, x: f32, y: f32, rx: f32, ry: f32, shader: Shader<'_>) {
        let oval = Rect::from_ltrb(x - rx, y - ry, x + rx, y + ry);
        self.fill(oval.and_then(PathBuilder::from_oval), shader);
    }

    /// An ellipse that fades out towards its edge: light, blush, shadow.
    pub fn glow(&mut self, x: f32, y: f32, rx: f32, ry: f32, ink: Ink, alpha: f32) {
        let stops = [
            (ink, alpha),
            (ink, alpha * 0.72),
            (ink, alpha * 0.28),
            (ink, 0.0),
        ];
        let place = Transform::from_row(rx, 0.0, 0.0, ry, x, y);
        self.moved(place)
            .oval(0.0, 0.0, 1.0, 1.0, radial((0.0, 0.0), 1.0, &stops));
    }

    pub fn line(&mut self, points: &[(f32, f32)], width: f32, ink: Ink, alpha: f32) {
        if let Some(path) = curve(points, false) {
            let stroke = Stroke {
                width,
                line_cap: LineCap::Round,
                line_join: LineJoin::Round,
                ..Stroke::default()
            };
            let paint = paint(flat(ink, alpha));
            self.on
                .stroke_path(&path, &paint, &stroke, self.place, None);
        }
    }
}
