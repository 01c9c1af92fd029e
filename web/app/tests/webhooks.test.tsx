import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import type { Webhook } from "../src/features/webhooks/queries.ts";
import { Component as WebhooksPage } from "../src/pages/WebhooksPage.tsx";
import { type Answers, draw } from "./staff/draw.tsx";

vi.mock("../src/auth/AuthContext.tsx", () => import("./staff/auth.ts"));
vi.mock("../src/socket/WebSocketContext.tsx", () => import("./staff/socket.ts"));

const HOOK: Webhook = {
  webhook_id: "w1",
  scope: "own",
  url: "https://example.org/hook",
  description: "",
  events: null,
  enabled: true,
  disabled_reason: null,
  failing_since: null,
  secret_rotated_at: null,
  created_by: "me",
  created_at: "2026-03-01T10:00:00Z",
  updated_at: "2026-03-01T10:00:00Z",
};

const ONE: Answers = { "GET /webhooks": { webhooks: [HOOK] } };

test("a new webhook's secret is shown once, and then gone", async () => {
  const bodies: unknown[] = [];
  await draw(<WebhooksPage />, {
    permissions: ["webhooks.manage"],
    answers: {
      "GET /webhooks": { webhooks: [] },
      "POST /webhooks": (_: URL, body: unknown) => {
        bodies.push(body);
        return { ...HOOK, secret: "whsec_once" };
      },
    },
  });
  await screen.findByText("There are no webhooks.");
  fireEvent.click(screen.getByRole("button", { name: /Create webhook/ }));
  const dialog = await screen.findByRole("dialog");
  // Who may not make one of everybody's is not asked whose.
  expect(within(dialog).queryByText("Events of")).toBeNull();
  fireEvent.change(within(dialog).getByLabelText("Address"), {
    target: { value: "https://example.org/hook" },
  });
  fireEvent.click(within(dialog).getByRole("checkbox", { name: "Transcode failed" }));
  fireEvent.click(within(dialog).getByRole("button", { name: "Save" }));
  await screen.findByText("whsec_once");
  expect(bodies).toEqual([
    { url: "https://example.org/hook", events: ["transcode_failed"], description: "" },
  ]);
  fireEvent.click(screen.getByRole("button", { name: "I have kept it" }));
  await waitFor(() => expect(screen.queryByText("whsec_once")).toBeNull());
});

test("everybody's webhooks are shown to those who manage them", async () => {
  await draw(<WebhooksPage />, {
    permissions: ["webhooks.manage", "webhooks.manage_global"],
    answers: {
      ...ONE,
      "GET /admin/webhooks": {
        webhooks: [
          {
            ...HOOK,
            webhook_id: "w2",
            scope: "global",
            url: "https://example.org/all",
            enabled: false,
            disabled_reason: "gone",
          },
        ],
      },
    },
  });
  await screen.findByText("https://example.org/all");
  expect(screen.getByText("Switched off: it answered 410.")).toBeTruthy();
  expect(screen.getByText("https://example.org/hook")).toBeTruthy();
});

test("a delivery tells its attempts, and is posted again", async () => {
  const delivery = {
    message_id: "m1",
    type: "transcode_complete",
    status: "failed",
    reason: "attempts_exhausted",
    attempts: [{ at: "2026-03-01T10:00:00Z", status: 500, error: null, took_ms: 12, answer: "<h1>no</h1>" }],
    next_attempt_at: null,
    created_at: "2026-03-01T10:00:00Z",
  };
  const drawn = await draw(<WebhooksPage />, {
    permissions: ["webhooks.manage"],
    answers: {
      ...ONE,
      "GET /webhooks/w1/deliveries": { deliveries: [delivery], next_cursor: null },
      "POST /webhooks/w1/deliveries/m1/replay": { ...delivery, status: "pending" },
    },
  });
  fireEvent.click(await screen.findByRole("button", { name: /Deliveries/ }));
  await screen.findByText("attempts_exhausted");
  expect(screen.getByText("<h1>no</h1>")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Post again" }));
  await waitFor(() => expect(drawn.asked).toContain("POST /webhooks/w1/deliveries/m1/replay"));
});
