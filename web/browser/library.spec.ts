import { expect, expectAccessible, signIn, test, tokenOf } from "./site.ts";
import { transcoded } from "./videos.ts";

const SRT =
  "1\n00:00:00,500 --> 00:00:02,000\nThe rabbit wakes up\n\n2\n00:00:02,500 --> 00:00:04,000\nand stretches.\n";
const BROKEN = "1\n00:00:00,500 --> 00:00:02,000\nGood\n\n2\nno times\nBad\n";
const DOT = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

test("subtitles are uploaded, previewed, shifted, made the default and deleted; the thumbnail is chosen", async ({
  page,
  request,
  creator,
  said,
}) => {
  test.setTimeout(200_000);
  await transcoded(request, await tokenOf(request, creator), { title: "Rabbit" });
  await signIn(page, creator, "/videos");
  const menu = page.getByRole("button", { name: "Actions for Rabbit" });
  const file = (name: string, text: string) => ({ name, mimeType: "", buffer: Buffer.from(text) });

  await menu.click();
  await page.getByRole("menuitem", { name: "Subtitles" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("No subtitles were uploaded.")).toBeVisible();
  await expect(dialog.getByTestId("subtitle-file")).toBeHidden();
  await expectAccessible(page);
  await dialog.getByTestId("subtitle-file").setInputFiles(file("rabbit.en.srt", BROKEN));
  await expect(dialog.getByText(/^Line 6: /)).toBeVisible();
  await dialog.getByTestId("subtitle-file").setInputFiles(file("rabbit.en.srt", SRT));
  const english = dialog.locator("[data-language=en]");
  await expect(english).toContainText("2 lines");
  await english.getByRole("button", { name: /^Show by default/ }).click();
  await expect(english.getByText("Shown by default")).toBeVisible();
  await english.getByRole("button", { name: /^Preview/ }).click();
  await expect(english.getByText("The rabbit wakes up")).toBeVisible();
  await expect(english.getByText("0:00.5")).toBeVisible();
  await english.getByRole("button", { name: /^Change/ }).click();
  await english.getByLabel("Shift in seconds").fill("1.5");
  await expectAccessible(page);
  await english.getByRole("button", { name: "Save" }).click();
  await expect(english.getByText("0:02.0")).toBeVisible();
  await english.getByRole("button", { name: /^Delete/ }).click();
  await page.getByRole("tooltip").getByRole("button", { name: "Delete" }).click();
  await expect(english).toHaveCount(0);
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();

  await menu.click();
  await page.getByRole("menuitem", { name: "Thumbnail" }).click();
  const picture = dialog.getByRole("img", { name: "The video's picture now" });
  await expect(picture).toBeVisible();
  await expect(dialog.getByText("Chosen automatically")).toBeVisible();
  const automatic = await picture.getAttribute("src");
  await expectAccessible(page);
  await dialog.getByRole("slider", { name: "Time of the frame" }).press("End");
  await dialog.getByRole("button", { name: /Use the frame at 0:05/ }).click();
  await expect(dialog.getByText("A frame of the video")).toBeVisible({ timeout: 60_000 });
  const frame = await picture.getAttribute("src");
  expect(frame).not.toBe(automatic);
  // The card behind the dialog has it, too.
  await expect.poll(() => page.locator(".video-card img").first().getAttribute("src")).toContain("custom");
  await dialog.getByTestId("picture-file").setInputFiles({ name: "a.png", mimeType: "", buffer: DOT });
  await expect(dialog.getByText("Your own picture")).toBeVisible();
  await expect(picture).not.toHaveAttribute("src", frame ?? "");
  await dialog.getByTestId("picture-file").setInputFiles(file("a.png", "not a picture"));
  await expect(dialog.getByText("This is not a picture that can be used.")).toBeVisible();
  await dialog.getByRole("button", { name: "Use the automatic one" }).click();
  await page.getByRole("button", { name: "Delete and replace" }).click();
  await expect(dialog.getByText("Chosen automatically")).toBeVisible();
  // Chromium notes the two refusals itself.
  expect(said.errors.splice(0)).toHaveLength(2);
});

test("on a phone the dialogs fit", async ({ page, request, creator }) => {
  await page.setViewportSize({ width: 375, height: 720 });
  const token = await tokenOf(request, creator);
  await request.post("/api/v1/videos", {
    headers: { Authorization: `Bearer ${token}` },
    data: { filename: "clip.mp4", size_bytes: 1000, title: "Waiting" },
  });
  await signIn(page, creator, "/videos");
  for (const name of ["Subtitles", "Thumbnail"]) {
    await page.getByRole("button", { name: "Actions for Waiting" }).click();
    await page.getByRole("menuitem", { name }).click();
    await expect(page.getByRole("dialog")).toBeVisible();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(375);
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toBeHidden();
  }
});
