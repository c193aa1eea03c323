// A static file server on the loopback address, as plain as a web host is:
// right media types, byte ranges, nothing outside its folder. It counts what
// it sends, so that a check can say what a page costs before anything plays.

import { createReadStream, promises as fs } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { gzipSync } from "node:zlib";

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".jpg": "image/jpeg",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".m3u8": "application/vnd.apple.mpegurl",
  ".m4s": "video/iso.segment",
  ".mjs": "text/javascript; charset=utf-8",
  ".mp4": "video/mp4",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".vtt": "text/vtt; charset=utf-8",
  ".webp": "image/webp",
  ".xml": "application/xml",
};

const COMPRESSED = /\.(html|css|js|json|vtt|txt|xml|m3u8|svg)$/;

/// Serves `folder`, and the files of `extra` (URL path → file) beside it;
/// `compress`: texts as a host sends them to whoever takes gzip.
export async function serve(folder, extra = {}, { compress = false } = {}) {
  const root = path.resolve(folder);
  const requests = [];
  const server = createServer((request, response) => {
    const entry = { path: request.url, status: 0, bytes: 0 };
    requests.push(entry);
    answer(root, extra, request, response, entry, compress).catch(() => {
      entry.status ||= 500;
      if (!response.headersSent) response.writeHead(entry.status);
      response.end();
    });
  });
  await new Promise((ready, fail) => {
    server.once("error", fail);
    server.listen(0, "127.0.0.1", ready);
  });
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    requests,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function answer(root, extra, request, response, entry, compress) {
  const refuse = (status, headers = {}) => {
    entry.status = status;
    response.writeHead(status, headers).end();
  };
  if (!["GET", "HEAD"].includes(request.method)) return refuse(405);
  const name = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
  let file = extra[name] ?? path.join(root, name.endsWith("/") ? `${name}index.html` : name);
  if (!extra[name] && !file.startsWith(root + path.sep)) return refuse(403);
  const found = await fs.stat(file).catch(() => null);
  if (!found?.isFile()) return refuse(404);

  const headers = {
    "Content-Type": TYPES[path.extname(file)] ?? "application/octet-stream",
    "Accept-Ranges": "bytes",
    "Cache-Control": "no-store",
  };
  const taken = /\bgzip\b/.test(request.headers["accept-encoding"] ?? "");
  if (compress && taken && COMPRESSED.test(file) && !request.headers.range) {
    const body = gzipSync(await fs.readFile(file));
    headers["Content-Encoding"] = "gzip";
    headers["Content-Length"] = body.length;
    [entry.status, entry.bytes] = [200, body.length];
    response.writeHead(200, headers);
    return response.end(request.method === "HEAD" ? undefined : body);
  }
  let [start, end] = [0, found.size - 1];
  const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? "");
  if (range && (range[1] || range[2])) {
    start = range[1] ? Number(range[1]) : Math.max(0, found.size - Number(range[2]));
    end = range[1] && range[2] ? Math.min(Number(range[2]), end) : end;
    if (start > end) return refuse(416, { "Content-Range": `bytes */${found.size}` });
    headers["Content-Range"] = `bytes ${start}-${end}/${found.size}`;
  }
  headers["Content-Length"] = end - start + 1;
  entry.status = headers["Content-Range"] ? 206 : 200;
  response.writeHead(entry.status, headers);
  if (request.method === "HEAD" || found.size === 0) return response.end();
  // A browser that has enough of a film hangs up: no failure of ours.
  const stream = createReadStream(file, { start, end });
  stream.on("data", (block) => (entry.bytes += block.length));
  stream.on("error", () => response.destroy());
  response.on("close", () => stream.destroy());
  stream.pipe(response);
}
