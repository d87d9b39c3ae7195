/**
 * Work done without a network on its way to the server; used by the phone's pages and by the service worker, which sends
 * what is sealed without being able to read it.
 *
 * An item is taken off this phone only when the server has said what came of it. The same item sent twice is done once.
 */
import { all, commit, destroy, isOpen, meta, tellGone } from "./vault.js";
import { pack, seal } from "./seal.js";

/** @typedef {{key: string, seq: number, lease: string, user: string, household: string, sealed: Uint8Array,
 *    state: "waiting" | "ask" | "kept" | "refused"}} Item */

const most = { items: 20, bytes: 3_000_000 };

/** How much one item may weigh, words and pictures: the server takes 20 MiB (`OfflineSync.limit`), less what a seal adds. */
export const largest = (20 << 20) - 65_536;
let last = 0;

/** Numbers that only grow, so that one household's work is done in its order. */
export function sequence(now) {
  last = Math.max(last + 1, now * 1000);
  return last;
}

/** The item for a piece of work, sealed; put it into `outbox` together with what it changes on the phone. */
export async function item(vault, part, body, { photos = [], household = "" } = {}) {
  const key = crypto.randomUUID();
  const now = Date.now();
  const sealed = await seal(vault.lease, key, pack({ part, at: now, body }, photos));
  const seq = sequence(now);
  return { key, seq, at: now, lease: vault.lease.id, user: vault.user, household, sealed, state: "waiting" };
}

/** The next few of one lease, small enough for a weak network. */
export function nextBatch(items) {
  const batch = [];
  let size = 0;
  for (const each of items) {
    const isFull = batch.length >= most.items || size + each.sealed.byteLength > most.bytes;
    if (batch.length > 0 && (isFull || each.lease !== batch[0].lease)) break;
    batch.push(each);
    size += each.sealed.byteLength;
  }
  return batch;
}

/** What an answer does to its item while nobody has the store open: what a person must see is asked for again later. */
export function settled(each, outcome, hasStore) {
  if (outcome === "taken") return ["outbox", "delete", each.key];
  if (outcome === "kept" || outcome === "refused") return ["outbox", "put", { ...each, state: outcome }];
  // Both values of a conflict also stand on the desk: without a store here there is nothing to show them beside.
  return hasStore ? ["outbox", "put", { ...each, state: "ask" }] : ["outbox", "delete", each.key];
}

/**
 * The first thing with a network: may this phone keep what it holds? A clear "no" destroys it at once; who is to lie here
 * no more, of what may stay, is noted.
 * @returns {Promise<object | null>} how it stands, or null without a network
 */
export async function contact() {
  const vault = await meta();
  let response;
  try {
    const query = new URLSearchParams({ lease: vault?.lease.id ?? "" });
    const options = { credentials: "same-origin", headers: { Accept: "application/json" }, cache: "no-store" };
    response = await fetch(`/grid/phone/state?${query}`, options);
  } catch {
    return null;
  }
  // Anything but our own answer (a hotel's sign-in page, a gateway's error) says nothing.
  const isOurs = response.ok && (response.headers.get("Content-Type") ?? "").startsWith("application/json");
  const state = isOurs ? await response.json() : null;
  if (typeof state?.alive !== "boolean") return null;
  if (vault && (await meta())?.lease.id === vault.lease.id) await (state.alive ? tellGone(state.gone ?? []) : destroy());
  return state;
}

async function post(batch, state) {
  const body = new FormData();
  body.append(state.field, state.token);
  body.append("lease", batch[0].lease);
  if (!isOpen()) body.append("brief", "yes");
  body.append("households", [...new Set(batch.map((each) => each.household).filter(Boolean))].join(","));
  for (const each of batch) body.append("entry", new Blob([each.sealed]), each.key);
  const headers = { Accept: "application/json" };
  const response = await fetch("/grid/phone/sync", { method: "POST", body, headers, credentials: "same-origin" });
  const isOurs = (response.headers.get("Content-Type") ?? "").startsWith("application/json");
  if (response.ok && isOurs) return { reply: await response.json() };
  return { problem: [401, 403].includes(response.status) ? "signin" : "later" };
}

/** `receive` makes of a reply what is put on this phone; without it items are settled as `settled` says. */
async function sendAll(receive) {
  const state = await contact();
  if (!state) return { problem: "network", sent: 0 };
  const items = (await all("outbox")).filter((each) => each.state !== "refused" && (isOpen() || each.state !== "ask"));
  items.sort((one, other) => one.seq - other.seq);
  if (items.length === 0) return { sent: 0 };
  if (state.user === "") return { problem: "signin", sent: 0 };
  let left = items.filter((each) => each.user === state.user);
  if (left.length === 0) return { problem: "person", sent: 0 };
  let sent = 0;
  while (left.length > 0) {
    const batch = nextBatch(left);
    const { reply, problem } = await post(batch, state);
    if (!reply) return { problem, sent };
    const hasStore = Boolean(await meta());
    const answers = new Map(reply.answers.map((answer) => [answer.key, answer]));
    const done = batch.filter((each) => answers.has(each.key));
    const changes = isOpen() && receive
      ? await receive(done, answers, reply.households)
      : done.map((each) => settled(each, answers.get(each.key).outcome, hasStore));
    await commit(changes);
    sent += done.filter((each) => answers.get(each.key).outcome === "taken").length;
    if (reply.stopped || done.length === 0) return { problem: reply.isTheirs ? "later" : "person", sent };
    left = left.filter((each) => !answers.has(each.key));
  }
  return { sent };
}

/** Sends everything that waits, in its order; pages and the worker never at the same time. */
export async function flush(receive = null) {
  try {
    return navigator.locks
      ? await navigator.locks.request("linli-grid-outbox", () => sendAll(receive)) : await sendAll(receive);
  } catch {
    return { problem: "network", sent: 0 };
  }
}
