import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { KeptUploads } from "../src/features/upload/kept.ts";
import { UploadManager } from "../src/features/upload/manager.ts";
import { Api, becomeSignedIn } from "./shown.tsx";
import { VIDEO } from "./videos.ts";

const WANTED = { visibility: "private", ladder: "standard" } as const;
const MP4 = new File(["\x00\x00\x00\x20ftypisom"], "sea.mp4");

/** Locks as a browser keeps them for all its tabs. */
class Locks {
  readonly #last = new Map<string, Promise<void>>();

  request(name: string, { signal }: { signal: AbortSignal }, held: () => Promise<void>): Promise<void> {
    const before = this.#last.get(name) ?? Promise.resolve();
    const mine = before.then(() => (signal.aborted ? undefined : held()));
    this.#last.set(name, mine);
    return mine;
  }
}

let api: Api;
const tabs: UploadManager[] = [];

function openTab(): UploadManager {
  const tab = new UploadManager("ada");
  tabs.push(tab);
  return tab;
}

const states = (tab: UploadManager) => tab.uploads.map(({ status, videoId }) => [status, videoId]);
const settle = () => new Promise((resolve) => setTimeout(resolve, 10));

beforeEach(() => {
  Object.defineProperty(navigator, "locks", { value: new Locks(), configurable: true });
  becomeSignedIn();
  api = new Api({
    "DELETE /videos/7/upload": () => new Response(null, { status: 204 }),
    // Its file never arrives: storage is not there.
    "POST /videos": () =>
      Response.json({
        video: VIDEO,
        upload: { kind: "post", url: "http://storage.test/", fields: {}, expires_at: "2026-03-08T10:30:00Z" },
      }),
  });
});

afterEach(() => {
  for (const tab of tabs.splice(0)) tab.close();
  Reflect.deleteProperty(navigator, "locks");
});

async function uploading(): Promise<UploadManager> {
  const tab = openTab();
  await tab.add([MP4], WANTED);
  await vi.waitFor(() => expect(states(tab)).toEqual([["sending", 7]]));
  return tab;
}

test("what one tab sends, another shows and does not touch", async () => {
  await uploading();
  const other = openTab();
  await settle();
  expect(states(other)).toEqual([["elsewhere", 7]]);
  await other.add([MP4], WANTED);
  expect(states(other)).toEqual([["elsewhere", 7]]);
  expect(api.count("POST /videos")).toBe(1);
});

test("what a tab has nothing of is not forgotten by it", async () => {
  const empty = openTab();
  await uploading();
  await empty.add([new File([], "empty.mp4")], WANTED);
  expect(new KeptUploads("ada").all()).toMatchObject([{ videoId: 7, name: "sea.mp4" }]);
});

test("a closed tab's upload is another one's to go on with", async () => {
  const first = await uploading();
  const other = openTab();
  first.close();
  await vi.waitFor(() => expect(states(other)).toEqual([["interrupted", 7]]));
  await other.add([MP4], WANTED);
  expect(states(other)).toEqual([["sending", 7]]);
  expect(api.count("POST /videos")).toBe(1);
});

test("what was given up in one tab is gone from the other", async () => {
  const first = await uploading();
  const other = openTab();
  const key = first.uploads[0]?.key ?? "";
  await first.remove(key);
  await vi.waitFor(() => expect(states(other)).toEqual([]));
  expect(new KeptUploads("ada").all()).toEqual([]);
});
