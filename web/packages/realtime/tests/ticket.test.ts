import { expect, test, vi } from "vitest";
import { SignedOutError, ticketFrom } from "../src/index.ts";

function answer(status: number, body: object): typeof fetch {
  return vi.fn(async () => Response.json(body, { status }));
}

test("a ticket is bought with the access token of the moment", async () => {
  vi.stubGlobal("fetch", answer(200, { ticket: "abc", expires_in: 60 }));
  const tokens = ["one", "two"];
  const ticket = ticketFrom("https://site/api/v1", () => tokens.shift() ?? "");
  expect([await ticket(), await ticket()]).toEqual(["abc", "abc"]);
  expect(vi.mocked(fetch).mock.calls.map(([url, init]) => [url, init?.method, init?.headers])).toEqual([
    ["https://site/api/v1/ws/ticket", "POST", { Authorization: "Bearer one" }],
    ["https://site/api/v1/ws/ticket", "POST", { Authorization: "Bearer two" }],
  ]);
});

test("a refused token means signed out; anything else may pass", async () => {
  vi.stubGlobal("fetch", answer(401, {}));
  await expect(ticketFrom("https://site/api/v1", () => "old")()).rejects.toThrow(SignedOutError);
  vi.stubGlobal("fetch", answer(503, {}));
  await expect(ticketFrom("https://site/api/v1", () => "good")()).rejects.not.toThrow(SignedOutError);
});

test("a token that was refused is replaced, once", async () => {
  const sent = vi.fn(async (_: string, init: RequestInit) => {
    const { Authorization } = init.headers as Record<string, string>;
    return Authorization === "Bearer new"
      ? Response.json({ ticket: "abc" })
      : new Response(null, { status: 401 });
  });
  vi.stubGlobal("fetch", sent);
  const ticket = ticketFrom("https://site/api/v1", (refused) => (refused === "old" ? "new" : "old"));
  expect(await ticket()).toBe("abc");
  expect(sent).toHaveBeenCalledTimes(2);
  const never = ticketFrom("https://site/api/v1", (refused) => `${refused ?? ""}x`);
  await expect(never()).rejects.toThrow(SignedOutError);
  expect(sent).toHaveBeenCalledTimes(4);
});
