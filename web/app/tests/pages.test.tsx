import { act, screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { Library } from "../src/features/library/Library.tsx";
import { pushIntoCache } from "../src/socket/push.ts";
import { Api, becomeSignedIn, ME, show } from "./shown.tsx";
import { completed } from "./socket/messages.ts";
import { VIDEO } from "./videos.ts";

function page(ids: number[], next_cursor: string | null) {
  return { videos: ids.map((id) => ({ ...VIDEO, video_id: id, title: `Video ${id}` })), next_cursor };
}

/** A library with three pages of two, all of them read. */
async function library() {
  becomeSignedIn();
  const pages: Record<string, object> = {
    "": page([9, 8], "b"),
    b: page([7, 6], "c"),
    c: page([5, 4], null),
  };
  const api = new Api({
    "GET /users/me": ME,
    "GET /videos": ({ query }) => Response.json(pages[query.get("cursor") ?? ""]),
    "GET /videos/7": { ...VIDEO, title: "Video 7", views: 3 },
  });
  const shown = await show([{ path: "/", element: <Library title="My videos" scope="own" empty="" /> }]);
  for (const last of ["Video 6", "Video 4"]) {
    const more = await screen.findByRole("button", { name: "Show more" });
    act(() => more.click());
    await screen.findByText(last);
  }
  const titles = () => screen.getAllByRole("heading", { level: 2 }).map((one) => one.textContent);
  return { api, pages, titles, ...shown };
}

test("a video that is done is read alone, and of its list the first page", async () => {
  const { api, queries } = await library();
  const before = api.count("GET /videos");
  act(() => pushIntoCache(queries, completed()));
  await screen.findByText("3 views");
  await waitFor(() => expect(queries.isFetching()).toBe(0));
  expect(api.count("GET /videos") - before).toBe(1);
  expect(api.count("GET /videos/7")).toBe(1);
});

test("new videos come before those that are known, and none is lost or shown twice", async () => {
  const { pages, queries, titles } = await library();
  pages[""] = page([10, 9], "b2");
  await act(() => queries.invalidateQueries({ queryKey: ["videos"] }));
  await waitFor(() => expect(titles()).toEqual([10, 9, 8, 7, 6, 5, 4].map((id) => `Video ${id}`)));
  // Video 9 was deleted elsewhere, and 7 moved up.
  pages[""] = page([10, 8, 7], "b3");
  await act(() => queries.invalidateQueries({ queryKey: ["videos"] }));
  await waitFor(() => expect(titles()).toEqual([10, 8, 7, 6, 5, 4].map((id) => `Video ${id}`)));
});
