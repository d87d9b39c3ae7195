/** The forms of what is known of a household: what was changed in them, kept while it is typed, noted once. */
import { element, say, toast } from "./kit.js";
import { app, named, soon, start } from "./phone.js";
import { tell } from "./phone-check.js";
import { alone } from "./phone-alone.js";
import { isBack, kept, wiped } from "./phone-draft.js";
import { known, standing } from "./phone-fields.js";
import { home } from "./phone-home.js";
import { press } from "./phone-press.js";
import { add, changed, isHere, markOf } from "./phone-work.js";

/** What was changed in a form, as the server wants it; nothing is changed here. */
function changesIn(form, { kind, id, holder, fields }) {
  const changes = [];
  for (const field of fields) {
    const typed = form.elements[field.id]?.value.trim() ?? "";
    const isClosed = field.id === "person.phone" || Boolean(holder.sealed?.[field.id]);
    if (typed === known(holder, field.id) || (isClosed && typed === "")) continue;
    changes.push({ kind, id, field: field.id, before: markOf(holder, field.id), value: typed });
  }
  return changes;
}

/** Notes what was changed in a form; `about` is whose it is. The copy may be gone by now, and the form alone on the screen. */
export async function save(form, household, about, keeps) {
  const { id, fields, held } = about, changes = changesIn(form, about), keep = keeps.get(id);
  if (changes.length === 0) return toast(say("没有改动", "Nothing was changed"));
  const field = (wanted) => fields.find((each) => each.id === wanted);
  // What the phone can tell is told now: whoever knows it stands at the door.
  if (tell(form, changes.map((each) => [form.elements[each.field], field(each.field), each.value]))) return;
  const isKept = await press(form, async () => {
    await keep?.stop();
    const title = `${household.address} ${changes.map((each) => named(field(each.field))).join("、")}`;
    await add("households", { kind: "edit", household: household.id, changes },
      { household: changed(household, changes), title, more: wiped(`edit-${id}`), held, draft: keep });
  }, () => keep?.goOn());
  if (!isKept) return;
  toast(say("已存好，有网就传", "Kept; sent when there is a network"));
  if (!await isHere()) {
    form.remove();
    return document.querySelector("[data-phone-view] form") ? null : start();
  }
  await home(household.id, true);
  soon();
}

/** What a colleague changed while a form lay half filled in, beside what was typed. */
function besides(form, { holder, fields }, names) {
  for (const name of names) {
    const now = standing(holder, fields.find((each) => each.id === name));
    form.elements[name].after(element("p", { class: "err", "data-newer": name }, say(`您写的时候还不是这样，别人刚改过，现在是：${now}`, `Changed by somebody since you typed this. Now: ${now}`)));
  }
}

/** Each form of the page goes on where somebody was called away from it. */
export async function keepForms(household, forms, keeps, again) {
  for (const { form, about } of forms) {
    const { id, holder } = about;
    const work = () => {
      const changes = changesIn(form, about);
      return changes.length > 0 ? { part: "households", body: { kind: "edit", household: household.id, changes } } : null;
    };
    const keep = await kept(`edit-${id}`, form, { mark: (name) => markOf(holder, name), work });
    keeps.set(id, keep);
    if (!keep.draft) continue;
    form.prepend(isBack(`edit-${id}`, again));
    besides(form, about, keep.newer);
    const box = form.closest("details");
    if (box) box.open = true;
  }
  const dirty = () => forms.map(({ form, about }) => [form, keeps.get(about.id)]).filter(([, keep]) => keep.isDirty());
  app.form = { isDirty: () => dirty().length > 0, alone: () => alone(say("改的还没存", "Not noted yet"), ...dirty()), leave: () => Promise.all([...keeps.values()].map((keep) => keep.leave())) };
}
