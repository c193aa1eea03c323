// Plays in a real browser what portevoix publishes, and prints what happened as
// one JSON object.
//
//   node play.mjs hls        FOLDER MASTER [RATE]  plays every rung, switches, seeks
//   node play.mjs flashes    FOLDER MASTER FPS     when it flashes and when it clicks
//   node play.mjs page       FOLDER PAGE           plays each video, by http and from disk
//   node play.mjs cues       FOLDER MASTER JSON    when captions show, in two players
//   node play.mjs vtt        FOLDER FILE…          cues as the browser itself parses them
//   node play.mjs screenshot FOLDER PAGE WIDTH HEIGHT OUT.png
//
// FOLDER is served as a web root; MASTER and PAGE are paths in it. The exit code
// is 0 when the check could be made, whatever it found.
// PORTEVOIX_CHROMIUM names the browser (default /usr/bin/chromium).

import { chromium } from "playwright-core";
import path from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { serve } from "./server.mjs";

// No check may outlive this, whatever hangs.
const PATIENCE_MS = Number(process.env.PORTEVOIX_BROWSER_PATIENCE_MS ?? 300_000);

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--autoplay-policy=no-user-gesture-required",
];

const CHECKS = {
  hls: (browser, folder, [master, rate = 4]) =>
    inPlayer(browser, folder, "checkHls", { master, rate: Number(rate) }),
  flashes: (browser, folder, [master, fps]) =>
    inPlayer(browser, folder, "checkFlashes", { master, rate: fraction(fps) }),
  cues: checkCues,
  vtt: readCaptions,
  page: (browser, folder, [page]) => checkPage(browser, folder, page),
  screenshot,
};

/// "25", or "30000/1001".
function fraction(text = "") {
  const [numerator, denominator = 1] = text.split("/").map(Number);
  const value = numerator / denominator;
  if (!(value > 0)) throw new Error(`a frame rate, not "${text}"`);
  return value;
}

const own = path.dirname(fileURLToPath(import.meta.url));
const urlPath = (name) => `/${name.split("/").map(encodeURIComponent).join("/")}`;

/// Plays a stream in our own page with hls.js (player.js).
async function inPlayer(browser, folder, check, { master, ...options }) {
  const hls = createRequire(import.meta.url).resolve("hls.js/dist/hls.min.js");
  const server = await serve(folder, {
    "/__check__/": path.join(own, "player.html"),
    "/__check__/player.js": path.join(own, "player.js"),
    "/__check__/hls.js": hls,
  });
  try {
    const page = await browser.newPage();
    const watched = watch(page, `${server.origin}/`);
    await page.goto(`${server.origin}/__check__/`);
    const result = await page.evaluate(
      ([name, given]) => window[name](given),
      [check, { url: urlPath(master), ...options }],
    );
    return { ...result, ...watched, refused: refused(server) };
  } finally {
    server.close();
  }
}

/// Plays a stream in two players (cues.js). JSON says what is watched: stretches
/// that play, times that are sought, and a place of the picture.
async function checkCues(browser, folder, [master, wanted]) {
  const resolve = createRequire(import.meta.url).resolve;
  const server = await serve(folder, {
    "/__check__/": path.join(own, "cues.html"),
    "/__check__/cues.js": path.join(own, "cues.js"),
    "/__check__/hls.js": resolve("hls.js/dist/hls.min.js"),
    "/__check__/shaka.js": resolve("shaka-player/dist/shaka-player.compiled.js"),
  });
  try {
    const found = {};
    for (const player of ["hls", "shaka"]) {
      const page = await browser.newPage();
      const watched = watch(page, `${server.origin}/`);
      await page.goto(`${server.origin}/__check__/`);
      const given = { url: urlPath(master), player, ...JSON.parse(wanted) };
      const seen = await page.evaluate((options) => window.checkCues(options), given);
      found[player] = { ...seen, ...watched };
      await page.close();
    }
    return { ...found, refused: refused(server) };
  } finally {
    server.close();
  }
}

/// Each file as the text track of a video without a film.
async function readCaptions(browser, folder, names) {
  const server = await serve(folder, { "/__check__/": path.join(own, "player.html") });
  try {
    const page = await browser.newPage();
    await page.goto(`${server.origin}/__check__/`);
    const files = await page.evaluate(async (urls) => {
      const video = document.querySelector("video");
      const read = async (url) => {
        const element = document.createElement("track");
        element.src = url;
        video.append(element);
        const done = new Promise((seen) => {
          element.onload = element.onerror = seen;
        });
        element.track.mode = "hidden";
        await done;
        const settings = (cue) => [
          cue.vertical && `vertical:${cue.vertical}`,
          cue.line !== "auto" && `line:${cue.line}${cue.snapToLines ? "" : "%"}`,
          cue.position !== "auto" && `position:${cue.position}%`,
          `size:${cue.size}%`,
          `align:${cue.align}`,
        ].filter(Boolean).join(" ");
        const cues = Array.from(element.track.cues ?? [], (cue) => ({
          start: cue.startTime,
          end: cue.endTime,
          settings: settings(cue),
          text: cue.getCueAsHTML().textContent,
        }));
        element.remove();
        return cues;
      };
      const files = [];
      for (const url of urls) files.push(await read(url));
      return files;
    }, names.map(urlPath));
    return { files };
  } finally {
    server.close();
  }
}

/// Opens a page as a visitor does and as somebody with a USB stick does, and
/// plays each of its videos for a second.
async function checkPage(browser, folder, name) {
  const server = await serve(folder);
  try {
    const disk = pathToFileURL(path.resolve(folder));
    return {
      http: await visit(browser, server.origin + urlPath(name), `${server.origin}/`, server),
      file: await visit(browser, disk + urlPath(name), `${disk}/`, null),
    };
  } finally {
    server.close();
  }
}

async function visit(browser, url, home, server) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const watched = watch(page, home);
  await page.addInitScript(() => {
    window.__violations = [];
    document.addEventListener("securitypolicyviolation", (e) =>
      window.__violations.push(`${e.violatedDirective}: ${e.blockedURI}`),
    );
  });
  try {
    await page.goto(url, { waitUntil: "load" });
    const firstView = server && {
      requests: server.requests.length,
      bytes: server.requests.reduce((sum, r) => sum + r.bytes, 0),
      films: server.requests.filter((r) => /\.(mp4|m4s|m3u8)(\?|$)/.test(r.path)).length,
    };
    const videos = [];
    for (const video of await page.locator("video").all()) {
      videos.push(await video.evaluate(playOneSecond));
    }
    return {
      title: await page.title(),
      language: await page.evaluate(() => document.documentElement.lang),
      firstView,
      videos,
      pictures: await page.locator("img").evaluateAll(picturesSeen),
      ...watched,
      violations: await page.evaluate(() => window.__violations),
      refused: server ? refused(server) : [],
    };
  } finally {
    await context.close();
  }
}

/// Runs in the page, on one <video>.
async function playOneSecond(video) {
  video.scrollIntoView();
  video.muted = true;
  const before = { preload: video.preload, autoplay: video.autoplay, poster: video.poster };
  let refusal = null;
  // Without a source that works this promise may stay open: it is not awaited.
  // A page may swap the source on the first play, which aborts this call and
  // starts another: only other refusals count.
  video.play().catch((e) => {
    if (e.name !== "AbortError") refusal = `${e.name}: ${e.message}`;
  });
  const wanted = () => Math.min(1, (Number.isFinite(video.duration) ? video.duration : 1) - 0.1);
  let [last, since] = [video.currentTime, performance.now()];
  while (!video.ended && video.currentTime < wanted() && !video.error && !refusal) {
    if (video.currentTime !== last) [last, since] = [video.currentTime, performance.now()];
    if (performance.now() - since > 15000) break;
    await new Promise((wake) => setTimeout(wake, 20));
  }
  video.pause();
  return {
    ...before,
    source: video.currentSrc,
    error: video.error ? `${video.error.code}: ${video.error.message}` : refusal,
    played: video.currentTime >= wanted(),
    currentTime: video.currentTime,
    duration: Number.isFinite(video.duration) ? video.duration : null,
    width: video.videoWidth,
    height: video.videoHeight,
    frames: video.getVideoPlaybackQuality().totalVideoFrames,
    tracks: Array.from(video.textTracks, (t) => ({ kind: t.kind, language: t.language, label: t.label })),
  };
}

/// Runs in the page. Lazy pictures are fetched first.
async function picturesSeen(pictures) {
  for (const picture of pictures) picture.loading = "eager";
  await Promise.all(pictures.map((p) => p.decode().catch(() => {})));
  return pictures.map((p) => ({ source: p.currentSrc || p.src, width: p.naturalWidth, alt: p.alt }));
}

async function screenshot(browser, folder, [name, width, height, out]) {
  const server = await serve(folder);
  try {
    const viewport = { width: Number(width), height: Number(height) };
    const page = await browser.newPage({ viewport });
    const watched = watch(page, `${server.origin}/`);
    await page.goto(server.origin + urlPath(name), { waitUntil: "load" });
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: out });
    return { ...viewport, out, ...watched, refused: refused(server) };
  } finally {
    server.close();
  }
}

/// What the page complains about, and whom it calls. `home` is where
/// everything should come from.
function watch(page, home) {
  const watched = { console: [], foreign: [] };
  page.on("console", (m) => {
    // A browser asks for an icon that no page promised.
    const icon = m.location().url.endsWith("/favicon.ico");
    if (["error", "warning"].includes(m.type()) && !icon) watched.console.push(m.text());
  });
  page.on("pageerror", (e) => watched.console.push(String(e)));
  page.on("request", (r) => {
    const url = r.url();
    if (!url.startsWith(home) && !/^(data|blob):/.test(url)) watched.foreign.push(url);
  });
  return watched;
}

/// Requests that the server could not answer.
function refused(server) {
  const bad = server.requests.filter((r) => r.status >= 400 && r.path !== "/favicon.ico");
  return bad.map((r) => `${r.status} ${r.path}`);
}

async function main([name, folder, ...rest]) {
  const check = CHECKS[name];
  if (!check || !folder) throw new Error(`usage: play.mjs ${Object.keys(CHECKS).join("|")} FOLDER …`);
  const browser = await chromium.launch({
    executablePath: process.env.PORTEVOIX_CHROMIUM ?? "/usr/bin/chromium",
    args: ARGUMENTS,
    headless: true,
  });
  try {
    return { check: name, browser: browser.version(), ...(await check(browser, folder, rest)) };
  } finally {
    await browser.close();
  }
}

function finish(result, code) {
  // Leaving ends the browser too: playwright kills it when this process exits.
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(code));
}

setTimeout(() => finish({ failure: `nothing after ${PATIENCE_MS} ms` }, 1), PATIENCE_MS).unref();
main(process.argv.slice(2)).then(
  (result) => finish(result, 0),
  (error) => finish({ failure: String(error?.message ?? error) }, 1),
);
