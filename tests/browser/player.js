// Runs in the page: plays one HLS stream with hls.js and says what it saw.
// Nothing here judges; the numbers go back to whoever asked.
"use strict";

let video = document.querySelector("video");
const seen = { errors: [], visited: [], captionSegments: 0, captionsRead: new Set() };
let hls;

/// Waits until `condition` holds. Gives up, and says so with `false`, once
/// `progress` has not changed for `patience` ms: slow machines are waited for,
/// stuck players are not.
async function until(condition, progress = () => video.currentTime, patience = 20000) {
  let [last, since] = [progress(), performance.now()];
  while (!condition()) {
    if (seen.errors.some((e) => e.fatal)) return false;
    const now = progress();
    if (now !== last) [last, since] = [now, performance.now()];
    if (performance.now() - since > patience) return false;
    await new Promise((wake) => setTimeout(wake, 20));
  }
  return true;
}

function ranges(buffered) {
  return Array.from({ length: buffered.length }, (_, i) => [buffered.start(i), buffered.end(i)]);
}

function bufferedTo() {
  return video.buffered.length ? video.buffered.end(video.buffered.length - 1) : 0;
}

function frames() {
  const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
  return { decoded: totalVideoFrames, dropped: droppedVideoFrames };
}

/// The media time of the next frame that is shown.
function nextFrame(patience = 20000) {
  return Promise.race([
    new Promise((shown) => video.requestVideoFrameCallback((_, frame) => shown(frame.mediaTime))),
    new Promise((late) => setTimeout(() => late(null), patience)),
  ]);
}

/// Opens the stream on one rung, in a fresh player, and keeps what was buffered
/// so that it can be looked at afterwards.
async function open(url, level) {
  hls?.destroy();
  const fresh = video.cloneNode();
  video.replaceWith(fresh);
  video = fresh;
  video.muted = true;
  seen.visited = [];
  [seen.captionSegments, seen.captionsRead] = [0, new Set()];
  // The server is on this machine: what it does not have now, it never will.
  const once = { maxTimeToFirstByteMs: 20000, maxLoadTimeMs: 60000, timeoutRetry: null, errorRetry: null };
  hls = new Hls({
    fragLoadPolicy: { default: once },
    playlistLoadPolicy: { default: once },
    backBufferLength: Infinity,
    maxBufferLength: 600,
    maxMaxBufferLength: 600,
    startLevel: level,
    capLevelToPlayerSize: false,
    renderTextTracksNatively: true,
  });
  hls.on(Hls.Events.ERROR, (_, e) => {
    seen.errors.push({
      fatal: e.fatal,
      type: e.type,
      details: e.details,
      reason: String(e.reason ?? e.error?.message ?? ""),
      url: e.frag?.relurl ?? e.url ?? null,
      at: video.currentTime,
    });
  });
  hls.on(Hls.Events.LEVEL_SWITCHED, (_, e) => seen.visited.push(e.level));
  hls.on(Hls.Events.SUBTITLE_TRACK_LOADED, (_, e) => (seen.captionSegments = e.details.fragments.length));
  hls.on(Hls.Events.SUBTITLE_FRAG_PROCESSED, (_, e) => seen.captionsRead.add(e.frag.sn));
  let ready = false;
  hls.on(Hls.Events.MANIFEST_PARSED, () => {
    // Chosen here, before anything is loaded: chosen later, what has been
    // loaded would be thrown away.
    hls.loadLevel = level;
    ready = true;
  });
  hls.loadSource(url);
  hls.attachMedia(video);
  if (!(await until(() => ready, () => 0))) return false;
  // hls.js loads nothing of captions until a track is chosen.
  if (hls.subtitleTracks.length > 0) hls.subtitleTrack = 0;
  return until(() => video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA, () => video.readyState);
}

/// Plays one rung from its start to its end.
async function through(url, level, rate) {
  const opened = await open(url, level);
  video.playbackRate = rate;
  let widest = [0, 0];
  let ended = false;
  video.addEventListener("ended", () => (ended = true), { once: true });
  let played = opened;
  if (opened) {
    await video.play().catch((e) => seen.errors.push({ fatal: true, details: "play", reason: e.message }));
    // The property turns before the event is sent: the event is waited for.
    played = await until(() => ended);
    widest = [video.videoWidth, video.videoHeight];
  }
  const buffered = ranges(video.buffered);
  return {
    opened,
    level,
    ended: ended && played,
    currentTime: video.currentTime,
    duration: video.duration,
    frames: frames(),
    width: widest[0],
    height: widest[1],
    buffered,
    gaps: buffered.slice(1).map((range, i) => [buffered[i][1], range[0]]),
  };
}

/// Starts on the lowest rung, asks for the highest in mid-play, and waits until
/// it is on screen.
async function switchRung(url, rate) {
  const last = () => hls.levels.length - 1;
  if (!(await open(url, 0))) return { done: false };
  if (last() === 0) return { done: false, single: true };
  const from = video.videoHeight;
  video.playbackRate = rate;
  await video.play();
  await until(() => video.currentTime > video.duration / 4);
  const asked = video.currentTime;
  hls.currentLevel = last();
  const arrived = await until(() => video.videoHeight === hls.levels[last()].height);
  const at = video.currentTime;
  const continued = arrived && (await until(() => video.currentTime > at + 0.5 || video.ended));
  return {
    done: arrived && continued,
    from,
    to: video.videoHeight,
    asked,
    at,
    visited: [...seen.visited],
  };
}

/// Jumps, and says which frame was shown and whether the film went on from it.
async function seek(to) {
  video.pause();
  // A frame from before the jump may still come to the screen after it; the
  // first from near there is the one that is judged.
  let shown = null;
  const isNear = () => shown !== null && Math.abs(shown - to) < 0.5;
  const watch = (_, frame) => {
    shown = frame.mediaTime;
    if (!isNear()) video.requestVideoFrameCallback(watch);
  };
  video.requestVideoFrameCallback(watch);
  video.currentTime = to;
  const sought = await until(() => !video.seeking && video.readyState >= 2, () => video.readyState);
  const landed = video.currentTime;
  await until(isNear, () => shown);
  const before = frames().decoded;
  await video.play().catch(() => {});
  const advanced = await until(() => video.currentTime > Math.min(landed + 0.5, video.duration - 0.05));
  return { to, done: sought, landed, shown, advanced, framesAfter: frames().decoded - before };
}

async function checkHls({ url, rate }) {
  const first = await through(url, 0, rate);
  const allRead = () => seen.captionsRead.size >= Math.max(1, seen.captionSegments);
  if (hls.subtitleTracks.length > 0) await until(allRead, () => seen.captionsRead.size);
  const result = {
    levels: (hls.levels ?? []).map((l) => ({
      width: l.width,
      height: l.height,
      bitrate: l.bitrate,
      frameRate: l.frameRate,
      video: l.videoCodec,
      audio: l.audioCodec,
    })),
    audioTracks: hls.audioTracks.map((t) => ({ name: t.name, lang: t.lang })),
    captions: hls.subtitleTracks.map((t) => ({ name: t.name, lang: t.lang })),
    cues: Array.from(video.textTracks).flatMap((t) =>
      Array.from(t.cues ?? [], (c) => ({ start: c.startTime, end: c.endTime, text: c.text })),
    ),
    through: [first],
  };
  for (let level = 1; level < result.levels.length; level++) {
    result.through.push(await through(url, level, rate));
  }
  result.switched = await switchRung(url, rate);
  result.seeks = [];
  for (const share of [0.75, 0.1, 0.5]) {
    if (!Number.isFinite(video.duration)) break;
    result.seeks.push(await seek(video.duration * share));
  }
  hls.destroy();
  return { ...result, errors: seen.errors };
}

/// When the picture flashes white and when the sound clicks, each on the
/// stream's own clock: the times of frames, and decoded samples. The frames are
/// visited one by one, so that a slow machine misses none.
async function checkFlashes({ url, rate }) {
  if (!(await open(url, 0))) return { flashes: [], clicks: [], errors: seen.errors };
  await until(() => Number.isFinite(video.duration) && bufferedTo() > video.duration - 0.1, bufferedTo);
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [32, 18];
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const flashes = [];
  let [bright, watched] = [false, 0];
  for (let time = 0.5 / rate; time < video.duration; time += 1 / rate) {
    const frame = nextFrame(5000);
    video.currentTime = time;
    const shown = await frame;
    pen.drawImage(video, 0, 0, canvas.width, canvas.height);
    const pixels = pen.getImageData(0, 0, canvas.width, canvas.height).data;
    let sum = 0;
    for (let i = 0; i < pixels.length; i += 4) sum += pixels[i + 1];
    const now = sum / (pixels.length / 4) > 180;
    if (now && !bright) flashes.push(shown);
    bright = now;
    watched += Number(shown !== null);
  }

  const clicks = [];
  const details = await audioPlaylist(url);
  if (details) {
    const blobs = await Promise.all(details.map((u) => fetch(u).then((r) => r.arrayBuffer())));
    const sound = await new OfflineAudioContext(1, 1, 48000).decodeAudioData(
      await new Blob(blobs).arrayBuffer(),
    );
    const samples = sound.getChannelData(0);
    let quietSince = -Infinity;
    for (let i = 0; i < samples.length; i++) {
      if (Math.abs(samples[i]) < 0.25) continue;
      if (i - quietSince > sound.sampleRate / 10) clicks.push(i / sound.sampleRate);
      quietSince = i;
    }
  }
  return { flashes, clicks, watched, errors: seen.errors };
}

/// URLs of the audio rendition's init and segments, in order.
async function audioPlaylist(master) {
  const text = async (url) => (await fetch(url)).text();
  const group = /#EXT-X-MEDIA:.*TYPE=AUDIO.*URI="([^"]+)"/.exec(await text(master));
  if (!group) return null;
  const base = new URL(group[1], new URL(master, location.href));
  const playlist = await text(base);
  const init = /#EXT-X-MAP:.*URI="([^"]+)"/.exec(playlist);
  const segments = playlist.split(/\r?\n/).filter((line) => line && !line.startsWith("#"));
  return [init?.[1], ...segments].filter(Boolean).map((name) => new URL(name, base).href);
}
