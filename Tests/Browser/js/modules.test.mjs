// Rules of the page scripts that need no browser. Run: node --test Tests/Browser/js/
import assert from "node:assert/strict";
import { test } from "node:test";

const load = (name) => import(new URL(`../../../Sources/UI/Assets/${name}`, import.meta.url));

test("an outbox item is sent only when the server says so in JSON", async () => {
  const { verdict } = await load("queue.js");
  assert.equal(verdict({ ok: true, status: 201, json: true }), "sent");
  assert.equal(verdict({ ok: true, status: 200, json: false }), "signin", "a redirect ended on the sign-in page");
  for (const status of [401, 403]) assert.equal(verdict({ ok: false, status, json: true }), "signin");
  for (const status of [408, 409, 425, 429, 500, 503]) assert.equal(verdict({ ok: false, status, json: true }), "retry");
  for (const status of [400, 413, 422]) assert.equal(verdict({ ok: false, status, json: true }), "refused");
});

test("one person's item is never sent as another's", async () => {
  const { maySend } = await load("queue.js");
  assert.equal(maySend({ user: "a" }, { user: "a" }), true);
  assert.equal(maySend({ user: "a" }, { user: "b" }), false);
  assert.equal(maySend({ user: "a" }, null), false);
  assert.equal(maySend({ user: "" }, null), true, "a visitor's report belongs to nobody");
});

test("an item keeps words and photos, and gets a fresh token when it is sent", async () => {
  const { makeItem, toBody } = await load("queue.js");
  const form = new FormData();
  form.append("csrf", "old");
  form.append("text", "地下室漏水");
  form.append("photos", new File(["jpeg"], "a.jpg", { type: "image/jpeg" }));
  form.append("more", new File([], "", { type: "application/octet-stream" }));
  const item = makeItem("/report", form.entries(), { key: "k", user: "u", title: "漏水", now: 7 });
  assert.deepEqual(item.fields.map(([name]) => name), ["csrf", "text", "photos"], "empty file inputs are left out");
  assert.equal(item.state, "waiting");
  const body = toBody(item, { field: "csrf", token: "new", user: "u" });
  assert.deepEqual(body.getAll("csrf"), ["new"]);
  assert.equal(body.get("photos").name, "a.jpg");
  assert.deepEqual(toBody(item, null).getAll("csrf"), ["old"]);
});

test("drafts keep words, never secrets", async () => {
  const { collect, isMine, mayKeep } = await load("draft.js");
  const control = (type, name, value, more = {}) => ({ type, name, value, ...more });
  assert.equal(mayKeep(control("password", "p", "x")), false);
  assert.equal(mayKeep(control("hidden", "csrf", "x")), false);
  assert.equal(mayKeep(control("text", "code", "1", { autocomplete: "one-time-code" })), false);
  assert.equal(mayKeep(control("text", "", "x")), false);
  assert.deepEqual(
    collect([
      control("textarea", "text", "灯不亮"), control("text", "spot", ""),
      control("radio", "kind", "lamp", { checked: true }), control("radio", "kind", "noise", { checked: false }),
      control("checkbox", "also", "1", { checked: true }),
      control("select-multiple", "days", "", { selectedOptions: [{ value: "一" }, { value: "三" }] }),
    ]),
    [["text", "灯不亮"], ["kind", "lamp"], ["also", "1"], ["days", "一"], ["days", "三"]],
  );
  assert.equal(isMine({ user: "" }, "b"), true);
  assert.equal(isMine({ user: "a" }, "b"), false);
});

test("one stream asks for the topics of all elements once", async () => {
  const { streamURL, topicsOf } = await load("live.js");
  assert.deepEqual(topicsOf(["case/B desk/1", "case/A", " case/B "]), ["case/A", "case/B", "desk/1"]);
  assert.equal(streamURL(["case/A", "desk/1"], 0), "/live?topics=case%2FA,desk%2F1&after=0");
  assert.equal(streamURL(["case/A"], 41), "/live?topics=case%2FA&after=41");
});

test("photos shrink to 1600 pixels and keep their proportions", async () => {
  const { fitSize, needsShrinking } = await load("photos.js");
  assert.deepEqual(fitSize(4000, 3000), { width: 1600, height: 1200 });
  assert.deepEqual(fitSize(900, 2400), { width: 600, height: 1600 });
  assert.deepEqual(fitSize(640, 480), { width: 640, height: 480 });
  assert.deepEqual(fitSize(20_000, 3), { width: 1600, height: 1 });
  assert.equal(needsShrinking({ type: "image/png", size: 9000 }, { width: 400, height: 300 }), false);
  assert.equal(needsShrinking({ type: "image/png", size: 9000 }, { width: 2000, height: 300 }), true);
  const small = { width: 400, height: 300 };
  assert.equal(needsShrinking({ type: "image/jpeg", size: 9000 }, small), true, "it may carry its place");
  assert.equal(needsShrinking({ type: "image/gif", size: 9_000_000 }, { width: 4000, height: 300 }), false);
});

test("dependent selects offer what lies below the choice", async () => {
  const { optionsAt, speaksOfDanger } = await load("report.js");
  const building = { id: 3, name: "3号楼", children: [{ id: 2, name: "2单元" }] };
  const tree = [{ id: 1, name: "幸福里", children: [building] }, { id: 9, name: "平房区" }];
  assert.deepEqual(optionsAt(tree, []).map((place) => place.name), ["幸福里", "平房区"]);
  assert.deepEqual(optionsAt(tree, ["1", "3"]).map((place) => place.name), ["2单元"]);
  assert.deepEqual(optionsAt(tree, ["9"]), []);
  assert.deepEqual(optionsAt(tree, ["", ""]), []);
  assert.equal(speaksOfDanger("三楼冒烟了", ["着火", "冒烟"]), true);
  assert.equal(speaksOfDanger("楼道灯不亮", ["着火", ""]), false);
});

test("a field is asked for while the answer it depends on stands", async () => {
  const { asked } = await load("fields.js");
  const parts = [{ name: "b", when: "a", is: ["x", "y"] }, { name: "c", when: "b", is: ["yes"] }];
  const given = (answers) => (name) => answers[name] ?? [];
  assert.deepEqual(asked(parts, given({ a: ["y"], b: ["yes"] })), [true, true]);
  assert.deepEqual(asked(parts, given({ a: ["y"] })), [true, false]);
  // What depends on a hidden field is hidden too, whatever stands in it.
  assert.deepEqual(asked(parts, given({ a: ["z"], b: ["yes"] })), [false, false]);
});

test("single keys belong to whoever is typing", async () => {
  const { isTyping, nextIndex } = await load("desk.js");
  assert.equal(isTyping({ tagName: "TEXTAREA" }), true);
  assert.equal(isTyping({ tagName: "INPUT", type: "search" }), true);
  assert.equal(isTyping({ tagName: "INPUT", type: "checkbox" }), false);
  assert.equal(isTyping({ tagName: "A" }), false);
  assert.equal(nextIndex(-1, 1, 3), 0);
  assert.equal(nextIndex(-1, -1, 3), 2);
  assert.equal(nextIndex(2, 1, 3), 2);
  assert.equal(nextIndex(0, -1, 3), 0);
  assert.equal(nextIndex(0, 1, 0), -1);
});

test("a point is read or refused", async () => {
  const { parsePoint, pinMark } = await load("map.js");
  assert.deepEqual(parsePoint("39.91, 116.40"), [39.91, 116.4]);
  for (const wrong of [undefined, "", "39.91", "x,116", "116.40,39.91"]) assert.equal(parsePoint(wrong), null);
  assert.equal(pinMark({ state: "late" }), "超");
  assert.equal(pinMark({ mark: "3", state: "late" }), "3");
});

test("reading aloud goes sentence by sentence with a voice of the language", async () => {
  const { chooseVoice, sentences } = await load("read.js");
  assert.deepEqual(sentences("今晚停水。请储水！\n 明早恢复"), ["今晚停水。", "请储水！", "明早恢复"]);
  assert.equal(sentences("长".repeat(250)).length, 3);
  assert.deepEqual(sentences("  "), []);
  const voice = (lang, localService) => ({ lang, localService });
  const voices = [voice("en-US", true), voice("zh_CN", false), voice("zh-TW", true)];
  assert.equal(chooseVoice(voices, "zh-CN").lang, "zh-TW");
  assert.equal(chooseVoice(voices.slice(0, 2), "zh-CN").lang, "zh_CN");
  assert.equal(chooseVoice([], "zh-CN"), null);
});
