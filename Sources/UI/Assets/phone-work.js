/**
 * What is done on the phone: each piece of work changes the encrypted copy and puts a sealed item into the outbox, both in
 * one transaction. And what the server's answers change here.
 */
import { app } from "./phone.js";
import { wiped } from "./phone-draft.js";
import { roundsOf } from "./phone-round.js";
import { item, settled } from "./unsent.js";
import * as vault from "./vault.js";

const summary = ({ id, address, number, place, sort, members, heard }) =>
  ({ id, address, number, place, sort, heard, names: members.map((member) => member.name) });

/**
 * A bundle and its households as the cells that take the place of those before. What is to be decided stays, what was typed
 * in work that was not taken, and what is filled in and not noted yet, a visit with how it was seen, and a round that was
 * just begun.
 */
export async function stored(bundle, households) {
  const index = households.map(summary).sort((one, other) => one.address.localeCompare(other.address, "zh-CN", { numeric: true }));
  const cells = [await vault.closed("bundle", bundle), await vault.closed("index", index)];
  for (const household of households) cells.push(await vault.closed(`h/${household.id}`, household));
  const open = bundle.visits?.open ?? [];
  for (const visit of open) cells.push(await vault.closed(`v/${visit.id}`, visit));
  for (const { id } of await vault.values("d/")) {
    const visit = open.some((each) => each.id === id) ? null : await vault.value(`v/${id}`);
    if (visit) cells.push(await vault.closed(`v/${id}`, visit));
  }
  for (const round of roundsOf(bundle.patrols?.routes ?? [], await vault.values("r/"))) cells.push(await vault.closed(`r/${round.route}`, round));
  const unsent = new Set((await vault.all("outbox")).map((each) => each.key));
  for (const line of await vault.values("w/")) if (unsent.has(line.key)) cells.push(await vault.closed(`w/${line.key}`, line));
  return [...["h/", "v/", "w/", "r/"].map((prefix) => ["cells", "delete", vault.under(prefix)]), ...cells.map((cell) => ["cells", "put", cell])];
}

/** A household without some people. */
export function without(household, people) {
  return { ...household, members: household.members.filter((member) => !people.includes(member.id)) };
}

/** The changes that put a household into the copy and the list; never with somebody who is to lie here no more. */
async function kept(changed) {
  const household = without(changed, (await vault.gone()).people);
  const at = app.index.findIndex((each) => each.id === household.id);
  if (at >= 0) app.index[at] = summary(household);
  return [
    ["cells", "put", await vault.closed(`h/${household.id}`, household)],
    ["cells", "put", await vault.closed("index", app.index)],
  ];
}

/**
 * Takes people out who asked that their entry only be kept, or whose entry was erased, since the grid was taken along: out
 * of their households, and what waits to be decided about them, which stands on the desk too. And announced visits of
 * households that moved away, unless something is filled in there.
 * @returns {Promise<boolean>} whether anybody or anything was
 */
export async function forget() {
  const { people, left } = await vault.gone();
  if (left.length === 0 || !await isHere()) return false;
  const changes = [["meta", "put", { name: "dropped", people }]];
  for (const household of await vault.values("h/")) {
    if (household.members.some((member) => left.includes(member.id))) changes.push(...await kept(household));
  }
  for (const { key, fields } of await vault.values("c/")) {
    if (fields.some(({ kind, id }) => kind !== "visit" && left.includes(id))) changes.push(["cells", "delete", `c/${key}`]);
  }
  for (const id of left) changes.push(...wiped(`edit-${id}`));
  const drafts = (await vault.values("d/")).map((each) => each.id);
  for (const { id, state } of await vault.values("v/")) {
    if (left.includes(id) && ["announced", "missed"].includes(state) && !drafts.includes(id)) changes.push(["cells", "delete", `v/${id}`]);
  }
  await vault.commit(changes);
  return true;
}

/** How the phone says what it saw of a field; the server compares with what stands there now. */
export function markOf(member, field) {
  const plain = { "person.name": "name", "person.sex": "sex", "person.born": "born", "person.phone": "phone" }[field];
  if (plain) return `=${member[plain]}`;
  if (field === "dwelling.occupancy") return `=${member.occupancy}`;
  return member.facts[field] === undefined ? member.sealed[field] ?? "=" : `=${member.facts[field]}`;
}

/** `138****1234`, as the server shows it. */
export const masked = (phone) => (phone.length >= 7 ? `${phone.slice(0, 3)}****${phone.slice(-4)}` : phone && "****");

/** Puts a value where the copy has it, as it will be seen when the server has it too. */
export function overlay(member, field, value) {
  const plain = { "person.name": "name", "person.sex": "sex", "person.born": "born" }[field];
  if (plain) member[plain] = value;
  else if (field === "person.phone") member.phone = masked(value.replace(/\D/g, ""));
  else if (field === "dwelling.occupancy") member.occupancy = value;
  else {
    delete member.sealed[field];
    if (value === "") delete member.facts[field];
    else member.facts[field] = value;
  }
}

/** Whether the copy is here and open; its lease may have ended while somebody was writing. */
export const isHere = async () => vault.isOpen() && Boolean(await vault.meta());

/** Parts whose words are kept beside the sealed work until it is taken: what is not taken can be read and corrected. */
const readable = ["households", "cases", "handover"];

/** What takes work away that is done anew. */
export const retired = (key) => [["outbox", "delete", key], ["cells", "delete", `w/${key}`]];

/**
 * Does a piece of work: `title` is shown while it waits, with what `line` says of it, `household` is the changed copy. Once
 * the copy is gone work that was begun before is sealed all the same, under the lease it was begun with, `held`.
 * @returns {Promise<string>} the work's name
 */
export async function add(part, body, { title = "", line = {}, household = null, photos = [], more = [], held = app.vault, isUrgent = false } = {}) {
  const made = await item(held, part, body, { photos, household: body.household ?? "", isUrgent });
  const changes = [["outbox", "put", made]];
  if (await isHere()) {
    changes.push(...more);
    if (household) changes.push(...await kept(household));
    const work = readable.includes(part) ? { work: { part, body } } : {};
    const shown = { key: made.key, title, at: made.at, photos: photos.length, state: "waiting", ...work, ...line };
    if (title) changes.push(["cells", "put", await vault.closed(`w/${made.key}`, shown)]);
  }
  await vault.commit(changes);
  navigator.storage?.persist?.();
  wakeWorker();
  return made.key;
}

async function wakeWorker() {
  try {
    await (await navigator.serviceWorker?.ready)?.sync?.register("grid");
  } catch {
    // refused by the browser: "online" and the next page opened do the same
  }
}

async function afterAnswer(each, answer) {
  const [line, changes] = [await vault.value(`w/${each.key}`), []];
  const put = async (id, value) => changes.push(["cells", "put", await vault.closed(id, value)]);
  if (answer.outcome === "taken") {
    if (line && answer.number) await put(`w/${each.key}`, { ...line, state: "sent", number: answer.number });
    else changes.push(["cells", "delete", `w/${each.key}`]);
  } else if (answer.outcome === "conflict") {
    const { fields } = answer;
    await put(`c/${each.key}`, { key: each.key, household: each.household, at: each.at, title: line?.title ?? "", photos: line?.photos ?? 0, work: line?.work ?? null, fields });
    changes.push(["cells", "delete", `w/${each.key}`]);
  } else {
    const title = line?.title ?? "";
    await put(`w/${each.key}`, { key: each.key, at: each.at, photos: 0, ...line, title, state: answer.outcome, zh: answer.zh, en: answer.en });
  }
  const isShown = answer.outcome === "conflict";
  changes.push(isShown ? ["outbox", "delete", each.key] : settled(each, answer.outcome, true));
  return changes;
}

/** What a reply changes on this phone. Households with work that still waits keep their copy; what was not taken waits no more. */
export async function receive(done, answers, households) {
  const changes = [];
  for (const each of done) changes.push(...await afterAnswer(each, answers.get(each.key)));
  const finished = new Set(done.map((each) => each.key));
  const waiting = new Set((await vault.all("outbox")).filter((each) => each.state !== "refused" && !finished.has(each.key)).map((each) => each.household));
  for (const household of households) if (!waiting.has(household.id)) changes.push(...await kept(household));
  return changes;
}

/** Decides whether somebody who was added is who stands there already, or somebody else: `mine` adds them all the same. */
export async function decideMember(conflict, mine) {
  const { household, key, work, title } = conflict;
  const body = mine ? { ...work?.body, kind: "member", household, settles: key, isOther: true } : { kind: "edit", household, settles: key, changes: [] };
  await add("households", body, { title: mine ? title : "", more: [["cells", "delete", `c/${key}`]] });
}

/** Decides a conflict: `mine` sends the phone's values again over what was seen to stand there. */
export async function decide(conflict, mine) {
  const household = await vault.value(`h/${conflict.household}`);
  const changes = mine ? conflict.fields.map(({ kind, id, field, mark, mine: value }) => ({ kind, id, field, before: mark, value })) : [];
  if (household) {
    for (const { kind, id, field, value } of changes) {
      const holder = kind === "person" ? household.members.find((member) => member.id === id) : household;
      if (holder) overlay(holder, field, value);
    }
  }
  const body = { kind: "edit", household: conflict.household, settles: conflict.key, changes };
  await add("households", body, { household, title: mine ? conflict.title : "", more: [["cells", "delete", `c/${conflict.key}`]] });
}

