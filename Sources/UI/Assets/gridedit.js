/**
 * Draws the grids of a community: `[data-grid-edit]` holds the map, its value answers changes, `data-plan` names the
 * textarea with the draft. Without this module the same is done by forms with coordinates.
 */
import { CanvasMap, project } from "./canvas.js";
import { GridTools } from "./gridtools.js";
import { debounce, element, icon, say, toast } from "./kit.js";
import { boxOf, contains, History, readPlan, renamePart, squareMetres, writePlan } from "./mesh.js";

export class GridEditor {
  constructor(box) {
    this.url = box.dataset.gridEdit;
    this.token = box.dataset.token;
    this.mayChange = "mayChange" in box.dataset;
    this.field = document.getElementById(box.dataset.plan);
    this.box = box;
    this.remarks = [];
    this.households = {};
    this.selected = null;
    this.checkSoon = debounce(() => this.send({}), 500);
  }

  async open() {
    const text = this.field?.value ?? (await this.load());
    this.history = new History(readPlan(JSON.parse(text)));
    this.status = element("p", { class: "note", role: "status" });
    this.list = element("ol", { class: "gridlist" });
    this.tools = new GridTools(this);
    this.map = new CanvasMap(this.box.querySelector("[data-canvas]"), {
      label: say("网格地图：方向键移动，加减号缩放，回车点选中间", "Map of grids: arrows move, plus and minus zoom, Enter presses the middle"),
      draw: (pen, map) => this.draw(pen, map),
      ...this.tools.actions(),
    });
    if (this.mayChange) this.box.prepend(this.tools.bar());
    this.box.append(this.status, this.list);
    this.show();
    const box = boxOf(this.plan.parts);
    if (box) this.map.fit(box);
    this.field?.form.addEventListener("submit", () => this.leave());
    addEventListener("beforeunload", (event) => this.isChanged && event.preventDefault());
    this.send({});
  }

  async load() {
    const response = await fetch(this.url.replace(/edit$/, "grids.geojson"), { credentials: "same-origin" });
    return response.text();
  }

  get plan() {
    return this.history.now;
  }

  say(text) {
    this.status.textContent = text;
  }

  /** Takes a change made here; the server looks at it a little later. */
  change(plan, words) {
    if (!plan) return this.say(say("这样网格就没有了，没有改。", "Nothing would be left of a grid: not changed."));
    this.history.push(plan);
    this.isChanged = true;
    this.show();
    if (words) this.say(words);
    this.checkSoon();
  }

  step(name) {
    this.history[name]();
    this.isChanged = true;
    this.show();
    this.say(name === "undo" ? say("退回一步。", "Undone.") : say("又做了一步。", "Done again."));
    this.checkSoon();
  }

  leave() {
    this.field.value = JSON.stringify(writePlan(this.plan));
    this.isChanged = false;
  }

  /** Asks the server for a change, or only what is wrong. */
  async send(fields) {
    if (!this.mayChange) return;
    const body = new URLSearchParams({ plan: JSON.stringify(writePlan(this.plan)), ...fields });
    const asked = this.plan;
    try {
      const headers = { "X-Form-Token": this.token, Accept: "application/json" };
      const response = await fetch(this.url, { method: "POST", body, headers, credentials: "same-origin" });
      const answer = await response.json();
      if (!response.ok) return this.say(answer.problem ?? answer.title ?? say("没有改成。", "Not changed."));
      if (fields.op) {
        this.history.push(readPlan(answer.plan));
        this.isChanged = true;
        this.say(say("改好了，记得存草稿。", "Changed; remember to save the draft."));
      } else if (asked !== this.plan) return; // something newer is being looked at
      this.remarks = answer.remarks;
      this.households = answer.households ?? {};
      this.show();
    } catch {
      toast(say("没有网络，检查不了；画的还在。", "No network: nothing could be checked; what you drew is still here."), "bad");
    }
  }

  // What one sees

  show() {
    this.showRemarks();
    this.showList();
    this.tools.refresh?.();
    this.map?.redraw();
  }

  showRemarks() {
    const list = document.querySelector("[data-remarks]");
    if (!this.mayChange || !list) return;
    const items = this.remarks.map((remark) => {
      const go = remark.at && element("button", { type: "button", class: "btn ghost sm", click: () => this.goto(remark) }, say("看", "Show"));
      const fill = remark.bad && remark.kind === "gap" && element("button", {
        type: "button", class: "btn ghost sm",
        click: () => this.send({ op: "fill", line: remark.at.map((value) => value / 1e7).join(",") }),
      }, say("补成一个网格", "Make it a grid"));
      return element("li", { class: remark.bad ? "bad" : "warn" }, icon("alert"), element("span", {}, remark.text), go || null, fill || null);
    });
    const good = element("li", { class: "ok" }, icon("done"), say("没有重叠，没有空隙", "No overlaps and no gaps"));
    list.replaceChildren(...(this.remarks.some((remark) => remark.bad || remark.kind) ? items : [good, ...items]));
  }

  goto({ at, box }) {
    const [x, y] = at, reach = 4000;
    this.map.fit(box ? [box[0] - reach, box[1] - reach, box[2] + reach, box[3] + reach] : [x - reach, y - reach, x + reach, y + reach]);
    this.map.canvas.focus();
  }

  showList() {
    if (this.list.contains(document.activeElement)) return; // somebody is writing a name
    const rows = this.plan.parts.map((part) => {
      const size = Math.round(squareMetres(part)).toLocaleString("en");
      const count = this.households[part.number];
      const note = count ? say(`${size} 平方米 · ${count} 户`, `${size} m² · ${count} households`) : say(`${size} 平方米`, `${size} m²`);
      const name = element("input", {
        value: part.name, maxlength: "30", "aria-label": say(`第 ${part.number} 号的名称`, `Name of number ${part.number}`),
        disabled: !this.mayChange,
        change: ({ target }) => this.change(renamePart(this.plan, part.number, target.value.trim() || part.name)),
      });
      const see = element("button", { type: "button", class: "btn ghost sm", click: () => this.select(part) }, say("看", "Show"),
        element("span", { class: "sr" }, ` ${part.name}`));
      return element("li", {}, element("span", { class: "num" }, String(part.number)), name, element("span", { class: "note num" }, note), see);
    });
    this.list.replaceChildren(...rows);
  }

  select(part) {
    this.selected = part?.number ?? null;
    if (part) this.map.fit(boxOf([part]));
    this.map.redraw();
  }

  partAt(place) {
    return this.plan.parts.find((part) => contains(part, place)) ?? null;
  }

  draw(pen, map) {
    const fills = ["--map-0", "--map-1", "--map-2"].map((name) => map.color(name));
    pen.globalAlpha = map.template ? 0.5 : 1;
    this.plan.parts.forEach((part, index) => {
      map.trace(pen, part.polygons.flat());
      pen.fillStyle = fills[index % 3];
      pen.fill("evenodd");
    });
    pen.globalAlpha = 1;
    this.drawFaults(pen, map);
    for (const part of this.plan.parts) {
      map.trace(pen, part.polygons.flat());
      pen.strokeStyle = map.color(part.number === this.selected ? "--brand-ink" : "--map-ink");
      pen.lineWidth = part.number === this.selected ? 3 : 1.5;
      pen.stroke();
      this.label(pen, map, part);
    }
    this.tools.draw(pen, map);
  }

  label(pen, map, part) {
    const [west, south, east, north] = boxOf([part]);
    const [x, y] = map.toScreen(...project((west + east) / 2, (south + north) / 2));
    pen.fillStyle = map.color("--map-ink");
    pen.font = `600 14px ${map.color("--sans")}`;
    pen.textAlign = "center";
    pen.fillText(part.name, x, y);
  }

  drawFaults(pen, map) {
    pen.globalAlpha = 0.6;
    for (const { pieces = [], kind } of this.remarks) {
      pen.fillStyle = map.color(kind === "gap" ? "--warn-ink" : "--bad");
      for (const piece of pieces) {
        const ring = [];
        for (let at = 0; at < piece.length; at += 2) ring.push([piece[at], piece[at + 1]]);
        map.trace(pen, [ring]);
        pen.fill();
      }
    }
    pen.globalAlpha = 1;
  }
}

/** Starts the editor of this page. */
export function start() {
  for (const box of document.querySelectorAll("[data-grid-edit]")) new GridEditor(box).open();
}
