/**
 * Reading aloud: `button[data-read="#notice"][hidden]` speaks the text of an element. Where the browser has no voice of
 * the page's language the button stays hidden, or, with `data-read-src`, plays the sound file the server made. A
 * `[data-read-text]` inside it carries its words.
 */
import { say } from "./kit.js";

/** A text cut at sentence ends: long utterances are cut off by some engines. */
export function sentences(text, most = 120) {
  const parts = text.replace(/\s+/g, " ").match(/[^。！？；.!?;]+[。！？；.!?;]*/g) ?? [];
  const pieces = new RegExp(`.{1,${most}}`, "gs");
  return parts.map((part) => part.trim()).filter(Boolean).flatMap((part) => part.match(pieces));
}

/** The voice for a language, a local one first: it works without a network. */
export function chooseVoice(voices, language) {
  const wanted = language.slice(0, 2).toLowerCase();
  const fitting = voices.filter((voice) => voice.lang.toLowerCase().startsWith(wanted));
  return fitting.find((voice) => voice.localService) ?? fitting[0] ?? null;
}

let speaking = null;
const sound = { player: null };

function stop() {
  window.speechSynthesis?.cancel();
  sound.player?.pause();
  speaking?.setAttribute("aria-pressed", "false");
  if (speaking) label(speaking, speaking.dataset.readLabel);
  speaking = null;
}

function label(button, text) {
  const words = button.querySelector("[data-read-text]");
  if (words) words.textContent = text;
}

function speak(button, voice) {
  const again = speaking === button;
  stop();
  if (again) return;
  speaking = button;
  button.setAttribute("aria-pressed", "true");
  label(button, say("停止朗读", "Stop"));
  const over = () => speaking === button && stop();
  if (!voice) {
    sound.player = new Audio(button.dataset.readSrc);
    sound.player.addEventListener("ended", over);
    sound.player.play().catch(over);
    return;
  }
  const target = document.querySelector(button.dataset.read);
  const parts = sentences(target?.innerText ?? "");
  parts.forEach((part, index) => {
    const utterance = new SpeechSynthesisUtterance(part);
    Object.assign(utterance, { voice, lang: voice.lang, rate: 0.9 });
    if (index === parts.length - 1) utterance.onend = over;
    utterance.onerror = over;
    window.speechSynthesis.speak(utterance);
  });
}

/** Starts the buttons; voices may arrive later than the page. */
export function start() {
  const buttons = document.querySelectorAll("button[data-read]");
  const look = () => {
    const voice = chooseVoice(window.speechSynthesis?.getVoices() ?? [], document.documentElement.lang);
    for (const button of buttons) {
      button.hidden = !voice && !button.dataset.readSrc;
      button.onclick = () => speak(button, voice);
      button.dataset.readLabel ??= button.querySelector("[data-read-text]")?.textContent ?? "";
    }
  };
  look();
  window.speechSynthesis?.addEventListener?.("voiceschanged", look);
  addEventListener("pagehide", stop);
}
