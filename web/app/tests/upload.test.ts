import { expect, test } from "vitest";
import { MAX_BYTES, refusalOf } from "../src/features/upload/checks.ts";
import { Rate } from "../src/features/upload/rate.ts";
import { patiently } from "../src/features/upload/transfer.ts";

const head = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

test.each([
  ["\x00\x00\x00\x20ftypisom", null],
  ["\x1aE\xdf\xa3", null],
  ["\xff\xd8\xff\xe0", "picture"],
  ["\x89PNG\r\n", "picture"],
  ["RIFF....WEBP", "picture"],
  ["RIFF....AVI ", null],
  ["RIFF....WAVE", "sound"],
  ["ID3\x04", "sound"],
  ["#EXTM3U\n", "playlist"],
  ["ffconcat version 1.0", "playlist"],
  ["%PDF-1.7", "document"],
])("%j is refused as %s", (start, refusal) => {
  expect(refusalOf(1000, head(start))).toBe(refusal);
});

test("empty and huge files are refused, by their size alone", () => {
  expect(refusalOf(0, head(""))).toBe("empty");
  expect(refusalOf(MAX_BYTES, head("\x00\x00\x00\x20ftyp"))).toBeNull();
  expect(refusalOf(MAX_BYTES + 1, head("\x00\x00\x00\x20ftyp"))).toBe("too_large");
});

test("the speed is that of the last seconds", () => {
  const rate = new Rate();
  rate.note(0, 0);
  expect(rate.bytesPerS).toBeNull();
  rate.note(1000, 1000);
  expect(rate.bytesPerS).toBe(1000);
  for (let second = 2; second <= 20; second++) rate.note(1000 + 5000 * (second - 1), second * 1000);
  expect(rate.bytesPerS).toBe(5000);
});

test("what is sent anew starts the speed anew", () => {
  const rate = new Rate();
  rate.note(0, 0);
  rate.note(5000, 1000);
  rate.note(100, 1100);
  expect(rate.bytesPerS).toBeNull();
});

test("what is refused for good is not tried again; giving up ends a pause at once", async () => {
  const stop = new AbortController();
  let asked = 0;
  const refuse = () => {
    asked += 1;
    return Promise.reject(new Error("no"));
  };
  await expect(patiently(refuse, stop.signal)).rejects.toThrow("no");
  expect(asked).toBe(1);
  stop.abort(new Error("given up"));
  await expect(patiently(refuse, stop.signal)).rejects.toThrow("given up");
  expect(asked).toBe(1);
});
