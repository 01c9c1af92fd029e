import { expect, test } from "vitest";
import { chooseCodec, codecOf } from "../src/features/player/codecs.ts";
import { commandOf } from "../src/features/player/keys.ts";
import { parseStoryboard, stillAt } from "../src/features/player/storyboard.ts";

test("AV1 is chosen where it is there and plays, and what was asked for before all", () => {
  const both = new Set(["h264", "av1"] as const);
  expect(chooseCodec(both, true, null)).toBe("av1");
  expect(chooseCodec(both, false, null)).toBe("h264");
  expect(chooseCodec(both, true, "h264")).toBe("h264");
  expect(chooseCodec(new Set(["h264"] as const), true, "av1")).toBe("h264");
  expect(chooseCodec(new Set(["av1"] as const), false, null)).toBe("av1");
  expect(codecOf("av01.0.05M.08")).toBe("av1");
  expect(codecOf("avc1.64001F")).toBe("h264");
});

test("a storyboard's pictures are cuts of sheets beside it", () => {
  const text = [
    "WEBVTT",
    "",
    "00:00:00.000 --> 00:00:02.000",
    "sprite_000.jpg?v=1#xywh=0,0,160,90",
    "",
    "01:00:02.000 --> 01:00:04.000",
    "sprite_001.jpg?v=1#xywh=160,90,160,90",
    "",
  ].join("\r\n");
  const stills = parseStoryboard(
    text,
    "https://videos.example.org/m/token/thumbnails/video_1_storyboard.vtt?v=1",
  );
  expect(stills).toHaveLength(2);
  expect(stills[1]).toEqual({
    startS: 3602,
    endS: 3604,
    url: "https://videos.example.org/m/token/thumbnails/sprite_001.jpg?v=1",
    x: 160,
    y: 90,
    width: 160,
    height: 90,
  });
  expect(stillAt(stills, 1)).toBe(stills[0]);
  expect(stillAt(stills, 9999)).toBe(stills[1]);
  expect(stillAt([], 1)).toBeUndefined();
});

test("keys do what they do on other players, and leave the browser's own alone", () => {
  const plain = { ctrlKey: false, metaKey: false, altKey: false };
  expect(commandOf({ key: "k", ...plain })).toEqual({ do: "toggle" });
  expect(commandOf({ key: "ArrowLeft", ...plain })).toEqual({ do: "seek", byS: -5 });
  expect(commandOf({ key: "5", ...plain })).toEqual({ do: "seekTo", fraction: 0.5 });
  expect(commandOf({ key: "f", ...plain, ctrlKey: true })).toBeNull();
  expect(commandOf({ key: "x", ...plain })).toBeNull();
});
