/**
 * Rounds on the phone: the routes of the grid, and a round while it is walked. A round begun here has a name of the phone's
 * own, so that the server makes one of all its pieces; it lies in `r/ROUTE`, where it went in `t/ROUTE` until the next piece of
 * work takes that along (phone-follow.js). The point itself is in phone-point.js.
 */
import { ask, element, icon, say, toast } from "./kit.js";
import { app, card, send, show, strip, when } from "./phone.js";
import { follow } from "./phone-follow.js";
import { row } from "./phone-lists.js";
import { press } from "./phone-press.js";
import { add } from "./phone-work.js";
import * as vault from "./vault.js";

/** Whether somebody stands on the roster that went along. */
export const isOnDuty = (duty, now) => duty.some(([from, until]) => from <= now && now < until);

/** How a route stands on a day: `walked`, `off`, `missed` or `due`. */
export function stateOf(route, isWalked, now) {
  if (isWalked) return "walked";
  const day = now.getDay() === 0 ? 7 : now.getDay();
  if (!route.weekdays.includes(String(day))) return "off";
  return now.getHours() * 60 + now.getMinutes() >= route.until ? "missed" : "due";
}

/** Metres between two places near each other, `[latitude, longitude]` each. */
export function metresBetween([north, east], [otherNorth, otherEast]) {
  const radius = 6_371_008.8, radians = Math.PI / 180;
  const up = (north - otherNorth) * radians * radius;
  const across = (east - otherEast) * radians * radius * Math.cos(((north + otherNorth) / 2) * radians);
  return Math.hypot(up, across);
}

/** The code in what was typed or scanned: a whole address is what a phone's own scanner copies. */
export const codeIn = (text) => text.trim().split("/").at(-1).split("?")[0].toLowerCase();

/** The small part of a code that the phone knows, as `PatrolPoint.check` works it out. */
export const checkOf = (code) =>
  [...new TextEncoder().encode(code)].reduce((hash, byte) => Math.imul(hash ^ byte, 16_777_619) >>> 0, 2_166_136_261) & 0xff;

/** The point a code hangs at, as far as the phone can tell; the server knows the whole of it. */
export const pointAt = (routes, code) =>
  routes.flatMap((route) => route.points).find(({ id, check }) => code.startsWith(`${id}-`) && checkOf(code) === check) ?? null;

/** What a bundle's routes and the rounds that lie here make: what was begun here and not signed anywhere yet stays. */
export function roundsOf(routes, known) {
  return routes.flatMap((route) => {
    const mine = known.find((round) => round.route === route.id && !round.ended && Object.keys(round.signs).length === 0);
    if (!route.patrol) return mine ? [mine] : [];
    const signs = Object.fromEntries(route.points.filter(({ state }) => state).map(({ id, state }) => [id, { state, at: 0 }]));
    return [{ route: route.id, patrol: route.patrol, round: "", begun: route.begun, signs, ended: 0 }];
  });
}

/** How a point stands for who is about to do something there, in the words of the server. */
export const beforeOf = (round, point) => `open-${round.signs[point]?.state ?? ""}-`;

export const routes = () => app.bundle.patrols?.routes ?? [];
export const roundOf = (route) => vault.value(`r/${route}`);
export const mayWalk = () => isOnDuty(app.bundle.patrols?.duty ?? [], Date.now());

const words = {
  walked: () => element("span", { class: "tag ok" }, say("今天巡过", "Walked today")), off: () => element("span", { class: "tag mute" }, say("今天不用巡", "Not today")),
  missed: () => element("span", { class: "tag warn" }, say("今天没巡", "Missed today")), due: () => element("span", { class: "tag info" }, say("今天要巡", "To walk today")),
  walking: () => element("span", { class: "tag info" }, say("正在巡", "Walking")),
};

/** Whether a round ended on the phone counts as walked, as `PatrolWalked` has it: every point signed, begun in the window or close to it. */
export function isWalkedBy(round, route, now) {
  if (!(round?.ended > 0) || new Date(round.ended).toDateString() !== now.toDateString()) return false;
  const begun = new Date(round.begun), minute = begun.getHours() * 60 + begun.getMinutes();
  return minute >= route.from - 30 && minute <= route.until + 30 && route.points.every(({ id }) => round.signs[id]);
}

/** The card of the routes that went along; null without any. */
export async function patrols() {
  if (routes().length === 0) return null;
  const rounds = await vault.values("r/");
  const line = (route) => {
    const round = rounds.find((each) => each.route === route.id);
    const state = round && !round.ended ? "walking" : stateOf(route, route.walked || isWalkedBy(round, route, new Date()), new Date());
    return row(`#patrol/${route.id}`, route.name, `${route.window} · ${say(`${route.points.length} 个点位`, `${route.points.length} points`)}`, words[state]());
  };
  return element("section", { class: "card", "data-patrols": true }, element("div", { class: "hd" }, element("h3", {}, say("巡查路线", "Routes to walk"))),
    element("ul", {}, ...routes().map(line)));
}

// MARK: One round

const pointStates = {
  normal: () => element("span", { class: "tag ok" }, say("正常", "Normal")), hazard: () => element("span", { class: "tag warn" }, say("有隐患", "Hazard")),
};

/** What every piece of a round says of it, and takes along: where it went since the last one. */
export async function pieceOf(round) {
  const track = await vault.value(`t/${round.route}`);
  const { route, patrol, round: name, begun } = round;
  return { body: { route, begun, ...(patrol ? { patrol } : { round: name }), ...(track ? { track } : {}) }, more: [["cells", "delete", `t/${round.route}`]] };
}

async function begin(route, button) {
  const round = { route: route.id, patrol: "", round: crypto.randomUUID(), begun: Date.now(), signs: {}, ended: 0 };
  if (await press(button, async () => vault.commit([["cells", "put", await vault.closed(`r/${route.id}`, round)]]))) await patrolView(route.id);
}

async function finish(route, round, button) {
  const isKept = await press(button, async () => {
    if (!await ask(say("这趟巡完了？", "End this round?"), say("巡完了", "End the round"))) return false;
    const { body, more } = await pieceOf(round);
    more.push(["cells", "put", await vault.closed(`r/${route.id}`, { ...round, ended: Date.now() })]);
    return add("patrols", { kind: "finish", ...body }, { title: `${say("巡完", "Round ended")}：${route.name}`, more });
  });
  if (!isKept) return;
  toast(say("这趟巡完了，辛苦了。有网就传", "The round is over. Sent when there is a network"));
  await patrolView(route.id);
  send();
}

function walking(route, round) {
  const list = route.points.map((point) => {
    const sign = round.signs[point.id];
    const under = sign?.at ? when(sign.at) : point.photo && !sign ? say("要拍照", "A photo is asked for") : "";
    return row(`#point/${point.id}`, point.name, under, sign ? pointStates[sign.state]() : element("span", { class: "tag mute" }, say("还没到", "To do")));
  });
  const count = Object.keys(round.signs).length;
  return [
    element("section", { class: "card" }, element("div", { class: "hd" }, element("h3", {}, say(`签到 ${count} / ${route.points.length}`, `${count} of ${route.points.length} points`))),
      element("ul", {}, ...list)),
    element("button", { class: "btn wide", type: "button", "data-patrol-finish": true, click: ({ currentTarget }) => finish(route, round, currentTarget) }, say("巡完了", "End the round")),
    element("p", { class: "hint" }, say("巡查时开着本页，每分钟记一次位置，加密存着，和签到一起传；只为您的安全，下班不记，巡完就停。",
      "While this page is open your position is kept once a minute, encrypted, and sent with your signs: for your safety, never off duty, and only until the round ends.")),
  ];
}

/** The page of a route. */
export async function patrolView(id) {
  const route = routes().find((each) => each.id === id);
  if (!route) return show(say("没有这条路线", "No such route"), card("", element("a", { class: "btn", href: "#today" }, say("回到今天", "Back"))));
  const round = await roundOf(id);
  const isWalking = round && !round.ended;
  const facts = card("", element("p", { class: "note" }, `${route.window} · ${say(`${route.points.length} 个点位`, `${route.points.length} points`)}`),
    round?.ended ? element("p", {}, say(`这趟 ${when(round.ended)} 巡完了。`, `This round ended ${when(round.ended)}.`)) : null,
    isWalking ? null : mayWalk()
      ? element("p", { class: "gap" }, element("button", { class: "btn wide", type: "button", "data-patrol-begin": true, click: ({ currentTarget }) => begin(route, currentTarget) }, icon("walk"), say("开始巡查", "Begin")))
      : element("p", { class: "gap" }, say("您现在不在班上：不用巡查，也不记轨迹。", "You are off duty: no rounds, and nothing is recorded.")));
  show(route.name, facts, ...(isWalking ? walking(route, round) : []));
  if (isWalking) follow(id);
  await strip();
}

/** Who scanned a code with the phone's own camera comes to its point. */
export async function scanned(code) {
  const point = pointAt(routes(), codeIn(code));
  if (!point) return show(say("没有这个点位", "No such point"), card("", element("p", {}, say("这个码不在您带着的路线上，或者抄错了。", "This code is on none of the routes you carry, or it was copied wrongly.")),
    element("p", { class: "gap" }, element("a", { class: "btn", href: "#today" }, say("回到今天", "Back")))));
  const { pointView } = await import("./phone-point.js");
  return pointView(point.id, codeIn(code));
}
