/** One press is one piece of work, and what could not be kept is said: a full phone loses nothing that was typed. */
import { say, toast } from "./kit.js";

const busy = new WeakSet();

function mark(node, is) {
  is ? busy.add(node) : busy.delete(node);
  if ("disabled" in node) node.disabled = is;
}

/**
 * Does what a press of a button or of a form's asks for, once. It may be pressed again when `act` says `false`, or when it
 * failed: then `again` puts back what was stopped for it. What is done stays pressed: the next view takes its place.
 * @param {object} node the button or the form
 * @param {() => Promise<unknown>} act up to the moment it is on disk, and nothing after
 * @returns {Promise<boolean>} whether it is done
 */
export async function press(node, act, again = () => {}) {
  if (busy.has(node)) return false;
  mark(node, true);
  try {
    if (await act() !== false) return true;
  } catch (error) {
    console.warn("phone-press.js", error);
    again();
    toast(say("没有存上，手机空间可能满了；填的都还在，请再点一次", "It was not kept, the phone may be full. What you filled in is here: press again"), "bad");
  }
  mark(node, false);
  return false;
}
