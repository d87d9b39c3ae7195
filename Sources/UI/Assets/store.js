/** The browser's own database, shared by pages and the service worker: what waits to be sent, and photos of drafts. */

let opened = null;

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("linli", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("outbox", { keyPath: "key" });
      request.result.createObjectStore("drafts", { keyPath: "key" });
    };
    request.onsuccess = () => {
      // Another version of the site may need to upgrade: never stand in its way.
      request.result.onversionchange = () => {
        request.result.close();
        opened = null;
      };
      resolve(request.result);
    };
    request.onerror = () => {
      opened = null;
      reject(request.error);
    };
  });
  return opened;
}

/** One transaction over one store; resolves with the request's result once it is committed, not before. */
async function run(name, mode, action) {
  const transaction = (await database()).transaction(name, mode);
  const request = action(transaction.objectStore(name));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error);
    transaction.onerror = () => reject(transaction.error);
  });
}

/** @param {"outbox" | "drafts"} name */
export const put = (name, value) => run(name, "readwrite", (store) => store.put(value));
/** @param {"outbox" | "drafts"} name */
export const get = (name, key) => run(name, "readonly", (store) => store.get(key));
/** @param {"outbox" | "drafts"} name */
export const all = (name) => run(name, "readonly", (store) => store.getAll());
/** @param {"outbox" | "drafts"} name */
export const remove = (name, key) => run(name, "readwrite", (store) => store.delete(key));
