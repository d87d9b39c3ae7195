/**
 * A signature drawn with a finger, mouse or pen: `[data-sign]` gets a field to draw in, and the form a picture of it as the
 * file `signature`. Without a script the typed name and the tick beside it do.
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

function watch(place) {
  const canvas = element("canvas", { class: "sign", width: String(width), height: String(height), role: "img", "aria-label": say("在这里写名字", "Sign here") });
  const input = element("input", { type: "file", name: "signature", accept: "image/png", hidden: true });
  const pen = canvas.getContext("2d");
  const clear = element("button", { class: "btn ghost sm", type: "button", click: () => {
    blank(pen);
    input.value = "";
  } }, icon("close"), say("重写", "Start over"));
  const keep = () => canvas.toBlob((blob) => {
    const list = new DataTransfer();
    list.items.add(new File([blob], "signature.png", { type: "image/png" }));
    input.files = list.files;
  }, "image/png");
  let drawing = null;
  const move = (event) => {
    if (event.pointerId !== drawing) return;
    pen.lineTo(...onPicture(event, canvas.getBoundingClientRect()));
    pen.stroke();
  };
  canvas.addEventListener("pointerdown", (event) => {
    drawing = event.pointerId;
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
      keep();
    });
  }
  blank(pen);
  place.prepend(element("p", { class: "hint" }, say("请住户用手指在框里签名。", "Have them sign with a finger.")), canvas, element("div", { class: "btns" }, clear), input);
}

/** Starts the fields of this page. */
export function start() {
  for (const place of document.querySelectorAll("[data-sign]")) watch(place);
}
