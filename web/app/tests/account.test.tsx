import { fireEvent, screen, waitFor } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import { signIns } from "../src/auth/session.ts";
import { deviceName } from "../src/features/account/device.ts";
import { tokenOf } from "../src/features/account/token.ts";
import { Component as AccountPage } from "../src/pages/AccountPage.tsx";
import { Component as ForgotPasswordPage } from "../src/pages/ForgotPasswordPage.tsx";
import { Component as HistoryPage } from "../src/pages/HistoryPage.tsx";
import { Component as RegisterPage } from "../src/pages/RegisterPage.tsx";
import { Component as ResetPasswordPage } from "../src/pages/ResetPasswordPage.tsx";
import { Component as SignInPage } from "../src/pages/SignInPage.tsx";
import { Component as VerifyEmailPage } from "../src/pages/VerifyEmailPage.tsx";
import { Api, becomeSignedIn, ME, problem, show } from "./shown.tsx";
import { VIDEO } from "./videos.ts";

const NONE = () => new Response(null, { status: 204 });
const MOMENT = "2026-03-01T10:30:00Z";

let api: Api;

beforeEach(() => {
  api = new Api({ "GET /users/me": ME, "GET /auth/options": { registration: true, mails: true } });
});

const type = (label: string, value: string) =>
  fireEvent.change(screen.getByLabelText(label), { target: { value } });
const session = (session_id: string, current: boolean) => ({
  session_id,
  current,
  address: "192.0.2.1",
  agent: "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0",
  created_at: MOMENT,
  used_at: MOMENT,
  expires_at: MOMENT,
});

test.each([
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36 Edg/126.0",
    "Edge · Windows",
  ],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Safari/604.1",
    "Safari · iOS",
  ],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox · Linux"],
  ["videosite/1.0", "videosite/1.0"],
])("%s is %s", (agent, name) => {
  expect(deviceName(agent)).toBe(name);
});

test("a mail's link holds its token behind the #", () => {
  expect(tokenOf("#token=abc-_1")).toBe("abc-_1");
  expect(tokenOf("#token=")).toBeNull();
  expect(tokenOf("")).toBeNull();
});

test("accounts and new passwords are offered only where there are any", async () => {
  api.answers["GET /auth/options"] = { registration: false, mails: false };
  await show([{ path: "/", Component: SignInPage }]);
  await waitFor(() => expect(api.count("GET /auth/options")).toBe(1));
  expect(screen.queryByRole("link")).toBeNull();
});

test("where accounts are made by others, registering says so", async () => {
  api.answers["GET /auth/options"] = { registration: false, mails: true };
  await show([{ path: "/", Component: RegisterPage }]);
  await screen.findByText("Accounts are made by the administrators here.");
  expect(screen.queryByRole("textbox")).toBeNull();
});

test("registering sends the language of mails, and says where to look", async () => {
  api.answers["POST /auth/register"] = () => Response.json(null, { status: 202 });
  await show([{ path: "/", Component: RegisterPage }]);
  type("Email", " eve@example.org ");
  type("Password", "correct horse");
  fireEvent.click(screen.getByRole("button", { name: "Create the account" }));
  await screen.findByText(/We wrote to eve@example.org/);
  const body = api.asked.find(({ path }) => path === "/auth/register")?.body ?? "";
  expect(JSON.parse(body)).toEqual({ email: "eve@example.org", password: "correct horse", locale: "en" });
});

test("a forgotten password's mail is asked for", async () => {
  api.answers["POST /auth/forgot-password"] = () => Response.json(null, { status: 202 });
  await show([{ path: "/", Component: ForgotPasswordPage }]);
  type("Email", "eve@example.org");
  fireEvent.click(screen.getByRole("button", { name: "Send the link" }));
  await screen.findByText(/If eve@example.org has an account/);
});

test("an address is confirmed by a click, not by opening the link", async () => {
  api.answers["POST /auth/verify-email"] = NONE;
  await show([{ path: "/verify-email", Component: VerifyEmailPage }], "/verify-email#token=abc");
  const button = await screen.findByRole("button", { name: "Confirm" });
  expect(api.count("POST /auth/verify-email")).toBe(0);
  fireEvent.click(button);
  await screen.findByText("Your address is confirmed");
  expect(api.asked.at(-1)?.body).toBe('{"token":"abc"}');
});

test("a new password is set by a link, which may be used up", async () => {
  api.answers["POST /auth/reset-password"] = () => problem(422, "bad_link");
  await show([{ path: "/reset-password", Component: ResetPasswordPage }], "/reset-password#token=abc");
  type("New password", "another battery");
  fireEvent.click(screen.getByRole("button", { name: "Set the password" }));
  await screen.findByText("This link does not work any more. Ask for a new one.");
  api.answers["POST /auth/reset-password"] = NONE;
  fireEvent.click(screen.getByRole("button", { name: "Set the password" }));
  await screen.findByText("The password is set");
});

test("a profile is saved and shown; a session elsewhere is ended, this one is not offered", async () => {
  becomeSignedIn();
  api.answers["GET /users/me/sessions"] = { sessions: [session("here", true), session("there", false)] };
  api.answers["PATCH /users/me"] = { ...ME, display_name: "Ada" };
  api.answers["DELETE /users/me/sessions/there"] = () => {
    api.answers["GET /users/me/sessions"] = { sessions: [session("here", true)] };
    return NONE();
  };
  const { queries } = await show([{ path: "/", Component: AccountPage }]);
  await screen.findByRole("heading", { name: "Profile" });
  type("Name", "Ada");
  fireEvent.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(queries.getQueryData(["me"])).toMatchObject({ display_name: "Ada" }));
  const [end, ...others] = await screen.findAllByRole("button", {
    name: "End the session of Firefox · Linux",
  });
  expect(others).toEqual([]);
  fireEvent.click(end as HTMLElement);
  fireEvent.click(await screen.findByRole("button", { name: "End" }));
  await waitFor(() => expect(screen.queryByRole("button", { name: /^End the session/ })).toBeNull());
  expect(screen.getByText("This one")).toBeDefined();
});

test("signing out everywhere signs out here", async () => {
  becomeSignedIn();
  api.answers["GET /users/me/sessions"] = { sessions: [session("here", true)] };
  api.answers["POST /auth/logout-everywhere"] = NONE;
  api.answers["POST /auth/logout"] = NONE;
  await show([{ path: "/", Component: AccountPage }]);
  fireEvent.click(await screen.findByRole("button", { name: /Sign out everywhere$/ }));
  const confirm = await screen.findAllByRole("button", { name: /Sign out everywhere$/ });
  fireEvent.click(confirm.at(-1) as HTMLElement);
  await waitFor(() => expect(signIns.id).toBeNull());
  expect(api.count("POST /auth/logout-everywhere")).toBe(1);
});

test("the history goes page by page, and what is forgotten is gone", async () => {
  becomeSignedIn();
  const entry = (video_id: number, title: string, position_s: number) => ({
    video: { ...VIDEO, video_id, title },
    position_s,
    watched_at: MOMENT,
  });
  api.answers["GET /users/me/history"] = ({ query }) =>
    Response.json(
      query.get("cursor")
        ? { entries: [entry(2, "Two", 0)], next_cursor: null }
        : { entries: [entry(1, "One", 30)], next_cursor: "c" },
    );
  api.answers["DELETE /users/me/history/1"] = NONE;
  await show([{ path: "/", Component: HistoryPage }]);
  await screen.findByText("50% watched");
  fireEvent.click(screen.getByRole("button", { name: "Show more" }));
  await screen.findByText("Two");
  fireEvent.click(screen.getByRole("button", { name: "Remove One from the history" }));
  fireEvent.click(await screen.findByRole("button", { name: "Remove" }));
  await waitFor(() => expect(screen.queryByText("One")).toBeNull());
  expect(screen.getByText("Two")).toBeDefined();
});
