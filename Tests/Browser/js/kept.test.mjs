// What a grid worker typed is on the phone or still on the screen: full, pressed twice, sent unseen, its lease over.
import assert from "node:assert/strict";
import { test } from "node:test";
import { lease, shelf } from "./shelf.mjs";

const load = (name) => import(new URL(`../../../Sources/UI/Assets/${name}`, import.meta.url));
const disk = shelf();
console.warn = () => {};

/** An open store under a new lease, with one household. */
async function opened() {
  const [vault, { app }, work] = [await load("vault.js"), await load("phone.js"), await load("phone-work.js")];
  const server = await lease();
  disk.isFull = false;
  await vault.commit([["outbox", "clear"]]);
  await vault.create("602817", server.lease, "me");
  const member = { id: "m", name: "王", sex: "1", born: "", phone: "", facts: { "person.education": "初中" }, sealed: {} };
  const household = { id: "h", address: "1201", number: "1201", place: "p", sort: 1, heard: 0, members: [member] };
  await vault.commit(await work.stored({ lease: server.lease }, [household]));
  Object.assign(app, { vault: await vault.meta(), bundle: await vault.value("bundle"), index: await vault.value("index"), form: null });
  return { vault, app, work, server, household };
}

const outbox = async (vault) => (await vault.all("outbox")).map(({ key, state }) => [key, state]);

test("one press is one piece of work, what failed can be pressed again", async () => {
  const { press } = await load("phone-press.js");
  const button = { disabled: false };
  let count = 0, back = 0;
  const slow = async () => new Promise((done) => setTimeout(() => done(count += 1), 5));
  assert.deepEqual(await Promise.all([press(button, slow), press(button, slow)]), [true, false]);
  assert.deepEqual([count, button.disabled], [1, true], "done, it stays pressed until the next view");
  const other = { disabled: false };
  assert.equal(await press(other, async () => { throw new Error("full"); }, () => { back += 1; }), false);
  assert.deepEqual([back, other.disabled], [1, false]);
  assert.equal(await press(other, async () => false), false, "asked, and answered no");
  assert.equal(await press(other, slow), true);
});

test("a full phone changes nothing, neither on disk nor in memory", async () => {
  const { vault, app, work, household } = await opened();
  const changes = [{ kind: "person", id: "m", field: "person.name", before: "=王", value: "汪" }];
  const edit = () => work.add("households", { kind: "edit", household: "h", changes }, { household: work.changed(household, changes), title: "1201 姓名" });
  disk.isFull = true;
  await assert.rejects(edit());
  assert.equal(household.members[0].name, "王");
  assert.deepEqual([app.index[0].names, (await vault.value("h/h")).members[0].name, await outbox(vault)], [["王"], "王", []]);
  disk.isFull = false;
  const key = await edit();
  assert.deepEqual([app.index[0].names, (await vault.value("h/h")).members[0].name, await outbox(vault)], [["汪"], "汪", [[key, "waiting"]]]);
});

test("what the worker sent unseen is known when the store is open: not taken it can be corrected, taken it waits no more", async () => {
  const { settled } = await load("unsent.js");
  const { catchUp, caught } = await load("phone-answers.js");
  const { vault, work } = await opened();
  const refused = await work.add("handover", { text: "甲" }, { title: "交接：甲" });
  const taken = await work.add("handover", { text: "乙" }, { title: "交接：乙" });
  const told = await work.add("cases", { text: "丙" }, { title: "丙" });
  const left = await work.add("handover", { text: "丁" }, { title: "交接：丁" });
  const items = new Map((await vault.all("outbox")).map((each) => [each.key, each]));
  await vault.commit([settled(items.get(refused), "refused", true), settled(items.get(taken), "taken", true), settled(items.get(told), "taken", true)]);
  await catchUp();
  const states = Object.fromEntries((await vault.values("w/")).map(({ key, state }) => [key, state]));
  assert.deepEqual(states, { [refused]: "refused", [told]: "sent", [left]: "waiting" });
  const item = (await vault.all("outbox")).find(({ key }) => key === refused);
  assert.deepEqual([item.state, item.answer, "zh" in item], ["ask", "refused", false], "why is asked for, and never lies here in clear");
  assert.equal(caught({ state: "refused" }, { state: "refused" }), null);
  assert.equal(caught({ state: "waiting" }, { state: "ask" }), null, "both values of a conflict come when it is asked for");
});

test("what is not wanted is put away on the desk too", async () => {
  const { putAway } = await load("phone-answers.js");
  const { vault, work, server } = await opened();
  const key = await work.add("visits", { kind: "done", visit: "v" }, { title: "走访", line: { visit: "v" } });
  await vault.commit([["cells", "put", await vault.closed("v/v", { id: "v", state: "done" })]]);
  const line = await vault.value(`w/${key}`);
  assert.equal(line.part, "visits");
  await putAway(line);
  assert.equal((await vault.value("v/v")).state, "announced", "it can be noted again");
  assert.equal(await vault.value(`w/${key}`), null);
  const [item, ...others] = await vault.all("outbox");
  assert.equal(others.length, 0);
  const { part, body } = await server.open(item.sealed, item.key);
  assert.deepEqual([part, body], ["visits", { kind: "drop", settles: key }]);
});

test("a draft goes to the desk when its copy ends, and only then", async () => {
  const { keeper, wiped } = await load("phone-draft.js");
  const { isWaiting } = await load("unsent.js");
  const { vault, server, app, work } = await opened();
  const held = app.vault;
  const draft = { answers: { text: "楼道堆物" }, note: "", signer: "", signed: false, photos: [new File(["jpeg"], "a.jpg", { type: "image/jpeg" })], ink: null };
  const keep = keeper("report-here", async () => draft, ({ answers }) => (answers.text ? { part: "cases", body: answers } : null));
  await keep.now();
  assert.deepEqual(await outbox(vault), [["draft/report-here", "draft"]]);
  assert.equal((await vault.all("outbox")).some(isWaiting), false);
  draft.answers = { text: "", half: "x" };
  await keep.now();
  draft.answers = { text: "楼道堆物" };
  assert.deepEqual(await outbox(vault), [], "nothing of it is worth going");
  await keep.now();
  await vault.commit(wiped("report-here"));
  assert.deepEqual(await outbox(vault), [], "noted, it is no draft");
  await keep.now();
  disk.isFull = false;
  await vault.destroy();
  const [item] = await vault.all("outbox");
  const name = await keep.name();
  assert.deepEqual([item.state, item.key, await vault.meta()], ["waiting", name, undefined]);
  const { part, body, photos } = await server.open(item.sealed, item.key);
  assert.deepEqual([part, body, photos], ["cases", { text: "楼道堆物", unfinished: true }, [4]]);
  // Still on the screen and noted now, it takes the place of what went half filled in.
  const key = await work.add("cases", { text: "楼道堆物，已清" }, { held, draft: keep });
  assert.deepEqual(await outbox(vault), [[key, "waiting"]]);
  const [done] = await vault.all("outbox");
  assert.equal((await server.open(done.sealed, key)).body.settles, name);
});

test("a draft remembers what stood there when it was typed", async () => {
  const { newerThan } = await load("phone-draft.js");
  const marks = { "person.education": "=初中", "person.work": "=" }, typed = { "person.education": "高中", "person.work": "纺织厂", "person.note": "x" };
  const now = { "person.education": "=大专", "person.work": "=", "person.note": "=y" };
  assert.deepEqual(newerThan(marks, typed, (name) => now[name]), ["person.education"], "a colleague changed it meanwhile");
  assert.deepEqual(newerThan(undefined, typed, (name) => now[name]), [], "a draft of an earlier version");
  assert.deepEqual(newerThan(marks, { "person.work": "纺织厂" }, (name) => now[name]), []);
});
