/**
 * What came of a visit, on the phone as on its page: answers, a few words, photos, a signature. What is filled in is kept
 * as a draft until it is noted (phone-draft.js), and stays on the screen when the lease ends meanwhile.
 */
import { element, icon, say, toast } from "./kit.js";
import { app, card, labelled, named } from "./phone.js";
import { alone } from "./phone-alone.js";
import { choose, draftOf, isBack, isEmpty, keeper } from "./phone-draft.js";
import { press } from "./phone-press.js";
import { picker } from "./phone-report.js";
import { ready, start as startPhotos } from "./photos.js";
import { pad } from "./sign.js";
import { largest } from "./unsent.js";

/** What keeps a visit from being noted: half a signature, or more than the server takes at once; "" when nothing does. */
export function faultOf({ signer, signed, isDrawn }, size) {
  if (!isDrawn && (signer !== "") !== signed) return "signer";
  return size > largest ? "size" : "";
}

/** The answers that say something else than before. */
export const changedAnswers = (answers, before) =>
  Object.fromEntries(Object.entries(answers).filter(([id, value]) => value !== before[id]));

function asked(question, selected) {
  const choices = question.choices.map((choice) => {
    const input = element("input", { type: "radio", name: `q.${question.id}`, value: choice.id });
    input.checked = choice.id === selected;
    return element("label", { class: "choice" }, input, element("span", { class: "bd" }, element("b", {}, named(choice))));
  });
  return element("fieldset", { class: "field" }, element("legend", {}, named(question)), element("div", { class: "choices two" }, ...choices));
}

function questions(visit, form, drafted) {
  const known = form.filter(({ id }) => visit.answers[id] !== undefined);
  const open = form.filter(({ id }) => visit.answers[id] === undefined);
  const again = known.length === 0 ? null : element("details", { class: "more" },
    element("summary", {}, say(`上次问过的 ${known.length} 项，变了才改`, `${known.length} asked before: change what is new`)),
    element("div", { class: "stack" }, ...known.map((each) => asked(each, drafted[each.id] ?? visit.answers[each.id]))));
  return [...open.map((each) => asked(each, drafted[each.id])), again];
}

function signing(field, signer, signed, wrong, isOpen) {
  return element("details", { class: "more", "data-visit-sign": true, open: isOpen },
    element("summary", {}, icon("edit"), say("请住户签名（可不签）", "Have the household sign (optional)")),
    element("div", { class: "stack" }, ...field.nodes,
      labelled(say("签名的人（可不填）", "Who signs (optional)"), signer), wrong,
      element("label", { class: "check" }, signed, element("span", {}, say("本人在场，同意以上记录", "Is present and agrees to what is noted")))));
}

/** The controls of the form, filled in as the draft has it. */
async function controls(visit, draft) {
  const words = element("textarea", { id: "note", name: "note", rows: "3", maxlength: "500", "aria-describedby": "note-hint" });
  const signer = element("input", { id: "signer", name: "signer", maxlength: "40", autocomplete: "off", "aria-describedby": "signer-error" });
  const signed = element("input", { type: "checkbox", name: "signed" });
  words.value = draft?.note ?? "";
  signer.value = draft?.signer ?? "";
  signed.checked = draft?.signed ?? false;
  return { words, signer, signed, wrong: element("p", { class: "err", id: "signer-error", role: "alert", hidden: true }) };
}

/**
 * The form of an open visit. `noted` puts the work into the outbox, `shown` shows that, `again` shows the visit anew.
 * @returns {Promise<{card: Node, node: HTMLFormElement, began: () => Promise<void>, send: (isChanged: boolean) => Promise<void>}>}
 */
export async function visitForm(visit, noted, shown, again) {
  const form = app.bundle.visits?.forms[visit.form] ?? [];
  const [draft, photos] = [await draftOf(visit.id), picker()];
  const { words, signer, signed, wrong } = await controls(visit, draft);
  const input = photos.querySelector("input");
  const field = pad(() => keep.later());
  const chosen = () => Object.fromEntries(form.map(({ id }) => [id, node.elements[`q.${id}`]?.value ?? ""]).filter(([, value]) => value));
  const filled = () => ({ answers: changedAnswers(chosen(), visit.answers), note: words.value.trim(), signer: signer.value.trim(), signed: signed.checked, photos: [...input.files] });
  const work = ({ photos: _, ink, ...said }) => ({ part: "visits", body: { kind: "done", visit: visit.id, household: visit.household, before: visit.mark, ...said, changed: true, signature: Boolean(ink) } });
  const keep = keeper(visit.id, async () => ({ ...filled(), ink: await field.picture() }), work);
  const node = element("form", { class: "stack", "data-visit-form": true, "data-again": true, input: () => keep.later(), change: () => keep.later(), submit: (event) => {
    event.preventDefault();
    send(event.submitter?.value !== "no");
  } }, draft ? isBack(visit.id, again) : null, ...questions(visit, form, draft?.answers ?? {}),
  element("div", { class: "field" }, element("label", { for: "note" }, say("情况（可不填）", "What is new (optional)")), words,
    element("p", { class: "hint", id: "note-hint" }, say("不写病情、收入；电话、证件号会自动打码。", "No illness, no income; numbers are masked."))),
  element("div", { class: "field" }, element("span", { class: "label" }, say("照片（可不拍）", "Photos (optional)")), photos),
  signing(field, signer, signed, wrong, Boolean(draft?.ink || draft?.signer)),
  element("button", { class: "btn weak wide", value: "yes" }, say("有变化，记下这次走访", "Something changed: note it")),
  element("button", { class: "btn ghost wide", value: "no" }, say("没变化，记下这次走访", "Nothing changed: note it")));
  node.addEventListener("linli:photos", () => keep.later());

  function tell(fault) {
    if (fault === "size") return toast(say("照片太大，一次传不了，请去掉几张", "The photos are too large: leave some out"), "bad");
    node.querySelector("[data-visit-sign]").open = true;
    signer.focus();
  }

  /** @returns {Promise<boolean>} false when something is missing */
  async function note(isChanged) {
    await ready(input);
    const ink = await field.picture();
    const { photos: files, ...said } = filled();
    const pictures = await Promise.all([...files, ...(ink ? [ink] : [])].map((each) => each.arrayBuffer()));
    const fault = faultOf({ ...said, isDrawn: Boolean(ink) }, pictures.reduce((sum, each) => sum + each.byteLength, 0));
    wrong.textContent = fault === "signer" ? say("签名要写名字，并由本人确认打勾", "A signature needs the name, and its owner's tick") : "";
    wrong.hidden = !wrong.textContent;
    if (fault) {
      tell(fault);
      return false;
    }
    await keep.stop();
    await noted({ ...said, changed: isChanged, signature: Boolean(ink) }, pictures, { photos: files.length, signed: Boolean(ink || said.signer) }, keep);
    return true;
  }

  /** One press is one visit, whichever button it was. */
  async function send(isChanged) {
    if (await press(node, () => note(isChanged), () => keep.goOn())) await shown();
  }

  app.form = {
    isDirty: () => !isEmpty({ ...filled(), ink: field.isDrawn() }),
    /** Another view comes: what is filled in is kept. */
    async leave() {
      await keep.now();
      await keep.stop();
    },
    /** The copy is gone and this is not noted yet: it alone stays, to be noted or not. */
    alone: () => alone(say("这次走访还没记下", "This visit is not noted yet"), [node, keep]),
  };
  const began = async () => {
    startPhotos();
    choose(input, draft?.photos ?? []);
    if (draft?.ink) await field.restore(draft.ink);
  };
  return { card: card(say("有变化，或要补充", "Something changed, or to add"), node), node, began, send };
}
