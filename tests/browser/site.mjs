// Checks of a published tree's pages in a real browser; prints one JSON object.
//
//   node site.mjs axe    FOLDER PAGE…   what axe-core says, light and dark, wide and narrow
//   node site.mjs weigh  FOLDER PAGE    bytes over the wire of the first view, wide and narrow
//   node site.mjs watch  FOLDER PAGE    a visit by keyboard alone: play, seek, captions, transcript
//   node site.mjs disk   FOLDER PAGE    from file://, with and without script
//   node site.mjs search FOLDER WORDS   the gallery's search and its two orders
//   node site.mjs shots  FOLDER OUT PAGE…  pictures of every state, for people to look at
//
// FOLDER is served as a web root; PAGE is a path in it. PORTEVOIX_CHROMIUM names
// the browser (default /usr/bin/chromium).

import { chromium } from "playwright-core";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { serve } from "./server.mjs";

const PATIENCE_MS = Number(process.env.PORTEVOIX_BROWSER_PATIENCE_MS ?? 300_000);
const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const SIZES = { wide: { width: 1280, height: 800 }, phone: { width: 375, height: 667 } };

const urlPath = (name) => `/${name.split("/").map(encodeURIComponent).join("/")}`;

/// A page that counts what it asks others for and what its policy refuses.
async function visit(browser, home, options = {}) {
  const context = await browser.newContext({ viewport: SIZES.wide, ...options });
  const page = await context.newPage();
  const seen = { foreign: [], violations: [], console: [] };
  page.on("request", (r) => {
    if (!r.url().startsWith(home) && !/^(data|blob):/.test(r.url())) seen.foreign.push(r.url());
  });
  page.on("pageerror", (e) => seen.console.push(String(e)));
  page.on("console", (m) => {
    if (m.type() === "error" && !m.location().url.endsWith("/favicon.ico")) seen.console.push(m.text());
  });
  if (options.javaScriptEnabled !== false) {
    await page.addInitScript(() => {
      window.__violations = [];
      document.addEventListener("securitypolicyviolation", (e) =>
        window.__violations.push(`${e.violatedDirective}: ${e.blockedURI}`));
    });
  }
  const end = async () => {
    if (options.javaScriptEnabled !== false) {
      seen.violations = await page.evaluate(() => window.__violations);
    }
    await context.close();
    return seen;
  };
  return { context, page, seen, end };
}

async function axe(browser, folder, pages) {
  const server = await serve(folder);
  const found = [];
  let checked = 0;
  let foreign = [];
  try {
    for (const name of pages) {
      for (const scheme of ["light", "dark"]) {
        for (const [size, viewport] of Object.entries(SIZES)) {
          // axe is injected by the tool; the page's own policy would refuse it.
          const options = { viewport, colorScheme: scheme, bypassCSP: true };
          const { page, seen, end } = await visit(browser, server.origin, options);
          await page.goto(server.origin + urlPath(name));
          await page.evaluate(() => {
            for (const closed of document.querySelectorAll("details")) closed.open = true;
          });
          await page.addScriptTag({ content: readFileSync(AXE, "utf8") });
          const { violations, passes } = await page.evaluate(() => window.axe.run(document, {
            runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
          }));
          checked += passes.length;
          const wider = await page.evaluate(() =>
            document.documentElement.scrollWidth - document.documentElement.clientWidth);
          if (wider > 0) found.push({ name, scheme, size, rule: "scrolls sideways", nodes: [String(wider)] });
          for (const v of violations) {
            found.push({ name, scheme, size, rule: v.id, nodes: v.nodes.map((n) => n.html.slice(0, 200) + " " + n.failureSummary) });
          }
          foreign = foreign.concat(seen.foreign);
          await end();
        }
      }
    }
    return { checked, found, foreign };
  } finally {
    server.close();
  }
}

/// What the browser itself counts, headers included, from a server that sends
/// texts compressed.
async function weigh(browser, folder, [name]) {
  const result = {};
  for (const [size, viewport] of Object.entries(SIZES)) {
    const server = await serve(folder, {}, { compress: true });
    try {
      const { context, page, end } = await visit(browser, server.origin, { viewport });
      const network = await context.newCDPSession(page);
      await network.send("Network.enable");
      let [bytes, finished] = [0, 0];
      network.on("Network.loadingFinished", ({ encodedDataLength }) => {
        bytes += encodedDataLength;
        finished += 1;
      });
      await page.goto(server.origin + urlPath(name), { waitUntil: "networkidle" });
      const sent = server.requests.reduce((sum, r) => sum + r.bytes, 0);
      const media = server.requests.filter((r) => /\.(mp4|m4s|m3u8)$|hls/.test(r.path)).length;
      const pictures = await page.locator("img").count();
      result[size] = { requests: finished, bytes, sent, media, pictures, ...(await end()) };
    } finally {
      server.close();
    }
  }
  return result;
}

/// Presses Tab until the focus is on what `selector` names.
async function tabTo(page, selector, most = 80) {
  for (let presses = 0; presses < most; presses += 1) {
    if (await page.evaluate((s) => document.activeElement?.matches(s), selector)) return true;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not reach ${selector}`);
}

const until = (page, condition, argument) =>
  page.waitForFunction(condition, argument, { timeout: 20_000 });

const currentTime = (page) => page.evaluate(() => document.querySelector("video").currentTime);
const shown = (page) =>
  page.evaluate(() => Array.from(document.querySelector("video").textTracks)
    .filter((t) => t.mode === "showing")
    .map((t) => ({ language: t.language, cues: t.cues?.length ?? 0 })));

async function watch(browser, folder, [name]) {
  const server = await serve(folder);
  try {
    const { page, end } = await visit(browser, server.origin);
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.goto(server.origin + urlPath(name), { waitUntil: "networkidle" });
    const asked = (pattern) => server.requests.filter((r) => pattern.test(r.path)).length;
    const before = { library: asked(/hls\.min\.js/), media: asked(/\.(mp4|m4s|m3u8)$/) };
    const captions = await shown(page);
    const focus = [];

    await page.keyboard.press("Tab");
    focus.push(await page.evaluate(() => document.activeElement.className));
    await tabTo(page, ".controls .play");
    const label = () => page.evaluate(() => document.activeElement.getAttribute("aria-label"));
    const labels = [await label()];
    await page.keyboard.press("Enter");
    await until(page, () => document.querySelector("video").currentTime > 0.2);
    labels.push(await label());
    await page.keyboard.press("Space");
    await until(page, () => document.querySelector("video").paused);
    const after = { library: asked(/hls\.min\.js/), segments: asked(/\.m4s$/), files: asked(/\.mp4$/) };

    // The position, five seconds at a time.
    await page.keyboard.press("Shift+Tab");
    await tabTo(page, ".position");
    await page.keyboard.press("Home");
    await until(page, () => document.querySelector("video").currentTime < 0.1);
    await page.keyboard.press("ArrowRight");
    const seeked = await currentTime(page);
    const spoken = await page.evaluate(() => document.activeElement.getAttribute("aria-valuetext"));
    const preview = await page.evaluate(() => {
      const tile = document.querySelector(".preview .tile");
      return { there: !document.querySelector(".preview").hidden, picture: tile.style.backgroundImage, width: tile.clientWidth };
    });

    await tabTo(page, "select.captions");
    await page.keyboard.press("End");
    const without = await shown(page);
    await page.keyboard.press("Home");
    await until(page, () => Array.from(document.querySelector("video").textTracks)
      .some((t) => t.mode === "showing" && t.cues?.length));
    const again = await shown(page);
    await tabTo(page, "select.speed");
    await page.keyboard.press("End");
    const speed = await page.evaluate(() => document.querySelector("video").playbackRate);
    await page.keyboard.press("Home");
    await tabTo(page, ".mute");
    await page.keyboard.press("Enter");
    const muted = await page.evaluate(() => document.querySelector("video").muted);
    await tabTo(page, ".volume");
    await until(page, () => document.activeElement.value === "0");
    await page.keyboard.press("ArrowRight");
    await until(page, () => !document.querySelector("video").muted);
    const loud = await page.evaluate(() => document.querySelector("video").volume);
    await tabTo(page, ".fullscreen");
    await page.keyboard.press("Enter");
    // The picture fills the screen first, and the button learns of it then.
    await until(page, () => document.fullscreenElement?.matches(".player") &&
      document.activeElement.classList.contains("is-on"));
    const full = await label();
    await page.keyboard.press("Enter");
    await until(page, () => !document.fullscreenElement);

    await tabTo(page, ".chapters li:last-child a");
    const chapter = await page.evaluate(() => Number(document.activeElement.dataset.t));
    await page.keyboard.press("Enter");
    await until(page, (at) => Math.abs(document.querySelector("video").currentTime - at) < 1, chapter);
    const current = await page.evaluate(() => document.querySelector(".chapters [aria-current]")?.dataset.t);

    // A time of the transcript, by keyboard, and a sentence of it, by mouse.
    await tabTo(page, ".said p:nth-child(2) a.clock");
    const said = await page.evaluate(() => Number(document.activeElement.dataset.t));
    await page.keyboard.press("Enter");
    await until(page, (at) => Math.abs(document.querySelector("video").currentTime - at) < 1, said);
    const phrase = page.locator(".said .phrase").last();
    const start = Number(await phrase.getAttribute("data-t"));
    await phrase.click();
    await until(page, (at) => {
      const video = document.querySelector("video");
      return video.currentTime >= at - 0.05 && video.currentTime < at + 2 && !video.seeking;
    }, start);
    await until(page, () => document.querySelector(".said .is-now"));
    const followed = await page.evaluate(() => document.querySelector(".said .is-now").dataset.t);
    await page.evaluate(() => document.querySelector("video").pause());

    // Following can be switched off, and on again.
    await page.locator(".skip").focus();
    await tabTo(page, ".follow input");
    const follow = [await page.evaluate(() => document.activeElement.checked)];
    await page.keyboard.press("Space");
    follow.push(await page.evaluate(() => document.activeElement.checked));
    await page.keyboard.press("Space");

    const share = page.locator("details.share summary");
    let shared = null;
    if (await share.count()) {
      await share.focus();
      await page.keyboard.press("Enter");
      await tabTo(page, "#address");
      shared = await page.evaluate(() => document.activeElement.value);
      await tabTo(page, ".copy");
      await page.keyboard.press("Enter");
      await until(page, () => Array.from(document.querySelectorAll("[role=status]"))
        .some((status) => status.textContent === document.activeElement.dataset.done));
    }
    const policy = await page.evaluate(() =>
      document.querySelector("meta[http-equiv=Content-Security-Policy]")?.content);
    const bad = server.requests.filter((r) => r.status >= 400 && r.path !== "/favicon.ico");
    return {
      before, after, captions, without, again, focus, labels, seeked, spoken, preview, speed, muted, loud,
      full, chapter, current, said, start, followed: Number(followed), follow, shared, policy,
      refused: bad.map((r) => `${r.status} ${r.path}`), ...(await end()),
    };
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

async function search(browser, folder, words) {
  const server = await serve(folder);
  try {
    const { page, end } = await visit(browser, server.origin, { viewport: SIZES.phone });
    await page.goto(`${server.origin}/index.html`);
    const films = () => page.locator("#themes li:visible").count();
    const people = () => page.locator("#speakers .person:visible").count();
    const views = [{ films: await films(), people: await people() }];
    await tabTo(page, '.views a[href="#speakers"]');
    await page.keyboard.press("Enter");
    views.push({ films: await films(), people: await people() });
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Enter");
    await tabTo(page, "#sought");
    const results = [];
    for (const word of words) {
      await page.locator("#sought").fill("");
      await page.keyboard.type(word);
      await page.waitForTimeout(400);
      results.push({ word, films: await films(), said: await page.locator(".found").textContent() });
    }
    return { views, results, ...(await end()) };
  } finally {
    server.close();
  }
}

/// For people: every state of every page, in both sizes and both schemes.
async function shots(browser, folder, [out, ...pages]) {
  const server = await serve(folder);
  const written = [];
  try {
    for (const name of pages) {
      for (const scheme of ["light", "dark"]) {
        for (const [size, viewport] of Object.entries(SIZES)) {
          const { page, end } = await visit(browser, server.origin, { viewport, colorScheme: scheme });
          await page.goto(server.origin + urlPath(name), { waitUntil: "networkidle" });
          const file = (state) =>
            path.join(out, `${name.replace(/\W+/g, "-")}-${size}-${scheme}${state}.png`);
          await page.screenshot({ path: file("") });
          written.push(file(""));
          await page.screenshot({ path: file("-whole"), fullPage: true });
          if (await page.locator(".controls .play").count()) {
            await page.locator(".controls .play").click();
            await until(page, () => document.querySelector("video").currentTime > 0.1);
            await page.evaluate(() => {
              const first = document.querySelector(".said .phrase");
              if (first) first.click();
            });
            await page.waitForTimeout(1500);
            await page.screenshot({ path: file("-playing") });
            await page.locator(".position").hover();
            await page.waitForTimeout(300);
            await page.screenshot({ path: file("-preview") });
          }
          await end();
        }
      }
    }
    return { written };
  } finally {
    server.close();
  }
}

const CHECKS = { axe, weigh, watch, disk, search, shots };

async function main([name, folder, ...rest]) {
  const check = CHECKS[name];
  if (!check || !folder) throw new Error(`usage: site.mjs ${Object.keys(CHECKS).join("|")} FOLDER …`);
  const browser = await chromium.launch({
    executablePath: process.env.PORTEVOIX_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync", "--mute-audio"],
    headless: true,
  });
  try {
    return { check: name, ...(await check(browser, folder, rest)) };
  } finally {
    await browser.close();
  }
}

function finish(result, code) {
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(code));
}

setTimeout(() => finish({ failure: `nothing after ${PATIENCE_MS} ms` }, 1), PATIENCE_MS).unref();
main(process.argv.slice(2)).then(
  (result) => finish(result, 0),
  (error) => finish({ failure: String(error?.message ?? error) }, 1),
);
