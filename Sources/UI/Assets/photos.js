/**
 * Choosing photos: `[data-photos="9"]` around a `label.add` with `input[type=file][multiple]`. Previews, removal,
 * several choices added up, longest side 1600 px (JPEG 0.85, which also drops the camera's own data such as the place).
 * The form is sent as usual: the input's own list of files is replaced. `data-largest` is the most bytes of one photo:
 * what is larger even then is told at once and left out, before anybody pays for sending it.
 */
import { element, icon, say, toast } from "./kit.js";

const longest = 1600;

/** The size a picture is drawn at, its proportions kept. */
export function fitSize(width, height, side = longest) {
  const scale = Math.min(1, side / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** Whether a picture is worth drawing again: too large in pixels or bytes, or a photo that may carry its place. */
export function needsShrinking({ type, size }, { width, height }) {
  if (type === "image/gif" || type === "image/svg+xml") return false;
  return type === "image/jpeg" || Math.max(width, height) > longest || size > 700_000;
}

async function shrink(file) {
  let picture;
  try {
    picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return file; // a kind this browser cannot draw (HEIC): the server decides
  }
  if (!needsShrinking(file, picture)) return file;
  const canvas = document.createElement("canvas");
  Object.assign(canvas, fitSize(picture.width, picture.height));
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
  if (!blob) return file;
  const name = `${file.name.replace(/\.\w+$/, "")}.jpg`;
  return new File([blob], name, { type: "image/jpeg", lastModified: file.lastModified });
}

const shrinking = new WeakMap();

/** When the photos chosen in a field are as small as they will be. */
export const ready = (input) => shrinking.get(input) ?? Promise.resolve();

function watch(box) {
  const input = box.querySelector('input[type="file"]');
  const add = input.closest(".add");
  const most = Number(box.dataset.photos) || 9;
  const largest = Number(box.dataset.largest) || Infinity;
  let photos = []; // what will be sent, in order
  let written = false; // our own change to the input is not a choice

  const write = () => {
    const list = new DataTransfer();
    for (const photo of photos) list.items.add(photo.file);
    written = true;
    input.files = list.files;
    written = false;
    add.hidden = photos.length >= most;
    input.dispatchEvent(new CustomEvent("linli:photos", { bubbles: true }));
  };
  const remove = (photo) => {
    photos = photos.filter((other) => other !== photo);
    URL.revokeObjectURL(photo.url);
    photo.tile.remove();
    write();
  };
  const tile = (photo) => {
    photo.url = URL.createObjectURL(photo.file);
    const name = photo.file.name;
    const words = say(`去掉照片 ${name}`, `Remove photo ${name}`);
    const attributes = { class: "drop", type: "button", "aria-label": words, click: () => {
      remove(photo);
      input.focus();
    } };
    const drop = element("button", attributes, icon("close"));
    photo.tile = element("div", {}, element("img", { src: photo.url, alt: say(`照片 ${name}`, `Photo ${name}`) }), drop);
    return photo.tile;
  };
  const choose = async () => {
    const chosen = [...input.files].filter((file) => file.type.startsWith("image/") || file.type === "");
    const room = most - photos.length;
    if (chosen.length > room) toast(say(`最多 ${most} 张，多出的没有加入`, `At most ${most} photos`), "bad");
    const fresh = chosen.slice(0, room).map((file) => ({ file }));
    photos.push(...fresh);
    for (const photo of fresh) add.before(tile(photo));
    write(); // the originals first: whoever presses the button now still sends everything
    for (const photo of fresh) {
      photo.file = await shrink(photo.file);
      if (!photos.includes(photo)) continue;
      if (photo.file.size <= largest) {
        write();
        continue;
      }
      remove(photo);
      const limit = `${Math.floor(largest / 1_048_576)} MB`;
      toast(say(`${photo.file.name} 超过 ${limit}，没有加入，请换一张小一点的`,
        `${photo.file.name} is larger than ${limit} and was left out; please choose a smaller one`), "bad");
    }
  };
  input.addEventListener("change", () => {
    if (!written) shrinking.set(input, Promise.all([shrinking.get(input), choose()]));
  });
}

/** Starts the pickers of this page, and of what is put into it later. */
export function start() {
  const known = new WeakSet();
  const scan = () => {
    for (const box of document.querySelectorAll("[data-photos]")) {
      if (known.has(box)) continue;
      known.add(box);
      watch(box);
    }
  };
  document.addEventListener("linli:content", scan);
  document.addEventListener("linli:patched", scan);
  scan();
}
