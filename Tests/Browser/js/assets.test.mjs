// What the assets promise each other and the reader: sizes, icons, the page's policy, contrast.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, existsSync, statSync } from "node:fs";
import { test } from "node:test";

const folder = new URL("../../../Sources/UI/Assets/", import.meta.url);
const read = (name) => readFileSync(new URL(name, folder), "utf8");
const named = (ending) => readdirSync(folder).filter((name) => name.endsWith(ending));

test("every module is under 10 KB and keeps to the page's policy", () => {
  const modules = named(".js");
  assert.ok(modules.length >= 10);
  for (const name of modules) {
    const source = read(name);
    assert.ok(statSync(new URL(name, folder)).size < 10_240, `${name} is too large`);
    assert.doesNotMatch(source, /\beval\(|new Function\(|document\.write|\.cssText|setAttribute\("style"|style: "/, name);
    assert.doesNotMatch(source, /https?:\/\/(?!www\.w3\.org\/2000\/svg)/, `${name} reaches outside`);
  }
});

test("every icon a script asks for is in the sprite, each name once", () => {
  const names = [...read("icons.svg").matchAll(/id="i-([a-z]+)"/g)].map((match) => match[1]);
  assert.equal(new Set(names).size, names.length);
  for (const name of named(".js")) {
    const asked = [...read(name).matchAll(/\bicon\("([a-z]+)"\)/g)].map((match) => match[1]);
    for (const icon of asked) assert.ok(names.includes(icon), `${name}: ${icon}`);
  }
});

test("the service worker's blanks are there once, and what it imports exists", () => {
  const source = read("sw.js");
  assert.equal(source.split("__VERSION__").length, 2);
  assert.equal(source.split("__ASSETS__").length, 2);
  const imports = [...source.matchAll(/from "\/assets\/([^"]+)"/g)].map((match) => match[1]);
  assert.ok(imports.length > 0);
  for (const path of imports) assert.ok(existsSync(new URL(path, folder)), path);
});

test("the manifest's pictures exist in the sizes it names", () => {
  for (const { src, sizes, type } of JSON.parse(read("manifest.webmanifest")).icons) {
    const file = readFileSync(new URL(src.replace("/assets/", ""), folder));
    if (type !== "image/png") continue;
    assert.equal(`${file.readUInt32BE(16)}x${file.readUInt32BE(20)}`, sizes, src);
  }
});

/** The tokens under a selector of linli.css. */
function tokens(selector) {
  const rules = read("linli.css").split("}").filter((rule) => rule.split("{")[0].trim().endsWith(selector));
  assert.ok(rules.length > 0, selector);
  const colours = rules.flatMap((rule) => [...rule.matchAll(/--([\w-]+):\s*(#[0-9a-f]{3,6})\b/gi)]);
  return Object.fromEntries(colours.map(([, name, colour]) => [name, colour]));
}

function luminance(colour) {
  const digits = colour.length === 4 ? [...colour.slice(1)].map((digit) => digit + digit).join("") : colour.slice(1);
  const [red, green, blue] = [0, 2, 4].map((start) => parseInt(digits.slice(start, start + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one, other) {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

const light = tokens(":root");
const themes = {
  light,
  dark: { ...light, ...tokens('[data-theme="dark"]') },
  party: { ...light, ...tokens('[data-theme="party"]') },
  elder: { ...light, ...tokens(':root[data-mode="elder"]') },
};
const text = [
  ["ink", "card"], ["ink", "page"], ["ink-2", "card"], ["ink-2", "sunk"], ["ink-3", "card"], ["ink-3", "page"],
  ["brand-ink", "card"], ["brand-ink", "brand-soft"], ["on-brand", "brand"], ["on-brand", "bad"],
  ["on-brand", "bar-from"], ["on-brand", "bar-to"], ["bar-note", "bar-to"],
  ["bad-ink", "bad-soft"], ["bad-ink", "card"], ["warn-ink", "warn-soft"], ["warn-ink", "card"], ["ok-ink", "ok-soft"],
  ["side-ink", "side"], ["side-note", "side"], ["on-brand", "side-on"],
  ["map-ink", "map-0"], ["map-ink", "map-1"], ["map-ink", "map-2"], ["map-ink", "map-3"],
];

for (const [theme, values] of Object.entries(themes)) {
  test(`contrast of the ${theme} theme: text 4.5, borders of controls 3`, () => {
    for (const [front, back] of text) {
      const ratio = contrast(values[front], values[back]);
      assert.ok(ratio >= 4.5, `${front} on ${back}: ${ratio.toFixed(2)}`);
    }
    assert.ok(contrast(values.edge, values.card) >= 3, "edge on card");
  });
}
