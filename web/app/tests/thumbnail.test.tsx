import { act, fireEvent, screen, waitFor } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import type { Schema } from "../src/api/client.ts";
import ThumbnailDialog from "../src/features/thumbnail/ThumbnailDialog.tsx";
import { Api, becomeSignedIn, ME, problem, show } from "./shown.tsx";
import { VIDEO } from "./videos.ts";

const AUTOMATIC = {
  kind: "automatic",
  at_s: null,
  pending: false,
  error: null,
  poster_url: "/m/x/poster.jpg",
  thumbnails: { small: "/m/x/s.jpg", medium: "/m/x/m.jpg", large: "/m/x/l.jpg" },
};
const CUT = {
  ...AUTOMATIC,
  kind: "frame",
  at_s: 20,
  poster_url: "/m/x/cut.jpg",
  thumbnails: { small: "/m/x/cs.jpg", medium: "/m/x/cm.jpg", large: "/m/x/cl.jpg" },
};
const DONE = { ...VIDEO, storyboard_url: "/m/x/storyboard.vtt" };

let api: Api;

beforeEach(() => {
  becomeSignedIn();
  api = new Api({ "GET /users/me": ME, "GET /videos/7/thumbnail": AUTOMATIC });
});

const open = (video: Schema<"Video"> = DONE) =>
  show([{ path: "/", element: <ThumbnailDialog video={video} onClose={() => {}} /> }]);

test("a frame is asked for until it is there, and is shown wherever the video is", async () => {
  api.answers["POST /videos/7/thumbnail/frame"] = { ...AUTOMATIC, at_s: 20, pending: true };
  const { queries } = await open();
  queries.setQueryData(["video", 7], DONE);
  fireEvent.click(await screen.findByRole("button", { name: /Use the frame at 0:19/ }));
  await screen.findByText("The frame is being cut out");
  api.answers["GET /videos/7/thumbnail"] = CUT;
  await screen.findByText("A frame of the video");
  await waitFor(() =>
    expect(queries.getQueryData(["video", 7])).toMatchObject({ poster_url: "/m/x/cut.jpg" }),
  );
  const asked = api.count("GET /videos/7/thumbnail");
  await act(() => new Promise((resolve) => setTimeout(resolve, 1200)));
  expect(api.count("GET /videos/7/thumbnail")).toBe(asked);
});

test("a picture is sent as it is; what is none is told; one that is too large is not sent", async () => {
  api.answers["PUT /videos/7/thumbnail"] = () => problem(422, "not_a_picture");
  await open();
  const input = await screen.findByTestId("picture-file");
  const picture = (size: number) => new File([new Uint8Array(size)], "a.png", { type: "image/png" });
  fireEvent.change(input, { target: { files: [picture(10)] } });
  await screen.findByText("This is not a picture that can be used.");
  fireEvent.change(input, { target: { files: [picture(5 * 1024 * 1024)] } });
  await screen.findByText("The picture is larger than 4 MiB.");
  expect(api.count("PUT /videos/7/thumbnail")).toBe(1);
});

test("before there is a storyboard no frame is offered", async () => {
  await open(VIDEO);
  await screen.findByText("A frame can be chosen once the video is transcoded.");
  expect(screen.getByRole("button", { name: /Use the automatic one$/ })).toHaveProperty("disabled", true);
});
