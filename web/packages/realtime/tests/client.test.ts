import { expect, test, vi } from "vitest";
import type { RealtimeEvents } from "../src/index.ts";
import { RequestError } from "../src/index.ts";
import { quiet, record, settle, withSite } from "./fixture.ts";
import { complete, progress, system } from "./server.ts";

const site = withSite();
const HOME = ["user#ada", "all"];
const texts = (messages: RealtimeEvents["system_message"][]): string[] =>
  messages.map(({ message }) => message);

test("each kind of message has its event", async () => {
  const client = await site.ready();
  const kinds = ["transcode_progress", "transcode_complete", "transcode_failed", "system_message"] as const;
  const heard: string[] = [];
  for (const kind of kinds) client.on(kind, (message) => heard.push(message.type));
  site.server.post({ ...progress(5, 10), channel: "user#ada" });
  site.server.say("user#ada", complete(5, false));
  site.server.say("user#ada", { ...complete(5, true), type: "transcode_failed", id: "failed" });
  site.server.say("all", system("hello"));
  await settle(() => heard.length === 4);
  expect(heard).toEqual(kinds);
});

test("a removed listener hears nothing, and one that throws harms nobody", async () => {
  const client = await site.ready();
  const thrown = new Error("of a listener");
  const uncaught = vi.spyOn(globalThis, "queueMicrotask").mockImplementation(() => {});
  client.on("system_message", () => {
    throw thrown;
  });
  const removed = vi.fn();
  client.on("system_message", removed)();
  const heard = record(client, "system_message");
  site.server.say("all", system("hello"));
  await settle(() => heard.length === 1);
  expect(removed).not.toHaveBeenCalled();
  const [report] = uncaught.mock.calls.map(([callback]) => callback);
  expect(report).toThrow(thrown);
});

test("the first time it asks where channels stand, and says that nothing was recovered", async () => {
  site.server.say("all", system("before"));
  const client = site.client();
  const heard = record(client, "system_message");
  const recoveries = record(client, "recovery");
  await settle(() => recoveries.length === 2);
  expect(site.server.last.asked("resume")[0]?.positions).toEqual({ "user#ada": null, all: null });
  expect(recoveries).toEqual(HOME.map((channel) => ({ channel, recovered: false, first: true })));
  expect(heard).toEqual([]);
});

test("what is said while it is away is told when it is back, in order and once", async () => {
  const client = await site.ready();
  const heard = record(client, "system_message");
  const recoveries = record(client, "recovery");
  site.server.say("all", system("1"));
  await settle(() => heard.length === 1);
  site.server.last.socket.terminate();
  await settle(() => site.server.open.length === 0);
  site.server.say("all", system("2"));
  site.server.say("all", system("3"));
  await site.back(client);
  await settle(() => recoveries.length === 2);
  expect(site.server.last.asked("resume")[0]?.positions).toEqual({ "user#ada": 0, all: 1 });
  site.server.say("all", system("4"));
  await settle(() => heard.length === 4);
  expect(texts(heard)).toEqual(["1", "2", "3", "4"]);
  expect(recoveries).toEqual(HOME.map((channel) => ({ channel, recovered: true, first: false })));
});

test("what comes before the answer to resume waits for it", async () => {
  const client = await site.ready();
  const heard = record(client, "system_message");
  site.server.last.socket.terminate();
  await settle(() => site.server.open.length === 0);
  site.server.say("all", system("1"));
  site.server.answer = (request) => (request.action === "resume" ? [] : undefined);
  await site.back(client);
  await settle(() => site.server.last.asked("resume").length === 1);
  site.server.say("all", system("2"));
  await quiet();
  expect(heard).toEqual([]);
  for (const frame of site.server.usual(site.server.last.asked("resume")[0] as never))
    site.server.post(frame);
  await settle(() => heard.length === 2);
  expect(texts(heard)).toEqual(["1", "2"]);
});

test("what cannot be recovered is said, and it goes on", async () => {
  const client = await site.ready();
  const heard = record(client, "system_message");
  const recoveries = record(client, "recovery");
  site.server.answer = (request) =>
    request.action === "resume"
      ? HOME.map((channel) => ({
          type: "resumed",
          channel,
          recovered: false,
          seq: 0,
          messages: [],
          more: false,
        }))
      : undefined;
  site.server.last.socket.terminate();
  await site.back(client);
  await settle(() => recoveries.length === 2);
  expect(recoveries).toEqual(HOME.map((channel) => ({ channel, recovered: false, first: false })));
  site.server.say("all", system("next"));
  await settle(() => heard.length === 1);
});

test("a gap in the numbers is filled before anything after it is told", async () => {
  const client = await site.ready();
  const heard = record(client, "system_message");
  site.server.say("all", system("1"));
  site.server.say("all", system("2"), true);
  site.server.say("all", system("3"));
  site.server.say("all", system("4"));
  await settle(() => heard.length === 4);
  expect(texts(heard)).toEqual(["1", "2", "3", "4"]);
  expect(site.server.last.asked("resume")).toHaveLength(2);
});

test("a message lost at the end of a channel is found, though nothing follows it", async () => {
  const client = await site.ready();
  const heard = record(client, "system_message");
  client.subscribe(5);
  await settle(() => client.progress(5));
  await quiet();
  site.server.say("all", system("1"), true);
  site.server.say("video#5", complete(5, true), true);
  const ended = record(client, "transcode_complete");
  for (let ping = 1; ping < 10; ping += 1) {
    vi.advanceTimersByTime(30_000);
    await settle(() => site.server.last.asked("ping").length === ping);
    await quiet();
  }
  expect(heard).toEqual([]);
  vi.advanceTimersByTime(30_000);
  await settle(() => heard.length + ended.length === 2);
  expect(texts(heard)).toEqual(["1"]);
  const asked = site.server.last.asked("resume").map(({ positions }) => positions);
  expect(asked.slice(2)).toEqual([{ "user#ada": 0, all: 0 }, { "video#5": 0 }]);
  vi.advanceTimersByTime(30_000);
  await settle(() => site.server.last.asked("ping").length === 11);
  await quiet();
  expect(site.server.last.asked("resume")).toHaveLength(4);
});

test("duplicates are dropped", async () => {
  const client = await site.ready();
  const heard = record(client, "system_message");
  const first = site.server.say("all", system("1"));
  site.server.post(first);
  site.server.say("user#ada", system("1"));
  site.server.say("all", system("2"));
  await settle(() => heard.length === 2);
  expect(texts(heard)).toEqual(["1", "2"]);
});

test("an answer that does not come is asked for again, from where it stands", async () => {
  const client = await site.ready();
  const heard = record(client, "system_message");
  const recoveries = record(client, "recovery");
  site.server.last.socket.terminate();
  await settle(() => site.server.open.length === 0);
  const missed = ["1", "2"].map((text) => site.server.say("all", system(text)));
  site.server.answer = (request) =>
    request.action === "resume"
      ? [{ type: "resumed", channel: "all", recovered: true, seq: 1, messages: [missed[0]], more: true }]
      : undefined;
  await site.back(client);
  await settle(() => heard.length === 1);
  site.server.answer = () => undefined;
  vi.advanceTimersByTime(10_000);
  await settle(() => recoveries.length === 2);
  expect(site.server.last.asked("resume")[1]?.positions).toEqual({ "user#ada": 0, all: 1 });
  expect(texts(heard)).toEqual(["1", "2"]);
});

test("an answer in parts may take its time", async () => {
  const client = await site.ready();
  const heard = record(client, "system_message");
  site.server.answer = (request) => (request.action === "resume" ? [] : undefined);
  const messages = ["1", "2", "3"].map((text) => site.server.say("all", system(text), true));
  site.server.say("all", system("4"));
  await settle(() => site.server.last.asked("resume").length === 2);
  for (const [index, message] of messages.entries()) {
    vi.advanceTimersByTime(9_000);
    const rest = { recovered: true, seq: index + 1, messages: [message], more: index < 2 };
    site.server.post({ type: "resumed", channel: "all", ...rest });
    await settle(() => heard.length >= index + 1);
  }
  await settle(() => heard.length === 4);
  expect(texts(heard)).toEqual(["1", "2", "3", "4"]);
  expect(site.server.last.asked("resume")).toHaveLength(2);
});

test("a gap is asked for once, though the request has to wait", async () => {
  const client = await site.ready();
  const heard = record(client, "system_message");
  site.server.answer = (request) => (request.action === "subscribe" ? [] : undefined);
  client.subscribe(5);
  await settle(() => site.server.last.asked("subscribe").length === 1);
  site.server.say("all", system("1"), true);
  site.server.say("all", system("2"));
  site.server.say("all", system("3"));
  await quiet();
  site.server.post({ ...progress(5, 20), channel: "video#5" });
  await settle(() => heard.length === 3);
  await quiet();
  expect(site.server.last.asked("resume").filter(({ positions }) => "all" in positions)).toHaveLength(2);
});

test("where there is never an answer, the app is told to reload, and what comes is told", async () => {
  const client = await site.ready();
  const heard = record(client, "system_message");
  const recoveries = record(client, "recovery");
  site.server.answer = (request) => (request.action === "resume" ? [] : undefined);
  site.server.say("all", system("1"), true);
  site.server.say("all", system("2"));
  for (const attempt of [1, 2, 3]) {
    await settle(() => site.server.last.asked("resume").length === attempt + 1);
    vi.advanceTimersByTime(10_000);
  }
  await settle(() => recoveries.length === 1);
  expect(recoveries).toEqual([{ channel: "all", recovered: false, first: false }]);
  expect(texts(heard)).toEqual(["2"]);
});

// --- videos -------------------------------------------------------------------------------------------

test("a video is subscribed to once, on every socket, and resumed after that", async () => {
  const client = await site.ready();
  const heard = record(client, "transcode_progress");
  const ends = [client.subscribe(5), client.subscribe(5)];
  await settle(() => site.server.last.asked("resume").length === 2);
  expect(site.server.last.asked("subscribe")).toEqual([{ action: "subscribe", video_id: 5 }]);
  expect(site.server.last.asked("resume")[1]?.positions).toEqual({ "video#5": null });
  expect(heard.map((message) => message.progress)).toEqual([10]);
  expect(client.progress(5)?.progress).toBe(10);
  await quiet();
  site.server.last.socket.terminate();
  await site.back(client);
  await settle(() => site.server.last.asked("resume").length === 2);
  expect(site.server.last.asked("resume")[1]?.positions).toEqual({ "video#5": 0 });
  ends[0]?.();
  ends[0]?.();
  await quiet();
  expect(site.server.last.asked("unsubscribe")).toEqual([]);
  ends[1]?.();
  await settle(() => site.server.last.asked("unsubscribe").length === 1);
  site.server.last.socket.terminate();
  await site.back(client);
  await settle(() => site.server.last.asked("resume").length === 1);
  await quiet();
  expect(site.server.last.asked("subscribe")).toEqual([]);
});

test("a video that is not subscribed to any more is forgotten; what was under way is told", async () => {
  const client = await site.ready();
  const heard = record(client, "transcode_complete");
  const recoveries = record(client, "recovery");
  const end = client.subscribe(5);
  await settle(() => recoveries.length === 1);
  end();
  await settle(() => site.server.last.asked("unsubscribe").length === 1);
  site.server.post({ ...complete(5, true), channel: "video#5", seq: 9 });
  await settle(() => heard.length === 1);
  client.subscribe(5);
  await settle(() => site.server.last.asked("subscribe").length === 2);
  await quiet();
  const asked = site.server.last
    .asked("resume")
    .slice(1)
    .map(({ positions }) => positions);
  expect(asked).toEqual([{ "video#5": null }, { "video#5": null }]);
});

test("a refused subscription is told with its video, and the others go on", async () => {
  const client = await site.ready();
  const problems = record(client, "problem");
  site.server.answer = (request) =>
    request.action === "subscribe" && request.video_id === 5
      ? [{ type: "error", code: "video_not_found", message: "There is no such video.", action: "subscribe" }]
      : undefined;
  client.subscribe(5);
  client.subscribe(6);
  await settle(() => client.progress(6));
  expect(problems).toEqual([
    { action: "subscribe", code: "video_not_found", message: "There is no such video.", videoId: 5 },
  ]);
});

test("a video that the server lets go is asked for again, and why not is told", async () => {
  const client = await site.ready();
  const problems = record(client, "problem");
  client.subscribe(5);
  await settle(() => client.progress(5));
  site.server.answer = (request) =>
    request.action === "subscribe"
      ? [{ type: "error", code: "video_not_found", message: "There is no such video.", action: "subscribe" }]
      : undefined;
  site.server.last.send({ type: "unsubscribed", video_id: 5, channel: "video#5" });
  await settle(() => problems.length === 1);
  expect(problems).toMatchObject([{ code: "video_not_found", videoId: 5 }]);
});

test("a busy server is asked again", async () => {
  const client = await site.ready();
  site.server.answer = (request) =>
    request.action === "subscribe"
      ? [{ type: "error", code: "table_busy", message: "The tables are busy.", action: "subscribe" }]
      : undefined;
  client.subscribe(5);
  await settle(() => site.server.last.asked("subscribe").length === 1);
  await quiet();
  site.server.answer = () => undefined;
  vi.advanceTimersByTime(10_000);
  await settle(() => client.progress(5));
});

test("requests go one at a time", async () => {
  const client = await site.ready();
  site.server.answer = (request) => (request.action === "subscribe" ? [] : undefined);
  client.subscribe(5);
  client.subscribe(6);
  await settle(() => site.server.last.asked("subscribe").length === 1);
  await quiet();
  expect(site.server.last.asked("subscribe")).toHaveLength(1);
  site.server.answer = () => undefined;
  site.server.post({ ...progress(5, 20), channel: "video#5" });
  await settle(() => site.server.last.asked("subscribe").length === 2);
});

// --- the rest -----------------------------------------------------------------------------------------

test("notifications are marked as read", async () => {
  const client = await site.ready();
  const unread = record(client, "unread");
  expect(await settled(client.markRead(["a", "b"]))).toBe(1);
  expect(await settled(client.markRead("all"))).toBe(0);
  expect(site.server.last.asked("read")).toEqual([
    { action: "read", ids: ["a", "b"] },
    { action: "read", all: true },
  ]);
  expect(unread).toEqual([1, 0]);
});

test("without a socket, or when it is lost, nothing is marked", async () => {
  await expect(site.client({ autoConnect: false }).markRead("all")).rejects.toThrow(RequestError);
  const client = await site.ready();
  site.server.answer = () => [];
  const asked = client.markRead("all");
  await settle(() => site.server.last.asked("read").length === 1);
  site.server.last.socket.terminate();
  await expect(asked).rejects.toMatchObject({ code: "disconnected" });
});

test("the socket is refreshed before it ends, by the server's clock", async () => {
  await site.ready();
  vi.advanceTimersByTime(30_000);
  await settle(() => site.server.last.asked("ping").length === 1);
  await quiet();
  expect(site.server.last.asked("refresh")).toEqual([]);
  site.server.leftS = 119;
  vi.advanceTimersByTime(30_000);
  await settle(() => site.server.last.asked("refresh").length === 1);
  expect(site.server.last.asked("refresh")).toEqual([{ action: "refresh", token: "ticket-2" }]);
  expect(site.server.connections).toHaveLength(1);
});

test("a refresh for which there is no ticket is tried again", async () => {
  const ticket = vi.fn(async () => "ticket");
  await site.ready({ ticket });
  site.server.leftS = 119;
  ticket.mockReturnValueOnce(new Promise(() => {}));
  vi.advanceTimersByTime(30_000);
  await settle(() => ticket.mock.calls.length === 2);
  vi.advanceTimersByTime(30_000);
  await settle(() => site.server.last.asked("refresh").length === 1);
});

test("a refresh whose socket was lost does not stand in the way of the next one", async () => {
  let give: (ticket: string) => void = () => {};
  const ticket = vi.fn(async () => "ticket");
  const client = await site.ready({ ticket });
  site.server.leftS = 119;
  ticket.mockReturnValueOnce(
    new Promise((resolve) => {
      give = resolve;
    }),
  );
  vi.advanceTimersByTime(30_000);
  await settle(() => ticket.mock.calls.length === 2);
  site.server.last.socket.terminate();
  await settle(() => client.state.name === "waiting");
  give("late");
  await quiet();
  site.server.leftS = 3600;
  await site.back(client);
  await settle(() => site.server.last.asked("resume").length === 1);
  expect(site.server.last.asked("refresh")).toEqual([]);
});

test("errors of the server are told; what is no message of ours is ignored", async () => {
  const client = await site.ready();
  const problems = record(client, "problem");
  for (const text of ["", "[]", "null", '{"type":"news_of_next_year"}']) site.server.last.socket.send(text);
  site.server.last.socket.send(Buffer.from([1, 2, 3]));
  site.server.post({ type: "error", code: "rate_limited", message: "Slowly.", action: null });
  await settle(() => problems.length === 1);
  expect(problems).toEqual([{ action: null, code: "rate_limited", message: "Slowly." }]);
  expect(client.state.name).toBe("open");
});

/** What a promise gives, while timers that are due now go on. */
async function settled<Value>(promise: Promise<Value>): Promise<Value> {
  let done = false;
  promise.finally(() => {
    done = true;
  });
  await settle(() => done);
  return promise;
}
