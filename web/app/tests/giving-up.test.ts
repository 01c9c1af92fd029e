import { beforeEach, expect, test, vi } from "vitest";
import { KeptUploads } from "../src/features/upload/kept.ts";
import { UploadManager } from "../src/features/upload/manager.ts";
import { Api, becomeSignedIn, problem } from "./shown.tsx";
import { VIDEO } from "./videos.ts";

const WANTED = { visibility: "private", ladder: "standard" } as const;
const MP4 = new File(["\x00\x00\x00\x20ftypisom"], "sea.mp4");
const made = () =>
  Response.json({
    video: VIDEO,
    upload: { kind: "post", url: "http://storage.test/", fields: {}, expires_at: "2026-03-08T10:30:00Z" },
  });

let api: Api;
let manager: UploadManager;
/** Has the making of the video answered. */
let answer: (response: Response) => void;

beforeEach(async () => {
  becomeSignedIn();
  api = new Api({
    "DELETE /videos/7/upload": () => new Response(null, { status: 204 }),
    "POST /videos": () =>
      new Promise<Response>((resolve) => {
        answer = resolve;
      }),
  });
  manager = new UploadManager("ada");
  await manager.add([MP4], WANTED);
  await vi.waitFor(() => expect(api.count("POST /videos")).toBe(1));
});

const key = () => manager.uploads[0]?.key ?? "";

test("what is given up while its video is made leaves no video", async () => {
  await manager.remove(key());
  expect(api.count("DELETE /videos/7/upload")).toBe(0);
  answer(made());
  await vi.waitFor(() => expect(api.count("DELETE /videos/7/upload")).toBe(1));
  expect(manager.uploads).toEqual([]);
  expect(new KeptUploads("ada").all()).toEqual([]);
});

test("what is paused and resumed while its video is made waits for it", async () => {
  const first = answer;
  manager.pause(key());
  manager.resume(key());
  await vi.waitFor(() => expect(api.count("POST /videos")).toBe(2));
  answer(problem(409, "request_in_progress"));
  first(made());
  // The second one asks again, and is given the same video.
  await vi.waitFor(() => expect(api.count("POST /videos")).toBe(3), { timeout: 5000 });
  expect(manager.uploads[0]?.status).toBe("sending");
  answer(made());
  await vi.waitFor(() => expect(manager.uploads[0]?.videoId).toBe(7));
});
