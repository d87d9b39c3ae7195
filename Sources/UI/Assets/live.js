/**
 * Pages that stay true. One EventSource per browser: the tab that holds the Web Lock listens to `/live?topics=…` for
 * all tabs and passes events on by BroadcastChannel. An event says only that a topic changed; each element
 * `[data-live="case/ID"][data-live-src="/cases/ID/fragment"]` then fetches its own fragment, so access and language are
 * decided when it is read. Several topics are separated by spaces. `<html data-live-seq="N">` is the sequence the page
 * was rendered at, sent as `after` so that nothing between rendering and listening is missed.
 *
 * Events: `change` {"topic","id","version"} · `resync` fetch everything again · `bye` the session is over, stay away.
 * A stream that ends without `bye` is opened again: by the browser, and after a 502 of a proxy by us, later each time.
 * `data-live-every="60"` also fetches on that many seconds (clocks that count down). Offline nothing is shown or said.
 */
import { debounce, element, icon, say, toast } from "./kit.js";

const name = "linli-live";
const tabID = Math.random().toString(36).slice(2);
const wanted = new Map(); // the leader's book: tab → topics
let channel = null, source = null, connectedTo = "", release = null, over = false, last = 0, wait = 5000;

/** The topics of a page's live elements, sorted and without repetition. */
export function topicsOf(lists) {
  return [...new Set(lists.flatMap((list) => list.split(/\s+/)).filter(Boolean))].sort();
}

/** The stream's address. */
export function streamURL(topics, after) {
  const query = `topics=${topics.map(encodeURIComponent).join(",")}`;
  return `/live?${query}&after=${after}`;
}

const liveElements = () => [...document.querySelectorAll("[data-live]")];
const mine = () => topicsOf(liveElements().map((node) => node.dataset.live));

function announce() {
  wanted.set(tabID, mine());
  channel?.postMessage({ kind: "want", tab: tabID, topics: mine() });
  if (release) connect();
}

function lead() {
  wanted.set(tabID, mine());
  channel?.postMessage({ kind: "hello" });
  connect();
}

const connect = debounce(() => {
  const topics = topicsOf([...wanted.values()].flat());
  if (over || topics.join(",") === connectedTo) return;
  source?.close();
  connectedTo = topics.join(",");
  if (topics.length === 0) return;
  source = new EventSource(streamURL(topics, last), { withCredentials: true });
  for (const kind of ["change", "resync", "bye"]) source.addEventListener(kind, (event) => pass(kind, event));
  source.addEventListener("open", () => wait = 5000);
  source.addEventListener("error", again);
}, 120);

function again({ target }) {
  if (target !== source || over || target.readyState !== EventSource.CLOSED) return;
  setTimeout(() => {
    if (target !== source || !release) return;
    connectedTo = "";
    connect();
  }, wait);
  wait = Math.min(wait * 2, 300_000);
}

function pass(kind, event) {
  last = Math.max(last, Number(event.lastEventId) || 0);
  const data = event.data ? JSON.parse(event.data) : {};
  channel?.postMessage({ kind: "event", event: kind, data, last });
  react(kind, data);
}

function react(kind, data) {
  if (kind === "bye") {
    over = true;
    source?.close();
    // Another tab may have a new session.
    release?.();
    release = null;
    return;
  }
  for (const node of liveElements()) {
    if (kind === "resync" || node.dataset.live.split(/\s+/).includes(data.topic)) soon(node);
  }
}

const pending = new Map();

/** Several events of one moment are one request. */
function soon(node) {
  if (!pending.has(node)) pending.set(node, setTimeout(() => pending.delete(node) && refresh(node), 150));
}

/** Fetches an element's fragment and puts it in place; failures are silent, the next event tries again. */
export async function refresh(node) {
  if (!navigator.onLine || !node.isConnected || !node.dataset.liveSrc) return;
  try {
    const options = { credentials: "same-origin", headers: { Accept: "text/html" } };
    const response = await fetch(node.dataset.liveSrc, options);
    if (!response.ok || response.redirected) return;
    const html = await response.text();
    if (!patch(node, html)) offer(node, html);
  } catch {
    // no network
  }
}

function busy(form) {
  if (form.contains(document.activeElement) && document.activeElement.matches("input, select, textarea")) return true;
  return [...form.elements].some((control) => {
    if (control.type === "hidden" || !control.name) return false;
    if (control.type === "file") return control.files.length > 0;
    if (control.type === "checkbox" || control.type === "radio") return control.checked !== control.defaultChecked;
    if (control.options) return control.selectedIndex > 0 && !control.options[control.selectedIndex].defaultSelected;
    return "defaultValue" in control && control.value !== control.defaultValue;
  });
}

const formKey = (form) => `${form.getAttribute("action")} ${form.id}`;
const boxKey = (box) => box.id || box.querySelector("summary")?.textContent.trim();

/**
 * Replaces an element's content. A form being filled in is kept as the very same node (only its hidden fields, such as
 * a version, are renewed); open boxes stay open; the focus stays where it was. Returns false, and changes nothing, if a
 * form being filled in has no place in the new content.
 */
export function patch(node, html) {
  const next = document.createElement("template");
  next.innerHTML = html;
  const kept = [...node.querySelectorAll("form")].filter(busy);
  const fresh = [...next.content.querySelectorAll("form")];
  const places = kept.map((form) => fresh.find((other) => formKey(other) === formKey(form)));
  if (places.includes(undefined)) return false;
  const active = node.contains(document.activeElement) ? document.activeElement : null;
  const hasCaret = /^(text|search|tel|url|textarea)$/.test(active?.type);
  const caret = hasCaret ? [active.selectionStart, active.selectionEnd] : null;
  const same = active && !kept.some((form) => form.contains(active)) ? twin(active, next.content) : active;
  const said = node.querySelector("[data-announce]")?.textContent.trim();
  const boxes = new Map([...node.querySelectorAll("details")].map((box) => [boxKey(box), box.open]));
  for (const box of next.content.querySelectorAll("details")) box.open = boxes.get(boxKey(box)) ?? box.open;
  kept.forEach((form, index) => {
    for (const hidden of places[index].querySelectorAll('input[type="hidden"]')) {
      const old = form.querySelector(`input[type="hidden"][name="${CSS.escape(hidden.name)}"]`);
      if (old) old.value = hidden.value;
    }
    places[index].replaceWith(form);
  });
  node.replaceChildren(next.content);
  if (same) {
    same.focus({ preventScroll: true });
    if (caret) same.setSelectionRange(...caret);
  }
  const now = node.querySelector("[data-announce]")?.textContent.trim();
  if (now && said && now !== said) toast(now);
  node.dispatchEvent(new CustomEvent("linli:patched", { bubbles: true }));
  return true;
}

/** The element of the new content that is the old one's counterpart. */
function twin(active, content) {
  if (active.id) return content.querySelector(`#${CSS.escape(active.id)}`);
  const print = (node) => [node.textContent.trim(), node.getAttribute("href"), node.getAttribute("name")].join("\n");
  return [...content.querySelectorAll(active.tagName)].find((other) => print(other) === print(active)) ?? null;
}

function offer(node, html) {
  node.querySelector(":scope > [data-live-offer]")?.remove();
  const show = element("button", { class: "btn sm", type: "button", click: () => {
    node.innerHTML = html;
    node.dispatchEvent(new CustomEvent("linli:patched", { bubbles: true }));
  } }, say("看最新的", "Show it"));
  const words = say("这件事刚有变化。您写的还没提交，先抄下来再刷新。", "This has just changed. Copy what you typed, then refresh.");
  node.prepend(element("div", { class: "alert warn", role: "status", "data-live-offer": true }, icon("refresh"),
    element("p", { class: "bd" }, words), show));
}

function hear({ data: message }) {
  if (message.kind === "want") {
    wanted.set(message.tab, message.topics);
    if (release) connect();
  } else if (message.kind === "gone") wanted.delete(message.tab);
  else if (message.kind === "hello") channel.postMessage({ kind: "want", tab: tabID, topics: mine() });
  else if (message.kind === "event") {
    last = Math.max(last, message.last);
    react(message.event, message.data);
  }
}

function compete() {
  if (!navigator.locks || typeof BroadcastChannel !== "function") {
    release = () => {};
    return lead();
  }
  channel = new BroadcastChannel(name);
  channel.onmessage = hear;
  announce();
  navigator.locks.request(name, () => over ? null : new Promise((resolve) => {
    release = resolve;
    lead();
  }));
}

function leave() {
  channel?.postMessage({ kind: "gone", tab: tabID });
  channel?.close();
  source?.close();
  release?.();
  channel = source = release = null;
  connectedTo = "";
}

/** Starts live updates on this page. */
export function start() {
  last = Number(document.documentElement.dataset.liveSeq) || 0;
  compete();
  document.addEventListener("linli:content", announce);
  addEventListener("pagehide", leave);
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    over = false;
    compete();
    liveElements().forEach(soon);
  });
  const started = Date.now();
  setInterval(() => {
    if (document.visibilityState !== "visible") return;
    for (const node of document.querySelectorAll("[data-live-every]")) {
      const due = Number(node.dataset.liveNext) || started + node.dataset.liveEvery * 1000;
      if (Date.now() < due) continue;
      node.dataset.liveNext = String(Date.now() + node.dataset.liveEvery * 1000);
      soon(node);
    }
  }, 5000);
}
