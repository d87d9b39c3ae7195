/** Reporting with photos, and handing over, without a network. */
import { element, icon, say, toast } from "./kit.js";
import { app, card, labelled, named, show, when } from "./phone.js";
import { ready, start as startPhotos } from "./photos.js";
import { add } from "./phone-work.js";
import * as vault from "./vault.js";

function area(id, label, rows, limit, isRequired) {
  return labelled(label, element("textarea", { id, name: id, rows: String(rows), maxlength: String(limit), required: isRequired }));
}

/** Where photos are taken or chosen. */
export function picker(name = "photos", most = 9) {
  const input = element("input", { type: "file", name, accept: "image/*", capture: "environment", multiple: true, "aria-label": say("拍照或选照片", "Take or choose photos") });
  return element("div", { class: "photos", "data-photos": String(most) }, element("label", { class: "add" }, icon("camera"), element("span", {}, say("拍照", "Photo")), input));
}

/** A report, from a household or from where one stands. */
export async function report(id) {
  const household = id ? await vault.value(`h/${id}`) : null;
  const types = app.bundle.cases?.types ?? [];
  const place = { lat: null, lon: null };
  const status = element("span", { class: "hint", role: "status" });
  const type = element("select", { id: "type", name: "type" }, ...types.map((each) => new Option(named(each), each.id)));
  const where = element("input", { id: "location", name: "location", maxlength: "120", required: true, autocomplete: "off" });
  where.value = household?.address ?? "";
  const locate = element("button", { class: "btn weak", type: "button", click: () => {
    status.textContent = say("正在定位……", "Locating …");
    navigator.geolocation?.getCurrentPosition(({ coords }) => {
      Object.assign(place, { lat: coords.latitude, lon: coords.longitude });
      status.textContent = say(`已定位，误差约 ${Math.round(coords.accuracy)} 米`, `Within ${Math.round(coords.accuracy)} m`);
    }, () => {
      status.textContent = say("没有定到位置，写清楚就行", "No position; words will do");
    }, { enableHighAccuracy: true, timeout: 12_000 });
  } }, icon("locate"), say("用我现在的位置", "Where I am"));
  const form = element("form", { class: "stack", "data-phone-report": true, submit: async (event) => {
    event.preventDefault();
    for (const button of form.querySelectorAll("button")) button.disabled = true;
    await ready(form.elements.photos);
    const photos = await Promise.all([...form.elements.photos.files].map((file) => file.arrayBuffer()));
    const value = (name) => form.elements[name].value.trim();
    const body = { text: value("text"), type: value("type"), location: value("location"), urgent: form.elements.urgent.checked, settled: value("settled") };
    if (household) Object.assign(body, { place: household.place });
    if (place.lat !== null) Object.assign(body, place);
    await add("cases", body, { photos, title: body.text.slice(0, 40) });
    toast(say("已存好，有网就上报", "Kept; reported when there is a network"));
    location.hash = "#unsent";
  } }, picker(), area("text", say("什么事", "What is it"), 3, 500, true), types.length > 1 ? labelled(say("报什么", "Kind"), type) : type,
  labelled(say("在哪里", "Where"), where), element("div", { class: "row" }, locate, status),
  element("label", { class: "check" }, element("input", { type: "checkbox", name: "urgent" }), element("span", {}, say("紧急：危及人身、财产", "Urgent: danger to people or property"))),
  element("p", { class: "hint" }, say("火情、有人受伤，先打 119、120、110。", "Fire or injury: call 119, 120 or 110 first.")),
  area("settled", say("已当场解决的，写做了什么（可不填）", "Settled on the spot? Say how (optional)"), 2, 500, false),
  element("button", { class: "btn wide" }, icon("send"), say("上报", "Report")));
  if (types.length === 1) type.hidden = true;
  show(say("上报", "Report"), card("", form));
  startPhotos();
}

/** Who is on duty, who comes, what was said; and a note for them. */
export function handover() {
  const { handover: known } = app.bundle;
  if (!known?.unit) return show(say("交接班", "Hand over"), card("", element("p", {}, say("您没有需要交接的单位。", "There is no unit to hand over for."))));
  const form = element("form", { class: "stack", submit: async (event) => {
    event.preventDefault();
    const text = form.elements.text.value.trim();
    await add("handover", { text }, { title: `${say("交接", "Hand over")}：${text.slice(0, 30)}` });
    toast(say("已存好，有网就传给接班的人", "Kept; sent to who comes when there is a network"));
    location.hash = "#unsent";
  } }, area("text", say("给接班的人交代", "For who comes"), 3, 1000, true), element("button", { class: "btn wide" }, say("保存", "Save")));
  const line = (label, name, at) => (name ? [element("dt", {}, label), element("dd", {}, `${name} · ${when(at)}`)] : []);
  show(say("交接班", "Hand over"),
    element("section", { class: "card" }, element("div", { class: "hd" }, element("h3", {}, say(known.unit, known.unitEn))), element("dl", { class: "kv" },
      ...line(say("在班到", "On duty until"), known.now, known.until), ...line(say("接班从", "Next from"), known.next, known.from))),
    card("", form),
    card(say("最近的交代", "Lately"), ...(known.lines.length === 0 ? [element("p", { class: "note" }, say("还没有", "Nothing yet"))]
      : known.lines.map((each) => element("p", { class: "gap" }, each.taken ? say("已接班", "Took over") : each.text, element("span", { class: "note" }, ` ${each.name} ${when(each.at)}`))))));
}
