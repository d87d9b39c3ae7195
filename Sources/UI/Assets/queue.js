/**
 * The offline outbox's rules, used by pages (outbox.js) and by the service worker (sw.js).
 *
 * What the server promises: a form posted with `Accept: application/json` and `Idempotency-Key` is answered 200 or 201
 * with JSON `{"url", "number"}` when the matter is stored, and again for the same key. Any other answer means "not
 * stored", so a redirect to the sign-in page can never be taken for success. `GET /outbox/token` answers
 * `{"field", "token", "user"}`: the name and value of the form's anti-forgery field and the opaque id of the account.
 */
import { all, put, remove } from "./store.js";

/** @typedef {{key: string, action: string, user: string, title: string, saved: number,
 *    state: "waiting" | "signin" | "refused", fields: [string, string | File][]}} Item */

/** What a form holds, as an item to store. Empty file inputs are left out. */
export function makeItem(action, entries, { key, user, title, now }) {
  const fields = [...entries].filter(([, value]) => typeof value === "string" || value.size > 0);
  return { key, action, user, title, saved: now, state: "waiting", fields };
}

/** The item as a request body, its anti-forgery field refreshed if a new token is known. */
export function toBody(item, token) {
  const body = new FormData();
  for (const [name, value] of item.fields) {
    if (token && name === token.field) continue;
    if (typeof value === "string") body.append(name, value);
    else body.append(name, value, value.name);
  }
  if (token) body.append(token.field, token.token);
  return body;
}

/**
 * What an answer means for the item.
 * @param {{ok: boolean, status: number, json: boolean}} answer
 * @returns {"sent" | "signin" | "retry" | "refused"}
 */
export function verdict({ ok, status, json }) {
  if (ok) return json ? "sent" : "signin";
  if (status === 401 || status === 403) return "signin";
  if (status === 408 || status === 409 || status === 425 || status === 429 || status >= 500) return "retry";
  return "refused";
}

/** Whether the account that is signed in may send the item; one person's words are never sent as another's. */
export function maySend(item, token) {
  return item.user === "" || (token !== null && token.user === item.user);
}

/**
 * Posts one item; `isAsked` says that its person is there to answer a question: then `page` is what the server asks.
 * A failing network throws, also one that fails while that page comes.
 */
export async function post(item, token, isAsked = false) {
  const body = toBody(item, token);
  if (isAsked) body.append("here", "yes");
  const response = await fetch(item.action, {
    method: "POST",
    body,
    headers: { Accept: "application/json", "Idempotency-Key": item.key },
    credentials: "same-origin",
  });
  const kind = response.headers.get("Content-Type") ?? "";
  const result = verdict({ ok: response.ok, status: response.status, json: kind.startsWith("application/json") });
  const isPage = isAsked && result === "refused" && kind.startsWith("text/html");
  return {
    result, reply: result === "sent" ? await response.json() : null, page: isPage ? await response.text() : null,
  };
}

async function currentToken() {
  const options = { credentials: "same-origin", headers: { Accept: "application/json" } };
  const response = await fetch("/outbox/token", options);
  const json = (response.headers.get("Content-Type") ?? "").startsWith("application/json");
  return response.ok && json ? response.json() : null;
}

async function sendAll() {
  const items = (await all("outbox")).filter((item) => item.state !== "refused");
  items.sort((a, b) => a.saved - b.saved);
  const sent = [];
  if (items.length === 0) return sent;
  const token = await currentToken();
  for (const item of items) {
    const { result, reply } = maySend(item, token) ? await post(item, token) : { result: "signin", reply: null };
    if (result === "sent") {
      await remove("outbox", item.key);
      sent.push({ key: item.key, title: item.title, ...reply });
    } else {
      await put("outbox", { ...item, state: result === "retry" ? "waiting" : result });
    }
  }
  return sent;
}

/**
 * Sends everything that waits, oldest first. Pages and the worker never send at the same time; if they cannot agree
 * (no Web Locks) the idempotency key keeps the second copy from becoming a second case.
 * @returns {Promise<{key: string, title: string, url: string, number: string}[]>} what was stored by the server
 */
export async function flush() {
  const sent = navigator.locks ? await navigator.locks.request("linli-outbox", sendAll) : await sendAll();
  changed();
  return sent;
}

/** How many items are on this device. */
export async function count() {
  return (await all("outbox")).length;
}

/** Tells every open page that the outbox is not what it was. */
export function changed() {
  if (typeof BroadcastChannel !== "function") return;
  const channel = new BroadcastChannel("linli-outbox");
  channel.postMessage("changed");
  channel.close();
}
