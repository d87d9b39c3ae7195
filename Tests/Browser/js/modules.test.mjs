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

test("what the server asks stands in its reply: the photos are not sent a second time for it", async (t) => {
  const { post } = await load("queue.js");
  const item = { key: "k", action: "/report", fields: [] };
  const answered = (status, kind) => t.mock.method(globalThis, "fetch", async () =>
    new Response("<main>", { status, headers: { "Content-Type": kind } }));
  answered(422, "text/html; charset=utf-8");
  assert.deepEqual(await post(item, null, true), { result: "refused", reply: null, page: "<main>" });
  assert.equal((await post(item, null)).page, null, "nobody is there to answer");
  answered(422, "application/json");
  assert.equal((await post(item, null, true)).page, null);
  answered(503, "text/html");
  assert.deepEqual(await post(item, null, true), { result: "retry", reply: null, page: null });
});

test("the page that asks again takes the place of the form, if it is that form", async (t) => {
  const { showAnswer } = await load("outbox.js");
  const kept = ["document", "DOMParser", "CSS"].map((name) => [name, globalThis[name]]);
  t.after(() => kept.forEach(([name, value]) => { globalThis[name] = value; }));
  const said = [];
  let main = null;
  globalThis.CSS = { escape: (text) => text };
  globalThis.document = { title: "", dispatchEvent: ({ type }) => said.push(type) };
  globalThis.DOMParser = class { parseFromString() { return { title: "上报", querySelector: () => main }; } };
  const form = { id: "report", closest: () => ({ replaceWith: (node) => said.push(node) }) };
  const has = (selector) => ({ querySelector: (asked) => (asked === selector ? {} : null) });
  assert.equal(showAnswer(form, ""), false);
  main = has("nothing");
  assert.equal(showAnswer(form, ""), false, "an error page must not cost what was typed");
  assert.deepEqual([said, document.title], [[], ""]);
  main = has('form[data-outbox][id="report"]');
  assert.equal(showAnswer(form, ""), true);
  assert.deepEqual([said, document.title], [[main, "linli:main"], "上报"]);
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

test("a typed point is two numbers", async () => {
  const { typedPoint } = await load("report.js");
  assert.deepEqual(typedPoint("39.914, 116.402"), ["39.914", "116.402"]);
  assert.deepEqual(typedPoint(" 39.914，116.402 "), ["39.914", "116.402"]);
  for (const wrong of ["", "39.914", "39.914,116.402,3", "北纬39,116"]) assert.equal(typedPoint(wrong), null);
});

test("what others told is looked for by a kind, or by the words that say one, where the place is known", async () => {
  const { similarQuery } = await load("similar.js");
  assert.equal(similarQuery({ place: "P" }), null);
  assert.equal(similarQuery({ category: "street" }), null, "nobody knows where it is");
  assert.equal(similarQuery({ place: "P", text: "灯" }), null, "too little to say what it is");
  const wide = similarQuery({ place: "P", category: "street", text: " 北街的路灯不亮 " });
  assert.deepEqual([wide.get("category"), wide.get("place"), wide.get("text")], ["street", "P", "北街的路灯不亮"]);
  const words = similarQuery({ lat: "39.9", lon: "116.4", text: "灯杆的灯灭了" });
  assert.deepEqual([words.get("category"), words.get("lat"), words.get("text")], ["", "39.9", "灯杆的灯灭了"]);
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

test("a PIN is derived with at least 600,000 rounds, more where the phone does them in time", async () => {
  const { affordable, leastRounds, waitAfter } = await load("vault.js");
  assert.equal(leastRounds, 600_000);
  assert.equal(affordable(100_000, 500), 600_000, "a slow phone waits longer, it does not do less");
  assert.equal(affordable(100_000, 10), 5_000_000);
  assert.equal(affordable(100_000, 70), 1_000_000);
  assert.deepEqual([1, 2, 3, 4, 5].map(waitAfter), [0, 0, 30, 60, 120]);
  assert.equal(waitAfter(30), 3600);
});

test("what is done without a network is sealed so that the server alone can open it", async () => {
  const { pack, seal } = await load("seal.js");
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const server = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
  const key = Buffer.from(await crypto.subtle.exportKey("raw", server.publicKey));
  const packed = pack({ part: "cases", body: { text: "漏水" } }, [new Uint8Array([1, 2, 3]), new Uint8Array([4])]);
  const sealed = await seal({ id: "lease", key: key.toString("hex") }, "name", packed);
  const theirs = await crypto.subtle.importKey("raw", sealed.slice(0, 65), curve, false, []);
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, server.privateKey, 256);
  const material = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const info = new TextEncoder().encode("linli offline 1 lease name");
  const how = { name: "HKDF", hash: "SHA-256", salt: Buffer.concat([sealed.slice(0, 65), key]), info };
  const open = await crypto.subtle.deriveKey(how, material, { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
  const gcm = { name: "AES-GCM", iv: sealed.slice(65, 77), additionalData: info };
  assert.deepEqual(new Uint8Array(await crypto.subtle.decrypt(gcm, open, sealed.slice(77))), packed);
  const length = new DataView(packed.buffer).getUint32(0);
  const words = JSON.parse(new TextDecoder().decode(packed.slice(4, 4 + length)));
  assert.deepEqual([words.photos, words.body.text], [[3, 1], "漏水"]);
  assert.deepEqual([...packed.slice(4 + length)], [1, 2, 3, 4]);
  const again = await seal({ id: "lease", key: key.toString("hex") }, "name", packed);
  assert.notDeepEqual(again, sealed, "each seal has a key and a nonce of its own");
});

test("unsent work goes in its order, a few at a time, of one lease at once", async () => {
  const { nextBatch, sequence, settled } = await load("unsent.js");
  const of = (lease, size) => ({ lease, sealed: new Uint8Array(size) });
  assert.equal(nextBatch(Array.from({ length: 30 }, () => of("a", 10))).length, 20);
  assert.equal(nextBatch([of("a", 10), of("b", 10)]).length, 1);
  assert.equal(nextBatch([of("a", 9_000_000), of("a", 10)]).length, 1, "a large one goes alone");
  const first = sequence(1000);
  assert.ok(sequence(1000) > first && sequence(900) > first, "also when the clock goes back");
  assert.deepEqual(settled({ key: "k" }, "taken", true), ["outbox", "delete", "k"]);
  assert.equal(settled({ key: "k" }, "conflict", true)[2].state, "ask", "both values are asked for when it is open");
  assert.deepEqual(settled({ key: "k" }, "conflict", false), ["outbox", "delete", "k"]);
  for (const outcome of ["kept", "refused"]) assert.equal(settled({ key: "k" }, outcome, false)[2].state, outcome);
  assert.equal(settled({ key: "k" }, "refused", true)[2].state, "ask", "why is told when it is open");
});

test("a changed field says what the phone saw, and shows at once as the server will show it", async () => {
  const { markOf, masked, overlay } = await load("phone-work.js");
  const member = { name: "王", sex: "1", born: "", phone: "138****1234", facts: { "person.education": "初中" }, sealed: { "person.careLevel": "#5" } };
  assert.equal(markOf(member, "person.name"), "=王");
  assert.equal(markOf(member, "person.phone"), "=138****1234");
  assert.equal(markOf(member, "person.education"), "=初中");
  assert.equal(markOf(member, "person.careLevel"), "#5");
  assert.equal(markOf(member, "person.note"), "=");
  overlay(member, "person.careLevel", "2");
  assert.equal(markOf(member, "person.careLevel"), "=2", "its own word is what it goes by next");
  overlay(member, "person.phone", "13912345678");
  assert.equal(member.phone, masked("13912345678"));
  assert.equal(masked(""), "");
});

test("homes are found by every word, easy PINs are refused, a map keeps its shape", async () => {
  const { found } = await load("phone-lists.js");
  const { isWeak } = await load("phone-gate.js");
  const { projection } = await load("phone-map.js");
  const index = [{ address: "幸福里3号楼101", names: ["张三"] }, { address: "幸福里3号楼102", names: [] }];
  assert.equal(found(index, "3号楼 张").length, 1);
  assert.equal(found(index, "").length, 2);
  for (const pin of ["123456", "000000", "98765", "876543"]) assert.ok(isWeak(pin), pin);
  assert.equal(isWeak("602817"), false);
  const { at, height } = projection([[116.4, 39.9], [116.41, 39.91]], 360);
  const [west, south] = at([116.4, 39.9]);
  const [east, north] = at([116.41, 39.91]);
  assert.ok(west < east && north < south && south <= height);
  assert.ok(Math.abs((south - north) / (east - west) - 1 / Math.cos(39.905 * Math.PI / 180)) < 1e-6);
});

test("a signature is drawn where the finger is, whatever size the field has", async () => {
  const { onPicture } = await load("sign.js");
  assert.deepEqual(onPicture({ clientX: 110, clientY: 80 }, { left: 10, top: 20, width: 320, height: 120 }), [200, 120]);
  assert.deepEqual(onPicture({ clientX: 10, clientY: 20 }, { left: 10, top: 20, width: 640, height: 240 }), [0, 0]);
});

test("a visit on the phone is noted with a whole signature or none, and never larger than the server takes", async () => {
  const { changedAnswers, faultOf } = await load("phone-visit-form.js");
  const { largest } = await load("unsent.js");
  const form = (signer, signed, isDrawn) => ({ signer, signed, isDrawn });
  assert.equal(faultOf(form("", false, false), 0), "");
  assert.equal(faultOf(form("王建国", true, false), 0), "", "typed and ticked");
  assert.equal(faultOf(form("", false, true), 0), "", "drawn, whoever it was");
  assert.equal(faultOf(form("王建国", false, true), 0), "");
  for (const half of [form("王建国", false, false), form("", true, false)]) assert.equal(faultOf(half, 0), "signer");
  assert.equal(faultOf(form("", false, true), largest), "");
  assert.equal(faultOf(form("", false, true), largest + 1), "size");
  const { readFileSync } = await import("node:fs");
  const source = (path) => readFileSync(new URL(`../../../Sources/Kernel/${path}`, import.meta.url), "utf8");
  assert.match(source("Offline/OfflineStore.swift"), /limit = FileStore\.limit\n/);
  assert.match(source("Files/StoredFile.swift"), /limit = 20 << 20\n/);
  assert.ok(largest < 20 << 20, "with room for the words and the seal");
  assert.deepEqual(changedAnswers({ a: "是", b: "否", c: "好" }, { a: "是", b: "是" }), { b: "否", c: "好" });
});

test("a draft is worth keeping once anything is filled in, and photos are told apart", async () => {
  const { isEmpty, look } = await load("phone-draft.js");
  const blank = { answers: {}, note: "", signer: "", signed: false, photos: [], ink: null };
  assert.equal(isEmpty(blank), true);
  for (const more of [{ answers: { a: "是" } }, { note: "漏水" }, { signer: "王" }, { signed: true }, { photos: [{}] }, { ink: new Blob(["x"]) }]) {
    assert.equal(isEmpty({ ...blank, ...more }), false, Object.keys(more)[0]);
  }
  const photo = { name: "a.jpg", size: 3, lastModified: 7 };
  assert.equal(look([photo]), look([{ ...photo }]));
  for (const other of [[], [photo, photo], [{ ...photo, size: 4 }], [{ ...photo, lastModified: 8 }]]) assert.notEqual(look([photo]), look(other));
});

test("work begun before the lease ended is sealed under it, and nothing is put into a copy that is gone", async () => {
  const { item } = await load("unsent.js");
  const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"]);
  const key = Buffer.from(await crypto.subtle.exportKey("raw", pair.publicKey)).toString("hex");
  const held = { user: "me", lease: { id: "lease", key } };
  const photos = [new Uint8Array(500).buffer, new Uint8Array(40).buffer];
  const made = await item(held, "visits", { kind: "done" }, { photos, household: "h" });
  assert.deepEqual([made.lease, made.user, made.household, made.state], ["lease", "me", "h", "waiting"]);
  assert.ok(made.sealed.byteLength > 540);
});

test("what the phone can tell is told before it is saved, by the rules of the server", async () => {
  const { faultOf, isBirthday, isPhone, today } = await load("phone-check.js");
  for (const good of ["13800138000", "138 0013 8000", "+86 138-0013-8000", "8613800138000", "008613800138000", "１３８００１３８０００", "010-65123456", "(0755) 82345678", "+86 10 65123456", "013800138000"]) {
    assert.equal(isPhone(good), true, good);
  }
  for (const wrong of ["12345", "110", "1380013800", "23800138000", "010-1234567", "+1 2025550100", "8612345678901", "问老伴", ""]) assert.equal(isPhone(wrong), false, wrong);
  assert.equal(today(Date.UTC(2026, 10, 27, 16, 30)), "2026-11-28", "in Beijing");
  assert.equal(isBirthday("2026-11-28", "2026-11-28"), true);
  for (const wrong of ["2026-11-29", "1875-01-01", "1950年"]) assert.equal(isBirthday(wrong, "2026-11-28"), false, wrong);
  assert.equal(faultOf({ id: "person.phone", type: "tel" }, "12345"), "phone");
  assert.equal(faultOf({ id: "person.phone", type: "tel" }, ""), "", "left empty it stays as it is");
  assert.equal(faultOf({ id: "person.name", limit: 40 }, ""), "name");
  assert.equal(faultOf({ id: "person.work", limit: 3 }, "纺织工厂"), "long");
  assert.equal(faultOf({ id: "person.work", limit: 4 }, "纺织工厂"), "");
});

test("what is urgent goes first and alone, and what was answered waits no more", async () => {
  const { inOrder, isWaiting, nextBatch } = await load("unsent.js");
  const of = (seq, isUrgent) => ({ seq, isUrgent, lease: "a", sealed: new Uint8Array(10) });
  const items = [of(1, false), of(2, false), of(3, true)].sort(inOrder);
  assert.deepEqual(items.map(({ seq }) => seq), [3, 1, 2]);
  assert.deepEqual(nextBatch(items).map(({ seq }) => seq), [3]);
  assert.deepEqual(["waiting", "ask", "kept", "refused"].map((state) => isWaiting({ key: "k", state })), [true, true, false, false]);
  assert.equal(isWaiting({ key: "draft/k", state: "waiting" }), false, "what is half filled in never goes by itself");
});
