/**
 * Nothing typed is lost: `form[data-draft="key"]` is kept while it is being filled and restored when it is opened again
 * in the same tab, also after the session ran out and the person signed in. Words live in sessionStorage (gone with the
 * tab, which is right for a shared computer), photos in IndexedDB for a day. Passwords, codes and hidden fields are
 * never kept. A page that carries `[data-draft-done="key"]` (the receipt) clears the draft; so does
 * `form[data-draft-clear]` (signing out). `<html data-kiosk>` keeps nothing.
 */
import { currentUser, debounce, element, icon, say } from "./kit.js";
import { all, get, put, remove } from "./store.js";

const day = 86_400_000;

/** Whether a control's content may be kept. */
export function mayKeep({ type, name, autocomplete }) {
  if (!name || ["password", "hidden", "submit", "button", "image", "reset", "file"].includes(type)) return false;
  return !/one-time-code|password|^off$/.test(autocomplete ?? "");
}

/** The words of a form: `[name, value]` for what is filled in or chosen. */
export function collect(controls) {
  const kept = [];
  for (const control of controls) {
    if (!mayKeep(control)) continue;
    if (control.type === "checkbox" || control.type === "radio") {
      if (control.checked) kept.push([control.name, control.value]);
    } else if (control.type === "select-multiple") {
      for (const option of control.selectedOptions) kept.push([control.name, option.value]);
    } else if (control.value !== "") kept.push([control.name, control.value]);
  }
  return kept;
}

/** Whether a draft belongs to who is looking: written by a visitor or by the same account. */
export function isMine(draft, user) {
  return draft.user === "" || draft.user === user;
}

/** Puts the words back, in the order of the page, and says so to modules that listen (dependent selects). */
function apply(form, kept) {
  const names = new Set([...form.elements].map((control) => control.name));
  for (const control of form.elements) {
    if (!mayKeep(control)) continue;
    const values = kept.filter(([name]) => name === control.name).map(([, value]) => value);
    if (control.type === "checkbox" || control.type === "radio") {
      const checked = values.includes(control.value);
      if (control.checked === checked || (control.type === "radio" && values.length === 0)) continue;
      control.checked = checked;
    } else if (values.length > 0 && control.value !== values[0]) {
      control.value = values[0];
    } else continue;
    control.dispatchEvent(new Event("input", { bubbles: true }));
    control.dispatchEvent(new Event("change", { bubbles: true }));
  }
  return kept.some(([name]) => names.has(name));
}

const slot = (key) => `linli.draft.${key}`;

function tab() {
  const id = sessionStorage.getItem("linli.tab") ?? crypto.randomUUID();
  sessionStorage.setItem("linli.tab", id);
  return id;
}

function read(key) {
  try {
    return JSON.parse(sessionStorage.getItem(slot(key)) ?? "null");
  } catch {
    return null; // written by an older version of the site
  }
}

/** Forgets a draft: its words and its photos. */
export async function forget(key) {
  sessionStorage.removeItem(slot(key));
  await remove("drafts", `${tab()}/${key}`);
}

async function restore(form, key, initial) {
  const draft = read(key);
  const photos = await get("drafts", `${tab()}/${key}`);
  if ((draft && !isMine(draft, currentUser())) || (photos && !isMine(photos, currentUser()))) return forget(key);
  let restored = draft !== null && JSON.stringify(draft.fields) !== initial && apply(form, draft.fields);
  // What came back with the page is on the server already: chosen again it would be sent twice.
  const isStored = form.querySelector('input[name="kept"]') !== null;
  for (const { name, files } of isStored ? [] : photos?.inputs ?? []) {
    const input = form.querySelector(`input[type="file"][name="${CSS.escape(name)}"]`);
    if (!input || files.length === 0) continue;
    const list = new DataTransfer();
    for (const file of files) list.items.add(file);
    input.files = list.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    restored = true;
  }
  if (restored) offerClear(form, key);
}

function offerClear(form, key) {
  const strip = element("p", { class: "queue", role: "status" }, icon("edit"),
    element("span", {}, say("已恢复上次没提交的内容。", "What you had not yet sent is back.")), element("span", { class: "sp" }),
    element("button", { class: "btn ghost sm", type: "button", click: async () => {
      await forget(key);
      location.reload();
    } }, say("清空重写", "Start over")));
  form.prepend(strip);
}

/** Starts the keeping of one form. */
async function keepForm(form) {
  const key = form.dataset.draft;
  // What the server filled in is no draft: only what differs from it is worth restoring.
  const initial = JSON.stringify(collect(form.elements));
  await restore(form, key, initial);
  let done = false;
  const save = () => {
    if (done) return;
    const fields = collect(form.elements);
    if (JSON.stringify(fields) === initial) sessionStorage.removeItem(slot(key));
    else sessionStorage.setItem(slot(key), JSON.stringify({ user: currentUser(), fields }));
  };
  const words = debounce(save, 300);
  const photos = debounce(async () => {
    if (done) return;
    const pickers = [...form.querySelectorAll('input[type="file"]')];
    const inputs = pickers.map((input) => ({ name: input.name, files: [...input.files] }));
    await put("drafts", { key: `${tab()}/${key}`, user: currentUser(), saved: Date.now(), inputs });
  }, 600);
  form.addEventListener("input", words);
  form.addEventListener("change", (event) => (event.target.type === "file" ? photos : words)());
  form.addEventListener("linli:photos", photos);
  form.addEventListener("linli:sent", () => {
    done = true;
    forget(key);
  });
  // A press of the button within the debounce must not lose the last words.
  form.addEventListener("submit", save);
}

async function forgetAll() {
  for (const name of Object.keys(sessionStorage)) if (name.startsWith("linli.draft.")) sessionStorage.removeItem(name);
  for (const draft of await all("drafts")) await remove("drafts", draft.key);
}

/** Starts drafts on this page. */
export async function start() {
  if ("kiosk" in document.documentElement.dataset) return;
  for (const done of document.querySelectorAll("[data-draft-done]")) await forget(done.dataset.draftDone);
  document.addEventListener("submit", (event) => event.target.matches?.("form[data-draft-clear]") && forgetAll());
  const known = new WeakSet();
  const scan = async () => {
    for (const form of document.querySelectorAll("form[data-draft]")) {
      if (known.has(form)) continue;
      known.add(form);
      await keepForm(form);
    }
  };
  // Live updates and the desk's pane bring new forms.
  document.addEventListener("linli:content", scan);
  document.addEventListener("linli:patched", scan);
  await scan();
  for (const draft of await all("drafts")) if (Date.now() - draft.saved > day) await remove("drafts", draft.key);
}
