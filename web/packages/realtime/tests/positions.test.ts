import { expect, test } from "vitest";
import type { AddressedMessage, Resumed } from "../src/messages.ts";
import { Positions } from "../src/positions.ts";

const message = (seq: number): AddressedMessage =>
  ({ type: "system_message", channel: "all", seq }) as AddressedMessage;
const resumed = (fields: Partial<Resumed>): Resumed => ({
  type: "resumed",
  channel: "all",
  recovered: true,
  seq: 0,
  messages: [],
  more: false,
  ...fields,
});
const seqs = (messages: AddressedMessage[]): (number | undefined)[] => messages.map(({ seq }) => seq);

/** Positions that stand at a number. */
function at(seq: number): Positions {
  const positions = new Positions();
  positions.ask(["all"]);
  positions.resume(resumed({ recovered: false, seq }));
  return positions;
}

test("what follows is handed out, what was had is not", () => {
  const positions = at(7);
  expect(seqs(positions.take(message(8), 8))).toEqual([8]);
  expect(seqs(positions.take(message(8), 8))).toEqual([]);
  expect(seqs(positions.take(message(3), 3))).toEqual([]);
  expect(positions.ask(["all", "admin"])).toEqual({ all: 8, admin: null });
});

test("after a hole everything waits for what is missing", () => {
  const positions = at(7);
  expect(seqs(positions.take(message(10), 10))).toEqual([]);
  expect(positions.hasGap("all")).toBe(true);
  expect(positions.ask(["all"])).toEqual({ all: 7 });
  expect(positions.hasGap("all")).toBe(false);
  expect(seqs(positions.take(message(9), 9))).toEqual([]);
  const filled = positions.resume(resumed({ seq: 9, messages: [message(8), message(9)] }));
  expect(seqs(filled)).toEqual([8, 9, 10]);
  expect(positions.hasGap("all")).toBe(false);
});

test("a message that fills the hole by itself releases the rest", () => {
  const positions = at(7);
  positions.take(message(9), 9);
  expect(seqs(positions.take(message(8), 8))).toEqual([8, 9]);
});

test("parts are in order, and new messages wait for those before them", () => {
  const positions = at(1);
  positions.ask(["all"]);
  expect(seqs(positions.resume(resumed({ seq: 2, messages: [message(2)], more: true })))).toEqual([2]);
  expect(seqs(positions.take(message(4), 4))).toEqual([]);
  expect(positions.ask(["all"])).toEqual({ all: 2 });
  expect(seqs(positions.resume(resumed({ seq: 3, messages: [message(3)] })))).toEqual([3, 4]);
});

test("a part that comes twice is told once", () => {
  const positions = at(1);
  const part = resumed({ seq: 3, messages: [message(2), message(3)] });
  expect(seqs(positions.resume(part))).toEqual([2, 3]);
  expect(seqs(positions.resume(part))).toEqual([]);
});

test("what is not recovered goes on from where the server says, and loses nothing that came", () => {
  const positions = at(7);
  positions.ask(["all"]);
  for (const seq of [11, 9, 12]) positions.take(message(seq), seq);
  expect(seqs(positions.resume(resumed({ recovered: false, seq: 11 })))).toEqual([9, 11, 12]);
  expect(positions.ask(["all"])).toEqual({ all: 12 });
});

test("a server whose numbers began anew is followed", () => {
  const positions = at(7);
  positions.resume(resumed({ recovered: false, seq: 1 }));
  expect(seqs(positions.take(message(2), 2))).toEqual([2]);
});

test("given up, what was held is told in order and it goes on from there", () => {
  const positions = at(7);
  positions.take(message(10), 10);
  positions.take(message(9), 9);
  expect(seqs(positions.giveUp("all"))).toEqual([9, 10]);
  expect(seqs(positions.take(message(11), 11))).toEqual([11]);
  expect(new Positions().giveUp("all")).toEqual([]);
});

test("a forgotten channel is as new", () => {
  const positions = at(7);
  positions.forget("all");
  expect(positions.knows("all")).toBe(false);
  expect(positions.ask(["all"])).toEqual({ all: null });
});
