/** Opening one of the browser's own databases, once for a page or the service worker, and again after it was closed. */

/**
 * @param {string} name
 * @param {Record<string, string>} stores each store with the property that names its values
 * @returns {() => Promise<IDBDatabase>}
 */
export function keeper(name, stores) {
  let opened = null;
  return () => {
    opened ??= new Promise((resolve, reject) => {
      const request = indexedDB.open(name, 1);
      request.onupgradeneeded = () => {
        for (const [store, keyPath] of Object.entries(stores)) request.result.createObjectStore(store, { keyPath });
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
  };
}

/** Resolves when a transaction is committed, not before. */
export function committed(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}
