// Typing ahead: when it asks, what it gives up, what the keys choose.
import assert from "node:assert/strict";
import { mock, test } from "node:test";

const { makeAsker, nextOption, pause, wordsOf } = await import(
  new URL("../../../Sources/UI/Assets/ahead.js", import.meta.url)
);

/** An asker whose answers come when the test says so. */
function scene() {
  const questions = [], shown = [];
  const ask = (words, signal) => new Promise((resolve, reject) => {
    questions.push({ words, signal, answer: (hits) => resolve(hits), fail: () => reject(new Error("no network")) });
  });
  return { questions, shown, asker: makeAsker(ask, (hits, words) => shown.push([words, hits.length])) };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("it asks once, after a pause, for what stands there then", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { asker, questions, shown } = scene();
  asker.type("王");
  mock.timers.tick(pause - 1);
  asker.type("王 芳 ");
  mock.timers.tick(pause - 1);
  assert.equal(questions.length, 0);
  mock.timers.tick(1);
  assert.deepEqual(questions.map(({ words }) => words), ["王 芳"]);
  questions[0].answer([{}, {}]);
  await settled();
  assert.deepEqual(shown, [["王 芳", 2]]);
  asker.type("王  芳");
  mock.timers.tick(pause);
  assert.equal(questions.length, 1, "the same words are not asked again");
  mock.timers.reset();
});

test("a newer question gives the older one up, whose answer is not shown", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { asker, questions, shown } = scene();
  asker.type("wf");
  mock.timers.tick(pause);
  asker.type("wfa");
  assert.equal(questions[0].signal.aborted, true);
  mock.timers.tick(pause);
  questions[1].answer([{}]);
  questions[0].answer([{}, {}, {}]);
  await settled();
  assert.deepEqual(shown, [["wfa", 1]]);
  asker.type("");
  assert.deepEqual(shown.at(-1), ["", 0], "an empty box shows nothing at once");
  mock.timers.reset();
});

test("nothing is asked while an input method composes", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { asker, questions } = scene();
  asker.type("x");
  asker.compose(true);
  asker.type("xing");
  mock.timers.tick(pause * 4);
  assert.equal(questions.length, 0);
  asker.compose(false, "幸福");
  mock.timers.tick(pause);
  assert.deepEqual(questions.map(({ words }) => words), ["幸福"]);
  mock.timers.reset();
});

test("an answer that never comes closes the list, and stopping asks no more", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { asker, questions, shown } = scene();
  asker.type("电梯");
  mock.timers.tick(pause);
  questions[0].fail();
  await settled();
  assert.deepEqual(shown, [["电梯", 0]]);
  asker.type("电梯坏");
  asker.stop();
  mock.timers.tick(pause);
  assert.equal(questions.length, 1);
  mock.timers.reset();
});

test("the arrow keys go round through the box itself", () => {
  assert.equal(nextOption(-1, "ArrowDown", 3), 0);
  assert.equal(nextOption(2, "ArrowDown", 3), -1);
  assert.equal(nextOption(-1, "ArrowUp", 3), 2);
  assert.equal(nextOption(0, "ArrowUp", 3), -1);
  assert.equal(nextOption(-1, "ArrowDown", 0), -1);
  assert.equal(wordsOf("  a \t b  "), "a b");
  assert.equal(wordsOf("长".repeat(80)).length, 60);
});
