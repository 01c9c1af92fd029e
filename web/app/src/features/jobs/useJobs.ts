import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, ask, type Schema } from "../../api/client.ts";
import { useAuth } from "../../auth/AuthContext.tsx";
import { useSocket } from "../../socket/WebSocketContext.tsx";
import { readPage } from "../../ui/pages.ts";
import { defined, oneOf, useAddress } from "../../ui/useAddress.ts";

export type Job = Schema<"Job">;
export type JobPage = Schema<"JobPage">;

export const STATES = ["waiting", "processing", "completed", "failed", "cancelled"] as const;
export type State = (typeof STATES)[number];
export const CODECS = ["h264", "av1"] as const;
/** How far back; days. */
export const SPANS = { day: 1, week: 7, month: 30 } as const;
export type Span = keyof typeof SPANS;
export const COLUMNS = ["title", "status", "progress", "duration", "cost", "created"] as const;
export type Column = (typeof COLUMNS)[number];

/** What the list is asked for, and how it is sorted. It is in the address. */
export interface Filters {
  q: string;
  state: State | undefined;
  type: (typeof CODECS)[number] | undefined;
  owner: string | undefined;
  within: Span | undefined;
  sort: Column | undefined;
  descending: boolean;
}

const PAGE = 50;
const DAY_MS = 86_400_000;
/** Between two questions while messages come, and while they do not. */
const LIVE_MS = 60_000;
const ASKING_MS = 10_000;

/** The filters of an address. What is not known is left out. */
export function filtersOf(parameters: URLSearchParams): Filters {
  return {
    q: parameters.get("q") ?? "",
    state: oneOf(STATES, parameters.get("state")),
    type: oneOf(CODECS, parameters.get("type")),
    owner: parameters.get("owner") ?? undefined,
    within: oneOf(Object.keys(SPANS) as Span[], parameters.get("within")),
    sort: oneOf(COLUMNS, parameters.get("sort")),
    descending: parameters.get("order") === "descending",
  };
}

/** The filters in the address, and how to change them. */
export function useFilters() {
  const [parameters, change] = useAddress();
  return [useMemo(() => filtersOf(parameters), [parameters]), change] as const;
}

/** Whether changes of all transcodes are told by the socket: staff who are no admins hear of their own only. */
export function useLive(): boolean {
  const { can } = useAuth();
  const { state } = useSocket();
  return state.name === "open" && can("sockets.admin");
}

/** Transcodes, in pages, newest first. */
export function useJobs({ sort: _, descending: __, within, ...wanted }: Filters) {
  const live = useLive();
  return useInfiniteQuery({
    queryKey: ["jobs", "list", { ...wanted, within }],
    queryFn: (context) =>
      readPage(context, {
        read: (cursor): Promise<JobPage> => {
          const since = within && new Date(Date.now() - SPANS[within] * DAY_MS).toISOString();
          const query = defined({ ...wanted, since, limit: PAGE, cursor });
          return ask(api.GET("/api/v1/admin/jobs", { params: { query }, signal: context.signal }));
        },
        itemsOf: (page) => page.jobs,
        idOf: (job) => `${job.video_id}.${job.generation}`,
        make: (page, jobs, next_cursor) => ({ ...page, jobs, next_cursor }),
      }),
    refetchOnWindowFocus: false,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: live ? LIVE_MS : ASKING_MS,
    placeholderData: keepPreviousData,
  });
}

/** How many stand how. */
export function useSummary(enabled = true) {
  const live = useLive();
  return useQuery({
    queryKey: ["jobs", "summary"],
    queryFn: ({ signal }) => ask(api.GET("/api/v1/admin/jobs/summary", { signal })),
    refetchInterval: live ? LIVE_MS : ASKING_MS,
    enabled,
  });
}

/** One transcode with its tasks, asked for while it runs. */
export function useJob(job: Job) {
  const path = { video_id: job.video_id, generation: job.generation };
  return useQuery({
    queryKey: ["jobs", "one", job.video_id, job.generation],
    queryFn: ({ signal }) =>
      ask(api.GET("/api/v1/admin/jobs/{video_id}/{generation}", { params: { path }, signal })),
    refetchInterval: ({ state: { data } }) => (data?.job.status === "processing" ? 3000 : false),
  });
}
