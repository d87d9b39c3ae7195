/** What can be done on the map of grids: corners are moved, added and taken away, grids cut, joined and drawn. */
import { element, say } from "./kit.js";
import { insertCorner, moveCorner, nearestCorner, nearestEdge, removeCorner } from "./mesh.js";

const modes = () => [
  ["move", say("移动角点", "Move corners"), say("拖动角点；键盘先按回车拿起，移到位再按回车放下。", "Drag a corner; with keys, Enter picks it up and puts it down.")],
  ["insert", say("加角点", "Add corners"), say("点在边界上加一个角点。", "Press on a border to add a corner.")],
  ["remove", say("去角点", "Remove corners"), say("点一个角点去掉它。", "Press a corner to remove it.")],
  ["split", say("切开", "Cut"), say("从网格外面点到另一边外面，再按“切”。", "Press from outside the grid to the other side, then “Cut”.")],
  ["merge", say("合并", "Join"), say("先点要并走的，再点并到哪个。", "Press the grid that goes, then the one that takes it.")],
  ["add", say("新画", "Draw"), say("依次点出角点，再按“画好”。", "Press the corners in turn, then “Done”.")],
];

export class GridTools {
  constructor(editor) {
    this.editor = editor;
    this.mode = "move";
    this.line = [];
    /** The corner in hand: where it was and where it is. */
    this.held = null;
  }

  get map() {
    return this.editor.map;
  }

  /** How near a press must be, in ten-millionths of latitude. */
  get reach() {
    return (14 * this.map.metres) / 0.0111195;
  }

  bar() {
    const button = (text, click, more = {}) => element("button", { type: "button", class: "btn ghost sm", click, ...more }, text);
    this.buttons = modes().map(([mode, text]) => button(text, () => this.choose(mode), { "aria-pressed": String(mode === this.mode) }));
    this.undo = button(say("撤销", "Undo"), () => this.editor.step("undo"));
    this.redo = button(say("重做", "Redo"), () => this.editor.step("redo"));
    this.finish = button(say("切", "Cut"), () => this.finishLine(), { hidden: true, class: "btn sm" });
    this.snap = element("input", { type: "checkbox", checked: true });
    const snap = element("label", { class: "check" }, this.snap, element("span", {}, say("吸附邻居", "Snap to neighbours")));
    const close = button(say("对齐 2 米内的缝", "Close cracks within 2 m"), () => this.editor.send({ op: "snap" }));
    const save = element("button", { class: "btn sm", form: this.editor.field.form.id }, say("存草稿", "Save the draft"));
    document.addEventListener("keydown", (event) => this.shortcut(event));
    const tools = element("div", { class: "tools", role: "toolbar", "aria-label": say("画网格", "Drawing") },
      ...this.buttons, this.finish, this.undo, this.redo, snap, close, save);
    this.editor.field.form.elements.datum.value = "wgs84";
    queueMicrotask(() => this.choose("move"));
    return tools;
  }

  shortcut(event) {
    if (!(event.ctrlKey || event.metaKey) || event.target.matches("input, textarea")) return;
    const name = { z: event.shiftKey ? "redo" : "undo", y: "redo" }[event.key.toLowerCase()];
    if (!name) return;
    event.preventDefault();
    this.editor.step(name);
  }

  choose(mode) {
    this.mode = mode;
    this.held = null;
    this.line = [];
    this.first = null;
    modes().forEach(([name, , hint], at) => {
      this.buttons[at].setAttribute("aria-pressed", String(name === mode));
      if (name === mode) this.editor.say(hint);
    });
    this.refresh();
    this.map?.redraw();
  }

  refresh() {
    if (!this.undo) return;
    this.undo.disabled = this.editor.history.at === 0;
    this.redo.disabled = this.editor.history.at === this.editor.history.states.length - 1;
    this.finish.hidden = !(this.mode === "split" && this.line.length > 1) && !(this.mode === "add" && this.line.length > 2);
    this.finish.textContent = this.mode === "split" ? say("切", "Cut") : say("画好", "Done");
  }

  actions() {
    return {
      tap: (x, y, isKey) => this.tap(this.map.placeAt(x, y), isKey),
      grab: (x, y) => this.grab(this.map.placeAt(x, y)),
      drag: (x, y) => this.drag(this.map.placeAt(x, y)),
      drop: () => this.drop(),
      cancel: () => this.cancel(),
      moved: () => this.held?.isKey && this.drag(this.map.placeAt(this.map.width / 2, this.map.height / 2)),
    };
  }

  grab(place, isKey = false) {
    if (!this.editor.mayChange || this.mode !== "move") return false;
    const corner = nearestCorner(this.editor.plan, place, this.reach);
    if (!corner) return false;
    this.held = { from: corner, to: corner, isKey };
    const owners = this.editor.plan.parts.filter(({ polygons }) => polygons.flat(2).some(([x, y]) => x === corner[0] && y === corner[1]));
    this.editor.say(say("角点，属于", "A corner of ") + owners.map(({ name }) => name).join(say("、", ", ")));
    this.map.redraw();
    return true;
  }

  /** The place a corner goes to: another's corner or line when it is near. */
  drag(place) {
    const { plan } = this.editor;
    let to = place;
    if (this.snap?.checked) {
      to = nearestCorner(plan, place, this.reach * 0.7, this.held.from)
        ?? nearestEdge(plan, place, this.reach * 0.5, this.held.from)?.on ?? place;
    }
    this.held.to = to;
    this.map.redraw();
  }

  drop() {
    const { from, to } = this.held;
    this.held = null;
    if (from[0] === to[0] && from[1] === to[1]) return this.map.redraw();
    let { plan } = this.editor;
    // Put down on another's line, it becomes a corner of that line too.
    const edge = this.snap?.checked && nearestEdge(plan, to, 3, from);
    const isCorner = edge && nearestCorner(plan, to, 0, from);
    if (edge && !isCorner) plan = insertCorner(plan, edge.first, edge.second, to) ?? plan;
    this.editor.change(moveCorner(plan, from, to), say("角点移好了，邻居一起动。", "The corner is moved, for all neighbours."));
  }

  cancel() {
    this.held = null;
    this.line = [];
    this.first = null;
    this.refresh();
    this.map.redraw();
  }

  tap(place, isKey = false) {
    const { editor } = this;
    if (!editor.mayChange) return editor.select(editor.partAt(place));
    if (this.mode === "move") {
      if (this.held) return this.drop();
      if (isKey && this.grab(place, true)) return;
      const part = editor.partAt(place);
      editor.selected = part?.number ?? null;
      editor.say(part?.name ?? say("这里没有网格。", "There is no grid here."));
      return this.map.redraw();
    }
    if (this.mode === "insert") {
      const edge = nearestEdge(editor.plan, place, this.reach);
      if (edge) editor.change(insertCorner(editor.plan, edge.first, edge.second, edge.on), say("加了一个角点。", "A corner was added."));
    } else if (this.mode === "remove") {
      const corner = nearestCorner(editor.plan, place, this.reach);
      if (corner) editor.change(removeCorner(editor.plan, corner), say("去掉了一个角点。", "A corner was removed."));
    } else if (this.mode === "merge") this.merge(editor.partAt(place));
    else {
      this.line.push((this.mode === "add" && nearestCorner(editor.plan, place, this.reach)) || place);
      this.refresh();
      this.map.redraw();
    }
  }

  merge(part) {
    if (!part) return;
    if (!this.first || this.first === part) {
      this.first = part;
      this.editor.selected = part.number;
      this.editor.say(say(`“${part.name}”并到哪个？`, `Into which grid does “${part.name}” go?`));
      return this.map.redraw();
    }
    this.editor.send({ op: "merge", grid: this.first.number, other: part.number });
    this.first = null;
  }

  finishLine() {
    const line = this.line.map((place) => place.map((value) => value / 1e7).join(",")).join("\n");
    if (this.mode === "add") this.editor.send({ op: "add", line });
    else {
      const grid = this.crossed();
      if (!grid) return this.editor.say(say("这条线没有穿过网格。", "The line crosses no grid."));
      this.editor.send({ op: "split", grid: grid.number, line });
    }
    this.cancel();
  }

  /** The grid that most of the line lies in. */
  crossed() {
    const counts = new Map();
    this.line.slice(1).forEach(([x1, y1], at) => {
      const [x0, y0] = this.line[at];
      for (let step = 1; step < 20; step++) {
        const part = this.editor.partAt([x0 + ((x1 - x0) * step) / 20, y0 + ((y1 - y0) * step) / 20]);
        if (part) counts.set(part, (counts.get(part) ?? 0) + 1);
      }
    });
    return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
  }

  draw(pen, map) {
    if (!this.editor.mayChange) return;
    pen.fillStyle = map.color("--brand");
    pen.strokeStyle = map.color("--card");
    pen.lineWidth = 1.5;
    if (map.metres < 3 && this.mode !== "merge") {
      for (const corner of this.editor.plan.parts.flatMap(({ polygons }) => polygons.flat(2))) this.dot(pen, map, corner, 5);
    }
    pen.strokeStyle = map.color("--bad");
    if (this.line.length > 0) {
      map.trace(pen, [this.line], true);
      pen.lineWidth = 3;
      pen.stroke();
      for (const corner of this.line) this.dot(pen, map, corner, 5);
    }
    if (this.held) {
      pen.fillStyle = map.color("--bad");
      this.dot(pen, map, this.held.to, 8);
    }
  }

  dot(pen, map, corner, size) {
    map.dot(pen, corner, size);
    pen.stroke();
  }
}
