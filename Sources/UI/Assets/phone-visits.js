/**
 * Announced visits on the phone: today's list, and one visit done, with answers, photos and a signature
 * (phone-visit-form.js), or missed with the code of the slip.
 */
import { element, icon, say, toast } from "./kit.js";
import { app, card, named, show, soon, start, strip, when } from "./phone.js";
import { wiped } from "./phone-draft.js";
import { row } from "./phone-lists.js";
import { press } from "./phone-press.js";
import { visitForm } from "./phone-visit-form.js";
import { add, isHere } from "./phone-work.js";
import * as vault from "./vault.js";

const states = {
  announced: () => say("已约", "Announced"), missed: () => say("没见到人", "Not at home"),
  done: () => say("已走访", "Done"), withdrawn: () => say("已取消", "Withdrawn"),
};

const clock = (milliseconds) => new Date(milliseconds).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
const slot = (visit) => `${when(visit.starts)}–${clock(visit.ends)}`;
const way = (visit) => (visit.way === "call" ? say("打电话", "By phone") : say("上门", "At the door"));
const isOpen = (visit) => visit.state === "announced" || visit.state === "missed";
const tone = (visit) => ({ done: "tag ok", missed: "tag warn", announced: "tag info" })[visit.state] ?? "tag mute";
const tag = (visit) => element("span", { class: tone(visit) }, states[visit.state]());

/** The card of the visits that went along, the open ones first; null without any. */
export async function visits() {
  const all = await vault.values("v/");
  if (all.length === 0) return null;
  const drafts = new Set((await vault.values("d/")).map((each) => each.id));
  const unfinished = (visit) => (isOpen(visit) && drafts.has(visit.id) ? element("span", { class: "tag warn" }, say("没记完", "Unfinished")) : tag(visit));
  all.sort((one, other) => Number(isOpen(other)) - Number(isOpen(one)) || one.starts - other.starts);
  return element("section", { class: "card", "data-visits": true }, element("div", { class: "hd" }, element("h3", {}, say("约好的走访", "Announced visits"))),
    element("ul", {}, ...all.map((each) => row(`#visit/${each.id}`, each.address, `${slot(each)} · ${way(each)} · ${each.reason}`, unfinished(each)))));
}

/** The row of a household's visit; null without one that is open. */
export async function visitOf(household) {
  const found = (await vault.values("v/")).find((each) => each.household === household && isOpen(each));
  return found ? element("section", { class: "card" }, element("ul", {}, row(`#visit/${found.id}`, say("约好的走访", "Announced visit"), `${slot(found)} · ${found.reason}`, tag(found)))) : null;
}

/** Puts what came of a visit into the outbox, with its pictures; what else was filled in is kept or done. */
async function note(visit, state, words, { body = {}, photos = [], line = {}, keep = null } = {}) {
  const more = [];
  let seen = null;
  if (await isHere()) {
    const household = state === "done" ? await vault.value(`h/${visit.household}`) : null;
    seen = household && { ...household, heard: Date.now() };
    const next = { ...visit, state, answers: { ...visit.answers, ...body.answers } };
    more.push(["cells", "put", await vault.closed(`v/${visit.id}`, next)]);
    if (state === "done") more.push(...wiped(visit.id));
  }
  await add("visits", { kind: state, visit: visit.id, household: visit.household, before: visit.mark, ...body },
    { household: seen, title: `${visit.address} ${words}`, photos, line: { ...line, visit: visit.id }, more, held: keep?.held, draft: keep });
}

/** Shows what was noted, or the PIN where the copy is gone. */
async function shown(visit, state) {
  if (state === "done") app.form = null; // nothing of it is a draft any more
  toast(say("已记下，有网就传", "Noted; sent when there is a network"));
  soon();
  // It is noted whatever the screen does: nobody shall press again for that.
  return (await isHere() ? visitView(visit.id) : start()).catch((error) => console.error("phone-visits.js", error));
}

/** `node` is the visit's form: whatever else is pressed for it meanwhile, one word comes of a visit. */
async function miss(visit, node) {
  const words = visit.way === "call" ? say("没打通", "no answer") : say("没见到人", "nobody at home");
  if (await press(node, () => note(visit, "missed", words))) await shown(visit, "missed");
}

const slip = (visit) => element("section", { class: "card pad", "data-slip": true }, element("h3", {}, say("写在敲门条上", "Write it on the slip")),
  element("div", { class: "receipt" }, element("p", { class: "no" }, visit.code)),
  element("p", { class: "hint" }, say("住户在邻里首页“走访”里填这个码，就能改时间、改成电话或报平安。", "With this code the household moves the visit, asks for a call or says that all is well.")));

/** The page of one visit. */
export async function visitView(id) {
  await app.form?.leave();
  app.form = null;
  const visit = await vault.value(`v/${id}`);
  if (!visit) return show(say("没有这次走访", "No such visit"), card("", element("a", { class: "btn", href: "#today" }, say("回到今天", "Back"))));
  const line = (label, words) => (words ? [element("dt", {}, label), element("dd", {}, words)] : []);
  const same = visit.way === "call" ? say("打通了，没变化", "Answered, nothing changed") : say("见到人了，没变化", "Seen, nothing changed");
  const missed = visit.way === "call" ? say("没打通", "No answer") : say("没人在家，留条", "Not at home");
  const words = say("走访，没变化", "visited, nothing changed");
  const noted = (body, photos, line, keep) => note(visit, "done", body.changed ? say("走访，有变化", "visited, something changed") : words, { body, photos, line, keep });
  const form = isOpen(visit) ? await visitForm(visit, noted, () => shown(visit, "done"), () => visitView(id)) : null;
  show(visit.address,
    element("section", { class: "card" }, element("div", { class: "hd" }, element("h3", {}, slot(visit)), tag(visit)),
      element("dl", { class: "kv" }, ...line(say("怎么来", "How"), way(visit)), ...line(say("为什么来", "Why"), visit.reason), ...line(say("谁来", "Who"), visit.worker),
        ...line(say("住户说", "They say"), visit.wish), ...line(say("现在", "Now"), visit.said ? named(visit.said) : "")),
      element("a", { class: "cell", href: `#home/${visit.household}` }, icon("people"), element("span", { class: "bd" }, element("span", { class: "ttl" }, say("住户信息", "The household"))), icon("chevron"))),
    // One tap takes along whatever is filled in below.
    form ? element("section", { class: "card pad stack" },
      element("button", { class: "btn wide", type: "button", "data-visit-same": true, click: () => form.send(false) }, icon("done"), same),
      element("button", { class: "btn weak wide", type: "button", "data-visit-missed": true, click: () => miss(visit, form.node) }, missed)) : null,
    visit.state === "missed" ? slip(visit) : null,
    form?.card ?? null);
  await form?.began();
  await strip();
}

/** Tries a visit again that was not taken, with what of it the server has kept. */
export async function againVisit(line) {
  const visit = await vault.value(`v/${line.visit}`);
  if (!visit) return toast(say("这次走访不在手机里了，请在电脑上处理", "This visit is not on the phone any more: do it on the desk"), "bad");
  const { title, photos, signed } = line;
  await add("visits", { kind: "mine", visit: visit.id, household: visit.household, settles: line.key, before: visit.mark },
    { title, line: { photos, signed, visit: visit.id }, more: [["outbox", "delete", line.key], ["cells", "delete", `w/${line.key}`]] });
}

/** Decides a visit that both sides changed: `mine` does over what stands there what the phone sent before. */
export async function decideVisit(conflict, mine) {
  const [field] = conflict.fields;
  const visit = await vault.value(`v/${field.id}`);
  const more = [["cells", "delete", `c/${conflict.key}`]];
  if (visit) {
    const theirs = { state: field.theirs, said: { zh: field.theirsZh, en: field.theirsEn } };
    more.push(["cells", "put", await vault.closed(`v/${field.id}`, { ...visit, mark: field.mark, ...(mine ? {} : theirs) })]);
  }
  const body = { kind: mine ? "mine" : "theirs", visit: field.id, household: conflict.household, settles: conflict.key, before: field.mark };
  await add("visits", body, { title: mine ? conflict.title : "", more });
}
