import { bell, expect, expectAccessible, live, makeUser, signIn, test } from "./site.ts";

test("one signs in, stays signed in over a reload, and signs out", async ({ page, creator }) => {
  await page.goto("/videos");
  await expect(page).toHaveURL(/\/sign-in\?next=%2Fvideos$/);
  await expectAccessible(page);
  await page.getByLabel("Email").fill(creator.email);
  await page.getByLabel("Password", { exact: true }).fill(creator.password);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "My videos" })).toBeVisible();
  await expect(page.getByRole("link", { name: "All videos" })).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole("heading", { name: "My videos" })).toBeVisible();
  await page.getByRole("button", { name: "Account and settings" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await page.goto("/videos");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});

test("a wrong password is told", async ({ page, creator, said }) => {
  await page.goto("/sign-in");
  await page.getByLabel("Email").fill(creator.email);
  await page.getByLabel("Password", { exact: true }).fill("not this one");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText("Email address or password is wrong.")).toBeVisible();
  // Chromium notes the 401 itself.
  expect(said.errors.splice(0)).toHaveLength(1);
});

test("who only looks on is not led to uploads", async ({ page, request, admin }) => {
  await signIn(page, await makeUser(request, admin.token, "viewer"), "/browse");
  await expect(page.getByRole("link", { name: "Browse" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Upload" })).toHaveCount(0);
  await page.goto("/upload");
  await expect(page.getByText("Your role does not include this page.")).toBeVisible();
});

test("language and theme are remembered", async ({ page, creator }) => {
  await signIn(page, creator, "/videos");
  const menu = page.getByRole("button", { name: /Account and settings|账号与设置/ });
  await menu.click();
  await page.getByRole("menuitem", { name: "简体中文" }).click();
  await expect(page.getByRole("heading", { name: "我的视频" })).toBeVisible();
  await menu.click();
  await page.getByRole("menuitem", { name: "深色" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.reload();
  await expect(page.getByRole("heading", { name: "我的视频" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
  await expectAccessible(page);
});

test("there is no page at an unknown address, and it says so", async ({ page }) => {
  await page.goto("/nowhere");
  await expect(page.getByRole("heading", { name: "Page not found" })).toBeVisible();
});

test("without a network it says so, and live messages come back with it", async ({
  page,
  context,
  creator,
}) => {
  await signIn(page, creator, "/videos");
  await live(page);
  await expect(page.getByText("You have no videos yet.")).toBeVisible();
  await context.setOffline(true);
  await expect(page.getByText("There is no network.")).toBeVisible();
  await expect(bell(page)).not.toHaveAttribute("data-state", "open");
  await context.setOffline(false);
  await expect(page.getByText("There is no network.")).toBeHidden();
  await live(page);
});
