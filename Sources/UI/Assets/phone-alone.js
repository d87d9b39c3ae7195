/** The copy is gone and something is filled in that is not noted yet: it alone stays on the screen, to be noted or not. */
import { element, say } from "./kit.js";
import { card, nav, show, start } from "./phone.js";
import { press } from "./phone-press.js";
import { add } from "./phone-work.js";

/** What becomes of it; `isSent` when some of it was sealed when it was left before, and is on its way. */
export const fate = (isSent) => (isSent
  ? say("台账已收回，手机里的已删掉。下面填的还在：记下来，您登录后有网就传。不记就离开，只有先前存下的会传到“离线记录”，等您处理；都不要，就点“不记了”。",
    "The lease is over and the grid is deleted here. What you filled in is still there: note it, and it is sent with a network once you are signed in. If you leave, only what was kept before is sent, for you to see to on the desk; “Do not note it” puts all of it away.")
  : say("台账已收回，手机里的已删掉。下面填的还在：记下来，您登录后有网就传。它只在这一页上，不记就离开，就没有了。",
    "The lease is over and the grid is deleted here. What you filled in is still there: note it, and it is sent with a network once you are signed in. It is on this page only: if you leave, it is gone."));

/** Puts away what of the forms was sealed already, and writes nothing of them any more. */
export async function leave(forms) {
  for (const [form, keep] of forms) {
    await keep.stop();
    if (form.isConnected && await keep.name()) await add("drafts", { kind: "drop" }, { held: keep.held, draft: keep });
  }
}

/** The forms stay, each with what keeps it (phone-draft.js), under a title. */
export async function alone(title, ...forms) {
  nav(false);
  // Beginning anew takes the copy.
  for (const [form] of forms) form.querySelector("[data-is-back]")?.remove();
  const sent = await Promise.all(forms.map(([, keep]) => keep.name()));
  const again = () => forms.forEach(([, keep]) => keep.goOn());
  show(title, card("", element("p", {}, fate(sent.some(Boolean))), ...forms.map(([form]) => element("div", { class: "gap" }, form)),
    element("button", { class: "btn plain wide", type: "button", "data-not-noted": true, click: async ({ currentTarget }) => {
      if (await press(currentTarget, () => leave(forms), again)) await start();
    } }, say("不记了", "Do not note it"))));
}
