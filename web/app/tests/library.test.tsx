import { screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { Library } from "../src/features/library/Library.tsx";
import VideoGrid from "../src/features/library/VideoGrid.tsx";
import VideoTable from "../src/features/library/VideoTable.tsx";
import { Api, becomeSignedIn, ME, show } from "./shown.tsx";
import { VIDEO } from "./videos.ts";

/** Tells of an element when it begins to look at it, and then only of changes: here there are none. */
class Observer {
  readonly #tell: (entries: { isIntersecting: boolean }[]) => void;

  constructor(tell: (entries: { isIntersecting: boolean }[]) => void) {
    this.#tell = tell;
  }

  observe(): void {
    queueMicrotask(() => this.#tell([{ isIntersecting: true }]));
  }

  disconnect(): void {}
}

test("pages that are short are followed by the next, up to the end", async () => {
  vi.stubGlobal("IntersectionObserver", Observer);
  becomeSignedIn();
  const pages: Record<string, object> = {
    "": { videos: [], next_cursor: "b" },
    b: { videos: [VIDEO], next_cursor: "c" },
    c: { videos: [{ ...VIDEO, video_id: 8, title: "The shore" }], next_cursor: null },
  };
  const api = new Api({
    "GET /users/me": ME,
    "GET /videos": ({ query }) => Response.json(pages[query.get("cursor") ?? ""]),
  });
  await show([{ path: "/", element: <Library title="My videos" scope="own" empty="Nothing." /> }]);
  await screen.findByText("The shore");
  expect(screen.getByText("The sea")).toBeDefined();
  expect(screen.queryByText("Nothing.")).toBeNull();
  expect(screen.queryByRole("button", { name: "Show more" })).toBeNull();
  expect(api.count("GET /videos")).toBe(3);
});

const MANY = Array.from({ length: 10_000 }, (_, n) => ({
  ...VIDEO,
  video_id: n + 1,
  title: `Video ${n + 1}`,
}));

test("of ten thousand pictures only those near the window are there", async () => {
  const element = <VideoGrid videos={MANY} editable={false} title="My videos" />;
  await show([{ path: "/", element }]);
  const cards = await screen.findAllByRole("listitem");
  expect(cards[0]?.getAttribute("aria-setsize")).toBe("10000");
  expect(cards.length).toBeLessThan(100);
});

test("of ten thousand rows only those near the window are there", async () => {
  await show([{ path: "/", element: <VideoTable videos={MANY} editable={false} title="My videos" /> }]);
  const rows = await screen.findAllByRole("row");
  expect(rows.length).toBeLessThan(100);
  expect(screen.getByText("Video 1")).toBeDefined();
});
