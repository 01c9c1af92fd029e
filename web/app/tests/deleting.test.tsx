import { act, fireEvent, screen, waitFor } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import { Component as WatchPage } from "../src/pages/WatchPage.tsx";
import { Api, becomeSignedIn, ME, show } from "./shown.tsx";
import { STATUS, VIDEO } from "./videos.ts";

vi.mock("../src/socket/WebSocketContext.tsx", () => ({
  useSocket: () => ({ client: null, state: { name: "closed" } }),
}));

let api: Api;

beforeEach(() => {
  becomeSignedIn();
  api = new Api({
    "GET /users/me": ME,
    "GET /videos/7": VIDEO,
    "GET /videos/7/position": { video_id: 7, position_s: 0, watched_at: null },
    "GET /videos/7/transcode-status": STATUS,
    "DELETE /videos/7": null,
  });
});

async function confirmDeletion(): Promise<void> {
  fireEvent.click(await screen.findByRole("button", { name: "Actions for The sea" }));
  fireEvent.click(await screen.findByRole("menuitem", { name: /Delete$/ }));
  fireEvent.click(await screen.findByRole("button", { name: "Delete for good" }));
}

test("the page of a video that was deleted asks for it no more, however long the next page takes", async () => {
  let arrive = () => {};
  const fetched = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const next = { element: <h1>My videos</h1> };
  const { queries, router } = await show(
    [
      { path: "/", lazy: () => fetched.then(() => next) },
      { path: "/watch/:videoId", Component: WatchPage },
    ],
    "/watch/7",
  );
  await screen.findByRole("heading", { name: "The sea" });
  await confirmDeletion();
  await waitFor(() => expect(router.state.navigation.state).toBe("loading"));
  const asked = api.count("GET /videos/7");
  // Anything that draws the page anew.
  act(() => queries.setQueryData(["me"], { ...ME, display_name: "Ada" }));
  expect(screen.getByRole("heading", { name: "The sea" })).toBeDefined();
  await act(() => Promise.resolve());
  expect(api.count("GET /videos/7")).toBe(asked);
  await act(async () => arrive());
  await screen.findByRole("heading", { name: "My videos" });
  for (const kind of ["video", "transcode-status", "position"]) {
    await waitFor(() => expect(queries.getQueryCache().find({ queryKey: [kind, 7] })).toBeUndefined());
  }
});

test("a deletion that is refused leaves the video where it is", async () => {
  api.answers["DELETE /videos/7"] = () =>
    Response.json({ code: "not_yours", detail: "No." }, { status: 403 });
  const { router } = await show(
    [
      { path: "/", element: null },
      { path: "/watch/:videoId", Component: WatchPage },
    ],
    "/watch/7",
  );
  await screen.findByRole("heading", { name: "The sea" });
  await confirmDeletion();
  await screen.findByText("This video belongs to somebody else.");
  expect(router.state.location.pathname).toBe("/watch/7");
});
