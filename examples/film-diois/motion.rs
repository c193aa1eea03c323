//! Movement that looks unplanned and is the same on every run: smooth noise
//! over time from a seed, and the moments at which a person blinks.

/// A number from a seed and a position: the whole randomness of this program.
pub fn hash(seed: u64, n: i64) -> u64 {
    let mut z = seed ^ n.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Evenly spread in −1 … 1.
pub fn even(seed: u64, n: i64) -> f32 {
    (hash(seed, n) >> 40) as f32 / (1u64 << 23) as f32 - 1.0
}

/// Smooth noise, −1 … 1: one new direction per unit of `t`.
pub fn smooth(seed: u64, t: f32) -> f32 {
    let cell = t.floor();
    let n = cell as i64;
    let ease = ease(t - cell);
    even(seed, n) * (1.0 - ease) + even(seed, n + 1) * ease
}

/// Two octaves of smooth noise, for whatever a muscle does.
pub fn wander(seed: u64, t: f32) -> f32 {
    0.75 * smooth(seed, t) + 0.25 * smooth(seed ^ 0x55, 2.7 * t)
}

pub fn ease(x: f32) -> f32 {
    let x = x.clamp(0.0, 1.0);
    x * x * x * (x * (6.0 * x - 15.0) + 10.0)
}

/// How far the lids are down at `t`, 0 … 1. People blink every two to five
/// seconds while they speak, each time for about a quarter of a second.
pub fn blink(seed: u64, t: f32) -> f32 {
    let mut at = 0.6 + 0.5 * even(seed, -1);
    let mut n = 0;
    while at < t - 0.4 {
        at += 2.9 + 1.3 * even(seed, n);
        n += 1;
    }
    let since = t - at;
    if (0.0..0.09).contains(&since) {
        ease(since / 0.09)
    } else if (0.09..0.30).contains(&since) {
        1.0 - ease((since - 0.09) / 0.21)
    } else {
        0.0
    }
}
