// What a page needs of a browser to keep work: IndexedDB in memory that can be full, a document that says nothing.
const later = (action) => setTimeout(action, 0);

class Range {
  constructor(low, high) {
    Object.assign(this, { low, high });
  }
  holds(key) {
    return key >= this.low && key <= this.high;
  }
}

/**
 * Puts the stubs in place; `isFull` makes every write that puts something fail, as a full phone does, or what puts something into
 * the one store it names. `made` holds the elements that were made, each with what listens to it.
 */
export function shelf() {
  const databases = new Map(), state = { isFull: false, made: [] };
  function store(name, rows, keyPath, changes) {
    const request = (result) => {
      const made = { result };
      later(() => made.onsuccess?.());
      return made;
    };
    const wanted = (range) => [...rows].filter(([key]) => !range || range.holds(key)).sort(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => structuredClone(row));
    return {
      get: (key) => request(structuredClone(rows.get(key))),
      getAll: (range) => request(wanted(range)),
      put: (row) => changes.push({ put: name, act: () => rows.set(row[keyPath], structuredClone(row)) }),
      delete: (key) => changes.push({ act: () => [...rows.keys()].filter((each) => (key instanceof Range ? key.holds(each) : each === key)).forEach((each) => rows.delete(each)) }),
      clear: () => changes.push({ act: () => rows.clear() }),
    };
  }
  globalThis.IDBKeyRange = { bound: (low, high) => new Range(low, high) };
  globalThis.indexedDB = {
    open(name) {
      const request = {};
      const stores = databases.get(name) ?? new Map();
      databases.set(name, stores);
      request.result = {
        createObjectStore: (each, { keyPath }) => stores.set(each, { rows: new Map(), keyPath }),
        transaction() {
          const changes = [], made = { error: new DOMException("full", "QuotaExceededError") };
          made.objectStore = (each) => store(each, stores.get(each).rows, stores.get(each).keyPath, changes);
          later(() => {
            if (state.isFull && changes.some(({ put }) => put && [true, put].includes(state.isFull))) return made.onabort?.();
            for (const { act } of changes) act();
            made.oncomplete?.();
          });
          return made;
        },
      };
      later(() => {
        if (stores.size === 0) request.onupgradeneeded?.();
        request.onsuccess?.();
      });
      return request;
    },
  };
  const node = () => {
    const one = { children: [], attributes: {}, listeners: {}, dataset: {}, append(...more) { one.children.push(...more); }, replaceChildren() {}, remove() {}, focus() {}, after() {} };
    one.setAttribute = (name, value) => { one.attributes[name] = value; };
    one.addEventListener = (name, act) => { one.listeners[name] = act; };
    return one;
  };
  const createElement = () => {
    state.made.push(node());
    return state.made.at(-1);
  };
  globalThis.document = { documentElement: { lang: "zh", dataset: {} }, visibilityState: "visible", querySelector: node, createElement, createElementNS: node, addEventListener() {}, removeEventListener() {} };
  globalThis.scrollTo ??= () => {};
  globalThis.addEventListener ??= () => {};
  // What only gives up waiting, or takes a word off the screen, keeps no test.
  const wait = globalThis.setTimeout;
  globalThis.setTimeout = (act, milliseconds, ...more) => {
    const timer = wait(act, milliseconds, ...more);
    if (milliseconds > 1000) timer.unref();
    return timer;
  };
  globalThis.navigator ??= { onLine: true };
  globalThis.localStorage = { setItem() {}, removeItem() {}, getItem: () => null };
  return state;
}

const curve = { name: "ECDH", namedCurve: "P-256" };

/** The server's side of a lease: its public half, and opening what was sealed to it. */
export async function lease(id = "lease") {
  const pair = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
  const key = Buffer.from(await crypto.subtle.exportKey("raw", pair.publicKey));
  async function open(sealed, name) {
    const theirs = await crypto.subtle.importKey("raw", sealed.slice(0, 65), curve, false, []);
    const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, pair.privateKey, 256);
    const material = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
    const info = new TextEncoder().encode(`linli offline 1 ${id} ${name}`);
    const how = { name: "HKDF", hash: "SHA-256", salt: Buffer.concat([sealed.slice(0, 65), key]), info };
    const aes = await crypto.subtle.deriveKey(how, material, { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
    const plain = new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.slice(65, 77), additionalData: info }, aes, sealed.slice(77)));
    const length = new DataView(plain.buffer).getUint32(0);
    return JSON.parse(new TextDecoder().decode(plain.slice(4, 4 + length)));
  }
  return { lease: { id, key: key.toString("hex"), grid: "一格" }, open };
}
