import { act, renderHook } from "@testing-library/react";
import type { TranscodeProgress } from "@videosite/realtime";
import { StrictMode } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Starts } from "../src/socket/starts.ts";
import { useWebSocket } from "../src/socket/useWebSocket.ts";

/** The sockets that were opened, in order. */
const opened: FakeSocket[] = [];

class FakeSocket extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readyState = FakeSocket.CONNECTING;
  binaryType = "blob";
  readonly sent: string[] = [];
  readonly url: string;

  constructor(url: string) {
    super();
    this.url = url;
    opened.push(this);
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.readyState = FakeSocket.CLOSED;
    this.dispatchEvent(new CloseEvent("close", { code: 1000 }));
  }

  open(): void {
    this.readyState = FakeSocket.OPEN;
    this.dispatchEvent(new Event("open"));
  }

  say(frame: object): void {
    this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(frame) }));
  }
}

beforeEach(() => {
  opened.length = 0;
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const ticket = vi.fn(() => Promise.resolve("ticket"));
const options = { url: "ws://site/api/v1/ws", who: { scope: "user", userId: "u" } as const, ticket };

function frame(what: Partial<TranscodeProgress> = {}) {
  return {
    type: "transcode_progress",
    id: `p${what.progress ?? 20}`,
    video_id: 1,
    generation: 1,
    run: 1,
    status: "processing",
    progress: 20,
    message: "",
    code: "transcoding",
    params: {},
    text: {},
    error: null,
    renditions: [],
    timestamp: "2026-03-01T10:30:00Z",
    channel: "user#u",
    ...what,
  } satisfies Partial<TranscodeProgress>;
}

async function settle(): Promise<void> {
  await act(() => vi.advanceTimersByTimeAsync(20));
}

test("under StrictMode there is one socket, of one ticket, which handlers hear by their newest", async () => {
  ticket.mockClear();
  const [first, second] = [vi.fn(), vi.fn()];
  const { result, rerender, unmount } = renderHook(
    ({ heard }) => useWebSocket({ ...options, onTranscodeProgress: heard }),
    { wrapper: StrictMode, initialProps: { heard: first } },
  );
  await settle();
  expect(opened).toHaveLength(1);
  expect(ticket).toHaveBeenCalledOnce();
  act(() => opened[0]?.open());
  expect(result.current.state.name).toBe("open");
  act(() => opened[0]?.say(frame()));
  rerender({ heard: second });
  act(() => opened[0]?.say(frame({ progress: 30 })));
  // Older than what was told: nobody hears of it.
  act(() => opened[0]?.say(frame({ progress: 25 })));
  expect(first.mock.calls.map(([message]) => message.progress)).toEqual([20]);
  expect(second.mock.calls.map(([message]) => message.progress)).toEqual([30]);
  unmount();
  await settle();
  expect(opened[0]?.readyState).toBe(FakeSocket.CLOSED);
});

test("a socket that is lost comes back with a new ticket", async () => {
  ticket.mockClear();
  const { result } = renderHook(() => useWebSocket(options));
  await settle();
  act(() => opened[0]?.open());
  act(() => opened[0]?.close());
  expect(result.current.state.name).not.toBe("open");
  await act(() => vi.advanceTimersByTimeAsync(3100));
  expect(opened).toHaveLength(2);
  act(() => opened[1]?.open());
  expect(result.current.state.name).toBe("open");
  expect(ticket).toHaveBeenCalledTimes(2);
});

test("without autoConnect it waits to be asked; without anybody there is no client", async () => {
  const { result, rerender } = renderHook(
    ({ who }) => useWebSocket({ ...options, who, autoConnect: false }),
    { initialProps: { who: null as typeof options.who | null } },
  );
  expect(result.current.client).toBeNull();
  rerender({ who: options.who });
  await settle();
  expect(opened).toHaveLength(0);
  act(() => result.current.connect());
  await settle();
  expect(opened).toHaveLength(1);
});

test("a beginning is told once, and not of what was under way already", () => {
  const starts = new Starts();
  const at = (progress: number, run = 1) => frame({ progress, run }) as TranscodeProgress;
  expect(starts.begins(at(5))).toBe(true);
  expect(starts.begins(at(7))).toBe(false);
  expect(new Starts().begins(at(7))).toBe(false);
  expect(starts.begins(at(50, 2))).toBe(false);
  expect(starts.begins(at(0, 3))).toBe(true);
});
