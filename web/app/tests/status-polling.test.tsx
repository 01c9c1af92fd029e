import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { useTranscodeStatus } from "../src/features/transcode/useTranscodeStatus.ts";
import { Api, problem } from "./shown.tsx";
import { world } from "./staff/world.ts";

vi.mock("../src/auth/AuthContext.tsx", () => import("./staff/auth.ts"));
vi.mock("../src/socket/WebSocketContext.tsx", () => import("./staff/socket.ts"));

afterEach(() => void vi.useRealTimers());

test.each([
  [404, "video_not_found", 1],
  [503, "table_busy", 3],
])("after an answer of %i (%s) it asks %i times in all", async (status, code, times) => {
  world.permissions.clear();
  vi.useFakeTimers();
  const route = "GET /videos/7/transcode-status";
  const api = new Api({ [route]: () => problem(status, code) });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  renderHook(() => useTranscodeStatus(7, 1000), {
    wrapper: ({ children }) => <QueryClientProvider client={queries}>{children}</QueryClientProvider>,
  });
  await act(() => vi.advanceTimersByTimeAsync(7500));
  expect(api.count(route)).toBe(times);
});
