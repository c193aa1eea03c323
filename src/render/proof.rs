//! What was read back from a file against what the plan says it holds.

use crate::plan::capsule::RenditionPlan;
use crate::plan::recipe::SAMPLE_RATE;
use crate::render::Failure;
use crate::render::packages::Order;
use crate::values::diagnostic::Problem;
use crate::values::time::Rational;
use crate::worker::protocol::FileFacts;

pub(super) fn wrong(
    file: &str,
    what: &str,
    expected: impl ToString,
    found: impl ToString,
) -> Failure {
    Failure::Capsule(Problem::VerifyFailed {
        file: file.to_owned(),
        what: what.to_owned(),
        expected: expected.to_string(),
        found: found.to_string(),
    })
}

pub(super) fn check_picture(
    file: &str,
    facts: &FileFacts,
    order: Order<'_>,
    plan: &RenditionPlan,
) -> Result<(), Failure> {
    let picture = facts
        .picture
        .as_ref()
        .ok_or_else(|| wrong(file, "picture", "one", "none"))?;
    let frames = order.plan.timeline.frames();
    let size = plan.rendition.size;
    if picture.size != size {
        let text = |s: crate::values::geometry::Size| format!("{}×{}", s.width, s.height);
        return Err(wrong(file, "size", text(size), text(picture.size)));
    }
    if picture.samples != frames {
        return Err(wrong(file, "samples", frames, picture.samples));
    }
    if picture.start != Rational::ZERO {
        return Err(wrong(file, "start", 0, format!("{:?}", picture.start)));
    }
    let end = plan.rendition.rate.time_of(frames);
    if picture.end != end {
        return Err(wrong(
            file,
            "end",
            format!("{end:?}"),
            format!("{:?}", picture.end),
        ));
    }
    if picture.codec != "h264" {
        return Err(wrong(file, "codec", "h264", &picture.codec));
    }
    if !picture.bt709 {
        return Err(wrong(file, "colour", "bt709, limited range", "other tags"));
    }
    if let Some(tag) = picture.foreign_tags.first() {
        return Err(wrong(file, "tags", "none but ours", tag));
    }
    Ok(())
}

/// Sound starts with the picture and ends with it, or less than one AAC frame
/// later.
pub(super) fn check_sound(file: &str, facts: &FileFacts, order: Order<'_>) -> Result<(), Failure> {
    let sound = facts
        .sound
        .as_ref()
        .ok_or_else(|| wrong(file, "sound", "one track", "none"))?;
    if sound.start != Rational::ZERO {
        return Err(wrong(
            file,
            "start of the sound",
            0,
            format!("{:?}", sound.start),
        ));
    }
    let film = order
        .plan
        .timeline
        .rate
        .time_of(order.plan.timeline.frames());
    // The boundary of the picture is rounded to a sample.
    let sample = Rational::new(1, i64::from(SAMPLE_RATE)).unwrap_or(Rational::ZERO);
    let late = Rational::new(1024, i64::from(SAMPLE_RATE)).unwrap_or(Rational::ZERO);
    // What was found may be any number, so only a difference is reckoned with.
    let past = sound.end.checked_sub(film);
    if past.is_none_or(|past| past < Rational::ZERO - sample || past > late + sample) {
        return Err(wrong(
            file,
            "end of the sound",
            format!("{film:?}"),
            format!("{:?}", sound.end),
        ));
    }
    if (sound.codec.as_str(), sound.sample_rate, sound.channels) != ("aac", SAMPLE_RATE, 2) {
        return Err(wrong(
            file,
            "sound",
            "AAC, 48 kHz, stereo",
            format!("{sound:?}"),
        ));
    }
    Ok(())
}
