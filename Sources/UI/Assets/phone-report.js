/** Reporting with photos, and handing over, without a network. */
import { element, icon, say, toast } from "./kit.js";
import { app, card, labelled, named, show, soon, start, when } from "./phone.js";
import { choose, isBack, kept, wiped } from "./phone-draft.js";
import { why } from "./phone-fields.js";
import { press } from "./phone-press.js";
import { ready, start as startPhotos } from "./photos.js";
import { add, isHere, retired } from "./phone-work.js";
import { largest } from "./unsent.js";
import * as vault from "./vault.js";

function area(id, label, rows, limit, isRequired) {
  return labelled(label, element("textarea", { id, name: id, rows: String(rows), maxlength: String(limit), required: isRequired }));
}

/** Where photos are taken or chosen. */
export function picker(name = "photos", most = 9) {
  const input = element("input", { type: "file", name, accept: "image/*", capture: "environment", multiple: true, "aria-label": say("拍照或选照片", "Take or choose photos") });
  return element("div", { class: "photos", "data-photos": String(most) }, element("label", { class: "add" }, icon("camera"), element("span", {}, say("拍照", "Photo")), input));
}

/** What was not taken stands again where it was typed, with why. */
function refill(form, line) {
  for (const [name, value] of Object.entries(line.work.body)) {
    const node = form.elements[name];
    if (node?.type === "checkbox") node.checked = Boolean(value);
    else if (node) node.value = value;
  }
  const photos = line.photos > 0 ? say(`原来的 ${line.photos} 张照片还在，会一起报。`, `Its ${line.photos} photos are kept and go along.`) : "";
  form.prepend(element("p", { class: "err" }, why(line)), photos ? element("p", { class: "hint" }, photos) : "");
}

/** Says that it is noted and shows what waits; the PIN where the copy is gone. */
async function noted(words) {
  app.form = null;
  toast(words);
  if (!await isHere()) return start();
  location.hash = "#unsent";
  soon();
}

/** Where one stands, kept with what is typed. */
function whereIAm(lat, lon) {
  const status = element("span", { class: "hint", role: "status" });
  const locate = element("button", { class: "btn weak", type: "button", click: () => {
    status.textContent = say("正在定位……", "Locating …");
    navigator.geolocation?.getCurrentPosition(({ coords }) => {
      [lat.value, lon.value] = [String(coords.latitude), String(coords.longitude)];
      lat.dispatchEvent(new Event("change", { bubbles: true }));
      status.textContent = say(`已定位，误差约 ${Math.round(coords.accuracy)} 米`, `Within ${Math.round(coords.accuracy)} m`);
    }, () => {
      status.textContent = say("没有定到位置，写清楚就行", "No position; words will do");
    }, { enableHighAccuracy: true, timeout: 12_000 });
  } }, icon("locate"), say("用我现在的位置", "Where I am"));
  return element("div", { class: "row" }, locate, status, lat, lon);
}

/** A report, from a household or from where one stands; `line` is one that was not taken, to be corrected. */
export async function report(id, line = null) {
  const household = id ? await vault.value(`h/${id}`) : null;
  const types = app.bundle.cases?.types ?? [];
  const { place: atHome } = line?.work.body ?? {};
  const name = `report-${id || "here"}`;
  const photos = picker("photos", Math.max(1, 9 - (line?.photos ?? 0)));
  const input = photos.querySelector("input");
  const held = app.vault;

  function said() {
    const value = (name) => form.elements[name].value.trim();
    const body = { text: value("text"), type: value("type"), location: value("location"), urgent: form.elements.urgent.checked, settled: value("settled") };
    const spot = household?.place ?? atHome;
    return { ...body, ...(spot ? { place: spot } : {}), ...(value("lat") ? { lat: Number(value("lat")), lon: Number(value("lon")) } : {}), ...(line ? { settles: line.key } : {}) };
  }

  async function submit() {
    await ready(input);
    const pictures = await Promise.all([...input.files].map((file) => file.arrayBuffer()));
    if (pictures.reduce((sum, each) => sum + each.byteLength, 0) > largest) {
      toast(say("照片太大，一次传不了，请去掉几张", "The photos are too large: leave some out"), "bad");
      return false;
    }
    await keep?.stop();
    const body = said();
    return add("cases", body, { photos: pictures, title: body.text.slice(0, 40), isUrgent: body.urgent, line: { photos: pictures.length + (line?.photos ?? 0) },
      more: line ? retired(line.key) : wiped(name), held, draft: keep });
  }

  const type = element("select", { id: "type", name: "type" }, ...types.map((each) => new Option(named(each), each.id)));
  const where = element("input", { id: "location", name: "location", maxlength: "120", required: true, autocomplete: "off" });
  where.value = household?.address ?? "";
  const form = element("form", { class: "stack", "data-phone-report": true, "data-again": true, submit: async (event) => {
    event.preventDefault();
    if (await press(form, submit, () => keep?.goOn())) await noted(say("已存好，有网就上报", "Kept; reported when there is a network"));
  } }, photos, area("text", say("什么事", "What is it"), 3, 500, true), types.length > 1 ? labelled(say("报什么", "Kind"), type) : type,
  labelled(say("在哪里", "Where"), where), whereIAm(element("input", { type: "hidden", name: "lat" }), element("input", { type: "hidden", name: "lon" })),
  element("label", { class: "check" }, element("input", { type: "checkbox", name: "urgent" }), element("span", {}, say("紧急：危及人身、财产", "Urgent: danger to people or property"))),
  element("p", { class: "hint" }, say("火情、有人受伤，先打 119、120、110。", "Fire or injury: call 119, 120 or 110 first.")),
  area("settled", say("已当场解决的，写做了什么（可不填）", "Settled on the spot? Say how (optional)"), 2, 500, false),
  element("button", { class: "btn wide" }, icon("send"), say("上报", "Report")));
  if (types.length === 1) type.hidden = true;
  if (line) refill(form, line);
  const keep = line ? null : await kept(name, form, { input, work: () => ({ part: "cases", body: said() }) });
  if (keep?.draft) form.prepend(isBack(name, () => report(id)));
  show(say("上报", "Report"), card("", form));
  app.form = keep;
  startPhotos();
  choose(input, keep?.draft?.photos ?? []);
}

/** Who is on duty, who comes, what was said; and a note for them. `line` is one that was not taken, to be corrected. */
export async function handover(_ = "", line = null) {
  const { handover: known } = app.bundle;
  if (!known?.unit) return show(say("交接班", "Hand over"), card("", element("p", {}, say("您没有需要交接的单位。", "There is no unit to hand over for."))));
  const held = app.vault, said = () => ({ text: form.elements.text.value.trim(), ...(line ? { settles: line.key } : {}) });
  const form = element("form", { class: "stack", "data-phone-handover": true, "data-again": true, submit: async (event) => {
    event.preventDefault();
    const isKept = await press(form, async () => {
      await keep?.stop();
      const body = said();
      await add("handover", body, { title: `${say("交接", "Hand over")}：${body.text.slice(0, 30)}`, more: line ? retired(line.key) : wiped("handover"), held, draft: keep });
    }, () => keep?.goOn());
    if (isKept) await noted(say("已存好，有网就传给接班的人", "Kept; sent to who comes when there is a network"));
  } }, area("text", say("给接班的人交代", "For who comes"), 3, 1000, true), element("button", { class: "btn wide" }, say("保存", "Save")));
  if (line) refill(form, line);
  const keep = line ? null : await kept("handover", form, { work: () => ({ part: "handover", body: said() }) });
  if (keep?.draft) form.prepend(isBack("handover", () => handover()));
  const who = (label, name, at) => (name ? [element("dt", {}, label), element("dd", {}, `${name} · ${when(at)}`)] : []);
  show(say("交接班", "Hand over"),
    element("section", { class: "card" }, element("div", { class: "hd" }, element("h3", {}, say(known.unit, known.unitEn))), element("dl", { class: "kv" },
      ...who(say("在班到", "On duty until"), known.now, known.until), ...who(say("接班从", "Next from"), known.next, known.from))),
    card("", form),
    card(say("最近的交代", "Lately"), ...(known.lines.length === 0 ? [element("p", { class: "note" }, say("还没有", "Nothing yet"))]
      : known.lines.map((each) => element("p", { class: "gap" }, each.taken ? say("已接班", "Took over") : each.text, element("span", { class: "note" }, ` ${each.name} ${when(each.at)}`))))));
  app.form = keep;
}
