import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import type { Account } from "../src/features/users/queries.ts";
import { fieldsOf, quotaOf } from "../src/features/users/quotas.ts";
import { Component as UsersPage } from "../src/pages/UsersPage.tsx";
import { type Answers, draw, Refusal } from "./staff/draw.tsx";

vi.mock("../src/auth/AuthContext.tsx", () => import("./staff/auth.ts"));
vi.mock("../src/socket/WebSocketContext.tsx", () => import("./staff/socket.ts"));

const ADMIN = ["users.read", "users.create", "users.manage", "roles.manage", "videos.create"];

function account(what: Partial<Account> = {}): Account {
  return {
    user_id: "u1",
    email: "ada@example.org",
    role: "creator",
    state: "active",
    suspended_reason: null,
    display_name: null,
    quota: { storage_bytes: null, minutes: 60, parallel_jobs: null },
    created_at: "2026-03-01T10:00:00Z",
    updated_at: "2026-03-01T10:00:00Z",
    ...what,
  };
}

function answers(users: Account[] = [account()]): Answers {
  return {
    "GET /admin/users": { users, next_cursor: null },
    "GET /admin/roles": {
      roles: [
        { role: "creator", description: "", permissions: ["videos.create"], built_in: true },
        { role: "helper", description: "Helps", permissions: [], built_in: false },
      ],
      permissions: ["videos.create", "audit.read"],
    },
  };
}

async function choose(item: string): Promise<void> {
  fireEvent.click(await screen.findByRole("button", { name: "Actions for ada@example.org" }));
  fireEvent.click(await screen.findByRole("menuitem", { name: new RegExp(item) }));
}

test("quotas are gigabytes to people, and empty for the default", () => {
  const quota = { storage_bytes: 5_000_000_000, minutes: null, parallel_jobs: 0 };
  expect(fieldsOf(quota)).toEqual({ storageGb: 5, minutes: null, parallelJobs: 0 });
  expect(quotaOf(fieldsOf(quota))).toEqual(quota);
});

test("a role's change asks for nothing else, and a refusal stays in the dialog", async () => {
  const bodies: unknown[] = [];
  const drawn = await draw(<UsersPage />, {
    permissions: ADMIN,
    answers: {
      ...answers(),
      "PATCH /admin/users/u1": (_: URL, body: unknown) => {
        bodies.push(body);
        return new Refusal(409, "last_admin");
      },
    },
  });
  await choose("Role and quotas");
  const dialog = await screen.findByRole("dialog");
  fireEvent.click(within(dialog).getByRole("button", { name: "Save" }));
  await within(dialog).findByText("There would be no admin any more.");
  expect(bodies).toEqual([{ quota: { storage_bytes: null, minutes: 60, parallel_jobs: null } }]);
  // The list is read anew after a change only.
  expect(drawn.asked.filter((one) => one.startsWith("GET /admin/users"))).toHaveLength(1);
});

test("somebody is suspended with a reason, after being told what it means", async () => {
  const bodies: unknown[] = [];
  await draw(<UsersPage />, {
    permissions: ADMIN,
    answers: {
      ...answers(),
      "POST /admin/users/u1/suspend": (_: URL, body: unknown) => {
        bodies.push(body);
        return account({ state: "suspended" });
      },
    },
  });
  await choose("Suspend");
  const dialog = await screen.findByRole("dialog");
  expect(within(dialog).getByText(/Its videos stay/)).toBeTruthy();
  fireEvent.change(within(dialog).getByLabelText("Reason, for other admins"), { target: { value: "spam" } });
  fireEvent.click(within(dialog).getByRole("button", { name: "Suspend" }));
  await screen.findByText("ada@example.org was suspended");
  expect(bodies).toEqual([{ reason: "spam" }]);
});

test("who may only look has no menu", async () => {
  await draw(<UsersPage />, { permissions: ["users.read"], answers: answers() });
  await screen.findByText("ada@example.org");
  expect(screen.queryByRole("button", { name: /Actions for/ })).toBeNull();
  expect(screen.queryByRole("button", { name: /Create account/ })).toBeNull();
});

test("a role is made of permissions that one has oneself", async () => {
  const saved: unknown[] = [];
  await draw(<UsersPage />, {
    permissions: ADMIN,
    at: "/admin/users?tab=roles",
    answers: {
      ...answers(),
      "PUT /admin/roles/editor": (_: URL, body: unknown) => {
        saved.push(body);
        return { role: "editor", description: "", permissions: ["videos.create"], built_in: false };
      },
    },
  });
  fireEvent.click(await screen.findByRole("button", { name: /Create role/ }));
  const dialog = await screen.findByRole("dialog");
  const box = (name: string) => within(dialog).getByRole<HTMLInputElement>("checkbox", { name });
  expect(box("audit.read").disabled).toBe(true);
  fireEvent.click(box("videos.create"));
  const name = within(dialog).getByLabelText("Name");
  fireEvent.change(name, { target: { value: "helper" } });
  fireEvent.click(within(dialog).getByRole("button", { name: "Save" }));
  await within(dialog).findByText("There is a role with this name.");
  fireEvent.change(name, { target: { value: "editor" } });
  fireEvent.click(within(dialog).getByRole("button", { name: "Save" }));
  await waitFor(() => expect(saved).toEqual([{ description: "", permissions: ["videos.create"] }]));
});
