import { fireEvent, screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import ThumbnailDialog from "../src/features/thumbnail/ThumbnailDialog.tsx";
import { Api, becomeSignedIn, ME, show } from "./shown.tsx";
import { VIDEO } from "./videos.ts";

test("one's own thumbnail is deleted after it was confirmed", async () => {
  becomeSignedIn();
  const own = { kind: "upload", at_s: null, pending: false, error: null, poster_url: null, thumbnails: null };
  const api = new Api({
    "GET /users/me": ME,
    "GET /videos/7/thumbnail": own,
    "DELETE /videos/7/thumbnail": { ...own, kind: "automatic" },
  });
  await show([{ path: "/", element: <ThumbnailDialog video={VIDEO} onClose={() => {}} /> }]);
  fireEvent.click(await screen.findByRole("button", { name: /Use the automatic one$/ }));
  const yes = await screen.findByRole("button", { name: "Delete and replace" });
  expect(api.count("DELETE /videos/7/thumbnail")).toBe(0);
  fireEvent.click(yes);
  await waitFor(() => expect(api.count("DELETE /videos/7/thumbnail")).toBe(1));
});
