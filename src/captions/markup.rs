//! The text of a cue: from what stands in the file to WebVTT cue text that is
//! right by construction, and from there to plain words.
//!
//! Every step looks at a character a bounded number of times, so that a
//! hostile file costs no more than a long one.

/// Tags that nest deeper than anybody writes are dropped; this bounds the work
/// of finding which one an end tag closes.
pub(super) const DEEPEST: usize = 16;

#[derive(Default)]
pub(super) struct Cleaned {
    /// Empty when nothing is to be seen.
    pub text: String,
    /// Names of tags that were dropped, one entry for each.
    pub dropped: Vec<String>,
    /// `{\an7}` to `{\an9}`: the cue stands at the top of the picture.
    pub top: bool,
}

pub(super) fn clean(raw: &str) -> Cleaned {
    let mut writer = Writer::default();
    let mut result = Cleaned::default();
    let mut rest = raw;
    while let Some(c) = rest.chars().next() {
        let used = match c {
            '<' => tag(rest, &mut writer, &mut result.dropped),
            '&' => reference(rest).map(|(character, used)| {
                writer.character(character);
                used
            }),
            '{' => override_block(rest, &mut result),
            _ => None,
        };
        rest = match used {
            Some(used) => &rest[used..],
            None => {
                writer.character(c);
                &rest[c.len_utf8()..]
            }
        };
    }
    writer.close_from(0);
    result.text = writer.out;
    result
}

/// What stands in clean cue text, as words.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let used = match c {
            '<' => rest.find('>').map(|end| end + 1),
            '&' => reference(rest).map(|(character, used)| {
                out.push(character);
                used
            }),
            _ => None,
        };
        rest = match used {
            Some(used) => &rest[used..],
            None => {
                out.push(c);
                &rest[c.len_utf8()..]
            }
        };
    }
    out
}

/// How many speakers' words stand in clean cue text.
pub(super) fn speakers(text: &str) -> usize {
    // No other element that is written begins with a v.
    text.matches("<v").count()
}

/// Writes escaped text and balanced tags. White space and opening tags wait
/// until something visible follows, so that lines are trimmed, blank lines
/// vanish and no element is empty.
#[derive(Default)]
struct Writer {
    out: String,
    line_end: bool,
    space: Option<char>,
    open: Vec<Element>,
}

struct Element {
    name: &'static str,
    /// Classes and annotation, as they stand in the start tag.
    attributes: String,
    /// The end tag that the author wrote closes this one (`font` became `c`).
    closed_by: &'static str,
    written: bool,
}

impl Writer {
    fn character(&mut self, c: char) {
        match c {
            '\n' | '\u{2028}' | '\u{2029}' => self.line_end = true,
            ' ' | '\t' => self.space = self.space.or(Some(' ')),
            c if c.is_control() => {}
            // A no-break space is the stronger of two spaces.
            c if c.is_whitespace() => self.space = Some(c),
            c => {
                self.before_visible();
                // What is left of taken-out pieces must not form a new one.
                while c == '\\' && self.out.ends_with('{') {
                    self.out.pop();
                }
                push_escaped(&mut self.out, c);
            }
        }
    }

    fn before_visible(&mut self) {
        if !self.out.is_empty() {
            if self.line_end {
                self.out.push('\n');
            } else if let Some(space) = self.space {
                self.out.push(space);
            }
        }
        (self.line_end, self.space) = (false, None);
        for element in self.open.iter_mut().filter(|e| !e.written) {
            self.out.push('<');
            self.out.push_str(element.name);
            self.out.push_str(&element.attributes);
            self.out.push('>');
            element.written = true;
        }
    }

    fn start(&mut self, element: Element) {
        // Speakers and ruby texts follow each other; they do not nest.
        if matches!(element.name, "v" | "rt") {
            self.end(element.name);
        }
        if self.open.len() < DEEPEST {
            self.open.push(element);
        }
    }

    fn end(&mut self, name: &str) {
        if let Some(at) = self.open.iter().rposition(|e| e.closed_by == name) {
            self.close_from(at);
        }
    }

    fn close_from(&mut self, at: usize) {
        for element in self.open.drain(at..).rev().filter(|e| e.written) {
            self.out.push_str("</");
            self.out.push_str(element.name);
            self.out.push('>');
        }
    }
}

pub(super) fn push_escaped(out: &mut String, c: char) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '\u{200E}' => out.push_str("&lrm;"),
        '\u{200F}' => out.push_str("&rlm;"),
        c => out.push(c),
    }
}

/// Reads a tag at the start of `rest`. `None` when it is none but a plain
/// "less than" (`I <3 you`, `x < y`, an address in angle brackets).
fn tag(rest: &str, writer: &mut Writer, dropped: &mut Vec<String>) -> Option<usize> {
    let inner_end = rest[1..].find(['<', '>'])? + 1;
    if rest.as_bytes()[inner_end] != b'>' {
        return None;
    }
    let inner = &rest[1..inner_end];
    let used = inner_end + 1;
    let (inner, is_end) = match inner.strip_prefix('/') {
        Some(inner) => (inner, true),
        None => (inner, false),
    };
    if !inner.is_empty()
        && inner
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.'))
    {
        // Words timed one by one (karaoke): the words stay.
        dropped.push("00:00".to_owned());
        return Some(used);
    }
    let name_end = inner
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(inner.len());
    let (name, tail) = inner.split_at(name_end);
    if !name.starts_with(|c: char| c.is_ascii_alphabetic())
        || !(tail.is_empty() || tail.starts_with(['.', ' ', '\t', '\n', '/']))
    {
        return None;
    }
    let name = name.to_ascii_lowercase();
    if is_end {
        writer.end(&name);
        return Some(used);
    }
    let (classes, annotation) =
        tail.split_at(tail.find([' ', '\t', '\n', '/']).unwrap_or(tail.len()));
    match element(&name, classes, annotation.trim(), writer) {
        Some(element) => writer.start(element),
        None if name == "br" => writer.character('\n'),
        None => dropped.push(name),
    }
    Some(used)
}

fn element(name: &str, classes: &str, annotation: &str, writer: &Writer) -> Option<Element> {
    if name == "font" {
        let class = colour_class(annotation)?;
        return Some(Element {
            name: "c",
            attributes: format!(".{class}"),
            closed_by: "font",
            written: false,
        });
    }
    let known = ["b", "i", "u", "c", "v", "lang", "ruby", "rt"];
    let name = *known.iter().find(|k| **k == name)?;
    let annotation = annotation_text(annotation);
    let inside_ruby = || writer.open.iter().any(|e| e.name == "ruby");
    if (name == "rt" && !inside_ruby()) || (name == "v" && annotation.is_empty()) {
        return None;
    }
    let mut attributes: String = classes
        .split('.')
        .map(|class| class.trim_end_matches('-'))
        .filter(|class| !class.is_empty() && !class.contains('&'))
        .map(|class| format!(".{class}"))
        .collect();
    if matches!(name, "v" | "lang") && !annotation.is_empty() {
        attributes.push(' ');
        annotation
            .chars()
            .for_each(|c| push_escaped(&mut attributes, c));
    }
    Some(Element {
        name,
        attributes,
        closed_by: name,
        written: false,
    })
}

/// A speaker's name or a language, as words. Dashes at its end would make an
/// arrow with the end of the tag, and WebVTT allows none in a cue.
fn annotation_text(annotation: &str) -> String {
    // References first: one may stand for a line end.
    let words: Vec<String> = plain(annotation)
        .split_whitespace()
        .map(|word| word.replace(char::is_control, ""))
        .filter(|word| !word.is_empty())
        .collect();
    let mut words = words.join(" ");
    words.truncate(words.trim_end_matches(['-', ' ']).len());
    words
}

/// Colours carry meaning in French captions (who speaks, sounds, music), so
/// those that WebVTT has a class for survive.
fn colour_class(annotation: &str) -> Option<&'static str> {
    let lower = annotation.to_ascii_lowercase();
    let value = lower
        .split_once("color")?
        .1
        .trim_start()
        .strip_prefix('=')?;
    let value = value.trim_start().trim_start_matches(['"', '\'']);
    let end = value.find(['"', '\'', ' ', '>']).unwrap_or(value.len());
    match value[..end].trim_start_matches('#') {
        "white" | "ffffff" => Some("white"),
        "lime" | "green" | "00ff00" => Some("lime"),
        "cyan" | "aqua" | "00ffff" => Some("cyan"),
        "red" | "ff0000" => Some("red"),
        "yellow" | "ffff00" => Some("yellow"),
        "magenta" | "fuchsia" | "ff00ff" => Some("magenta"),
        "blue" | "0000ff" => Some("blue"),
        "black" | "000000" => Some("black"),
        _ => None,
    }
}

/// `{\an8}` and the like, which SubStation Alpha leaves behind in SRT files.
fn override_block(rest: &str, result: &mut Cleaned) -> Option<usize> {
    if !rest.starts_with("{\\") {
        return None;
    }
    let end = rest[1..].find(['{', '}'])? + 1;
    if rest.as_bytes()[end] != b'}' {
        return None;
    }
    let inner = &rest[1..end];
    result.top |= ["\\an7", "\\an8", "\\an9"]
        .iter()
        .any(|a| inner.contains(a));
    result.dropped.push("{\\}".to_owned());
    Some(end + 1)
}

/// A character reference at the start of `rest` and its length.
fn reference(rest: &str) -> Option<(char, usize)> {
    // No reference that is decoded here is longer than "&Eacute;" or "&#x10FFFF;".
    let end = rest.bytes().take(12).position(|b| b == b';')?;
    let name = &rest[1..end];
    let character = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
                .filter(|c| *c != '\0')
                .unwrap_or('\u{FFFD}')
        }
        None => REFERENCES.iter().find(|(n, _)| *n == name)?.1,
    };
    Some((character, end + 1))
}

/// WebVTT's own, and those that French and English text exported from a web
/// page contains.
const REFERENCES: [(&str, char); 47] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("nbsp", '\u{A0}'),
    ("lrm", '\u{200E}'),
    ("rlm", '\u{200F}'),
    ("quot", '"'),
    ("apos", '\''),
    ("agrave", 'à'),
    ("acirc", 'â'),
    ("auml", 'ä'),
    ("ccedil", 'ç'),
    ("eacute", 'é'),
    ("egrave", 'è'),
    ("ecirc", 'ê'),
    ("euml", 'ë'),
    ("icirc", 'î'),
    ("iuml", 'ï'),
    ("ocirc", 'ô'),
    ("ouml", 'ö'),
    ("ugrave", 'ù'),
    ("ucirc", 'û'),
    ("uuml", 'ü'),
    ("aelig", 'æ'),
    ("oelig", 'œ'),
    ("Agrave", 'À'),
    ("Acirc", 'Â'),
    ("Ccedil", 'Ç'),
    ("Eacute", 'É'),
    ("Egrave", 'È'),
    ("Ecirc", 'Ê'),
    ("Icirc", 'Î'),
    ("Ocirc", 'Ô'),
    ("Ucirc", 'Û'),
    ("OElig", 'Œ'),
    ("laquo", '«'),
    ("raquo", '»'),
    ("lsquo", '\u{2018}'),
    ("rsquo", '\u{2019}'),
    ("ldquo", '\u{201C}'),
    ("rdquo", '\u{201D}'),
    ("hellip", '…'),
    ("ndash", '\u{2013}'),
    ("mdash", '\u{2014}'),
    ("euro", '€'),
    ("deg", '°'),
    ("copy", '©'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cue_text_is_right_by_construction() {
        for (raw, expected) in [
            (
                "Tom & Jerry <3, a < b --> c",
                "Tom &amp; Jerry &lt;3, a &lt; b --&gt; c",
            ),
            (
                "d&eacute;j&agrave; &lt;ici&gt; &amp; &#39;l&#xE0;&#39; &inconnu;",
                "déjà &lt;ici&gt; &amp; 'là' &amp;inconnu;",
            ),
            (
                "<i>ouvert\nsur deux lignes",
                "<i>ouvert\nsur deux lignes</i>",
            ),
            ("<b><i>x</b>y</i>", "<b><i>x</i></b>y"),
            ("</i>a<b></b> <u> </u>b", "a b"),
            ("<I>fort</I><br/>bas<BR>fin", "<i>fort</i>\nbas\nfin"),
            (
                "<v.loud Mme  Dupont>Oui.\n<v Paul & Co>Non.",
                "<v.loud Mme Dupont>Oui.</v>\n<v Paul &amp; Co>Non.</v>",
            ),
            (
                "<v>anonyme</v> <script>x</script> <00:00:01.000>mot",
                "anonyme x mot",
            ),
            (
                "<ruby>字<rt>ji</rt></ruby> <rt>seul</rt>",
                "<ruby>字<rt>ji</rt></ruby> seul",
            ),
            ("<lang en>playground</lang>", "<lang en>playground</lang>"),
            (
                "<font color=\"#FF00FF\">musique</font> <font size=3>x</font>",
                "<c.magenta>musique</c> x",
            ),
            (
                "écrire à <aide@exemple.fr>",
                "écrire à &lt;aide@exemple.fr&gt;",
            ),
            ("je <t'aime et <i>toi</i>", "je &lt;t'aime et <i>toi</i>"),
            ("{\\an8}En haut {pas ceci}", "En haut {pas ceci}"),
            (
                "  des \t blancs  \n   \n autour\u{7}  ",
                "des blancs\nautour",
            ),
            (
                "quoi\u{202F}? oui\u{A0}: non",
                "quoi\u{202F}? oui\u{A0}: non",
            ),
            ("<i> </i><b></b>", ""),
            ("a\n\u{A0}\nb\u{2028}c \u{A0} d\u{202F}", "a\nb\nc\u{A0}d"),
            ("{\\an{\\an9}8}x", "\\an8}x"),
            ("{{\\an9}\\an8}x", "\\an8}x"),
            (
                "<lang\n\u{1A} en>x</lang><v A&#10;&nbsp; B>y",
                "<lang en>x</lang><v A B>y</v>",
            ),
            // Nothing in a tag may make an arrow with the end of it.
            (
                "<v Anne -->a<v.x-- &#45;&#45;>b<c.y-->c",
                "<v Anne>ab<c.y>c</c></v>",
            ),
        ] {
            assert_eq!(clean(raw).text, expected, "{raw}");
        }
    }

    #[test]
    fn dropped_tags_are_named_and_the_top_is_seen() {
        let cleaned = clean("{\\an8\\fs20}<font face='x'>a</font><00:01.000>");
        assert_eq!(cleaned.dropped, ["{\\}", "font", "00:00"]);
        assert!(cleaned.top);
        assert!(!clean("{\\an2}a").top);
    }

    #[test]
    fn plain_words() {
        let text = clean("<v Anne>Tom &amp; <i>Léa</i> &lt;3</v>\nbien").text;
        assert_eq!(plain(&text), "Tom & Léa <3\nbien");
    }

    #[test]
    fn deep_nesting_stays_balanced() {
        let text = clean(&format!("{}x", "<b>".repeat(1000))).text;
        assert_eq!(text.matches("<b>").count(), DEEPEST);
        assert_eq!(text.matches("</b>").count(), DEEPEST);
    }
}
