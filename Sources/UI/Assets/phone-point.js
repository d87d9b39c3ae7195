/** One point of a round on the phone: what is noted there, and what is decided when both sides noted something. */
import { debounce, element, icon, say, toast } from "./kit.js";
import { app, card, send, show, start, strip } from "./phone.js";
import { alone } from "./phone-alone.js";
import { unsigned } from "./phone-answers.js";
import { choose, draftOf, isEmpty, keeper, wiped } from "./phone-draft.js";
import { controls, faultOf, faults, pointForm } from "./phone-point-form.js";
import { follow } from "./phone-follow.js";
import { press } from "./phone-press.js";
import { beforeOf, codeIn, mayWalk, metresBetween, pieceOf, roundOf, routes } from "./phone-round.js";
import { add, isHere } from "./phone-work.js";
import { ready, start as startPhotos } from "./photos.js";
import { largest } from "./unsent.js";
import * as vault from "./vault.js";

/**
 * Puts a piece of work at a point into the outbox, with its pictures, and the sign into the round. Its line knows which sign that
 * is and what was there before: not taken and put away, it is that again.
 */
export async function note(round, route, point, kind, said, pictures, keep) {
  const { body, more } = await pieceOf(round);
  const at = Date.now(), sign = { state: kind === "sign" ? "normal" : "hazard", at };
  if (await isHere()) more.push(["cells", "put", await vault.closed(`r/${route.id}`, { ...round, signs: { ...round.signs, [point.id]: sign } })], ...wiped(point.id));
  const title = `${point.name} ${kind === "sign" ? say("正常", "as it should be") : say("有隐患", "a hazard")}`;
  await add("patrols", { kind, ...body, point: point.id, before: beforeOf(round, point.id), ...said }, { title, photos: pictures, line: { point: point.id, sign: at, was: round.signs[point.id] ?? null }, more, held: keep.held, draft: keep });
}

/** The page of one point, with the code that was scanned. */
export async function pointView(id, scannedCode = "") {
  const route = routes().find((each) => each.points.some((point) => point.id === id));
  const round = route && await roundOf(route.id);
  if (!route) return show(say("没有这个点位", "No such point"), card("", element("a", { class: "btn", href: "#today" }, say("回到今天", "Back"))));
  if (!round || round.ended) {
    const { patrolView } = await import("./phone-round.js");
    await patrolView(route.id);
    return toast(say("先点“开始巡查”，再签到", "Begin the round first, then sign in"));
  }
  const point = route.points.find((each) => each.id === id);
  const [draft, place, isSigned] = [await draftOf(id), { position: null }, Boolean(round.signs[id])];
  const parts = controls(draft, scannedCode);
  const files = (box) => box.querySelector("input");
  const chosen = () => form.elements.hazard.value ?? "";
  const collect = () => {
    const after = [...files(parts.after).files];
    const answers = Object.fromEntries(Object.entries({ hazard: chosen(), did: parts.did.value.trim(), code: isSigned ? "" : codeIn(parts.code.value), after: after.length }).filter(([, value]) => value));
    return { answers, note: parts.text.value.trim(), signer: "", signed: parts.settled.checked, photos: [...files(parts.photos).files, ...after], ink: null };
  };
  const proofOf = (code) => (code ? { code } : place.position ? { lat: place.position[0], lon: place.position[1] } : {});
  const work = ({ answers: { hazard, did, code, after }, note: text, signed, photos }) => {
    if (!hazard && !text && !did && photos.length === 0) return null; // somebody came by, no more
    const { route: name, patrol, round: own, begun } = round;
    // What was written with the box unticked settles nothing, and is shown to whoever completes it.
    const found = hazard || text || did ? { kind: "finding", hazard: hazard ?? "", text, settled: signed ? did ?? "" : "", did: signed ? "" : did ?? "", after: after ?? 0 } : { kind: "sign" };
    return { part: "patrols", body: { ...found, route: name, begun, ...(patrol ? { patrol } : { round: own }), point: id, before: beforeOf(round, id), ...proofOf(code) } };
  };
  const keep = keeper(id, async () => collect(), work);

  /** @returns {Promise<boolean>} false when something is missing */
  async function sign(kind) {
    await Promise.all([ready(files(parts.photos)), ready(files(parts.after))]);
    const { answers, note: text, signed: isSettled } = collect(), photos = [...files(parts.photos).files];
    const after = isSettled && kind === "finding" ? [...files(parts.after).files] : [];
    const pictures = await Promise.all([...photos, ...after].map((each) => each.arrayBuffer()));
    const seen = { point, isSigned, code: answers.code ?? "", position: place.position, metres: app.bundle?.patrols.metres ?? 0, kind, photos: photos.length,
      hazard: answers.hazard ?? "", isSettled, did: answers.did ?? "", after: after.length };
    const fault = app.bundle && !mayWalk() ? "duty" : pictures.reduce((sum, each) => sum + each.byteLength, 0) > largest ? "size" : app.bundle ? faultOf(seen) : "";
    if (fault) {
      tell(fault, fault === "far" ? Math.round(metresBetween(seen.position, point.at)) : 0);
      return false;
    }
    await keep.stop();
    const found = kind === "finding" ? { hazard: seen.hazard, text, settled: isSettled ? seen.did : "", after: after.length } : {};
    await note(round, route, point, kind, { ...proofOf(seen.code), ...found }, pictures, keep);
    return true;
  }

  async function submit(kind) {
    if (!await press(form, () => sign(kind), () => keep.goOn())) return;
    app.form = null;
    toast(say("已记下，有网就传", "Noted; sent when there is a network"));
    if (!await isHere()) return start();
    location.hash = `#patrol/${route.id}`;
    send();
  }

  function tell(fault, far) {
    parts.wrong.textContent = fault === "far" ? say(`离点位还有 ${far} 米，走近一点，或用点位码`, `${far} m away: go nearer, or use the code`) : faults[fault]();
    parts.wrong.hidden = false;
    parts.wrong.scrollIntoView({ block: "center" });
    if (["code", "proof", "far"].includes(fault)) parts.code.focus();
  }

  const form = pointForm(route, point, isSigned, parts, place, draft, submit);
  const later = debounce(() => keep.later(), 50);
  for (const event of ["input", "change", "linli:photos"]) form.addEventListener(event, later);
  app.form = {
    isDirty: () => !isEmpty(collect()),
    async leave() {
      await keep.now();
      await keep.stop();
    },
    /** The copy is gone and this is not noted yet: it alone stays, to be noted or not. */
    alone: () => alone(say("这个点位还没记下", "This point is not noted yet"), [form, keep]),
  };
  show(point.name, form, element("p", {}, element("a", { class: "btn plain", href: `#patrol/${route.id}` }, icon("back"), say("回路线", "Back to the route"))));
  startPhotos();
  const kept = draft?.photos ?? [], before = kept.length - (draft?.answers.after ?? 0);
  choose(files(parts.photos), kept.slice(0, before));
  choose(files(parts.after), kept.slice(before));
  follow(route.id);
  await strip();
}

// MARK: What both sides did

/** Tries a point again that was not taken, with what of it the server has kept. */
export async function againPoint({ key, title, photos, point, sign, was }) {
  await add("patrols", { kind: "mine", point, settles: key, before: "" },
    { title, line: { photos, point, sign, was }, more: [["outbox", "delete", key], ["cells", "delete", `w/${key}`]] });
}

/** Decides a point that both sides noted: `mine` does over what stands there what the phone sent before. */
export async function decidePoint(conflict, mine) {
  const [field] = conflict.fields, { sign, was, photos = 0 } = conflict, more = [["cells", "delete", `c/${conflict.key}`]];
  const state = field.mark.split("-")[1];
  if (!mine) more.push(...await unsigned({ point: field.id, sign, was: state ? { state, at: 0 } : null }));
  await add("patrols", { kind: mine ? "mine" : "theirs", point: field.id, settles: conflict.key, before: field.mark },
    { title: mine ? conflict.title : "", line: mine ? { point: field.id, photos, sign, was } : {}, more });
}
