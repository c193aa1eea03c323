"""Measures portevoix beside other ways to the same result, in one run.

Every figure is a ratio of two things that were done alternately on the same
machine; what is quoted is the median over the rounds. Processor time is the
operating system's account of a command and all that it started.
"""

import argparse
import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PORTEVOIX = os.environ["PORTEVOIX"]
FFMPEG_NEW = os.environ["FFMPEG_NEW"]
MEDIA = Path(os.environ.get("PORTEVOIX_MEDIA", ROOT / "../shared/media")) / "files"

# As in profiles/web.toml, and what our encoder is told beside (src/media/encode.rs).
LADDER = [(1080, 23, 6000), (720, 23, 3000), (540, 23, 1600), (360, 23, 800)]
PROGRESSIVE = (720, 360)
LOOKAHEAD, REFERENCES = 20, 3
# As in assets/charter/warm/charter.toml, in seconds.
OPENING, END, TRANSITION = Fraction(4), Fraction(4), Fraction(1, 2)
STRAP_DELAY, STRAP, STRAP_FADE = Fraction(1), Fraction(6), Fraction(2, 5)


class Clip:
    """A clip and the range of it that is used."""

    def __init__(self, path, seconds):
        self.path = path
        shown = json.loads(output("ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries",
                                  "stream=r_frame_rate,width,height,nb_frames:format=duration",
                                  "-of", "json", path))
        stream = shown["streams"][0]
        self.rate = Fraction(stream["r_frame_rate"])
        self.width, self.height = stream["width"], stream["height"]
        whole = int(float(shown["format"]["duration"]) * self.rate)
        self.frames = min(int(seconds * self.rate), whole) if seconds else whole
        # As ours counts: to the nearest frame.
        count = lambda t: int(t * self.rate + Fraction(1, 2))
        self.opening, self.end, self.transition = count(OPENING), count(END), count(TRANSITION)

    def total(self):
        return self.opening + self.frames + self.end

    def size(self, height):
        even = lambda side: int(Fraction(side * height, self.height) / 2 + Fraction(1, 2)) * 2
        return even(self.width), height

    def ladder(self):
        return [rung for rung in LADDER if rung[0] <= self.height]


def output(*command):
    return subprocess.run([str(c) for c in command], check=True, stdout=subprocess.PIPE).stdout


class Cost:
    def __init__(self, wall, cpu, memory=0):
        self.wall, self.cpu, self.memory = wall, cpu, memory

    def __add__(self, other):
        return Cost(self.wall + other.wall, self.cpu + other.cpu, max(self.memory, other.memory))


def timed(command, cwd=None, log=None):
    """Runs a command and says what it and its children cost."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    done = subprocess.run([str(c) for c in command], cwd=cwd, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    wall = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.stderr.write(done.stdout.decode(errors="replace")[-2000:])
        sys.stderr.write(done.stderr.decode(errors="replace")[-4000:])
        sys.exit(f"failed: {command}")
    if log is not None:
        log.append(done.stdout)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, cpu, after.ru_maxrss / 1024)


# Ours ---------------------------------------------------------------------


def write_series(folder, clips, titles=None, profiles=("web",)):
    folder.mkdir(parents=True)
    (folder / "footage").mkdir()
    rows = ["id,fichier,question,intervenant,fonction,structure,conserver,contact"]
    for n, clip in enumerate(clips):
        name = f"clip-{n}{clip.path.suffix}"
        os.link(clip.path, folder / "footage" / name) if same_device(clip.path, folder) else \
            shutil.copy(clip.path, folder / "footage" / name)
        title = (titles or {}).get(n, "Comment dire à mon enfant que nous allons nous séparer ?")
        # A frame's time, halfway to the next: no rounding can move it.
        end = float((clip.frames) / clip.rate)
        rows.append(f"clip-{n},{name},{title},Anne Roche,psychologue,Maison des parents,"
                    f"0:00-{int(end // 60)}:{end % 60:06.3f},04 65 71 00 00")
    (folder / "capsules.csv").write_text("\n".join(rows) + "\n")
    named = ", ".join(f'"{p}"' for p in profiles)
    (folder / "series.toml").write_text(
        'id = "bench"\ntitle = "Mesures"\nconsent = "not-needed"\naudience = "public"\n'
        f'language = "fr"\nprofiles = [{named}]\n')


def same_device(path, folder):
    return os.stat(path).st_dev == os.stat(folder).st_dev


def ours(folder, *options):
    log = []
    cost = timed([PORTEVOIX, "--series", folder, "--format", "json", "build", *options], log=log)
    events = [json.loads(line) for line in log[0].splitlines()]
    return cost, next(e for e in events if e["event"] == "summary")


# Theirs -------------------------------------------------------------------


def x264_options(clip, rung, settings):
    _, crf, cap = rung
    gop = round(2 * clip.rate)
    common = [f"scenecut=0:keyint={gop}:min-keyint={gop}:open-gop=0:ref={REFERENCES}"
              f":rc-lookahead={LOOKAHEAD}" + settings]
    return ["-preset", "medium", "-profile:v", "high", "-crf", crf, "-maxrate", f"{cap}k",
            "-bufsize", f"{2 * cap}k", "-x264-params", *common]


def graph(clip, rungs):
    """Cards, transitions and lower third over the clip, once per rung."""
    rate = f"{clip.rate.numerator}/{clip.rate.denominator}"
    seconds = lambda frames: f"{float(Fraction(frames) / clip.rate):.6f}"
    width, height = clip.size(min(1080, clip.height))
    still = f"scale={width}:{height}:out_color_matrix=bt709:out_range=tv,format=yuv420p,fps={rate},settb=AVTB"
    strap_at = float(STRAP_DELAY)
    fade = float(STRAP_FADE)
    chain = [
        f"[0:v]fps={rate},trim=end_frame={clip.frames},scale={width}:{height}:out_color_matrix=bt709,"
        f"format=yuv420p,settb=AVTB[film]",
        f"[1:v]{still}[opening]",
        f"[2:v]format=rgba,fps={rate},fade=in:st=0:d={fade}:alpha=1,"
        f"fade=out:st={float(STRAP - STRAP_FADE)}:d={fade}:alpha=1,setpts=PTS+{strap_at}/TB[strap]",
        f"[film][strap]overlay=eof_action=pass,settb=AVTB[named]",
        f"[3:v]{still}[end]",
        f"[opening][named]xfade=fade:duration={seconds(clip.transition)}:offset={seconds(clip.opening)}[begun]",
        f"[begun][end]xfade=fade:duration={seconds(clip.transition)}"
        f":offset={seconds(clip.opening + clip.frames - clip.transition)},trim=end_frame={clip.total()}[whole]",
    ]
    outs = [f"v{height}" for height, _, _ in rungs]
    if len(rungs) > 1:
        chain.append(f"[whole]split={len(rungs)}" + "".join(f"[s{o}]" for o in outs))
    for out, (height, _, _) in zip(outs, rungs):
        w, h = clip.size(height)
        label = f"[s{out}]" if len(rungs) > 1 else "[whole]"
        chain.append(f"{label}scale={w}:{h}:flags=bicubic,format=yuv420p,setsar=1[{out}]")
    return ";".join(chain), outs


def inputs(clip, cards):
    rate = f"{clip.rate.numerator}/{clip.rate.denominator}"
    still = lambda name, frames: ["-loop", "1", "-framerate", rate, "-t",
                                  f"{float(Fraction(frames) / clip.rate):.6f}", "-i", cards[name]]
    return ["-i", clip.path, *still("opening", clip.opening + clip.transition),
            *still("lower-third", int(STRAP * clip.rate)), *still("end", clip.end + clip.transition)]


def has_sound(clip):
    return bool(output("ffprobe", "-v", "error", "-select_streams", "a", "-show_entries",
                       "stream=index", "-of", "csv=p=0", clip.path).strip())


def sound_filter(clip, gain):
    length = float(Fraction(clip.frames) / clip.rate)
    return (f"atrim=end={length:.6f},aformat=sample_rates=48000:channel_layouts=stereo,volume={gain:.2f}dB,"
            f"alimiter=limit=0.794,adelay={int(OPENING * 1000)}:all=1,apad=pad_dur={float(END)}")


def measured_gain(ffmpeg, clip):
    """The first of two passes: what is added to reach -16 LUFS."""
    began = subprocess.run([ffmpeg, "-hide_banner", "-nostdin", "-i", clip.path, "-vn", "-af", "ebur128", "-f", "null", "-"],
                           stderr=subprocess.PIPE, check=True).stderr.decode()
    return -16 - float(re.findall(r"I:\s+(-?[\d.]+) LUFS", began)[-1])


COLOURS = ["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"]


def hls(folder, streams):
    return ["-f", "hls", "-hls_time", 6, "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4",
            "-hls_flags", "independent_segments", "-master_pl_name", "master.m3u8",
            "-var_stream_map", streams, "-hls_segment_filename", folder / "%v-%d.m4s",
            "-hls_fmp4_init_filename", "%v-init.mp4", folder / "%v.m3u8"]


def all_rungs(ffmpeg, clip, cards, folder, settings="", rungs=None, sound=True):
    """What somebody who knows ffmpeg well types: one decode, all renditions,
    loudness in two passes, HLS, progressive files and a poster."""
    folder.mkdir(parents=True)
    rungs = rungs or clip.ladder()
    sound = sound and has_sound(clip)
    cost = Cost(0, 0)
    gain = 0.0
    if sound:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.monotonic()
        gain = measured_gain(ffmpeg, clip)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cost += Cost(time.monotonic() - began,
                     after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    text, outs = graph(clip, rungs)
    command = [ffmpeg, "-nostdin", "-v", "error", "-y", *inputs(clip, cards)]
    if sound:
        text += f";[0:a]{sound_filter(clip, gain)}[a]"
    command += ["-filter_complex", text]
    for n, (out, rung) in enumerate(zip(outs, rungs)):
        command += ["-map", f"[{out}]"]
        options = x264_options(clip, rung, settings)
        for key, value in zip(options[::2], options[1::2]):
            command += [key if key == "-preset" else f"{key.split(':')[0]}:v:{n}", value]
    command += ["-c:v", "libx264", *COLOURS]
    streams = [f"v:{n}" for n in range(len(rungs))]
    if sound:
        command += ["-map", "[a]", "-c:a", "aac", "-b:a", "128k"]
        streams = [f"{s},agroup:sound" for s in streams] + ["a:0,agroup:sound"]
    command += hls(folder, " ".join(streams))
    cost += timed(command)
    for n, (height, _, _) in enumerate(rungs):
        if height in PROGRESSIVE:
            heard = ["-i", folder / f"{len(rungs)}.m3u8"] if sound else []
            cost += timed([ffmpeg, "-nostdin", "-v", "error", "-y", "-i", folder / f"{n}.m3u8", *heard, "-c", "copy",
                           "-movflags", "+faststart", folder / f"{height}p.mp4"])
    cost += timed([ffmpeg, "-nostdin", "-v", "error", "-y", "-ss", float(OPENING) + 2, "-i", folder / "0.m3u8",
                   "-frames:v", 1, "-q:v", 3, folder / "poster.jpg"])
    return cost


def rung_by_rung(ffmpeg, clip, cards, folder):
    """A script with one command for each rendition."""
    cost = Cost(0, 0)
    for n, rung in enumerate(clip.ladder()):
        cost += all_rungs(ffmpeg, clip, cards, folder / str(rung[0]), rungs=[rung], sound=n == 0)
    return cost


def handbrake(clip, folder):
    """The renditions alone: it has no ladder, no cards and no HLS."""
    folder.mkdir(parents=True)
    cost = Cost(0, 0)
    for rung in clip.ladder():
        height, crf, cap = rung
        w, h = clip.size(height)
        gop = round(2 * clip.rate)
        end = float(Fraction(clip.frames) / clip.rate)
        cost += timed(["HandBrakeCLI", "-i", clip.path, "-o", folder / f"{height}.mp4", "-e", "x264",
                       "--encoder-preset", "medium", "-q", crf, "-w", w, "-l", h, "--crop", "0:0:0:0",
                       "--stop-at", f"seconds:{end:.3f}", "--cfr", "-r", f"{float(clip.rate):g}",
                       "-x", f"scenecut=0:keyint={gop}:min-keyint={gop}:ref={REFERENCES}:rc-lookahead={LOOKAHEAD}"
                             f":vbv-maxrate={cap}:vbv-bufsize={2 * cap}", "-O"])
    return cost


def raw_frames(clip, cards, folder):
    """The pictures of every rung, composed, as an encoder takes them."""
    folder.mkdir(parents=True)
    text, outs = graph(clip, clip.ladder())
    command = [FFMPEG_NEW, "-nostdin", "-v", "error", "-y", *inputs(clip, cards), "-filter_complex", text]
    for out, rung in zip(outs, clip.ladder()):
        command += ["-map", f"[{out}]", "-f", "yuv4mpegpipe", folder / f"{rung[0]}.y4m"]
    subprocess.run([str(c) for c in command], check=True)


def encoders_alone(clip, raw, folder):
    """x264 as ours runs it (one thread, any processor), fed with raw frames; as
    many at once as there are cores, because cores share caches."""
    folder.mkdir(parents=True)
    lines = []
    for height, crf, cap in clip.ladder():
        gop = round(2 * clip.rate)
        lines.append(" ".join(str(word) for word in [
            "x264", "--quiet", "--preset", "medium", "--profile", "high", "--crf", crf,
            "--vbv-maxrate", cap, "--vbv-bufsize", 2 * cap, "--vbv-init", "0.5", "--threads", 1,
            "--keyint", gop, "--min-keyint", gop, "--scenecut", 0, "--ref", REFERENCES,
            "--rc-lookahead", LOOKAHEAD, "--stitchable", "--cpu-independent",
            "--colormatrix", "bt709", "--colorprim", "bt709", "--transfer", "bt709",
            "-o", folder / f"{height}.264", raw / f"{height}.y4m"]))
    (folder / "commands").write_text("\n".join(lines))
    return timed(["xargs", "-a", folder / "commands", "-P", os.cpu_count(), "-d", "\n", "-n", 1, "sh", "-c",
                  'exec $0'])


# Quality ------------------------------------------------------------------


def bytes_of_pictures(files):
    """Coded pictures alone, without containers."""
    total = 0
    for file in files:
        sizes = output("ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "packet=size",
                       "-of", "csv=p=0", file).split()
        total += sum(int(s.strip(b",")) for s in sizes)
    return total


def ssim(clip, file, height, first):
    """Of the footage against the clip scaled once, from frame `first` of the
    file: clear of transitions, and of the lower two fifths, where the name
    stands. 1 is the same."""
    w, h = clip.size(height)
    rate = f"{clip.rate.numerator}/{clip.rate.denominator}"
    skip = clip.transition
    length = clip.frames - 2 * clip.transition
    cut = lambda start: f"trim=start_frame={start}:end_frame={start + length},settb=1/25,setpts=N"
    upper = "crop=iw:trunc(ih*3/10)*2:0:0"
    text = (f"[0:v]{cut(first + skip)},{upper}[a];[1:v]fps={rate},{cut(skip)},scale={w}:{h}:flags=bicubic:"
            f"out_color_matrix=bt709,format=yuv420p,{upper}[b];[a][b]ssim")
    told = subprocess.run([FFMPEG_NEW, "-nostdin", "-hide_banner", "-i", str(file), "-i", str(clip.path),
                           "-filter_complex", text, "-f", "null", "-"], stderr=subprocess.PIPE, check=True)
    return float(re.findall(r"All:([\d.]+)", told.stderr.decode())[-1])


# The runs -----------------------------------------------------------------


def cards_of(folder, clip, name, into):
    output(PORTEVOIX, "--series", folder, "card", name, "-o", into)
    w, h = clip.size(min(1080, clip.height))
    return {card: into / f"{name}-{card}-{w}x{h}.png" for card in ("opening", "lower-third", "end")}


def median(values):
    return statistics.median(values)


def spread(values):
    return f"{median(values):.3f} ({min(values):.3f}–{max(values):.3f})"


def cold(clips, rounds, work, wanted):
    series = work / "cards"
    write_series(series, clips)
    cards = [cards_of(series, clip, f"clip-{n}", work / "png") for n, clip in enumerate(clips)]
    raws = []
    for n, clip in enumerate(clips):
        raws.append(work / f"raw-{n}")
        raw_frames(clip, cards[n], raws[-1])

    def each(run):
        cost = Cost(0, 0)
        for n, clip in enumerate(clips):
            cost += run(n, clip)
        return cost

    last = {}
    summaries = []

    def portevoix(place):
        write_series(place, clips)
        cost, summary = ours(place)
        summaries.append(summary)
        return cost

    ways = {
        "portevoix": portevoix,
        "one ffmpeg 9.0": lambda p: each(lambda n, c: all_rungs(FFMPEG_NEW, c, cards[n], p / str(n))),
        "one ffmpeg 5.1": lambda p: each(lambda n, c: all_rungs("ffmpeg", c, cards[n], p / str(n))),
        "one ffmpeg 9.0 per rendition": lambda p: each(lambda n, c: rung_by_rung(FFMPEG_NEW, c, cards[n], p / str(n))),
        "HandBrake, renditions alone": lambda p: each(lambda n, c: handbrake(c, p / str(n))),
        "encoders alone": lambda p: each(lambda n, c: encoders_alone(c, raws[n], p / str(n))),
    }
    is_meant = lambda name, w: name == w if w in ways else w in name
    ways = {name: way for name, way in ways.items() if not wanted or any(is_meant(name, w) for w in wanted)}
    costs = {name: [] for name in ways}
    for round_ in range(rounds):
        for name, way in ways.items():
            place = work / "run" / f"{name.replace(' ', '-').replace(',', '')}-{round_}"
            place.parent.mkdir(exist_ok=True)
            costs[name].append(way(place))
            if name in last:
                shutil.rmtree(last[name])
            last[name] = place
            got = costs[name][-1]
            print(f"# round {round_ + 1}: {name}: {got.wall:.1f} s, processor {got.cpu:.1f} s", flush=True)

    print(f"\n{sum(c.frames for c in clips)} frames of footage, {sum(c.total() for c in clips)} with cards, "
          f"{os.cpu_count()} cores, medians of {rounds}\n")
    print("| | wall s | processor s | ours / its wall | ours / its processor | Mbit of pictures | SSIM 1080p | SSIM 360p |")
    print("|---|---|---|---|---|---|---|---|")
    mine = costs["portevoix"]
    for name, spent in costs.items():
        files, first = outputs(name, clips, last[name])
        size = bytes_of_pictures([f for per_clip in files for f in per_clip.values()])
        scores = []
        for height in (1080, 360):
            shown = [ssim(c, per_clip[height], height, first(c)) for c, per_clip in zip(clips, files)
                     if height in per_clip]
            scores.append(f"{statistics.mean(shown):.4f}" if shown else "")
        wall = spread([m.wall / s.wall for m, s in zip(mine, spent)])
        cpu = spread([m.cpu / s.cpu for m, s in zip(mine, spent)])
        print(f"| {name} | {median([s.wall for s in spent]):.1f} | {median([s.cpu for s in spent]):.1f} "
              f"| {wall} | {cpu} | {size * 8 / 1e6:.1f} | {scores[0]} | {scores[1]} |")

    print("\nOurs:")
    if "encoders alone" in costs:
        alone = costs["encoders alone"]
        verify = [s["worker_cpu_ms"]["verify"] / 1000 for s in summaries]
        print(f"- processor time without verifying, against the encoders alone: "
              f"{spread([(m.cpu - v) / a.cpu for m, v, a in zip(mine, verify, alone)])}")
        print(f"- verifying alone, against the encoders alone: {spread([v / a.cpu for v, a in zip(verify, alone)])}")
    print(f"- cores busy: {spread([m.cpu / m.wall / os.cpu_count() for m in mine])}")
    print(f"- largest process: {max(m.memory for m in mine):.0f} MB")
    print(f"- processor time of workers by kind, ms: {json.dumps(summaries[-1]['worker_cpu_ms'])}")


def outputs(name, clips, place):
    """Files by rung for each clip, and where in them the footage starts."""
    after_card = lambda clip: clip.opening
    if name == "portevoix":
        per_clip = lambda n, c: {h: place / f"dist/public/clip-{n}/web/{h}p/playlist.m3u8" for h, _, _ in c.ladder()}
    elif name.startswith("HandBrake"):
        after_card = lambda clip: 0
        per_clip = lambda n, c: {h: place / str(n) / f"{h}.mp4" for h, _, _ in c.ladder()}
    elif name == "encoders alone":
        per_clip = lambda n, c: {h: place / str(n) / f"{h}.264" for h, _, _ in c.ladder()}
    elif name.endswith("per rendition"):
        per_clip = lambda n, c: {h: place / str(n) / str(h) / "0.m3u8" for h, _, _ in c.ladder()}
    else:
        per_clip = lambda n, c: {h: place / str(n) / f"{k}.m3u8" for k, (h, _, _) in enumerate(c.ladder())}
    return [per_clip(n, c) for n, c in enumerate(clips)], after_card


def retitle(clip, rounds, work):
    """One capsule of a minute; another question of equal card length."""
    shares, against = [], []
    for round_ in range(rounds):
        place = work / f"retitle-{round_}"
        write_series(place, [clip])
        whole, _ = ours(place)
        catalogue = place / "capsules.csv"
        catalogue.write_text(catalogue.read_text().replace("nous séparer", "déménager"))
        again, summary = ours(place)
        shutil.rmtree(place)
        share = float(Fraction(clip.opening + clip.transition, clip.total()))
        shares.append(again.wall / whole.wall / share)
        against.append((again.wall, whole.wall, share, summary["encoded_frames"]))
        print(f"# round {round_ + 1}: cold {whole.wall:.2f} s, retitle {again.wall:.2f} s", flush=True)
    again, whole, share, frames = against[-1]
    print(f"\nRetitle of a capsule of {float(Fraction(clip.total()) / clip.rate):.0f} s: {again:.2f} s against "
          f"{whole:.2f} s, {100 * again / whole:.1f} % of the time for {100 * share:.1f} % of the frames: "
          f"ratio {spread(shares)}")


def changes(clip, work):
    """What each kind of change costs, one after the other on one capsule."""
    place = work / "changes"
    write_series(place, [clip])
    end = float(clip.frames / clip.rate)
    times = [f"{int(t // 60)}:{t % 60:06.3f}" for t in (end, float((clip.frames - 1) / clip.rate))]
    rung = "height = 360\ncodec = \"h264\"\npreset = \"medium\"\ncrf = "
    web = place / "profiles/web.toml"
    charter = place / "charter/charter.toml"

    def within(path, old, new):
        text = path.read_text()
        assert old in text, (path, old)
        path.write_text(text.replace(old, new))

    def written(path, text):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    rows = place / "capsules.csv"
    steps = {
        "nothing": lambda: None,
        "the question, reworded": lambda: within(rows, "nous séparer", "déménager"),
        "and back again": lambda: within(rows, "déménager", "nous séparer"),
        "the speaker's name": lambda: within(rows, "Anne Roche", "Anna Roche"),
        "the contact": lambda: within(rows, "04 65 71 00 00", "04 65 71 00 01"),
        "the cut, earlier by a frame": lambda: within(rows, *times),
        "an opening card longer by a second": lambda: written(charter, "[timing]\nopening = 5.0\n"),
        "a colour of the charter": lambda: written(
            charter, "[timing]\nopening = 5.0\n[palette]\nember = \"#9a2f16\"\n"),
        "the quality of one rung": lambda: written(
            web, (ROOT / "profiles/web.toml").read_text().replace(f"{rung}23", f"{rung}24")),
    }
    cold, summary = ours(place)
    total = summary["encoded_frames"]
    print(f"\nOne capsule of {float(Fraction(clip.total()) / clip.rate):.0f} s in `web`, "
          f"{total} frames on all rungs: {cold.wall:.1f} s.\n")
    print("| changed | frames redone | share | wall s | share |")
    print("|---|---|---|---|---|")
    for name, change in steps.items():
        change()
        cost, summary = ours(place)
        frames = summary["encoded_frames"]
        print(f"| {name} | {frames} | {100 * frames / total:.1f} % | {cost.wall:.2f} | "
              f"{100 * cost.wall / cold.wall:.1f} % |", flush=True)


def unchanged(clips, capsules, rounds, work):
    """Nothing changed in a long series; and the plan of one ten times as long."""
    place = work / "many"
    write_series(place, [clips[n % len(clips)] for n in range(capsules)], profiles=("web", "screening"))
    ours(place)
    again = [ours(place)[0] for _ in range(rounds + 1)][1:]
    print(f"\nBuild of {capsules} capsules in which nothing changed: "
          f"{spread([a.wall for a in again])} s, processor {spread([a.cpu for a in again])} s, "
          f"{max(a.memory for a in again):.0f} MB at most of any process so far")
    for command in ("plan", "status"):
        warm = [timed([PORTEVOIX, "--series", place, command]) for _ in range(rounds + 1)][1:]
        print(f"`{command}`, warm: {spread([w.wall for w in warm])} s")


def main():
    asked = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    asked.add_argument("what", choices=["cold", "retitle", "changes", "unchanged", "all"], nargs="?", default="all")
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--seconds", type=float, default=0, help="of each clip at most; default: all")
    asked.add_argument("--capsules", type=int, default=45)
    asked.add_argument("--only", nargs="*", default=[], help="names of ways, or parts of names; ours is always there")
    asked.add_argument("--work", type=Path, help="a folder with 10 GB of room, best in memory")
    asked = asked.parse_args()
    if MEDIA.is_dir():
        long, person = MEDIA / "long1080/video.mp4", MEDIA / "people/test_video.mp4"
        minute = MEDIA / "long1080/grading-01.webm"
        tiny = [MEDIA / "people/gm_test_video.mp4"]
    else:
        print("# no real clips: the example's are measured, which are smaller")
        footage = sorted((ROOT / "examples/diois/footage").rglob("*.mp4"))
        long, person, minute, tiny = footage[0], footage[1], footage[0], footage[:1]
    limit = asked.seconds
    with tempfile.TemporaryDirectory(prefix="portevoix-bench-", dir=asked.work) as folder:
        work = Path(folder)
        if asked.what in ("cold", "all"):
            only = asked.only and ["portevoix", *asked.only]
            cold([Clip(long, limit), Clip(person, limit)], asked.rounds, work, only)
        if asked.what in ("retitle", "all"):
            retitle(Clip(minute, limit or 60), asked.rounds, work)
        if asked.what in ("changes", "all"):
            changes(Clip(minute, limit or 60), work)
        if asked.what in ("unchanged", "all"):
            unchanged([Clip(c, 2) for c in tiny], asked.capsules, asked.rounds, work)


main()
