import { type InfiniteData, type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Message } from "../../socket/useWebSocket.ts";
import { useSocket } from "../../socket/WebSocketContext.tsx";
import { hasEnded } from "../transcode/status.ts";
import type { Job, JobPage } from "./useJobs.ts";

type Pages = InfiniteData<JobPage>;

/** What messages do not tell is read so long after one; many that come together cost one reading. */
const READ_AFTER_MS = 1500;

/** A transcode as a message says that it stands now; the same one if the message is older, or of another. */
export function withMessage(job: Job, message: Message): Job {
  if (message.type === "system_message" || message.video_id !== job.video_id) return job;
  if (message.generation !== job.generation || message.run < job.run) return job;
  if (message.type === "transcode_failed") {
    const error = { code: message.code, message: message.error };
    return { ...job, run: message.run, status: "failed", waiting: false, error };
  }
  if (message.type === "transcode_complete") {
    return message.final
      ? { ...job, run: message.run, status: "completed", progress: 100, error: null }
      : job;
  }
  const sameRun = message.run === job.run;
  if (sameRun && (hasEnded(job.status) || message.progress < job.progress)) return job;
  return {
    ...job,
    run: message.run,
    status: message.status,
    progress: message.progress,
    waiting: job.waiting && message.progress === 0,
    error: message.error as Job["error"],
    updated_at: message.timestamp,
  };
}

/**
 * Puts a message into the lists that were read. Returns whether they have to be read anew: after an end, and for the
 * first message of a run that is in no list, since filters may keep it out of them for good.
 *
 * @param strangers runs that were in no list, which grows
 */
export function pushIntoJobs(queries: QueryClient, message: Message, strangers: Set<string>): boolean {
  if (message.type === "system_message") return false;
  let known = false;
  queries.setQueriesData<Pages>({ queryKey: ["jobs", "list"] }, (data) => {
    if (!data) return data;
    const pages = data.pages.map((page) => ({
      ...page,
      jobs: page.jobs.map((job) => {
        known ||= job.video_id === message.video_id && job.generation === message.generation;
        return withMessage(job, message);
      }),
    }));
    return known ? { ...data, pages } : data;
  });
  if (message.type !== "transcode_progress" || hasEnded(message.status)) return true;
  if (known) return false;
  const before = strangers.size;
  return strangers.add(`${message.video_id}.${message.generation}.${message.run}`).size > before;
}

/** Keeps the lists as the socket says that things stand. */
export function useLiveJobs(): void {
  const { listen } = useSocket();
  const queries = useQueryClient();
  useEffect(() => {
    const strangers = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = listen((message) => {
      if (!pushIntoJobs(queries, message, strangers)) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        void queries.invalidateQueries({ queryKey: ["jobs"] });
      }, READ_AFTER_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [listen, queries]);
}
