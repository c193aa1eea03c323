// Checks of a published tree's pages in a real browser; prints one JSON object.
//
//   node site.mjs axe    FOLDER PAGE…   what axe-core says of each page in every state
//   node site.mjs weigh  FOLDER PAGE    bytes over the wire of the first view, on every screen
//   node site.mjs inks   FOLDER PAGE TIME…  colours of the captions that show at these times
//   node site.mjs order  FOLDER PAGE SELECTOR WORD…  where words stand in a text, from the left
//   node site.mjs disk   FOLDER PAGE    from file://, with and without script
//   node site.mjs breaks FOLDER PAGE    where a film goes on whose adaptive version goes missing
//   node site.mjs shots  FOLDER OUT PAGE…  pictures of every state, for people to look at
//
// FOLDER is served as a web root; PAGE is a path in it. PORTEVOIX_CHROMIUM names
// the browser (default /usr/bin/chromium).

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { serve } from "./server.mjs";
import { SIZES, currentTime, run, shown, until, urlPath, visit } from "./visit.mjs";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
/// What a state is opened with; `then` brings the page into it.
const STATES = {
  wide: {},
  dark: { colorScheme: "dark" },
  phone: { viewport: { width: 360, height: 640 } },
  "phone, dark": { viewport: { width: 360, height: 640 }, colorScheme: "dark" },
  // A laptop's window at 200 %.
  zoomed: { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 },
  "forced colours": { forcedColors: "active" },
  "less motion": { reducedMotion: "reduce" },
  "script off": { javaScriptEnabled: false },
  playing: { then: playing },
  "playing, phone": { viewport: { width: 360, height: 640 }, then: playing },
  "full screen": { then: filled },
  searched: { then: searched },
  "by person": { then: byPerson },
};
/// Brings a page into a state that it can have; false where it has none.
async function playing(page) {
  const play = page.locator(".controls .play");
  if (!(await play.count())) return false;
  await play.click();
  await until(page, () => document.querySelector("video").currentTime > 0.3);
  await page.evaluate(() => document.querySelector("video").pause());
  return true;
}

async function filled(page) {
  if (!(await playing(page))) return false;
  await page.locator(".fullscreen").click();
  await until(page, () => document.fullscreenElement);
  return true;
}

async function searched(page) {
  const field = page.locator("#sought");
  if (!(await field.count())) return false;
  await field.fill("peur");
  await until(page, () => document.querySelector(".found").textContent !== "");
  return true;
}

async function byPerson(page) {
  const link = page.locator('.views a[href="#speakers"]');
  if (!(await link.count())) return false;
  await link.click();
  return true;
}

async function axe(browser, folder, pages) {
  const server = await serve(folder);
  const found = [];
  const looked = {};
  let checked = 0;
  let foreign = [];
  try {
    for (const name of pages) {
      for (const [state, { then, ...options }] of Object.entries(STATES)) {
        // axe is injected by the tool; the page's own policy would refuse it.
        const off = options.javaScriptEnabled === false;
        const all = { ...options, bypassCSP: true, javaScriptEnabled: true };
        const { page, seen, end } = await visit(browser, server.origin, all);
        // Where scripts are off axe cannot run either: only the page's own are.
        if (off) await page.route("**/assets/site/*.js", (route) => route.abort());
        await page.goto(server.origin + urlPath(name));
        await page.evaluate(() => {
          for (const closed of document.querySelectorAll("details")) closed.open = true;
        });
        if (then && !(await then(page))) {
          await end();
          continue;
        }
        looked[state] = (looked[state] ?? 0) + 1;
        await page.evaluate(readFileSync(AXE, "utf8"));
        const { violations, passes } = await page.evaluate(() => window.axe.run(document, {
          runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        }));
        checked += passes.length;
        const wider = await page.evaluate(() =>
          document.documentElement.scrollWidth - document.documentElement.clientWidth);
        if (wider > 0) found.push({ name, state, rule: "scrolls sideways", nodes: [String(wider)] });
        for (const v of violations) {
          found.push({ name, state, rule: v.id, nodes: v.nodes.map((n) => n.html.slice(0, 200) + " " + n.failureSummary) });
        }
        foreign = foreign.concat(seen.foreign);
        await end();
      }
    }
    return { checked, looked, found, foreign };
  } finally {
    server.close();
  }
}

/// Screens on which the first view is weighed.
const SCREENS = {
  phone: { viewport: { width: 360, height: 640 }, deviceScaleFactor: 3 },
  "tall phone": { viewport: { width: 412, height: 915 }, deviceScaleFactor: 2.625 },
  laptop: { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1 },
  "full HD": { viewport: { width: 1920, height: 1080 }, deviceScaleFactor: 1 },
  "sharp full HD": { viewport: { width: 1920, height: 1080 }, deviceScaleFactor: 2 },
  "script off": { viewport: { width: 1920, height: 1080 }, javaScriptEnabled: false },
};
/// As throttled by browsers' own tools.
const THIRD_GENERATION = {
  offline: false,
  latency: 562.5,
  downloadThroughput: (1.6e6 / 8) * 0.9,
  uploadThroughput: (750e3 / 8) * 0.9,
  connectionType: "cellular3g",
};

/// What the browser itself counts, headers included, over a slow network from a
/// server that sends texts compressed.
async function weigh(browser, folder, [name]) {
  const result = {};
  for (const [screen, options] of Object.entries(SCREENS)) {
    const server = await serve(folder, {}, { compress: true });
    try {
      const { context, page, end } = await visit(browser, server.origin, options);
      const network = await context.newCDPSession(page);
      await network.send("Network.enable");
      await network.send("Network.emulateNetworkConditions", THIRD_GENERATION);
      let [bytes, finished] = [0, 0];
      network.on("Network.loadingFinished", ({ encodedDataLength }) => {
        bytes += encodedDataLength;
        finished += 1;
      });
      await page.goto(server.origin + urlPath(name), { waitUntil: "networkidle" });
      const sent = server.requests.reduce((sum, r) => sum + r.bytes, 0);
      const media = server.requests.filter((r) => /\.(mp4|m4s|m3u8)$|hls/.test(r.path)).length;
      const pictures = await page.locator(".film").count();
      const drawn = (images) => images.filter((i) => i.naturalWidth > 1);
      const inView = await page.locator(".film img").evaluateAll((images) => {
        const near = images.filter((i) => i.getBoundingClientRect().top < innerHeight && i.checkVisibility());
        return near.filter((i) => i.naturalWidth > 1).length;
      });
      const loaded = await page.locator(".film img").evaluateAll(drawn).then((list) => list.length);
      const kind = await page.evaluate(() => navigator.connection?.effectiveType);
      const first = { requests: finished, bytes, sent, media, pictures, inView, loaded, kind };
      // Down the page, every picture comes.
      if (options.javaScriptEnabled !== false) {
        await network.send("Network.emulateNetworkConditions", { ...THIRD_GENERATION, latency: 0, downloadThroughput: -1 });
        for (let y = 0; y < 60; y += 1) {
          await page.mouse.wheel(0, 400);
          await page.waitForTimeout(15);
        }
        await page.waitForLoadState("networkidle");
      }
      const atLast = await page.locator(".film img").evaluateAll(drawn).then((list) => list.length);
      result[screen] = { ...first, atLast, ...(await end()) };
    } finally {
      server.close();
    }
  }
  return result;
}

/// Which pure colours stand in the picture at each time: the captions' own.
async function inks(browser, folder, [name, ...times]) {
  const server = await serve(folder);
  try {
    const { page, end } = await visit(browser, server.origin);
    await page.goto(server.origin + urlPath(name), { waitUntil: "networkidle" });
    await playing(page);
    const shown = [];
    for (const time of times) {
      await page.evaluate((at) => {
        const video = document.querySelector("video");
        video.pause();
        video.currentTime = at;
      }, Number(time));
      await until(page, () => !document.querySelector("video").seeking);
      const picture = async () => (await page.locator("video").screenshot()).toString("base64");
      // A picture that stays as it is, and is not `former`: what is drawn over
      // the film comes when the browser has time for it.
      const seen = async (mode, former) => {
        await page.evaluate((m) => {
          for (const track of document.querySelector("video").textTracks) track.mode = m;
        }, mode);
        let [last, now] = [null, await picture()];
        for (let looks = 0; looks < 200 && (now !== last || now === former); looks += 1) {
          await page.waitForTimeout(100);
          [last, now] = [now, await picture()];
        }
        return now;
      };
      // The film has colours of its own.
      const without = await seen("hidden");
      const counted = (png) => page.evaluate(count, png);
      const [bare, captioned] = [await counted(without), await counted(await seen("showing", without))];
      shown.push(Object.fromEntries(Object.entries(captioned).map(([ink, n]) => [ink, n - bare[ink]])));
    }
    return { shown, ...(await end()) };
  } finally {
    server.close();
  }
}

/// Runs in the page: pixels near each colour of a picture.
async function count(base64) {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const picture = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const pen = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
  pen.drawImage(picture, 0, 0);
  const pixels = pen.getImageData(0, 0, picture.width, picture.height).data;
  const inks = {
    white: [255, 255, 255], yellow: [255, 255, 0], red: [255, 80, 80], magenta: [255, 0, 255],
    cyan: [0, 255, 255], green: [0, 255, 0],
  };
  const found = {};
  for (const [name, ink] of Object.entries(inks)) {
    let near = 0;
    for (let n = 0; n < pixels.length; n += 4) {
      if (ink.every((channel, c) => Math.abs(pixels[n + c] - channel) < 12)) near += 1;
    }
    found[name] = near;
  }
  return found;
}

/// Where words stand in a text, from the left.
async function order(browser, folder, [name, selector, ...words]) {
  const server = await serve(folder);
  try {
    const { page, end } = await visit(browser, server.origin);
    await page.goto(server.origin + urlPath(name), { waitUntil: "networkidle" });
    const lefts = await page.evaluate(([place, wanted]) => {
      for (const closed of document.querySelectorAll("details")) closed.open = true;
      const [box] = Array.from(document.querySelectorAll(place)).filter((e) => e.textContent.includes(wanted[0]));
      const texts = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
      const found = {};
      for (let node = texts.nextNode(); node; node = texts.nextNode()) {
        for (const word of wanted) {
          const at = node.data.indexOf(word);
          if (at < 0) continue;
          const range = document.createRange();
          range.setStart(node, at);
          range.setEnd(node, at + word.length);
          found[word] = range.getBoundingClientRect().left;
        }
      }
      return wanted.map((word) => found[word] ?? null);
    }, [selector, words]);
    return { lefts, ...(await end()) };
  } finally {
    server.close();
  }
}

async function disk(browser, folder, [name]) {
  const home = pathToFileURL(path.resolve(folder)).href;
  const result = {};
  for (const [kind, javaScriptEnabled] of [["script", true], ["plain", false]]) {
    const { page, end } = await visit(browser, home, { javaScriptEnabled });
    await page.goto(home + urlPath(name));
    // Works in the page from outside: the page's own scripts may be off.
    const video = page.locator("video");
    const controls = await video.evaluate((v) => v.controls);
    if (javaScriptEnabled) await page.locator(".controls .play").click();
    else await video.evaluate((v) => { v.play(); });
    // Timers of the page stand still without script: this one runs here.
    for (let looks = 0; looks < 150 && (await currentTime(page)) < 0.5; looks += 1) {
      await new Promise((wake) => setTimeout(wake, 100));
    }
    const played = await video.evaluate((v) => { v.pause(); return v.currentTime; });
    const tracks = await shown(page);
    const source = await video.evaluate((v) => v.currentSrc.split("/").pop());
    const transcript = (await page.locator(".said").textContent()).trim().length;
    result[kind] = { controls, played, tracks, source, transcript, ...(await end()) };
  }
  return result;
}

/// The adaptive version goes missing while it plays, past its first segments.
async function breaks(browser, folder, [name]) {
  const server = await serve(folder);
  try {
    const { page, seen, end } = await visit(browser, server.origin);
    let passed = 0;
    await page.route(/\.m4s|\/hls\/.*\.mp4/, async (route) => {
      passed += 1;
      if (passed <= 4) {
        await route.continue();
        return;
      }
      await until(page, () => document.querySelector("video").currentTime > 0.5);
      await route.fulfill({ status: 404 });
    });
    await page.goto(server.origin + urlPath(name), { waitUntil: "networkidle" });
    await page.evaluate(() => {
      const video = document.querySelector("video");
      window.__played = [];
      video.addEventListener("playing", () => {
        window.__played.push([video.currentSrc.split("/").pop(), video.currentTime]);
      });
    });
    await page.locator(".controls .play").click();
    await until(page, () => window.__played.some(([source]) => source.endsWith(".mp4")));
    const played = await page.evaluate(() => window.__played);
    const from = await currentTime(page);
    await until(page, (at) => document.querySelector("video").currentTime > at, from);
    const status = await page.locator(".status").textContent();
    // What is missing is named there, as it should be.
    seen.console = [];
    return { played, status, ...(await end()) };
  } finally {
    server.close();
  }
}

/// For people: every page in every state.
async function shots(browser, folder, [out, ...pages]) {
  const server = await serve(folder);
  const written = [];
  try {
    for (const name of pages) {
      for (const [state, { then, ...options }] of Object.entries(STATES)) {
        const { page, end } = await visit(browser, server.origin, options);
        await page.goto(server.origin + urlPath(name), { waitUntil: "networkidle" });
        if (then && !(await then(page))) {
          await end();
          continue;
        }
        await page.waitForTimeout(300);
        const file = path.join(out, `${name}-${state}`.replace(/\W+/g, "-"));
        const fullPage = !["full screen", "playing", "playing, phone"].includes(state);
        await page.screenshot({ path: `${file}.png`, fullPage });
        written.push(`${file}.png`);
        await end();
      }
    }
    return { written };
  } finally {
    server.close();
  }
}

run("site.mjs", { axe, weigh, inks, order, disk, breaks, shots });
