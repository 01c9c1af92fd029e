import { act, fireEvent, screen, within } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import Player from "../src/features/player/Player.tsx";
import { Api, show } from "./shown.tsx";

vi.mock("../src/features/player/engine.ts", () => ({
  startEngine: () => Promise.resolve({ destroy: () => {} }),
}));

// jsdom's text tracks tell of nothing.
vi.mock("../src/features/player/useSubtitlePlace.ts", () => ({ useSubtitlePlace: () => {} }));

let video: HTMLVideoElement;

beforeEach(async () => {
  new Api();
  const player = (
    <Player
      videoId={7}
      title="The sea"
      hls="/m/x/7.m3u8"
      durationS={60}
      poster={null}
      storyboard={null}
      startS={0}
      signedIn={false}
    />
  );
  await show([{ path: "/", element: player }]);
  video = (await screen.findByRole("region")).querySelector("video") as HTMLVideoElement;
  Object.defineProperty(video, "duration", { value: 60 });
  video.currentTime = 30;
  await act(async () => void fireEvent(video, new Event("timeupdate")));
});

const volume = () => screen.getByRole("slider", { name: "Volume" });
const set = (value: number) =>
  act(async () => {
    video.volume = value;
    fireEvent(video, new Event("volumechange"));
  });

test("the volume's own keys do not seek", async () => {
  await set(0.5);
  await act(async () => void fireEvent.keyDown(volume(), { key: "ArrowLeft", which: 37, keyCode: 37 }));
  expect(video.currentTime).toBe(30);
  expect(video.volume).toBeCloseTo(0.45);
  await act(async () => void fireEvent.keyDown(volume(), { key: "ArrowUp", which: 38, keyCode: 38 }));
  expect(video.currentTime).toBe(30);
  // Other keys are the player's still.
  fireEvent.keyDown(volume(), { key: "j" });
  expect(video.currentTime).toBe(20);
});

test("a volume that was drawn down to nothing comes back with “Unmute”", async () => {
  await set(0.1);
  await act(async () => void fireEvent.keyDown(volume(), { key: "ArrowUp", which: 38, keyCode: 38 }));
  fireEvent.keyUp(volume(), { key: "ArrowUp", which: 38, keyCode: 38 });
  const chosen = video.volume;
  expect(chosen).toBeGreaterThan(0.1);
  await act(async () => void fireEvent.keyDown(volume(), { key: "Home", which: 36, keyCode: 36 }));
  fireEvent.keyUp(volume(), { key: "Home", which: 36, keyCode: 36 });
  await act(async () => void fireEvent(video, new Event("volumechange")));
  expect([video.volume, video.muted]).toEqual([0, true]);
  const player = within(screen.getByRole("region"));
  fireEvent.click(player.getByRole("button", { name: "Unmute" }));
  expect([video.volume, video.muted]).toEqual([chosen, false]);
});
