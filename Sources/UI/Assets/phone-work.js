/**
 * What is done on the phone: each piece of work changes the encrypted copy and puts a sealed item into the outbox, both in
 * one transaction. What the server's answers change here is in phone-answers.js.
 */
import { app } from "./phone.js";
import { wiped } from "./phone-draft.js";
import { roundsOf } from "./phone-round.js";
import { item } from "./unsent.js";
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

/** The changes that put a household into the copy and into a list; never with somebody who is to lie here no more. */
export async function keptIn(index, changed) {
  const household = without(changed, (await vault.gone()).people);
  const at = index.findIndex((each) => each.id === household.id);
  if (at >= 0) index[at] = summary(household);
  return [
    ["cells", "put", await vault.closed(`h/${household.id}`, household)],
    ["cells", "put", await vault.closed("index", index)],
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
    if (household.members.some((member) => left.includes(member.id))) changes.push(...await keptIn(app.index, household));
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

/** A household as it is seen with some changes; the one that was given stays, for what cannot be kept is not changed. */
export function changed(household, changes) {
  const copy = structuredClone(household);
  if (changes.length > 0) copy.heard = Date.now();
  for (const { kind, id, field, value } of changes) {
    const holder = kind === "person" ? copy.members.find((member) => member.id === id) : copy;
    if (holder) overlay(holder, field, value);
  }
  return copy;
}

/** Whether the copy is here and open; its lease may have ended while somebody was writing. */
export const isHere = async () => vault.isOpen() && Boolean(await vault.meta());

/** Parts whose words are kept beside the sealed work until it is taken: what is not taken can be read and corrected. */
const readable = ["households", "cases", "handover"];

/** What takes work away that is done anew. */
export const retired = (key) => [["outbox", "delete", key], ["cells", "delete", `w/${key}`]];

/**
 * Does a piece of work: `title` is shown while it waits, with what `line` says of it, `household` is the changed copy. Once
 * the copy is gone work that was begun before is sealed all the same, under the lease it was begun with, `held`, and takes
 * the place of what went half filled in, or still lies here so: `draft`, what kept its form (phone-draft.js).
 * @returns {Promise<string>} the work's name
 */
export async function add(part, body, { title = "", line = {}, household = null, photos = [], more = [], held = app.vault, isUrgent = false, draft = null } = {}) {
  const isOpen = await isHere();
  const half = isOpen ? null : draft, sent = await half?.name() ?? "";
  const made = await item(held, part, sent ? { settles: sent, ...body } : body, { photos, household: body.household ?? "", isUrgent });
  const changes = [["outbox", "put", made]];
  // It may also have been written in the moment the copy ended: then it lies under its own name, and nothing sent it yet.
  if (half) changes.push(...[sent, vault.draftName(half.id)].filter(Boolean).map((name) => ["outbox", "delete", name]));
  const index = [...app.index];
  if (isOpen) {
    changes.push(...more);
    if (household) changes.push(...await keptIn(index, household));
    const work = readable.includes(part) ? { work: { part, body } } : {};
    const shown = { key: made.key, part, title, at: made.at, photos: photos.length, state: "waiting", ...work, ...line };
    if (title) changes.push(["cells", "put", await vault.closed(`w/${made.key}`, shown)]);
  }
  await vault.commit(changes);
  // Only now: a full phone keeps what it had.
  const listed = household && index.find((each) => each.id === household.id);
  if (listed) app.index = app.index.map((each) => (each.id === listed.id ? listed : each));
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
