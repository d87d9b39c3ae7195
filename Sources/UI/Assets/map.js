/**
 * Leaflet over the server's own map. `[data-map]` already shows an SVG and stays as it is when Leaflet (the classic
 * script /vendor/leaflet/leaflet.js, global `L`) is not installed.
 *
 * `data-center="39.91,116.40"` (WGS 84), `data-zoom`, `data-geojson` URL: polygons with `name`, `level` 0–3, `href`;
 * points with `name`, `state` (wait, doing, late, done), `mark`, `href`. `data-tiles` URL template, empty for none;
 * `data-attribution`. `data-pick="form-id"`: a press writes the form's `lat` and `lon`; what they say already is shown.
 * `data-point="39.91,116.40"`: a pin there, named `data-name`, and the map stays around it.
 */
import { element, say } from "./kit.js";

/** "lat,lon" as numbers, or null. */
export function parsePoint(text) {
  const [lat, lon] = (text ?? "").split(",").map(Number);
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? [lat, lon] : null; // NaN is never within
}

/** The letter on a pin, so that a state is not told by colour alone. */
export function pinMark({ mark, state }) {
  return mark ?? { wait: "待", doing: "办", late: "超", done: "✓" }[state] ?? "·";
}

function pinIcon(properties) {
  const html = element("div", { class: `pin ${properties.state ?? ""}` }, element("span", {}, pinMark(properties)));
  return window.L.divIcon({ html, className: "", iconSize: [28, 28], iconAnchor: [14, 32] });
}

function label(layer, { name, href }) {
  if (name) layer.bindTooltip(element("span", {}, name), { permanent: true, direction: "center", className: "lb" });
  if (href) layer.on("click", () => location.assign(href));
}

function pin(place, properties) {
  const { name } = properties;
  return window.L.marker(place, { icon: pinIcon(properties), title: name, alt: name, keyboard: true });
}

async function addFeatures(map, address, isFixed) {
  const headers = { Accept: "application/geo+json, application/json" };
  const response = await fetch(address, { credentials: "same-origin", headers });
  if (!response.ok) return;
  const layer = window.L.geoJSON(await response.json(), {
    style: ({ properties }) => ({ className: `g l${Number(properties.level) || 0}`, weight: 2, fillOpacity: 0.75 }),
    pointToLayer: ({ properties }, place) => pin(place, properties),
    onEachFeature: ({ geometry, properties }, part) => {
      if (geometry.type !== "Point") return label(part, properties);
      if (!properties.href) return;
      part.bindPopup(element("a", { href: properties.href }, properties.name));
    },
  }).addTo(map);
  if (!isFixed && layer.getBounds().isValid()) map.fitBounds(layer.getBounds(), { padding: [16, 16], maxZoom: 18 });
}

function startPicking(map, form) {
  let here = null;
  const show = (at) => {
    if (here) return here.setLatLng(at);
    here = pin(at, { mark: "·", name: say("事情发生的地方", "Where it is") }).addTo(map);
    here.dragging.enable();
    here.on("dragend", () => choose(here.getLatLng()));
  };
  const choose = (at) => {
    show(at);
    form.elements.lat.value = at.lat.toFixed(6);
    form.elements.lon.value = at.lng.toFixed(6);
    if (form.elements.accuracy) form.elements.accuracy.value = "";
    const status = form.querySelector("[data-locate-status]");
    if (status) status.textContent = say("已在地图上选好位置。", "The place is marked on the map.");
    form.dispatchEvent(new CustomEvent("linli:place", { bubbles: true }));
  };
  map.on("click", (event) => choose(event.latlng));
  // The place may also come from the device, or stand there already: the pin follows.
  const follow = () => {
    const at = parsePoint(`${form.elements.lat.value || "x"},${form.elements.lon.value || "x"}`);
    if (!at || here?.getLatLng().distanceTo(at) < 1) return;
    show(window.L.latLng(at));
    map.setView(at, Math.max(map.getZoom(), 17));
  };
  form.addEventListener("linli:place", follow);
  follow();
  return here !== null;
}

function open(box) {
  const drawn = [...box.childNodes];
  box.replaceChildren();
  try {
    const { attribution = "", tiles } = box.dataset;
    const options = { attributionControl: attribution !== "", zoomControl: false, minZoom: 3, maxZoom: 20 };
    const map = window.L.map(box, options);
    window.L.control.zoom({ zoomInTitle: say("放大", "Zoom in"), zoomOutTitle: say("缩小", "Zoom out") }).addTo(map);
    map.setView(parsePoint(box.dataset.center) ?? [39.9087, 116.3975], Number(box.dataset.zoom) || 15);
    if (tiles) window.L.tileLayer(tiles, { attribution, maxZoom: 20, maxNativeZoom: 18 }).addTo(map);
    const form = document.getElementById(box.dataset.pick ?? "");
    const point = parsePoint(box.dataset.point || "x");
    if (point) pin(point, { mark: "·", name: box.dataset.name ?? "" }).addTo(map);
    const isFixed = (form && startPicking(map, form)) || point !== null;
    if (box.dataset.geojson) addFeatures(map, box.dataset.geojson, isFixed).catch(() => {}); // offline: the base map stays
    // A map opened inside a closed box has no size yet.
    box.closest("details")?.addEventListener("toggle", () => map.invalidateSize());
  } catch (error) {
    box.replaceChildren(...drawn);
    throw error;
  }
}

function begin() {
  if (!window.L?.map) return;
  for (const box of document.querySelectorAll("[data-map]")) open(box);
}

/** Starts the maps of this page. */
export function start() {
  // Leaflet is a deferred script further down the page: this module, out of the cache, may be there before it.
  if (window.L?.map || document.readyState === "complete") return begin();
  addEventListener("load", begin, { once: true });
}
