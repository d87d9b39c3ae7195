/** What was not taken: what was typed beside what stands there, and the form to correct it and send it again. */
import { element, say, toast } from "./kit.js";
import { app, card, labelled, named, show, soon } from "./phone.js";
import { tell } from "./phone-check.js";
import { control, fieldOf, holderOf, shownValue, standing, why, word } from "./phone-fields.js";
import { press } from "./phone-press.js";
import { add, changed, markOf, masked, retired } from "./phone-work.js";
import * as vault from "./vault.js";

const side = (label, words) => element("div", { class: "side" }, element("span", { class: "note" }, label), element("b", {}, words || say("（空）", "(empty)")));
const row = (name, ...sides) => element("div", { class: "versus" }, element("p", {}, name), ...sides);

/** Whose field it is. */
const nameOf = (household, change) => [change.kind === "person" ? holderOf(household, change)?.name : "", named(fieldOf(change.field) ?? { zh: change.field, en: change.field })].filter(Boolean).join(" · ");

/** What was typed, and beside it what stands in the copy now. */
export function typed({ part, body }, households) {
  const mine = say("我填的", "Mine");
  if (body.changes) {
    const household = households.get(body.household);
    return element("div", {}, ...body.changes.map((change) => {
      const field = fieldOf(change.field);
      return row(nameOf(household, change), side(mine, shownValue(field, change.value)), side(say("现在是", "Now"), field ? standing(holderOf(household, change), field) : ""));
    }));
  }
  if (body.kind === "member") {
    const words = [body.name, shownValue(fieldOf("person.sex"), body.sex), body.born, body.phone, word(app.bundle.relations, body.relation), word(app.bundle.ties, body.tie)];
    return element("div", {}, row(say("新增成员", "New member"), side(mine, words.filter(Boolean).join(" · "))));
  }
  if (part === "households") return null;
  return element("div", {}, row(part === "cases" ? say("上报", "Report") : say("交接", "Hand over"), side(mine, [body.text, body.location, body.settled].filter(Boolean).join(" · "))));
}

/** What was seen: what stands in the copy now, beside which it was corrected, unless that is still the value not taken. */
function beforeOf(holder, { field, value, before }) {
  if (!holder) return before;
  const mark = markOf(holder, field);
  return mark === `=${field === "person.phone" ? masked(value.replace(/\D/g, "")) : value}` ? before : mark;
}

/** Whether what stands there is shown to nobody here: left empty it stays, as in the form it was typed in. */
const isClosed = (holder, field) => field === "person.phone" || Boolean(holder?.sealed?.[field]);

async function fields(line) {
  const { household: id, changes } = line.work.body;
  const household = await vault.value(`h/${id}`);
  const controls = changes.map((change, index) => {
    const node = control(fieldOf(change.field), change.value);
    node.id = node.name = `fix-${index}`;
    return node;
  });
  const form = element("form", { class: "stack", "data-phone-fix": true, "data-again": true, submit: async (event) => {
    event.preventDefault();
    const value = (index) => controls[index].value.trim();
    if (tell(form, changes.map((change, index) => [controls[index], fieldOf(change.field), value(index)]))) return;
    const done = changes.map((change, index) => ({ ...change, before: beforeOf(holderOf(household, change), change), value: value(index) }))
      .filter((change) => change.value !== "" || !isClosed(holderOf(household, change), change.field));
    if (!await press(form, () => add("households", { kind: "edit", household: id, settles: line.key, changes: done },
      { household: household && changed(household, done), title: line.title, more: retired(line.key) }))) return;
    toast(say("已存好，有网就传", "Kept; sent when there is a network"));
    location.hash = "#unsent";
    soon();
  } }, element("p", { class: "err" }, why(line)),
  ...changes.map((change, index) => {
    const now = standing(holderOf(household, change), fieldOf(change.field));
    const left = isClosed(holderOf(household, change), change.field);
    return labelled(nameOf(household, change), controls[index], left ? say(`现在是：${now}，不改就空着`, `Now: ${now}; leave empty to keep it`) : say(`现在是：${now}`, `Now: ${now}`));
  }), element("button", { class: "btn wide" }, say("保存，再传一次", "Save and send again")));
  show(say("改好再传", "Correct and send"), card(household?.address ?? line.title, form));
}

/** The form of what was not taken. */
export async function fix(key) {
  const line = await vault.value(`w/${key}`);
  if (line?.state !== "refused" || !line.work) return (await import("./phone-unsent.js")).unsent();
  const { part, body } = line.work;
  if (part === "cases") return (await import("./phone-report.js")).report("", line);
  if (part === "handover") return (await import("./phone-report.js")).handover("", line);
  if (body.kind === "member") return (await import("./phone-member.js")).member(body.household, line);
  if (body.changes) return fields(line);
  return show(say("没有收下", "Not taken"), card(line.title, element("p", { class: "err" }, why(line)),
    element("p", { class: "gap" }, element("a", { class: "btn weak", href: "#unsent" }, say("回到待传", "Back")))));
}
