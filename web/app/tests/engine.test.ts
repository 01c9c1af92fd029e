import { beforeEach, expect, test, vi } from "vitest";
import { startEngine, type Tracks } from "../src/features/player/engine.ts";

type Listener = (name: string, data: object) => void;

/** hls.js, as far as the engine touches it. */
const { Fake } = vi.hoisted(() => ({
  Fake: class {
    static last: InstanceType<typeof Fake>;
    static isSupported: () => boolean = () => true;
    static ErrorTypes: Record<string, string> = { NETWORK_ERROR: "network", MEDIA_ERROR: "media" };
    static Events: Record<string, string> = new Proxy({}, { get: (_, name) => name });
    levels: object[] = [];
    manualLevel = -1;
    currentLevel = -1;
    audioTracks = [];
    subtitleTracks = [];
    started = 0;
    recovered = 0;
    readonly listeners = new Map<string, Listener>();

    constructor() {
      Fake.last = this;
    }

    get autoLevelEnabled(): boolean {
      return this.manualLevel < 0;
    }

    /** Of the next fragment that is buffered: none, near the end. */
    get nextLevel(): number {
      return -1;
    }

    set nextLevel(level: number) {
      this.manualLevel = level;
    }

    on = (name: string, listener: Listener) => this.listeners.set(name, listener);
    say = (name: string, data: object = {}) => this.listeners.get(name)?.(name, data);
    startLoad = () => {
      this.started += 1;
    };
    recoverMediaError = () => {
      this.recovered += 1;
    };
    loadSource() {}
    attachMedia() {}
    destroy() {}
  },
}));

vi.mock("hls.js", () => ({ default: Fake }));

const LEVEL = { width: 1280, height: 720, bitrate: 2_000_000, videoCodec: "avc1.64001F" };
const LOST = { fatal: true, type: "network", details: "fragLoadError" };

let tracks: Tracks | null;
let faults: string[];

async function start() {
  const engine = await startEngine(document.createElement("video"), "/a.m3u8", null, 0, {
    onTracks: (found) => {
      tracks = found;
    },
    onFatal: (code) => faults.push(code),
  });
  return { engine, hls: Fake.last };
}

async function playing() {
  const started = await start();
  started.hls.levels = [LEVEL, { ...LEVEL, width: 640, height: 360 }];
  started.hls.say("MANIFEST_PARSED");
  return started;
}

beforeEach(() => {
  tracks = null;
  faults = [];
});

test("the quality that was chosen is told at once, whatever is buffered", async () => {
  const { engine } = await playing();
  engine.chooseQuality(1);
  expect(tracks?.quality).toBe(360);
  engine.chooseQuality(-1);
  expect(tracks?.quality).toBeNull();
});

test("after a failure of the network loading begins again, a few times in a row", async () => {
  const { hls } = await playing();
  for (let count = 1; count <= 3; count++) hls.say("ERROR", LOST);
  expect(hls.started).toBe(3);
  hls.say("FRAG_BUFFERED");
  hls.say("ERROR", LOST);
  expect(hls.started).toBe(4);
  expect(faults).toEqual([]);
  for (let count = 1; count <= 3; count++) hls.say("ERROR", LOST);
  expect(faults).toEqual(["fragLoadError"]);
});

test("offline it waits for the network", async () => {
  const onLine = vi.spyOn(navigator, "onLine", "get").mockReturnValue(false);
  const { engine, hls } = await playing();
  for (let count = 1; count <= 9; count++) hls.say("ERROR", LOST);
  expect([hls.started, faults]).toEqual([0, []]);
  onLine.mockReturnValue(true);
  window.dispatchEvent(new Event("online"));
  expect(hls.started).toBe(1);
  hls.say("ERROR", LOST);
  engine.destroy();
  window.dispatchEvent(new Event("online"));
  expect(hls.started).toBe(2);
});

test("a list that cannot be read at all is a fault", async () => {
  const { hls } = await start();
  hls.say("ERROR", { ...LOST, details: "manifestLoadError" });
  expect(faults).toEqual(["manifestLoadError"]);
});
