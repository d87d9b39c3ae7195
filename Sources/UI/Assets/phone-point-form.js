/** The form of a point of a round: proof of being there, photos, one tap, or what was found. */
import { element, icon, say, toast } from "./kit.js";
import { app, labelled, named } from "./phone.js";
import { picker } from "./phone-report.js";
import { checkOf, codeIn, metresBetween } from "./phone-round.js";

/** What keeps a point from being noted: "" when nothing does. */
export function faultOf({ point, isSigned, code, position, metres, kind, photos, hazard, isSettled, did, after }) {
  if (!isSigned) {
    if (code && !(code.startsWith(`${point.id}-`) && checkOf(code) === point.check)) return "code";
    if (!code && !(position && point.at)) return "proof";
    if (!code && metresBetween(position, point.at) > metres) return "far";
  }
  if (kind === "sign") return point.photo && photos === 0 && !isSigned ? "photo" : "";
  if (!hazard) return "hazard";
  if (isSettled && !did) return "did";
  return isSettled && after === 0 ? "after" : "";
}

/** What each fault says. */
export const faults = {
  code: () => say("这不是这个点位的码，看看抄对没有", "That is not this point's code: look again"),
  proof: () => say("请扫点位码，或用定位签到", "Scan the code, or use where you are"),
  photo: () => say("这个点位要拍一张照片", "This point asks for a photo"), hazard: () => say("请选是什么隐患", "Please choose the hazard"),
  did: () => say("请写当场做了什么", "Please say what was done"), after: () => say("当场解决的，请拍一张处理后的照片", "Settled on the spot: please add a photo of it now"),
  size: () => say("照片太大，一次传不了，请去掉几张", "The photos are too large: leave some out"),
  duty: () => say("您现在不在班上：不用巡查，也不记轨迹", "You are off duty: no rounds, and nothing is recorded"),
};

/** Reads the code on a wall from a photo, where the phone can; what cannot be read is copied by hand. */
function scanner(code) {
  if (typeof BarcodeDetector !== "function") return null;
  const camera = element("input", { type: "file", accept: "image/*", capture: "environment", hidden: true, change: async () => {
    try {
      const [found] = await new BarcodeDetector({ formats: ["qr_code"] }).detect(await createImageBitmap(camera.files[0]));
      code.value = found ? codeIn(found.rawValue) : code.value;
      if (!found) toast(say("没认出码，靠近一点再拍，或照着抄", "No code found: go nearer, or copy it"), "bad");
    } catch {
      toast(say("没认出码，请照着抄", "No code found: please copy it"), "bad");
    }
    code.focus();
  } });
  return element("span", {}, camera, element("button", { class: "btn weak", type: "button", click: () => camera.click() }, icon("camera"), say("扫点位码", "Scan the code")));
}

function locator(point, place, metres) {
  const status = element("span", { class: "hint", role: "status" });
  const tell = ({ coords }) => {
    place.position = [coords.latitude, coords.longitude];
    const far = Math.round(metresBetween(place.position, point.at));
    status.textContent = far > metres ? say(`离点位还有 ${far} 米，${metres} 米以内才能签到`, `${far} m away; within ${metres} m you may sign in`)
      : say(`离点位 ${far} 米，可以签到`, `${far} m away: you may sign in`);
  };
  const locate = element("button", { class: "btn weak", type: "button", "data-point-locate": true, click: () => {
    status.textContent = say("正在定位……", "Locating …");
    navigator.geolocation?.getCurrentPosition(tell, () => {
      status.textContent = say("没有定到位置，请扫点位码", "No position: use the code");
    }, { enableHighAccuracy: true, timeout: 12_000 });
  } }, icon("locate"), say("定位签到", "Sign in by where I am"));
  return point.at ? [locate, status] : [];
}

function hazards(route, chosen) {
  const choices = route.hazards.map((each) => {
    const input = element("input", { type: "radio", name: "hazard", value: each.id });
    input.checked = each.id === chosen;
    return element("label", { class: "choice" }, input, element("span", { class: "bd" }, element("b", {}, named(each)), each.danger ? element("small", {}, say("危险，马上派", "Danger: at once")) : ""));
  });
  return element("fieldset", { class: "field" }, element("legend", {}, say("是什么", "What is it")), element("div", { class: "choices two" }, ...choices));
}

/** The controls, filled in as the draft has it, with the code that was scanned. */
export function controls(draft, code) {
  const said = draft?.answers ?? {};
  const input = (id, limit, value) => {
    const node = element("input", { id, name: id, maxlength: String(limit), autocomplete: "off", autocapitalize: "off", spellcheck: "false" });
    node.value = value ?? "";
    return node;
  };
  const text = element("textarea", { id: "text", name: "text", rows: "2", maxlength: "500" });
  text.value = draft?.note ?? "";
  const settled = element("input", { type: "checkbox", name: "settled" });
  settled.checked = draft?.signed ?? false;
  return { code: input("code", 200, code || said.code), text, settled, did: input("did", 200, said.did), photos: picker("photos", 6), after: picker("after", 2),
    wrong: element("p", { class: "err", role: "alert", hidden: true }) };
}

function hazardCard(route, parts, draft) {
  return element("section", { class: "card pad stack" }, element("h3", {}, say("有隐患", "A hazard")), hazards(route, draft?.answers.hazard),
    labelled(say("具体情况（可不填）", "More (optional)"), parts.text),
    element("label", { class: "check" }, parts.settled, element("span", {}, say("已当场解决", "Settled on the spot"))),
    labelled(say("做了什么（当场解决的才填）", "What was done (when it is settled)"), parts.did),
    element("div", { class: "field" }, element("span", { class: "label" }, say("处理后的照片（当场解决的要有）", "A photo of it now (when it is settled)")), parts.after),
    element("button", { class: "btn danger wide", value: "finding" }, say("上报隐患", "Report the hazard")));
}

/** The form of a point: here I am, it is as it should be, or it is not. */
export function pointForm(route, point, isSigned, parts, place, draft, submit) {
  const metres = app.bundle.patrols.metres;
  const here = element("section", { class: "card pad stack" }, element("div", { class: "row" }, ...locator(point, place, metres), scanner(parts.code) ?? ""),
    labelled(say("点位码", "Code of the point"), parts.code, say("没有定位时，照着墙上的码抄。", "Without a position copy the code on the wall.")));
  return element("form", { class: "stack", "data-patrol-point": true, "data-again": true, submit: (event) => {
    event.preventDefault();
    submit(event.submitter?.value === "finding" ? "finding" : "sign");
  } }, parts.wrong, isSigned ? element("p", {}, element("span", { class: "tag ok" }, say("已签到", "Signed in"))) : here,
  element("section", { class: "card pad" }, element("div", { class: "field" }, element("span", { class: "label" }, point.photo ? say("照片", "Photo") : say("照片（可不拍）", "Photos (optional)")), parts.photos)),
  isSigned ? null : element("button", { class: "btn wide", value: "sign" }, icon("done"), say("正常", "As it should be")), hazardCard(route, parts, draft));
}
