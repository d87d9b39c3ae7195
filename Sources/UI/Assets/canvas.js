/**
 * A map drawn on a canvas: thousands of areas move smoothly where as many elements would not. Pan with one finger or the
 * arrow keys, zoom with two, the wheel or + and −; Enter is a press in the middle, where a cross shows while the map has
 * the focus. Places are longitude and latitude in ten-millionths of a degree (WGS 84).
 */
import { element, say } from "./kit.js";

const pi = Math.PI;

/** Mercator, the earth from 0 to 1. */
export function project(lon, lat) {
  const sine = Math.sin((lat / 1e7) * (pi / 180));
  return [lon / 3.6e9 + 0.5, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * pi)];
}

/** Back to ten-millionths of a degree, whole numbers. */
export function unproject(x, y) {
  const lat = (2 * Math.atan(Math.exp((0.5 - y) * 2 * pi)) - pi / 2) * (180 / pi);
  return [Math.round((x - 0.5) * 3.6e9), Math.round(lat * 1e7)];
}

/** Which pictures of a base map cover a view: zoom, columns and rows. */
export function tilesOf(view, width, height) {
  const z = Math.max(0, Math.min(18, Math.round(Math.log2(view.scale / 256))));
  const count = 2 ** z;
  const range = (middle, half) => [
    Math.max(0, Math.floor((middle - half) * count)), Math.min(count - 1, Math.floor((middle + half) * count)),
  ];
  const [west, east] = range(view.x, width / 2 / view.scale), [north, south] = range(view.y, height / 2 / view.scale);
  return { z, west, east, north, south };
}

export class CanvasMap {
  /**
   * @param {HTMLElement} box `[data-canvas]`, with `data-tiles` and `data-attribution`
   * @param {{label: string, draw: (pen: CanvasRenderingContext2D, map: CanvasMap) => void, tap?: Function,
   *   grab?: Function, drag?: Function, drop?: Function, cancel?: Function, moved?: Function}} actions
   */
  constructor(box, actions) {
    this.actions = actions;
    this.view = { x: 0.5, y: 0.5, scale: 256 };
    this.pictures = new Map();
    this.pointers = new Map();
    this.template = box.dataset.tiles;
    this.canvas = element("canvas", { tabindex: "0", role: "application", "aria-label": actions.label });
    const zoom = (text, factor, sign) =>
      element("button", { type: "button", class: "zoom", "aria-label": text, click: () => this.zoom(factor) }, sign);
    const buttons = element("div", { class: "zooms" }, zoom(say("放大", "Zoom in"), 2, "+"), zoom(say("缩小", "Zoom out"), 0.5, "−"));
    const credit = box.dataset.attribution ? element("small", { class: "credit" }, box.dataset.attribution) : null;
    box.replaceChildren(...[this.canvas, buttons, credit].filter(Boolean));
    this.pen = this.canvas.getContext("2d");
    this.style = getComputedStyle(box);
    this.listen();
    new ResizeObserver(() => this.resize()).observe(box);
    this.resize();
  }

  color(name) {
    return this.style.getPropertyValue(name);
  }

  resize() {
    const { clientWidth, clientHeight } = this.canvas;
    this.ratio = Math.min(window.devicePixelRatio || 1, 2);
    [this.width, this.height] = [clientWidth, clientHeight];
    [this.canvas.width, this.canvas.height] = [clientWidth * this.ratio, clientHeight * this.ratio];
    this.redraw();
  }

  /** Where a projected place is on the screen. */
  toScreen(x, y) {
    return [(x - this.view.x) * this.view.scale + this.width / 2, (y - this.view.y) * this.view.scale + this.height / 2];
  }

  /** Draws rings of corners as one path for whoever fills or strokes it; open ones are lines. */
  trace(pen, rings, isOpen = false) {
    pen.beginPath();
    for (const ring of rings) {
      ring.forEach(([lon, lat], at) => {
        const [x, y] = this.toScreen(...project(lon, lat));
        if (at === 0) pen.moveTo(x, y);
        else pen.lineTo(x, y);
      });
      if (!isOpen) pen.closePath();
    }
  }

  /** Fills a dot on a corner, and leaves its path for who strokes it. */
  dot(pen, [lon, lat], size) {
    const [x, y] = this.toScreen(...project(lon, lat));
    pen.beginPath();
    pen.arc(x, y, size, 0, 7);
    pen.fill();
  }

  /** The place under a point of the screen. */
  placeAt(x, y) {
    return unproject(
      (x - this.width / 2) / this.view.scale + this.view.x, (y - this.height / 2) / this.view.scale + this.view.y,
    );
  }

  /** Metres of a dot of the screen, here. */
  get metres() {
    const [, lat] = this.placeAt(this.width / 2, this.height / 2);
    return (40_075_017 * Math.cos((lat / 1e7) * (pi / 180))) / this.view.scale;
  }

  /** Shows a box of places: west, south, east, north. */
  fit([west, south, east, north], most = 19) {
    const [x0, y1] = project(west, south), [x1, y0] = project(east, north);
    const scale = Math.min((this.width - 32) / (x1 - x0 || 1e-9), (this.height - 32) / (y1 - y0 || 1e-9));
    this.view = { x: (x0 + x1) / 2, y: (y0 + y1) / 2, scale: Math.min(Math.max(scale, 256), 256 * 2 ** most) };
    this.redraw();
    this.actions.moved?.();
  }

  pan(x, y) {
    this.view.x -= x / this.view.scale;
    this.view.y -= y / this.view.scale;
    this.redraw();
    this.actions.moved?.();
  }

  /** Zooms around a point of the screen, which stays where it is. */
  zoom(factor, x = this.width / 2, y = this.height / 2) {
    const scale = Math.max(256 * 8, Math.min(this.view.scale * factor, 256 * 2 ** 22));
    const shift = 1 / this.view.scale - 1 / scale;
    this.view = {
      x: this.view.x + (x - this.width / 2) * shift, y: this.view.y + (y - this.height / 2) * shift, scale,
    };
    this.redraw();
    this.actions.moved?.();
  }

  redraw() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      this.pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      this.pen.clearRect(0, 0, this.width, this.height);
      if (this.template) this.drawTiles();
      this.actions.draw(this.pen, this);
      if (document.activeElement === this.canvas && this.canvas.matches(":focus-visible")) this.drawCross();
    });
  }

  drawCross() {
    const [x, y] = [this.width / 2, this.height / 2];
    this.pen.strokeStyle = this.color("--map-ink");
    this.pen.lineWidth = 2;
    this.pen.beginPath();
    for (const [a, b] of [[-12, -4], [4, 12]]) {
      this.pen.moveTo(x + a, y), this.pen.lineTo(x + b, y), this.pen.moveTo(x, y + a), this.pen.lineTo(x, y + b);
    }
    this.pen.stroke();
  }

  drawTiles() {
    const { z, west, east, north, south } = tilesOf(this.view, this.width, this.height);
    const side = this.view.scale / 2 ** z;
    for (let column = west; column <= east; column++) {
      for (let row = north; row <= south; row++) {
        const picture = this.picture(z, column, row);
        const [x, y] = this.toScreen(column / 2 ** z, row / 2 ** z);
        if (picture.complete && picture.naturalWidth) this.pen.drawImage(picture, x, y, side + 0.5, side + 0.5);
      }
    }
  }

  picture(z, x, y) {
    const key = `${z}/${x}/${y}`;
    let picture = this.pictures.get(key);
    if (!picture) {
      if (this.pictures.size > 300) this.pictures.clear();
      picture = new Image();
      picture.onload = () => this.redraw();
      picture.src = this.template.replace("{z}", z).replace("{x}", x).replace("{y}", y);
      this.pictures.set(key, picture);
    }
    return picture;
  }

  // Hands and keys

  listen() {
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, (event) => this.up(event));
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoom(2 ** (-event.deltaY / 300), event.offsetX, event.offsetY);
    }, { passive: false });
    canvas.addEventListener("keydown", (event) => this.key(event));
    for (const name of ["focus", "blur"]) canvas.addEventListener(name, () => this.redraw());
  }

  down(event) {
    this.canvas.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    this.far = 0;
    if (this.pointers.size === 1) this.isHeld = this.actions.grab?.(event.offsetX, event.offsetY) ?? false;
    else if (this.isHeld) this.actions.cancel?.(), (this.isHeld = false);
  }

  move(event) {
    const last = this.pointers.get(event.pointerId);
    if (!last) return;
    const now = { x: event.offsetX, y: event.offsetY };
    this.far += Math.hypot(now.x - last.x, now.y - last.y);
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.pointers.set(event.pointerId, now);
    if (other) {
      const before = Math.hypot(last.x - other.x, last.y - other.y), after = Math.hypot(now.x - other.x, now.y - other.y);
      this.pan((now.x - last.x) / 2, (now.y - last.y) / 2);
      if (before > 0) this.zoom(after / before, (now.x + other.x) / 2, (now.y + other.y) / 2);
    } else if (this.isHeld) this.actions.drag?.(now.x, now.y);
    else if (this.far > 4) this.pan(now.x - last.x, now.y - last.y);
  }

  up(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    const isTap = event.type === "pointerup" && this.far < 6 && this.pointers.size === 0;
    if (this.isHeld) isTap || event.type === "pointercancel" ? this.actions.cancel?.() : this.actions.drop?.();
    this.isHeld = false;
    if (isTap) this.actions.tap?.(event.offsetX, event.offsetY);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? 4 : 48;
    const steps = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    if (steps[event.key]) this.pan(...steps[event.key]);
    else if (event.key === "+" || event.key === "=") this.zoom(2);
    else if (event.key === "-") this.zoom(0.5);
    else if (event.key === "Enter" || event.key === " ") this.actions.tap?.(this.width / 2, this.height / 2, true);
    else if (event.key === "Escape") this.actions.cancel?.();
    else return;
    event.preventDefault();
  }
}
