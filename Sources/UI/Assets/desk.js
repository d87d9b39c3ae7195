/**
 * The desk by keyboard and with a details pane. `[data-desk]` holds rows `tr[data-case][data-pane-src]` with a link
 * `a.ttl` to the case's own page; `#pane` shows a row's fragment where the screen has room for it.
 *
 * j / k next and previous · Enter opens the page · x ticks the row · / search · ? help. Single keys are ignored while typing and can be
 * switched off (WCAG 2.1.4) by `[data-keys-toggle]` in the dialog `#keys`; the choice stays in this browser.
 */
import { debounce, say, toast } from "./kit.js";

const off = "linli.keys.off";

/** Whether a key press belongs to a control and not to the page. */
export function isTyping({ tagName, isContentEditable, type }) {
  if (isContentEditable || tagName === "TEXTAREA" || tagName === "SELECT") return true;
  return tagName === "INPUT" && !["checkbox", "radio", "button", "submit"].includes(type);
}

/** The row after `index` in a direction, staying inside the list; -1 means none is chosen yet. */
export function nextIndex(index, step, length) {
  if (length === 0) return -1;
  if (index < 0) return step > 0 ? 0 : length - 1;
  return Math.min(length - 1, Math.max(0, index + step));
}

const rows = () => [...document.querySelectorAll("[data-desk] tr[data-case]")];
const current = () => rows().findIndex((row) => row.hasAttribute("aria-current"));
const paneShown = (pane) => pane !== null && getComputedStyle(pane).display !== "none";

let chosen = "", wantedSource = "";

function mark(row) {
  for (const other of rows()) other.removeAttribute("aria-current");
  row?.setAttribute("aria-current", "true");
  chosen = row?.dataset.case ?? "";
}

function select(row) {
  mark(row);
  row.querySelector("a.ttl")?.focus();
  row.scrollIntoView({ block: "nearest" });
  if (paneShown(document.getElementById("pane"))) open(row);
}

const open = debounce((row) => load(row), 120);

async function load(row) {
  const pane = document.getElementById("pane");
  const source = row.dataset.paneSrc;
  if (typing(pane) && pane.dataset.case !== row.dataset.case) {
    toast(say("右侧还有没提交的内容，先提交或清掉", "The pane holds something you have not sent"), "bad");
    return;
  }
  wantedSource = source;
  pane.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(source, { credentials: "same-origin", headers: { Accept: "text/html" } });
    if (wantedSource !== source) return; // another row was chosen meanwhile
    if (!response.ok || response.redirected) return location.assign(row.querySelector("a.ttl").href);
    pane.innerHTML = await response.text();
    pane.dataset.case = row.dataset.case;
    pane.scrollTop = 0;
    const address = new URL(location.href);
    address.searchParams.set("case", row.dataset.case);
    history.replaceState(history.state, "", address);
    pane.dispatchEvent(new CustomEvent("linli:content", { bubbles: true }));
  } catch {
    toast(say("没连上服务器，稍后再试", "The server cannot be reached"), "bad");
  } finally {
    if (wantedSource === source) pane.removeAttribute("aria-busy");
  }
}

/** Whether the pane holds words that would be lost. */
function typing(pane) {
  const fields = [...pane.querySelectorAll("textarea, input[type=text], input:not([type])")];
  return fields.some((field) => field.value !== field.defaultValue);
}

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]") || localStorage.getItem(off)) return;
  const step = { j: 1, k: -1 }[event.key];
  if (step) {
    const row = rows()[nextIndex(current(), step, rows().length)];
    if (!row) return;
    event.preventDefault();
    select(row);
  } else if (event.key === "/") {
    const search = document.querySelector("[data-search]");
    if (!search) return;
    event.preventDefault();
    search.focus();
    search.select();
  } else if (event.key === "x") {
    const box = rows()[current()]?.querySelector('.pick input[type="checkbox"]');
    if (!box) return;
    event.preventDefault();
    box.checked = !box.checked;
  } else if (event.key === "?") {
    event.preventDefault();
    document.getElementById("keys")?.showModal();
  }
}

/** A pointer on a row shows it beside the list; the keyboard's Enter on the link opens its page. */
function click(event) {
  const row = event.target.closest("[data-desk] tr[data-case]");
  if (!row || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  const link = event.target.closest("a");
  if (link && (!link.matches(".ttl") || event.detail === 0)) return;
  if (!link && event.target.closest("button, input, label, summary")) return;
  if (!paneShown(document.getElementById("pane"))) {
    if (!link) location.assign(row.querySelector("a.ttl").href);
    return;
  }
  event.preventDefault();
  mark(row);
  load(row);
}

/** Starts the desk. */
export function start() {
  document.addEventListener("keydown", press);
  document.addEventListener("click", click);
  chosen = rows()[current()]?.dataset.case ?? "";
  // After a live update the list is new: the chosen row is marked again.
  document.addEventListener("linli:patched", () => mark(rows().find((row) => row.dataset.case === chosen)));
  for (const toggle of document.querySelectorAll("[data-keys-toggle]")) {
    toggle.checked = !localStorage.getItem(off);
    toggle.addEventListener("change", () => {
      if (toggle.checked) localStorage.removeItem(off);
      else localStorage.setItem(off, "1");
    });
  }
  for (const all of document.querySelectorAll("[data-pick-all]")) {
    all.addEventListener("change", () => {
      const boxes = document.querySelectorAll('[data-desk] tbody input[type="checkbox"]');
      for (const box of boxes) box.checked = all.checked;
    });
  }
}
