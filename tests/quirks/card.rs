//! The test card: four quadrants of known colours, and across the middle a
//! strip of ten cells that counts frames in black and white. It survives
//! scaling and coding, and turned or mirrored it reads otherwise.

/// Red, green and blue as code values in 0..=1.
pub type Rgb = [f64; 3];

/// Clockwise from the top left.
pub const QUADRANTS: [Rgb; 4] = [
    [0.75, 0.20, 0.20],
    [0.20, 0.65, 0.25],
    [0.80, 0.75, 0.30],
    [0.20, 0.30, 0.75],
];

/// Cells of the strip: white, black, then eight bits, highest first. They hold
/// a Gray code: one cell changes from a number to the next, and none twice in a
/// row, so that no cell flickers as only a test pattern would.
const CELLS: usize = 10;
const STRIP: (f64, f64) = (0.42, 0.58);
const LEFT: f64 = 0.1;
const CELL: f64 = 0.08;

/// The colour of the card at a place, both coordinates in 0..1 from the top
/// left.
pub fn colour_at(x: f64, y: f64, number: u64, quadrants: &[Rgb; 4]) -> Rgb {
    if (STRIP.0..STRIP.1).contains(&y) {
        let cell = ((x - LEFT) / CELL).floor();
        let lit = match cell as i64 {
            0 => true,
            n @ 2..=9 => (number ^ number >> 1) >> (9 - n) & 1 == 1,
            _ => false,
        };
        return if lit { [0.9; 3] } else { [0.05; 3] };
    }
    quadrants[match (x < 0.5, y < 0.5) {
        (true, true) => 0,
        (false, true) => 1,
        (false, false) => 2,
        (true, false) => 3,
    }]
}

/// How code values become luma and colour differences.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Matrix {
    Bt601,
    Bt709,
    Bt2020,
    Smpte240,
}

impl Matrix {
    /// Weights of red and blue in luma, from the Recommendations.
    fn weights(self) -> (f64, f64) {
        match self {
            Matrix::Bt601 => (0.299, 0.114),
            Matrix::Bt709 => (0.2126, 0.0722),
            Matrix::Bt2020 => (0.2627, 0.0593),
            Matrix::Smpte240 => (0.212, 0.087),
        }
    }
}

/// Code values by the book, in 8-bit steps.
pub fn yuv([r, g, b]: Rgb, matrix: Matrix, full: bool) -> [f64; 3] {
    let (kr, kb) = matrix.weights();
    let y = kr * r + (1.0 - kr - kb) * g + kb * b;
    let cb = (b - y) / (2.0 * (1.0 - kb));
    let cr = (r - y) / (2.0 * (1.0 - kr));
    if full {
        [255.0 * y, 128.0 + 255.0 * cb, 128.0 + 255.0 * cr]
    } else {
        [16.0 + 219.0 * y, 128.0 + 224.0 * cb, 128.0 + 224.0 * cr]
    }
}

/// How a card is put into samples: always 4:4:4, planar.
#[derive(Clone, Copy, Debug)]
pub struct Samples {
    pub matrix: Matrix,
    pub full: bool,
    /// 8, 10 or 12.
    pub depth: u32,
    pub quadrants: [Rgb; 4],
}

pub const BROADCAST: Samples = Samples {
    matrix: Matrix::Bt709,
    full: false,
    depth: 8,
    quadrants: QUADRANTS,
};

impl Samples {
    pub fn pixel_format(&self) -> &'static str {
        match self.depth {
            8 => "yuv444p",
            10 => "yuv444p10le",
            _ => "yuv444p12le",
        }
    }

    /// A frame of a card of `width` × `height`; `seen` says which place of the
    /// upright card each stored place shows.
    pub fn frame(
        &self,
        (width, height): (usize, usize),
        number: u64,
        seen: &dyn Fn(f64, f64) -> (f64, f64),
    ) -> Vec<u8> {
        let mut planes = [const { Vec::new() }; 3];
        let scale = f64::from(1u32 << (self.depth - 8));
        for row in 0..height {
            for column in 0..width {
                let (x, y) = seen(
                    (column as f64 + 0.5) / width as f64,
                    (row as f64 + 0.5) / height as f64,
                );
                let code = yuv(
                    colour_at(x, y, number, &self.quadrants),
                    self.matrix,
                    self.full,
                );
                for (plane, value) in planes.iter_mut().zip(code) {
                    let value = (value * scale).round() as u16;
                    if self.depth == 8 {
                        plane.push(value as u8);
                    } else {
                        plane.extend(value.to_le_bytes());
                    }
                }
            }
        }
        planes.concat()
    }
}

/// A published frame: 8-bit 4:2:0.
pub struct Picture<'a> {
    pub size: (usize, usize),
    pub bytes: &'a [u8],
}

impl Picture<'_> {
    pub fn luma(&self, column: usize, row: usize) -> f64 {
        f64::from(self.bytes[row * self.size.0 + column])
    }

    /// Mean luma of a rectangle given in 0..1.
    fn brightness(&self, x: (f64, f64), y: (f64, f64)) -> f64 {
        self.mean(0, x, y)
    }

    fn mean(&self, plane: usize, x: (f64, f64), y: (f64, f64)) -> f64 {
        let (width, height) = self.size;
        let (w, h) = if plane == 0 {
            (width, height)
        } else {
            (width / 2, height / 2)
        };
        let start = match plane {
            0 => 0,
            1 => width * height,
            _ => width * height + w * h,
        };
        let range = |(from, to): (f64, f64), side: usize| {
            let from = (from * side as f64) as usize;
            from..((to * side as f64) as usize).max(from + 1).min(side)
        };
        let (mut sum, mut count) = (0.0, 0.0);
        for row in range(y, h) {
            for column in range(x, w) {
                sum += f64::from(self.bytes[start + row * w + column]);
                count += 1.0;
            }
        }
        sum / count
    }

    /// The number that the strip shows; `None` where it is no strip.
    pub fn number(&self) -> Option<u64> {
        let cell = |n: usize| {
            let middle = LEFT + CELL * (n as f64 + 0.5);
            self.brightness((middle - 0.02, middle + 0.02), (0.47, 0.53))
        };
        let (white, black) = (cell(0), cell(1));
        if white - black < 60.0 {
            return None;
        }
        let half = (white + black) / 2.0;
        // From Gray code: each bit is turned over by the one before.
        Some((2..CELLS).fold(0, |number, n| {
            number << 1 | (number & 1 ^ u64::from(cell(n) > half))
        }))
    }

    /// Mean Y, Cb and Cr of the quadrants, clockwise from the top left.
    pub fn quadrants(&self) -> [[f64; 3]; 4] {
        let (near, far) = ((0.12, 0.38), (0.62, 0.88));
        let (top, bottom) = ((0.12, 0.32), (0.68, 0.88));
        [(near, top), (far, top), (far, bottom), (near, bottom)]
            .map(|(x, y)| [0, 1, 2].map(|plane| self.mean(plane, x, y)))
    }

    /// How far the quadrants are from the book, in levels, at most.
    pub fn colour_error(&self, quadrants: &[Rgb; 4]) -> f64 {
        let wanted = quadrants.map(|rgb| yuv(rgb, Matrix::Bt709, false));
        let pairs = self
            .quadrants()
            .into_iter()
            .flatten()
            .zip(wanted.into_iter().flatten());
        pairs
            .map(|(found, wanted)| (found - wanted).abs())
            .fold(0.0, f64::max)
    }

    /// Whether the four corners show the colours of their quadrants up to the
    /// edge: nothing that a clip crops away is seen.
    pub fn corners_are_clean(&self) -> bool {
        let wanted = QUADRANTS.map(|rgb| yuv(rgb, Matrix::Bt709, false)[0]);
        let (right, bottom) = (self.size.0 - 1, self.size.1 - 1);
        let corners = [(0, 0), (right, 0), (right, bottom), (0, bottom)];
        corners
            .iter()
            .zip(wanted)
            .all(|(&(column, row), luma)| (self.luma(column, row) - luma).abs() < 10.0)
    }

    /// The largest step between neighbouring rows within the strip: what was
    /// left of the other field would comb it.
    pub fn combing(&self) -> f64 {
        let (width, height) = self.size;
        let rows = (0.46 * height as f64) as usize..(0.54 * height as f64) as usize;
        let mut worst = 0.0f64;
        for n in 0..CELLS {
            let column = ((LEFT + CELL * (n as f64 + 0.5)) * width as f64) as usize;
            for row in rows.clone() {
                worst = worst.max((self.luma(column, row) - self.luma(column, row + 1)).abs());
            }
        }
        worst
    }
}
