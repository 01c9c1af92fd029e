import { type Column, type Job, STATES } from "./useJobs.ts";

const ORDER: readonly string[] = STATES;

const VALUES: Record<Column, (job: Job) => number | string> = {
  title: (job) => job.title,
  status: (job) => (job.waiting ? 0 : ORDER.indexOf(job.status)),
  progress: (job) => job.progress,
  duration: (job) => job.duration_s ?? -1,
  cost: (job) => job.cost_usd ?? -1,
  created: (job) => Date.parse(job.created_at),
};

/** Transcodes by a column; without one as they came. */
export function sorted(jobs: readonly Job[], by: Column | undefined, descending: boolean, language: string) {
  if (!by) return [...jobs];
  const value = VALUES[by];
  const texts = new Intl.Collator(language, { numeric: true, sensitivity: "base" });
  const sign = descending ? -1 : 1;
  return jobs.toSorted((one, other) => {
    const [a, b] = [value(one), value(other)];
    return sign * (typeof a === "string" ? texts.compare(a, String(b)) : a - Number(b));
  });
}
