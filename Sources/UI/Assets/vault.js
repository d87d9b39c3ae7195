/**
 * What a grid worker's phone holds, encrypted: households, today's list, the grid. A random AES-GCM key opens it; that key
 * lies here only wrapped by one derived from the PIN (PBKDF2-SHA-256), and in memory while the page is open, where it
 * cannot be read out. The outbox lies beside it, sealed to the server's key (seal.js): it outlives the rest.
 */

import { committed, keeper } from "./database.js";

/** At least this many rounds; more where the phone does them within the time. */
export const leastRounds = 600_000;
const patience = 700; // milliseconds for one try
const mostTries = 10;

let key = null;
const database = keeper("linli-grid", { meta: "name", cells: "id", outbox: "key" });

/** One transaction, on disk when this resolves: `[store, "put" | "delete" | "clear", value]` each, all or none. */
export async function commit(changes) {
  if (changes.length === 0) return;
  const names = [...new Set(changes.map(([store]) => store))];
  const transaction = (await database()).transaction(names, "readwrite", { durability: "strict" });
  for (const [store, verb, value] of changes) transaction.objectStore(store)[verb](value);
  await committed(transaction);
}

async function read(store, verb, value) {
  const request = (await database()).transaction(store).objectStore(store)[verb](value);
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Everything of a store as it lies there. */
export const all = (store) => read(store, "getAll");
/** One thing of a store as it lies there. */
export const get = (store, id) => read(store, "get", id);
/** What is known without the PIN: whose it is, its lease, how often the PIN was wrong. Nothing of a household. */
export const meta = () => get("meta", "vault");
/** Whether it is open. */
export const isOpen = () => key !== null;

const bytes = (text) => new TextEncoder().encode(text);

async function pinKey(pin, salt, rounds) {
  const secret = await crypto.subtle.importKey("raw", bytes(pin), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds };
  return crypto.subtle.deriveKey(how, secret, { name: "AES-GCM", length: 256 }, false, ["wrapKey", "unwrapKey"]);
}

/** How many rounds this phone does within the time, never fewer than the least. */
export function affordable(rounds, milliseconds) {
  return Math.min(5_000_000, Math.max(leastRounds, Math.round((rounds * patience) / Math.max(1, milliseconds) / 1000) * 1000));
}

const wrapping = (iv) => ({ name: "AES-GCM", iv, additionalData: bytes("linli vault 1") });
const random = (count) => crypto.getRandomValues(new Uint8Array(count));

/** Makes a store for a lease and opens it; `outbox` stays as it is. */
export async function create(pin, lease, user) {
  await release(); // a page that was closed while it destroyed the one before
  const began = performance.now();
  await pinKey(pin, random(16), 100_000);
  const rounds = affordable(100_000, performance.now() - began);
  const [salt, iv] = [random(16), random(12)];
  const fresh = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt", "decrypt"]);
  const lock = await pinKey(pin, salt, rounds);
  const wrapped = await crypto.subtle.wrapKey("raw", fresh, lock, wrapping(iv));
  key = await crypto.subtle.unwrapKey("raw", wrapped, lock, wrapping(iv), "AES-GCM", false, ["encrypt", "decrypt"]);
  await commit([
    ["cells", "clear"],
    ["meta", "clear"],
    ["meta", "put", { name: "vault", salt, iv, rounds, wrapped, tries: 0, notBefore: 0, user, lease }],
  ]);
  localStorage.setItem("linli.grid", user);
}

/** The same store under a newer lease; what comes with it is without who was to be taken out. */
export async function renew(lease) {
  await commit([["meta", "put", { ...(await meta()), lease }], ["meta", "delete", "gone"], ["meta", "delete", "dropped"]]);
}

/** Who is to lie here no more, by identifiers: all of them, and those who still do. Known without the PIN. */
export async function gone() {
  const [told, dropped] = [await get("meta", "gone"), await get("meta", "dropped")];
  const people = told?.people ?? [];
  return { people, left: people.filter((id) => !dropped?.people.includes(id)) };
}

/** Notes who is to lie here no more; whoever opens the store takes them out before anything is shown (phone-work.js). */
export async function tellGone(people) {
  const known = (await gone()).people;
  const news = people.filter((id) => !known.includes(id));
  if (news.length > 0) await commit([["meta", "put", { name: "gone", people: [...known, ...news] }]]);
}

/** How long to wait after so many wrong PINs, in seconds. */
export function waitAfter(tries) {
  return tries < 3 ? 0 : Math.min(3600, 30 * 2 ** (tries - 3));
}

/**
 * Opens the store. A try is counted before it is made; after ten wrong ones the store is destroyed.
 * @returns {Promise<{result: "open" | "wrong" | "wait" | "gone", seconds?: number, left?: number}>}
 */
export async function unlock(pin) {
  const vault = await meta();
  if (!vault) return { result: "gone" };
  const early = vault.notBefore - Date.now();
  if (early > 0) return { result: "wait", seconds: Math.ceil(early / 1000) };
  const tries = vault.tries + 1;
  await commit([["meta", "put", { ...vault, tries, notBefore: Date.now() + waitAfter(tries) * 1000 }]]);
  try {
    const lock = await pinKey(pin, vault.salt, vault.rounds);
    const usages = ["encrypt", "decrypt"];
    key = await crypto.subtle.unwrapKey("raw", vault.wrapped, lock, wrapping(vault.iv), "AES-GCM", false, usages);
  } catch {
    if (tries < mostTries) return { result: "wrong", left: mostTries - tries, seconds: waitAfter(tries) };
    await destroy();
    return { result: "gone" };
  }
  await commit([["meta", "put", { ...vault, tries: 0, notBefore: 0 }]]);
  return { result: "open" };
}

/** Forgets the key; what lies here stays encrypted. */
export function lock() {
  key = null;
}

/** Takes everything away but the sealed outbox, from where what is half filled in goes now too: nothing else has it. */
export async function destroy() {
  key = null;
  globalThis.localStorage?.removeItem("linli.grid");
  await commit([["cells", "clear"], ["meta", "clear"]]);
  await release();
}

/** The name in the outbox of what is half filled in. */
export const draftName = (id) => `draft/${id}`;
/** By its name alone: a worker of an earlier version, which knows no drafts, may have tried to send it and noted what came of that. */
export const isDraft = ({ key: name }) => name.startsWith(draftName(""));

async function release() {
  const drafts = (await all("outbox")).filter(isDraft);
  await commit(drafts.flatMap((each) => [["outbox", "delete", each.key], ["outbox", "put", { ...each, key: each.name, state: "waiting" }]]));
}

/** Bytes, such as a picture, as a cell to put: encrypted, and bound to its name. */
export async function closedBytes(id, data) {
  const iv = random(12);
  return { id, iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: bytes(id) }, key, data) };
}

/** A value as a cell to put. */
export const closed = (id, value) => closedBytes(id, bytes(JSON.stringify(value)));

const opened = ({ id, iv, data }) => crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: bytes(id) }, key, data);
const opening = async (cell) => JSON.parse(new TextDecoder().decode(await opened(cell)));

/** The value of a cell, or null. */
export async function value(id) {
  const cell = await get("cells", id);
  return cell ? opening(cell) : null;
}

/** The bytes of a cell, or null. */
export async function valueBytes(id) {
  const cell = await get("cells", id);
  return cell ? opened(cell) : null;
}

/** All names that begin so, for reading and deleting. */
export const under = (prefix) => IDBKeyRange.bound(prefix, `${prefix}\uffff`);

/** Every value whose name begins so. */
export async function values(prefix) {
  return Promise.all((await read("cells", "getAll", under(prefix))).map(opening));
}
