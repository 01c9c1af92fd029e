import { expect, test, vi } from "vitest";
import { SignedOutError } from "../src/index.ts";
import { passPause, quiet, record, settle, withSite } from "./fixture.ts";

const site = withSite();

test("it connects by itself, with a ticket", async () => {
  const client = site.client();
  expect(client.state.name).toBe("connecting");
  await settle(() => client.state.name === "open");
  expect(site.server.last.token).toBe("ticket-1");
  expect(site.server.last.path).toBe("/api/v1/ws");
});

test("without autoConnect it waits to be asked", async () => {
  const client = site.client({ autoConnect: false });
  await quiet();
  expect(client.state.name).toBe("closed");
  expect(site.tickets).toBe(0);
  client.connect();
  await settle(() => client.state.name === "open");
});

test("admins have an address of their own", async () => {
  site.client({ who: { scope: "admin" } });
  await settle(() => site.server.connections.length);
  expect(site.server.last.path).toBe("/api/v1/ws/admin");
  await settle(() => site.server.last.asked("resume").length);
  expect(Object.keys(site.server.last.asked("resume")[0]?.positions ?? {})).toEqual(["admin", "all"]);
});

test("an address that is none is refused at once", () => {
  expect(() => site.client({ url: "nowhere" })).toThrow(TypeError);
});

test("asking twice opens one socket", async () => {
  const client = await site.ready();
  client.connect();
  client.connect();
  await quiet();
  expect(site.server.connections).toHaveLength(1);
  expect(site.tickets).toBe(1);
});

test("a closed socket comes back after a random pause of at most 3 s, with a new ticket", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  const client = await site.ready();
  const states = record(client, "state");
  site.server.last.socket.close();
  await settle(() => client.state.name === "waiting");
  expect(client.state).toEqual({ name: "waiting", attempt: 1, pauseMs: 1500 });
  vi.advanceTimersByTime(1499);
  await quiet();
  expect(site.server.connections).toHaveLength(1);
  vi.advanceTimersByTime(1);
  await settle(() => client.state.name === "open");
  expect(site.server.last.token).toBe("ticket-2");
  expect(states.map((state) => state.name)).toEqual(["connecting", "waiting", "connecting", "open"]);
});

test("pauses back off, and it never stops", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0.999);
  site.server.refuses = true;
  const client = site.client();
  const states = record(client, "state");
  for (let attempt = 1; attempt <= 12; attempt += 1) await passPause(client);
  const pauses = states.flatMap((state) =>
    state.name === "waiting" ? [Math.round(state.pauseMs / 1000)] : [],
  );
  expect(pauses.slice(0, 6)).toEqual([3, 6, 12, 24, 48, 60]);
  expect(pauses.at(-1)).toBe(60);
  await settle(() => client.state.name === "waiting");
  site.server.refuses = false;
  await passPause(client);
  await settle(() => client.state.name === "open");
  expect(site.tickets).toBe(14);
});

test("a socket that answered makes the pauses short again; one that is closed at once does not", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  site.server.answer = (_, connection) => {
    connection.send({ type: "error", code: "not_connected", message: "Connect again.", action: null });
    connection.socket.close();
    return [];
  };
  const client = site.client();
  await passPause(client);
  await settle(() => client.state.name === "waiting" && client.state.attempt === 2);
  site.server.answer = () => undefined;
  await passPause(client);
  await settle(() => site.server.last.asked("resume").length);
  await quiet();
  site.server.last.socket.close();
  await settle(() => client.state.name === "waiting");
  expect(client.state).toMatchObject({ attempt: 1 });
});

test("with a cap it stops after so many retries, says so, and can be asked again", async () => {
  site.server.refuses = true;
  const client = site.client({ maxReconnectAttempts: 5 });
  for (let attempt = 1; attempt <= 5; attempt += 1) await passPause(client);
  await settle(() => client.state.name === "stopped");
  expect(client.state).toEqual({ name: "stopped", reason: "attempts" });
  expect(site.tickets).toBe(6);
  vi.advanceTimersByTime(3_600_000);
  await quiet();
  expect(site.tickets).toBe(6);
  site.server.refuses = false;
  client.connect();
  await settle(() => client.state.name === "open");
});

test("connect() cuts a pause short", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0.9);
  const client = await site.ready();
  site.server.last.socket.close();
  await settle(() => client.state.name === "waiting");
  client.connect();
  await settle(() => client.state.name === "open");
});

test("a ticket that cannot be had is a failed attempt; without a session it stops", async () => {
  const ticket = vi.fn(async () => "ticket");
  ticket.mockRejectedValueOnce(new TypeError("fetch failed"));
  const client = site.client({ ticket });
  await passPause(client);
  await settle(() => client.state.name === "open");
  ticket.mockRejectedValueOnce(new SignedOutError());
  site.server.last.socket.close();
  await passPause(client);
  await settle(() => client.state.name === "stopped");
  expect(client.state).toEqual({ name: "stopped", reason: "signed_out" });
  expect(site.server.connections).toHaveLength(1);
});

test("a ticket that never comes is a failed attempt", async () => {
  const ticket = vi.fn(async () => "ticket");
  ticket.mockReturnValueOnce(new Promise(() => {}));
  const client = site.client({ ticket });
  await settle(() => ticket.mock.calls.length === 1);
  vi.advanceTimersByTime(20_000);
  await passPause(client);
  await settle(() => client.state.name === "open");
});

test("it pings every 30 s, and a socket without a pong within 10 s is replaced", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  const client = await site.ready();
  const first = site.server.last;
  vi.advanceTimersByTime(30_000);
  await settle(() => first.asked("ping").length === 1);
  await quiet();
  vi.advanceTimersByTime(29_999);
  await quiet();
  expect(first.asked("ping")).toHaveLength(1);
  expect(client.state.name).toBe("open");
  site.server.answer = (request) => (request.action === "ping" ? [] : undefined);
  vi.advanceTimersByTime(1);
  await settle(() => first.asked("ping").length === 2);
  vi.advanceTimersByTime(9_999);
  await quiet();
  expect(client.state.name).toBe("open");
  vi.advanceTimersByTime(1);
  expect(client.state.name).not.toBe("open");
  // The fake clock puts a timer that is set by a timer a millisecond later.
  vi.advanceTimersByTime(1);
  await settle(() => site.server.connections.length === 2 && client.state.name === "open");
  await settle(() => site.server.open.length === 1);
  expect(first.isOpen).toBe(false);
});

test("a server that is overloaded is not asked for another socket as well", async () => {
  const client = await site.ready();
  // What API Gateway says for a function that it may not run.
  const throttled = { message: "Internal server error", connectionId: "c1=", requestId: "r1=" };
  site.server.answer = (request) => (request.action === "ping" ? [throttled] : undefined);
  for (let ping = 1; ping <= 3; ping += 1) {
    vi.advanceTimersByTime(30_000);
    await settle(() => site.server.last.asked("ping").length === ping);
    await quiet();
  }
  expect(client.state.name).toBe("open");
  expect(site.server.connections).toHaveLength(1);
});

test("a ping that was never answered does not end the next socket", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  site.server.answer = (request) => (request.action === "ping" ? [] : undefined);
  const client = await site.ready();
  vi.advanceTimersByTime(30_000);
  await settle(() => site.server.last.asked("ping").length === 1);
  site.server.last.socket.terminate();
  await site.back(client);
  vi.advanceTimersByTime(29_999);
  await quiet();
  expect(client.state.name).toBe("open");
  expect(site.server.connections).toHaveLength(2);
});

test("a socket that is still closing leaves nothing behind for the next one", async () => {
  const client = await site.ready();
  const first = site.server.last;
  site.server.answer = (request) => (request.action === "read" ? [] : undefined);
  const asked = client.markRead("all").catch(({ code }) => code);
  await settle(() => first.asked("read").length === 1);
  // The closing handshake is done, the connection is not taken down: as long as the server likes.
  const { _socket: connection } = first.socket as unknown as { _socket: { end: () => void } };
  connection.end = () => {};
  first.socket.close();
  await settle(() => (first.socket as unknown as { _closeFrameReceived: boolean })._closeFrameReceived);
  client.close();
  client.connect();
  await settle(() => site.server.connections.length === 2 && client.state.name === "open");
  expect(await asked).toBe("disconnected");
  vi.advanceTimersByTime(30_000);
  await settle(() => site.server.last.asked("ping").length);
  await quiet();
  expect(site.server.last.asked("ping")).toHaveLength(1);
});

test("a handshake may take as long as API Gateway lets it", async () => {
  site.server.holds = true;
  const client = site.client();
  await settle(() => site.server.held.length === 1);
  vi.advanceTimersByTime(29_000);
  await quiet();
  expect(client.state.name).toBe("connecting");
  site.server.holds = false;
  for (const admit of site.server.held) admit(true);
  await settle(() => client.state.name === "open");
  expect(site.tickets).toBe(1);
});

test("a handshake that never ends is a failed attempt", async () => {
  site.server.holds = true;
  const client = site.client();
  await settle(() => site.server.held.length === 1);
  vi.advanceTimersByTime(30_001);
  await settle(() => client.state.name === "waiting");
});

test("closed is closed: nothing is asked for any more", async () => {
  const client = await site.ready();
  client.close();
  expect(client.state.name).toBe("closed");
  await settle(() => site.server.open.length === 0);
  vi.advanceTimersByTime(3_600_000);
  await quiet();
  expect(site.tickets).toBe(1);
  const pending = site.client();
  pending.close();
  await quiet();
  expect(site.tickets).toBe(1);
  client.connect();
  await settle(() => client.state.name === "open");
  expect(site.server.open).toHaveLength(1);
});
