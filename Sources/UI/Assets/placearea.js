/**
 * Draws the area of one place: `[data-area-edit]` names the textarea whose GeoJSON is sent with its form and holds the map;
 * `data-around` says where the map begins when there is no area. Without this module the same is written by hand.
 */
import { CanvasMap } from "./canvas.js";
import { element, say } from "./kit.js";
import { boxOf, History, insertCorner, moveCorner, nearestCorner, nearestEdge, readPlan, removeCorner, squareMetres } from "./mesh.js";

/** A plan with one part of the GeoJSON somebody pasted, a geometry, feature or collection; without a part of none. */
export function readArea(text) {
  if (!text.trim()) return { territory: null, parts: [] };
  let shape = JSON.parse(text);
  if (shape.type === "FeatureCollection") [shape] = shape.features;
  if (shape?.type === "Feature") shape = shape.geometry;
  return readPlan({ features: [{ properties: { number: 1, name: "" }, geometry: shape }] });
}

/** The geometry of such a plan as text; "" without a part. */
export function writeArea({ parts: [part] }) {
  if (!part) return "";
  const close = (ring) => [...ring, ring[0]].map(([lon, lat]) => [lon / 1e7, lat / 1e7]);
  const shapes = part.polygons.map((rings) => rings.map(close));
  return JSON.stringify(
    shapes.length === 1 ? { type: "Polygon", coordinates: shapes[0] } : { type: "MultiPolygon", coordinates: shapes },
  );
}

/** The plan with one more polygon around some corners; null for fewer than three. */
export function addPolygon(plan, corners) {
  if (new Set(corners.map(String)).size < 3) return null;
  const polygons = [...(plan.parts[0]?.polygons ?? []), [corners]];
  return { ...plan, parts: [{ number: 1, name: "", polygons }] };
}

const modes = () => [
  ["draw", say("画", "Draw"), say("依次点出角点，再按“画好”。", "Press the corners in turn, then “Done”.")],
  ["move", say("移动角点", "Move corners"), say("拖动角点；点在边上加一个角点。键盘按回车拿起、放下。", "Drag a corner; press on a line to add one. With keys, Enter picks it up and puts it down.")],
  ["remove", say("去角点", "Remove corners"), say("点一个角点去掉它。", "Press a corner to remove it.")],
];

export class AreaEditor {
  constructor(box) {
    this.box = box;
    this.field = document.getElementById(box.dataset.areaEdit);
    this.line = [];
    this.held = null;
  }

  open() {
    // What cannot be read is left to its writer: the form says what is wrong.
    this.history = new History(readArea(this.field.value));
    const canvas = this.box.querySelector("[data-canvas]");
    canvas.hidden = false;
    this.status = element("p", { class: "note", role: "status" });
    this.map = new CanvasMap(canvas, {
      label: say("地图：方向键移动，加减号缩放，回车点选中间", "Map: arrows move, plus and minus zoom, Enter presses the middle"),
      draw: (pen, map) => this.draw(pen, map),
      tap: (x, y, isKey) => this.tap(this.map.placeAt(x, y), isKey),
      grab: (x, y) => this.grab(this.map.placeAt(x, y)),
      drag: (x, y) => this.drag(this.map.placeAt(x, y)),
      drop: () => this.drop(),
      cancel: () => this.cancel(),
      moved: () => this.held?.isKey && this.drag(this.map.placeAt(this.map.width / 2, this.map.height / 2)),
    });
    this.box.prepend(this.bar());
    this.box.append(this.status);
    this.map.fit(boxOf(this.plan.parts) ?? this.around(), 18);
    this.choose(this.plan.parts.length > 0 ? "move" : "draw");
    // What was pasted by hand is drawn, too.
    this.field.addEventListener("change", () => this.take());
  }

  get plan() {
    return this.history.now;
  }

  around() {
    const [lon, lat] = (this.box.dataset.around ?? "116.3975,39.9087").split(",").map((degrees) => Math.round(degrees * 1e7));
    return [lon - 20_000, lat - 15_000, lon + 20_000, lat + 15_000];
  }

  get reach() {
    return (14 * this.map.metres) / 0.0111195;
  }

  bar() {
    const button = (text, click, more = {}) => element("button", { type: "button", class: "btn ghost sm", click, ...more }, text);
    this.buttons = modes().map(([mode, text]) => button(text, () => this.choose(mode), { "aria-pressed": "false" }));
    this.finish = button(say("画好", "Done"), () => this.close(), { hidden: true, class: "btn sm" });
    this.undo = button(say("撤销", "Undo"), () => this.step("undo"));
    this.redo = button(say("重做", "Redo"), () => this.step("redo"));
    this.clear = button(say("清空", "Clear"), () => this.change({ territory: null, parts: [] }, say("范围清空了。", "There is no area now.")));
    return element("div", { class: "tools", role: "toolbar", "aria-label": say("画范围", "Drawing the area") },
      ...this.buttons, this.finish, this.undo, this.redo, this.clear);
  }

  choose(mode) {
    this.mode = mode;
    [this.line, this.held] = [[], null];
    modes().forEach(([name, , hint], at) => {
      this.buttons[at].setAttribute("aria-pressed", String(name === mode));
      if (name === mode) this.status.textContent = hint;
    });
    this.refresh();
  }

  refresh() {
    this.undo.disabled = this.history.at === 0;
    this.redo.disabled = this.history.at === this.history.states.length - 1;
    this.clear.disabled = this.plan.parts.length === 0;
    this.finish.hidden = this.line.length < 3;
    this.map.redraw();
  }

  /** Takes a change and writes it where the form finds it. */
  change(plan, words) {
    if (!plan) return;
    this.history.push(plan);
    this.write();
    const [part] = plan.parts;
    const size = part ? say(` ${Math.round(squareMetres(part))} 平方米，记得保存。`, ` ${Math.round(squareMetres(part))} m²; remember to save.`) : "";
    this.status.textContent = words + size;
    this.refresh();
  }

  write() {
    this.field.value = writeArea(this.plan);
    // What is drawn is in WGS 84, whatever was pasted before.
    this.field.form.elements.datum.value = "wgs84";
  }

  step(name) {
    this.history[name]();
    this.write();
    this.refresh();
  }

  take() {
    try {
      this.history.push(readArea(this.field.value));
    } catch {
      this.status.textContent = say("这段坐标读不懂。", "These coordinates cannot be read.");
      return;
    }
    const box = boxOf(this.plan.parts);
    if (box) this.map.fit(box, 18);
    this.refresh();
  }

  close() {
    const plan = addPolygon(this.plan, this.line);
    this.line = [];
    if (!plan) return this.refresh();
    this.change(plan, say("画好了：", "Drawn:"));
    this.choose("move");
  }

  grab(place, isKey = false) {
    if (this.mode !== "move") return false;
    const corner = nearestCorner(this.plan, place, this.reach);
    if (corner) this.held = { from: corner, to: corner, isKey };
    this.map.redraw();
    return corner !== null;
  }

  drag(place) {
    this.held.to = place;
    this.map.redraw();
  }

  drop() {
    const { from, to } = this.held;
    this.held = null;
    if (from[0] === to[0] && from[1] === to[1]) return this.map.redraw();
    this.change(moveCorner(this.plan, from, to), say("角点移好了：", "The corner is moved:"));
  }

  cancel() {
    [this.line, this.held] = [[], null];
    this.refresh();
  }

  tap(place, isKey = false) {
    if (this.mode === "draw") {
      this.line.push(place);
      return this.refresh();
    }
    if (this.held) return this.drop();
    if (this.mode === "remove") {
      const corner = nearestCorner(this.plan, place, this.reach);
      if (corner) this.change(removeCorner(this.plan, corner), say("去掉了一个角点：", "A corner was removed:"));
      return;
    }
    if (isKey && this.grab(place, true)) return;
    const edge = nearestEdge(this.plan, place, this.reach);
    if (edge) this.change(insertCorner(this.plan, edge.first, edge.second, edge.on), say("加了一个角点：", "A corner was added:"));
  }

  draw(pen, map) {
    for (const { polygons } of this.plan.parts) {
      map.trace(pen, polygons.flat());
      pen.globalAlpha = 0.5;
      pen.fillStyle = map.color("--map-1");
      pen.fill("evenodd");
      pen.globalAlpha = 1;
      pen.strokeStyle = map.color("--brand-ink");
      pen.lineWidth = 2;
      pen.stroke();
    }
    const corners = [...this.plan.parts.flatMap(({ polygons }) => polygons.flat(2)), ...this.line];
    if (this.line.length > 1) {
      map.trace(pen, [this.line], true);
      pen.strokeStyle = map.color("--bad");
      pen.stroke();
    }
    pen.fillStyle = map.color("--brand");
    for (const corner of corners) map.dot(pen, corner, 5);
    pen.fillStyle = map.color("--bad");
    if (this.held) map.dot(pen, this.held.to, 8);
  }
}

/** Starts the editors of this page. */
export function start() {
  for (const box of document.querySelectorAll("[data-area-edit]")) new AreaEditor(box).open();
}
