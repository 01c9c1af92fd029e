import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { type Announcement, momentOf, stageOf } from "../src/features/announcements/queries.ts";
import { Component as SystemMessagesPage } from "../src/pages/SystemMessagesPage.tsx";
import { draw } from "./staff/draw.tsx";

vi.mock("../src/auth/AuthContext.tsx", () => import("./staff/auth.ts"));
vi.mock("../src/socket/WebSocketContext.tsx", () => import("./staff/socket.ts"));

function announcement(what: Partial<Announcement> = {}): Announcement {
  return {
    message_id: 1,
    message: "We are back at ten.",
    level: "warning",
    audience: "all",
    user_id: null,
    starts_at: "2026-03-01T10:00:00Z",
    expires_at: "2099-03-01T12:00:00Z",
    created_at: "2026-03-01T09:00:00Z",
    sent: true,
    ...what,
  };
}

test("a message is to come, valid, or past", () => {
  const at = (moment: string) =>
    stageOf(announcement({ expires_at: "2026-03-01T12:00:00Z" }), Date.parse(moment));
  expect(at("2026-03-01T09:59:59Z")).toBe("scheduled");
  expect(at("2026-03-01T10:00:00Z")).toBe("valid");
  expect(at("2026-03-01T12:00:00Z")).toBe("past");
});

test("a time is the reader's, and nothing if left out", () => {
  expect(momentOf("2026-03-01T10:00")).toBe(new Date(2026, 2, 1, 10).toISOString());
  expect(momentOf(undefined)).toBeUndefined();
  expect(momentOf("")).toBeUndefined();
});

test("a message is sent as it was written, and never empty", async () => {
  const bodies: unknown[] = [];
  await draw(<SystemMessagesPage />, {
    permissions: ["messages.announce"],
    answers: {
      "GET /admin/system-messages": { messages: [] },
      "POST /admin/system-messages": (_: URL, body: unknown) => {
        bodies.push(body);
        return announcement();
      },
    },
  });
  await screen.findByText("Nothing has been said yet.");
  fireEvent.click(screen.getByRole("button", { name: /New message/ }));
  const dialog = await screen.findByRole("dialog");
  fireEvent.click(within(dialog).getByRole("button", { name: "Send" }));
  await within(dialog).findByText("Write a message.");
  fireEvent.change(within(dialog).getByLabelText("Message"), { target: { value: "Hello" } });
  fireEvent.click(within(dialog).getByLabelText("Warning"));
  fireEvent.click(within(dialog).getByRole("button", { name: "Send" }));
  await screen.findByText("Message sent");
  expect(bodies).toEqual([{ message: "Hello", level: "warning", audience: "all" }]);
});

test("a message is withdrawn after a question that says who keeps it", async () => {
  const drawn = await draw(<SystemMessagesPage />, {
    permissions: ["messages.announce"],
    answers: {
      "GET /admin/system-messages": { messages: [announcement()] },
      "DELETE /admin/system-messages/1": null,
    },
  });
  fireEvent.click(await screen.findByRole("button", { name: "Withdraw" }));
  const question = await screen.findByRole("tooltip");
  expect(within(question).getByText(/keeps it in the list/)).toBeTruthy();
  fireEvent.click(within(question).getByRole("button", { name: "Withdraw" }));
  await waitFor(() => expect(drawn.asked).toContain("DELETE /admin/system-messages/1"));
});
