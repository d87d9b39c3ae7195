/**
 * Hits while somebody types: `input[data-ahead="/desk/find/ahead"]` becomes a combobox with a listbox below it (ARIA
 * combobox pattern). ↓ and ↑ choose, Enter opens what is chosen, Esc closes; without a choice Enter finds as ever. While
 * an input method composes nothing is asked, and an older question is given up when a newer one is asked.
 */
import { element, say } from "./kit.js";

/** How long somebody pauses before they mean it, in milliseconds. */
export const pause = 150;

/** What stands in the box as the server reads it. */
export function wordsOf(value) {
  return value.trim().replace(/\s+/g, " ").slice(0, 60);
}

/** Which option is chosen after a key, -1 for none: beyond the last stands the box itself. */
export function nextOption(index, key, length) {
  if (length === 0) return -1;
  if (key === "ArrowDown") return index >= length - 1 ? -1 : index + 1;
  if (key === "ArrowUp") return index < 0 ? length - 1 : index - 1;
  return -1;
}

/**
 * Asks for what is typed, once it rests and is composed, and gives older questions up.
 * @param {(words: string, signal: AbortSignal) => Promise<object[]>} ask
 * @param {(hits: object[], words: string) => void} show
 */
export function makeAsker(ask, show, delay = pause) {
  let timer = 0, asking = null, asked = "", isComposing = false;

  function giveUp() {
    clearTimeout(timer);
    asking?.abort();
    asking = null;
  }

  async function send(words) {
    const mine = new AbortController();
    asking = mine;
    asked = words;
    try {
      const hits = await ask(words, mine.signal);
      if (asking === mine) show(hits, words);
    } catch {
      // Given up, or no answer: finding by Enter works as ever.
      if (asking === mine) show([], words);
    } finally {
      if (asking === mine) asking = null;
    }
  }

  return {
    /** The box says something else now. */
    type(value) {
      const words = wordsOf(value);
      if (isComposing || words === asked) return;
      giveUp();
      asked = "";
      if (words === "") show([], "");
      else timer = setTimeout(() => send(words), delay);
    },
    /** An input method begins or ends to compose; what it ends with is typed. */
    compose(begins, value = "") {
      isComposing = begins;
      if (begins) giveUp();
      else this.type(value);
    },
    /** Nothing more is wanted of what was typed so far. */
    stop() {
      giveUp();
      asked = "";
    },
  };
}

async function hitsOf(source, words, signal) {
  const response = await fetch(`${source}?q=${encodeURIComponent(words)}`, {
    credentials: "same-origin", headers: { Accept: "application/json" }, signal,
  });
  if (!response.ok || response.redirected) return [];
  return (await response.json()).hits.filter((hit) => hit.path);
}

let count = 0;

function wire(input) {
  const name = `ahead-${(count += 1)}`;
  const list = element("ul", { id: name, role: "listbox", class: "ahead", "aria-label": say("边输边找", "Found so far") });
  const status = element("span", { class: "sr", role: "status" });
  let chosen = -1;
  list.hidden = true;
  input.after(list, status);
  for (const [attribute, value] of Object.entries({
    role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": name,
  })) input.setAttribute(attribute, value);

  function choose(index) {
    chosen = index;
    for (const [position, option] of [...list.children].entries()) {
      option.setAttribute("aria-selected", String(position === index));
      if (position === index) option.scrollIntoView({ block: "nearest" });
    }
    if (index < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", list.children[index].id);
  }

  function show(hits, words) {
    const isOpen = hits.length > 0 && document.activeElement === input;
    list.replaceChildren(...hits.map((hit, index) => element(
      "li", { id: `${name}-${index}`, role: "option", "aria-selected": "false", "data-path": hit.path },
      element("b", {}, hit.title), element("span", { class: "sub" }, `${hit.kind} ${hit.detail}`.trim()),
    )));
    list.hidden = !isOpen;
    input.setAttribute("aria-expanded", String(isOpen));
    choose(-1);
    const found = say(`找到 ${hits.length} 条，用上下键选`, `${hits.length} found, use the arrow keys`);
    status.textContent = words === "" ? "" : hits.length > 0 ? found : say("没有找到", "Nothing was found");
  }

  const asker = makeAsker((words, signal) => hitsOf(input.dataset.ahead, words, signal), show);

  function close() {
    asker.stop();
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    status.textContent = "";
    choose(-1);
  }

  input.addEventListener("input", (event) => event.isComposing || asker.type(input.value));
  input.addEventListener("compositionstart", () => asker.compose(true));
  input.addEventListener("compositionend", () => asker.compose(false, input.value));
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(nextOption(chosen, event.key, list.children.length));
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      location.assign(list.children[chosen].dataset.path);
    } else if (event.key === "Escape") {
      // The first press closes the list and leaves the words.
      event.preventDefault();
      close();
    }
  });
  // The box keeps the focus, so that what is pressed is still there when it is let go.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", ({ target }) => {
    const option = target.closest("[data-path]");
    if (option) location.assign(option.dataset.path);
  });
}

/** Makes every such box of the page find ahead. */
export function start() {
  for (const input of document.querySelectorAll("input[data-ahead]")) wire(input);
}
