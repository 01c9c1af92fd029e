import { expect, test } from "vitest";
import { MAX_PAUSE_MS, pauseMs } from "../src/backoff.ts";

test("the bound doubles up to a minute, and a pause may be anything below it", () => {
  for (const [retry, bound] of [3000, 6000, 12_000, 24_000, 48_000, MAX_PAUSE_MS, MAX_PAUSE_MS].entries()) {
    expect(pauseMs(3000, retry, 0)).toBe(0);
    expect(pauseMs(3000, retry, 0.5)).toBe(bound / 2);
  }
  expect(pauseMs(3000, 2000, 0.5)).toBe(MAX_PAUSE_MS / 2);
});
