// @vitest-environment jsdom
import "./dom.ts";
import { expect, test, vi } from "vitest";
import { quiet, settle, withSite } from "./fixture.ts";

const site = withSite();

function network(online: boolean): void {
  vi.spyOn(navigator, "onLine", "get").mockReturnValue(online);
  window.dispatchEvent(new Event(online ? "online" : "offline"));
}

function view(state: "visible" | "hidden"): void {
  vi.spyOn(document, "visibilityState", "get").mockReturnValue(state);
  document.dispatchEvent(new Event("visibilitychange"));
}

test("without a network no attempt is made, and with it one at once", async () => {
  network(false);
  const client = site.client();
  await settle(() => client.state.name === "paused");
  expect(client.state).toEqual({ name: "paused", reason: "offline" });
  vi.advanceTimersByTime(3_600_000);
  await quiet();
  expect(site.tickets).toBe(0);
  network(true);
  await settle(() => client.state.name === "open");
});

test("a lost network ends the socket at once", async () => {
  const client = await site.ready();
  network(false);
  await settle(() => client.state.name === "paused");
  await settle(() => site.server.open.length === 0);
  network(true);
  await settle(() => client.state.name === "open");
  expect(site.server.last.token).toBe("ticket-2");
});

test("a hidden page makes no attempts, but keeps the socket it has", async () => {
  const client = await site.ready();
  view("hidden");
  await quiet();
  expect(client.state.name).toBe("open");
  site.server.last.socket.close();
  await settle(() => client.state.name === "paused");
  expect(client.state).toEqual({ name: "paused", reason: "hidden" });
  vi.advanceTimersByTime(3_600_000);
  await quiet();
  expect(site.tickets).toBe(1);
  view("visible");
  await settle(() => client.state.name === "open");
});

test("a page that comes into view in a pause does not wait for its end", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0.9);
  const client = await site.ready();
  site.server.last.socket.close();
  await settle(() => client.state.name === "waiting");
  view("visible");
  await settle(() => client.state.name === "open");
});

test("a page that comes into view asks whether its socket is still there", async () => {
  await site.ready();
  view("hidden");
  view("visible");
  await settle(() => site.server.last.asked("ping").length === 1);
});

test("a closed client listens to nothing", async () => {
  const added = vi.spyOn(window, "addEventListener");
  const removed = vi.spyOn(window, "removeEventListener");
  const client = await site.ready();
  client.close();
  expect(added).toHaveBeenCalledTimes(2);
  expect(removed.mock.calls).toEqual(added.mock.calls);
  network(false);
  network(true);
  await quiet();
  expect(client.state.name).toBe("closed");
  expect(site.tickets).toBe(1);
});
