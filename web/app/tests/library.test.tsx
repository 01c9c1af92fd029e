import { screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { Library } from "../src/features/library/Library.tsx";
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
