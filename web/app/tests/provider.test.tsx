import { act, screen, waitFor } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { NotificationBadge } from "../src/features/notifications/NotificationBadge.tsx";
import { WebSocketProvider } from "../src/socket/WebSocketContext.tsx";
import { Api, becomeSignedIn, ME, show } from "./shown.tsx";
import { become, line, say } from "./socket/line.ts";
import { announced, completed, failed, progressed } from "./socket/messages.ts";
import { VIDEO } from "./videos.ts";

vi.mock("../src/socket/useWebSocket.ts", () => import("./socket/line.ts"));

const ADMIN = { ...ME, role: "admin", permissions: ["sockets.admin", "videos.read_any"] };
const NONE = { notifications: [], next_cursor: null, unread: 0 };

/** The bell, as an admin sees it. */
async function bell(answers: ConstructorParameters<typeof Api>[0] = {}) {
  becomeSignedIn();
  const api = new Api({ "GET /users/me": ADMIN, "GET /notifications": NONE, ...answers });
  const shown = await show([{ path: "/", element: <NotificationBadge /> }], "/", (page) => (
    <WebSocketProvider>{page}</WebSocketProvider>
  ));
  await waitFor(() => expect(shown.queries.getQueryData(["unread"])).toBe(0));
  return { api, ...shown };
}

function unread(): string | undefined {
  return document.querySelector<HTMLElement>(".bell")?.dataset.unread;
}

test("an admin's bell counts and tells their own transcodes, not everybody's", async () => {
  const { api } = await bell({
    "GET /videos/7": VIDEO,
    "GET /videos/8": { ...VIDEO, video_id: 8, owner_id: "bob" },
  });
  act(() => say(completed({ video_id: 8, title: "Bob's" })));
  await waitFor(() => expect(api.count("GET /videos/8")).toBe(1));
  act(() => say(completed()));
  await screen.findByText(/The sea/);
  expect(screen.queryByText(/Bob's/)).toBeNull();
  expect(unread()).toBe("1");
  // What operators say is for all admins.
  act(() => say(announced()));
  await waitFor(() => expect(unread()).toBe("2"));
});

test("after a lost socket the unread are counted by the server, whatever was told late", async () => {
  let count = 0;
  await bell({ "GET /notifications": () => Response.json({ ...NONE, unread: count }) });
  count = 1;
  act(() => say(announced()));
  await waitFor(() => expect(unread()).toBe("1"));
  // The count that was read on waking up has this one already.
  act(() => say(announced({ id: "late", seq: 4 })));
  await waitFor(() => expect(unread()).toBe("2"));
  act(() => line.options?.onRecovery?.({ channel: "all", recovered: true, first: false }));
  await waitFor(() => expect(unread()).toBe("1"));
});

test("a beginning whose title comes late takes no newer toast's place", async () => {
  let answer = (_: Response) => {};
  await bell({
    "GET /videos/7": () =>
      new Promise<Response>((resolve) => {
        answer = resolve;
      }),
  });
  const channel = "user#ada";
  act(() => say(progressed({ progress: 5, channel })));
  act(() => say(failed({ channel })));
  await screen.findByText(/The sea/);
  await act(async () => answer(Response.json(VIDEO)));
  await act(() => new Promise((resolve) => setTimeout(resolve)));
  expect(screen.queryByText("Transcode started")).toBeNull();
});

test("with a lost socket the account is read anew: its role may be another one", async () => {
  const { api } = await bell();
  expect(api.count("GET /users/me")).toBe(1);
  act(() => become({ name: "waiting", attempt: 1, pauseMs: 1000 }));
  await waitFor(() => expect(api.count("GET /users/me")).toBe(2));
  act(() => become({ name: "open" }));
});
