/** What the server's answers change on the phone, and what a person decides about them. */
import { say } from "./kit.js";
import { app } from "./phone.js";
import { add, changed, keptIn, retired } from "./phone-work.js";
import { settled } from "./unsent.js";
import * as vault from "./vault.js";

async function afterAnswer(each, answer) {
  const [line, changes] = [await vault.value(`w/${each.key}`), []];
  const put = async (id, value) => changes.push(["cells", "put", await vault.closed(id, value)]);
  if (answer.outcome === "taken") {
    if (line && answer.number) await put(`w/${each.key}`, { ...line, state: "sent", number: answer.number });
    else changes.push(["cells", "delete", `w/${each.key}`]);
  } else if (answer.outcome === "conflict") {
    const { fields } = answer;
    await put(`c/${each.key}`, { key: each.key, household: each.household, at: each.at, title: line?.title ?? "", photos: line?.photos ?? 0, sign: line?.sign, was: line?.was, work: line?.work ?? null, fields });
    changes.push(["cells", "delete", `w/${each.key}`]);
  } else {
    // What went half filled in has a name of its own (unsent.js), and was never a line here.
    const isUnfinished = Boolean(each.name), title = line?.title ?? (isUnfinished ? say("没写完的一条", "Not finished") : "");
    await put(`w/${each.key}`, { key: each.key, at: each.at, photos: 0, ...line, title, isUnfinished, state: answer.outcome, zh: answer.zh, en: answer.en });
  }
  changes.push(settled(each, answer.outcome, false));
  return changes;
}

/** What a reply changes on this phone. Households with work that still waits keep their copy; what was not taken waits no more. */
export async function receive(done, answers, households) {
  const changes = [];
  for (const each of done) changes.push(...await afterAnswer(each, answers.get(each.key)));
  const finished = new Set(done.map((each) => each.key));
  const isOpen = (each) => !vault.isDraft(each) && each.state !== "refused" && !finished.has(each.key);
  const waiting = new Set((await vault.all("outbox")).filter(isOpen).map((each) => each.household));
  for (const household of households) if (!waiting.has(household.id)) changes.push(...await keptIn(app.index, household));
  return changes;
}

/** How a line stands whose work the service worker has sent, which cannot write it; null where it stands right. */
export function caught(line, item) {
  if (line.state !== "waiting") return null;
  if (!item) return line.work?.part === "cases" ? { ...line, state: "sent" } : { key: line.key, state: "gone" };
  const state = item.state === "ask" ? item.answer : item.state;
  // Why, only the open store may be told: it is asked for when there is a network again (unsent.js).
  return state === "refused" || state === "kept" ? { ...line, state } : null;
}

/** Puts the lines right whose work was sent while nobody had the store open. */
export async function catchUp() {
  if (!vault.isOpen() || !await vault.meta()) return;
  const lines = await vault.values("w/"), changes = [];
  const items = new Map((await vault.all("outbox")).map((each) => [each.key, each]));
  for (const line of lines) {
    const now = caught(line, items.get(line.key));
    if (now) changes.push(now.state === "gone" ? ["cells", "delete", `w/${line.key}`] : ["cells", "put", await vault.closed(`w/${line.key}`, now)]);
  }
  await vault.commit(changes);
}

/**
 * What takes a piece of work's sign off its round again: the one before stands there, or none. Where another one stands over it,
 * that one learns what was before.
 */
export async function unsigned({ point, sign, was }) {
  if (!sign) return [];
  const round = (await vault.values("r/")).find(({ signs }) => signs[point]?.at === sign);
  if (round) {
    const { [point]: _, ...others } = round.signs;
    return [["cells", "put", await vault.closed(`r/${round.route}`, { ...round, signs: was ? { ...others, [point]: was } : others })]];
  }
  const over = (await vault.values("w/")).filter((line) => line.point === point && line.was?.at === sign);
  return Promise.all(over.map(async (line) => ["cells", "put", await vault.closed(`w/${line.key}`, { ...line, was })]));
}

/** Puts work away that was not taken, here and among what waits on the desk; a visit or a point can be noted again. */
export async function putAway({ key, part = "households", visit = "", point = "", sign, was = null }) {
  const more = retired(key), known = visit ? await vault.value(`v/${visit}`) : null;
  if (known?.state === "done") more.push(["cells", "put", await vault.closed(`v/${visit}`, { ...known, state: "announced" })]);
  if (point) more.push(...await unsigned({ point, sign, was }));
  await add(part, { kind: "drop", settles: key }, { more });
}

/** Decides whether somebody who was added is who stands there already, or somebody else: `mine` adds them all the same. */
export async function decideMember(conflict, mine) {
  const { household, key, work, title } = conflict;
  const body = mine ? { ...work?.body, kind: "member", household, settles: key, isOther: true } : { kind: "edit", household, settles: key, changes: [] };
  await add("households", body, { title: mine ? title : "", more: [["cells", "delete", `c/${key}`]] });
}

/** Decides a conflict: `mine` sends the phone's values again over what was seen to stand there. */
export async function decide(conflict, mine) {
  const known = await vault.value(`h/${conflict.household}`);
  const changes = mine ? conflict.fields.map(({ kind, id, field, mark, mine: value }) => ({ kind, id, field, before: mark, value, ...(value === "" ? { remove: true } : {}) })) : [];
  const body = { kind: "edit", household: conflict.household, settles: conflict.key, changes };
  await add("households", body, { household: known && changed(known, changes), title: mine ? conflict.title : "", more: [["cells", "delete", `c/${conflict.key}`]] });
}
