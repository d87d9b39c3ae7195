/**
 * What others told nearby, shown in `[data-similar]` while a report form (`form[data-report]`) is filled in. The list says
 * in the form which cases it shows: the server asks about others when the form is sent, and where this cannot look.
 */
import { debounce } from "./kit.js";

/** What to ask for what others told nearby: a place, and a kind or the words that say one; null before both are known. */
export function similarQuery({ lat = "", lon = "", category = "", minor = "", place = "", text = "" }) {
  const words = text.trim().slice(0, 200);
  if (!(lat || place) || !(category || minor || words.length >= 4)) return null;
  return new URLSearchParams({ lat, lon, category, minor, place, text: words });
}

function startSimilar(form) {
  const box = form.querySelector("[data-similar]");
  // Where the server has asked about them already, they stand in the form.
  if (!box || form.elements.similar) return;
  const look = debounce(async () => {
    const places = [...form.querySelectorAll("select[data-tree]")].map((select) => select.value).filter(Boolean);
    const { lat, lon, category, minor, text } = form.elements;
    const query = similarQuery({ lat: lat?.value, lon: lon?.value, category: category?.value, minor: minor?.value,
      text: text?.value, place: places.at(-1) });
    if (!query || !navigator.onLine) return;
    try {
      const response = await fetch(`/report/similar?${query}`, { credentials: "same-origin" });
      if (!response.ok || response.redirected) return;
      const list = await response.text();
      // The form is on its way: what comes now was not seen before it was sent.
      if ("busy" in form.dataset) return;
      const door = form.elements.home?.value;
      box.innerHTML = list;
      if (door && form.elements.home) form.elements.home.value = door;
    } catch {
      // a comfort only
    }
  }, 500);
  form.addEventListener("linli:place", look);
  form.addEventListener("change", ({ target }) => ["category", "minor", "text"].includes(target.name) && look());
  // What was chosen before this script had come.
  look();
}

/** Starts the lists on this page. */
export function start() {
  for (const form of document.querySelectorAll("form[data-report]")) startSimilar(form);
}
