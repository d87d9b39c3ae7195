/**
 * Work done without a network on its way to the server; used by the phone's pages and by the service worker, which sends
 * what is sealed without being able to read it.
 *
 * An item is taken off this phone only when the server has said what came of it. The same item sent twice is done once.
 */
import { all, commit, destroy, draftName, isDraft, isOpen, meta, tellGone } from "./vault.js";
import { pack, seal } from "./seal.js";

/** @typedef {{key: string, seq: number, at: number, until: number, isUrgent: boolean, lease: string, user: string,
 *    household: string, sealed: Uint8Array, state: "draft" | "waiting" | "ask" | "kept" | "refused"}} Item */

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
export async function item(vault, part, body, { photos = [], household = "", isUrgent = false } = {}) {
  const key = crypto.randomUUID();
  const now = Date.now();
  const sealed = await seal(vault.lease, key, pack({ part, at: now, body }, photos));
  const seq = sequence(now);
  const { id: lease, late = 0 } = vault.lease;
  return { key, seq, at: now, until: late, isUrgent, lease, user: vault.user, household, sealed, state: "waiting" };
}

/**
 * The item of something half filled in, `draft/ID`: it never goes while the copy is here, and becomes work that waits when the
 * copy is destroyed (vault.js). A person completes it on the desk.
 */
export async function unfinished(vault, id, { part, body }, photos) {
  const made = await item(vault, part, { ...body, unfinished: true }, { photos });
  return { ...made, key: draftName(id), name: made.key, state: "draft" };
}

/** What of the outbox still goes by itself: no draft, and not what was answered and is for a person now. */
export const isWaiting = (each) => !isDraft(each) && (each.state === "waiting" || each.state === "ask");

/** What is urgent before all else, the rest in the order it was done. */
export const inOrder = (one, other) => Number(Boolean(other.isUrgent)) - Number(Boolean(one.isUrgent)) || one.seq - other.seq;

/** A signal that gives a request up: a network that is there and does not answer is none. */
export function within(milliseconds) {
  const giveUp = new AbortController();
  setTimeout(() => giveUp.abort(), milliseconds);
  return giveUp.signal;
}

/** The next few of one lease, small enough for a weak network; what is urgent does not wait for the rest. */
export function nextBatch(items) {
  const batch = [];
  let size = 0;
  for (const each of items) {
    const isFull = batch.length >= most.items || size + each.sealed.byteLength > most.bytes;
    if (batch.length > 0 && (isFull || each.lease !== batch[0].lease || Boolean(each.isUrgent) !== Boolean(batch[0].isUrgent))) break;
    batch.push(each);
    size += each.sealed.byteLength;
  }
  return batch;
}

/**
 * What an answer does to its item; `isCarried` while nobody has the store open that lies here: why something was not taken may
 * name somebody and is not told then. So it is asked for again, and the answer, without words, kept until it is.
 */
export function settled(each, outcome, isCarried) {
  if (outcome === "taken") return ["outbox", "delete", each.key];
  if (outcome === "refused" && isCarried) return ["outbox", "put", { ...each, state: "ask", answer: outcome }];
  if (outcome === "kept" || outcome === "refused") return ["outbox", "put", { ...each, state: outcome }];
  // Both values of a conflict also stand on the desk: without a store here there is nothing to show them beside.
  return isCarried ? ["outbox", "put", { ...each, state: "ask" }] : ["outbox", "delete", each.key];
}

/** Takes away what was decided on the desk: it is not to be decided here once more. */
async function reconcile(decided) {
  const keys = new Set(decided);
  if (keys.size === 0) return;
  const gone = (await all("outbox")).filter(({ key }) => keys.has(key)).map(({ key }) => ["outbox", "delete", key]);
  const cells = decided.flatMap((key) => [["cells", "delete", `c/${key}`], ["cells", "delete", `w/${key}`]]);
  await commit([...gone, ...cells]);
}

/**
 * The first thing with a network: may this phone keep what it holds? A clear "no" destroys it at once; who is to lie here
 * no more, of what may stay, is noted, and what was decided on the desk taken away.
 * @param {number} patience milliseconds after which a network that does not answer is none
 * @returns {Promise<object | null>} how it stands, or null without a network
 */
export async function contact(patience = 10_000) {
  const vault = await meta();
  let state = null;
  try {
    const query = new URLSearchParams({ lease: vault?.lease.id ?? "" });
    const options = { credentials: "same-origin", headers: { Accept: "application/json" }, cache: "no-store", signal: within(patience) };
    const response = await fetch(`/grid/phone/state?${query}`, options);
    // Anything but our own answer (a hotel's sign-in page, a gateway's error) says nothing.
    const isOurs = response.ok && (response.headers.get("Content-Type") ?? "").startsWith("application/json");
    if (isOurs) state = await response.json();
  } catch {
    return null;
  }
  if (typeof state?.alive !== "boolean") return null;
  await reconcile(state.decided ?? []);
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
  // As long as a very weak network takes for it, 8 KB a second, and not for ever.
  const signal = within(60_000 + batch.reduce((sum, each) => sum + each.sealed.byteLength, 0) / 8);
  const response = await fetch("/grid/phone/sync", { method: "POST", body, headers, credentials: "same-origin", signal });
  const isOurs = (response.headers.get("Content-Type") ?? "").startsWith("application/json");
  if (response.ok && isOurs) return { reply: await response.json() };
  return { problem: [401, 403].includes(response.status) ? "signin" : "later" };
}

/** `receive` makes of a reply what is put on this phone (phone-answers.js); without it items are settled as `settled` says. */
async function sendAll(receive, before) {
  if (before && isOpen()) await before().catch((error) => console.warn("unsent.js", error));
  const state = await contact();
  if (!state) return { problem: "network", sent: 0 };
  const items = (await all("outbox")).filter((each) => !isDraft(each) && each.state !== "refused" && (isOpen() || each.state !== "ask"));
  items.sort(inOrder);
  if (items.length === 0) return { sent: 0 };
  if (state.user === "") return { problem: "signin", sent: 0 };
  let left = items.filter((each) => each.user === state.user);
  // Somebody else's work waits for them, and for nobody here.
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

/** Sends everything that waits, in its order, after `before`; pages and the worker never at the same time. */
export async function flush(receive = null, before = null) {
  try {
    return navigator.locks
      ? await navigator.locks.request("linli-grid-outbox", () => sendAll(receive, before)) : await sendAll(receive, before);
  } catch {
    return { problem: "network", sent: 0 };
  }
}
