/**
 * What every module needs: words in the page's language, elements, icons, toasts, a question with two answers.
 * Nothing here runs on import, so pure functions of other modules can be tested without a browser.
 */

/** The sentence in the page's language; the server has written `<html lang>`. */
export function say(chinese, english) {
  return document.documentElement.lang.startsWith("zh") ? chinese : english;
}

/** The signed-in account as an opaque id, "" for a visitor; keeps one person's drafts from another's. */
export function currentUser() {
  return document.documentElement.dataset.user ?? "";
}

/**
 * An element with attributes and children; `null` children are left out. No `style`: the page's policy forbids it.
 * @param {string} tag
 * @param {Record<string, string | boolean | ((event: Event) => void)>} attributes functions become listeners
 * @param {...(Node | string | null)} children
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

/** An icon of the sprite, hidden from screen readers: the words beside it speak. */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "ic");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `${new URL("icons.svg", import.meta.url).pathname}#i-${name}`);
  svg.append(use);
  return svg;
}

/**
 * Says something in passing. The server's layout carries `<div class="toasts" role="status">`, because a live region
 * must exist before its text; where it is missing one is made.
 * @param {string} text
 * @param {"" | "bad"} kind
 */
export function toast(text, kind = "") {
  let region = document.querySelector(".toasts");
  if (!region) {
    region = element("div", { class: "toasts", role: "status" });
    document.body.append(region);
  }
  // Said again it stands there once.
  for (const said of [...region.children]) if (said.textContent === text) said.remove();
  const note = element("p", { class: `toast ${kind}` }, text);
  region.append(note);
  setTimeout(() => note.remove(), 4000 + text.length * 120);
}

/**
 * Asks before something that cannot be taken back; the safe answer has the focus.
 * @returns {Promise<boolean>}
 */
export function ask(question, yes = say("确定", "Yes"), danger = false) {
  if (typeof HTMLDialogElement !== "function") return Promise.resolve(window.confirm(question));
  return new Promise((resolve) => {
    const no = element("button", { class: "btn ghost", value: "no", autofocus: true }, say("再想想", "Not yet"));
    const go = element("button", { class: danger ? "btn danger" : "btn", value: "yes" }, yes);
    const text = element("p", { id: "ask-text" }, question);
    const form = element("form", { method: "dialog", class: "btns" }, no, go);
    const box = element("dialog", { "aria-labelledby": "ask-text", role: "alertdialog" }, text, form);
    box.addEventListener("close", () => {
      box.remove();
      resolve(box.returnValue === "yes");
    });
    document.body.append(box);
    box.showModal();
  });
}

/** Runs `action` once the calls have stopped for `delay` milliseconds. */
export function debounce(action, delay) {
  let timer = 0;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...values), delay);
  };
}
