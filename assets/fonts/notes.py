#!/usr/bin/env python3
"""Draws Notes.ttf: the four notes that stand beside music in captions, and that
text fonts lack. Needs fontTools; run in this folder, it writes the same bytes.

The drawing is our own. Like the fonts beside it, it may be used under the SIL
Open Font License 1.1 (OFL.txt)."""

import math
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

NAME, HEAD_X, HEAD_Y, TILT = "Portevoix Notes", 145, 105, math.radians(22)
STEM = 62


def ellipse(pen, x, y):
    """A note's head, its right side up."""
    points = []
    for step in range(8):
        angle = -step * math.pi / 4
        # Every second point is off the curve, where two tangents meet.
        reach = 1 if step % 2 == 0 else 1 / math.cos(math.pi / 4)
        across, up = HEAD_X * reach * math.cos(angle), HEAD_Y * reach * math.sin(angle)
        points.append((
            round(x + across * math.cos(TILT) - up * math.sin(TILT)),
            round(y + across * math.sin(TILT) + up * math.cos(TILT)),
        ))
    pen.moveTo(points[0])
    for off, on in ((1, 2), (3, 4), (5, 6), (7, 0)):
        pen.qCurveTo(points[off], points[on])
    pen.closePath()


def shape(pen, *points):
    pen.moveTo(points[0])
    for point in points[1:]:
        pen.lineTo(point)
    pen.closePath()


def stem(pen, right, foot, top):
    shape(pen, (right - STEM, foot), (right - STEM, top), (right, top), (right, foot))


def flag(pen, x, top):
    pen.moveTo((x - STEM, top))
    pen.lineTo((x, top))
    pen.qCurveTo((x + 20, top - 130), (x + 120, top - 220))
    pen.qCurveTo((x + 250, top - 340), (x + 150, top - 540))
    pen.qCurveTo((x + 190, top - 340), (x + 40, top - 270))
    pen.lineTo((x - STEM, top - 230))
    pen.closePath()


def quarter(pen):
    ellipse(pen, 200, 110)
    stem(pen, 338, 130, 760)


def eighth(pen):
    quarter(pen)
    flag(pen, 338, 760)


def beamed(pen, beams):
    for x in (200, 590):
        ellipse(pen, x, 90 if x == 200 else 130)
    stem(pen, 338, 110, 690)
    stem(pen, 728, 150, 750)
    for top in (0, 170)[:beams]:
        shape(pen, (276, 590 - top), (276, 700 - top), (728, 770 - top), (728, 660 - top))


GLYPHS = {
    ".notdef": (500, lambda pen: None),
    "quarter": (430, quarter),
    "eighth": (590, eighth),
    "beamed": (820, lambda pen: beamed(pen, 1)),
    "twice": (820, lambda pen: beamed(pen, 2)),
}
CHARACTERS = {0x2669: "quarter", 0x266A: "eighth", 0x266B: "beamed", 0x266C: "twice"}


def drawn(draw):
    pen = TTGlyphPen(None)
    draw(pen)
    return pen.glyph()


font = FontBuilder(1000, isTTF=True)
font.setupGlyphOrder(list(GLYPHS))
font.setupCharacterMap(CHARACTERS)
font.setupGlyf({name: drawn(draw) for name, (_, draw) in GLYPHS.items()})
left = {name: getattr(font.font["glyf"][name], "xMin", 0) for name in GLYPHS}
font.setupHorizontalMetrics({name: (width, left[name]) for name, (width, _) in GLYPHS.items()})
font.setupHorizontalHeader(ascent=800, descent=-200)
font.setupNameTable({
    "familyName": NAME,
    "styleName": "Regular",
    "uniqueFontIdentifier": NAME,
    "fullName": NAME,
    "psName": "PortevoixNotes",
    "version": "Version 1.000",
    "licenseDescription": "SIL Open Font License, Version 1.1",
})
font.setupOS2(sTypoAscender=800, sTypoDescender=-200, usWinAscent=800, usWinDescent=200)
font.setupPost()
font.font["head"].created = font.font["head"].modified = 3_786_825_600
font.font.recalcTimestamp = False
font.save("Notes.ttf")
