/** What waits, what was not taken, and what both sides changed: side by side, for a person to decide. */
import { ask, element, icon, say, toast } from "./kit.js";
import { app, card, named, send, show, strip, when } from "./phone.js";
import { againPoint, decidePoint } from "./phone-point.js";
import { againVisit, decideVisit } from "./phone-visits.js";
import { decide, decideMember, putAway } from "./phone-answers.js";
import { why } from "./phone-fields.js";
import { typed } from "./phone-fix.js";
import { lasting } from "./phone-gate.js";
import { press } from "./phone-press.js";
import { isWaiting } from "./unsent.js";
import * as vault from "./vault.js";

const states = {
  waiting: () => say("等网络", "Waiting for a network"), sent: () => say("已上报", "Reported"),
  kept: () => say("替您留着", "Kept for you"), refused: () => say("没有收下", "Not taken"),
};

function shown(field, value) {
  if (value === null) return say("（保密，请在台账里看）", "(closed, read it in the register)");
  const choice = field?.choices?.find((each) => each.id === value);
  return choice ? named(choice) : value || say("（空）", "(empty)");
}

function conflict(each, households) {
  const household = households.get(each.household);
  const kind = each.fields[0]?.field === "member" ? "member" : each.fields[0]?.kind;
  const hasPictures = each.fields.some(({ field }) => field === "visit.pictures") || (kind === "patrol" && each.photos > 0);
  const act = (mine) => async (event) => {
    const isKept = await press(event.currentTarget, async () => {
      if (!mine && hasPictures && !await ask(kind === "patrol" ? say("您拍的照片就不要了？", "Put your photos away?") : say("您拍的照片、住户的签名就不要了？", "Put your photos and the signature away?"), say("不要了", "Put away"), true)) return false;
      return ({ visit: decideVisit, patrol: decidePoint, member: decideMember }[kind] ?? decide)(each, mine);
    });
    if (!isKept) return;
    toast(kind === "member" ? say("已记下，有网就传", "Noted; sent when there is a network") : mine ? say("用您的，有网就传", "Yours; sent when there is a network") : say("保留现在的", "It stays as it is"));
    await unsent();
    if (navigator.onLine) send();
  };
  const rows = each.fields.map((one) => {
    const field = app.bundle.fields.find(({ id }) => id === one.field);
    const member = household?.members.find(({ id }) => id === one.id);
    const side = (label, words) => element("div", { class: "side" }, element("span", { class: "note" }, label), element("b", {}, words));
    // What is no field of the registers brings its words along.
    const name = one.zh ? named(one) : field ? named(field) : one.field;
    return element("div", { class: "versus" }, element("p", {}, [member?.name, name].filter(Boolean).join(" · ")),
      side(kind === "member" ? say("我加的", "Mine") : say("我改的", "Mine"), one.zh ? say(one.mineZh, one.mineEn) : shown(field, one.mine)),
      side(kind === "member" ? say("已经有的", "There already") : say("现在是", "Now"), one.zh ? say(one.theirsZh, one.theirsEn) : shown(field, one.theirs)));
  });
  const isMember = kind === "member";
  return element("section", { class: "card pad", "data-conflict": each.key }, element("h3", {}, household?.address ?? each.title),
    element("p", { class: "note" }, isMember ? say(`${when(each.at)} 您加的，这一户已经有这个名字`, `Added by you at ${when(each.at)}: the household has this name already`)
      : say(`${when(each.at)} 您改的，别人也改了`, `Changed by you at ${when(each.at)}, and by somebody else`)), ...rows,
    element("div", { class: "btns gap" }, element("button", { class: isMember ? "btn ghost" : "btn", type: "button", click: act(true) }, isMember ? say("不是同一个人，照样加", "Somebody else: add") : say("用我的", "Use mine")),
      element("button", { class: isMember ? "btn" : "btn ghost", type: "button", click: act(false) }, isMember ? say("是同一个人，不加了", "The same: do not add") : say("用现在的", "Keep theirs"))));
}

/** Puts away what was not taken, on the desk too. */
async function drop(line, button) {
  const question = line.photos > 0 || line.signed ? say(`“${line.title}”连同照片、签名都不要了？`, `Put “${line.title}” away with its photos and signature?`)
    : say(`“${line.title}”不要了？`, `Put “${line.title}” away?`);
  if (!await press(button, async () => await ask(question, say("不要了", "Put away"), true) && putAway(line))) return;
  await unsent();
  if (navigator.onLine) send();
}

const dropping = (line) => element("button", { class: "btn ghost", type: "button", "data-drop": true, click: ({ currentTarget }) => drop(line, currentTarget) }, say("不要了", "Put away"));

function redo(line) {
  if (line.state !== "refused") return null;
  // What was not finished lies with the server alone.
  if (line.isUnfinished) return element("a", { class: "btn weak", href: "/grid/phone/entries" }, say("到“离线记录”里处理", "See to it on the desk"));
  if (line.work) return element("a", { class: "btn", href: `#fix/${line.key}` }, icon("edit"), say("改好再传", "Correct and send"));
  return line.visit || line.point || line.part === "patrols" ? element("button", { class: "btn weak", type: "button", "data-retry": true, click: async ({ currentTarget }) => {
    if (!await press(currentTarget, () => (line.visit ? againVisit : againPoint)(line))) return;
    await unsent();
    send();
  } }, say("再试一次", "Try again")) : null;
}

/** What was not taken, with all that was typed. */
function openRow(line, households) {
  return element("li", { class: "pad", "data-line": line.state }, element("p", {}, element("b", {}, line.title), " ", element("span", { class: "tag warn" }, states[line.state]())),
    element("p", { class: "note" }, when(line.at)), line.zh || line.state === "refused" ? element("p", { class: "err" }, why(line)) : null, typed(line.work, households),
    line.state === "refused" ? element("div", { class: "btns gap" }, redo(line), dropping(line)) : null);
}

function lineRow(line, households) {
  if (["refused", "kept"].includes(line.state) && line.work) return openRow(line, households);
  const isRefused = line.state === "refused";
  const photos = line.photos > 0 ? say(`${line.photos} 张照片`, line.photos === 1 ? "1 photo" : `${line.photos} photos`) : "";
  const parts = [when(line.at), photos, line.signed ? say("有签名", "signed") : "", line.number ?? ""];
  return element("li", { class: "cell", "data-line": line.state }, element("span", { class: "bd" }, element("span", { class: "ttl" }, line.title || say("记录", "Entry")),
    element("span", { class: "sub" }, parts.filter(Boolean).join(" · ")), line.zh || isRefused ? element("span", { class: "err" }, why(line)) : null,
    isRefused ? element("span", { class: "btns gap" }, redo(line), dropping(line)) : null),
  element("span", { class: line.state === "sent" ? "tag ok" : line.state === "waiting" ? "tag mute" : "tag warn" }, states[line.state]()),
  line.state === "sent" ? element("button", { class: "btn plain sm", type: "button", "aria-label": say(`收起：${line.title}`, `Put away: ${line.title}`),
    click: () => vault.commit([["cells", "delete", `w/${line.key}`]]).then(() => unsent()) }, icon("close")) : null);
}

/** Until when what waits here can be opened, or what is noted now could. */
function until(items) {
  const ends = items.map((each) => each.until).filter(Boolean);
  return ends.length > 0 ? Math.min(...ends) : app.bundle.lease.late;
}

/** The view. */
export async function unsent() {
  const [conflicts, lines, items] = [await vault.values("c/"), await vault.values("w/"), await vault.all("outbox")];
  const households = new Map();
  for (const id of [...conflicts.map((each) => each.household), ...lines.map(({ work }) => work?.body.household)].filter(Boolean)) households.set(id, await vault.value(`h/${id}`));
  lines.sort((one, other) => one.at - other.at);
  const mine = items.filter((each) => each.user === app.vault.user && !vault.isDraft(each));
  const [waiting, others] = [mine.filter(isWaiting).length, items.filter((each) => each.user !== app.vault.user && !vault.isDraft(each)).length];
  // Answered before this grid was taken along: its words are with the server alone.
  const earlier = mine.filter((each) => !isWaiting(each) && !lines.some(({ key }) => key === each.key)).length;
  show(say("待传和待决定", "Unsent and undecided"), ...conflicts.map((each) => conflict(each, households)),
    element("section", { class: "card" }, element("div", { class: "hd" }, element("h3", {}, say("记录", "Entries"))),
      lines.length === 0 ? element("p", { class: "empty" }, icon("done"), waiting > 0
        ? say(`还有 ${waiting} 条（多为打开住户的记录），有网就传`, `${waiting} left, sent when there is a network`) : say("都传完了", "Everything is sent"))
        : element("ul", {}, ...lines.map((line) => lineRow(line, households)))),
    earlier > 0 ? card("", element("p", {}, say(`另有 ${earlier} 条以前没有收下，请在“离线记录”里处理。`, `${earlier} more were not taken before: see them on the desk.`))) : null,
    others > 0 ? card("", element("p", {}, say(`另有 ${others} 条是别人留下的，请那位同事登录后传。`, `${others} more are somebody else's: they must sign in to send them.`))) : null,
    card("", element("p", { class: "hint" }, say(`记录加密存着，只有服务器能打开；换了人、台账到期也还在，由您本人登录后再传。${lasting(until(mine.filter(isWaiting)))}`,
      `What is unsent is encrypted for the server alone. It outlives the lease; you sign in and send it. ${lasting(until(mine.filter(isWaiting)))}`)),
    element("p", { class: "gap" }, element("a", { class: "btn weak wide", href: "/grid/phone/entries" }, say("电脑上也能处理", "The same on the desk")))));
  await strip();
}
