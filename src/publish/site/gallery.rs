//! The gallery: every capsule by theme, and again by the person who speaks.

use super::film::{self, Person, Tongue, tongue};
use super::transcript::clock;
use super::words::voice;
use super::{Head, PARTS, head};
use crate::publish::html;
use crate::publish::manifest::{Capsule, Manifest, Poster};
use crate::values::ids::Language;
use crate::values::time::Rational;
use serde::Serialize;

const TEMPLATE: &str = include_str!("../../../assets/page/gallery.html");

#[derive(Serialize)]
struct Gallery<'a> {
    head: Head<'a>,
    themes: Vec<Theme<'a>>,
    speakers: Vec<Speaker<'a>>,
}

#[derive(Serialize)]
struct Theme<'a> {
    name: Option<&'a str>,
    films: Vec<Film<'a>>,
}

/// `name` is absent for films in which nobody is named.
#[derive(Serialize)]
struct Speaker<'a> {
    name: Option<&'a str>,
    position: Vec<&'a str>,
    films: Vec<Film<'a>>,
}

#[derive(Clone, Serialize)]
struct Film<'a> {
    id: &'a str,
    tongue: Option<Tongue>,
    title: &'a str,
    people: Vec<Person<'a>>,
    description: Option<&'a str>,
    duration: String,
    captioned: bool,
    picture: Option<Picture>,
}

#[derive(Clone, Serialize)]
struct Picture {
    url: String,
    width: u32,
    height: u32,
    webp: Option<String>,
    /// Also shown without script.
    at_once: bool,
}

/// Without script a browser fetches lazy pictures with the page: so many of
/// them leave it light.
const AT_ONCE: usize = 24;

pub(super) fn page(manifest: &Manifest) -> String {
    let voice = voice(&[&manifest.series.language]);
    let films: Vec<(&Capsule, Film<'_>)> = super::shown(manifest)
        .map(|capsule| (capsule, film(capsule, &voice.language)))
        .collect();
    let mut themes = themes(&films);
    let in_order = themes.iter_mut().flat_map(|theme| &mut theme.films);
    let pictures = in_order.filter_map(|film| film.picture.as_mut());
    pictures.take(AT_ONCE).for_each(|p| p.at_once = true);
    let is_named = |person: &Person<'_>| person.name.is_some();
    let named = films
        .iter()
        .any(|(_, film)| film.people.iter().any(is_named));
    let gallery = Gallery {
        themes,
        speakers: if named { speakers(&films) } else { Vec::new() },
        head: head(manifest, voice, "", "index.html"),
    };
    html::render_with(TEMPLATE, &PARTS, &gallery)
}

fn film<'a>(capsule: &'a Capsule, page: &Language) -> Film<'a> {
    let duration = Rational::integer(capsule.duration.to_rational().round());
    Film {
        id: capsule.id.as_str(),
        tongue: tongue(&capsule.language, page),
        title: &capsule.title,
        people: film::people(capsule),
        description: capsule.description.as_deref(),
        duration: clock(duration),
        captioned: !capsule.captions.is_empty(),
        picture: picture(capsule),
    }
}

/// The smallest pictures, for screens of any density: there may be fifty, and
/// sharper ones weigh three times as much.
fn picture(capsule: &Capsule) -> Option<Picture> {
    let jpegs = capsule.posters.iter().filter(|p| film::is_jpeg(p));
    let smallest = jpegs.min_by_key(|p| p.width).or(capsule.posters.first())?;
    let is_webp = |p: &&Poster| p.media_type == "image/webp";
    let webp = capsule.posters.iter().filter(is_webp);
    let webp = webp.min_by_key(|p| p.width);
    Some(Picture {
        url: smallest.path.to_url(),
        width: smallest.width,
        height: smallest.height,
        webp: webp.map(|p| p.path.to_url()),
        at_once: false,
    })
}

/// In the order in which themes first appear; films without one last.
fn themes<'a>(films: &[(&'a Capsule, Film<'a>)]) -> Vec<Theme<'a>> {
    let groups = groups(films, |capsule, _| vec![capsule.theme.as_deref()]);
    groups
        .into_iter()
        .map(|(name, films)| Theme { name, films })
        .collect()
}

fn speakers<'a>(films: &[(&'a Capsule, Film<'a>)]) -> Vec<Speaker<'a>> {
    let groups = groups(films, |_, film| {
        let mut names: Vec<Option<&str>> = Vec::new();
        for person in &film.people {
            if !names.contains(&person.name) {
                names.push(person.name);
            }
        }
        // Who is not named is found under those who are.
        if names.iter().any(Option::is_some) {
            names.retain(Option::is_some);
        } else {
            names = vec![None];
        }
        names
    });
    let speaker = |(name, films): (Option<&'a str>, Vec<Film<'a>>)| {
        let people = films.first().map_or(&[][..], |film| film.people.as_slice());
        let person = people.iter().find(|p| name.is_some() && p.name == name);
        Speaker {
            name,
            position: person.map_or(Vec::new(), |p| p.position.clone()),
            films,
        }
    };
    groups.into_iter().map(speaker).collect()
}

type Group<'a> = (Option<&'a str>, Vec<Film<'a>>);

fn groups<'a>(
    films: &[(&'a Capsule, Film<'a>)],
    names: impl Fn(&'a Capsule, &Film<'a>) -> Vec<Option<&'a str>>,
) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for (capsule, film) in films {
        for name in names(capsule, film) {
            match groups.iter_mut().find(|(other, _)| *other == name) {
                Some((_, films)) => films.push(film.clone()),
                None => groups.push((name, vec![film.clone()])),
            }
        }
    }
    groups.sort_by_key(|(name, _)| name.is_none());
    groups
}
