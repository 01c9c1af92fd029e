import { randomUUID } from "node:crypto";
import { AxeBuilder } from "@axe-core/playwright";
import { type APIRequestContext, test as base, expect, type Page } from "@playwright/test";

export { expect };

const PASSWORD = "a long password for tests";

export interface Account {
  email: string;
  password: string;
}

/** What a page said that it should not. */
export interface Said {
  errors: string[];
}

interface Fixtures {
  admin: { token: string };
  /** Somebody new who may upload. */
  creator: Account;
  /** Listens to the page; nothing may be in it at the end. */
  said: Said;
}

export const test = base.extend<Fixtures>({
  admin: async ({ request }, use) => {
    const { VIDEOSITE_EMAIL: email = "", VIDEOSITE_PASSWORD: password = "" } = process.env;
    await use({ token: await tokenOf(request, { email, password }) });
  },
  creator: async ({ request, admin }, use) => {
    await use(await makeUser(request, admin.token, "creator"));
  },
  said: [
    async ({ page }, use) => {
      const said: Said = { errors: [] };
      listen(page, said);
      await use(said);
      expect(said.errors).toEqual([]);
    },
    { auto: true },
  ],
});

export function listen(page: Page, said: Said): void {
  page.on("pageerror", (error) => said.errors.push(`${error}`));
  page.on("console", (message) => {
    if (message.type() === "error") said.errors.push(`${message.text()} ${message.location().url}`);
  });
}

export async function tokenOf(request: APIRequestContext, account: Account): Promise<string> {
  const answer = await request.post("/api/v1/auth/login", { data: account });
  expect(answer.ok(), await answer.text()).toBe(true);
  return ((await answer.json()) as { access_token: string }).access_token;
}

export async function makeUser(request: APIRequestContext, token: string, role: string): Promise<Account> {
  const account = { email: `${role}-${randomUUID()}@example.org`, password: PASSWORD };
  const answer = await request.post("/api/v1/admin/users", {
    headers: { Authorization: `Bearer ${token}` },
    data: { ...account, role },
  });
  expect(answer.status(), await answer.text()).toBe(201);
  return account;
}

/** Signs in by the form, and waits for the page that was asked for. */
export async function signIn(page: Page, account: Account, path: string): Promise<void> {
  await page.goto(`/sign-in?next=${encodeURIComponent(path)}`);
  await page.getByLabel("Email").fill(account.email);
  await page.getByLabel("Password", { exact: true }).fill(account.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname + url.search === path);
}

/** The bell, whose attributes say how things stand. */
export function bell(page: Page) {
  return page.getByRole("button", { name: /^Notifications/ });
}

/** Waits until live messages come: the first socket of a stack meets functions that are cold. */
export async function live(page: Page): Promise<void> {
  await expect(bell(page)).toHaveAttribute("data-state", "open", { timeout: 60_000 });
}

/** Fails with what axe finds that keeps people from using the page. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const found = serious.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join("\n  ")}`,
  );
  expect(found).toEqual([]);
}
