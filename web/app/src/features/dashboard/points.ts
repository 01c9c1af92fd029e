import type { Metric, Statistics } from "./queries.ts";

/** One step of the time axis; each line's amount under its key. */
export type Point = { atMs: number } & Record<string, number>;

/** Metrics side by side, each times a factor: seconds become minutes, what was deleted goes down. */
export function pointsOf(
  { series }: Statistics,
  metrics: readonly { metric: Metric; factor?: number }[],
): Point[] {
  const [first] = metrics;
  const steps = (first && series[first.metric]) ?? [];
  return steps.map(({ starts_at }, index) => {
    const point: Point = { atMs: Date.parse(starts_at) };
    for (const { metric, factor = 1 } of metrics) {
      point[metric] = (series[metric]?.[index]?.amount ?? 0) * factor;
    }
    return point;
  });
}

/** All steps of a metric together. */
export function totalOf({ series }: Statistics, metric: Metric): number {
  return (series[metric] ?? []).reduce((sum, { amount }) => sum + amount, 0);
}
