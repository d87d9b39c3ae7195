/**
 * Comfort for the report form (`form[data-report]`); the plain form works without it.
 *
 * Place: `[data-locate]` button, hidden inputs `lat`, `lon`, `accuracy`, `[data-locate-status]`. Dependent selects:
 * `select[data-tree="id"][data-level="0"]` over a JSON script `[{"id","name","children"}]`. Words: `[data-count-for]`
 * counts, `[data-danger][data-words]` is shown when they speak of danger. `[data-suggested]` says which kind was
 * chosen for the person, or offers the likeliest when none is sure. What others told is similar.js, photos are photos.js.
 */
import { debounce, say } from "./kit.js";

/** The options of one level, given what is chosen above it. */
export function optionsAt(tree, chosen) {
  let level = tree;
  for (const id of chosen) level = level?.find((place) => String(place.id) === String(id))?.children;
  return level ?? [];
}

/** Whether a text speaks of danger to life. */
export function speaksOfDanger(text, words) {
  return words.some((word) => word !== "" && text.includes(word));
}

function startLocating(form) {
  const button = form.querySelector("[data-locate]");
  if (!button || !navigator.geolocation || !window.isSecureContext) return;
  const status = form.querySelector("[data-locate-status]");
  button.hidden = false;
  button.addEventListener("click", () => {
    status.textContent = say("正在定位……", "Locating …");
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      const metres = Math.round(coords.accuracy);
      const values = { lat: coords.latitude.toFixed(6), lon: coords.longitude.toFixed(6), accuracy: metres };
      for (const [name, value] of Object.entries(values)) if (form.elements[name]) form.elements[name].value = value;
      status.textContent = form.dataset.spot === undefined
        ? say(`已定位，误差约 ${metres} 米。请再写清楼号、门牌。`, `Within ${metres} m. Please add the building.`)
        : say(`已定位，误差约 ${metres} 米。`, `Within ${metres} m.`);
      form.dispatchEvent(new CustomEvent("linli:place", { bubbles: true }));
    }, (error) => {
      if (form.dataset.spot !== undefined) {
        status.textContent = say("没有定到位置，请在地图上点，或写坐标。", "No position found: point at the map, or write it.");
        return;
      }
      status.textContent = error.code === error.PERMISSION_DENIED
        ? say("没有定位权限。在下面选小区和楼号就行。", "Location is not allowed. Choose the estate and building below.")
        : say("没有定到位置。在下面选小区和楼号就行。", "No position found. Choose the estate and building below.");
    }, { enableHighAccuracy: true, timeout: 12_000, maximumAge: 60_000 });
  });
}

/** "39.914, 116.402" or "39.914，116.402" as texts, or null. */
export function typedPoint(text) {
  const parts = text.split(/[,，;；\s]+/).filter(Boolean);
  return parts.length === 2 && parts.every((part) => Number.isFinite(Number(part))) ? parts : null;
}

/** A form that takes one place in one field: what the device, the map and the hand say is the same. */
function startSpot(form) {
  const field = form.querySelector("[data-spot-field]");
  const { lat, lon } = form.elements;
  if (!field || !lat || !lon) return;
  const read = () => {
    const point = typedPoint(field.value);
    [lat.value, lon.value] = point ?? ["", ""];
  };
  read();
  form.addEventListener("linli:place", () => {
    if (lat.value && lon.value) field.value = `${lat.value},${lon.value}`;
  });
  field.addEventListener("change", () => {
    read();
    form.dispatchEvent(new CustomEvent("linli:place", { bubbles: true }));
  });
}

function startTree(form) {
  const selects = [...form.querySelectorAll("select[data-tree]")].sort((a, b) => a.dataset.level - b.dataset.level);
  const source = selects.length > 0 && document.getElementById(selects[0].dataset.tree);
  if (!source) return;
  const tree = JSON.parse(source.textContent);
  const fill = (from) => {
    for (let level = from; level < selects.length; level += 1) {
      const select = selects[level];
      const before = select.value || select.dataset.value || "";
      const places = optionsAt(tree, selects.slice(0, level).map((other) => other.value));
      const first = select.options[0];
      select.replaceChildren(first, ...places.map((place) => new Option(place.name, place.id)));
      select.value = places.some((place) => String(place.id) === before) ? before : "";
      select.closest(".field").hidden = places.length === 0;
    }
  };
  selects.forEach((select, level) => select.addEventListener("change", () => {
    fill(level + 1);
    form.dispatchEvent(new CustomEvent("linli:place", { bubbles: true }));
  }));
  fill(1);
}

function startWords(form) {
  const text = form.elements.text;
  if (!text) return;
  const counter = form.querySelector('[data-count-for="text"]');
  const danger = form.querySelector("[data-danger]") ?? document.querySelector("[data-danger]");
  const words = (danger?.dataset.words ?? "").split(/[\s,，、]+/).filter(Boolean);
  const look = () => {
    if (counter) counter.textContent = `${text.value.length} / ${text.maxLength}`;
    if (danger && speaksOfDanger(text.value, words)) danger.hidden = false;
  };
  text.addEventListener("input", look);
  text.addEventListener("input", debounce(() => suggest(form, text.value), 700));
  look();
}

/** Fills in kind and nature from the words, unless the person has chosen; what was filled can be changed. */
async function suggest(form, text) {
  if (text.trim().length < 4 || !navigator.onLine) return;
  try {
    const query = new URLSearchParams({ text: text.slice(0, 200) });
    const response = await fetch(`/report/suggest?${query}`, { credentials: "same-origin" });
    if (!response.ok) return;
    const found = await response.json();
    const filled = ["category", "nature"].filter((name) => pick(form, name, found[name]));
    const note = form.querySelector("[data-suggested]");
    if (note && !form.dataset.chosencategory) offer(form, note, found);
    if (filled.length === 0) return;
    form.dispatchEvent(new CustomEvent("linli:place", { bubbles: true }));
  } catch {
    // a comfort only
  }
}

/** Says what was chosen, or asks with a button for each of the likeliest kinds. */
function offer(form, note, { label, options }) {
  if (label) {
    note.textContent = say(`像是“${label}”，已替您选上，不对可以改。`, `This looks like “${label}”; change it if not.`);
    return;
  }
  note.replaceChildren();
  if (options.length === 0) return;
  const buttons = Object.assign(document.createElement("div"), { className: "btns" });
  note.append(say("是其中哪一件吗？点一下更快派对人：", "Is it one of these? Choose to reach the right people sooner:"), buttons);
  for (const option of options) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn weak", textContent: option.label });
    button.addEventListener("click", () => {
      delete form.dataset.chosencategory;
      pick(form, "category", option.category);
      form.elements.minor.value = option.minor;
      form.dataset.chosencategory = "yes";
      note.textContent = say(`已选“${option.label}”。`, `“${option.label}” is chosen.`);
      form.dispatchEvent(new CustomEvent("linli:place", { bubbles: true }));
    });
    buttons.append(button);
  }
}

function pick(form, name, value) {
  const group = form.elements[name];
  if (!value || !group || form.dataset[`chosen${name}`]) return false;
  const choice = [...(group instanceof RadioNodeList ? group : [group])].find((radio) => radio.value === value);
  if (!choice || choice.checked) return false;
  choice.checked = true;
  return true;
}

/** Starts the report form, and forms that take one place. */
export function start() {
  for (const form of document.querySelectorAll("form[data-spot]")) {
    startLocating(form);
    startSpot(form);
  }
  for (const form of document.querySelectorAll("form[data-report]")) {
    form.addEventListener("change", ({ target }) => {
      if (target.name === "category" || target.name === "nature") form.dataset[`chosen${target.name}`] = "yes";
      // Another kind than the one that was offered and chosen: its class does not hold any more.
      if (target.name === "category" && form.elements.minor) form.elements.minor.value = "";
    });
    startLocating(form);
    startTree(form);
    startWords(form);
  }
}
