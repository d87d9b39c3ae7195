/**
 * Fields that depend on other answers: `[data-when="name"][data-is="one,other"]` is shown while a control called `name`
 * that is shown itself has one of the values. `[data-when-words]` says the same to those without scripts. The server
 * asks only for what applies; what is hidden keeps what was typed.
 */

/** Which parts are asked for: `parts` in their order as `{ name, when, is }`, `valuesOf` gives what is answered. */
export function asked(parts, valuesOf) {
  const hidden = new Set();
  return parts.map(({ name, when, is }) => {
    const shown = !hidden.has(when) && valuesOf(when).some((value) => is.includes(value));
    if (!shown) hidden.add(name);
    return shown;
  });
}

function startForm(form) {
  const parts = [...form.querySelectorAll("[data-when]")].map((node) => ({
    node, name: node.querySelector("[name]")?.name ?? "", when: node.dataset.when, is: node.dataset.is.split(","),
  }));
  for (const words of form.querySelectorAll("[data-when-words]")) words.hidden = true;
  const look = () => {
    const data = new FormData(form);
    asked(parts, (name) => data.getAll(name)).forEach((shown, index) => {
      parts[index].node.hidden = !shown;
    });
  };
  form.addEventListener("change", look);
  look();
}

/** Starts every form with such fields. */
export function start() {
  const forms = new Set([...document.querySelectorAll("form [data-when]")].map((node) => node.closest("form")));
  for (const form of forms) startForm(form);
}
