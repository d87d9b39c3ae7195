/**
 * Reports that survive a basement. `form[data-outbox]` is posted as usual while the network holds; without it the
 * fields and photos are kept on this device, a receipt is shown at once, and they are sent when the network is back,
 * when a page opens, or by the service worker's Background Sync.
 *
 * `[data-outbox-count]` shows how many wait, `[data-outbox-strip]` is shown while any does, `[data-outbox-list]` lists
 * them, `[data-outbox-send]` sends now. `form[data-outbox-title="text"]` names the field that titles an item.
 */
import { ask, currentUser, element, icon, say, toast } from "./kit.js";
import { changed, count, flush, makeItem, post } from "./queue.js";
import { all, put, remove } from "./store.js";

const keys = new WeakMap();

/** One key per filling of a form, so that pressing twice or sending again cannot make two cases. */
function keyOf(form) {
  if (!keys.has(form)) keys.set(form, crypto.randomUUID());
  return keys.get(form);
}

function itemOf(form, submitter) {
  const entries = new FormData(form, submitter);
  const title = String(entries.get(form.dataset.outboxTitle ?? "text") ?? "").trim().slice(0, 40);
  return makeItem(form.action, entries.entries(), {
    key: keyOf(form), user: currentUser(), title: title || say("没有文字", "No text"), now: Date.now(),
  });
}

async function submit(event) {
  const form = event.target;
  if (event.defaultPrevented || !form.matches?.("form[data-outbox]")) return;
  // Joining what others told has an address or a name of its own and is answered at once: it goes as without a script.
  if (event.submitter?.matches("[formaction], [data-online]")) return;
  event.preventDefault();
  const item = itemOf(form, event.submitter);
  if (!navigator.onLine) return keep(form, item);
  try {
    const { result, reply, page } = await post(item, null, true);
    if (result === "sent") {
      form.dispatchEvent(new CustomEvent("linli:sent", { bubbles: true }));
      location.assign(reply.url);
    } else if (result === "retry") {
      await keep(form, item);
    } else if (!page || !showAnswer(form, page)) {
      // The server wants something from the person: its ordinary page says what. Nothing was stored under the key.
      form.submit();
    }
  } catch {
    await keep(form, item); // the network failed on the way
  }
}

/**
 * Shows the page with which the server asks again, in place of this one: the photos that were sent are kept in it, and
 * sent a second time they might not arrive. Its form is another filling, with a key of its own.
 * @returns {boolean} whether it is that: the same form again
 */
export function showAnswer(form, html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const [main, old] = [page.querySelector("main"), form.closest("main")];
  if (!form.id || !old || !main?.querySelector(`form[data-outbox][id="${CSS.escape(form.id)}"]`)) return false;
  keys.delete(form);
  document.title = page.title;
  old.replaceWith(main);
  document.dispatchEvent(new CustomEvent("linli:main"));
  return true;
}

async function keep(form, item) {
  try {
    await put("outbox", item);
  } catch {
    form.dispatchEvent(new CustomEvent("linli:idle", { bubbles: true }));
    toast(say("手机存储已满，没能存下。请先删些东西，或改用电话。", "This device is full: nothing was kept."), "bad");
    return;
  }
  keys.delete(form);
  form.dispatchEvent(new CustomEvent("linli:sent", { bubbles: true }));
  navigator.storage?.persist?.();
  wakeWorker();
  changed();
  showReceipt(form, item);
  await show();
}

/** Asks for Background Sync; iOS and private windows have none, there the page itself sends. */
async function wakeWorker() {
  try {
    const worker = await navigator.serviceWorker?.ready;
    await worker?.sync?.register("outbox");
  } catch {
    // refused by the browser: "online" and the next page opened do the same
  }
}

function showReceipt(form, item) {
  const heading = element("h2", { tabindex: "-1" }, say("已存在这台手机里", "Kept on this device"));
  const again = element("button", { class: "btn weak", type: "button", click: () => {
    card.remove();
    form.reset();
    form.hidden = false;
    form.dispatchEvent(new CustomEvent("linli:idle", { bubbles: true }));
    form.querySelector("input, select, textarea")?.focus();
  } }, say("再报一件", "Report another"));
  const card = element("section", { class: "card receipt stack" }, icon("offline"), heading,
    element("p", {}, say("现在没有网络，一有信号就自动上报，不用再填。", "It is sent by itself as soon as there is a network.")),
    element("p", { class: "no" }, say("本机编号 ", "Local number "), item.key.slice(0, 8).toUpperCase()), again);
  form.hidden = true;
  form.after(card);
  heading.focus();
}

const words = {
  waiting: () => say("等网络", "Waiting for a network"),
  signin: () => say("请先用原来的账号登录", "Sign in with the same account first"),
  refused: () => say("没被收下，请打开重填", "Not accepted, please fill it in again"),
};

function row(item) {
  const { lang } = document.documentElement;
  const photos = item.fields.filter(([, value]) => typeof value !== "string").length;
  const when = new Date(item.saved).toLocaleString(lang, { dateStyle: "short", timeStyle: "short" });
  const drop = element("button", { class: "btn ghost sm", type: "button", click: async () => {
    const question = say(`删掉“${item.title}”？还没有上报。`, `Delete “${item.title}”? It was not sent.`);
    if (!await ask(question, say("删掉", "Delete"), true)) return;
    await remove("outbox", item.key);
    changed();
    show();
  } }, say("删掉", "Delete"));
  const parts = [when, photos > 0 ? say(`${photos} 张照片`, `${photos} photos`) : "", words[item.state]()];
  return element("li", { class: "cell" },
    element("span", { class: "bd" }, element("span", { class: "ttl" }, item.title),
      element("span", { class: "sub" }, parts.filter(Boolean).join(" · "))),
    drop);
}

async function show() {
  const items = await all("outbox");
  for (const node of document.querySelectorAll("[data-outbox-count]")) node.textContent = String(items.length);
  for (const node of document.querySelectorAll("[data-outbox-strip]")) node.hidden = items.length === 0;
  for (const node of document.querySelectorAll("[data-outbox-list]")) node.replaceChildren(...items.map(row));
}

async function send() {
  if (!navigator.onLine || await count() === 0) return;
  try {
    const sent = await flush();
    for (const { title, number } of sent) toast(say(`“${title}”已上报，编号 ${number}`, `“${title}” was sent: ${number}`));
    if (await count() === 0) (await navigator.serviceWorker?.getRegistration())?.waiting?.postMessage("take over");
  } catch {
    // still no network: the next event tries again
  }
  await show();
}

/** Starts the outbox on this page. */
export function start() {
  document.addEventListener("submit", submit);
  addEventListener("online", send);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && send());
  document.addEventListener("click", (event) => event.target.closest?.("[data-outbox-send]") && send());
  if (typeof BroadcastChannel === "function") new BroadcastChannel("linli-outbox").onmessage = show;
  show();
  send();
}
