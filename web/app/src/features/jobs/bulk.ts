import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ProblemError } from "@videosite/api";
import { api, ask } from "../../api/client.ts";
import type { Job } from "./useJobs.ts";

export type Action = "retry" | "cancel";

/** So many are asked at once: the API has limits, and others want answers, too. */
const AT_ONCE = 4;

/** What came of it: how many were done, and the failures, by how often each came. */
export interface Outcome {
  done: number;
  failures: { error: Error; count: number }[];
}

/** Whether a transcode can be retried, or cancelled. */
export function allows(action: Action, job: Job): boolean {
  return action === "cancel"
    ? job.status === "processing" || job.status === "pending"
    : job.status === "failed" || job.status === "cancelled";
}

/** Does something to each of some, a few at once; failures of one keep nobody else from it. */
export async function forEach<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<unknown>,
): Promise<Outcome> {
  const rest = [...items];
  const outcome: Outcome = { done: 0, failures: [] };
  const worker = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) {
      try {
        await work(item);
        outcome.done += 1;
      } catch (error) {
        note(outcome, error as Error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
  return outcome;
}

function note(outcome: Outcome, error: Error): void {
  const code = error instanceof ProblemError ? error.code : error.message;
  const same = outcome.failures.find(
    (one) => (one.error instanceof ProblemError ? one.error.code : one.error.message) === code,
  );
  if (same) same.count += 1;
  else outcome.failures.push({ error, count: 1 });
}

/** Retries or cancels some transcodes. */
export function useBulk() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ action, jobs }: { action: Action; jobs: readonly Job[] }) =>
      forEach(jobs, (job) => {
        const params = { path: { video_id: job.video_id } };
        return action === "cancel"
          ? ask(api.POST("/api/v1/videos/{video_id}/cancel", { params }))
          : ask(api.POST("/api/v1/videos/{video_id}/retry", { params }));
      }),
    // Not waited for: without the rows the bar that tells the outcome is gone.
    onSettled: () => void queries.invalidateQueries({ queryKey: ["jobs"] }),
  });
}
