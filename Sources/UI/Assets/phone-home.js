/** One household on the phone: who lives there, changing what is known, "nothing changed" in one tap, members. */
import { ask, element, icon, say, toast } from "./kit.js";
import { app, card, labelled, named, show, strip } from "./phone.js";
import { add, markOf, overlay } from "./phone-work.js";
import { visitOf } from "./phone-visits.js";
import * as vault from "./vault.js";

const word = (list, id) => named(list.find((each) => each.id === id) ?? { zh: id, en: id });
const fieldsOf = (kind) => app.bundle.fields.filter((field) => field.id.startsWith(`${kind}.`));

/** A value as people read it. */
function shownValue(field, value) {
  const choice = field.choices?.find((each) => each.id === value);
  return choice ? named(choice) : value;
}

function control(field, value) {
  if (field.choices) {
    const select = element("select", { id: field.id, name: field.id }, new Option(say("不清楚", "Not known"), ""), ...field.choices.map((each) => new Option(named(each), each.id)));
    select.value = value;
    return select;
  }
  const input = element("input", { id: field.id, name: field.id, type: field.type ?? "text", maxlength: String(field.limit ?? 30), autocomplete: "off" });
  input.value = value;
  return input;
}

const plain = { "person.name": "name", "person.sex": "sex", "person.born": "born" };
const known = (holder, id) => (plain[id] ? holder[plain[id]] : id === "dwelling.occupancy" ? holder.occupancy : holder.facts?.[id] ?? "");

/** A field as it can be filled in: what stays closed, and phones, of which only the mask is here, begin empty. */
function editor(holder, field) {
  const isClosed = field.id === "person.phone" ? holder.phone : holder.sealed?.[field.id];
  const hint = field.id === "person.phone" && holder.phone ? say(`现有 ${holder.phone}，不改就空着`, `Now ${holder.phone}; leave empty to keep it`)
    : isClosed ? say("已登记（保密），不改就空着", "Known and closed; leave empty to keep it") : "";
  return labelled(named(field), control(field, known(holder, field.id)), hint);
}

/** What was changed in a form, as the server wants it; the copy is changed along. */
function changesIn(form, kind, id, holder) {
  const changes = [];
  for (const field of fieldsOf(kind)) {
    const typed = form.elements[field.id]?.value.trim() ?? "";
    const isClosed = field.id === "person.phone" || Boolean(holder.sealed?.[field.id]);
    if (typed === known(holder, field.id) || (isClosed && typed === "")) continue;
    changes.push({ kind, id, field: field.id, before: markOf(holder, field.id), value: typed });
  }
  for (const { field, value } of changes) overlay(holder, field, value);
  return changes;
}

async function save(form, household, kind, id, holder) {
  const changes = changesIn(form, kind, id, holder);
  if (changes.length === 0) return toast(say("没有改动", "Nothing was changed"));
  const title = `${household.address} ${changes.map(({ field }) => word(app.bundle.fields, field)).join("、")}`;
  await add("households", { kind: "edit", household: household.id, changes }, { household: { ...household, heard: Date.now() }, title });
  toast(say("已存好，有网就传", "Kept; sent when there is a network"));
  await home(household.id, true);
}

function memberCard(household, member) {
  const facts = fieldsOf("person").filter((field) => member.facts[field.id] !== undefined || member.sealed[field.id]);
  const form = element("form", { class: "stack", "data-member": member.id, "data-again": true, submit: (event) => {
    event.preventDefault();
    save(form, household, "person", member.id, member);
  } }, ...fieldsOf("person").map((field) => editor(member, field)), element("button", { class: "btn wide" }, say("保存", "Save")));
  // Every control of the page has an id of its own.
  for (const node of form.querySelectorAll("[id]")) node.id = `${member.id}-${node.id}`;
  for (const node of form.querySelectorAll("label[for]")) node.htmlFor = `${member.id}-${node.htmlFor}`;
  const sex = app.bundle.fields.find((field) => field.id === "person.sex");
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
}

async function same(household) {
  await add("households", { kind: "same", household: household.id }, { household: { ...household, heard: Date.now() }, title: `${household.address} ${say("没变化", "nothing changed")}` });
  toast(say("已记下：没变化", "Noted: nothing changed"));
  await home(household.id, true);
}

/** The page of a household; each opening is told to who lives there. */
export async function home(id, isAgain = false) {
  const [household, from] = [await vault.value(`h/${id}`), scrollY];
  if (!household) return show(say("没有这一户", "No such household"), card("", element("a", { class: "btn", href: "#homes" }, say("回到住户", "Back"))));
  if (!isAgain) await add("households", { kind: "opened", household: id });
  const occupancy = element("form", { class: "stack", "data-again": true, submit: (event) => {
    event.preventDefault();
    save(occupancy, household, "dwelling", household.dwelling, household);
  } }, ...fieldsOf("dwelling").map((field) => editor(household, field)), element("button", { class: "btn weak wide" }, say("保存", "Save")));
  show(household.address,
    element("section", { class: "card pad" },
      element("button", { class: "btn wide", type: "button", "data-same": true, click: () => same(household) }, icon("check"), say("没变化", "Nothing changed")),
      element("div", { class: "btns gap" }, element("a", { class: "btn weak", href: `#member/${id}` }, icon("plus"), say("加人", "Add somebody")),
        element("a", { class: "btn weak", href: `#report/${id}` }, icon("camera"), say("上报", "Report")))),
    await visitOf(id), ...household.members.map((member) => memberCard(household, member)),
    element("section", { class: "card pad" }, element("details", { class: "more" }, element("summary", {}, icon("door"), say("房屋使用情况", "How the home is used")), occupancy)));
  // After saving one stays where one was.
  if (isAgain) scrollTo(0, from);
  await strip();
}

/** The form for somebody new. */
export async function member(id) {
  const household = await vault.value(`h/${id}`);
  if (!household) return home(id);
  const fields = ["person.name", "person.sex", "person.born", "person.phone"].map((name) => app.bundle.fields.find((field) => field.id === name));
  const choose = (name, label, words) => labelled(label, element("select", { id: name, name }, ...words.map((each) => new Option(named(each), each.id))));
  const form = element("form", { class: "stack", submit: async (event) => {
    event.preventDefault();
    const value = (name) => form.elements[name].value.trim();
    const body = { kind: "member", household: id, name: value("person.name"), sex: value("person.sex"), born: value("person.born"), phone: value("person.phone"), relation: value("relation"), tie: value("tie") };
    // Until the server has given them an identifier they are shown in the list of what waits.
    await add("households", body, { household: { ...household, heard: Date.now() }, title: `${household.address} ${say("新增", "new")} ${body.name}` });
    toast(say("已存好，有网就传", "Kept; sent when there is a network"));
    location.hash = `#home/${id}`;
  } }, ...fields.map((field) => labelled(named(field), control(field, ""))),
  choose("relation", say("与户主关系", "To the head"), app.bundle.relations), choose("tie", say("居住情况", "Lives here as"), app.bundle.ties),
  element("button", { class: "btn wide" }, say("保存", "Save")));
  form.elements["person.name"].required = true;
  show(say("加人", "Add somebody"), card(household.address, form));
}
