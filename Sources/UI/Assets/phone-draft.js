/**
 * What is filled in and not noted yet, of a visit, a report, somebody's fields, kept encrypted like the rest of the copy: a
 * page that is closed, or locked while the camera is open, loses nothing. Words lie in `d/ID`, pictures in `p/ID/…`; both
 * end with the copy.
 */
import { debounce, element, icon, say } from "./kit.js";
import { app } from "./phone.js";
import * as vault from "./vault.js";

/** Whether there is anything worth keeping. */
export const isEmpty = ({ answers, note, signer, signed, photos, ink }) =>
  Object.keys(answers).length === 0 && !note && !signer && !signed && photos.length === 0 && !ink;

/** What tells one choice of photos from another. */
export const look = (photos) => photos.map(({ name, size, lastModified }) => `${name} ${size} ${lastModified}`).join("\n");

/** What takes a draft away. */
export const wiped = (id) => [["cells", "delete", `d/${id}`], ["cells", "delete", vault.under(`p/${id}/`)]];

/** The draft of a visit with its photos as files and its ink as a picture, or null. */
export async function draftOf(id) {
  const words = await vault.value(`d/${id}`);
  if (!words) return null;
  const photos = [];
  for (const [index, { name, type, lastModified }] of words.photos.entries()) {
    const data = await vault.valueBytes(`p/${id}/photo${index}`);
    if (data) photos.push(new File([data], name, { type, lastModified }));
  }
  const ink = await vault.valueBytes(`p/${id}/ink`);
  return { ...words, photos, ink: ink && new Blob([ink], { type: "image/png" }) };
}

async function write(id, draft, isNew) {
  if (isEmpty(draft)) return vault.commit(wiped(id));
  const { photos, ink, ...words } = draft;
  const changes = [];
  const put = async (name, data) => changes.push(["cells", "put", await vault.closedBytes(`p/${id}/${name}`, data)]);
  if (isNew) {
    changes.push(["cells", "delete", vault.under(`p/${id}/photo`)]);
    for (const [index, photo] of photos.entries()) await put(`photo${index}`, await photo.arrayBuffer());
  }
  if (ink) await put("ink", await ink.arrayBuffer());
  else changes.push(["cells", "delete", `p/${id}/ink`]);
  const named = photos.map(({ name, type, lastModified }) => ({ name, type, lastModified }));
  changes.push(["cells", "put", await vault.closed(`d/${id}`, { id, ...words, photos: named })]);
  return vault.commit(changes);
}

/**
 * Keeps what `collect` finds in a form, a moment after it changed and at once when the page goes out of sight.
 * @param {string} id the visit
 * @param {() => Promise<object>} collect
 */
export function keeper(id, collect) {
  let running = Promise.resolve();
  let isOver = false, last = null;
  const save = async () => {
    if (isOver || !vault.isOpen() || !await vault.meta()) return;
    const draft = await collect();
    const seen = look(draft.photos);
    await write(id, draft, seen !== last);
    last = seen;
  };
  // A draft is a comfort: a full phone says so when the visit is noted.
  const now = () => (running = running.then(save).catch((error) => console.warn("phone-draft.js", error)));
  const hide = () => document.visibilityState === "hidden" && now();
  document.addEventListener("visibilitychange", hide);
  return {
    later: debounce(now, 400),
    now,
    /** Nothing is written after this resolves. */
    async stop() {
      isOver = true;
      document.removeEventListener("visibilitychange", hide);
      await running;
    },
    /** What could not be noted goes on being kept. */
    goOn() {
      isOver = false;
      document.addEventListener("visibilitychange", hide);
    },
  };
}

const valuesOf = (form) => new Map([...form.elements].filter(({ name, type }) => name && type !== "file")
  .map((node) => [node, node.type === "checkbox" ? (node.checked ? "1" : "") : node.value]));

function fill(form, answers) {
  for (const [name, value] of Object.entries(answers)) {
    const node = form.elements[name];
    if (node?.type === "checkbox") node.checked = value === "1";
    else if (node) node.value = value;
  }
}

/**
 * A form that is no visit: what is filled in otherwise than it stood comes back when it is opened again, until it is noted.
 * `app.form` of a view that has just this one.
 * @param {string} id what it is about
 * @param {HTMLFormElement} form
 * @param {HTMLInputElement | null} input where its photos are chosen
 */
export async function kept(id, form, input = null) {
  const shown = valuesOf(form);
  const draft = await draftOf(id);
  if (draft) fill(form, draft.answers);
  const answers = () => Object.fromEntries([...valuesOf(form)].filter(([node, value]) => value !== shown.get(node)).map(([node, value]) => [node.name, value]));
  const collect = async () => ({ answers: answers(), note: "", signer: "", signed: false, photos: input ? [...input.files] : [], ink: null });
  // A form nobody touches writes nothing.
  let keep = draft ? keeper(id, collect) : null;
  for (const event of ["input", "change", "linli:photos"]) form.addEventListener(event, () => (keep ??= keeper(id, collect)).later());
  return {
    draft,
    isDirty: () => false, // it ends with the copy: there is nothing to be noted yet
    async leave() {
      await keep?.now();
      await keep?.stop();
    },
    stop: async () => keep?.stop(),
    goOn: () => keep?.goOn(),
  };
}

/** Says that what was filled in is back, and offers to begin anew. */
export function isBack(id, again) {
  return element("p", { class: "queue", role: "status" }, icon("edit"), element("span", {}, say("上次没写完的都还在。", "What you had not finished is back.")),
    element("span", { class: "sp" }), element("button", { class: "btn ghost sm", type: "button", click: async () => {
      await app.form?.leave();
      app.form = null;
      await vault.commit(wiped(id));
      await again();
    } }, say("清空重写", "Start over")));
}

/** Puts photos of a draft back where they are chosen. */
export function choose(input, photos) {
  if (photos.length === 0) return;
  const list = new DataTransfer();
  for (const photo of photos) list.items.add(photo);
  input.files = list.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}
