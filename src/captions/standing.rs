//! Where a cue asks to stand, from its settings.

/// Where a cue asks to stand, shares in hundredths of a percent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Standing {
    pub line: Option<Height>,
    /// Of the picture's width, where the cue's own side stands.
    pub position: Option<u32>,
    pub side: Option<Side>,
    pub size: Option<u32>,
    pub align: Option<Align>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Height {
    /// In thousandths of a line, counted from the top, or, negative, from the
    /// foot (-1000 is the last).
    Line(i32),
    Share(u32, Side),
}

/// Of the cue: which part of it stands where it is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    Start,
    Middle,
    End,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Align {
    Start,
    Centre,
    End,
    Left,
    Right,
}

/// From valid cue settings. Vertical writing is not drawn: such a cue stands
/// as any other, and its line is not one of ours.
pub fn standing(settings: Option<&str>) -> Standing {
    let mut found = Standing::default();
    let settings = settings.unwrap_or_default();
    let upright = settings.contains("vertical:");
    for (name, value) in settings.split(' ').filter_map(|s| s.split_once(':')) {
        let (value, side) = value.split_once(',').unwrap_or((value, ""));
        match name {
            "line" if !upright => {
                found.line = match share(value) {
                    Some(share) => Some(Height::Share(share, side_of(side).unwrap_or(Side::Start))),
                    None => thousandths(value).map(Height::Line),
                };
            }
            "position" if !upright => {
                (found.position, found.side) = (share(value), side_of(side));
            }
            "size" if !upright => found.size = share(value),
            "align" => {
                found.align = match value {
                    "start" => Some(Align::Start),
                    "center" => Some(Align::Centre),
                    "end" => Some(Align::End),
                    "left" => Some(Align::Left),
                    "right" => Some(Align::Right),
                    _ => None,
                };
            }
            _ => {}
        }
    }
    found
}

/// Lines beyond any picture are as far as one can count.
fn thousandths(line: &str) -> Option<i32> {
    let lines: f64 = line.parse().ok()?;
    Some((lines * 1000.0).round().clamp(-1e9, 1e9) as i32)
}

fn side_of(name: &str) -> Option<Side> {
    match name {
        "start" | "line-left" => Some(Side::Start),
        "center" => Some(Side::Middle),
        "end" | "line-right" => Some(Side::End),
        _ => None,
    }
}

fn share(value: &str) -> Option<u32> {
    let (whole, rest) = value
        .strip_suffix('%')?
        .split_once('.')
        .unwrap_or((value.strip_suffix('%')?, ""));
    let digits = format!("{rest:0<2}");
    let hundredths: u32 = digits.get(..2)?.parse().ok()?;
    let whole = whole.trim_start_matches('0');
    let whole: u32 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    Some((whole.min(100) * 100 + hundredths).min(10_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standing_is_what_the_settings_say() {
        assert_eq!(standing(None), Standing::default());
        let all = standing(Some(
            "line:10.5%,end position:20%,line-left size:35% align:left",
        ));
        assert_eq!(all.line, Some(Height::Share(1050, Side::End)));
        assert_eq!((all.position, all.side), (Some(2000), Some(Side::Start)));
        assert_eq!((all.size, all.align), (Some(3500), Some(Align::Left)));
        for (line, thousandths) in [
            ("line:-2", -2000),
            ("line:1.5", 1500),
            ("line:99999999999999999999", 1_000_000_000),
        ] {
            let height = standing(Some(line)).line;
            assert_eq!(height, Some(Height::Line(thousandths)));
        }
        let upright = standing(Some("vertical:rl line:0 position:10% align:end"));
        assert_eq!((upright.line, upright.position), (None, None));
        assert_eq!(upright.align, Some(Align::End));
    }
}
