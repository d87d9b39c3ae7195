/** Somebody new of a household. */
import { element, say, toast } from "./kit.js";
import { app, card, labelled, named, show, soon, start } from "./phone.js";
import { tell } from "./phone-check.js";
import { isBack, kept, wiped } from "./phone-draft.js";
import { control, fieldOf, why } from "./phone-fields.js";
import { press } from "./phone-press.js";
import { add, isHere, retired } from "./phone-work.js";
import * as vault from "./vault.js";

const fields = ["person.name", "person.sex", "person.born", "person.phone"];
const short = (id) => id.split(".")[1];

/** A choice nobody has made for whoever fills it in. */
function choose(name, label, words, value) {
  const select = element("select", { id: name, name, required: true }, new Option(say("请选", "Please choose"), ""), ...words.map((each) => new Option(named(each), each.id)));
  select.value = value;
  return labelled(label, select);
}

/** The form for somebody new; `line` is one that was not taken, to be corrected. */
export async function member(id, line = null) {
  const household = await vault.value(`h/${id}`);
  if (!household) return (await import("./phone-home.js")).home(id);
  const before = line?.work.body ?? {};
  const name = `member-${id}`;
  const held = app.vault, known = fields.map((field) => fieldOf(field));
  const value = (id) => form.elements[id].value.trim();
  const said = () => ({ kind: "member", household: id, ...Object.fromEntries(fields.map((field) => [short(field), value(field)])), relation: value("relation"), tie: value("tie"), ...(value("day") ? { day: value("day") } : {}) });
  const form = element("form", { class: "stack", "data-phone-member": true, "data-again": true, submit: async (event) => {
    event.preventDefault();
    if (tell(form, known.map((field) => [form.elements[field.id], field, value(field.id)]))) return;
    const isKept = await press(form, async () => {
      await keep?.stop();
      const body = said();
      const title = `${household.address} ${say("新增", "new")} ${body.name}`;
      await add("households", { ...body, ...(line ? { settles: line.key } : {}) },
        { household: { ...household, heard: Date.now() }, title, more: [...(line ? retired(line.key) : wiped(name))], held, draft: keep });
    }, () => keep?.goOn());
    if (!isKept) return;
    app.form = null;
    toast(say("已存好，有网就传", "Kept; sent when there is a network"));
    if (!await isHere()) return start();
    location.hash = `#home/${id}`;
    soon();
  } }, line ? element("p", { class: "err" }, why(line)) : null,
  ...fields.map((field) => labelled(named(fieldOf(field)), control(fieldOf(field), before[short(field)] ?? ""))),
  choose("relation", say("与户主关系", "To the head"), app.bundle.relations, before.relation ?? ""),
  // Where somebody heads the household most who come are of the family.
  choose("tie", say("居住情况", "Lives here as"), app.bundle.ties, before.tie ?? (household.members.some(({ relation }) => relation === "head") ? "family" : "")),
  labelled(say("从哪天起住（空着就是今天）", "Since (empty: today)"), element("input", { id: "day", name: "day", type: "date", autocomplete: "off", value: before.day ?? "" })),
  element("button", { class: "btn wide" }, say("保存", "Save")));
  const keep = line ? null : await kept(name, form, { work: () => ({ part: "households", body: said() }) });
  if (keep?.draft) form.prepend(isBack(name, () => member(id)));
  show(say("加人", "Add somebody"), card(household.address, form));
  app.form = keep;
}
