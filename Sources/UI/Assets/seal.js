/**
 * Sealing what was done without a network, so that only the server can open it: a key pair made for this one entry
 * agrees with the lease's public key (ECDH P-256), HKDF-SHA-256 makes of it the key of AES-256-GCM. Sealed it may lie on
 * the phone for as long as it must.
 *
 * Out comes: the entry's public key (65 bytes) · nonce (12) · ciphertext with tag.
 */

const curve = { name: "ECDH", namedCurve: "P-256" };
const text = (words) => new TextEncoder().encode(words);

function unhex(digits) {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** The words and photos as one run of bytes: length of the words, the words as JSON, the photos one after another. */
export function pack(words, photos) {
  const head = text(JSON.stringify({ ...words, photos: photos.map((photo) => photo.byteLength) }));
  const packed = new Uint8Array(4 + head.length + photos.reduce((sum, photo) => sum + photo.byteLength, 0));
  new DataView(packed.buffer).setUint32(0, head.length);
  packed.set(head, 4);
  let at = 4 + head.length;
  for (const photo of photos) {
    packed.set(new Uint8Array(photo), at);
    at += photo.byteLength;
  }
  return packed;
}

/**
 * @param {{id: string, key: string}} lease its id and public key in hexadecimal
 * @param {string} name the entry's name, which the seal is bound to
 * @param {Uint8Array} packed
 * @returns {Promise<Uint8Array>}
 */
export async function seal(lease, name, packed) {
  const mine = unhex(lease.key);
  const theirs = await crypto.subtle.importKey("raw", mine, curve, false, []);
  const once = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
  const open = new Uint8Array(await crypto.subtle.exportKey("raw", once.publicKey));
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, once.privateKey, 256);
  const material = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const info = text(`linli offline 1 ${lease.id} ${name}`);
  const salt = new Uint8Array([...open, ...mine]);
  const how = { name: "HKDF", hash: "SHA-256", salt, info };
  const key = await crypto.subtle.deriveKey(how, material, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const closed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: info }, key, packed));
  const sealed = new Uint8Array(open.length + iv.length + closed.length);
  sealed.set(open);
  sealed.set(iv, open.length);
  sealed.set(closed, open.length + iv.length);
  return sealed;
}
