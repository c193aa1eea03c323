// What every check of a page needs: a browser, a visit that is watched, and one
// JSON object printed at the end.

import { chromium } from "playwright-core";

const PATIENCE_MS = Number(process.env.PORTEVOIX_BROWSER_PATIENCE_MS ?? 600_000);
/// For one thing to happen: a busy machine is waited for.
const PATIENCE_EACH_MS = 120_000;
export const SIZES = { wide: { width: 1280, height: 800 }, phone: { width: 375, height: 667 } };

export const urlPath = (name) => `/${name.split("/").map(encodeURIComponent).join("/")}`;

/// A page that counts what it asks others for and what its policy refuses.
export async function visit(browser, home, options = {}) {
  const context = await browser.newContext({ viewport: SIZES.wide, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_EACH_MS);
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

/// Waits until a condition, a function or an expression, holds in the page. It is
/// asked from here: the page's own policy would not let it be compiled there.
export async function until(page, condition, argument) {
  const deadline = Date.now() + PATIENCE_EACH_MS;
  while (!(await page.evaluate(condition, argument))) {
    if (Date.now() > deadline) throw new Error(`never: ${condition}`);
    await new Promise((wake) => setTimeout(wake, 20));
  }
}

export const currentTime = (page) => page.evaluate(() => document.querySelector("video").currentTime);
export const shown = (page) =>
  page.evaluate(() => Array.from(document.querySelector("video").textTracks)
    .filter((t) => t.mode === "showing")
    .map((t) => ({ language: t.language, cues: t.cues?.length ?? 0 })));

/// Runs the check that the command line names.
export function run(script, checks) {
  setTimeout(() => finish({ failure: `nothing after ${PATIENCE_MS} ms` }, 1), PATIENCE_MS).unref();
  main(script, checks, process.argv.slice(2)).then(
    (result) => finish(result, 0),
    (error) => finish({ failure: String(error?.message ?? error) }, 1),
  );
}

async function main(script, checks, [name, folder, ...rest]) {
  const check = checks[name];
  if (!check || !folder) throw new Error(`usage: ${script} ${Object.keys(checks).join("|")} FOLDER …`);
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
