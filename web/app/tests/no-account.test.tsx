import { fireEvent, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { Home } from "../src/app/Home.tsx";
import { Component as WatchPage } from "../src/pages/WatchPage.tsx";
import { Api, becomeSignedIn, ME, problem, show } from "./shown.tsx";
import { VIDEO } from "./videos.ts";

vi.mock("../src/socket/WebSocketContext.tsx", () => import("./staff/socket.ts"));

const BUSY = () => problem(503, "table_busy");

test("home says why the account cannot be read, and tries again", async () => {
  becomeSignedIn();
  const api = new Api({ "GET /users/me": BUSY });
  await show([
    { path: "/", element: <Home /> },
    { path: "/videos", element: "Mine" },
  ]);
  const again = await screen.findByRole("button", { name: "Retry" });
  api.answers["GET /users/me"] = ME;
  fireEvent.click(again);
  await screen.findByText("Mine");
});

test("a video is shown though the account cannot be read", async () => {
  becomeSignedIn();
  new Api({ "GET /users/me": BUSY, "GET /videos/7": VIDEO });
  await show([{ path: "/watch/:videoId", element: <WatchPage /> }], "/watch/7");
  expect(await screen.findByRole("heading", { name: "The sea" })).toBeDefined();
});
