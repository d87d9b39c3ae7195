/** Today's list, and the households: found by address or name. */
import { element, icon, say } from "./kit.js";
import { app, card, named, show, strip, when } from "./phone.js";
import * as vault from "./vault.js";

/** A row that leads somewhere. */
export function row(href, title, under, ...end) {
  return element("li", {}, element("a", { class: "cell", href },
    element("span", { class: "bd" }, element("span", { class: "ttl" }, title), element("span", { class: "sub" }, under)), ...end, icon("chevron")));
}

/** What is to be done in the grid, as it stood when the phone last had a network. */
export async function today() {
  const { bundle } = app;
  const open = bundle.cases?.open ?? [];
  const conflicts = await vault.values("c/");
  const { visits } = await import("./phone-visits.js");
  const announced = await visits();
  const { patrols } = await import("./phone-round.js");
  const rounds = await patrols();
  const shortcut = (href, name, words) => element("a", { href }, icon(name), words);
  show(bundle.lease.grid,
    conflicts.length > 0 ? element("a", { class: "notice", href: "#unsent" }, icon("alert"),
      element("b", {}, say(`${conflicts.length} 处两边都改了，请您决定`, `${conflicts.length} to decide: changed on both sides`))) : null,
    element("section", { class: "card", "aria-label": say("快捷操作", "Shortcuts") },
      element("a", { class: "lead-act", href: "#homes" }, icon("people"), element("span", { class: "bd" },
        element("b", {}, say("找住户", "Find a home")), element("small", {}, say(`共 ${app.index.length} 户，按地址、姓名找`, `${app.index.length} households, by address or name`))), icon("chevron")),
      element("div", { class: "calls" }, shortcut("#report", "camera", say("上报", "Report")), shortcut("#map", "map", say("地图", "Map")),
        shortcut("#handover", "refresh", say("交接班", "Hand over")))),
    rounds,
    announced,
    element("section", { class: "card" }, element("div", { class: "hd" }, element("h3", {}, say("网格里的在办工单", "Open cases here"))),
      open.length === 0 ? element("p", { class: "empty" }, say("领取台账时没有在办工单。", "None was open when the grid was taken along."))
        : element("ul", {}, ...open.map((each) => element("li", {}, element("span", { class: "mycase" },
          element("span", { class: "top" }, each.title, element("span", { class: each.urgent ? "tag bad" : "tag" }, each.urgent ? say("紧急", "Urgent") : named(each))),
          element("span", { class: "note" }, `${each.where} · ${each.number}`),
          element("span", { class: each.due < Date.now() ? "due late" : "due" }, icon("clock"), say(`应于 ${when(each.due)} 前`, `due ${when(each.due)}`))))))),
    card(say("这台手机", "This phone"),
      element("p", { class: "note" }, say(`领取于 ${when(bundle.lease.issued)}，最晚留到 ${when(bundle.lease.expires)}。`, `Taken ${when(bundle.lease.issued)}, kept until ${when(bundle.lease.expires)} at the latest.`)),
      element("div", { class: "btns gap" },
        element("button", { class: "btn weak", type: "button", "data-phone-lock": true, click: lockNow }, icon("lock"), say("锁上", "Lock")),
        element("button", { class: "btn ghost", type: "button", "data-phone-renew": true, click: renew }, icon("refresh"), say("更新台账", "Fetch again")))));
  await strip();
}

async function lockNow() {
  vault.lock();
  (await import("./phone.js")).start();
}

async function renew({ currentTarget: button }) {
  button.disabled = true;
  const { toast } = await import("./kit.js");
  const { contact, isWaiting } = await import("./unsent.js");
  const { enter, send } = await import("./phone.js");
  const { fetchBundle } = await import("./phone-gate.js");
  try {
    await send();
    app.state = await contact();
    if (!app.state) throw new Error(say("现在没有网络", "There is no network right now"));
    // What a colleague left on this phone, or what was answered already, stands in nobody's way.
    if ((await vault.all("outbox")).some((each) => each.user === app.vault.user && isWaiting(each))) throw new Error(say("先把待传的传完再更新", "Send what waits first"));
    await fetchBundle(app.bundle.lease.division, (bundle) => vault.renew(bundle.lease));
    await enter();
    toast(say("已更新", "Up to date"));
  } catch (error) {
    button.disabled = false;
    toast(error.message || say("没有存上，手机空间可能满了", "It was not kept, the phone may be full"), "bad");
  }
}

/** Households whose address, door or people hold every word of the search. */
export function found(index, search) {
  const words = search.trim().split(/\s+/).filter(Boolean);
  return index.filter((each) => words.every((word) => each.address.includes(word) || each.names.some((name) => name.includes(word))));
}

const shown = 60;

/** The households, by address; the search narrows them as it is typed. */
export function homes(place) {
  const list = element("ul", {});
  const count = element("p", { class: "note pad", role: "status" });
  const building = app.bundle.places.find((each) => each.id === place);
  const search = element("input", { id: "find", type: "search", autocomplete: "off", placeholder: say("楼号、门牌或姓名", "Building, door or name") });
  search.value = building?.address ?? "";
  const fill = () => {
    const hits = found(app.index, search.value);
    count.textContent = hits.length > shown ? say(`${hits.length} 户，先列 ${shown} 户，再多输几个字`, `${hits.length} households, the first ${shown} are shown`)
      : say(`${hits.length} 户`, `${hits.length} households`);
    list.replaceChildren(...hits.slice(0, shown).map((each) => row(`#home/${each.id}`, each.address,
      [each.names.join("、") || say("没有登记成员", "Nobody registered"), each.heard ? say(`${when(each.heard)} 核实`, `checked ${when(each.heard)}`) : say("还没核实过", "never checked")].join(" · "))));
  };
  search.addEventListener("input", fill);
  fill();
  show(say("住户", "Households"), element("section", { class: "card" },
    element("div", { class: "pad" }, element("div", { class: "field" }, element("label", { for: "find" }, say("找住户", "Find a home")), search)), count, list));
}
