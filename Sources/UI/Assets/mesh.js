/**
 * Grids that share their corners, as values: every change gives a new plan and leaves the old one for "undo". A corner is
 * a pair of whole numbers, longitude and latitude in ten-millionths of a degree; neighbours have the same pairs, so what
 * moves for one moves for all. Cutting and joining is the server's work. No function here needs a browser.
 */

/** @typedef {[number, number]} Corner @typedef {{number: number, name: string, polygons: Corner[][][]}} Part */

const whole = (degrees) => Math.round(degrees * 1e7);

/** A plan of a GeoJSON FeatureCollection: parts by number, and the community's border as it came. */
export function readPlan(collection) {
  const plan = { territory: null, parts: [] };
  for (const { properties, geometry } of collection.features) {
    if (properties.territory) {
      plan.territory = geometry;
      continue;
    }
    const shapes = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
    const ring = (line) => line.slice(0, -1).map(([lon, lat]) => [whole(lon), whole(lat)]);
    plan.parts.push({ number: properties.number, name: properties.name, polygons: shapes.map((shape) => shape.map(ring)) });
  }
  return plan;
}

/** The plan as GeoJSON. */
export function writePlan(plan) {
  const features = plan.parts.map(({ number, name, polygons }) => ({
    type: "Feature", properties: { number, name },
    geometry: {
      type: "MultiPolygon",
      coordinates: polygons.map((rings) =>
        rings.map((ring) => [...ring, ring[0]].map(([lon, lat]) => [lon / 1e7, lat / 1e7]))),
    },
  }));
  if (plan.territory) features.unshift({ type: "Feature", properties: { territory: true }, geometry: plan.territory });
  return { type: "FeatureCollection", features };
}

const same = (a, b) => a[0] === b[0] && a[1] === b[1];

/** The plan with every ring changed; rings that stay the same stay the same arrays. Null when a part would be gone. */
function mapRings(plan, change) {
  const parts = [];
  for (const part of plan.parts) {
    const polygons = part.polygons
      .map((rings) => rings.map(change).map((ring) => ring.filter((corner, at) => !same(corner, ring.at(at - 1)))))
      .filter(([outer]) => outer.length > 2)
      .map((rings) => rings.filter((ring) => ring.length > 2));
    if (polygons.length === 0) return null;
    parts.push({ ...part, polygons });
  }
  return { ...plan, parts };
}

/** Moves a corner of every part that has it. */
export function moveCorner(plan, from, to) {
  return mapRings(plan, (ring) => (ring.some((corner) => same(corner, from)) ? ring.map((c) => (same(c, from) ? to : c)) : ring));
}

/** Takes a corner out of every part that has it; null when a triangle would lose one. */
export function removeCorner(plan, gone) {
  const rings = plan.parts.flatMap(({ polygons }) => polygons.flat());
  if (rings.some((ring) => ring.length < 4 && ring.some((corner) => same(corner, gone)))) return null;
  return mapRings(plan, (ring) => ring.filter((corner) => !same(corner, gone)));
}

/** Adds a corner between two, for every part that goes from one to the other. */
export function insertCorner(plan, first, second, corner) {
  return mapRings(plan, (ring) =>
    ring.flatMap((here, at) => {
      const next = ring[(at + 1) % ring.length];
      const isEdge = (same(here, first) && same(next, second)) || (same(here, second) && same(next, first));
      return isEdge ? [here, corner] : [here];
    }));
}

export function renamePart(plan, number, name) {
  return { ...plan, parts: plan.parts.map((part) => (part.number === number ? { ...part, name } : part)) };
}

/** How much shorter a degree of longitude is than one of latitude. */
const squeeze = (lat) => Math.cos((lat / 1e7) * (Math.PI / 180));

/** The corner nearest to a place within `reach` ten-millionths of latitude, or null; `except` is not looked at. */
export function nearestCorner(plan, place, reach, except = null) {
  const narrow = squeeze(place[1]);
  let best = null, least = reach;
  for (const ring of plan.parts.flatMap(({ polygons }) => polygons.flat())) {
    for (const corner of ring) {
      const distance = Math.hypot((corner[0] - place[0]) * narrow, corner[1] - place[1]);
      if (distance <= least && !(except && same(corner, except))) [best, least] = [corner, distance];
    }
  }
  return best;
}

/** The line nearest to a place and the place on it; lines that end in `except` are left out. */
export function nearestEdge(plan, place, reach, except = null) {
  const narrow = squeeze(place[1]);
  let best = null, least = reach;
  for (const ring of plan.parts.flatMap(({ polygons }) => polygons.flat())) {
    ring.forEach((first, at) => {
      const second = ring[(at + 1) % ring.length];
      if (except && (same(first, except) || same(second, except))) return;
      const [width, height] = [(second[0] - first[0]) * narrow, second[1] - first[1]];
      const [x, y] = [(place[0] - first[0]) * narrow, place[1] - first[1]];
      const along = Math.max(0, Math.min(1, (x * width + y * height) / (width * width + height * height || 1)));
      const distance = Math.hypot(x - along * width, y - along * height);
      if (distance > least) return;
      least = distance;
      const on = [Math.round(first[0] + along * (second[0] - first[0])), Math.round(first[1] + along * height)];
      best = { first, second, on };
    });
  }
  return best;
}

/** Whether a place lies in a part, by even and odd. */
export function contains(part, [x, y]) {
  let isInside = false;
  for (const ring of part.polygons.flat()) {
    for (let at = 0, last = ring.length - 1; at < ring.length; last = at++) {
      const [[x0, y0], [x1, y1]] = [ring[last], ring[at]];
      if (y0 > y !== y1 > y && x < ((x1 - x0) * (y - y0)) / (y1 - y0) + x0) isInside = !isInside;
    }
  }
  return isInside;
}

/** Square metres, to a thousandth or so; the server measures exactly. */
export function squareMetres(part) {
  const unit = (6_371_008.8 * Math.PI) / 180 / 1e7;
  let sum = 0;
  for (const rings of part.polygons) {
    rings.forEach((ring, index) => {
      const [base, narrow] = [ring[0], squeeze(ring[0][1])];
      let twice = 0;
      ring.forEach((corner, at) => {
        const next = ring[(at + 1) % ring.length];
        twice += (corner[0] - base[0]) * (next[1] - base[1]) - (next[0] - base[0]) * (corner[1] - base[1]);
      });
      sum += ((index === 0 ? 1 : -1) * Math.abs(twice) * unit * unit * narrow) / 2;
    });
  }
  return sum;
}

/** The box around parts: west, south, east, north; null without any. */
export function boxOf(parts) {
  const corners = parts.flatMap(({ polygons }) => polygons.flat(2));
  if (corners.length === 0) return null;
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/** What was done, to go back and forth. */
export class History {
  constructor(first) {
    [this.states, this.at] = [[first], 0];
  }

  get now() {
    return this.states[this.at];
  }

  push(state) {
    this.states.splice(this.at + 1, Infinity, state);
    if (this.states.length > 200) this.states.shift();
    this.at = this.states.length - 1;
  }

  undo() {
    if (this.at > 0) this.at -= 1;
    return this.now;
  }

  redo() {
    if (this.at < this.states.length - 1) this.at += 1;
    return this.now;
  }
}
