import type { WebSocketRoute } from "@playwright/test";
import { bell, expect, live, signIn, test, tokenOf } from "./site.ts";

test("a socket that the server closes comes back; blocked, questions take over", async ({
  page,
  request,
  creator,
}) => {
  const open = new Set<WebSocketRoute>();
  let blocked = false;
  await page.routeWebSocket(/\/api\/v1\/ws/, async (socket) => {
    if (blocked) {
      await socket.close({ code: 1013 });
      return;
    }
    socket.connectToServer();
    open.add(socket);
  });
  const drop = async () => {
    for (const socket of open) await socket.close({ code: 1012 });
    open.clear();
  };
  // A video whose file never comes waits for ever, so its status is asked for all the time.
  const token = await tokenOf(request, creator);
  const made = await request.post("/api/v1/videos", {
    headers: { Authorization: `Bearer ${token}` },
    data: { filename: "clip.mp4", size_bytes: 1000, title: "Waiting" },
  });
  const { video } = (await made.json()) as { video: { video_id: number } };
  await signIn(page, creator, `/watch/${video.video_id}`);
  await live(page);
  const status = page.locator(".transcode");
  await expect(status).toHaveAttribute("data-live", "true");

  await drop();
  await expect(bell(page)).not.toHaveAttribute("data-state", "open");
  await live(page);

  blocked = true;
  await drop();
  await expect(status).toHaveAttribute("data-live", "false");
  for (let question = 0; question < 2; question++) {
    await page.waitForResponse((answer) => answer.url().endsWith("/transcode-status"), { timeout: 15_000 });
  }
  blocked = false;
  await live(page);
  await expect(status).toHaveAttribute("data-live", "true");
});

test("after five failed retries it says so, keeps trying, and reconnects when asked to", async ({
  page,
  creator,
}) => {
  let blocked = false;
  let tries = 0;
  const open = new Set<WebSocketRoute>();
  await page.routeWebSocket(/\/api\/v1\/ws/, async (socket) => {
    if (blocked) {
      tries += 1;
      await socket.close({ code: 1013 });
      return;
    }
    socket.connectToServer();
    open.add(socket);
  });
  // Pauses are random up to a bound that doubles: short ones at first, so that nobody waits.
  await page.addInitScript(() => {
    const drawn = Math.random;
    Object.assign(window, { luck: 0.003 });
    Math.random = () => (window as unknown as { luck?: number }).luck ?? drawn();
  });
  await signIn(page, creator, "/videos");
  await live(page);
  blocked = true;
  for (const socket of open) await socket.close({ code: 1012 });
  const warning = page.getByRole("alert").filter({ hasText: "No live connection" });
  await expect(warning).toBeVisible();
  await expect.poll(() => tries).toBeGreaterThan(6);
  // Long ones from here on: what comes back comes by the button.
  await page.evaluate(() => Object.assign(window, { luck: 0.9 }));
  blocked = false;
  await page.getByRole("button", { name: "Reconnect" }).click();
  await live(page);
  await expect(page.getByText("No live connection")).toBeHidden();
});
