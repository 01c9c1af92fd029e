import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Session } from "../src/auth/session.ts";

const KEY = "videosite.session";
const answers: Response[] = [];
const asked: [string, unknown][] = [];

function tokens(number: number): Response {
  return Response.json({ access_token: `access-${number}`, refresh_token: `r${number}`, expires_in: 900 });
}

beforeEach(() => {
  asked.length = 0;
  answers.length = 0;
  vi.stubGlobal("fetch", (url: string, options: RequestInit) => {
    asked.push([url, JSON.parse(String(options.body))]);
    const answer = answers.shift();
    return answer ? Promise.resolve(answer) : Promise.reject(new TypeError("offline"));
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

test("signing in keeps what is needed for the next page, and no more", async () => {
  answers.push(tokens(1));
  const session = new Session();
  expect(await session.signIn("ada@example.org", "secret")).toBeNull();
  expect(await session.accessToken()).toBe("access-1");
  expect(localStorage.getItem(KEY)).toContain("r1");
  expect(localStorage.getItem(KEY)).not.toContain("access-1");
  expect(asked).toHaveLength(1);
});

test("the next page renews the session, once for all who ask", async () => {
  localStorage.setItem(KEY, JSON.stringify({ id: "one", refreshToken: "r1" }));
  answers.push(tokens(2));
  const session = new Session();
  expect(session.id).toBe("one");
  expect(await Promise.all([session.accessToken(), session.accessToken()])).toEqual(["access-2", "access-2"]);
  expect(asked).toEqual([["/api/v1/auth/refresh", { refresh_token: "r1" }]]);
  expect(localStorage.getItem(KEY)).toContain("r2");
});

test("a refused refresh token signs out and says so; a lost network does not", async () => {
  localStorage.setItem(KEY, JSON.stringify({ id: "one", refreshToken: "r1" }));
  const session = new Session();
  const changed = vi.fn();
  session.subscribe(changed);
  await expect(session.accessToken()).rejects.toThrow("offline");
  expect(session.id).toBe("one");
  answers.push(new Response("{}", { status: 401 }));
  expect(await session.accessToken()).toBeNull();
  expect(session.id).toBeNull();
  expect(changed).toHaveBeenCalledOnce();
  expect(localStorage.getItem(KEY)).toBeNull();
});

test("signing out in another tab signs out here", () => {
  localStorage.setItem(KEY, JSON.stringify({ id: "one", refreshToken: "r1" }));
  const session = new Session();
  localStorage.removeItem(KEY);
  window.dispatchEvent(new StorageEvent("storage", { key: KEY }));
  expect(session.id).toBeNull();
});

test("a token that another tab renewed is the one that is used", async () => {
  localStorage.setItem(KEY, JSON.stringify({ id: "one", refreshToken: "r1" }));
  const session = new Session();
  localStorage.setItem(KEY, JSON.stringify({ id: "one", refreshToken: "r7" }));
  answers.push(tokens(8));
  await session.accessToken();
  expect(asked[0]?.[1]).toEqual({ refresh_token: "r7" });
});
