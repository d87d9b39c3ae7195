/**
 * What colours the map of grids, and which points stand on it: the form `[data-layers]`, which works without scripts too,
 * and the signs below the map.
 */
import { element, say } from "./kit.js";

/** Where a layer's number stands in the figures of a grid; that of a group is the last one. */
const columns = { open: 0, late: 1, people: 2, things: 3, devices: 5 };
const group = 6;
/** What a point is, by its state. */
const kind = (state) => (state === "place" ? "place" : state === "sound" || state === "broken" ? "device" : "cases");

const legend = (layer) => (layer === "open"
  ? [say("没有", "None"), say("有", "Some"), say("较多", "Many"), say("有超时", "Some overdue")]
  : [say("没有", "None"), say("少", "Few"), say("中", "More"), say("多", "Most")]);

export class Layers {
  /**
   * @param {HTMLElement} box `[data-grid-map]`
   * @param {{load: () => Promise<void>, changed: () => void, failed: (text: string) => void}} actions `load` gets the
   *   figures of a group, which come with it; all others are there already
   */
  constructor(box, actions) {
    this.box = box;
    this.actions = actions;
    this.form = box.querySelector("form[data-layers]");
    this.chosen = this.form.elements.layer.value;
    this.hidden = new Set();
  }

  get column() {
    return columns[this.chosen] ?? group;
  }

  get isGroup() {
    return this.column === group;
  }

  /** What people call the layer. */
  get name() {
    return this.form.elements.layer.selectedOptions[0].textContent;
  }

  hides(state) {
    return this.hidden.has(kind(state));
  }

  /** The form colours the map at once from now on, and says which points stand on it. */
  take() {
    const { form } = this;
    form.querySelector("button").hidden = true;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.elements.layer.addEventListener("change", () => this.choose(form.elements.layer.value));
    const toggle = (name, text) => element("label", { class: "check" }, element("input", {
      type: "checkbox", checked: true,
      change: ({ target }) => (target.checked ? this.hidden.delete(name) : this.hidden.add(name), this.actions.changed()),
    }), element("span", {}, text));
    form.append(element("span", { class: "row", role: "group", "aria-label": say("近看时的点", "Points near by") },
      toggle("cases", say("工单", "Cases")), toggle("device", say("设备", "Devices")), toggle("place", say("楼、小区", "Buildings"))));
    const sign = (name, text) =>
      element("li", {}, element("i", { class: `sign ${name}`, "aria-hidden": "true" }), element("span", {}, text));
    this.box.append(element("ul", { class: "legend" },
      sign("open", say("工单", "Case")), sign("late", say("超时工单", "Overdue case")),
      sign("sound", say("设备完好", "Sound device")), sign("broken", say("设备要修", "Device to repair")),
      sign("place", say("楼、小区", "Building"))));
  }

  async choose(layer) {
    const before = this.chosen;
    this.chosen = layer;
    try {
      if (this.isGroup) await this.actions.load();
    } catch {
      this.chosen = this.form.elements.layer.value = before;
      return this.actions.failed(say("没有网络，请稍后再选", "No network: please choose again later"));
    }
    if (this.chosen !== layer) return; // another one was chosen meanwhile
    const texts = legend(layer);
    this.box.querySelectorAll("[data-levels] span").forEach((span, at) => (span.textContent = texts[at]));
    const address = new URL(location.href);
    address.searchParams.set("layer", layer);
    history.replaceState(history.state, "", address);
    document.querySelectorAll('form.flt [name="layer"]').forEach((input) => (input.value = layer));
    this.actions.changed();
  }
}
