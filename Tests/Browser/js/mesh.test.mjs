// Grids on the map of administrators: shared corners, what is near, projection. Run: node --test Tests/Browser/js/
import assert from "node:assert/strict";
import { test } from "node:test";

const load = (name) => import(new URL(`../../../Sources/UI/Assets/${name}`, import.meta.url));
const square = (number, west, east) => ({
  type: "Feature", properties: { number, name: `第${number}网格` },
  geometry: { type: "Polygon", coordinates: [[[west, 39.91], [east, 39.91], [east, 39.92], [west, 39.92], [west, 39.91]]] },
});
const two = { type: "FeatureCollection", features: [square(1, 116.4, 116.41), square(2, 116.41, 116.42)] };
const shared = [1_164_100_000, 399_100_000];

test("a plan goes to GeoJSON and back without losing a digit", async () => {
  const { readPlan, writePlan } = await load("mesh.js");
  const territory = { type: "Feature", properties: { territory: true }, geometry: two.features[0].geometry };
  const plan = readPlan({ ...two, features: [territory, ...two.features] });
  assert.equal(plan.parts.length, 2);
  assert.deepEqual(readPlan(JSON.parse(JSON.stringify(writePlan(plan)))), plan);
});

test("a shared corner moves for both neighbours, and the plan before stays as it was", async () => {
  const { moveCorner, readPlan } = await load("mesh.js");
  const plan = readPlan(two), before = JSON.stringify(plan);
  const moved = moveCorner(plan, shared, [1_164_110_000, 399_105_000]);
  const has = (part, corner) => part.polygons.flat(2).some(([x, y]) => x === corner[0] && y === corner[1]);
  for (const part of moved.parts) {
    assert.ok(has(part, [1_164_110_000, 399_105_000]));
    assert.ok(!has(part, shared));
  }
  assert.equal(JSON.stringify(plan), before);
});

test("a corner moved onto the next one joins it; a part that collapses is refused", async () => {
  const { moveCorner, readPlan, removeCorner } = await load("mesh.js");
  const plan = readPlan(two);
  const joined = moveCorner(plan, shared, [1_164_100_000, 399_200_000]);
  assert.deepEqual(joined.parts.map(({ polygons }) => polygons[0][0].length), [3, 3]);
  assert.equal(moveCorner(joined, [1_164_000_000, 399_100_000], [1_164_100_000, 399_200_000]), null);
  assert.equal(removeCorner(joined, [1_164_000_000, 399_100_000]), null);
});

test("a corner is added to both who share the line, wherever it begins", async () => {
  const { insertCorner, nearestEdge, readPlan, removeCorner } = await load("mesh.js");
  const plan = readPlan(two);
  const edge = nearestEdge(plan, [1_164_100_300, 399_150_000], 1000);
  assert.deepEqual(edge.on, [1_164_100_000, 399_150_000]);
  const added = insertCorner(plan, edge.first, edge.second, edge.on);
  assert.deepEqual(added.parts.map(({ polygons }) => polygons[0][0].length), [5, 5]);
  assert.deepEqual(removeCorner(added, edge.on), plan);
  assert.equal(nearestEdge(plan, [1_164_150_000, 399_150_000], 1000), null);
});

test("near is near on the ground, and what is held is not near to itself", async () => {
  const { nearestCorner, readPlan } = await load("mesh.js");
  const plan = readPlan(two);
  assert.deepEqual(nearestCorner(plan, [1_164_101_200, 399_100_000], 1000), shared);
  assert.equal(nearestCorner(plan, [1_164_100_000, 399_101_200], 1000), null);
  assert.equal(nearestCorner(plan, shared, 1000, shared), null);
});

test("inside, size and box", async () => {
  const { boxOf, contains, readPlan, squareMetres } = await load("mesh.js");
  const { parts } = readPlan(two);
  assert.equal(contains(parts[0], [1_164_050_000, 399_150_000]), true);
  assert.equal(contains(parts[1], [1_164_050_000, 399_150_000]), false);
  assert.ok(Math.abs(squareMetres(parts[0]) - 948_500) < 2000, String(squareMetres(parts[0])));
  assert.deepEqual(boxOf(parts), [1_164_000_000, 399_100_000, 1_164_200_000, 399_200_000]);
  assert.equal(boxOf([]), null);
});

test("undo and redo; a new change forgets what was undone", async () => {
  const { History } = await load("mesh.js");
  const history = new History("a");
  history.push("b");
  history.push("c");
  assert.equal(history.undo(), "b");
  assert.equal(history.redo(), "c");
  history.undo();
  history.push("d");
  assert.equal(history.redo(), "d");
  assert.deepEqual([history.undo(), history.undo(), history.undo()], ["b", "a", "a"]);
});

test("a place goes to the screen and back to the same centimetre", async () => {
  const { project, tilesOf, unproject } = await load("canvas.js");
  for (const place of [[1_164_000_001, 399_100_003], [-1_000_000_000, -330_000_000], [0, 0]]) {
    assert.deepEqual(unproject(...project(...place)).map((value) => value + 0), place);
  }
  const [x, y] = project(1_163_975_000, 399_087_000);
  const tiles = tilesOf({ x, y, scale: 256 * 2 ** 15 }, 512, 512);
  // The tile of 天安门 at zoom 15, by the usual formula.
  assert.equal(tiles.z, 15);
  assert.ok(tiles.west <= 26979 && tiles.east >= 26979 && tiles.north <= 12415 && tiles.south >= 12415, JSON.stringify(tiles));
});

test("shapes of a map are read as the server writes them", async () => {
  const { decodeShapes, holds } = await load("shapes.js");
  const { project } = await load("canvas.js");
  const bytes = [...Buffer.from("LG1")];
  const put = (value) => {
    let rest = BigInt(value);
    while (rest > 127n) bytes.push(Number(rest & 127n) | 128), (rest >>= 7n);
    bytes.push(Number(rest));
  };
  const signed = (value) => put(value < 0 ? -2n * BigInt(value) - 1n : 2n * BigInt(value));
  put(100), put(1), put(901_001), put(10);
  bytes.push(...Buffer.from("第1网格"));
  put(1), put(4);
  for (const [x, y] of [[11_640_000, 3_991_000], [1000, 0], [0, 1000], [-1000, 0]]) signed(x), signed(y);
  const [grid] = decodeShapes(new Uint8Array(bytes));
  assert.deepEqual([grid.code, grid.name, grid.rings.length], [901_001, "第1网格", 1]);
  assert.deepEqual([...grid.rings[0].subarray(2, 4)], project(1_164_100_000, 399_100_000));
  assert.equal(holds(grid, ...project(1_164_050_000, 399_150_000)), true);
  assert.equal(holds(grid, ...project(1_164_150_000, 399_150_000)), false);
  assert.throws(() => decodeShapes(new Uint8Array(8)));
});

test("points that would hide each other stand together; small groups are coloured but not counted", async () => {
  const { cluster, level } = await load("shapes.js");
  const cells = cluster([{ x: 1, y: 1 }, { x: 9, y: 3 }, { x: 80, y: 80 }], 40);
  assert.deepEqual(cells.map(({ x, y, items }) => [x, y, items.length]), [[5, 2, 2], [80, 80, 1]]);
  assert.deepEqual([level(undefined, "open"), level([1, 0], "open"), level([5, 0], "open"), level([5, 1], "open")], [0, 1, 2, 3]);
  assert.deepEqual([level([], "people", -1, 300), level([], "people", 300, 300), level([], "people", 0, 1), level([], "devices", 1, 3)], [1, 3, 0, 1]);
});
