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

/** One or several points; the letter says what the colour says. */
export function drawPin(pen, map, { x, y, items }) {
  const isLate = items.some(({ state }) => state === "late"), isPlace = items.every(({ state }) => state === "place");
  pen.fillStyle = isPlace ? map.color("--ink-3") : isLate ? "#b3261e" : "#0b5cad";
  pen.strokeStyle = "#fff";
  pen.lineWidth = 2;
  pen.beginPath();
  if (isPlace && items.length === 1) pen.rect(x - 5, y - 5, 10, 10);
  else pen.arc(x, y, 13, 0, 7);
  pen.fill();
  pen.stroke();
  pen.fillStyle = "#fff";
  if (items.length > 1) pen.fillText(String(items.length), x, y + 5);
  else if (!isPlace) pen.fillText(isLate ? say("超", "!") : say("办", "•"), x, y + 5);
}
