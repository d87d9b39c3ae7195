/** Thousands of grids in few bytes, as the server writes them (`GridMapShapes`), and what is near to what. */
import { project } from "./canvas.js";

/** @returns {{code: number, name: string, rings: Float64Array[], box: number[]}[]} rings projected, x and y in turn */
export function decodeShapes(bytes) {
  if (String.fromCharCode(...bytes.subarray(0, 3)) !== "LG1") throw new Error("not shapes");
  const words = new TextDecoder();
  let at = 3;
  const number = () => {
    let value = 0, weight = 1, byte;
    do {
      byte = bytes[at++];
      value += (byte & 127) * weight; // not by shifting: codes and places go beyond 32 bits
      weight *= 128;
    } while (byte > 127);
    return value;
  };
  const signed = () => {
    const value = number();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  };
  const step = number(), count = number();
  let [lon, lat] = [0, 0];
  return Array.from({ length: count }, () => {
    const code = number(), length = number();
    const name = words.decode(bytes.subarray(at, (at += length)));
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    const rings = Array.from({ length: number() }, () => {
      const ring = new Float64Array(number() * 2);
      for (let index = 0; index < ring.length; index += 2) {
        [lon, lat] = [lon + signed(), lat + signed()];
        const [x, y] = project(lon * step, lat * step);
        [ring[index], ring[index + 1]] = [x, y];
        [box[0], box[1]] = [Math.min(box[0], x), Math.min(box[1], y)];
        [box[2], box[3]] = [Math.max(box[2], x), Math.max(box[3], y)];
      }
      return ring;
    });
    return { code, name, rings, box };
  });
}

/** Whether a projected place lies in a grid, by even and odd. */
export function holds({ rings, box }, x, y) {
  if (x < box[0] || x > box[2] || y < box[1] || y > box[3]) return false;
  let isInside = false;
  for (const ring of rings) {
    for (let at = 0, last = ring.length - 2; at < ring.length; last = at, at += 2) {
      const [x0, y0, x1, y1] = [ring[last], ring[last + 1], ring[at], ring[at + 1]];
      if (y0 > y !== y1 > y && x < ((x1 - x0) * (y - y0)) / (y1 - y0) + x0) isInside = !isInside;
    }
  }
  return isInside;
}

/**
 * Points of the screen that would hide each other, put together: `{x, y, items}` per cell of `side` dots. Cells begin at
 * `left` and `top`, a place that moves with the map, so that nothing jumps while it moves.
 */
export function cluster(points, side, left = 0, top = 0) {
  const cells = new Map();
  for (const point of points) {
    const key = `${Math.floor((point.x - left) / side)},${Math.floor((point.y - top) / side)}`;
    const cell = cells.get(key);
    if (!cell) cells.set(key, { x: point.x, y: point.y, items: [point] });
    else {
      const count = cell.items.push(point);
      cell.x += (point.x - cell.x) / count;
      cell.y += (point.y - cell.y) / count;
    }
  }
  return [...cells.values()];
}

/** How a grid is coloured, 0 to 3, by what the reader chose: cases by what is open and overdue, all else by its `value`. */
export function level([open = 0, late = 0] = [], layer, value = 0, most = 1) {
  if (layer === "open") return late > 0 ? 3 : open > 4 ? 2 : open > 0 ? 1 : 0;
  if (value < 0) return 1;
  return value === 0 ? 0 : 1 + Math.min(2, Math.floor((3 * value) / (most + 1)));
}
