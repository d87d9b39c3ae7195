/** One household on the phone: who lives there, changing what is known, "nothing changed" in one tap, members. */
import { ask, element, icon, say, toast } from "./kit.js";
import { app, card, named, show, soon, strip } from "./phone.js";
import { tell } from "./phone-check.js";
import { isBack, kept, wiped } from "./phone-draft.js";
import { editor, fieldOf, fieldsOf, known, shownValue, word } from "./phone-fields.js";
import { add, markOf, overlay } from "./phone-work.js";
import { visitOf } from "./phone-visits.js";
import * as vault from "./vault.js";

/** What was changed in a form, as the server wants it; nothing is changed here. */
function changesIn(form, kind, id, holder) {
  const changes = [];
  for (const field of fieldsOf(kind)) {
    const typed = form.elements[field.id]?.value.trim() ?? "";
    const isClosed = field.id === "person.phone" || Boolean(holder.sealed?.[field.id]);
    if (typed === known(holder, field.id) || (isClosed && typed === "")) continue;
    changes.push({ kind, id, field: field.id, before: markOf(holder, field.id), value: typed });
  }
  return changes;
}

async function save(form, household, kind, id, holder, keeps) {
  const changes = changesIn(form, kind, id, holder);
  if (changes.length === 0) return toast(say("没有改动", "Nothing was changed"));
  // What the phone can tell is told now: whoever knows it stands at the door.
  if (tell(form, changes.map(({ field, value }) => [form.elements[field], fieldOf(field), value]))) return;
  await keeps.get(id)?.stop();
  for (const { field, value } of changes) overlay(holder, field, value);
  const title = `${household.address} ${changes.map(({ field }) => word(app.bundle.fields, field)).join("、")}`;
  await add("households", { kind: "edit", household: household.id, changes }, { household: { ...household, heard: Date.now() }, title, more: wiped(`edit-${id}`) });
  toast(say("已存好，有网就传", "Kept; sent when there is a network"));
  await home(household.id, true);
  soon();
}

/** Somebody, with the form to change what is known; `keeps` holds what keeps each form's half-filled words. */
function memberCard(household, member, keeps) {
  const facts = fieldsOf("person").filter((field) => member.facts[field.id] !== undefined || member.sealed[field.id]);
  const form = element("form", { class: "stack", "data-member": member.id, "data-again": true, submit: (event) => {
    event.preventDefault();
    save(form, household, "person", member.id, member, keeps);
  } }, ...fieldsOf("person").map((field) => editor(member, field)), element("button", { class: "btn wide" }, say("保存", "Save")));
  // Every control of the page has an id of its own.
  for (const node of form.querySelectorAll("[id]")) node.id = `${member.id}-${node.id}`;
  for (const node of form.querySelectorAll("label[for]")) node.htmlFor = `${member.id}-${node.htmlFor}`;
  const sex = fieldOf("person.sex");
  const line = [word(app.bundle.relations, member.relation), shownValue(sex, member.sex), member.born, member.phone].filter(Boolean).join(" · ");
  return element("section", { class: "card pad" }, element("h3", {}, member.name), element("p", { class: "note" }, line),
    facts.length > 0 ? element("dl", { class: "kv flat" }, ...facts.flatMap((field) => [element("dt", {}, named(field)),
      element("dd", {}, member.facts[field.id] === undefined ? say("已登记（保密）", "Known, closed") : shownValue(field, member.facts[field.id]))])) : null,
    element("details", { class: "more" }, element("summary", {}, icon("edit"), say("改信息", "Change")), form,
      element("div", { class: "btns gap" },
        element("button", { class: "btn ghost", type: "button", "data-gone": "moved", click: () => gone(household, member, "moved") }, say("搬走了", "Moved away")),
        element("button", { class: "btn ghost", type: "button", "data-gone": "died", click: () => gone(household, member, "died") }, say("去世了", "Died")))));
}

async function gone(household, member, reason) {
  const isDeath = reason === "died";
  const question = isDeath ? say(`${member.name}去世了？`, `Has ${member.name} died?`)
    : say(`${member.name}搬走了，不住这里了？`, `Has ${member.name} moved away?`);
  if (!await ask(question, say("是", "Yes"), true)) return;
  const left = { ...household, members: household.members.filter((each) => each.id !== member.id), heard: Date.now() };
  await add("households", { kind: "gone", household: household.id, person: member.id, reason }, { household: left, title: `${household.address} ${member.name} ${isDeath ? say("去世", "died") : say("搬走", "moved")}` });
  await home(household.id, true);
  soon();
}

async function same(household) {
  await add("households", { kind: "same", household: household.id }, { household: { ...household, heard: Date.now() }, title: `${household.address} ${say("没变化", "nothing changed")}` });
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

/** Each form of the page goes on where somebody was called away from it. */
async function keepForms(forms, keeps, again) {
  for (const [id, form] of forms) {
    const keep = await kept(`edit-${id}`, form);
    keeps.set(id, keep);
    if (!keep.draft) continue;
    form.prepend(isBack(`edit-${id}`, again));
    const box = form.closest("details");
    if (box) box.open = true;
  }
  app.form = { isDirty: () => false, leave: () => Promise.all([...keeps.values()].map((keep) => keep.leave())) };
}

/** The page of a household; each opening is told to who lives there. */
export async function home(id, isAgain = false) {
  await app.form?.leave();
  app.form = null;
  const [household, from] = [await vault.value(`h/${id}`), scrollY];
  if (!household) return show(say("没有这一户", "No such household"), card("", element("a", { class: "btn", href: "#homes" }, say("回到住户", "Back"))));
  if (!isAgain) await add("households", { kind: "opened", household: id });
  const keeps = new Map();
  const occupancy = element("form", { class: "stack", "data-again": true, submit: (event) => {
    event.preventDefault();
    save(occupancy, household, "dwelling", household.dwelling, household, keeps);
  } }, ...fieldsOf("dwelling").map((field) => editor(household, field)), element("button", { class: "btn weak wide" }, say("保存", "Save")));
  const cards = household.members.map((member) => memberCard(household, member, keeps));
  show(household.address,
    element("section", { class: "card pad" },
      element("button", { class: "btn wide", type: "button", "data-same": true, click: () => same(household) }, icon("check"), say("没变化", "Nothing changed")),
      element("div", { class: "btns gap" }, element("a", { class: "btn weak", href: `#member/${id}` }, icon("plus"), say("加人", "Add somebody")),
        element("a", { class: "btn weak", href: `#report/${id}` }, icon("camera"), say("上报", "Report")))),
    await visitOf(id), ...cards, ...await newcomers(id),
    element("section", { class: "card pad" }, element("details", { class: "more" }, element("summary", {}, icon("door"), say("房屋使用情况", "How the home is used")), occupancy)));
  const forms = cards.map((each) => each.querySelector("form")).map((form) => [form.dataset.member, form]);
  await keepForms([...forms, [household.dwelling, occupancy]], keeps, () => home(id, true));
  // After saving one stays where one was.
  if (isAgain) scrollTo(0, from);
  await strip();
  if (!isAgain) soon();
}
