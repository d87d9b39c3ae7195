/**
 * A picture of what is costly to draw, kept while the map moves: thousands of areas are painted once, a little beyond the
 * edges, then only shifted and scaled; painted anew when the map rests, or when too much of it came into sight.
 */
const beyond = 1.5, restMilliseconds = 120, atLeastMilliseconds = 400;

export class Shot {
  constructor(map) {
    this.map = map;
  }

  /** What is painted has changed. */
  forget() {
    this.canvas = null;
  }

  /** Draws the picture, taking it first where there is none. @param {(pen: CanvasRenderingContext2D, map: object) => void} paint */
  draw(pen, paint) {
    const { map } = this, { view, width, height } = map;
    if (!this.canvas || this.forWidth !== width || this.forHeight !== height || this.isBare()) this.take(paint);
    const { x, y, wide, high } = this.place();
    pen.drawImage(this.canvas, x, y, wide, high);
    if (view.x === this.view.x && view.y === this.view.y && view.scale === this.view.scale) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.forget(), map.redraw()), restMilliseconds);
  }

  /** Where the picture lies on the screen now. */
  place() {
    const factor = this.map.view.scale / this.view.scale;
    const [x, y] = this.map.toScreen(this.view.x - this.wide / 2 / this.view.scale, this.view.y - this.high / 2 / this.view.scale);
    return { x, y, wide: this.wide * factor, high: this.high * factor };
  }

  /** Whether the map has gone beyond the picture, and it is not just taken. */
  isBare() {
    const { x, y, wide, high } = this.place(), { width, height } = this.map;
    const isCovered = x <= 0 && y <= 0 && x + wide >= width && y + high >= height;
    return !isCovered && performance.now() - this.takenAt > atLeastMilliseconds;
  }

  take(paint) {
    const { map } = this, { ratio } = map;
    [this.forWidth, this.forHeight] = [map.width, map.height];
    [this.wide, this.high] = [Math.ceil(map.width * beyond), Math.ceil(map.height * beyond)];
    this.view = { ...map.view };
    this.canvas = document.createElement("canvas");
    [this.canvas.width, this.canvas.height] = [Math.max(1, this.wide * ratio), Math.max(1, this.high * ratio)];
    const pen = this.canvas.getContext("2d");
    pen.scale(ratio, ratio);
    // The same map around the same middle, only larger.
    paint(pen, Object.create(map, { width: { value: this.wide }, height: { value: this.high }, view: { value: this.view } }));
    this.takenAt = performance.now();
  }
}
