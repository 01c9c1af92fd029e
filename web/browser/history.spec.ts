import { expect, expectAccessible, makeUser, signIn, test, tokenOf } from "./site.ts";
import { transcoded } from "./videos.ts";

test("what was watched is in the history, until it is taken off", async ({
  page,
  request,
  admin,
  creator,
}) => {
  test.setTimeout(150_000);
  const token = await tokenOf(request, creator);
  const videoId = await transcoded(request, token, { title: "Rabbit", visibility: "public" });
  const viewer = await makeUser(request, admin.token, "viewer");
  await signIn(page, viewer, "/history");
  await expect(page.getByText("You have not watched anything yet.")).toBeVisible();
  await expectAccessible(page);
  // A first visit: nothing was watched, and that is no error.
  await page.goto(`/watch/${videoId}`);
  await expect(page.getByRole("region", { name: "Player: Rabbit" })).toBeVisible();
  const headers = { Authorization: `Bearer ${await tokenOf(request, viewer)}` };
  await request.put(`/api/v1/videos/${videoId}/position`, { headers, data: { position_s: 2 } });

  await page.getByRole("link", { name: "History" }).click();
  const card = page.locator(`[data-video="${videoId}"]`);
  await expect(card).toContainText("38% watched");
  await expectAccessible(page);
  await card.getByRole("button", { name: "Remove Rabbit from the history" }).click();
  await page.getByRole("tooltip").getByRole("button", { name: "Remove" }).click();
  await expect(page.getByText("You have not watched anything yet.")).toBeVisible();
});
