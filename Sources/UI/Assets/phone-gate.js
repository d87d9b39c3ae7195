/** Before the store is open: taking a grid along under a new PIN, and asking for the PIN. */
import { element, icon, say, toast } from "./kit.js";
import { app, card, enter, labelled, nav, show, start, when } from "./phone.js";
import { stored } from "./phone-work.js";
import { within } from "./unsent.js";
import * as vault from "./vault.js";

function pinField(id, label, isNew) {
  return labelled(label, element("input", {
    id, type: "password", inputmode: "numeric", minlength: "6", maxlength: "32", required: true, class: "code",
    autocomplete: isNew ? "new-password" : "off",
  }));
}

/** What is shown while nothing lies here: sign in, or take a grid along. */
export function gate() {
  const { state } = app;
  nav(false);
  if (!state) return show(say("手机里没有台账", "Nothing lies on this phone"), card("", element("p", {},
    say("要先在有网的地方领取台账。", "Fetch your grid where there is a network first.")),
  element("p", { class: "gap" }, element("button", { class: "btn weak", type: "button", "data-phone-ask": true, click: () => start() }, icon("refresh"), say("再连一次", "Try again")))));
  if (!state.user) return show(say("请先登录", "Please sign in"), card("", element("p", {},
    say("登录后领取您网格的台账；没传完的记录也要登录后才能传。", "Sign in to take your grid along and to send what waits.")),
  element("p", { class: "gap" }, element("a", { class: "btn wide", href: "/sign-in?next=/grid/phone" }, say("去登录", "Sign in")))));
  if (!state.onDuty || state.grids.length === 0) return show(say("现在不能领取", "Not now"), card("", element("p", {},
    state.grids.length === 0 ? say("您没有负责的网格。", "You walk no grid.")
      : say("您现在不在班上。排了班、到了点再来领取。", "You are on no roster now. Come back when your shift begins."))));
  takeAlong(state);
}

function takeAlong(state) {
  const grid = element("select", { id: "grid", name: "division" }, ...state.grids.map((each) => new Option(each.zh, each.id)));
  const wrong = element("p", { class: "err", role: "alert", hidden: true });
  const form = element("form", { class: "stack", "data-phone-take": true, "data-again": true, submit: (event) => {
    event.preventDefault();
    take(form, state, wrong);
  } }, state.grids.length > 1 ? labelled(say("哪个网格", "Which grid"), grid) : null,
  pinField("pin", say("设一个 PIN（至少 6 位）", "Choose a PIN, at least 6 digits"), true),
  pinField("again", say("再输一遍", "Once more"), true), wrong,
  element("p", { class: "hint" }, say(
    "没网时用 PIN 打开，忘了就重新领取。位数越多越安全。下班退出登录，台账就从手机里删掉。",
    "The PIN opens it without a network; forgotten, fetch the grid again. Longer is safer. Signing out deletes it.")),
  element("button", { class: "btn wide" }, icon("download"), say("领取台账", "Take it along")));
  show(say("把台账带在手机里", "Take your grid along"), card("", form));
}

const easy = /^(\d)\1+$|^(?:0123456789|9876543210)/;

/** Whether a PIN is worth its name. */
export function isWeak(pin) {
  return pin.length < 6 || easy.test(pin) || "01234567890".includes(pin) || "09876543210".includes(pin);
}

async function take(form, state, wrong) {
  const pin = form.elements.pin.value;
  const fault = isWeak(pin) ? say("PIN 太简单：至少 6 位，不要连号、全一样", "Too easy: 6 digits or more, no runs or repeats")
    : pin !== form.elements.again.value ? say("两次输入的不一样", "The two differ") : "";
  wrong.textContent = fault;
  wrong.hidden = !fault;
  if (fault) return;
  const division = form.elements.division?.value ?? state.grids[0].id;
  busy(form, true);
  try {
    await fetchBundle(division, (bundle) => vault.create(pin, bundle.lease, bundle.user));
    await enter();
  } catch (error) {
    // A store that could not be filled, on a full phone, would stand in the way of the next try.
    if (vault.isOpen() && !await vault.value("bundle")) await vault.destroy();
    toast(error.message || say("没有领到，请再试一次", "It did not work, please try again"), "bad");
    busy(form, false);
  }
}

function busy(form, is) {
  form.toggleAttribute("aria-busy", is);
  for (const button of form.querySelectorAll("button")) button.disabled = is;
}

/** Fetches the grid and puts it into the store that `prepare` makes or renews. */
export async function fetchBundle(division, prepare) {
  const body = new URLSearchParams({ [app.state.field]: app.state.token, division });
  const options = { method: "POST", body, headers: { Accept: "application/json" }, signal: within(120_000) };
  const response = await fetch("/grid/phone/lease", options).catch(() => null);
  const reply = await response?.json().catch(() => null);
  if (!reply) throw new Error(say("网络没有回应，请再试一次", "The network does not answer, please try again"));
  if (!response.ok) throw new Error(reply.title);
  const { households, ...bundle } = reply;
  await prepare(bundle);
  await vault.commit(await stored(bundle, households));
}

/** Until when unsent work can be sent: then the key that opens it is destroyed. */
export const lasting = (late) => (late ? say(`没传的记录 ${when(late)} 前都能传，过了就打不开了。`, `Unsent work can be sent until ${when(late)}; after that nobody can open it.`)
  : say("没传的记录还能再传。", "Unsent work can still be sent."));

/** Asks for the PIN. */
export function locked(vaultMeta) {
  nav(false);
  const wrong = element("p", { class: "err", role: "alert", hidden: true });
  const tell = (words) => {
    wrong.textContent = words;
    wrong.hidden = false;
  };
  const form = element("form", { class: "stack", "data-phone-unlock": true, "data-again": true, submit: async (event) => {
    event.preventDefault();
    busy(form, true);
    // A try is counted on disk before it is made: a full phone cannot.
    const { result, seconds, left } = await vault.unlock(form.elements.pin.value).catch(() => ({ result: "full" }));
    busy(form, false);
    if (result === "full") return tell(say("手机空间满了，打不开：先腾出一点空间，没传的都还在", "The phone is full: make some room first. Nothing unsent is lost"));
    form.elements.pin.value = "";
    if (result === "open") return enter();
    if (result === "gone") return start();
    if (result === "wait") tell(say(`请 ${seconds} 秒后再试`, `Please wait ${seconds} s`));
    else tell(say(`PIN 不对，还可以试 ${left} 次${seconds ? `，${seconds} 秒后` : ""}`, `Wrong PIN, ${left} tries left${seconds ? `, in ${seconds} s` : ""}`));
    form.elements.pin.focus();
  } }, pinField("pin", "PIN", false), wrong, element("button", { class: "btn wide" }, icon("lock"), say("打开", "Open")));
  show(say("台账已锁", "Locked"), card(vaultMeta.lease.grid, form, element("p", { class: "hint gap" },
    say(`台账最晚留到 ${when(vaultMeta.lease.expires)}；${lasting(vaultMeta.lease.late)}`, `Kept until ${when(vaultMeta.lease.expires)} at the latest. ${lasting(vaultMeta.lease.late)}`))));
  form.elements.pin.focus();
}
