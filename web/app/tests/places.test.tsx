import { screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { RenditionRow } from "../src/features/transcode/TranscodeStatus/RenditionRow.tsx";
import { Failure } from "../src/ui/Failure.tsx";
import { randomId } from "../src/ui/randomId.ts";
import { Api, show } from "./shown.tsx";

test("a part's failure is no second heading of its page", async () => {
  new Api();
  await show([{ path: "/", element: <Failure error={new TypeError("x")} onRetry={() => {}} /> }]);
  await screen.findByRole("button", { name: "Retry" });
  expect(screen.queryByRole("heading")).toBeNull();
});

test("ids need no TLS, and differ", () => {
  vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
  expect(randomId()).toMatch(/^[0-9a-f]{32}$/);
  expect(randomId()).not.toBe(randomId());
  vi.unstubAllGlobals();
});

test.each([
  [0.04, null],
  [0.061, "0.061× speed"],
  [1.26, "1.3× speed"],
])("a speed of %d is told as %s", async (speed, told) => {
  new Api();
  const rendition = {
    name: "av1_480p",
    codec: "av1",
    resolution: "854x480",
    status: "processing",
    progress: 4,
    speed,
    eta_s: 60,
    vmaf: null,
    vmaf_detail: null,
    size_bytes: null,
    error: null,
  } as unknown as Parameters<typeof RenditionRow>[0]["rendition"];
  await show([{ path: "/", element: <RenditionRow videoId={7} rendition={rendition} readOnly /> }]);
  await screen.findByText("1 min left".replace("1 min", "60 sec"));
  expect(screen.queryByText(/speed/)?.textContent ?? null).toBe(told);
});
