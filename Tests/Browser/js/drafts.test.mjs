// What is half filled in goes once at most: opened again, on a full phone, under an older worker, at the end of its lease.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { lease, shelf } from "./shelf.mjs";

const assets = new URL("../../../Sources/UI/Assets/", import.meta.url);
const load = (name) => import(new URL(name, assets));
const disk = shelf();
console.warn = () => {};

/** An open store under a new lease. */
async function opened() {
  const [vault, { app }, work, { keeper }] = [await load("vault.js"), await load("phone.js"), await load("phone-work.js"), await load("phone-draft.js")];
  const server = await lease();
  disk.isFull = false;
  await vault.commit([["outbox", "clear"]]);
  await vault.create("602817", server.lease, "me");
  await vault.commit(await work.stored({ lease: server.lease }, []));
  Object.assign(app, { vault: await vault.meta(), bundle: await vault.value("bundle"), index: [], form: null });
  const said = { answers: { text: "堆物" }, note: "", signer: "", signed: false, photos: [], ink: null };
  const keep = (collect = async () => said) => keeper("report-here", collect, ({ answers }) => ({ part: "cases", body: answers }));
  const outbox = async () => (await vault.all("outbox")).map(({ key, state }) => [key, state]);
  return { vault, app, work, server, keep, said, outbox };
}

const draftOf = (vault) => vault.get("outbox", "draft/report-here");

/** What another page, or the worker, does when the lease is over: this page has the key still. */
async function ended(vault) {
  await vault.commit([["cells", "clear"], ["meta", "clear"]]);
  const draft = await draftOf(vault);
  await vault.commit([["outbox", "delete", draft.key], ["outbox", "put", { ...draft, key: draft.name, state: "waiting" }]]);
}

test("a draft that is opened again and noted after its lease takes the place of what went", async () => {
  const { vault, work, server, keep, outbox } = await opened();
  const first = keep();
  await first.now();
  await first.stop();
  const { name } = await draftOf(vault);
  const again = keep();
  assert.equal(await again.name(), name);
  await vault.destroy();
  const key = await work.add("cases", { text: "堆物" }, { held: again.held, draft: again });
  assert.deepEqual(await outbox(), [[key, "waiting"]]);
  const [item] = await vault.all("outbox");
  assert.equal((await server.open(item.sealed, key)).body.settles, name);
});

test("a draft that is opened again and not wanted is put away, once", async () => {
  const { vault, server, keep, outbox } = await opened();
  const { alone, fate } = await load("phone-alone.js");
  const first = keep();
  await first.now();
  await first.stop();
  const { name } = await draftOf(vault);
  const again = keep();
  await vault.destroy();
  disk.made.length = 0;
  const gone = [], form = { isConnected: true, querySelector: (what) => ({ remove: () => gone.push(what) }) };
  await alone("没记下", [form, again]);
  assert.deepEqual(gone, ["[data-is-back]"], "there is nothing to begin anew from");
  const said = disk.made.flatMap(({ children }) => children);
  assert.ok(said.includes(fate(true)) && !said.includes(fate(false)), "some of it is on its way");
  const button = disk.made.find(({ attributes }) => "data-not-noted" in attributes);
  const press = () => button.listeners.click({ currentTarget: button });
  button.disabled = false;
  disk.isFull = true;
  await press();
  assert.deepEqual([button.disabled, await outbox()], [false, [[name, "waiting"]]], "a full phone: it can be pressed again");
  disk.isFull = false;
  await Promise.all([press(), press()]);
  const items = await vault.all("outbox");
  assert.equal(items.length, 1);
  const { part, body } = await server.open(items[0].sealed, items[0].key);
  assert.deepEqual([part, body], ["drafts", { kind: "drop", settles: name }]);
});

test("what was never sealed is on the screen alone, and so it is said", async () => {
  const { vault, keep, outbox } = await opened();
  const { alone, fate } = await load("phone-alone.js");
  const keeping = keep();
  await vault.destroy();
  disk.made.length = 0;
  await alone("没记下", [{ isConnected: true, querySelector: () => null }, keeping]);
  const said = disk.made.flatMap(({ children }) => children);
  assert.ok(said.includes(fate(false)) && !said.includes(fate(true)));
  assert.deepEqual(await outbox(), []);
});

test("on a phone too full to seal it the name is of what lies there", async () => {
  const { vault, keep, said } = await opened();
  const keeping = keep();
  await keeping.now();
  const { name } = await draftOf(vault);
  disk.isFull = "outbox";
  said.answers = { text: "堆物，三楼" };
  await keeping.now();
  disk.isFull = false;
  assert.equal((await vault.value("d/report-here")).answers.text, "堆物，三楼", "the draft itself comes first");
  assert.equal((await draftOf(vault)).name, name);
  await vault.destroy();
  assert.equal(await keeping.name(), name);
});

test("a draft written in the moment its lease ended is not left behind", async () => {
  const { vault, work, server, keep, said, outbox } = await opened();
  let isEnding = false;
  const keeping = keep(async () => {
    if (isEnding) await ended(vault);
    return said;
  });
  await keeping.now();
  const { name } = await draftOf(vault);
  isEnding = true;
  await keeping.now();
  assert.notEqual((await draftOf(vault)).name, name, "written once more");
  const key = await work.add("cases", { text: "堆物" }, { held: keeping.held, draft: keeping });
  assert.deepEqual(await outbox(), [[key, "waiting"]]);
  const [item] = await vault.all("outbox");
  assert.equal((await server.open(item.sealed, key)).body.settles, name, "what went is what was sealed before");
});

test("whatever a worker of an earlier version made of a draft, it stays one", async () => {
  const { vault, keep, outbox, app } = await opened();
  const { flush } = await load("unsent.js");
  const { strip } = await load("phone.js");
  await keep().now();
  const draft = await draftOf(vault), posted = [];
  const answer = (body) => ({ ok: true, headers: new Headers({ "Content-Type": "application/json" }), json: async () => body });
  globalThis.fetch = async (path, { body } = {}) => {
    if (path.startsWith("/grid/phone/state")) return answer({ alive: true, user: "me", field: "f", token: "t" });
    posted.push(...body.getAll("entry").map(({ name }) => name));
    return answer({ answers: [], households: [] });
  };
  const place = { dataset: {}, replaceChildren() {} }, { querySelector } = document;
  document.querySelector = () => place;
  for (const state of ["refused", "kept", "ask", "waiting"]) {
    await vault.commit([["outbox", "put", { ...draft, state }]]);
    await flush();
    await strip();
    assert.deepEqual([posted, place.hidden], [[], true], state);
  }
  document.querySelector = querySelector;
  await vault.commit([["outbox", "put", { ...draft, state: "refused" }]]);
  assert.equal(await takesOver(), true, "a new worker does not wait for it");
  await vault.destroy();
  assert.deepEqual(await outbox(), [[draft.name, "waiting"]], "it goes when the copy ends");
  assert.equal(await takesOver(), false);
  delete globalThis.fetch;
  app.vault = null;
});

/** Whether a new worker takes over as soon as it is there. */
async function takesOver() {
  const folder = mkdtempSync(join(tmpdir(), "linli-sw-")), path = join(folder, "sw.mjs");
  const source = readFileSync(new URL("sw.js", assets), "utf8").replaceAll("\"/assets/", `"${assets}`).replace("__ASSETS__", "[]");
  writeFileSync(path, source);
  const listeners = {};
  let isTaken = false;
  globalThis.caches = { open: async () => ({ addAll: async () => {} }) };
  globalThis.self = { addEventListener: (name, act) => { listeners[name] = act; }, skipWaiting: async () => { isTaken = true; } };
  await import(pathToFileURL(path));
  let waited = null;
  listeners.install({ waitUntil: (work) => { waited = work; } });
  await waited;
  rmSync(folder, { recursive: true });
  return isTaken;
}

test("what went unfinished and came back is not to be completed on the phone", async () => {
  const { vault, server, work } = await opened();
  const { receive, putAway } = await load("phone-answers.js");
  const { unfinished } = await load("unsent.js");
  const { name, ...made } = await unfinished({ lease: server.lease, user: "me" }, "point", { part: "patrols", body: {} }, []);
  const sent = { ...made, key: name, name, state: "waiting" };
  const plain = await work.add("handover", { text: "甲" }, { title: "交接：甲" });
  const other = await vault.get("outbox", plain), refused = { outcome: "refused", zh: "为什么", en: "Why" };
  await vault.commit([["outbox", "put", sent]]);
  await vault.commit(await receive([sent, other], new Map([[name, refused], [plain, refused]]), []));
  const lines = Object.fromEntries((await vault.values("w/")).map((line) => [line.key, line]));
  assert.deepEqual([lines[name].isUnfinished, lines[name].title, lines[plain].isUnfinished], [true, "没写完的一条", false]);
  await putAway(lines[name]);
  assert.equal(await vault.value(`w/${name}`), null);
});

const route = { id: "r1", points: [{ id: "p1", name: "配电室" }] };

/** A round with one point, the signs on it, and signing in there. */
async function walking() {
  const { vault, app } = await opened();
  const { note } = await load("phone-point.js");
  const round = async () => vault.value("r/r1");
  const signs = async () => Object.fromEntries(Object.entries((await round()).signs).map(([point, { state }]) => [point, state]));
  const keep = { id: "p1", held: app.vault, name: async () => "" };
  const start = (known) => vault.closed("r/r1", { route: "r1", patrol: "", round: "x", begun: 1, ended: 0, signs: known }).then((cell) => vault.commit([["cells", "put", cell]]));
  const sign = async (kind) => {
    const before = new Set((await vault.values("w/")).map(({ key }) => key));
    await new Promise((done) => setTimeout(done, 3));
    await note(await round(), route, route.points[0], kind, {}, [], keep);
    return (await vault.values("w/")).find(({ key }) => !before.has(key)).key;
  };
  const line = (key) => vault.value(`w/${key}`);
  return { vault, start, sign, signs, line };
}

test("a point whose sign was not taken and is not wanted is to be signed again", async () => {
  const { start, sign, signs, line } = await walking();
  const { putAway } = await load("phone-answers.js");
  await start({});
  const key = await sign("sign");
  assert.deepEqual(await signs(), { p1: "normal" });
  await putAway(await line(key));
  assert.deepEqual(await signs(), {});
  await start({ p1: { state: "normal", at: 0 } });
  await putAway(await line(await sign("finding")));
  assert.deepEqual(await signs(), { p1: "normal" }, "what was signed before stands");
});

test("a point with two signs keeps the one that is not put away, whichever goes first", async () => {
  const { start, sign, signs, line } = await walking();
  const { putAway } = await load("phone-answers.js");
  for (const order of [[0, 1], [1, 0]]) {
    await start({});
    const keys = [await sign("sign"), await sign("finding")], states = ["normal", "hazard"];
    await putAway(await line(keys[order[0]]));
    assert.deepEqual(await signs(), { p1: states[order[1]] });
    await putAway(await line(keys[order[1]]));
    assert.deepEqual(await signs(), {}, "none of them stands");
  }
});

test("a point tried again, or decided against the phone, stands as it does with the server", async () => {
  const { vault, start, sign, signs, line } = await walking();
  const { putAway, receive } = await load("phone-answers.js");
  const { againPoint, decidePoint } = await load("phone-point.js");
  await start({});
  const key = await sign("sign");
  await againPoint(await line(key));
  const [again] = (await vault.values("w/")).filter((each) => each.point === "p1");
  await putAway(again);
  assert.deepEqual(await signs(), {});
  for (const [mark, expected] of [["open--GD1", {}], ["over-normal-GD1", { p1: "normal" }]]) {
    await start({});
    const found = await sign("finding"), item = await vault.get("outbox", found);
    await vault.commit(await receive([item], new Map([[found, { outcome: "conflict", fields: [{ id: "p1", kind: "patrol", mark }] }]]), []));
    await decidePoint(await vault.value(`c/${found}`), false);
    assert.deepEqual(await signs(), expected, mark);
  }
});

test("one press is one piece of work in every form of the phone", () => {
  for (const name of ["phone-visit-form.js", "phone-visits.js", "phone-point.js", "phone-alone.js"]) {
    const source = readFileSync(new URL(name, assets), "utf8");
    assert.match(source, /await press\(/, name);
    assert.doesNotMatch(source, /没有存上|isBusy/, `${name} has a copy of its own`);
  }
});
