// The area of a place as text and as corners. Run: node --test Tests/Browser/js/
import assert from "node:assert/strict";
import { test } from "node:test";

const load = (name) => import(new URL(`../../../Sources/UI/Assets/${name}`, import.meta.url));

const square = { type: "Polygon", coordinates: [[[116.4, 39.9], [116.401, 39.9], [116.401, 39.901], [116.4, 39.9]]] };

test("an area is read as geometry, feature or collection, and written as it was", async () => {
  const { readArea, writeArea } = await load("placearea.js");
  for (const pasted of [square, { type: "Feature", geometry: square }, { type: "FeatureCollection", features: [{ type: "Feature", geometry: square }] }]) {
    const plan = readArea(JSON.stringify(pasted));
    assert.deepEqual(plan.parts[0].polygons, [[[[1164000000, 399000000], [1164010000, 399000000], [1164010000, 399010000]]]]);
    assert.deepEqual(JSON.parse(writeArea(plan)), square);
  }
  assert.deepEqual(readArea(" ").parts, []);
  assert.equal(writeArea(readArea("")), "");
  assert.throws(() => readArea("nothing"));
});

test("a polygon needs three corners that differ, and joins those that are there", async () => {
  const { addPolygon, readArea, writeArea } = await load("placearea.js");
  assert.equal(addPolygon(readArea(""), [[1, 1], [2, 2], [1, 1]]), null);
  const first = addPolygon(readArea(""), [[0, 0], [10, 0], [10, 10]]);
  assert.equal(JSON.parse(writeArea(first)).type, "Polygon");
  const both = addPolygon(first, [[20, 20], [30, 20], [30, 30]]);
  assert.equal(JSON.parse(writeArea(both)).type, "MultiPolygon");
  assert.equal(first.parts[0].polygons.length, 1, "what was there before stays for undo");
});
