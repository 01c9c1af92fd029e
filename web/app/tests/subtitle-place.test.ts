import { expect, test } from "vitest";
import { placeCues } from "../src/features/player/useSubtitlePlace.ts";

const shown = (...lines: (number | "auto")[]) => {
  const activeCues = lines.map((line) => ({ line }));
  return { activeCues, track: { activeCues } as unknown as TextTrack };
};

test("subtitles stand above the controls, and go back down with them", () => {
  const { track, activeCues } = shown("auto", 0);
  placeCues([track], true);
  expect(activeCues.map(({ line }) => line)).toEqual([-4, 0]);
  placeCues([track], false);
  expect(activeCues.map(({ line }) => line)).toEqual(["auto", 0]);
});

test("a track that is off has no cues to move", () => {
  placeCues([{ activeCues: null } as unknown as TextTrack], true);
});
