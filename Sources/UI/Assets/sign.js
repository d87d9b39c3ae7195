/**
 * A signature drawn with a finger, mouse or pen: `[data-sign]` gets a field to draw in, and the form a picture of it as the
 * file `signature`. Without a script the typed name and the tick beside it do. The phone without a network draws in the same
 * field (phone-visit-form.js).
 */
import { element, icon, say } from "./kit.js";

const width = 640, height = 240;

/** Where a pointer stands on the picture, whatever size the field is shown at. */
export function onPicture({ clientX, clientY }, box) {
  return [(clientX - box.left) * width / box.width, (clientY - box.top) * height / box.height];
}

function blank(pen) {
  // Paper and ink in both themes: the picture is printed.
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, width, height);
  Object.assign(pen, { strokeStyle: "#111", lineWidth: 4, lineCap: "round", lineJoin: "round" });
}

/**
 * A field to draw in: `nodes` for the page, what is drawn as a picture, and a way to put an earlier picture back. `changed`
 * hears of every stroke, and of starting over.
 * @param {() => void} changed
 */
export function pad(changed) {
  const canvas = element("canvas", { class: "sign", width: String(width), height: String(height), role: "img", "aria-label": say("在这里写名字", "Sign here") });
  const pen = canvas.getContext("2d");
  let drawing = null, isDrawn = false;
  const clear = element("button", { class: "btn ghost sm", type: "button", click: () => {
    blank(pen);
    isDrawn = false;
    changed();
  } }, icon("close"), say("重写", "Start over"));
  const move = (event) => {
    if (event.pointerId !== drawing) return;
    pen.lineTo(...onPicture(event, canvas.getBoundingClientRect()));
    pen.stroke();
  };
  canvas.addEventListener("pointerdown", (event) => {
    drawing = event.pointerId;
    isDrawn = true;
    canvas.setPointerCapture(drawing);
    pen.beginPath();
    pen.moveTo(...onPicture(event, canvas.getBoundingClientRect()));
    move(event); // a dot is ink too
  });
  canvas.addEventListener("pointermove", move);
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, (event) => {
      if (event.pointerId !== drawing) return;
      drawing = null;
      changed();
    });
  }
  blank(pen);
  return {
    nodes: [element("p", { class: "hint" }, say("请住户用手指在框里签名。", "Have them sign with a finger.")), canvas, element("div", { class: "btns" }, clear)],
    isDrawn: () => isDrawn,
    /** @returns {Promise<Blob | null>} */
    picture: () => (isDrawn ? new Promise((done) => canvas.toBlob(done, "image/png")) : Promise.resolve(null)),
    async restore(blob) {
      const picture = await createImageBitmap(blob);
      pen.drawImage(picture, 0, 0);
      picture.close();
      isDrawn = true;
    },
  };
}

function watch(place) {
  const input = element("input", { type: "file", name: "signature", accept: "image/png", hidden: true });
  let turn = 0;
  const field = pad(async () => {
    turn += 1;
    const mine = turn;
    const blob = await field.picture();
    if (mine !== turn) return; // started over, or drawn on, meanwhile
    const list = new DataTransfer();
    if (blob) list.items.add(new File([blob], "signature.png", { type: "image/png" }));
    input.files = list.files;
  });
  place.prepend(...field.nodes, input);
}

/** Starts the fields of this page. */
export function start() {
  for (const place of document.querySelectorAll("[data-sign]")) watch(place);
}
