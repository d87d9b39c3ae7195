/**
 * What is filled in and not noted yet, of a visit, a report, somebody's fields, kept encrypted like the rest of the copy: a
 * page that is closed, or locked while the camera is open, loses nothing. Words lie in `d/ID`, pictures in `p/ID/…`; both
 * end with the copy. Sealed like work it lies in the outbox too, from where it goes when the copy ends (unsent.js).
 */
import { debounce, element, icon, say } from "./kit.js";
import { app } from "./phone.js";
import { alone } from "./phone-alone.js";
import { largest, unfinished } from "./unsent.js";
import * as vault from "./vault.js";

/** Whether there is anything worth keeping. */
export const isEmpty = ({ answers, note, signer, signed, photos, ink }) =>
  Object.keys(answers).length === 0 && !note && !signer && !signed && photos.length === 0 && !ink;

/** What tells one choice of photos from another. */
export const look = (photos) => photos.map(({ name, size, lastModified }) => `${name} ${size} ${lastModified}`).join("\n");

/** What takes a draft away. */
export const wiped = (id) => [["cells", "delete", `d/${id}`], ["cells", "delete", vault.under(`p/${id}/`)], ["outbox", "delete", vault.draftName(id)]];

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

/** What goes of a draft when the copy ends; pictures that are too much for one piece of work stay behind. */
async function sealedOf(held, id, draft, work) {
  const made = work && !isEmpty(draft) ? await work(draft) : null;
  if (!made) return null;
  const files = [...draft.photos, ...(draft.ink ? [draft.ink] : [])];
  const isLarge = files.reduce((sum, { size }) => sum + size, 0) > largest;
  return unfinished(held, id, made, isLarge ? [] : await Promise.all(files.map((file) => file.arrayBuffer())));
}

/**
 * `sealed` is what is sealed of it now, null for nothing any more; undefined leaves what was.
 * @returns {Promise<string | undefined>} under which name it lies sealed since, "" for under none; undefined when that is as it was
 */
async function write(id, draft, isNew, sealed) {
  if (isEmpty(draft)) return vault.commit(wiped(id)).then(() => "");
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
  if (sealed === undefined) return vault.commit(changes);
  if (sealed === null) return vault.commit([...changes, ["outbox", "delete", vault.draftName(id)]]).then(() => "");
  // On a phone too full for both the draft itself comes first, and what was sealed before stays.
  return vault.commit([...changes, ["outbox", "put", sealed]]).then(() => sealed.name, () => vault.commit(changes));
}

/**
 * Keeps what `collect` finds in a form, a moment after it changed and at once when the page goes out of sight. What `work`
 * makes of it is sealed with it whenever the form is left, and when photos came.
 * @param {string} id the visit
 * @param {() => Promise<object>} collect
 * @param {((draft: object) => {part: string, body: object} | null) | null} work
 */
export function keeper(id, collect, work = null) {
  let isOver = false, last = null, name = "", before = "";
  const held = app.vault, failed = (error) => console.warn("phone-draft.js", error);
  const sealedNow = async () => (await vault.get("outbox", vault.draftName(id)))?.name ?? "";
  // What was sealed before this form was opened goes when the copy ends, whatever is written here.
  let running = sealedNow().then((known) => { name = known; }).catch(failed);
  const save = async (isLeft) => {
    if (isOver || !vault.isOpen() || !await vault.meta()) return;
    const draft = await collect();
    const seen = look(draft.photos), isNew = seen !== last;
    const sealed = isLeft || isNew ? await sealedOf(held, id, draft, work) : undefined;
    const next = await write(id, draft, isNew, sealed) ?? name;
    if (next !== name) [before, name] = [name, next];
    last = seen;
  };
  // A draft is a comfort: a full phone says so when the visit is noted.
  const now = (isLeft = true) => (running = running.then(() => save(isLeft)).catch(failed));
  const hide = () => document.visibilityState === "hidden" && now();
  document.addEventListener("visibilitychange", hide);
  return {
    later: debounce(() => now(false), 400),
    now,
    held,
    id,
    /** Once the copy is gone: the name under which what was sealed of it is on its way, "" for nothing. */
    async name() {
      await running;
      // Written in the moment the copy ended it still lies here, and what was sealed before it went.
      return name && await sealedNow() === name && before ? before : name;
    },
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

/** Fields of a draft that say something else, and that somebody changed since what stood there was seen. */
export const newerThan = (marks, answers, mark) => Object.keys(answers).filter((name) => marks?.[name] !== undefined && marks[name] !== mark(name));

/**
 * A form that is no visit: what is filled in otherwise than it stood comes back when it is opened again, until it is noted.
 * `app.form` of a view that has just this one.
 * @param {string} id what it is about
 * @param {HTMLFormElement} form
 * @param {{input?: HTMLInputElement | null, mark?: (name: string) => string, work?: () => {part: string, body: object} | null}} more
 *    where its photos are chosen, what is seen of a field, and what of it is sealed
 */
export async function kept(id, form, { input = null, mark = null, work = null } = {}) {
  const shown = valuesOf(form);
  const draft = await draftOf(id);
  if (draft) fill(form, draft.answers);
  const answers = () => Object.fromEntries([...valuesOf(form)].filter(([node, value]) => value !== shown.get(node)).map(([node, value]) => [node.name, value]));
  const photos = () => (input ? [...input.files] : []);
  // What stood there when it was typed: what a colleague changed meanwhile is shown beside it.
  const marks = (said) => (mark ? { marks: Object.fromEntries(Object.keys(said).map((name) => [name, draft?.marks?.[name] ?? mark(name)])) } : {});
  const collect = async () => {
    const said = answers();
    return { answers: said, ...marks(said), note: "", signer: "", signed: false, photos: photos(), ink: null };
  };
  const begin = () => keeper(id, collect, work);
  // A form nobody touches writes nothing.
  let keep = draft ? begin() : null;
  for (const event of ["input", "change", "linli:photos"]) form.addEventListener(event, () => (keep ??= begin()).later());
  return {
    draft,
    newer: draft && mark ? newerThan(draft.marks, answers(), mark) : [],
    isDirty: () => Object.keys(answers()).length > 0 || photos().length > 0,
    name: async () => await keep?.name() ?? "",
    held: app.vault,
    id,
    alone: () => alone(say("这一张还没写完", "This is not noted yet"), [form, keep]),
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
  return element("p", { class: "queue", role: "status", "data-is-back": true }, icon("edit"), element("span", {}, say("上次没写完的都还在。", "What you had not finished is back.")),
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
