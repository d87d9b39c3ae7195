/** Announced visits on the phone: today's list, and one visit done, with answers, or missed with the code of the slip. */
import { element, icon, say, toast } from "./kit.js";
import { app, card, named, show, strip, when } from "./phone.js";
import { row } from "./phone-lists.js";
import { add } from "./phone-work.js";
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
  all.sort((one, other) => Number(isOpen(other)) - Number(isOpen(one)) || one.starts - other.starts);
  return element("section", { class: "card", "data-visits": true }, element("div", { class: "hd" }, element("h3", {}, say("约好的走访", "Announced visits"))),
    element("ul", {}, ...all.map((each) => row(`#visit/${each.id}`, each.address, `${slot(each)} · ${way(each)} · ${each.reason}`, tag(each)))));
}

/** The row of a household's visit; null without one that is open. */
export async function visitOf(household) {
  const found = (await vault.values("v/")).find((each) => each.household === household && isOpen(each));
  return found ? element("section", { class: "card" }, element("ul", {}, row(`#visit/${found.id}`, say("约好的走访", "Announced visit"), `${slot(found)} · ${found.reason}`, tag(found)))) : null;
}

async function note(visit, state, body, words) {
  const household = await vault.value(`h/${visit.household}`);
  const seen = household && state === "done" ? { ...household, heard: Date.now() } : null;
  const next = { ...visit, state, answers: { ...visit.answers, ...body.answers } };
  await add("visits", { kind: state, visit: visit.id, household: visit.household, before: visit.mark, ...body },
    { household: seen, title: `${visit.address} ${words}`, more: [["cells", "put", await vault.closed(`v/${visit.id}`, next)]] });
  toast(say("已记下，有网就传", "Noted; sent when there is a network"));
  await visitView(visit.id);
}

function asked(question, selected) {
  const choices = question.choices.map((choice) => {
    const input = element("input", { type: "radio", name: `q.${question.id}`, value: choice.id });
    input.checked = choice.id === selected;
    return element("label", { class: "choice" }, input, element("span", { class: "bd" }, element("b", {}, named(choice))));
  });
  return element("fieldset", { class: "field" }, element("legend", {}, named(question)), element("div", { class: "choices two" }, ...choices));
}

function questions(visit, form) {
  const known = form.filter(({ id }) => visit.answers[id] !== undefined);
  const open = form.filter(({ id }) => visit.answers[id] === undefined);
  const again = known.length === 0 ? null : element("details", { class: "more" },
    element("summary", {}, say(`上次问过的 ${known.length} 项，变了才改`, `${known.length} asked before: change what is new`)),
    element("div", { class: "stack" }, ...known.map((each) => asked(each, visit.answers[each.id]))));
  return [...open.map((each) => asked(each)), again];
}

function changed(visit) {
  const form = app.bundle.visits?.forms[visit.form] ?? [];
  const words = element("textarea", { id: "note", name: "note", rows: "3", maxlength: "500", "aria-describedby": "note-hint" });
  const node = element("form", { class: "stack", "data-visit-form": true, "data-again": true, submit: (event) => {
    event.preventDefault();
    const answers = {};
    for (const { id } of form) {
      const value = node.elements[`q.${id}`]?.value ?? "";
      if (value && value !== visit.answers[id]) answers[id] = value;
    }
    note(visit, "done", { changed: true, answers, note: words.value.trim() }, say("走访，有变化", "visited, something changed"));
  } }, ...questions(visit, form),
  element("div", { class: "field" }, element("label", { for: "note" }, say("情况（可不填）", "What is new (optional)")), words,
    element("p", { class: "hint", id: "note-hint" }, say("不写病情、收入；电话、证件号会自动打码。", "No illness, no income; numbers are masked."))),
  element("button", { class: "btn weak wide" }, say("记下这次走访", "Note this visit")));
  return card(say("有变化，或要补充", "Something changed, or to add"), node);
}

const slip = (visit) => element("section", { class: "card pad", "data-slip": true }, element("h3", {}, say("写在敲门条上", "Write it on the slip")),
  element("div", { class: "receipt" }, element("p", { class: "no" }, visit.code)),
  element("p", { class: "hint" }, say("住户在邻里首页“走访”里填这个码，就能改时间、改成电话或报平安。", "With this code the household moves the visit, asks for a call or says that all is well.")));

/** The page of one visit. */
export async function visitView(id) {
  const visit = await vault.value(`v/${id}`);
  if (!visit) return show(say("没有这次走访", "No such visit"), card("", element("a", { class: "btn", href: "#today" }, say("回到今天", "Back"))));
  const line = (label, words) => (words ? [element("dt", {}, label), element("dd", {}, words)] : []);
  const missed = visit.way === "call" ? say("没打通", "No answer") : say("没人在家，留条", "Not at home");
  show(visit.address,
    element("section", { class: "card" }, element("div", { class: "hd" }, element("h3", {}, slot(visit)), tag(visit)),
      element("dl", { class: "kv" }, ...line(say("怎么来", "How"), way(visit)), ...line(say("为什么来", "Why"), visit.reason), ...line(say("谁来", "Who"), visit.worker),
        ...line(say("住户说", "They say"), visit.wish), ...line(say("现在", "Now"), visit.said ? named(visit.said) : "")),
      element("a", { class: "cell", href: `#home/${visit.household}` }, icon("people"), element("span", { class: "bd" }, element("span", { class: "ttl" }, say("住户信息", "The household"))), icon("chevron"))),
    isOpen(visit) ? element("section", { class: "card pad stack" },
      element("button", { class: "btn wide", type: "button", "data-visit-same": true, click: () => note(visit, "done", {}, say("走访，没变化", "visited, nothing changed")) }, icon("done"), say("见到人了，没变化", "Seen, nothing changed")),
      element("button", { class: "btn weak wide", type: "button", "data-visit-missed": true, click: () => note(visit, "missed", {}, say("没见到人", "nobody at home")) }, missed)) : null,
    visit.state === "missed" ? slip(visit) : null,
    isOpen(visit) ? changed(visit) : null);
  await strip();
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
