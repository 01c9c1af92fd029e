import { Skeleton } from "antd";
import { lazy, Suspense } from "react";
import type { Series } from "./Chart.tsx";
import type { Point } from "./points.ts";

const Chart = lazy(() => import("./Chart.tsx"));

interface Props {
  title: string;
  /** What is in it, in words. */
  summary: string;
  kind: "bars" | "lines";
  /** Undefined: not read yet. */
  points: Point[] | undefined;
  lines: readonly Series[];
  time: (atMs: number) => string;
  amount: (value: number) => string;
}

/** A chart with its title, and what it says in words for those who do not see it. */
export function Figure({ title, summary, points, ...rest }: Props) {
  return (
    <figure className="card chart">
      <figcaption>
        <h2>{title}</h2>
        <p className="muted">{summary}</p>
      </figcaption>
      <div className="chart-body" aria-hidden>
        {points ? (
          <Suspense fallback={<Skeleton active title={false} paragraph={{ rows: 4 }} />}>
            <Chart points={points} {...rest} />
          </Suspense>
        ) : (
          <Skeleton active title={false} paragraph={{ rows: 4 }} />
        )}
      </div>
    </figure>
  );
}
