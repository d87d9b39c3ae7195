// Rules of rounds on the phone that need no browser.
import assert from "node:assert/strict";
import { test } from "node:test";

const load = (name) => import(new URL(`../../../Sources/UI/Assets/${name}`, import.meta.url));

test("nothing is noted and nobody is followed off duty", async () => {
  const { isOnDuty } = await load("phone-round.js");
  const duty = [[1000, 2000], [3000, 4000]];
  assert.deepEqual([999, 1000, 1999, 2000, 2500, 3500, 4000].map((now) => isOnDuty(duty, now)), [false, true, true, false, false, true, false]);
  assert.equal(isOnDuty([], 1500), false);
});

test("a route is due on its days until its window ends, unless it was walked", async () => {
  const { stateOf } = await load("phone-round.js");
  const route = { weekdays: "15", until: 11 * 60 };
  const monday = new Date(2026, 10, 30, 10, 59), sunday = new Date(2026, 10, 29, 10, 0);
  assert.equal(stateOf(route, false, monday), "due");
  assert.equal(stateOf(route, false, new Date(2026, 10, 30, 11, 0)), "missed");
  assert.equal(stateOf(route, true, monday), "walked");
  assert.equal(stateOf(route, false, sunday), "off");
  assert.equal(stateOf({ ...route, weekdays: "7" }, false, sunday), "due", "Sunday is the seventh day");
});

test("a round counts as walked when every point is signed and it was begun in the window, or close to it", async () => {
  const { isWalkedBy } = await load("phone-round.js");
  const route = { from: 9 * 60, until: 11 * 60, points: [{ id: "a" }, { id: "b" }] };
  const now = new Date(2026, 10, 30, 10, 0), at = (hour, minute) => new Date(2026, 10, 30, hour, minute).getTime();
  const signs = { a: { state: "normal" }, b: { state: "hazard" } };
  const round = { begun: at(8, 34), ended: at(9, 30), signs };
  assert.equal(isWalkedBy(round, route, now), true);
  assert.equal(isWalkedBy({ ...round, signs: { a: signs.a } }, route, now), false, "a point was left");
  assert.equal(isWalkedBy({ ...round, signs: {} }, route, now), false, "begun and ended only");
  assert.equal(isWalkedBy({ ...round, begun: at(8, 29) }, route, now), false, "long before its window");
  assert.equal(isWalkedBy({ ...round, ended: 0 }, route, now), false, "not over yet");
  assert.equal(isWalkedBy(undefined, route, now), false);
});

test("who is to lie on the phone no more is taken out of the household, and nobody else", async () => {
  const { without } = await load("phone-work.js");
  const household = { id: "h", address: "3-1201", members: [{ id: "a", name: "甲" }, { id: "b", name: "乙" }] };
  assert.deepEqual(without(household, ["b", "c"]), { ...household, members: [household.members[0]] });
  assert.deepEqual(without(household, []), household);
  assert.equal(household.members.length, 2, "what was there before is another copy");
});

test("how far it is to a point is worked out as the server does", async () => {
  const { metresBetween } = await load("phone-round.js");
  const metres = metresBetween([39.91525, 116.40205], [39.9152, 116.402]);
  assert.ok(metres > 5 && metres < 9, String(metres)); // the same places as in PatrolsTests
  assert.ok(Math.abs(metresBetween([39.9, 116.4], [39.91, 116.4]) - 1111.95) < 0.1);
  assert.equal(metresBetween([39.9, 116.4], [39.9, 116.4]), 0);
});

test("a code is read from what a scanner copies, and a slip of the pen is told at once", async () => {
  const { checkOf, codeIn, pointAt } = await load("phone-round.js");
  const code = "0fjw3k2m4s5t6-b3jd9q2x";
  assert.equal(codeIn(` https://linli.example/grid/patrols/at/${code.toUpperCase()}?x=1 `), code);
  assert.equal(codeIn(code), code);
  assert.equal(checkOf(""), 0xc5, "FNV-1a, as PatrolPoint.check");
  assert.equal(checkOf("a"), 0x2c);
  const point = { id: "0fjw3k2m4s5t6", check: checkOf(code) };
  const routes = [{ points: [{ id: "0fjw3k2m4s5t5", check: 1 }] }, { points: [point] }];
  assert.equal(pointAt(routes, code), point);
  const slips = [...code].map((_, index) => `${code.slice(0, index)}z${code.slice(index + 1)}`).filter((slip) => slip !== code);
  const missed = slips.filter((slip) => pointAt(routes, slip));
  assert.ok(missed.length <= 1, `taken for right: ${missed}`);
  assert.equal(pointAt(routes, "0fjw3k2m4s5t7-b3jd9q2x"), null);
});

test("a point is noted with its proof, its photo, and what a hazard needs", async () => {
  const { checkOf } = await load("phone-round.js");
  const { faultOf } = await load("phone-point-form.js");
  const code = "0fjw3k2m4s5t6-b3jd9q2x";
  const point = { id: "0fjw3k2m4s5t6", check: checkOf(code), photo: true, at: [39.9152, 116.402] };
  const seen = { point, isSigned: false, code, position: null, metres: 80, kind: "sign", photos: 1, hazard: "", isSettled: false, did: "", after: 0 };
  assert.equal(faultOf(seen), "");
  assert.equal(faultOf({ ...seen, code: "0fjw3k2m4s5t6-aaaaaaaa" }), "code");
  assert.equal(faultOf({ ...seen, code: "" }), "proof");
  assert.equal(faultOf({ ...seen, code: "", position: [39.92, 116.402] }), "far");
  assert.equal(faultOf({ ...seen, code: "", position: [39.91525, 116.40205] }), "");
  assert.equal(faultOf({ ...seen, code: "", position: [39.91525, 116.40205], point: { ...point, at: undefined } }), "proof", "nobody knows where it is");
  assert.equal(faultOf({ ...seen, photos: 0 }), "photo");
  const found = { ...seen, kind: "finding", photos: 0, hazard: "heap" };
  assert.equal(faultOf(found), "", "a hazard needs no photo");
  assert.equal(faultOf({ ...found, hazard: "" }), "hazard");
  assert.equal(faultOf({ ...found, isSettled: true }), "did");
  assert.equal(faultOf({ ...found, isSettled: true, did: "清走了" }), "after");
  assert.equal(faultOf({ ...found, isSettled: true, did: "清走了", after: 1 }), "");
  assert.equal(faultOf({ ...found, isSigned: true, code: "" }), "", "who has signed in needs no second proof");
});

test("a fresh bundle knows the round on the server and leaves one that was just begun here", async () => {
  const { beforeOf, roundsOf } = await load("phone-round.js");
  const points = [{ id: "a", state: "normal" }, { id: "b", state: "" }];
  const [round] = roundsOf([{ id: "r", patrol: "p", begun: 7, points }], []);
  assert.deepEqual(round, { route: "r", patrol: "p", round: "", begun: 7, signs: { a: { state: "normal", at: 0 } }, ended: 0 });
  assert.deepEqual([beforeOf(round, "a"), beforeOf(round, "b")], ["open-normal-", "open--"]);
  const mine = { route: "r", patrol: "", round: "u", begun: 9, signs: {}, ended: 0 };
  const idle = { id: "r", patrol: "", points };
  assert.deepEqual(roundsOf([idle], [mine]), [mine]);
  assert.deepEqual(roundsOf([idle], [{ ...mine, ended: 5 }]), []);
  assert.deepEqual(roundsOf([idle], [{ ...mine, signs: { a: { state: "normal", at: 1 } } }]), [], "its signs are on the server, and so is the round");
  assert.deepEqual(roundsOf([], [mine]), [], "the route has ended");
});
