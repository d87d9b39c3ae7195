/** One household on the phone: who lives there, changing what is known, "nothing changed" in one tap, members. */
import { ask, element, icon, say, toast } from "./kit.js";
import { app, card, labelled, named, show, soon, strip } from "./phone.js";
import { keepForms, save } from "./phone-edit.js";
import { editor, fieldOf, fieldsOf, shownValue, word } from "./phone-fields.js";
import { press } from "./phone-press.js";
import { add } from "./phone-work.js";
import { visitOf } from "./phone-visits.js";
import * as vault from "./vault.js";

/** Somebody, with the form to change what is known; `keeps` holds what keeps each form's half-filled words. */
function memberCard(household, member, keeps) {
  const about = { kind: "person", id: member.id, holder: member, fields: fieldsOf("person"), held: app.vault };
  const facts = fieldsOf("person").filter((field) => member.facts[field.id] !== undefined || member.sealed[field.id]);
  const form = element("form", { class: "stack", "data-member": member.id, "data-again": true, submit: (event) => {
    event.preventDefault();
    save(form, household, about, keeps);
  } }, ...fieldsOf("person").map((field) => editor(member, field)), element("button", { class: "btn wide" }, say("保存", "Save")));
  // Every control of the page has an id of its own.
  for (const node of form.querySelectorAll("[id]")) node.id = `${member.id}-${node.id}`;
  for (const node of form.querySelectorAll("label[for]")) node.htmlFor = `${member.id}-${node.htmlFor}`;
  const sex = fieldOf("person.sex");
  const line = [word(app.bundle.relations, member.relation), shownValue(sex, member.sex), member.born, member.phone].filter(Boolean).join(" · ");
  const card = element("section", { class: "card pad" }, element("h3", {}, member.name), element("p", { class: "note" }, line),
    facts.length > 0 ? element("dl", { class: "kv flat" }, ...facts.flatMap((field) => [element("dt", {}, named(field)),
      element("dd", {}, member.facts[field.id] === undefined ? say("已登记（保密）", "Known, closed") : shownValue(field, member.facts[field.id]))])) : null,
    element("details", { class: "more" }, element("summary", {}, icon("edit"), say("改信息", "Change")), form,
      labelled(say("是哪天的事（空着就是今天）", "On which day (empty: today)"), element("input", { id: `day-${member.id}`, type: "date", autocomplete: "off" })),
      element("div", { class: "btns gap" },
        element("button", { class: "btn ghost", type: "button", "data-gone": "moved", click: ({ currentTarget }) => gone(household, member, "moved", currentTarget) }, say("搬走了", "Moved away")),
        element("button", { class: "btn ghost", type: "button", "data-gone": "died", click: ({ currentTarget }) => gone(household, member, "died", currentTarget) }, say("去世了", "Died")))));
  return { card, form, about };
}

async function gone(household, member, reason, button) {
  const isDeath = reason === "died";
  const day = document.getElementById(`day-${member.id}`)?.value ?? "";
  const question = isDeath ? say(`${member.name}去世了？`, `Has ${member.name} died?`)
    : say(`${member.name}搬走了，不住这里了？`, `Has ${member.name} moved away?`);
  const isKept = await press(button, async () => {
    if (!await ask(question, say("是", "Yes"), true)) return false;
    const left = { ...household, members: household.members.filter((each) => each.id !== member.id), heard: Date.now() };
    return add("households", { kind: "gone", household: household.id, person: member.id, reason, ...(day ? { day } : {}) }, { household: left, title: `${household.address} ${member.name} ${isDeath ? say("去世", "died") : say("搬走", "moved")}` });
  });
  if (!isKept) return;
  await home(household.id, true);
  soon();
}

async function same(household, button) {
  if (!await press(button, () => add("households", { kind: "same", household: household.id }, { household: { ...household, heard: Date.now() }, title: `${household.address} ${say("没变化", "nothing changed")}` }))) return;
  toast(say("已记下：没变化", "Noted: nothing changed"));
  await home(household.id, true);
  soon();
}

/** Who was added here and has no entry yet: the server gives it when it is sent. */
async function newcomers(id) {
  const lines = (await vault.values("w/")).filter(({ work, state }) => work?.body.kind === "member" && work.body.household === id && state !== "sent");
  return lines.map(({ work: { body }, state }) => element("section", { class: "card pad", "data-newcomer": true }, element("h3", {}, body.name, " ",
    state === "refused" ? element("span", { class: "tag warn" }, say("没有收下", "Not taken")) : element("span", { class: "tag mute" }, say("新加，还没传", "New, not sent"))),
  element("p", { class: "note" }, [word(app.bundle.relations, body.relation), shownValue(fieldOf("person.sex"), body.sex), body.born].filter(Boolean).join(" · ")),
  state === "refused" ? element("a", { class: "btn weak", href: "#unsent" }, say("去改", "Correct it")) : null));
}

/** The page of a household; each opening is told to who lives there. */
export async function home(id, isAgain = false) {
  await app.form?.leave();
  app.form = null;
  const [household, from] = [await vault.value(`h/${id}`), scrollY];
  if (!household) return show(say("没有这一户", "No such household"), card("", element("a", { class: "btn", href: "#homes" }, say("回到住户", "Back"))));
  if (!isAgain && !await press({}, () => add("households", { kind: "opened", household: id }))) return show(household.address, card("", element("p", {}, say("手机空间满了，记不下这次查看，先不能打开。", "The phone is full: that you looked cannot be noted, so it stays closed."))));
  const keeps = new Map();
  const about = { kind: "dwelling", id: household.dwelling, holder: household, fields: fieldsOf("dwelling"), held: app.vault };
  const occupancy = element("form", { class: "stack", "data-again": true, submit: (event) => {
    event.preventDefault();
    save(occupancy, household, about, keeps);
  } }, ...fieldsOf("dwelling").map((field) => editor(household, field)), element("button", { class: "btn weak wide" }, say("保存", "Save")));
  const cards = household.members.map((member) => memberCard(household, member, keeps));
  show(household.address,
    element("section", { class: "card pad" },
      element("button", { class: "btn wide", type: "button", "data-same": true, click: ({ currentTarget }) => same(household, currentTarget) }, icon("check"), say("没变化", "Nothing changed")),
      element("div", { class: "btns gap" }, element("a", { class: "btn weak", href: `#member/${id}` }, icon("plus"), say("加人", "Add somebody")),
        element("a", { class: "btn weak", href: `#report/${id}` }, icon("camera"), say("上报", "Report")))),
    await visitOf(id), ...cards.map((each) => each.card), ...await newcomers(id),
    element("section", { class: "card pad" }, element("details", { class: "more" }, element("summary", {}, icon("door"), say("房屋使用情况", "How the home is used")), occupancy)));
  await keepForms(household, [...cards, { form: occupancy, about }], keeps, () => home(id, true));
  // After saving one stays where one was.
  if (isAgain) scrollTo(0, from);
  await strip();
  if (!isAgain) soon();
}
