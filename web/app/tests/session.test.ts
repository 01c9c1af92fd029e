import { connect, inLocalStorage } from "@videosite/api";
import { expect, test, vi } from "vitest";
import { SignIns } from "../src/auth/session.ts";

const answers: Response[] = [];
const { session } = connect("https://videos.example.org", {
  store: inLocalStorage(),
  fetch: () => {
    const answer = answers.shift();
    return answer ? Promise.resolve(answer) : Promise.reject(new TypeError("offline"));
  },
});

function tokens(expires_in = 900): Response {
  return Response.json({ access_token: "access", refresh_token: "refresh", expires_in });
}

async function signedIn(): Promise<SignIns> {
  const signIns = new SignIns(session);
  answers.push(tokens());
  await signIns.signIn("ada@example.org", "secret");
  return signIns;
}

test("each sign-in is another one, which the next page knows again", async () => {
  const signIns = await signedIn();
  const first = signIns.id;
  expect(first).not.toBeNull();
  expect(new SignIns(session).id).toBe(first);
  answers.push(tokens());
  await signIns.signIn("bob@example.org", "secret");
  expect(signIns.id).not.toBe(first);
});

test("a refusal leaves nobody signed in", async () => {
  const signIns = new SignIns(session);
  answers.push(Response.json({ code: "bad_credentials", detail: "No." }, { status: 401 }));
  await expect(signIns.signIn("ada@example.org", "wrong")).rejects.toMatchObject({ code: "bad_credentials" });
  expect(signIns.id).toBeNull();
});

test("who signs out is told to all who listen, without a network too", async () => {
  const signIns = await signedIn();
  const changed = vi.fn();
  signIns.subscribe(changed);
  await signIns.signOut();
  expect(signIns.id).toBeNull();
  expect(changed).toHaveBeenCalledOnce();
  expect(session.signedIn).toBe(false);
});

test("a session that the server ended is over here, too", async () => {
  const signIns = await signedIn();
  answers.push(Response.json({ code: "bad_refresh_token", detail: "Sign in again." }, { status: 401 }));
  expect(await session.renew("access")).toBeNull();
  expect(signIns.id).toBeNull();
});

test("signing out in another tab signs out here", async () => {
  const signIns = await signedIn();
  localStorage.clear();
  window.dispatchEvent(new StorageEvent("storage", { key: "videosite.sign-in" }));
  expect(signIns.id).toBeNull();
});
