// Runs in the page: plays one HLS stream with hls.js or Shaka Player and says
// when its captions show. Nothing here judges.
"use strict";

const video = document.querySelector("video");
const errors = [];
let changes = [];

async function until(condition, patience = 20000) {
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

function listen() {
  for (const track of showing()) {
    track.oncuechange = () => changes.push({ at: video.currentTime, shown: shown() });
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

/// Plays a stretch slowly, so that a busy machine is not taken for a late cue.
async function watch(from, to) {
  if (Math.abs(video.currentTime - from) > 0.001) {
    video.currentTime = from;
    await until(() => !video.seeking && video.readyState >= 2);
  }
  changes = [{ at: video.currentTime, shown: shown() }];
  listen();
  video.playbackRate = 0.25;
  await video.play().catch((e) => errors.push(`play: ${e.message}`));
  await until(() => video.currentTime >= to || video.ended, 60000);
  video.pause();
  for (const track of showing()) track.oncuechange = null;
  return { changes, ended: video.ended, at: video.currentTime };
}

async function checkCues({ url, player, watched, sought, place }) {
  const close = await PLAYERS[player](url);
  await until(() => video.readyState >= 2 && showing().some((track) => track.cues?.length));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const stretches = [];
  for (const [from, to] of watched) stretches.push(await watch(from, to));
  video.pause();
  const seeks = [];
  for (const time of sought) {
    const frame = new Promise((seen) => video.requestVideoFrameCallback((_, f) => seen(f.mediaTime)));
    video.currentTime = time;
    await until(() => !video.seeking && video.readyState >= 2);
    const media = await Promise.race([frame, new Promise((late) => setTimeout(() => late(null), 2000))]);
    // What is shown after a seek is worked out in the next task.
    await new Promise((wake) => setTimeout(wake, 50));
    seeks.push({ time, media, shown: shown(), bright: brightness(pen, place) });
  }
  const tracks = showing().map((track) => ({ language: track.language, cues: track.cues.length }));
  await close();
  return { tracks, stretches, seeks, errors };
}
