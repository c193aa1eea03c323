// The player of a capsule: controls, the adaptive version once somebody presses
// play, and a transcript that follows. Without this script the browser's own
// controls play an MP4, and all texts are there.
(function () {
  "use strict";
  const LIBRARY = new URL("hls.min.js", document.currentScript.src).href;
  const STEP = 5;
  const one = (selector, from) => (from || document).querySelector(selector);
  const all = (selector, from) => Array.from((from || document).querySelectorAll(selector));

  const player = one(".player");
  if (!player) return;
  document.documentElement.classList.add("js");
  const video = one("video", player);
  const duration = Number(player.dataset.duration);
  const status = one(".status", player);

  // ---- What plays -------------------------------------------------------

  const files = all("source", video);
  const onDisk = location.protocol === "file:";
  const adaptive = !onDisk && player.dataset.hls;
  let started = false;
  let wanted = null; // a time asked for before there is a film

  if (onDisk && files.length) {
    // From a disk the best file costs nothing.
    files[0].src = player.dataset.best;
    video.load();
  } else if (adaptive) {
    // Nothing of the MP4 is fetched while the adaptive version is prepared.
    files.forEach((file) => file.remove());
    video.load();
  }

  function loadLibrary() {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = LIBRARY;
      script.onload = () => resolve(window.Hls);
      script.onerror = reject;
      document.head.appendChild(script);
    });
  }

  function playFile() {
    if (!files.length) {
      fail();
      return;
    }
    if (video.currentTime > 0) wanted = video.currentTime;
    video.removeAttribute("src");
    files.forEach((file) => video.insertBefore(file, video.firstChild));
    video.load();
    resume();
  }

  function playAdaptive(Hls) {
    if (Hls && Hls.isSupported()) {
      // Captions come from the page's own tracks.
      const hls = new Hls({
        renderTextTracksNatively: false,
        capLevelToPlayerSize: true,
        startPosition: wanted === null ? -1 : wanted,
      });
      hls.on(Hls.Events.MANIFEST_PARSED, () => { hls.subtitleTrack = -1; });
      hls.on(Hls.Events.ERROR, (_, error) => {
        if (!error.fatal) return;
        // Where it is forgets itself with the player.
        if (video.currentTime > 0) wanted = video.currentTime;
        hls.destroy();
        playFile();
      });
      hls.loadSource(player.dataset.hls);
      hls.attachMedia(video);
      resume();
    } else if (video.canPlayType("application/vnd.apple.mpegurl")) {
      // Where the browser reads the playlist itself, it finds the captions
      // there a second time.
      const own = all("track", video).map((element) => element.track);
      video.textTracks.addEventListener("addtrack", ({ track }) => {
        if (!own.includes(track)) track.mode = "disabled";
      });
      video.src = player.dataset.hls;
      resume();
    } else {
      playFile();
    }
  }

  // A browser may refuse to play without a new gesture; the button remains.
  function resume() {
    const promise = video.play();
    if (promise) promise.catch(() => waiting(false));
  }

  function play() {
    start.hidden = true;
    status.textContent = "";
    if (started || !adaptive) {
      started = true;
      resume();
      return;
    }
    started = true;
    waiting(true);
    loadLibrary().then(playAdaptive).catch(playFile);
  }

  // However it was asked for: a key of the keyboard's own, another script.
  video.addEventListener("play", () => { if (!started) play(); });

  function fail() {
    waiting(false);
    status.textContent = status.dataset.failed;
  }

  function seek(time) {
    const to = Math.min(Math.max(time, 0), duration);
    if (video.readyState > 0) video.currentTime = to;
    else wanted = to;
    showTime();
  }

  video.addEventListener("loadedmetadata", () => {
    if (wanted !== null) video.currentTime = wanted;
    wanted = null;
  });
  video.addEventListener("error", () => { if (started && video.error) fail(); });
  if (files.length) {
    files[files.length - 1].addEventListener("error", () => { if (started) fail(); });
  }

  // ---- Controls ---------------------------------------------------------

  const controls = one(".controls", player);
  const start = one(".start", player);
  const wait = one(".wait", player);
  const position = one(".position", player);
  const now = one(".now", player);

  video.controls = false;
  controls.hidden = false;
  start.hidden = false;

  const clock = (time) =>
    Math.floor(time / 60) + ":" + String(Math.floor(time % 60)).padStart(2, "0");
  const time = () => (wanted === null ? video.currentTime : wanted);
  const length = one(".time", player).lastChild.textContent.replace("/", "").trim();

  function waiting(yes) {
    wait.hidden = !yes;
  }

  function toggle() {
    if (video.paused) play();
    else video.pause();
  }

  function state(button, on) {
    const text = on ? button.dataset.on : button.dataset.off;
    button.classList.toggle("is-on", on);
    button.setAttribute("aria-label", text);
    button.title = text;
  }

  function showTime() {
    const at = time();
    position.value = at;
    position.style.setProperty("--done", (100 * at) / duration + "%");
    position.setAttribute("aria-valuetext", clock(at) + " " + position.dataset.of + " " + length);
    now.textContent = clock(at);
  }

  const playButton = one(".play", player);
  playButton.addEventListener("click", toggle);
  [video, start].forEach((part) => part.addEventListener("click", toggle));
  ["play", "pause", "ended"].forEach((name) =>
    video.addEventListener(name, () => state(playButton, !video.paused)));
  video.addEventListener("play", () => { start.hidden = true; });
  video.addEventListener("ended", () => { start.hidden = false; });
  video.addEventListener("waiting", () => waiting(true));
  ["playing", "canplay", "pause"].forEach((name) =>
    video.addEventListener(name, () => waiting(false)));

  ["timeupdate", "seeking", "loadedmetadata"].forEach((name) =>
    video.addEventListener(name, () => { showTime(); follow(); }));
  position.addEventListener("input", () => {
    seek(Number(position.value));
    showTile(Number(position.value));
  });
  position.addEventListener("keydown", (event) => {
    const steps = {
      ArrowLeft: -STEP, ArrowDown: -STEP, ArrowRight: STEP, ArrowUp: STEP,
      PageDown: -duration / 10, PageUp: duration / 10,
    };
    // With another key, it is the browser's: back and forth.
    if (!(event.key in steps) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    seek(time() + steps[event.key]);
    showTile(time());
  });

  const mute = one(".mute", player);
  const volume = one(".volume", player);
  mute.addEventListener("click", () => { video.muted = !video.muted; });
  volume.addEventListener("input", () => {
    video.volume = Number(volume.value);
    video.muted = video.volume === 0;
  });
  video.addEventListener("volumechange", () => {
    state(mute, video.muted);
    volume.value = video.muted ? 0 : video.volume;
  });
  state(mute, video.muted);
  state(playButton, false);

  one(".speed", player).addEventListener("change", (event) => {
    video.defaultPlaybackRate = Number(event.target.value);
    video.playbackRate = video.defaultPlaybackRate;
  });

  const captions = one(".captions", player);
  if (captions) {
    const tracks = all("track", video).map((element) => element.track);
    const choose = () => {
      tracks.forEach((track, number) => {
        track.mode = captions.value === String(number) ? "showing" : "disabled";
      });
    };
    captions.addEventListener("change", choose);
    choose();
  }

  const fullscreen = one(".fullscreen", player);
  const filled = () => document.fullscreenElement === player;
  if (player.requestFullscreen) {
    fullscreen.addEventListener("click", () => {
      if (filled()) document.exitFullscreen();
      else player.requestFullscreen().catch(() => {});
    });
    document.addEventListener("fullscreenchange", () => state(fullscreen, filled()));
  } else if (video.webkitEnterFullscreen) {
    fullscreen.addEventListener("click", () => video.webkitEnterFullscreen());
  } else {
    fullscreen.hidden = true;
  }
  state(fullscreen, false);
  showTime();

  // ---- Storyboard above the position ------------------------------------

  const preview = one(".preview", player);
  const tile = one(".tile", preview);
  const tiles = (player.dataset.tiles || "").split(" ").filter(Boolean)
    .map((text) => text.split(",").map(Number));

  function showTile(at) {
    const shown = tiles.filter((one) => one[0] <= at).pop();
    if (!shown) return;
    const [, x, y, width, height] = shown;
    const style = tile.style;
    style.width = width + "px";
    style.height = height + "px";
    style.backgroundImage = 'url("' + player.dataset.sheet + '")';
    style.backgroundPosition = -x + "px " + -y + "px";
    one(".at", preview).textContent = clock(at);
    const room = position.clientWidth;
    const left = Math.min(Math.max((room * at) / duration - width / 2, 0), room - width);
    preview.style.left = Math.max(left, 0) + "px";
    preview.hidden = false;
  }

  position.addEventListener("pointermove", (event) => {
    const box = position.getBoundingClientRect();
    const at = Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
    showTile(at * duration);
  });
  ["pointerleave", "pointercancel", "blur"].forEach((name) =>
    position.addEventListener(name, () => { preview.hidden = true; }));

  // ---- Transcript and chapters ------------------------------------------

  const phrases = all(".phrase").map((element) => ({
    element,
    start: Number(element.dataset.t),
    end: Number(element.dataset.end),
  }));
  const chapters = all(".chapters [data-t]");
  const said = one(".said");
  const followBox = one(".follow input");
  if (followBox && phrases.length) one(".follow").hidden = false;
  let touched = false;

  if (said) {
    ["pointerenter", "touchstart", "focusin"].forEach((name) =>
      said.addEventListener(name, () => { touched = true; }, { passive: true }));
    ["pointerleave", "focusout"].forEach((name) =>
      said.addEventListener(name, () => { touched = false; }));
  }

  function follow() {
    const at = time();
    let first = null;
    phrases.forEach(({ element, start, end }) => {
      const current = at >= start && at < end;
      element.classList.toggle("is-now", current);
      if (current && !first && said && said.contains(element)) first = element;
    });
    chapters.forEach((chapter, number) => {
      const next = chapters[number + 1];
      const current = at >= Number(chapter.dataset.t) && !(next && at >= Number(next.dataset.t));
      if (current) chapter.setAttribute("aria-current", "true");
      else chapter.removeAttribute("aria-current");
    });
    // Somebody who is reading there is not to be moved.
    if (!first || touched || video.paused || !followBox.checked) return;
    const line = first.getBoundingClientRect();
    const box = said.getBoundingClientRect();
    if (line.top < box.top || line.bottom > box.bottom - line.height) {
      said.scrollTop += line.top - box.top - box.height / 3;
    }
  }

  // A copied link leads to the time on this page.
  all("a[data-t]").forEach((link) => { link.href = "#t=" + link.dataset.t; });

  document.addEventListener("click", (event) => {
    const place = event.target.closest("[data-t]");
    if (!place || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (place.tagName !== "A" && String(getSelection())) return;
    event.preventDefault();
    seek(Number(place.dataset.t));
    play();
    player.scrollIntoView({ block: "nearest" });
  });

  function fromAddress() {
    const asked = /^#t=(\d+(?:\.\d+)?)$/.exec(location.hash);
    if (asked) seek(Number(asked[1]));
  }
  addEventListener("hashchange", fromAddress);
  fromAddress();
  follow();

  // ---- Sharing ----------------------------------------------------------

  const share = one(".share");
  if (share && !onDisk) {
    const folder = new URL(".", location.href).href;
    all("input, textarea", share).forEach((field) => {
      field.value = field.value.split("%FOLDER%").join(folder);
      field.addEventListener("focus", () => field.select());
    });
    share.hidden = false;
    all(".copy", share).forEach((button) => {
      const field = document.getElementById(button.dataset.from);
      if (!navigator.clipboard) return;
      button.hidden = false;
      button.addEventListener("click", () => {
        navigator.clipboard.writeText(field.value).then(() => {
          status.textContent = button.dataset.done;
        }, () => field.select());
      });
    });
  }
})();
