/**
 * The service worker, served at /sw.js as a module, with its version and list of files filled in. It keeps the shell
 * (styles, scripts, icons, /offline and /grid/phone) and nothing else: no page with a person in it is ever stored here.
 */
import { count, flush } from "/assets/queue.js";
import { flush as flushGrid } from "/assets/unsent.js";
import { all, isDraft, meta } from "/assets/vault.js";

const shell = "linli-__VERSION__";
const assets = __ASSETS__;

self.addEventListener("install", (event) => event.waitUntil((async () => {
  const cache = await caches.open(shell);
  await cache.addAll(assets.map((path) => new Request(path, { cache: "reload", credentials: "omit" })));
  // A new worker may read the outbox differently: while something waits, the old one stays in charge.
  if (await count() === 0 && (await all("outbox")).every(isDraft)) await self.skipWaiting();
})()));

self.addEventListener("activate", (event) => event.waitUntil((async () => {
  // The version before stays: a page of it may be open, and is still to fetch views.
  const others = (await caches.keys()).filter((name) => name.startsWith("linli-") && name !== shell);
  for (const name of others.slice(0, -1)) await caches.delete(name);
  await self.clients.claim();
})()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (address.pathname.startsWith("/assets/")) event.respondWith(asset(request, address.pathname));
});

/** What the network gives in time: one that is there and does not answer is none. */
function inTime(response, milliseconds) {
  return Promise.race([response, new Promise((_, fail) => setTimeout(() => fail(new Error("no answer")), milliseconds))]);
}

async function page(request) {
  const { pathname } = new URL(request.url);
  const response = fetch(request);
  try {
    // Only the phone's own page lies here as it would come; another one, such as an export, may take its time.
    return await (pathname === "/grid/phone" ? inTime(response, 4000) : response);
  } catch {
    // A grid worker without a network wants what lies on this phone, whatever page of theirs was asked for.
    const wantsGrid = pathname === "/grid/phone" || (pathname.startsWith("/grid") && await meta());
    // The code on a wall, read with the phone's own camera, leads to its point.
    const code = pathname.match(/^\/grid\/patrols\/at\/([0-9a-z-]+)$/)?.[1];
    if (wantsGrid && pathname !== "/grid/phone") return Response.redirect(code ? `/grid/phone#at/${code}` : "/grid/phone");
    const kept = await (await caches.open(shell)).match(wantsGrid ? "/grid/phone" : "/offline");
    return kept ?? response.catch(() => Response.error());
  }
}

/**
 * What lies here under this very address, else the network for as long as it takes. The address carries the version, so a page
 * never meets scripts of another one, however slow the network is.
 */
async function asset(request, path) {
  return await caches.match(path) ?? fetch(request);
}

self.addEventListener("sync", (event) => {
  if (event.tag === "outbox") event.waitUntil(flush());
  if (event.tag === "grid") event.waitUntil(sendGrid());
});

/** A page in sight sends by itself and shows what comes of it, with how the households stand now; without one it is done here. */
async function sendGrid() {
  const pages = await self.clients.matchAll({ type: "window" });
  const inSight = pages.find(({ url, visibilityState }) => visibilityState === "visible" && new URL(url).pathname === "/grid/phone");
  return inSight ? inSight.postMessage("send") : flushGrid();
}

self.addEventListener("message", (event) => {
  if (event.data === "take over") event.waitUntil(self.skipWaiting());
});
