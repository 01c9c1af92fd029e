import type { Schema } from "../../api/client.ts";

export type Task = Schema<"JobTask">;

/** A task on the time axis; 0 is its beginning, 1 its end. */
export interface Bar {
  task: Task;
  from: number;
  to: number;
}

export interface Lanes {
  group: string;
  /** Bars of one lane do not overlap. */
  lanes: Bar[][];
  /** Of the group: how many there are, are done, and have not begun. */
  total: number;
  done: number;
  waiting: number;
  cpuS: number;
  usd: number;
}

export interface Timeline {
  startMs: number;
  endMs: number;
  groups: Lanes[];
}

/** In the order in which they are begun. */
const GROUPS = ["h264", "av1", "audio", "loudness", "image", "previews", "subtitles"];

/** The tasks of a transcode over time: by group, each in the first lane that is free then. */
export function layOut(tasks: readonly Task[], nowMs: number): Timeline | null {
  if (!tasks.length) return null;
  const begun = tasks.filter((task) => task.started_at_ms !== null);
  const startMs = Math.min(nowMs, ...begun.map((task) => task.started_at_ms as number));
  const endMs = Math.max(startMs + 1, ...begun.map((task) => endOf(task, nowMs)));
  const names = [...new Set(tasks.map((task) => task.group))].sort((a, b) => rank(a) - rank(b));
  return { startMs, endMs, groups: names.map(lanesOf) };

  function lanesOf(group: string): Lanes {
    const own = tasks.filter((task) => task.group === group);
    const lanes: Bar[][] = [];
    const bars = own
      .filter((task) => task.started_at_ms !== null)
      .sort((a, b) => (a.started_at_ms as number) - (b.started_at_ms as number))
      .map((task) => ({
        task,
        from: ((task.started_at_ms as number) - startMs) / (endMs - startMs),
        to: (endOf(task, nowMs) - startMs) / (endMs - startMs),
      }));
    for (const bar of bars) {
      const free = lanes.find((lane) => (lane.at(-1) as Bar).to <= bar.from);
      if (free) free.push(bar);
      else lanes.push([bar]);
    }
    return {
      group,
      lanes,
      total: own.length,
      done: own.filter((task) => task.status === "done").length,
      waiting: own.filter((task) => task.status === "pending" || task.status === "queued").length,
      cpuS: sum(own.map((task) => task.cpu_s)),
      usd: sum(own.map((task) => task.cost_usd)),
    };
  }
}

/** A task that is under way ends now; one whose worker was killed is not drawn longer than it can be known. */
function endOf(task: Task, nowMs: number): number {
  const start = task.started_at_ms as number;
  if (task.ended_at_ms !== null) return Math.max(start, task.ended_at_ms);
  return task.status === "running" ? Math.max(start, nowMs) : start;
}

function rank(group: string): number {
  const index = GROUPS.indexOf(group);
  return index < 0 ? GROUPS.length : index;
}

function sum(values: (number | null)[]): number {
  return values.reduce<number>((total, value) => total + (value ?? 0), 0);
}
