/** The browser's own database, shared by pages and the service worker: what waits to be sent, and photos of drafts. */

import { committed, keeper } from "./database.js";

const database = keeper("linli", { outbox: "key", drafts: "key" });

/** One transaction over one store; resolves with the request's result once it is committed, not before. */
async function run(name, mode, action) {
  const transaction = (await database()).transaction(name, mode);
  const request = action(transaction.objectStore(name));
  await committed(transaction);
  return request.result;
}

/** @param {"outbox" | "drafts"} name */
export const put = (name, value) => run(name, "readwrite", (store) => store.put(value));
/** @param {"outbox" | "drafts"} name */
export const get = (name, key) => run(name, "readonly", (store) => store.get(key));
/** @param {"outbox" | "drafts"} name */
export const all = (name) => run(name, "readonly", (store) => store.getAll());
/** @param {"outbox" | "drafts"} name */
export const remove = (name, key) => run(name, "readwrite", (store) => store.delete(key));
