import { screen, waitFor } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { pointsOf, totalOf } from "../src/features/dashboard/points.ts";
import type { Statistics } from "../src/features/dashboard/queries.ts";
import { withSample } from "../src/features/dashboard/queries.ts";
import { Component as DashboardPage } from "../src/pages/DashboardPage.tsx";
import { draw } from "./staff/draw.tsx";

vi.mock("../src/auth/AuthContext.tsx", () => import("./staff/auth.ts"));
vi.mock("../src/socket/WebSocketContext.tsx", () => import("./staff/socket.ts"));

const [FIRST, SECOND] = ["2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"];

function statistics(series: Partial<Record<string, [number, number]>>): Statistics {
  const amounts = Object.entries(series).map(([metric, [one, two] = [0, 0]]) => [
    metric,
    [
      { starts_at: FIRST, amount: one },
      { starts_at: SECOND, amount: two },
    ],
  ]);
  return { step: "day", series: Object.fromEntries(amounts) } as Statistics;
}

const SOCKETS = {
  total_users: 2,
  total_user_connections: 3,
  total_admin_connections: 1,
  total_connections: 4,
};

test("metrics stand side by side, each by its factor", () => {
  const found = statistics({ transcoded_s: [120, 60], deleted_bytes: [0, 5] });
  expect(
    pointsOf(found, [
      { metric: "transcoded_s", factor: 1 / 60 },
      { metric: "deleted_bytes", factor: -1 },
    ]),
  ).toEqual([
    { atMs: Date.parse(FIRST), transcoded_s: 2, deleted_bytes: -0 },
    { atMs: Date.parse(SECOND), transcoded_s: 1, deleted_bytes: -5 },
  ]);
  expect(totalOf(found, "transcoded_s")).toBe(180);
  expect(totalOf(found, "views")).toBe(0);
});

test("samples of sockets are kept in order, each once, the newest of them", () => {
  let samples = withSample([], SOCKETS, 1);
  samples = withSample(samples, SOCKETS, 1);
  expect(samples).toEqual([{ atMs: 1, users: 2, sockets: 4 }]);
  for (let atMs = 2; atMs < 300; atMs++) samples = withSample(samples, SOCKETS, atMs);
  expect(samples).toHaveLength(180);
  expect(samples.at(-1)?.atMs).toBe(299);
});

test("the dashboard tells in words what its charts draw, for who may see it", async () => {
  const drawn = await draw(<DashboardPage />, {
    permissions: ["statistics.read", "queues.manage", "videos.read_any"],
    at: "/admin/dashboard?span=week",
    answers: {
      "GET /admin/statistics": statistics({
        transcodes: [3, 4],
        transcodes_failed: [0, 1],
        transcoded_s: [600, 60],
        uploaded_bytes: [2_000_000, 0],
      }),
      "GET /ws/stats": SOCKETS,
      "GET /health": { status: "ok", stage: "test" },
      "GET /admin/jobs/summary": {
        waiting: 0,
        processing: 0,
        completed: 7,
        failed: 1,
        cancelled: 0,
        since: FIRST,
      },
      "GET /admin/queues": {
        queues: [{ name: "bulk", waiting: 5, in_flight: 2, delayed: 1 }],
        dead_letters: [{ name: "bulk", waiting: 3, in_flight: 0, delayed: 0 }],
      },
    },
  });
  await screen.findByText("7 completed, 1 failed");
  expect(screen.getByText("11 minutes of video")).toBeTruthy();
  await screen.findByText("4 connections of 2 people now");
  const row = screen.getByRole("row", { name: /bulk/ });
  expect([...row.querySelectorAll("td")].map((cell) => cell.textContent)).toEqual(["6", "2", "3"]);
  await waitFor(() => expect(screen.getByText("Works")).toBeTruthy());
  expect(drawn.asked.some((one) => /statistics\?.*step=day/.test(one))).toBe(true);
});
