/**
 * What the phone can say of a value before it is saved, by the rules of `RegisterValue.check` and `PhoneNumber`: whoever
 * stands at the door can still be asked.
 */
import { element, say } from "./kit.js";

const isMobile = (digits) => /^1[3-9]\d{9}$/.test(digits);
const isLandline = (digits) => /^(?:010|02\d)[2-8]\d{7}$|^0[3-9]\d\d[2-8]\d{6,7}$/.test(digits);

/** Whether it is a telephone number somebody can have; a service's, such as 12345, is nobody's. */
export function isPhone(typed) {
  const plain = typed.normalize("NFKC").replace(/[\s()\u2010-\u2015\u2212-]/g, "");
  const [, plus, all] = /^(\+?)(\d+)$/.exec(plain) ?? [];
  if (!all) return false;
  let [digits, isChina] = [all, false];
  if (!plus && digits.startsWith("0086")) [digits, isChina] = [digits.slice(4), true];
  else if (digits.startsWith("86") && (plus || digits.length === 13)) [digits, isChina] = [digits.slice(2), true];
  else if (plus) return false;
  if (isMobile(digits) || (digits[0] === "0" && isMobile(digits.slice(1)))) return true;
  if (isChina && !plus && all[0] === "8") return false;
  return isLandline(isChina && digits[0] !== "0" ? `0${digits}` : digits);
}

/** Today in Beijing, `2026-11-28`. */
export const today = (now = Date.now()) => new Date(now + 8 * 3_600_000).toISOString().slice(0, 10);

/** Whether a day of birth can be one: not in the future, not more than 150 years ago. */
export function isBirthday(typed, day = today()) {
  return /^\d{4}-\d\d-\d\d$/.test(typed) && typed <= day && Number(day.slice(0, 4)) - Number(typed.slice(0, 4)) <= 150;
}

const words = {
  name: () => say("请填写姓名", "Please fill in the name"),
  phone: () => say("请填写 11 位手机号，或带区号的座机号，例如 010-65123456", "An 11-digit mobile number, or a landline with its area code such as 010-65123456"),
  day: () => say("日子不对：不能是将来，也不会早过 150 年", "Not this day: not in the future, nor over 150 years ago"),
  long: (limit) => say(`最多 ${limit} 个字`, `At most ${limit} characters`),
};

/** What is wrong with a value of a field; "" when nothing is that the phone could know. */
export function faultOf(field, value) {
  if (!value) return field.id === "person.name" ? "name" : "";
  if (field.type === "tel") return isPhone(value) ? "" : "phone";
  if (field.type === "date") return isBirthday(value) ? "" : "day";
  return field.limit && [...value].length > field.limit ? "long" : "";
}

/** Says beside each control what is wrong with it; whether anything is. Pairs of a control and its field and value. */
export function tell(form, values) {
  for (const node of form.querySelectorAll("[data-fault]")) node.remove();
  let first = null;
  for (const [control, field, value] of values) {
    control.removeAttribute("aria-invalid");
    control.removeAttribute("aria-describedby");
    const fault = faultOf(field, value);
    if (!fault) continue;
    const id = `${control.id}-fault`;
    control.setAttribute("aria-invalid", "true");
    control.setAttribute("aria-describedby", id);
    control.after(element("p", { class: "err", id, role: "alert", "data-fault": fault }, words[fault](field.limit)));
    first ??= control;
  }
  first?.focus();
  return first !== null;
}
