// Checks of a published tree's pages by keyboard alone, in a real browser; prints
// one JSON object.
//
//   node keyboard.mjs watch  FOLDER PAGE    a visit: play, seek, captions, transcript
//   node keyboard.mjs keys   FOLDER PAGE…   every control of a page, reached by Tab and worked
//   node keyboard.mjs search FOLDER WORDS   the gallery's search and its two orders
//
// FOLDER is served as a web root; PAGE is a path in it. PORTEVOIX_CHROMIUM names
// the browser (default /usr/bin/chromium).

import { serve } from "./server.mjs";
import { SIZES, currentTime, run, shown, until, urlPath, visit } from "./visit.mjs";

/// What can take the focus, as the page stands.
const FOCUSABLE = () => {
  const all = document.querySelectorAll("a[href], area[href], button, input, select, textarea, summary, iframe, " +
    "audio[controls], video[controls], [tabindex], [contenteditable]");
  return Array.from(all).filter((e) => e.tabIndex >= 0 && !e.disabled && e.checkVisibility());
};

/// What a control is, by what it does. A control that is none of these has no
/// proof that it works.
const KIND = (e) => {
  const own = [
    [".skip", "skip"], ["body:has(.player) a[data-t]", "time"], ['a[href^="tel:"], a[href^="mailto:"]', "call"],
    ["a[download]", "download"], [".views a", "view"], ["a[href]", "link"], ["summary", "summary"],
    ["input[type=search]", "search"], [".follow input", "follow"], ["[readonly]", "field"], [".said", "said"],
  ];
  const named = ["play", "mute", "fullscreen", "copy", "position", "volume", "captions", "speed"]
    .map((name) => [`.${name}`, name]);
  return own.concat(named).find(([selector]) => e.matches(selector))?.[1] ?? null;
};

const film = (page, property) => page.evaluate((p) => document.querySelector("video")[p], property);
const active = (page, act) => page.evaluate(`(${act})(document.activeElement)`);
/// Waits until the control that has the focus is as `condition` says. What a key
/// does to a film, and what a film's events do to a control, comes in tasks that
/// follow the key: asking at once asks too early on a busy machine.
const turns = async (page, condition) => {
  await until(page, `(${condition})(document.activeElement)`);
  return true;
};

/// Where a link leads that Enter presses; it is not followed.
async function pressed(page) {
  await active(page, (e) => e.addEventListener("click", (event) => {
    event.preventDefault();
    e.dataset.pressed = e.href;
  }, { once: true }));
  await page.keyboard.press("Enter");
  return active(page, (e) => e.dataset.pressed ?? "");
}

/// Works the control that has the focus by keyboard; true when it did what it
/// is there for.
const WORKED = {
  skip: async (page) => {
    await page.keyboard.press("Enter");
    return turns(page, (e) => e.id === "content");
  },
  time: async (page) => {
    const at = await active(page, (e) => Number(e.dataset.t));
    await page.keyboard.press("Enter");
    await until(page, (t) => Math.abs(document.querySelector("video").currentTime - t) < 1 &&
      !document.querySelector("video").seeking, at);
    await page.evaluate(() => document.querySelector("video").pause());
    return true;
  },
  // Nothing here telephones: the key presses the link, and the system does the rest.
  call: async (page) => /^(tel:[+0-9]+|mailto:.+@.+)$/.test(await pressed(page)),
  download: async (page) => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
    return (await download.failure()) === null;
  },
  view: async (page) => {
    await page.keyboard.press("Enter");
    return turns(page, (e) => e.getAttribute("aria-current") === "true" &&
      !document.querySelector(e.hash).hidden && document.querySelectorAll(".view:not([hidden])").length === 1);
  },
  summary: async (page) => {
    const before = await active(page, (e) => e.parentElement.open);
    await page.keyboard.press("Enter");
    await turns(page, `(e) => e.parentElement.open !== ${before}`);
    await page.keyboard.press("Space");
    return turns(page, `(e) => e.parentElement.open === ${before}`);
  },
  search: async (page) => {
    const films = `Array.from(document.querySelectorAll("#themes li")).filter((li) => li.checkVisibility()).length`;
    await page.keyboard.type("zzz");
    await until(page, `document.querySelector(".found").textContent !== "" && ${films} === 0`);
    for (let n = 0; n < 3; n += 1) await page.keyboard.press("Backspace");
    await until(page, `${films} > 0`);
    return true;
  },
  follow: async (page) => {
    const before = await active(page, (e) => e.checked);
    await page.keyboard.press("Space");
    await turns(page, `(e) => e.checked !== ${before}`);
    await page.keyboard.press("Space");
    return turns(page, `(e) => e.checked === ${before}`);
  },
  // Ready to be copied.
  field: (page) => turns(page, (e) => e.selectionEnd - e.selectionStart === e.value.length && e.value.length > 0),
  copy: async (page) => {
    await page.keyboard.press("Enter");
    await until(page, () => Array.from(document.querySelectorAll("[role=status]"))
      .some((status) => status.textContent === document.activeElement.dataset.done));
    return page.evaluate(async () =>
      (await navigator.clipboard.readText()) === document.getElementById(document.activeElement.dataset.from).value);
  },
  said: async (page) => {
    await page.keyboard.press("End");
    return turns(page, (e) => e.scrollTop > 0);
  },
  play: async (page) => {
    const label = await active(page, (e) => e.getAttribute("aria-label"));
    await page.keyboard.press("Enter");
    await until(page, () => document.querySelector("video").currentTime > 0.1);
    await turns(page, `(e) => e.getAttribute("aria-label") !== ${JSON.stringify(label)}`);
    await page.keyboard.press("Space");
    await until(page, () => document.querySelector("video").paused);
    return turns(page, `(e) => e.getAttribute("aria-label") === ${JSON.stringify(label)}`);
  },
  mute: async (page) => {
    const before = await film(page, "muted");
    await page.keyboard.press("Space");
    await until(page, `document.querySelector("video").muted !== ${before}`);
    await page.keyboard.press("Enter");
    await until(page, `document.querySelector("video").muted === ${before}`);
    return true;
  },
  volume: async (page) => {
    // Whoever switched the sound on before is still being told.
    await until(page, () => document.activeElement.value === "1");
    await page.keyboard.press("Home");
    await until(page, () => document.querySelector("video").volume === 0 || document.querySelector("video").muted);
    await page.keyboard.press("End");
    await until(page, () => document.querySelector("video").volume === 1 && !document.querySelector("video").muted);
    return true;
  },
  position: async (page) => {
    await page.keyboard.press("Home");
    await turns(page, (e) => e.value === "0");
    await page.keyboard.press("ArrowRight");
    await turns(page, (e) => /^0:05 /.test(e.getAttribute("aria-valuetext")));
    await page.keyboard.press("PageDown");
    return turns(page, (e) => Number(e.value) < 5);
  },
  captions: async (page) => {
    const modes = `Array.from(document.querySelector("video").textTracks, (t) => t.mode)`;
    await page.keyboard.press("End");
    await until(page, `!${modes}.includes("showing")`);
    await page.keyboard.press("Home");
    await until(page, `${modes}[0] === "showing"`);
    return true;
  },
  speed: async (page) => {
    await page.keyboard.press("End");
    await until(page, () => document.querySelector("video").playbackRate === 2);
    await page.keyboard.press("Home");
    await until(page, () => document.querySelector("video").playbackRate === 0.5);
    return true;
  },
  fullscreen: async (page) => {
    await page.keyboard.press("Enter");
    await until(page, () => document.fullscreenElement?.matches(".player") &&
      document.activeElement.classList.contains("is-on"));
    await page.keyboard.press("Enter");
    await until(page, () => !document.fullscreenElement);
    return true;
  },
};

/// The next Tab reaches the first control of the page.
const toTheTop = (page) => page.evaluate(() => {
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute("tabindex");
});

/// A page with everything open that opens, by keyboard.
async function opened(page, url) {
  await page.goto(url, { waitUntil: "networkidle" });
  for (let n = 0; n < (await page.locator("summary:visible").count()); n += 1) {
    await toTheTop(page);
    while (!(await active(page, (e) => e.matches("summary") && !e.parentElement.open))) {
      if (await active(page, (e) => e === document.body)) await page.keyboard.press("Tab");
      await page.keyboard.press("Tab");
      if (await active(page, (e) => e === document.body)) break;
    }
    if (await active(page, (e) => e.matches("summary"))) await page.keyboard.press("Enter");
  }
  await toTheTop(page);
}

async function keys(browser, folder, pages) {
  const server = await serve(folder);
  const result = {};
  try {
    for (const name of pages) {
      const url = server.origin + urlPath(name);
      const { page, end } = await visit(browser, server.origin, { viewport: { width: 1280, height: 220 }, acceptDownloads: true });
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await opened(page, url);
      const there = await page.evaluate(`(() => { window.__all = (${FOCUSABLE})(); return window.__all.length; })()`);
      // Once round, by Tab alone.
      const order = [];
      for (let presses = 0; presses < there + 20; presses += 1) {
        await page.keyboard.press("Tab");
        const at = await page.evaluate(() => window.__all.indexOf(document.activeElement));
        if (at < 0 || order.includes(at)) break;
        order.push(at);
      }
      const told = (at) => page.evaluate((n) => window.__all[n].outerHTML.slice(0, 160), at);
      const unreached = [];
      for (let at = 0; at < there; at += 1) if (!order.includes(at)) unreached.push(await told(at));
      const kinds = await page.evaluate(`window.__all.map(${KIND})`);
      const unproven = [];
      for (let at = 0; at < there; at += 1) if (!kinds[at]) unproven.push(await told(at));
      // Each worked where Tab finds it; a link's own page is left by it.
      const failed = [];
      await toTheTop(page);
      for (const at of order) {
        await page.keyboard.press("Tab");
        // What a control did may have moved the focus.
        for (let presses = 0; presses < there + 2 &&
          (await page.evaluate(() => window.__all.indexOf(document.activeElement))) !== at; presses += 1) {
          await page.keyboard.press("Tab");
        }
        const work = WORKED[kinds[at]];
        if (!work) continue;
        const did = await work(page).catch((error) => String(error.message).split("\n")[0]);
        if (did !== true) failed.push({ kind: kinds[at], did, html: await told(at) });
      }
      for (const [place, at] of order.entries()) {
        if (kinds[at] !== "link") continue;
        await opened(page, url);
        for (let presses = 0; presses <= place; presses += 1) await page.keyboard.press("Tab");
        const [href, blank] = await active(page, (e) => [e.href, e.target === "_blank"]);
        if (!href.startsWith(server.origin)) {
          // Another site's: that the key presses it is enough.
          if (!(await pressed(page))) failed.push({ kind: "link", did: "nothing", html: href });
          continue;
        }
        const [led] = await Promise.all([
          blank ? page.waitForEvent("popup") : page.waitForURL(href).then(() => page, () => page),
          page.keyboard.press("Enter"),
        ]);
        await led.waitForURL(href).catch(() => {});
        const ok = led.url() === href && (await led.evaluate(() => document.contentType !== null));
        if (!ok) failed.push({ kind: "link", did: led.url(), html: href });
        if (blank) await led.close();
      }
      const bad = server.requests.filter((r) => r.status >= 400 && r.path !== "/favicon.ico");
      result[name] = {
        there, reached: order.length, unreached, unproven, failed,
        kinds: Array.from(new Set(kinds)).sort(),
        refused: bad.map((r) => `${r.status} ${r.path}`), ...(await end()),
      };
    }
    return result;
  } finally {
    server.close();
  }
}

/// Presses Tab until the focus is on what `selector` names.
async function tabTo(page, selector, most = 80) {
  for (let presses = 0; presses < most; presses += 1) {
    if (await page.evaluate((s) => document.activeElement?.matches(s), selector)) return true;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not reach ${selector}`);
}

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
    const label = () => active(page, (e) => e.getAttribute("aria-label"));
    const labels = [await label()];
    await page.keyboard.press("Enter");
    await until(page, () => document.querySelector("video").currentTime > 0.2);
    await turns(page, (e) => e.classList.contains("is-on"));
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
    await until(page, () => document.querySelector("video").currentTime > 1);
    const seeked = await currentTime(page);
    const spoken = await page.evaluate(() => document.activeElement.getAttribute("aria-valuetext"));
    const preview = await page.evaluate(() => {
      const tile = document.querySelector(".preview .tile");
      return { there: !document.querySelector(".preview").hidden, picture: tile.style.backgroundImage, width: tile.clientWidth };
    });

    await tabTo(page, "select.captions");
    await page.keyboard.press("End");
    await until(page, () => Array.from(document.querySelector("video").textTracks)
      .every((t) => t.mode !== "showing"));
    const without = await shown(page);
    await page.keyboard.press("Home");
    await until(page, () => Array.from(document.querySelector("video").textTracks)
      .some((t) => t.mode === "showing" && t.cues?.length));
    const again = await shown(page);
    await tabTo(page, "select.speed");
    await page.keyboard.press("End");
    await until(page, () => document.querySelector("video").playbackRate !== 1);
    const speed = await page.evaluate(() => document.querySelector("video").playbackRate);
    await page.keyboard.press("Home");
    await tabTo(page, ".mute");
    await page.keyboard.press("Enter");
    await turns(page, (e) => e.classList.contains("is-on"));
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
    await turns(page, (e) => e.hasAttribute("aria-current"));
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
    await turns(page, (e) => !e.checked);
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
    let said = "";
    for (const word of words) {
      await page.locator("#sought").fill("");
      await page.keyboard.type(word);
      // What was found is said once typing pauses; no word finds what the last did.
      await until(page, (former) => !["", former].includes(document.querySelector(".found").textContent), said);
      said = await page.locator(".found").textContent();
      results.push({ word, films: await films(), said });
    }
    return { views, results, ...(await end()) };
  } finally {
    server.close();
  }
}

run("keyboard.mjs", { watch, keys, search });
