import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import { expect, test, tokenOf } from "./site.ts";
import { transcoded } from "./videos.ts";

/**
 * What is published is played to its end by the two players that most sites have, without ours around them: not
 * a stall after the first frame, nor a hole that they had to jump over.
 */

interface Watched {
  ended: boolean;
  /** Seconds, and frames that were decoded and shown or dropped. */
  currentTime: number;
  duration: number;
  frames: number;
  /** Stalls and jumps, as the player or the element tells them. */
  trouble: string[];
}

const modules = createRequire(import.meta.url);
const PLAYERS = { hls: "hls.js/dist/hls.js", shaka: "shaka-player/dist/shaka-player.compiled.js" };

test.use({ bypassCSP: true });

for (const [player, kind] of [
  ["hls", "hls"],
  ["shaka", "hls"],
  ["shaka", "dash"],
] as const) {
  test(`${player} plays ${kind.toUpperCase()} to the end`, async ({ page, request, creator }) => {
    test.setTimeout(240_000);
    const token = await tokenOf(request, creator);
    const videoId = await transcoded(request, token, { title: "Rabbit", ladder: "standard" });
    const answer = await request.get(`/api/v1/videos/${videoId}`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    const { playback } = (await answer.json()) as { playback: { hls: string; dash: string } };
    await page.goto("/sign-in");
    await page.setContent("<video muted></video>");
    await page.addScriptTag({ path: modules.resolve(PLAYERS[player]) });
    await (player === "hls" ? startHls(page, playback.hls) : startShaka(page, playback[kind]));
    await expect.poll(async () => (await watched(page)).ended, { timeout: 60_000 }).toBe(true);
    const { trouble, currentTime, duration, frames } = await watched(page);
    expect(trouble).toEqual([]);
    expect(Math.abs(currentTime - duration)).toBeLessThan(0.2);
    expect(frames).toBeGreaterThan(duration * 20);
  });
}

/** Plays, and notes what is not as it should be. */
function startHls(page: Page, address: string): Promise<void> {
  return page.evaluate(async (url) => {
    const { Hls } = window as unknown as { Hls: typeof import("hls.js").default };
    const video = document.querySelector("video") as HTMLVideoElement;
    const trouble: string[] = [];
    Object.assign(window, { trouble });
    const hls = new Hls();
    hls.on(Hls.Events.ERROR, (_, { details }) => trouble.push(details));
    hls.loadSource(url);
    hls.attachMedia(video);
    video.addEventListener(
      "playing",
      () => video.addEventListener("waiting", () => trouble.push("waiting")),
      {
        once: true,
      },
    );
    await video.play();
  }, address);
}

interface Shaka {
  polyfill: { installAll(): void };
  Player: new () => {
    attach(video: HTMLVideoElement): Promise<void>;
    load(url: string): Promise<void>;
    addEventListener(kind: string, listener: (event: { detail?: { code?: number } }) => void): void;
  };
}

function startShaka(page: Page, address: string): Promise<void> {
  return page.evaluate(async (url) => {
    const { shaka } = window as unknown as { shaka: Shaka };
    const video = document.querySelector("video") as HTMLVideoElement;
    const trouble: string[] = [];
    Object.assign(window, { trouble });
    shaka.polyfill.installAll();
    const player = new shaka.Player();
    await player.attach(video);
    for (const kind of ["stalldetected", "gapjumped", "error"])
      player.addEventListener(kind, ({ detail }) => trouble.push(`${kind} ${detail?.code ?? ""}`));
    await player.load(url);
    video.addEventListener(
      "playing",
      () => video.addEventListener("waiting", () => trouble.push("waiting")),
      {
        once: true,
      },
    );
    await video.play();
  }, address);
}

function watched(page: Page): Promise<Watched> {
  return page.evaluate(() => {
    const video = document.querySelector("video") as HTMLVideoElement;
    const { ended, currentTime, duration } = video;
    const { trouble } = window as unknown as { trouble: string[] };
    return {
      ended,
      currentTime,
      duration,
      frames: video.getVideoPlaybackQuality().totalVideoFrames,
      trouble,
    };
  });
}
