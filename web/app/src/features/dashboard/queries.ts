import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, ask, type Schema } from "../../api/client.ts";

export type Statistics = Schema<"Statistics">;
export type Metric = keyof Statistics["series"];
export type SocketStats = Schema<"SocketStats">;

/** What is looked back over: in hours, or in days. */
export const SPANS = {
  day: { step: "hour", count: 24 },
  week: { step: "day", count: 7 },
  month: { step: "day", count: 30 },
  quarter: { step: "day", count: 90 },
} as const;
export type Span = keyof typeof SPANS;

export const METRICS = [
  "transcodes",
  "transcodes_failed",
  "transcoded_s",
  "uploaded_bytes",
  "published_bytes",
  "deleted_bytes",
  "uploads",
  "plays",
  "views",
] as const satisfies readonly Metric[];

const STEP_MS = { hour: 3_600_000, day: 86_400_000 };
const ASKING_MS = 60_000;
const SOCKETS_MS = 10_000;
/** Half an hour of them. */
const MOST_SAMPLES = 180;

/** What there was, per hour or day, up to now. */
export function useStatistics(span: Span) {
  return useQuery({
    queryKey: ["statistics", span],
    queryFn: ({ signal }) => {
      const { step, count } = SPANS[span];
      const since = new Date(Date.now() - (count - 1) * STEP_MS[step]).toISOString();
      return ask(
        api.GET("/api/v1/admin/statistics", {
          params: { query: { metric: [...METRICS], step, since } },
          signal,
        }),
      );
    },
    refetchInterval: ASKING_MS,
  });
}

/** Whether the API answers. */
export function useHealth() {
  return useQuery({
    queryKey: ["health"],
    queryFn: ({ signal }) => ask(api.GET("/api/v1/health", { signal })),
    refetchInterval: ASKING_MS,
    retry: false,
  });
}

export interface Sample {
  atMs: number;
  users: number;
  sockets: number;
}

/** The samples with one more; the oldest go. */
export function withSample(samples: readonly Sample[], stats: SocketStats, atMs: number): Sample[] {
  if (samples.at(-1)?.atMs === atMs) return [...samples];
  const next = { atMs, users: stats.total_users, sockets: stats.total_connections };
  return [...samples, next].slice(-MOST_SAMPLES);
}

/** How many sockets there are, and were since somebody looks: the API keeps no history of them. */
export function useSockets() {
  const query = useQuery({
    queryKey: ["sockets"],
    queryFn: ({ signal }) => ask(api.GET("/api/v1/ws/stats", { signal })),
    refetchInterval: SOCKETS_MS,
  });
  const { data, dataUpdatedAt } = query;
  const [samples, setSamples] = useState<Sample[]>([]);
  useEffect(() => {
    if (data) setSamples((before) => withSample(before, data, dataUpdatedAt));
  }, [data, dataUpdatedAt]);
  return { ...query, samples };
}
