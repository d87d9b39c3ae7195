/** The grid as a drawing on a canvas, from what lies on the phone: its border, its buildings, and where one stands when asked. */
import { element, icon, say } from "./kit.js";
import { app, show } from "./phone.js";

/** Lays a box of longitudes and latitudes over a width; north is up and metres are the same both ways. */
export function projection(points, width, margin = 24) {
  const [lons, lats] = [points.map(([lon]) => lon), points.map(([, lat]) => lat)];
  const [west, east, south, north] = [Math.min(...lons), Math.max(...lons), Math.min(...lats), Math.max(...lats)];
  const narrow = Math.cos(((south + north) / 2) * Math.PI / 180);
  const scale = (width - 2 * margin) / Math.max((east - west) * narrow, (north - south) / 1.3, 1e-6);
  const height = Math.round((north - south) * scale + 2 * margin);
  return { height, at: ([lon, lat]) => [margin + (lon - west) * narrow * scale, margin + (north - lat) * scale] };
}

const rings = (outline) => (outline?.type === "MultiPolygon" ? outline.coordinates.flat() : outline?.coordinates ?? []);

/** How many households each place on the map has: those of its entrances count for a building. */
function marked() {
  const { places } = app.bundle;
  return places.filter((place) => place.at && ["building", "courtyard", "village", "estate"].includes(place.kind)).map((place) => (
    { ...place, count: app.index.filter((home) => home.address.startsWith(place.address)).length }));
}

function draw(canvas, places, here) {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const borders = rings(app.bundle.outline);
  const points = [...borders.flat(), ...places.map((place) => place.at), ...(here ? [here] : [])];
  if (points.length === 0) return [];
  const width = canvas.parentElement.clientWidth;
  const sharp = devicePixelRatio || 1;
  const { height, at } = projection(points, width);
  Object.assign(canvas, { width: width * sharp, height: height * sharp });
  const pen = canvas.getContext("2d");
  pen.scale(sharp, sharp);
  pen.fillStyle = colour("map-0");
  pen.strokeStyle = colour("brand-ink");
  pen.lineWidth = 2;
  pen.beginPath();
  for (const ring of borders) {
    ring.forEach((point, index) => (index === 0 ? pen.moveTo(...at(point)) : pen.lineTo(...at(point))));
    pen.closePath();
  }
  pen.fill("evenodd");
  pen.stroke();
  pen.font = `600 ${Math.round(parseFloat(style.fontSize) * 0.8)}px ${getComputedStyle(document.body).fontFamily}`;
  pen.textAlign = "center";
  const spots = places.map((place) => ({ place, spot: at(place.at) }));
  for (const { place, spot: [x, y] } of spots) {
    pen.beginPath();
    pen.arc(x, y, 9, 0, 2 * Math.PI);
    pen.fillStyle = colour("brand");
    pen.fill();
    pen.fillStyle = colour("map-ink");
    pen.fillText(place.count > 0 ? `${place.name} ${place.count}` : place.name, x, y + 26);
  }
  if (here) {
    pen.beginPath();
    pen.arc(...at(here), 7, 0, 2 * Math.PI);
    pen.fillStyle = colour("bad");
    pen.fill();
    pen.strokeStyle = colour("card");
    pen.stroke();
  }
  return spots;
}

/** The view. A tap near a building lists its households; the list below says the same without seeing. */
export function map() {
  const places = marked();
  const canvas = element("canvas", { role: "img", "aria-label": say("网格地图，下面的列表内容相同", "Map of the grid; the list below says the same") });
  const status = element("p", { class: "hint pad", role: "status" }, say("位置只在您点的时候看一次，不记录、不上传。", "Your position is read once when you ask; it is neither kept nor sent."));
  let [here, spots] = [null, []];
  const locate = element("button", { class: "btn weak", type: "button", click: () => navigator.geolocation?.getCurrentPosition(({ coords }) => {
    here = [coords.longitude, coords.latitude];
    spots = draw(canvas, places, here);
  }, () => {
    status.textContent = say("没有定到位置", "No position");
  }, { enableHighAccuracy: true, timeout: 12_000 }) }, icon("locate"), say("我在哪儿", "Where am I"));
  canvas.addEventListener("click", (event) => {
    const near = spots.map(({ place, spot: [x, y] }) => ({ place, far: Math.hypot(x - event.offsetX, y - event.offsetY) })).sort((one, other) => one.far - other.far)[0];
    if (near && near.far < 44) location.hash = `#homes/${near.place.id}`;
  });
  show(say("网格地图", "Map of the grid"),
    element("section", { class: "card gridmap" }, element("div", {}, canvas), status, element("p", { class: "pad" }, locate)),
    element("section", { class: "card" }, element("ul", {}, ...places.map((place) => element("li", {}, element("a", { class: "cell", href: `#homes/${place.id}` },
      element("span", { class: "bd" }, element("span", { class: "ttl" }, place.address), element("span", { class: "sub" }, say(`${place.count} 户`, `${place.count} households`))), icon("chevron")))))));
  spots = draw(canvas, places, here);
}
