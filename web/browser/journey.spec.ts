import { bell, expect, expectAccessible, live, makeUser, signIn, test } from "./site.ts";
import { CLIP } from "./videos.ts";

test("a clip goes up, is transcoded before one's eyes, plays, and is deleted", async ({
  page,
  browser,
  request,
  admin,
  creator,
}) => {
  // Most of it is the transcode's, which takes long on a busy machine.
  test.setTimeout(300_000);
  // Somebody else looks on, and must hear of nothing.
  const other = await browser.newPage();
  await signIn(other, await makeUser(request, admin.token, "creator"), "/videos");
  await live(other);

  await signIn(page, creator, "/upload");
  await live(page);
  await expect(bell(page)).toHaveAttribute("data-unread", /^\d+$/);
  const unread = Number(await bell(page).getAttribute("data-unread"));
  const unreadOfOther = await bell(other).getAttribute("data-unread");
  await expectAccessible(page);

  // Every question after the first is answered with what the first one was: bars can move by the socket only.
  let first: { body: string } | undefined;
  await page.route("**/transcode-status", async (route) => {
    if (!first) {
      const answer = await route.fetch();
      first = { body: await answer.text() };
    }
    await route.fulfill({ body: first.body, contentType: "application/json" });
  });
  await page.getByRole("combobox", { name: "Renditions" }).click();
  await page.getByTitle("H.264 only").click();
  await page.getByTestId("files").setInputFiles(CLIP);

  const upload = page.locator(".upload");
  const status = upload.locator(".transcode");
  await expect(status).toHaveAttribute("data-status", "processing", { timeout: 90_000 });
  await expect(page.getByText("Transcode started")).toBeVisible();
  const bar = status.getByRole("progressbar", { name: "Progress" }).first();
  const percents = new Set<string>();
  await expect(async () => {
    const percent = await bar.getAttribute("aria-valuenow", { timeout: 500 }).catch(() => null);
    if (percent) percents.add(percent);
    expect(await status.getAttribute("data-status")).toBe("completed");
  }).toPass({ intervals: [50], timeout: 200_000 });
  expect([...percents].filter((percent) => percent !== "0" && percent !== "100").length).toBeGreaterThan(0);
  await page.unroute("**/transcode-status");

  await expect(page.getByText("Video “bigbuckbunny” is transcoded")).toBeVisible();
  await expect(bell(page)).toHaveAttribute("data-unread", String(unread + 1));
  await bell(page).click();
  const drawer = page.getByRole("dialog");
  await expect(drawer.getByRole("link", { name: /bigbuckbunny/ })).toBeVisible();
  await expect(bell(page)).toHaveAttribute("data-unread", "0");
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expect(drawer).toBeHidden();

  await upload.getByRole("link", { name: "bigbuckbunny.mp4" }).click();
  await expect(page.getByRole("heading", { name: "bigbuckbunny", level: 1 })).toBeVisible();
  await page.reload();
  await expect(bell(page)).toHaveAttribute("data-unread", "0");
  const player = page.getByRole("region", { name: "Player: bigbuckbunny" });
  await player.getByRole("button", { name: "Play" }).first().click();
  const video = player.locator("video");
  await expect
    .poll(() => video.evaluate((element: HTMLVideoElement) => element.currentTime))
    .toBeGreaterThan(1);
  const frames = await video.evaluate((element: HTMLVideoElement) => {
    element.pause();
    return element.getVideoPlaybackQuality().totalVideoFrames;
  });
  expect(frames).toBeGreaterThan(0);
  await expect(player).toHaveAttribute("data-codec", "h264");
  await expectAccessible(page);

  await page.getByRole("button", { name: "Actions for bigbuckbunny" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await expect(page.getByText("This cannot be undone.")).toBeVisible();
  await page.getByRole("button", { name: "Delete for good" }).click();
  await expect(page.getByText("You have no videos yet.")).toBeVisible();
  await expectAccessible(page);

  expect(await bell(other).getAttribute("data-unread")).toBe(unreadOfOther);
  await other.close();
});
