import { expect, test } from "vitest";
import type { AddressedMessage } from "../src/messages.ts";
import { Novelty } from "../src/novelty.ts";
import { complete, progress, system } from "./server.ts";

/** What of a series is admitted, as a list of yes and no. */
function admitted(...messages: object[]): boolean[] {
  const novelty = new Novelty();
  return messages.map((message) => novelty.admit(message as AddressedMessage));
}

test("one event is told once, whatever channels it comes on", () => {
  const event = complete(5, true);
  expect(admitted({ ...event, channel: "user#ada", seq: 4 }, { ...event, channel: "all", seq: 9 })).toEqual([
    true,
    false,
  ]);
  expect(admitted(system("a"), system("b"), system("a"))).toEqual([true, true, false]);
});

test("progress never goes backwards", () => {
  expect(admitted(progress(5, 10), progress(5, 40), progress(5, 30), progress(6, 30))).toEqual([
    true,
    true,
    false,
    true,
  ]);
  const later = { timestamp: "2026-01-01T00:00:09Z" };
  expect(admitted(progress(5, 10, later), progress(5, 10))).toEqual([true, false]);
});

test("the same percentage with other details is news", () => {
  expect(admitted(progress(5, 10), progress(5, 10, { code: "encoded" }))).toEqual([true, true]);
});

test("after an end there is no progress", () => {
  for (const end of [
    complete(5, true),
    { ...complete(5, true), type: "transcode_failed", final: undefined },
  ]) {
    expect(admitted(progress(5, 90), end, progress(5, 95))).toEqual([true, true, false]);
    expect(admitted(end, progress(5, 95))).toEqual([true, false]);
  }
  const cancelled = progress(5, 40, { status: "cancelled" });
  expect(admitted(progress(5, 90), cancelled, progress(5, 95))).toEqual([true, true, false]);
  expect(admitted(complete(5, false), progress(5, 95))).toEqual([true, true]);
});

test("the end's own state may come after its message", () => {
  expect(admitted(complete(5, true), progress(5, 100, { status: "completed" }))).toEqual([true, true]);
});

test("a retry and a new generation begin anew, and what is left of the old one is not told", () => {
  const failed = progress(5, 60, { status: "failed" });
  const retried = progress(5, 20, { run: 2 });
  expect(admitted(failed, retried, progress(5, 70), progress(5, 30, { run: 2 }))).toEqual([
    true,
    true,
    false,
    true,
  ]);
  expect(
    admitted(progress(5, 90, { run: 3 }), progress(5, 0, { generation: 2 }), progress(5, 95, { run: 3 })),
  ).toEqual([true, true, false]);
});

test("an old end that is replayed is told, but does not end the newer run", () => {
  const old = progress(5, 100, { status: "completed" });
  const newer = [progress(5, 20, { run: 2 }), progress(5, 30, { run: 2 })];
  expect(admitted(newer[0] ?? {}, complete(5, true), old, newer[1] ?? {})).toEqual([true, true, false, true]);
});

test("messages stored before they had a run are taken for the one that is known", () => {
  const old = { ...complete(5, true), run: undefined };
  expect(admitted(progress(5, 20, { run: 2 }), old, progress(5, 30, { run: 2 }))).toEqual([
    true,
    true,
    false,
  ]);
});

test("the newest progress is kept, of a thousand videos", () => {
  const novelty = new Novelty();
  for (let videoId = 1; videoId <= 1001; videoId += 1)
    novelty.admit(progress(videoId, 10) as AddressedMessage);
  expect(novelty.progress(1)).toBeNull();
  expect(novelty.progress(1001)?.progress).toBe(10);
});
