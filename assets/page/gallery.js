// Search, and one order of the videos at a time. Without this script both
// orders stand one below the other.
(function () {
  "use strict";
  const root = document.documentElement;
  const all = (selector, from) => Array.from((from || document).querySelectorAll(selector));
  root.classList.add("js");

  // Without accents, case and quotes, as people type into a telephone.
  const plain = (text) =>
    text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/[\s’'"«»“”]+/g, " ");

  // Pictures are fetched as they come near: a browser's own laziness fetches
  // forty of them at once on a slow network.
  function fetched(picture) {
    all("source", picture).forEach((source) => { source.srcset = source.dataset.srcset; });
    const image = picture.querySelector("img");
    image.src = image.dataset.src;
  }
  const pictures = all(".later");
  if ("IntersectionObserver" in window) {
    const near = new IntersectionObserver((entries) => {
      entries.filter((entry) => entry.isIntersecting).forEach(({ target }) => {
        near.unobserve(target);
        fetched(target);
      });
    }, { rootMargin: "200px 0px" });
    pictures.forEach((picture) => near.observe(picture));
    addEventListener("beforeprint", () => pictures.forEach(fetched));
  } else {
    pictures.forEach(fetched);
  }

  const views = all(".view");
  const links = all(".views a");

  function show(id) {
    if (!views.some((view) => view.id === id)) return false;
    views.forEach((view) => { view.hidden = view.id !== id; });
    links.forEach((link) => {
      if (link.hash === "#" + id) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
    return true;
  }

  links.forEach((link) => {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const id = link.hash.slice(1);
      show(id);
      history.replaceState(null, "", link.hash);
    });
  });
  if (views.length && !show(location.hash.slice(1))) show("themes");

  const form = document.querySelector(".search");
  if (!form) return;
  const field = form.querySelector("input");
  const found = form.querySelector(".found");
  const groups = all(".group").map((group) => ({
    group,
    name: plain(all("h3, :scope > .speaker", group).map((e) => e.textContent).join(" ")),
    items: all("li", group).map((item) => ({ item, text: plain(item.textContent) })),
  }));
  let said = 0;

  function search() {
    const words = plain(field.value).split(" ").filter(Boolean);
    let count = 0;
    groups.forEach(({ group, name, items }) => {
      let here = 0;
      items.forEach(({ item, text }) => {
        const match = words.every((word) => text.includes(word) || name.includes(word));
        item.hidden = !match;
        if (match) here += 1;
      });
      group.hidden = here === 0;
      if (group.closest("#themes")) count += here;
    });
    // Said once typing pauses, so that a screen reader is not interrupted.
    clearTimeout(said);
    said = setTimeout(() => {
      const { none, one, many } = found.dataset;
      const sentence = count === 0 ? none : count === 1 ? one : many.replace("#", count);
      found.textContent = words.length ? sentence : "";
    }, 300);
  }

  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  field.addEventListener("input", search);
  // A browser that comes back to the page may have kept what was typed.
  addEventListener("pageshow", search);
})();
