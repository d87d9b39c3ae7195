/**
 * The map of grids of a division: `[data-grid-map]` is where shapes, figures and points come from, `data-under` the
 * division, `data-edition` the version of the shapes, `data-least` below how many people a group is not told apart. The
 * form `[data-layers]` says what colours the grids; the page of the server without scripts has the same one.
 */
import { CanvasMap, project } from "./canvas.js";
import { debounce, element, say } from "./kit.js";
import { drawBubble, drawPin } from "./pins.js";
import { Layers } from "./gridlayers.js";
import { Shot } from "./shot.js";
import { cluster, decodeShapes, holds, level } from "./shapes.js";

/** A grid this wide on the screen, in dots, shows its name and its points. */
const nameAt = 70, pointsAt = 140;
class GridMap {
  constructor(box) {
    this.box = box;
    this.base = box.dataset.gridMap;
    this.under = box.dataset.under;
    this.layers = new Layers(box, {
      load: () => this.loadFigures(),
      changed: () => this.map && (this.prepare(), this.map.redraw()),
      failed: (text) => this.tell([element("span", {}, text)]),
    });
    this.least = Number(box.dataset.least);
    this.grids = [];
    this.figures = {};
    this.points = new Map();
    this.loadSoon = debounce(() => this.loadPoints(), 250);
    this.info = box.querySelector("[data-map-info]");
  }

  async open() {
    const get = async (path) => {
      const response = await fetch(`${this.base}/${path}`, { credentials: "same-origin" });
      if (!response.ok) throw new Error(`${path}: ${response.status}`);
      return response;
    };
    this.get = get;
    const shapes = await get(`shapes?under=${this.under}&edition=${this.box.dataset.edition}`);
    this.grids = decodeShapes(new Uint8Array(await shapes.arrayBuffer()));
    await this.loadFigures();
    if (this.grids.length === 0) return;
    this.prepare();
    this.map = new CanvasMap(this.box.querySelector("[data-canvas]"), {
      label: say("网格地图：方向键移动，加减号缩放，回车看中间的网格", "Map of grids: arrows move, plus and minus zoom, Enter shows the grid in the middle"),
      draw: (pen, map) => this.draw(pen, map),
      tap: (x, y) => this.tap(x, y),
      moved: () => this.loadSoon(),
    });
    this.layers.take();
    this.info.setAttribute("role", "status");
    this.fit();
  }

  async loadFigures() {
    this.figures = await (await this.get(`figures?under=${this.under}&layer=${this.layers.chosen}`)).json();
  }

  fit() {
    const boxes = this.grids.map(({ box }) => box);
    const [west, north] = [0, 1].map((at) => Math.min(...boxes.map((box) => box[at])));
    const [east, south] = [2, 3].map((at) => Math.max(...boxes.map((box) => box[at])));
    const { width, height } = this.map;
    const scale = Math.min((width - 24) / (east - west), (height - 24) / (south - north));
    this.map.view = { x: (west + east) / 2, y: (north + south) / 2, scale };
    this.map.redraw();
    this.loadSoon();
  }

  /** One path per colour, in thousandths of the whole: drawn again by scaling, not by walking through all corners. */
  prepare() {
    const [first] = this.grids;
    this.origin = first ? [first.box[0], first.box[1]] : [0, 0];
    this.unit = 1e-7;
    const values = Object.values(this.figures).map((figures) => figures[this.layers.column] ?? 0);
    const most = values.reduce((a, b) => Math.max(a, b), 1); // a spread call has a limit of arguments
    this.shot?.forget();
    this.paths = [0, 1, 2, 3].map(() => new Path2D());
    this.lines = new Path2D();
    for (const grid of this.grids) {
      grid.level = level(this.figures[grid.code], this.layers.chosen, this.value(grid), most);
      for (const path of [this.paths[grid.level], this.lines]) {
        for (const ring of grid.rings) {
          for (let at = 0; at < ring.length; at += 2) {
            const [x, y] = [(ring[at] - this.origin[0]) / this.unit, (ring[at + 1] - this.origin[1]) / this.unit];
            if (at === 0) path.moveTo(x, y);
            else path.lineTo(x, y);
          }
          path.closePath();
        }
      }
    }
  }

  draw(pen, map) {
    this.shot ??= new Shot(map);
    this.shot.draw(pen, (pen, map) => this.paint(pen, map));
    this.drawNumbers(pen, map);
    if (this.near) this.drawPoints(pen, map);
    if (this.selected) this.drawSelected(pen, map);
  }

  paint(pen, map) {
    const [x, y] = map.toScreen(...this.origin), scale = map.view.scale * this.unit;
    pen.transform(scale, 0, 0, scale, x, y);
    pen.globalAlpha = map.template ? 0.6 : 1;
    this.paths.forEach((path, at) => {
      pen.fillStyle = map.color(`--map-${at}`);
      pen.fill(path, "evenodd");
    });
    pen.globalAlpha = 1;
    pen.lineWidth = 1 / scale;
    pen.strokeStyle = map.color("--map-line");
    pen.stroke(this.lines);
  }

  drawSelected(pen, map) {
    pen.beginPath();
    for (const ring of this.selected.rings) {
      for (let at = 0; at < ring.length; at += 2) {
        const [x, y] = map.toScreen(ring[at], ring[at + 1]);
        if (at === 0) pen.moveTo(x, y);
        else pen.lineTo(x, y);
      }
      pen.closePath();
    }
    pen.strokeStyle = map.color("--brand-ink");
    pen.lineWidth = 3;
    pen.stroke();
  }

  /** The grids in sight, each with its middle on the screen and how wide it is there. */
  seen(map) {
    const found = [];
    for (const grid of this.grids) {
      const [left, top] = map.toScreen(grid.box[0], grid.box[1]), [right, bottom] = map.toScreen(grid.box[2], grid.box[3]);
      if (right > 0 && bottom > 0 && left < map.width && top < map.height) {
        found.push({ grid, x: (left + right) / 2, y: (top + bottom) / 2, width: right - left });
      }
    }
    return found;
  }

  value(grid) {
    return this.figures[grid.code]?.[this.layers.column] ?? 0;
  }

  drawNumbers(pen, map) {
    const seen = this.seen(map);
    pen.textAlign = "center";
    pen.font = `600 13px ${map.color("--sans")}`;
    pen.fillStyle = map.color("--map-ink");
    this.near = seen.length > 0 && seen.reduce((sum, { width }) => sum + width, 0) / seen.length > pointsAt;
    for (const { grid, x, y, width } of seen) if (width > nameAt) pen.fillText(grid.name, x, y - 6);
    const some = seen.filter(({ grid }) => this.value(grid) !== 0);
    for (const { x, y, items } of cluster(some, 56, ...map.toScreen(...this.origin))) {
      const values = items.map(({ grid }) => this.value(grid));
      const sum = values.reduce((total, value) => total + Math.max(value, 0), 0);
      // Grids whose people are too few to be told apart have at least one each.
      const few = values.filter((value) => value < 0).length;
      const text = few === 0 ? String(sum) : sum + few === 1 ? `<${this.least}` : `≥${sum + few}`;
      drawBubble(pen, map, x, y + (items[0].width > nameAt ? 12 : 0), text);
    }
  }

  drawPoints(pen, map) {
    const points = [];
    for (const list of this.points.values()) {
      for (const point of list) {
        if (this.layers.hides(point.state)) continue;
        const [x, y] = map.toScreen(point.at[0], point.at[1]);
        if (x > -20 && y > -20 && x < map.width + 20 && y < map.height + 20) points.push({ ...point, x, y });
      }
    }
    this.pins = cluster(points, 36, ...map.toScreen(...this.origin));
    for (const pin of this.pins) drawPin(pen, map, pin);
  }

  /** Points are asked for by community, once, when grids are large enough to tell them apart. */
  async loadPoints() {
    if (!this.near) return;
    const isSmall = this.under.slice(12) !== "000";
    const codes = new Set(this.seen(this.map).map(({ grid }) =>
      isSmall ? this.under : String(Math.floor((Number(this.under) + grid.code) / 1000) * 1000)));
    for (const code of [...codes].slice(0, 8)) {
      if (this.points.has(code)) continue;
      this.points.set(code, []);
      try {
        const rows = await (await this.get(`points?under=${code}`)).json();
        this.points.set(code, rows.map(([lon, lat, state, name, href]) => ({ at: project(lon, lat), state, name, href })));
      } catch {
        this.points.delete(code); // asked again at the next move
      }
      this.map.redraw();
    }
  }

  tap(x, y) {
    const pin = this.near && this.pins?.find((pin) => Math.hypot(pin.x - x, pin.y - y) < 18);
    if (pin) return this.tell(pin.items.slice(0, 12).map(({ name, href }) => (href ? element("a", { href }, name) : element("span", {}, name))));
    const [lon, lat] = this.map.placeAt(x, y), place = project(lon, lat);
    this.selected = this.grids.find((grid) => holds(grid, ...place)) ?? null;
    this.map.redraw();
    if (!this.selected) return this.tell([]);
    const [open = 0, late = 0, people = 0, things = 0, devices = 0, broken = 0, group] = this.figures[this.selected.code] ?? [];
    const code = Number(this.under) + this.selected.code;
    const count = (value) => (value === -1 ? say(`少于 ${this.least}`, `fewer than ${this.least}`) : value);
    const texts = [
      say(`未结 ${open} · 超时 ${late}`, `open ${open} · overdue ${late}`),
      say(`人口 ${count(people)} · 部件设施 ${things}`, `people ${count(people)} · things ${things}`),
      say(`设备 ${devices}，要修 ${broken}`, `devices ${devices}, to repair ${broken}`),
    ];
    if (this.layers.isGroup) texts.push(`${this.layers.name} ${count(group ?? 0)}`);
    this.tell([
      element("b", {}, this.selected.name),
      element("span", {}, texts.join(" · ")),
      element("a", { href: `/desk?grid=${code}` }, say("看工单", "Its cases")),
    ]);
  }

  tell(nodes) {
    this.info.replaceChildren(element("p", { class: "row" }, ...nodes));
  }
}

/** Starts the maps of grids of this page. */
export function start() {
  for (const box of document.querySelectorAll("[data-grid-map]")) {
    new GridMap(box).open().catch((error) => console.error("gridmap", error)); // the drawing and the table stay
  }
}
