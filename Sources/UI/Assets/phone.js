/**
 * The grid worker's app on the phone, `/grid/phone`: the page is the same for everybody and is kept by the service worker;
 * this fills it from what lies encrypted here (vault.js). Which view is shown stands after the `#`.
 */
import { currentUser, element, icon, say, toast } from "./kit.js";
import { gate, locked } from "./phone-gate.js";
import { contact, flush, isWaiting } from "./unsent.js";
import * as vault from "./vault.js";
import { catchUp, receive } from "./phone-answers.js";
import { forget } from "./phone-work.js";

const idle = 5 * 60_000;

/**
 * What every view knows: the bundle and the list of households, in memory while the store is open; and the form on the
 * screen, which is left with care (phone-visit-form.js).
 */
export const app = { bundle: null, index: [], state: null, vault: null, form: null };

const views = {
  today: ["phone-lists.js", "today"], homes: ["phone-lists.js", "homes"], home: ["phone-home.js", "home"],
  visit: ["phone-visits.js", "visitView"], patrol: ["phone-round.js", "patrolView"], point: ["phone-point.js", "pointView"], at: ["phone-round.js", "scanned"],
  member: ["phone-member.js", "member"], fix: ["phone-fix.js", "fix"], report: ["phone-report.js", "report"], map: ["phone-map.js", "map"],
  unsent: ["phone-unsent.js", "unsent"], handover: ["phone-report.js", "handover"],
};

const main = () => document.querySelector("[data-phone-view]");

/** A word of the bundle in the page's language. */
export const named = (word) => say(word.zh, word.en);

/** Shows a view's content under a heading that takes the focus. */
export function show(title, ...content) {
  const heading = element("h2", { tabindex: "-1", class: "pagehead" }, title);
  main().replaceChildren(heading, element("div", { class: "col" }, ...content));
  heading.focus({ preventScroll: true });
  scrollTo(0, 0);
}

/** A card with a heading. */
export function card(title, ...content) {
  return element("section", { class: "card pad" }, title ? element("h3", {}, title) : null, ...content);
}

/** An hour of today, or a day and an hour; the year where it is not this one. */
export function when(milliseconds) {
  const date = new Date(milliseconds);
  const isToday = date.toDateString() === new Date().toDateString();
  const time = date.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  const year = date.getFullYear() === new Date().getFullYear() ? {} : { year: "numeric" };
  return isToday ? time : `${date.toLocaleDateString(document.documentElement.lang, { ...year, month: "short", day: "numeric" })} ${time}`;
}

/** A labelled control. */
export function labelled(label, control, hint = "") {
  return element("div", { class: "field" }, element("label", { for: control.id }, label), control,
    hint ? element("p", { class: "hint", id: `${control.id}-hint` }, hint) : null);
}

// MARK: Between views

/** Shows what lies here, now that it is open. */
export async function enter() {
  app.vault = await vault.meta();
  app.bundle = await vault.value("bundle");
  app.index = await vault.value("index") ?? [];
  await forget();
  nav(true);
  await route();
  send();
}

/** The bar below, while the store is open. */
export function nav(isOpen) {
  document.querySelector(".phone .tab")?.remove();
  if (!isOpen) return;
  const entry = (view, name, words, isMain = false) => element("a", { href: `#${view}`, "data-view": view, class: isMain ? "main" : "" }, icon(name), words);
  const bar = element("nav", { class: "tab", "aria-label": say("主导航", "Main") },
    entry("today", "home", say("今天", "Today")), entry("homes", "people", say("住户", "Homes")),
    entry("report", "camera", say("上报", "Report"), true), entry("map", "map", say("地图", "Map")),
    entry("unsent", "upload", say("待传", "Unsent")));
  document.querySelector(".phone .h5-top").after(bar);
}

let routing = Promise.resolve();

/** Shows what the address asks for, one view after the other: a slow one never lands on top of a later one. */
export function route() {
  routing = routing.then(draw, draw);
  return routing;
}

async function draw() {
  if (!vault.isOpen()) return;
  await app.form?.leave();
  app.form = null;
  const [name, id] = location.hash.slice(1).split("/");
  const [file, view] = views[name] ?? views.today;
  for (const link of document.querySelectorAll(".phone .tab a")) {
    const isHere = link.dataset.view === (name || "today") || (link.dataset.view === "homes" && view === "home");
    isHere ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
  }
  await (await import(`./${file}`))[view](id ?? "");
}

/** What of the outbox is whose: what still goes by itself, what was answered and is for its person now, and somebody else's. */
async function outbox() {
  const user = app.vault?.user ?? app.state?.user ?? "";
  const items = (await vault.all("outbox")).filter((each) => !vault.isDraft(each));
  const mine = items.filter((each) => !user || each.user === user);
  return { waiting: mine.filter(isWaiting).length, answered: mine.length - mine.filter(isWaiting).length, others: items.length - mine.length };
}

/** What came of sending what somebody asked to send. */
async function outcome(problem) {
  if (problem === "signin") return [say("请先用原来的账号登录", "Sign in with the same account first"), "bad"];
  if (problem === "person") return [say("这些是别人的记录，请原来的人登录", "This is somebody else's work"), "bad"];
  if (problem === "network") return [say("没有网络，有网了自动传", "No network: it is sent when there is one")];
  const { waiting, answered } = await outbox();
  if (problem || waiting > 0) return [say("还没传完，过一会儿自动再传", "Not all is sent; it goes on by itself")];
  if (answered > 0) return [say(`传过了，有 ${answered} 条没有收下，请在“待传”里看`, `Sent; ${answered} not taken: see Unsent`), "bad"];
  return [say("都传完了", "Everything is sent")];
}

/** Sends what waits, and says how it stands in the strip. */
export async function send(isAsked = false) {
  const { problem } = await flush(receive, catchUp);
  if (app.vault && !await vault.meta()) return gone();
  if (await forget() && location.hash.startsWith("#home")) await route();
  if (isAsked) toast(...await outcome(problem));
  await strip();
  if (vault.isOpen() && ["#unsent", "#today", ""].includes(location.hash)) await route();
}

/** Sends what was just noted, where there is a network. */
export function soon() {
  if (navigator.onLine) send().catch((error) => console.warn("phone.js", error));
}

/** How much waits. */
export async function strip() {
  const { waiting, answered, others } = await outbox();
  const place = document.querySelector("[data-phone-unsent]");
  place.hidden = waiting + answered + others === 0;
  place.dataset.phoneUnsent = String(waiting);
  const words = [waiting > 0 ? say(`${waiting} 条没传`, `${waiting} not sent`) : "", answered > 0 ? say(`${answered} 条没有收下`, `${answered} not taken`) : "",
    others > 0 ? say(`${others} 条是同事的`, `${others} of a colleague`) : ""].filter(Boolean).join(" · ");
  const act = waiting > 0 ? element("button", { class: "btn sm", type: "button", click: () => send(true) }, say("现在传", "Send now"))
    : answered > 0 && vault.isOpen() ? element("a", { class: "btn sm", href: "#unsent" }, say("去看看", "Look")) : null;
  place.replaceChildren(...[icon("upload"), element("span", {}, words), element("span", { class: "sp" }), act].filter(Boolean));
}

async function gone() {
  const { form } = app;
  vault.lock();
  Object.assign(app, { bundle: null, index: [], vault: null, form: null });
  // What is half filled in is not taken off the screen under somebody's hand.
  if (form?.isDirty()) return form.alone();
  await form?.leave();
  toast(say("台账已收回，手机里的已删掉；没传的还在，没写完的也会传，请到“离线记录”里处理。",
    "The lease is over: deleted here. Unsent work stays; what was not finished is sent too: see to it on the desk."));
  await start();
}

let listening = false;
function listen() {
  if (listening) return;
  listening = true;
  let hiddenAt = 0;
  addEventListener("hashchange", route);
  addEventListener("online", () => send());
  // The worker has a network now, and leaves it to a page in sight.
  navigator.serviceWorker?.addEventListener("message", ({ data }) => data === "send" && soon());
  document.addEventListener("visibilitychange", async () => {
    if (document.visibilityState === "hidden") hiddenAt = Date.now();
    else if (vault.isOpen() && Date.now() - hiddenAt > idle) {
      vault.lock();
      await start();
    } else if (await vault.meta()) send();
  });
}

/** Starts the app: first whether it may keep what it holds, then the PIN. */
export async function start() {
  if (currentUser() === "" && !navigator.onLine) {
    const look = JSON.parse(localStorage.getItem("linli.look") ?? "{}");
    const { dataset } = document.documentElement;
    if (look.lang) document.documentElement.lang = look.lang;
    if (look.theme) dataset.theme = look.theme;
    if (look.mode) dataset.mode = look.mode;
  } else {
    const { lang, dataset } = document.documentElement;
    localStorage.setItem("linli.look", JSON.stringify({ lang, theme: dataset.theme, mode: dataset.mode }));
  }
  listen();
  // Whoever stands in a stairwell does not wait for a network that does not answer: the PIN opens what lies here. With
  // nothing here there is nothing to open: a slow network is a network.
  const isLocked = Boolean(await vault.meta());
  if (!isLocked && navigator.onLine) show(say("正在联系服务器……", "Asking the server …"));
  app.state = await contact(isLocked ? 3000 : 30_000);
  const known = await vault.meta();
  await strip();
  if (known) locked(known);
  else gate();
  if (app.state?.user && !known) send();
}
