// Runs in the page: plays one HLS stream with hls.js or Shaka Player and says
// when its captions show. Nothing here judges.
"use strict";

const video = document.querySelector("video");
const errors = [];
let events = [];

async function until(condition, patience = 60000) {
  const since = performance.now();
  while (!condition()) {
    if (performance.now() - since > patience) return false;
    await new Promise((wake) => setTimeout(wake, 10));
  }
  return true;
}

const showing = () => Array.from(video.textTracks).filter((track) => track.mode === "showing");
const plain = (cue) => cue.getCueAsHTML().textContent;
const shown = () => showing().flatMap((track) => Array.from(track.activeCues ?? [], plain));

/// What the cues' own times say shows now.
const due = () => {
  const now = video.currentTime;
  const cues = showing().flatMap((track) => Array.from(track.cues ?? []));
  return cues.filter((cue) => cue.startTime <= now && now < cue.endTime).map(plain);
};
/// The browser works out what shows in a task of its own, and on a busy machine
/// that may be late: what it comes to is waited for.
const settled = () => until(() => String(shown()) === String(due()));

/// A cue that was over before the browser could show it is entered and left all
/// the same, so that a machine that stands still misses none.
function listen() {
  for (const track of showing()) {
    for (const cue of track.cues) {
      cue.onenter = () => events.push({ at: video.currentTime, cue: cue.startTime, shows: plain(cue) });
      cue.onexit = () => events.push({ at: video.currentTime, cue: cue.endTime, shows: null });
    }
  }
}

async function withHls(url) {
  const hls = new Hls({ renderTextTracksNatively: true, maxBufferLength: 600 });
  // What is thrown away for the sake of something else is no fault.
  hls.on(Hls.Events.ERROR, (_, e) => {
    if (e.details !== "aborted") errors.push(`${e.type} ${e.details} ${e.error?.message ?? ""}`);
  });
  hls.loadSource(url);
  hls.attachMedia(video);
  await until(() => hls.subtitleTracks.length > 0);
  hls.subtitleDisplay = true;
  hls.subtitleTrack = 0;
  return () => hls.destroy();
}

async function withShaka(url) {
  shaka.polyfill.installAll();
  const player = new shaka.Player();
  player.addEventListener("error", (e) => errors.push(`shaka ${e.detail.code}`));
  player.configure({ streaming: { bufferingGoal: 600 } });
  await player.attach(video);
  await player.load(url);
  const [track] = player.getTextTracks();
  // It writes cues into a text track of the element, as long as nobody gives it
  // a place on the page to draw them in.
  player.selectTextTrack(track);
  player.setTextTrackVisibility?.(true);
  return () => player.destroy();
}

const PLAYERS = { hls: withHls, shaka: withShaka };

/// How bright the picture is at a place of it, in shares.
function brightness(pen, [x, y]) {
  const { width, height } = pen.canvas;
  pen.drawImage(video, 0, 0, width, height);
  const [red, green, blue] = pen.getImageData(Math.floor(width * x), Math.floor(height * y), 1, 1).data;
  return Math.round((red + green + blue) / 3);
}

/// Plays a stretch, to the end of the film where `to` is null.
async function watch(from, to) {
  if (Math.abs(video.currentTime - from) > 0.001) {
    video.currentTime = from;
    await until(() => !video.seeking && video.readyState >= 2);
  }
  await settled();
  const first = shown();
  let ended = false;
  video.addEventListener("ended", () => (ended = true), { once: true });
  events = [];
  listen();
  await video.play().catch((e) => errors.push(`play: ${e.message}`));
  await until(() => (to === null ? ended : video.currentTime >= to));
  video.pause();
  await settled();
  for (const track of showing()) {
    for (const cue of track.cues) cue.onenter = cue.onexit = null;
  }
  // Beyond the stretch, and before it, is what a late machine saw too.
  const seen = events.filter((event) => event.cue >= from && (to === null || event.cue < to));
  return { first, events: seen, ended, at: video.currentTime };
}

async function checkCues({ url, player, cues, watched, sought, place }) {
  const close = await PLAYERS[player](url);
  const loaded = () => showing().reduce((sum, track) => sum + (track.cues?.length ?? 0), 0);
  await until(() => video.readyState >= 2 && loaded() >= cues);
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const stretches = [];
  for (const [from, to] of watched) stretches.push(await watch(from, to));
  video.pause();
  const seeks = [];
  for (const time of sought) {
    // One from before the jump may still come to the screen after it.
    const frame = new Promise((seen) => {
      const watch = (_, { mediaTime }) => {
        if (Math.abs(mediaTime - time) < 0.5) seen(mediaTime);
        else video.requestVideoFrameCallback(watch);
      };
      video.requestVideoFrameCallback(watch);
    });
    video.currentTime = time;
    await until(() => !video.seeking && video.readyState >= 2);
    const media = await Promise.race([frame, new Promise((late) => setTimeout(() => late(null), 60000))]);
    await settled();
    seeks.push({ time, media, shown: shown(), bright: brightness(pen, place) });
  }
  const tracks = showing().map((track) => ({ language: track.language, cues: track.cues.length }));
  await close();
  return { tracks, stretches, seeks, errors };
}
