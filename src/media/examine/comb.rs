//! Interlaced pictures that are not said to be: whatever moves has the teeth of
//! a comb, because its two fields were filmed one after the other.
//!
//! A fine pattern of lines looks like teeth too; but it stands where it stood a
//! moment ago, or is as blurred as everything that moves.

use ffmpeg_next::format::Pixel;
use ffmpeg_next::frame::Video;

/// Interlaced pictures are not smaller.
const LOWEST: usize = 400;
/// Differences of brightness that are seen.
const SEEN: i16 = 12;
/// Places in a thousand that have to change for a picture to be judged.
const MOVING: u64 = 10;
/// Places in a thousand that have teeth in a combed picture, and such places in
/// a thousand of those that have changed: interlaced film has nineteen or more
/// of these, the worst of all other film that was tried (a flight over a city)
/// five.
const TEETH: u64 = 1;
const TEETH_OF_MOVED: u64 = 12;
/// Every second column is enough.
const COLUMNS: usize = 2;

/// Pictures of one clip, one after the other.
#[derive(Default)]
pub(super) struct Combs {
    /// Brightness of the last picture, and pixels in a row of it.
    last: Option<(Vec<u8>, usize)>,
    /// Pictures in which something moves, and those of them with teeth.
    pub moving: u64,
    pub combed: u64,
}

impl Combs {
    pub(super) fn see(&mut self, frame: &Video) {
        let plain = matches!(
            frame.format(),
            Pixel::YUV420P
                | Pixel::YUVJ420P
                | Pixel::YUV422P
                | Pixel::YUVJ422P
                | Pixel::YUV444P
                | Pixel::YUVJ444P
                | Pixel::NV12
        );
        let (width, height) = (frame.width() as usize, frame.height() as usize);
        if !plain || height < LOWEST {
            return;
        }
        let mut bright = Vec::with_capacity(width.div_ceil(COLUMNS) * height);
        for row in frame.data(0).chunks(frame.stride(0).max(1)).take(height) {
            bright.extend(row.iter().take(width).step_by(COLUMNS));
        }
        self.judge(bright, width.div_ceil(COLUMNS));
    }

    fn judge(&mut self, bright: Vec<u8>, across: usize) {
        if let Some((last, as_wide)) = &self.last
            && *as_wide == across
            && last.len() == bright.len()
        {
            let (places, moved, teeth) = compare(&bright, last, across);
            if moved * 1000 >= places * MOVING {
                self.moving += 1;
                let many = teeth * 1000 >= places * TEETH;
                let of_moved = teeth * 1000 >= moved * TEETH_OF_MOVED;
                self.combed += u64::from(many && of_moved);
            }
        }
        self.last = Some((bright, across));
    }
}

/// Places that were looked at, those that have changed, and those of them with
/// teeth: six lines that are bright and dark in turn, each like the next of its
/// own field.
fn compare(bright: &[u8], last: &[u8], across: usize) -> (u64, u64, u64) {
    let (mut places, mut moved, mut teeth) = (0, 0, 0);
    let lines: Vec<&[u8]> = bright.chunks_exact(across.max(1)).collect();
    let before: Vec<&[u8]> = last.chunks_exact(across.max(1)).collect();
    for (six, was) in lines.windows(6).zip(before.windows(6)) {
        for x in 0..across {
            let at = |y: usize| i16::from(six[y][x]);
            let has_changed = |y: usize| (at(y) - i16::from(was[y][x])).abs() > SEEN;
            places += 1;
            if !has_changed(1) && !has_changed(2) {
                continue;
            }
            moved += 1;
            let step = |y: usize| at(y + 1) - at(y);
            let falls = |y: usize| {
                if y.is_multiple_of(2) {
                    step(y)
                } else {
                    -step(y)
                }
            };
            let in_turn = (0..5).all(|y| falls(y) > SEEN) || (0..5).all(|y| falls(y) < -SEEN);
            if !in_turn {
                continue;
            }
            let across_fields = (1..4).map(|y| step(y).abs()).min().unwrap_or(0);
            let within = (0..4).map(|y| (at(y + 2) - at(y)).abs()).max().unwrap_or(0);
            teeth += u64::from(2 * within <= across_fields);
        }
    }
    (places, moved, teeth)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: usize = 200;
    const HEIGHT: usize = 400;

    /// A bright bar on grey, its left edge for each line.
    fn bar(edge: impl Fn(usize) -> usize) -> Vec<u8> {
        let pixel = |n: usize| {
            let (x, y) = (n % WIDTH, n / WIDTH);
            let inside = (edge(y)..edge(y) + 40).contains(&x);
            if inside { 200 } else { 60 }
        };
        (0..WIDTH * HEIGHT).map(pixel).collect()
    }

    fn seen(pictures: impl Iterator<Item = Vec<u8>>) -> (u64, u64) {
        let mut combs = Combs::default();
        pictures.for_each(|picture| combs.judge(picture, WIDTH));
        (combs.moving, combs.combed)
    }

    #[test]
    fn what_moves_has_teeth_when_fields_were_filmed_apart() {
        let interlaced = (0..5).map(|n| bar(|y| n * 12 + y % 2 * 6));
        assert_eq!(seen(interlaced), (4, 4));
        let progressive = (0..5).map(|n| bar(|_| n * 12));
        assert_eq!(seen(progressive), (4, 0));
    }

    #[test]
    fn a_blind_that_stands_still_is_no_comb() {
        let blind = |n: usize| {
            let mut picture = bar(|_| n * 12);
            for (y, line) in picture.chunks_exact_mut(WIDTH).enumerate() {
                line[150..].fill(if y % 2 == 0 { 30 } else { 90 });
            }
            picture
        };
        assert_eq!(seen((0..5).map(blind)), (4, 0));
    }
}
