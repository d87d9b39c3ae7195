/**
 * The one script of every page: `<script type="module" src="/assets/app.js">`. It loads what the page asks for by its
 * data attributes and adds small comforts. Every page works without it.
 *
 * `[data-js]` is shown (it makes no sense without script) · `[data-confirm="question"]` on a form or button asks first
 * · `[data-open="dialog-id"]` opens a dialog · `[data-copy="#id"]` copies · `[data-print]` prints · `[data-offline]` is
 * shown while there is no network · `select[data-go]` submits its form when changed · `form[data-again]` may be sent
 * twice (a download).
 */
import { ask, say, toast } from "./kit.js";

const modules = [
  ["[data-photos], [data-desk], [data-live]", "photos.js"],
  ["form[data-report], form[data-spot]", "report.js"],
  ["form[data-report] [data-similar]", "similar.js"],
  ["[data-when]", "fields.js"],
  ["form[data-outbox], [data-outbox-count], [data-outbox-strip]", "outbox.js"],
  ["form[data-draft], [data-draft-done], form[data-draft-clear], [data-desk], [data-live]", "draft.js"],
  ["[data-live]", "live.js"],
  ["[data-desk]", "desk.js"],
  ["[data-ahead]", "ahead.js"],
  ["[data-map]", "map.js"],
  ["[data-grid-edit]", "gridedit.js"],
  ["[data-area-edit]", "placearea.js"],
  ["[data-grid-map]", "gridmap.js"],
  ["form[data-track]", "track.js"],
  ["[data-sign]", "sign.js"],
  ["[data-read]", "read.js"],
  ["[data-grid-phone]", "phone.js"],
];

async function load() {
  // In order: a restored draft must find the dependent selects and the photo picker at work.
  for (const [selector, file] of modules) {
    if (!document.querySelector(selector)) continue;
    try {
      (await import(`./${file}`)).start();
    } catch (error) {
      console.error(file, error); // the page works without it
    }
  }
  document.documentElement.dataset.ready = "";
}

/** Those that look at a page once, when they start; the others hear of what comes later. */
const lookOnce = new Set(["report.js", "similar.js", "fields.js", "map.js"]);

/** The server's answer stands in place of the page: what is in it works, and what it says has the focus. */
async function begin() {
  for (const [selector, file] of modules) {
    if (!lookOnce.has(file) || !document.querySelector(selector)) continue;
    try {
      (await import(`./${file}`)).start();
    } catch (error) {
      console.error(file, error); // the page works without it
    }
  }
  const main = document.querySelector("main");
  main.dispatchEvent(new CustomEvent("linli:content", { bubbles: true }));
  const alert = main.querySelector(".alert");
  const said = alert?.closest("section") ?? alert ?? main;
  said.tabIndex = -1;
  said.focus();
}

const confirmed = new WeakSet();

/** Asks before a form with a question is sent; capture, so that no other listener has acted yet. */
function confirmFirst(event) {
  const form = event.target, button = event.submitter;
  const question = button?.dataset.confirm ?? form.dataset.confirm;
  if (!question || confirmed.delete(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  ask(question, button?.textContent.trim() || undefined, button?.classList.contains("danger")).then((yes) => {
    if (!yes) return button?.focus();
    confirmed.add(form);
    form.requestSubmit(button);
  });
}

/** One press is one request: a form on its way cannot be sent again until the page is back. */
function sendOnce(event) {
  const form = event.target;
  if (form.method === "dialog" || form.hasAttribute("data-again")) return;
  if ("busy" in form.dataset) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  form.dataset.busy = "";
  for (const button of form.querySelectorAll("button:not([type=button])")) button.setAttribute("aria-disabled", "true");
  setTimeout(() => idle(form), 20_000); // a navigation that was stopped must not leave a dead form
}

function idle(form) {
  delete form.dataset.busy;
  for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
}

async function copy(button) {
  const source = document.querySelector(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.value ?? source.textContent.trim());
    toast(say("已复制", "Copied"));
  } catch {
    getSelection().selectAllChildren(source);
    toast(say("请长按选中的文字复制", "Press and hold the selected text to copy it"));
  }
}

function click(event) {
  const target = event.target.closest?.("[data-open], [data-copy], [data-print]");
  if (!target) return;
  if ("open" in target.dataset) document.getElementById(target.dataset.open)?.showModal();
  if ("copy" in target.dataset) copy(target);
  if ("print" in target.dataset) print();
}

function showNetwork() {
  for (const strip of document.querySelectorAll("[data-offline]")) strip.hidden = navigator.onLine;
}

document.addEventListener("submit", confirmFirst, true);
document.addEventListener("submit", sendOnce, true);
document.addEventListener("linli:idle", (event) => idle(event.target));
document.addEventListener("click", click);
document.addEventListener("change", ({ target }) => {
  if (target.matches("select[data-go]")) target.form.requestSubmit();
});
addEventListener("online", showNetwork);
addEventListener("offline", showNetwork);
// Back from the next page: the forms may be sent again.
addEventListener("pageshow", (event) => event.persisted && document.querySelectorAll("form[data-busy]").forEach(idle));

function showScripted() {
  for (const node of document.querySelectorAll("[data-js][hidden]")) node.hidden = false;
}

/** Whoever signed out, or somebody else at this phone: the households that lie here go at once. */
function guardStore() {
  const holder = localStorage.getItem("linli.grid");
  const isCopy = document.querySelector("[data-shell]") !== null;
  if (!holder || isCopy || holder === document.documentElement.dataset.user) return;
  import("./vault.js").then((vault) => vault.destroy()).catch((error) => console.error("vault.js", error));
}

guardStore();
showScripted();
document.addEventListener("linli:content", showScripted);
document.addEventListener("linli:main", begin);
document.addEventListener("linli:patched", showScripted);
showNetwork();
// The summary of errors has the focus, as it would in a page that asked again.
document.querySelector(".alert[data-focus]")?.focus();
load();
// Offline is a comfort: a browser that refuses the worker loses nothing else.
if (window.isSecureContext) navigator.serviceWorker?.register("/sw.js", { type: "module" }).catch(() => {});
