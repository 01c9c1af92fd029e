import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { connect, inLocalStorage, inMemory, ok, ProblemError, type Site } from "../src/index.ts";
import { problem, ScriptedSite } from "./server.ts";

const ME = "/api/v1/users/me";
const REFRESH = "/api/v1/auth/refresh";

let server: ScriptedSite;
let site: Site;

beforeEach(async () => {
  server = await ScriptedSite.start();
  site = connect(`${server.url}/`);
});

afterEach(() => server.stop());

const me = () => ok(site.api.GET(ME));
const signIn = () => site.session.signIn("ada@example.org", "correct horse");

// --- calls --------------------------------------------------------------------------------------------

test("without a session calls bring no token", async () => {
  await expect(me()).rejects.toMatchObject({ status: 401, code: "not_signed_in" });
  expect(server.asked[0]?.token).toBeNull();
  expect(site.session.signedIn).toBe(false);
});

test("after signing in they do; paths and bodies are as they were given", async () => {
  await signIn();
  const video_id = 1_420_070_400_001;
  const call = { params: { path: { video_id } }, body: { title: "The sea" } };
  await ok(site.api.PATCH("/api/v1/videos/{video_id}", call));
  expect(server.asked.at(-1)).toEqual({
    method: "PATCH",
    path: `/api/v1/videos/${video_id}`,
    token: "a1",
    body: { title: "The sea" },
  });
});

test("signing in with a wrong password is a problem, and no session", async () => {
  await expect(site.session.signIn("ada@example.org", "wrong")).rejects.toMatchObject({
    code: "bad_credentials",
  });
  expect(site.session.signedIn).toBe(false);
});

test("signing out tells the site and forgets, also when the site is away", async () => {
  await signIn();
  await site.session.signOut();
  expect(server.asked.at(-1)).toMatchObject({ path: "/api/v1/auth/logout", body: { refresh_token: "r1" } });
  expect(await site.session.accessToken()).toBeNull();
  await signIn();
  await server.stop();
  await site.session.signOut();
  expect(site.session.signedIn).toBe(false);
});

test("who is refused while the password changes waits for the new pair, and refreshes nothing", async () => {
  await signIn();
  const pair = { access_token: "a9", refresh_token: "r9", expires_in: 900, token_type: "Bearer" };
  const path = "/api/v1/users/me/password";
  server.script.set(`POST ${path}`, [{ status: 200, body: pair }]);
  const changed = site.session.changePassword("correct horse", "another battery");
  expect(await site.session.renew("a1")).toBe("a9");
  await changed;
  expect(server.asked.find((one) => one.path === path)).toMatchObject({
    token: "a1",
    body: { current_password: "correct horse", new_password: "another battery" },
  });
  expect(server.count(REFRESH)).toBe(0);
});

test("a wrong password at the change is a problem, and the session goes on", async () => {
  await signIn();
  server.script.set("POST /api/v1/users/me/password", [problem(403, "wrong_password")]);
  await expect(site.session.changePassword("wrong", "another battery")).rejects.toMatchObject({
    code: "wrong_password",
  });
  expect(await site.session.accessToken()).toBe("a1");
});

// --- refreshing ---------------------------------------------------------------------------------------

test("a refused token is renewed and the call sent again, with its body", async () => {
  await signIn();
  server.expire();
  const body = { display_name: "Ada" };
  const answer = await ok(site.api.PATCH(ME, { body }));
  expect(answer).toMatchObject({ echo: body });
  expect(server.asked.map((one) => one.token)).toEqual([null, "a1", null, "a2"]);
});

test("many calls at once refresh once", async () => {
  await signIn();
  server.expire();
  let release = () => {};
  server.hold = new Promise((resolve) => {
    release = resolve;
  });
  const calls = Array.from({ length: 8 }, me);
  await vi.waitUntil(() => server.count(ME) === 8 && server.count(REFRESH) === 1);
  release();
  await Promise.all(calls);
  expect(server.count(REFRESH)).toBe(1);
});

test("a token near its end is renewed before it is used", async () => {
  server.expiresInS = 30;
  await signIn();
  server.expiresInS = 900;
  await me();
  expect(server.asked.map((one) => one.token)).toEqual([null, null, "a2"]);
  await me();
  expect(server.count(REFRESH)).toBe(1);
});

test("while the site is away a token that is still good is used", async () => {
  server.expiresInS = 30;
  await signIn();
  server.script.set(`POST ${REFRESH}`, [problem(503, "table_busy")]);
  await me();
  expect(server.asked.at(-1)?.token).toBe("a1");
  expect(site.session.signedIn).toBe(true);
});

test("an ended session is told once, and the call gives what the site said", async () => {
  await signIn();
  const ended = vi.fn();
  const stop = site.session.onEnd(ended);
  server.expire();
  server.script.set(`POST ${REFRESH}`, [problem(403, "account_suspended")]);
  await expect(me()).rejects.toMatchObject({ status: 401, code: "expired_token" });
  expect(ended).toHaveBeenCalledOnce();
  expect(site.session.signedIn).toBe(false);
  stop();
});

test("tabs that share tokens take turns, and the second uses what the first got", async () => {
  const store = inMemory();
  let turn: Promise<unknown> = Promise.resolve();
  const lock = <Result>(_: string, work: () => Promise<Result>): Promise<Result> => {
    const mine = turn.then(work, work);
    turn = mine;
    return mine;
  };
  const [one, two] = [connect(server.url, { store, lock }), connect(server.url, { store, lock })];
  await one.session.signIn("ada@example.org", "correct horse");
  server.expire();
  await Promise.all([ok(one.api.GET(ME)), ok(two.api.GET(ME))]);
  expect(server.count(REFRESH)).toBe(1);
});

test("a new pair is taken over, and an old token keeps nobody from the open routes", async () => {
  site.session.adopt({ access_token: "x", refresh_token: "r0", expires_in: -1, token_type: "Bearer" });
  await site.api.POST("/api/v1/auth/forgot-password", { body: { email: "ada@example.org" } });
  expect(server.asked).toHaveLength(1);
  expect(server.asked[0]?.token).toBeNull();
});

// --- problems -----------------------------------------------------------------------------------------

test("a problem has its code, fields, line and when to try again", async () => {
  server.script.set(`GET ${ME}`, [
    problem(422, "validation_failed", { errors: [{ field: "body.title", message: "Too long" }], line: 7 }),
    { ...problem(429, "rate_limited"), headers: { "Retry-After": "3" } },
    { status: 502, body: "<html>", headers: { "Content-Type": "text/html" } },
  ]);
  await expect(me()).rejects.toMatchObject({
    code: "validation_failed",
    message: "It was refused.",
    fields: [{ field: "body.title", message: "Too long" }],
    line: 7,
    retryAfterS: null,
  });
  await expect(me()).rejects.toMatchObject({ code: "rate_limited", retryAfterS: 3 });
  const error = await me().catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ProblemError);
  expect(error).toMatchObject({ status: 502, code: "unexpected_answer" });
});

test("without `ok` a call gives the problem, typed by route", async () => {
  server.script.set(`GET ${ME}`, [problem(401, "session_ended")]);
  const { data, error } = await site.api.GET(ME);
  expect(data).toBeUndefined();
  expect(error?.code).toBe("session_ended");
});

// --- keeping tokens -----------------------------------------------------------------------------------

test("tokens kept in a browser's storage come back; nonsense there is nobody", () => {
  const values = new Map<string, string>();
  const storage = {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => values.set(key, value),
    removeItem: (key: string) => values.delete(key),
  } as unknown as Storage;
  const store = inLocalStorage("k", storage);
  expect(store.load()).toBeNull();
  const kept = { accessToken: "a", refreshToken: "r", expiresAtMs: 1 };
  store.save(kept);
  expect(inLocalStorage("k", storage).load()).toEqual(kept);
  values.set("k", "{");
  expect(store.load()).toBeNull();
  store.save(null);
  expect(values.size).toBe(0);
});
