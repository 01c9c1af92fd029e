import { randomUUID } from "node:crypto";
import type { APIRequestContext, Page } from "@playwright/test";
import { bell, expect, expectAccessible, live, signIn, test } from "./site.ts";

interface Mail {
  To: string[];
  BodyText: string;
}

/** The address that the newest mail to somebody leads to, once there are so many. */
async function linkOfMail(request: APIRequestContext, email: string, count: number): Promise<string> {
  const mailbox = process.env.VIDEOSITE_MAILBOX ?? "";
  let link = "";
  await expect
    .poll(
      async () => {
        const answer = await request.get(mailbox);
        const { messages } = (await answer.json()) as { messages: Record<string, Mail[]> };
        const mine = Object.values(messages)
          .flat()
          .filter((mail) => mail.To.includes(email));
        link = /https?:\S+#token=\S+/.exec(mine.at(-1)?.BodyText ?? "")?.[0] ?? "";
        return mine.length;
      },
      { timeout: 60_000 },
    )
    .toBe(count);
  return new URL(link).pathname + new URL(link).hash;
}

async function fill(page: Page, label: string, text: string): Promise<void> {
  await page.getByLabel(label, { exact: true }).fill(text);
}

test("one registers, confirms the address, and gets a new password by mail", async ({
  page,
  request,
  said,
}) => {
  test.setTimeout(150_000);
  const email = `eve-${randomUUID()}@example.org`;
  await page.goto("/sign-in");
  await page.getByRole("link", { name: "Create an account" }).click();
  await expect(page.getByRole("heading", { name: "Create an account" })).toBeVisible();
  await expectAccessible(page);
  await fill(page, "Email", email);
  await fill(page, "Password", "short");
  await page.getByRole("button", { name: "Create the account" }).click();
  await expect(page.getByText("At least 8 characters, please.")).toBeVisible();
  await fill(page, "Password", "correct horse battery");
  await page.getByRole("button", { name: "Create the account" }).click();
  await expect(page.getByText(`We wrote to ${email}.`)).toBeVisible();

  const verify = await linkOfMail(request, email, 1);
  await page.getByRole("link", { name: "Back to signing in" }).click();
  await fill(page, "Email", email);
  await fill(page, "Password", "correct horse battery");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText("This email address is not confirmed yet.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Send the mail again" })).toBeVisible();
  // Chromium notes the 403 itself.
  expect(said.errors.splice(0)).toHaveLength(1);

  await page.goto(verify);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Confirm" }).click();
  await expect(page.getByText("Your address is confirmed")).toBeVisible();
  await page.getByRole("link", { name: "Sign in" }).click();
  await page.getByRole("link", { name: "Forgot your password?" }).click();
  await fill(page, "Email", email);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Send the link" }).click();
  await expect(page.getByText(`If ${email} has an account`)).toBeVisible();

  await page.goto(await linkOfMail(request, email, 2));
  await expectAccessible(page);
  await fill(page, "New password", "another battery");
  await page.getByRole("button", { name: "Set the password" }).click();
  await expect(page.getByText("The password is set")).toBeVisible();
  await signIn(page, { email, password: "another battery" }, "/account");
  await expect(page.getByText("Confirmed", { exact: true })).toBeVisible();
});

test("profile, picture, password and sessions", async ({ page, browser, creator, said }) => {
  await signIn(page, creator, "/account");
  await live(page);
  await expectAccessible(page);
  await fill(page, "Name", "Ada");
  await fill(page, "About you", "Films about engines.");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved")).toBeVisible();
  const picture = await page.screenshot({ clip: { x: 0, y: 0, width: 64, height: 64 } });
  await page
    .getByTestId("avatar-file")
    .setInputFiles({ name: "a.png", mimeType: "image/png", buffer: picture });
  await expect(page.getByRole("img", { name: "Your picture" })).toBeVisible();
  await page.getByRole("button", { name: "Account and settings" }).click();
  await expect(page.getByRole("menu").getByText("Ada", { exact: true })).toBeVisible();
  await page.keyboard.press("Escape");

  const other = await browser.newContext();
  const elsewhere = await other.newPage();
  await signIn(elsewhere, creator, "/videos");
  await page.reload();
  const sessions = page.locator(".session");
  await expect(sessions).toHaveCount(2);
  await page.locator(".session[data-current=false]").getByRole("button").click();
  await page.getByRole("tooltip").getByRole("button", { name: "End" }).click();
  await expect(sessions).toHaveCount(1);
  await other.close();

  await fill(page, "Present password", "not this one");
  await fill(page, "New password", "another battery");
  await page.getByRole("button", { name: "Set the password" }).click();
  await expect(page.getByText("This is not your present password.")).toBeVisible();
  // Chromium notes the 403 itself.
  expect(said.errors.splice(0)).toHaveLength(1);
  await fill(page, "Present password", creator.password);
  await page.getByRole("button", { name: "Set the password" }).click();
  await expect(page.getByText("The password was changed")).toBeVisible();
  // The server closed the socket; this session goes on with a new one.
  await live(page);
  await expect(bell(page)).toBeVisible();
  said.errors.length = 0;

  await page.getByRole("button", { name: "Sign out everywhere" }).click();
  await page.getByRole("tooltip").getByRole("button", { name: "Sign out everywhere" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await signIn(page, { ...creator, password: "another battery" }, "/account");
});

test("a link without its token says so", async ({ page }) => {
  for (const path of ["/verify-email", "/reset-password"]) {
    await page.goto(path);
    await expect(page.getByText("This link is not complete.")).toBeVisible();
  }
});
