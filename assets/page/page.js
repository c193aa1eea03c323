// Plays the adaptive version of a film once somebody presses play. Without
// this script, or from a folder without a server, the MP4 plays instead.
(function () {
  "use strict";
  if (!/^https?:$/.test(location.protocol)) return;

  var library;
  function loadLibrary() {
    library = library || new Promise(function (resolve, reject) {
      var script = document.createElement("script");
      script.src = "assets/hls.min.js";
      script.onload = function () { resolve(window.Hls); };
      script.onerror = reject;
      document.head.appendChild(script);
    });
    return library;
  }

  function takeSources(video) {
    var sources = Array.prototype.slice.call(video.querySelectorAll("source"));
    sources.forEach(function (source) { source.remove(); });
    return sources;
  }

  // Back to the MP4, from the place where the adaptive version stopped.
  function fallBack(video, sources) {
    var time = video.currentTime;
    video.removeAttribute("src");
    sources.forEach(function (source) { video.insertBefore(source, video.firstChild); });
    video.load();
    if (time > 0) {
      video.addEventListener("loadedmetadata", function () { video.currentTime = time; }, { once: true });
    }
    play(video);
  }

  // A browser may refuse to play without a new gesture; the controls remain.
  function play(video) {
    var promise = video.play();
    if (promise) promise.catch(function () {});
  }

  function start(video) {
    var url = video.getAttribute("data-hls");
    var sources = takeSources(video);
    video.pause();
    video.load();
    loadLibrary().then(function (Hls) {
      if (Hls && Hls.isSupported()) {
        // The page's own tracks show the captions.
        var hls = new Hls({ renderTextTracksNatively: false });
        hls.on(Hls.Events.ERROR, function (_, error) {
          if (!error.fatal) return;
          hls.destroy();
          fallBack(video, sources);
        });
        hls.loadSource(url);
        hls.attachMedia(video);
        play(video);
      } else if (video.canPlayType("application/vnd.apple.mpegurl")) {
        video.src = url;
        play(video);
      } else {
        fallBack(video, sources);
      }
    }).catch(function () { fallBack(video, sources); });
  }

  Array.prototype.forEach.call(document.querySelectorAll("video[data-hls]"), function (video) {
    video.addEventListener("play", function () { start(video); }, { once: true });
  });
})();
