import { randomUUID } from "node:crypto";
import { expect, expectAccessible, makeUser, signIn, test } from "./site.ts";

const { VIDEOSITE_EMAIL: email = "", VIDEOSITE_PASSWORD: password = "" } = process.env;

test("an admin suspends an account, gives it another role, and finds both in the audit log", async ({
  page,
  request,
  admin,
}) => {
  const account = await makeUser(request, admin.token, "creator");
  await signIn(page, { email, password }, "/admin/users");
  await page.getByRole("searchbox", { name: "Address begins with" }).fill(account.email);
  const row = page.locator(`tr[data-user="${account.email}"]`);
  await expect(row).toContainText("Active");
  await row.getByRole("button", { name: /^Actions for/ }).click();
  await page.getByRole("menuitem", { name: "Suspend" }).click();
  await page.getByLabel("Reason, for other admins").fill("a test");
  await page.getByRole("dialog").getByRole("button", { name: "Suspend" }).click();
  await expect(row).toContainText("Suspended");
  await row.getByRole("button", { name: /^Actions for/ }).click();
  await page.getByRole("menuitem", { name: "Restore" }).click();
  await expect(row).toContainText("Active");
  await row.getByRole("button", { name: /^Actions for/ }).click();
  await page.getByRole("menuitem", { name: "Role and quotas" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("Storage in use")).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole("combobox", { name: "Role" }).click();
  await page.getByTitle("moderator").click();
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(row).toContainText("moderator");

  await page.goto("/admin/audit?action=user.suspend");
  await expect(page.getByRole("button", { name: "user.suspend", exact: true }).first()).toBeVisible();
  await expectAccessible(page);
});

test("the dashboard draws, a message is scheduled and withdrawn, a webhook's secret is shown once", async ({
  page,
}) => {
  await signIn(page, { email, password }, "/admin/dashboard");
  await expect(page.locator(".recharts-surface").first()).toBeVisible();
  await expect(page.getByRole("row", { name: /^bulk/ })).toBeVisible();
  await expectAccessible(page);

  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 16);
  const text = `Maintenance ${randomUUID()}`;
  await page.getByRole("link", { name: "System messages" }).click();
  await page.getByRole("button", { name: "New message" }).click();
  await page.getByRole("textbox", { name: "Message" }).fill(text);
  await page.getByLabel("From", { exact: true }).fill(tomorrow);
  await page.getByRole("dialog").getByRole("button", { name: "Send" }).click();
  const message = page.locator(".announcement", { hasText: text });
  await expect(message).toContainText("Scheduled");
  await message.getByRole("button", { name: "Withdraw" }).click();
  await page.getByRole("tooltip").getByRole("button", { name: "Withdraw" }).click();
  await expect(message).toHaveCount(0);

  await page.getByRole("link", { name: "Webhooks" }).click();
  await page.getByRole("button", { name: "Create webhook" }).click();
  await page.getByLabel("Address", { exact: true }).fill(`https://example.org/${randomUUID()}`);
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await expect(page.getByText(/^whsec_/)).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "I have kept it" }).click();
  await expect(page.getByText(/^whsec_/)).toHaveCount(0);
});
