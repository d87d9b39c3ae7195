/** The fields of people and homes on the phone: as people read them, and as they can be filled in. */
import { element, say } from "./kit.js";
import { app, labelled, named } from "./phone.js";

/** A word of a list of the bundle. */
export const word = (list, id) => named(list.find((each) => each.id === id) ?? { zh: id, en: id });
export const fieldsOf = (kind) => app.bundle.fields.filter((field) => field.id.startsWith(`${kind}.`));
export const fieldOf = (id) => app.bundle.fields.find((field) => field.id === id);

/** A value as people read it. */
export function shownValue(field, value) {
  const choice = field?.choices?.find((each) => each.id === value);
  return choice ? named(choice) : value;
}

/** Why a line was not taken; the service worker, which sends it too, is not told. */
export const why = ({ zh, en }) => (zh ? say(zh, en) : say("没有收下，为什么要等有网再看；先改也行", "Not taken; why is told when there is a network. Correct it now if you know"));

/** The control of a field. */
export function control(field, value) {
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

/** What the copy has of a field. */
export const known = (holder, id) => (plain[id] ? holder[plain[id]] : id === "dwelling.occupancy" ? holder.occupancy : holder.facts?.[id] ?? "");

/** A field as it can be filled in: what stays closed, and phones, of which only the mask is here, begin empty. */
export function editor(holder, field) {
  const isClosed = field.id === "person.phone" ? holder.phone : holder.sealed?.[field.id];
  const hint = field.id === "person.phone" && holder.phone ? say(`现有 ${holder.phone}，不改就空着`, `Now ${holder.phone}; leave empty to keep it`)
    : isClosed ? say("已登记（保密），不改就空着", "Known and closed; leave empty to keep it") : "";
  return labelled(named(field), control(field, known(holder, field.id)), hint);
}

/** A field as it stands in the copy, in words. */
export function standing(holder, field) {
  if (!holder) return say("（不在手机里了）", "(not on this phone any more)");
  if (field.id === "person.phone") return holder.phone || say("（空）", "(empty)");
  if (holder.sealed?.[field.id]) return say("（保密，请在台账里看）", "(closed, read it in the register)");
  return shownValue(field, known(holder, field.id)) || say("（空）", "(empty)");
}

/** Whom or what of a household a change is about. */
export const holderOf = (household, { kind, id }) => (kind === "person" ? household?.members.find((each) => each.id === id) : household) ?? null;
