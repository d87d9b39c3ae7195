/** What waits, what was not taken, and what both sides changed: side by side, for a person to decide. */
import { ask, element, icon, say, toast } from "./kit.js";
import { app, card, named, send, show, strip, when } from "./phone.js";
import { againPoint, decidePoint } from "./phone-point.js";
import { againVisit, decideVisit } from "./phone-visits.js";
import { decide } from "./phone-work.js";
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
  const kind = each.fields[0]?.kind;
  const hasPictures = each.fields.some(({ field }) => field === "visit.pictures") || (kind === "patrol" && each.photos > 0);
  const act = (mine) => async (event) => {
    const button = event.currentTarget;
    if (!mine && hasPictures && !await ask(kind === "patrol" ? say("您拍的照片就不要了？", "Put your photos away?") : say("您拍的照片、住户的签名就不要了？", "Put your photos and the signature away?"), say("不要了", "Put away"), true)) return;
    button.disabled = true;
    await ({ visit: decideVisit, patrol: decidePoint }[kind] ?? decide)(each, mine);
    toast(mine ? say("用您的，有网就传", "Yours; sent when there is a network") : say("保留现在的", "It stays as it is"));
    await unsent();
    send();
  };
  const rows = each.fields.map((one) => {
    const field = app.bundle.fields.find(({ id }) => id === one.field);
    const member = household?.members.find(({ id }) => id === one.id);
    const side = (label, words) => element("div", { class: "side" }, element("span", { class: "note" }, label), element("b", {}, words));
    // What is no field of the registers brings its words along.
    const name = one.zh ? named(one) : field ? named(field) : one.field;
    return element("div", { class: "versus" }, element("p", {}, [member?.name, name].filter(Boolean).join(" · ")),
      side(say("我改的", "Mine"), one.zh ? say(one.mineZh, one.mineEn) : shown(field, one.mine)),
      side(say("现在是", "Now"), one.zh ? say(one.theirsZh, one.theirsEn) : shown(field, one.theirs)));
  });
  return element("section", { class: "card pad", "data-conflict": each.key }, element("h3", {}, household?.address ?? each.title),
    element("p", { class: "note" }, say(`${when(each.at)} 您改的，别人也改了`, `Changed by you at ${when(each.at)}, and by somebody else`)), ...rows,
    element("div", { class: "btns gap" }, element("button", { class: "btn", type: "button", click: act(true) }, say("用我的", "Use mine")),
      element("button", { class: "btn ghost", type: "button", click: act(false) }, say("用现在的", "Keep theirs"))));
}

async function drop(line) {
  if (!await ask(say(`“${line.title}”不要了？`, `Put “${line.title}” away?`), say("不要了", "Put away"), true)) return;
  await vault.commit([["outbox", "delete", line.key], ["cells", "delete", `w/${line.key}`]]);
  await unsent();
}

function lineRow(line) {
  const again = line.state !== "refused" || !(line.visit || line.point) ? null : element("span", { class: "gap" }, element("button", { class: "btn ghost sm", type: "button", click: async (event) => {
    event.currentTarget.disabled = true;
    await (line.visit ? againVisit : againPoint)(line);
    await unsent();
    send();
  } }, say("再试一次", "Try again")));
  const photos = line.photos > 0 ? say(`${line.photos} 张照片`, line.photos === 1 ? "1 photo" : `${line.photos} photos`) : "";
  const parts = [when(line.at), photos, line.signed ? say("有签名", "signed") : "", line.number ?? ""];
  return element("li", { class: "cell", "data-line": line.state }, element("span", { class: "bd" }, element("span", { class: "ttl" }, line.title || say("记录", "Entry")),
    element("span", { class: "sub" }, parts.filter(Boolean).join(" · ")), line.zh ? element("span", { class: "err" }, say(line.zh, line.en)) : null, again),
  element("span", { class: line.state === "sent" ? "tag ok" : line.state === "waiting" ? "tag mute" : "tag warn" }, states[line.state]()),
  line.state === "refused" || line.state === "sent" ? element("button", { class: "btn plain sm", type: "button", "aria-label": say(`收起：${line.title}`, `Put away: ${line.title}`),
    click: () => (line.state === "sent" ? vault.commit([["cells", "delete", `w/${line.key}`]]).then(() => unsent()) : drop(line)) }, icon("close")) : null);
}

/** The view. */
export async function unsent() {
  const [conflicts, lines, items] = [await vault.values("c/"), await vault.values("w/"), await vault.all("outbox")];
  const households = new Map();
  for (const { household } of conflicts) households.set(household, await vault.value(`h/${household}`));
  lines.sort((one, other) => one.at - other.at);
  const others = items.filter((each) => each.user !== app.vault.user).length;
  show(say("待传和待决定", "Unsent and undecided"), ...conflicts.map((each) => conflict(each, households)),
    element("section", { class: "card" }, element("div", { class: "hd" }, element("h3", {}, say("记录", "Entries"))),
      lines.length === 0 ? element("p", { class: "empty" }, icon("done"), items.length > 0
        ? say(`还有 ${items.length} 条（多为打开住户的记录），有网就传`, `${items.length} left, sent when there is a network`) : say("都传完了", "Everything is sent"))
        : element("ul", {}, ...lines.map(lineRow))),
    others > 0 ? card("", element("p", {}, say(`另有 ${others} 条是别人留下的，请那位同事登录后传。`, `${others} more are somebody else's: they must sign in to send them.`))) : null,
    card("", element("p", { class: "hint" }, say("没传的记录加密存着，只有服务器能打开；换了人、到了期也不会丢，由您本人登录后再传。",
      "What is unsent is encrypted for the server alone. It outlives the lease; you sign in and send it.")),
    element("p", { class: "gap" }, element("a", { class: "btn weak wide", href: "/grid/phone/entries" }, say("电脑上也能处理", "The same on the desk")))));
  await strip();
}
