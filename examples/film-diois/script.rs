//! Who is filmed, where, with what, and what they say. Nobody here exists; the
//! catalogue beside the footage (`capsules.csv`) names the same six capsules.

use crate::brush::Ink;
use crate::person::{Hair, Look};
use crate::scene::Room;
use crate::voice::Voice;

#[derive(Clone, Copy)]
pub struct Clip {
    pub id: &'static str,
    /// Below `footage/`.
    pub file: &'static str,
    pub speaker: Speaker,
    /// As seen, after any rotation.
    pub size: (u32, u32),
    /// Numerator and denominator.
    pub rate: (u32, u32),
    /// Stored lying down, with a matrix that says to turn it, as telephones do.
    pub turned: bool,
    pub sound: Sound,
    /// Loudness of the voice as recorded.
    pub lufs: f64,
    pub audio_rate: u32,
    pub audio_kbps: u32,
    pub crf: u32,
    /// Frames from one key frame to the next.
    pub gop: u32,
    /// x264 options beyond those that every clip has.
    pub encoder: &'static str,
    /// What the camera looks at, and how close it is.
    pub look_at: (f32, f32),
    pub zoom: f32,
    /// Where the head is, from the middle of the picture.
    pub head: (f32, f32),
    /// Units by which the camera wanders; a tripod is almost still.
    pub shake: f32,
    pub grain: f32,
    pub cues: [&'static str; 3],
    /// Whether `subtitles/` gets a file for it.
    pub subtitles: bool,
    /// What the camera wrote into the file about itself and the place.
    pub tags: &'static [(&'static str, &'static str)],
}

#[derive(Clone, Copy)]
pub enum Sound {
    Mono,
    Stereo,
    /// A lavalier on the left input of a camera, nothing on the right.
    LeftOnly,
}

#[derive(Clone, Copy)]
pub enum Speaker {
    Nadia,
    Helene,
    Samuel,
}

impl Speaker {
    pub fn look(self) -> Look {
        match self {
            Speaker::Nadia => Look {
                skin: Ink(214, 164, 128),
                hair: Ink(58, 40, 34),
                style: Hair::Curls,
                beard: false,
                glasses: false,
                lips: Ink(176, 82, 80),
                iris: Ink(92, 62, 38),
                garment: Ink(46, 84, 96),
                shirt: Ink(226, 220, 208),
                light: 1.0,
            },
            Speaker::Helene => Look {
                skin: Ink(236, 196, 172),
                hair: Ink(172, 166, 160),
                style: Hair::Bob,
                beard: false,
                glasses: true,
                lips: Ink(188, 98, 96),
                iris: Ink(88, 116, 134),
                garment: Ink(134, 62, 74),
                shirt: Ink(236, 226, 214),
                light: -1.0,
            },
            Speaker::Samuel => Look {
                skin: Ink(142, 94, 66),
                hair: Ink(34, 28, 28),
                style: Hair::Short,
                beard: true,
                glasses: false,
                lips: Ink(134, 74, 68),
                iris: Ink(58, 38, 28),
                garment: Ink(92, 104, 76),
                shirt: Ink(196, 204, 212),
                light: -1.0,
            },
        }
    }

    pub fn voice(self) -> Voice {
        match self {
            Speaker::Nadia => Voice {
                name: "fr+f2",
                speed: 148,
                pitch: 46,
            },
            Speaker::Helene => Voice {
                name: "fr+f4",
                speed: 138,
                pitch: 34,
            },
            Speaker::Samuel => Voice {
                name: "fr+m3",
                speed: 152,
                pitch: 38,
            },
        }
    }

    pub fn room(self) -> Room {
        match self {
            Speaker::Nadia => Room::Study,
            Speaker::Helene => Room::Playroom,
            Speaker::Samuel => Room::Lounge,
        }
    }
}

const CAMERA: Clip = Clip {
    id: "",
    file: "",
    speaker: Speaker::Nadia,
    size: (1920, 1080),
    rate: (25, 1),
    turned: false,
    sound: Sound::Stereo,
    lufs: -20.0,
    audio_rate: 48_000,
    audio_kbps: 96,
    crf: 23,
    gop: 25,
    encoder: "bframes=2:ref=2",
    look_at: (0.0, 0.0),
    zoom: 1.0,
    head: (-60.0, -120.0),
    shake: 5.0,
    grain: 2.4,
    cues: ["", "", ""],
    subtitles: false,
    tags: &[],
};

pub const CLIPS: [Clip; 6] = [
    Clip {
        id: "craquer",
        file: "craquer.mov",
        cues: [
            "Dire « je vais craquer », c’est déjà protéger son enfant.",
            "Posez-le en lieu sûr, fermez la porte, et respirez deux minutes.",
            "Puis appelez quelqu’un : un proche, ou nous. Nous ne jugeons pas.",
        ],
        subtitles: true,
        ..CAMERA
    },
    Clip {
        id: "regret",
        file: "regret.mp4",
        speaker: Speaker::Helene,
        rate: (30_000, 1001),
        gop: 60,
        encoder: "bframes=0:ref=1:weightp=0",
        head: (70.0, -110.0),
        zoom: 1.06,
        shake: 7.0,
        cues: [
            "Non. Beaucoup de mères le pensent un jour, très peu osent le dire.",
            "Ce regret parle surtout de fatigue, et d’une vie qui a changé trop vite.",
            "On peut aimer son enfant et pleurer sa vie d’avant. Venez en parler.",
        ],
        subtitles: true,
        ..CAMERA
    },
    Clip {
        id: "crier",
        file: "crier.mp4",
        size: (1280, 720),
        crf: 22,
        sound: Sound::LeftOnly,
        lufs: -18.5,
        gop: 50,
        look_at: (60.0, -10.0),
        head: (40.0, -125.0),
        zoom: 1.1,
        shake: 2.0,
        cues: [
            "Un cri n’abîme pas un enfant. Ce qui compte, c’est ce qui vient après.",
            "« J’ai crié, je n’aurais pas dû » : ces mots réparent beaucoup.",
            "Et si les cris reviennent chaque soir, cherchons ensemble pourquoi.",
        ],
        ..CAMERA
    },
    Clip {
        id: "ecran-calme",
        file: "jour 2/IMG_4127.MOV",
        speaker: Speaker::Samuel,
        size: (720, 1280),
        rate: (30_000, 1001),
        turned: true,
        sound: Sound::Mono,
        audio_rate: 44_100,
        audio_kbps: 64,
        gop: 30,
        encoder: "bframes=0:ref=1",
        look_at: (330.0, -30.0),
        head: (-10.0, -150.0),
        zoom: 1.04,
        shake: 11.0,
        grain: 2.6,
        cues: [
            "Vous avez besoin de souffler, et c’est normal.",
            "Choisissez le programme avec lui, et dites à l’avance quand il s’arrête.",
            "Vingt minutes choisies valent mieux qu’une journée à culpabiliser.",
        ],
        subtitles: true,
        tags: &[
            ("location", "+44.7536+005.3703/"),
            ("creation_time", "2025-03-12T14:05:31Z"),
        ],
        ..CAMERA
    },
    Clip {
        id: "ecran-ado",
        file: "ecran-ado.mov",
        speaker: Speaker::Samuel,
        lufs: -29.0,
        look_at: (40.0, 0.0),
        head: (30.0, -118.0),
        cues: [
            "Intéressez-vous d’abord à ce qu’il y fait : demandez-lui de vous montrer.",
            "Puis gardez un moment sans téléphone, pour tout le monde, vous compris.",
            "Et s’il se ferme, ne restez pas seul : notre porte est ouverte.",
        ],
        subtitles: true,
        ..CAMERA
    },
    Clip {
        id: "ecran-repas",
        file: "ecran-repas.mp4",
        speaker: Speaker::Helene,
        size: (1280, 720),
        crf: 22,
        rate: (30_000, 1001),
        sound: Sound::Mono,
        audio_kbps: 64,
        gop: 60,
        look_at: (-50.0, 0.0),
        head: (-30.0, -112.0),
        shake: 4.0,
        cues: [
            "Vous n’avez rien raté : vous vouliez qu’il mange, et il a mangé.",
            "Éteignez un repas sur deux, mangez avec lui, laissez-le toucher.",
            "Il y aura de la purée partout. En deux semaines, il s’habitue.",
        ],
        ..CAMERA
    },
];
