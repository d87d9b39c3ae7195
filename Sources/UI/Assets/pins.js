/** Numbers and pins on a map that is drawn on a canvas. */
import { say } from "./kit.js";

/** A number in a small box around a point of the screen. */
export function drawBubble(pen, map, x, y, text) {
  const half = Math.max(10, pen.measureText(text).width / 2 + 6);
  pen.fillStyle = map.color("--card");
  pen.strokeStyle = map.color("--edge");
  pen.lineWidth = 1;
  pen.beginPath();
  pen.roundRect(x - half, y - 10, half * 2, 20, 10);
  pen.fill();
  pen.stroke();
  pen.fillStyle = map.color("--ink");
  pen.fillText(text, x, y + 5);
}

/** One or several points; the shape and the letter say what the colour says. */
export function drawPin(pen, map, { x, y, items }) {
  const some = (wanted) => items.some(({ state }) => state === wanted), every = (...wanted) => items.every(({ state }) => wanted.includes(state));
  const isPlace = every("place"), isDevice = every("sound", "broken"), isBroken = isDevice && some("broken");
  const isCase = some("open") || some("late");
  pen.fillStyle = isPlace ? map.color("--ink-3") : isDevice ? (isBroken ? "#8a5200" : "#2e6b4f")
    : some("late") ? "#b3261e" : isCase ? "#0b5cad" : map.color("--ink-3");
  pen.strokeStyle = "#fff";
  pen.lineWidth = 2;
  pen.beginPath();
  if (isPlace && items.length === 1) pen.rect(x - 5, y - 5, 10, 10);
  else if (isDevice && items.length === 1) {
    const half = isBroken ? 13 : 8;
    pen.moveTo(x, y - half), pen.lineTo(x + half, y), pen.lineTo(x, y + half), pen.lineTo(x - half, y), pen.closePath();
  } else pen.arc(x, y, 13, 0, 7);
  pen.fill();
  pen.stroke();
  pen.fillStyle = "#fff";
  if (items.length > 1) pen.fillText(String(items.length), x, y + 5);
  else if (isBroken) pen.fillText(say("修", "!"), x, y + 5);
  else if (isCase) pen.fillText(some("late") ? say("超", "!") : say("办", "•"), x, y + 5);
}
