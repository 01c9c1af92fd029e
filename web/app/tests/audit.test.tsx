import { fireEvent, screen, waitFor } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { beginningOf, filtersOf } from "../src/features/audit/queries.ts";
import { Component as AuditPage } from "../src/pages/AuditPage.tsx";
import { draw } from "./staff/draw.tsx";

vi.mock("../src/auth/AuthContext.tsx", () => import("./staff/auth.ts"));
vi.mock("../src/socket/WebSocketContext.tsx", () => import("./staff/socket.ts"));

const ENTRY = {
  entry_id: "e1",
  at: "2026-03-01T10:00:00Z",
  actor_id: "ada",
  action: "video.delete",
  target: "video#1",
  address: "192.0.2.1",
  request_id: "r1",
  before: { title: "<b>Old</b>" },
  after: null,
};

test("days of the address are the reader's, to their end; what is no day is left out", () => {
  const filters = filtersOf(new URLSearchParams("from=2026-03-01&to=2026-13-01&actor=ada"));
  expect(filters).toMatchObject({ from: "2026-03-01", to: "", actor: "ada" });
  expect(beginningOf("2026-03-31", 1)).toBe(new Date(2026, 3, 1).toISOString());
  expect(beginningOf("")).toBeUndefined();
});

test("a value leads to what else there is of it, and behind a row is what changed, as text", async () => {
  const drawn = await draw(<AuditPage />, {
    permissions: ["audit.read"],
    at: "/admin/audit",
    answers: { "GET /admin/audit": { entries: [ENTRY], next_cursor: null } },
  });
  fireEvent.click(await screen.findByRole("button", { name: "Details of video.delete video#1" }));
  expect(await screen.findByText(/"title": "<b>Old<\/b>"/)).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "ada" }));
  await waitFor(() => expect(drawn.address()).toBe("/admin/audit?actor=ada"));
  await waitFor(() => expect(drawn.asked.at(-1)).toMatch(/actor_id=ada/));
});
