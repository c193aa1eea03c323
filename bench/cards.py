"""Measures what cards cost, in one run.

Lower thirds: the same clip is built with one over all of it and without any, in
turns; what is compared is the processor time of the workers that render, as the
program itself accounts for it. Nothing of a segment that carries none may differ.

`card` and `frame`: from the command to the written pictures, in a series that the
program sees for the first time, and again.
"""

import argparse
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PORTEVOIX = os.environ["PORTEVOIX"]
MEDIA = Path(os.environ.get("PORTEVOIX_MEDIA", ROOT / "../shared/media")) / "files"


def write_series(folder, clips, seconds, cards=None, timing="", drawing=None):
    (folder / "footage").mkdir(parents=True)
    rows = ["id,fichier,question,intervenant,fonction,structure,conserver,contact"]
    kept = f"0:00-0:{seconds:06.3f}" if seconds else ""
    for n, clip in enumerate(clips):
        name = f"clip-{n}{clip.suffix}"
        shutil.copy(clip, folder / "footage" / name)
        rows.append(f"clip-{n},{name},Comment dire à mon enfant que nous allons nous séparer ?,Anne Roche,"
                    f"psychologue,Maison des parents,{kept},04 65 71 00 00")
    (folder / "capsules.csv").write_text("\n".join(rows) + "\n")
    (folder / "series.toml").write_text(
        'id = "bench"\ntitle = "Mesures"\nconsent = "not-needed"\naudience = "public"\nlanguage = "fr"\n')
    if cards is not None:
        (folder / "profiles").mkdir()
        web = (ROOT / "profiles/web.toml").read_text().splitlines()
        others = [line for line in web if not line.startswith("cards")]
        (folder / "profiles/web.toml").write_text(f"cards = {json.dumps(cards)}\n" + "\n".join(others) + "\n")
    if timing:
        (folder / "charter").mkdir()
        (folder / "charter/charter.toml").write_text(f"[timing]\n{timing}\n")
    if drawing:
        (folder / "charter/lower-third.svg").write_text(drawing)


def run(*command):
    began = time.monotonic()
    done = subprocess.run([PORTEVOIX, *[str(c) for c in command]], check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    return time.monotonic() - began, done.stdout


def build(folder):
    _, said = run("--series", folder, "--format", "json", "build")
    events = [json.loads(line) for line in said.splitlines()]
    return next(e for e in reversed(events) if "worker_cpu_ms" in e)


def segments(folder):
    """Digests of the published segments, by rung and place."""
    found = {}
    for file in sorted((folder / "dist/public").rglob("*p/[0-9]*.m4s")):
        found[file.parent.name, file.name.split("-")[0]] = hashlib.sha256(file.read_bytes()).hexdigest()
    return found


def told(values, unit=""):
    return f"{statistics.median(values):.3f}{unit} ({min(values):.3f}–{max(values):.3f})"


def unseen():
    """The charter's lower third, so thin that no picture changes by it: all that
    it costs is laying it over."""
    drawing = (ROOT / "assets/charter/warm/lower-third.svg").read_text()
    head, rest = drawing.split("<svg", 1)
    attributes, body = rest.split(">", 1)
    body = body.rsplit("</svg>", 1)[0]
    return f'{head}<svg{attributes}><g opacity="0.004">{body}</g></svg>'


def overlays(clip, seconds, rounds, work):
    whole = f"lower-third-delay = 0\nlower-third = {seconds}\nlower-third-fade = 0.4"
    ways = {"without": ([], "", None), "with": (["lower-third"], whole, None),
            "unseen": (["lower-third"], whole, unseen())}
    spent = {name: [] for name in ways}
    bits = {}
    for round_ in range(rounds):
        for name, (cards, timing, drawing) in ways.items():
            place = work / f"{name}-{round_}"
            write_series(place, [clip], seconds, cards, timing, drawing)
            spent[name].append(build(place)["worker_cpu_ms"]["render"] / 1000)
            bits[name] = sum(f.stat().st_size for f in (place / "dist/public").rglob("*p/[0-9]*.m4s")) * 8 / 1e6
            shutil.rmtree(place)
        print(f"# round {round_ + 1}: " + ", ".join(f"{name} {s[-1]:.2f} s" for name, s in spent.items()), flush=True)
    for name, meaning in [("with", "in all"), ("unseen", "laying it over alone, at 1/255 of its opacity")]:
        ratios = [100 * (a / b - 1) for a, b in zip(spent[name], spent["without"])]
        medians = 100 * (statistics.median(spent[name]) / statistics.median(spent["without"]) - 1)
        print(f"\nLower third over {seconds} s, all rungs of web, {meaning}: processor time of rendering "
              f"{told(ratios, ' %')} more in {rounds} rounds, {medians:.2f} % of the medians; "
              f"{bits[name]:.2f} Mbit against {bits['without']:.2f}")
    short = {"with": (["lower-third"], "lower-third-delay = 0\nlower-third = 2"), "without": ([], "")}
    made = {}
    for name, (cards, timing) in short.items():
        place = work / f"short-{name}"
        write_series(place, [clip], seconds, cards, timing)
        build(place)
        made[name] = segments(place)
    same = sum(made["with"][key] == digest for key, digest in made["without"].items())
    print(f"With one over the first 2 s: {same} of {len(made['without'])} segments are the same to the byte, "
          f"those of the first {len(made['without']) - same} carry it")


def looks(clips, rounds, work):
    first, again, frames = [], [], []
    for round_ in range(rounds):
        place = work / f"looks-{round_}"
        write_series(place, clips, None)
        for n, _ in enumerate(clips):
            into = work / f"png-{round_}-{n}"
            wall, _ = run("--series", place, "card", f"clip-{n}", "-o", into)
            pictures = len(list(into.glob("*.png")))
            first.append(wall)
            again.append(run("--series", place, "card", f"clip-{n}", "-o", into)[0])
            frames.append(run("--series", place, "frame", f"clip-{n}", "6", "-o", into / "frame.png")[0])
        shutil.rmtree(place)
    print(f"\n`card` of a capsule ({pictures} pictures), nothing in store: {told(first, ' s')}; again: {told(again, ' s')}")
    print(f"`frame` of a capsule that is not made yet: {told(frames, ' s')}")


def main():
    asked = argparse.ArgumentParser(prog="bench/cards", description=__doc__)
    asked.add_argument("what", choices=["overlays", "looks", "all"], nargs="?", default="all")
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--seconds", type=int, default=12, help="of the clip, at most 60")
    asked.add_argument("--work", type=Path, help="a folder, best in memory")
    asked = asked.parse_args()
    if MEDIA.is_dir():
        clips = [MEDIA / "long1080/video.mp4", MEDIA / "people/test_video.mp4"]
    else:
        print("# no real clips: the example's are measured, which are smaller")
        clips = sorted((ROOT / "examples/diois/footage").rglob("*.mp4"))[:2]
    with tempfile.TemporaryDirectory(prefix="portevoix-cards-", dir=asked.work) as folder:
        work = Path(folder)
        if asked.what in ("overlays", "all"):
            overlays(clips[0], asked.seconds, asked.rounds, work)
        if asked.what in ("looks", "all"):
            looks(clips, asked.rounds, work)


main()
