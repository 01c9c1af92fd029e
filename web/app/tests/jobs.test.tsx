import { QueryClient } from "@tanstack/react-query";
import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import type { TranscodeProgress } from "@videosite/realtime";
import { expect, test, vi } from "vitest";
import { forEach } from "../src/features/jobs/bulk.ts";
import { Jobs } from "../src/features/jobs/Jobs.tsx";
import { pushIntoJobs, withMessage } from "../src/features/jobs/live.ts";
import { sorted } from "../src/features/jobs/sorted.ts";
import { layOut, type Task } from "../src/features/jobs/timeline.ts";
import { filtersOf, type Job } from "../src/features/jobs/useJobs.ts";
import { type Answers, draw, Refusal } from "./staff/draw.tsx";

vi.mock("../src/auth/AuthContext.tsx", () => import("./staff/auth.ts"));
vi.mock("../src/socket/WebSocketContext.tsx", () => import("./staff/socket.ts"));

const STAFF = ["videos.read_any", "videos.manage_any", "sockets.admin"];
const SUMMARY = {
  waiting: 1,
  processing: 2,
  completed: 30,
  failed: 4,
  cancelled: 0,
  since: "2026-03-01T00:00:00Z",
};

function job(what: Partial<Job> = {}): Job {
  return {
    video_id: 1,
    generation: 1,
    run: 1,
    title: "Clip",
    owner_id: "ada",
    status: "processing",
    waiting: false,
    progress: 40,
    codecs: ["h264"],
    ladder: "standard",
    priority: "normal",
    tasks_done: 1,
    tasks_total: 4,
    duration_s: 60,
    cost_usd: null,
    error: null,
    created_at: "2026-03-01T10:00:00Z",
    updated_at: "2026-03-01T10:01:00Z",
    finished_at: null,
    ...what,
  };
}

function told(what: Partial<TranscodeProgress> = {}): TranscodeProgress {
  return {
    type: "transcode_progress",
    id: "1",
    video_id: 1,
    generation: 1,
    run: 1,
    status: "processing",
    progress: 55,
    message: "",
    code: "transcoding",
    params: {},
    text: {},
    error: null,
    renditions: [],
    timestamp: "2026-03-01T10:02:00Z",
    channel: "admin",
    ...what,
  };
}

function task(what: Partial<Task> = {}): Task {
  return {
    task_id: "h264#000000",
    group: "h264",
    first: 0,
    end: 4,
    status: "done",
    attempt: 1,
    claims: 1,
    error: null,
    started_at_ms: 1000,
    ended_at_ms: 3000,
    cpu_s: 2,
    cost_usd: 0.001,
    size_bytes: 10,
    ...what,
  };
}

const TWO: Answers = {
  "GET /admin/jobs": {
    jobs: [
      job(),
      job({ video_id: 2, title: "Broken", status: "failed", error: { code: "x", message: "It broke." } }),
    ],
    next_cursor: null,
  },
  "GET /admin/jobs/summary": SUMMARY,
};

test("the address says what is asked for; what is not known is left out", () => {
  const filters = filtersOf(
    new URLSearchParams("q=sea&state=failed&type=vp9&within=week&sort=cost&order=descending"),
  );
  expect(filters).toMatchObject({
    q: "sea",
    state: "failed",
    within: "week",
    sort: "cost",
    descending: true,
  });
  expect(filters.type).toBeUndefined();
});

test("a message moves its row forwards, a new run anew, and nothing else", () => {
  expect(withMessage(job(), told()).progress).toBe(55);
  expect(withMessage(job({ progress: 60 }), told()).progress).toBe(60);
  expect(withMessage(job({ progress: 60 }), told({ run: 2, progress: 3 }))).toMatchObject({
    run: 2,
    progress: 3,
  });
  expect(withMessage(job({ status: "completed" }), told()).status).toBe("completed");
  const other = job({ video_id: 2 });
  expect(withMessage(other, told())).toBe(other);
  const older = job({ generation: 2 });
  expect(withMessage(older, told())).toBe(older);
});

test("a run that filters keep out of the list has it read anew once, and with its end", () => {
  const strangers = new Set<string>();
  const reread = (what: Partial<TranscodeProgress>) => pushIntoJobs(new QueryClient(), told(what), strangers);
  expect(reread({})).toBe(true);
  expect(reread({ progress: 56 })).toBe(false);
  expect(reread({ progress: 57 })).toBe(false);
  expect(reread({ run: 2, progress: 1 })).toBe(true);
  expect(reread({ run: 2, status: "failed" })).toBe(true);
});

test("rows are sorted by a column, either way", () => {
  const rows = [job({ title: "clip 10", cost_usd: 0.2 }), job({ title: "Clip 9", cost_usd: null })];
  expect(sorted(rows, "title", false, "en").map((one) => one.title)).toEqual(["Clip 9", "clip 10"]);
  expect(sorted(rows, "cost", true, "en")[0]?.cost_usd).toBe(0.2);
  expect(sorted(rows, undefined, false, "en")).toEqual(rows);
});

test("tasks that overlap are in lanes of their own", () => {
  const timeline = layOut(
    [
      task(),
      task({ task_id: "h264#000004", started_at_ms: 2000, ended_at_ms: 4000 }),
      task({ task_id: "h264#000008", started_at_ms: 3000, ended_at_ms: null, status: "running" }),
      task({ task_id: "av1#000000", group: "av1", status: "queued", started_at_ms: null, ended_at_ms: null }),
    ],
    5000,
  );
  expect(timeline).toMatchObject({ startMs: 1000, endMs: 5000 });
  const [h264, av1] = timeline?.groups ?? [];
  expect(h264?.lanes.map((lane) => lane.map(({ from, to }) => [from, to]))).toEqual([
    [
      [0, 0.5],
      [0.5, 1],
    ],
    [[0.25, 0.75]],
  ]);
  expect(h264).toMatchObject({ done: 2, total: 3, cpuS: 6 });
  expect(av1).toMatchObject({ lanes: [], waiting: 1 });
  expect(layOut([], 0)).toBeNull();
});

test("of many, a few are asked at once, and one failure stops nobody else", async () => {
  let [now, most] = [0, 0];
  const outcome = await forEach([1, 2, 3, 4, 5, 6], async (number) => {
    now += 1;
    most = Math.max(most, now);
    await Promise.resolve();
    now -= 1;
    if (number % 2 === 0) throw new Error("even");
  });
  expect(outcome).toMatchObject({ done: 3, failures: [{ count: 3 }] });
  expect(most).toBe(4);
});

test("rows move with the socket, and the tiles count", async () => {
  const drawn = await draw(<Jobs />, { answers: TWO, permissions: STAFF });
  const row = () => screen.getByText("Clip").closest("tr") as HTMLElement;
  await screen.findByText("Clip");
  expect(within(row()).getByText("40%")).toBeTruthy();
  act(() => drawn.say(told()));
  await waitFor(() => expect(within(row()).getByText("55%")).toBeTruthy());
  expect(screen.getByRole("button", { name: "Under way 3" })).toBeTruthy();
  expect(screen.getByTestId("updated").textContent).toMatch(/^Updated (now|\d seconds? ago)$/);
});

test("a tile leads to those that it counts, in the address", async () => {
  const drawn = await draw(<Jobs />, { answers: TWO, permissions: STAFF, at: "/admin/jobs" });
  fireEvent.click(await screen.findByRole("button", { name: "Failed, 24 h 4" }));
  await waitFor(() => expect(drawn.address()).toBe("/admin/jobs?state=failed&within=day"));
  await waitFor(() => expect(drawn.asked.at(-1)).toMatch(/state=failed&since=.*limit=50/));
  fireEvent.click(screen.getByRole("button", { name: "Failed, 24 h 4" }));
  await waitFor(() => expect(drawn.address()).toBe("/admin/jobs"));
});

test("those chosen are retried after a question, and what was refused is told", async () => {
  const drawn = await draw(<Jobs />, {
    answers: { ...TWO, "POST /videos/2/retry": new Refusal(409, "not_failed") },
    permissions: STAFF,
  });
  fireEvent.click(await screen.findByRole("checkbox", { name: "Choose all" }));
  expect(screen.getByText("2 chosen")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: /Retry 1/ }));
  expect(drawn.asked).not.toContain("POST /videos/2/retry");
  const question = await screen.findByRole("tooltip");
  fireEvent.click(within(question).getByRole("button", { name: "Retry 1" }));
  await screen.findByText("1 not: This transcode has not failed.");
  expect(drawn.asked).toContain("POST /videos/2/retry");
  expect(drawn.asked.filter((one) => one.startsWith("POST"))).toHaveLength(1);
});

test("the outcome is told though the rows leave the list with it", async () => {
  let retried = false;
  await draw(<Jobs />, {
    answers: {
      ...TWO,
      "GET /admin/jobs": () => (retried ? { jobs: [], next_cursor: null } : TWO["GET /admin/jobs"]),
      // Slower than the list, which takes the bar away.
      "GET /admin/jobs/summary": () => (retried ? new Promise(() => {}) : SUMMARY),
      "POST /videos/2/retry": () => {
        retried = true;
        return {};
      },
    },
    permissions: STAFF,
  });
  fireEvent.click(await screen.findByRole("checkbox", { name: "Choose all" }));
  fireEvent.click(screen.getByRole("button", { name: /Retry 1/ }));
  const question = await screen.findByRole("tooltip");
  fireEvent.click(within(question).getByRole("button", { name: "Retry 1" }));
  await screen.findByText("1 transcode goes on");
});

test("behind a row are its tasks over time, and those that went wrong", async () => {
  const tasks = [
    task({ attempt: 2, error: { code: "worker_crashed", message: "" } }),
    task({ task_id: "h264#000004", first: 4, end: 8 }),
  ];
  await draw(<Jobs />, {
    answers: { ...TWO, "GET /admin/jobs/1/1": { job: job(), started_at: null, tasks } },
    permissions: STAFF,
  });
  fireEvent.click(await screen.findByRole("button", { name: "Details of Clip" }));
  await screen.findByText("2 of 2 done");
  expect(document.querySelectorAll(".timeline-bar")).toHaveLength(2);
  expect(screen.getByText("The transcode stopped without a reason. Retrying may help.")).toBeTruthy();
  expect(screen.queryByText("h264#000004")).toBeNull();
  fireEvent.click(screen.getByRole("button", { name: "Show all tasks" }));
  expect(screen.getByText("h264#000004")).toBeTruthy();
});

test("without a transcode it says so; without an answer, why, and how to try again", async () => {
  const answers: Answers = {
    "GET /admin/jobs": { jobs: [], next_cursor: null },
    "GET /admin/jobs/summary": SUMMARY,
  };
  const drawn = await draw(<Jobs />, { answers, permissions: ["videos.read_any"] });
  await screen.findByText("Nothing has been transcoded yet.");
  answers["GET /admin/jobs"] = new Refusal(503, "table_busy");
  fireEvent.click(screen.getByRole("button", { name: "Refresh" }));
  await waitFor(() =>
    expect(drawn.asked.filter((one) => one.startsWith("GET /admin/jobs?"))).toHaveLength(2),
  );
  // What was read stays.
  expect(screen.getByText("Nothing has been transcoded yet.")).toBeTruthy();
});
