import { randomUUID } from "node:crypto";
import type { APIRequestContext } from "@playwright/test";
import { expect, expectAccessible, live, signIn, test, tokenOf } from "./site.ts";

interface Form {
  method: string;
  url: string;
  fields: Record<string, string>;
}

/** Uploads a file that is no video, whose transcode fails. */
async function uploadNoVideo(request: APIRequestContext, token: string, title: string): Promise<void> {
  const headers = { Authorization: `Bearer ${token}` };
  const file = Buffer.alloc(1000, "no video ");
  const made = await request.post("/api/v1/videos", {
    headers,
    data: { filename: "clip.mp4", size_bytes: file.length, title },
  });
  expect(made.status(), await made.text()).toBe(201);
  const { video, upload } = (await made.json()) as { video: { video_id: number }; upload: Form };
  const sent = await request.post(upload.url, {
    multipart: { ...upload.fields, file: { name: "clip.mp4", mimeType: "video/mp4", buffer: file } },
  });
  expect(sent.ok(), await sent.text()).toBe(true);
  const completed = await request.post(`/api/v1/videos/${video.video_id}/upload/complete`, {
    headers,
    data: {},
  });
  expect(completed.ok(), await completed.text()).toBe(true);
}

test("an admin sees a transcode fail as it happens, looks behind it, and retries it", async ({
  page,
  request,
  creator,
}) => {
  const { VIDEOSITE_EMAIL: email = "", VIDEOSITE_PASSWORD: password = "" } = process.env;
  const title = `no video ${randomUUID().slice(0, 8)}`;
  await signIn(page, { email, password }, "/admin/jobs");
  await live(page);
  await page.getByRole("searchbox", { name: "Title or video id" }).fill(title);
  await expect(page.getByText("No transcode matches these filters.")).toBeVisible();
  await expect(page).toHaveURL(/\?q=no\+video/);

  // A minute lies between two questions while there is a socket: what comes sooner, the socket brought.
  await uploadNoVideo(request, await tokenOf(request, creator), title);
  const row = page.locator("tr[data-job]", { hasText: title });
  await expect(row).toHaveAttribute("data-status", "failed", { timeout: 45_000 });
  await expect(page.getByTestId("updated")).toHaveText(/^Updated (now|\d+ seconds? ago)$/);

  await page.getByRole("button", { name: `Details of ${title}` }).click();
  await expect(page.getByText("It has no tasks yet.")).toBeVisible();
  await expect(page.locator(".job-detail .transcode-error")).toContainText("cannot be read as a video");
  await expectAccessible(page);

  await page.getByRole("checkbox", { name: `Choose ${title}` }).check();
  await page.getByRole("toolbar").getByRole("button", { name: "Retry 1" }).click();
  const question = page.getByRole("tooltip", { name: /Take up this transcode again/ });
  const answered = page.waitForResponse((answer) => answer.url().endsWith("/retry"));
  await question.getByRole("button", { name: "Retry 1" }).click();
  expect((await answered).status()).toBe(202);
  await expect(page.getByText("1 transcode goes on")).toBeVisible();

  await page.getByRole("button", { name: /^Failed, 24 h/ }).click();
  await expect(page).toHaveURL(/state=failed/);
  await page.getByRole("tab", { name: "Dead letters" }).click();
  await expect(page).toHaveURL(/tab=letters/);
  await expect(page.getByText("Find the reason first")).toBeVisible();
  await expectAccessible(page);
});
