import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { api, ask, type Schema } from "../../api/client.ts";
import { defined } from "../../ui/useAddress.ts";

export type Entry = Schema<"AuditEntry">;

/** What the log is asked for; it is in the address. Days are the reader's. */
export interface Filters {
  actor: string;
  target: string;
  action: string;
  from: string;
  to: string;
}

const PAGE = 50;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The filters of an address. */
export function filtersOf(parameters: URLSearchParams): Filters {
  const day = (name: string) => {
    const text = parameters.get(name) ?? "";
    return DAY.test(text) && !Number.isNaN(Date.parse(text)) ? text : "";
  };
  return {
    actor: parameters.get("actor") ?? "",
    target: parameters.get("target") ?? "",
    action: parameters.get("action") ?? "",
    from: day("from"),
    to: day("to"),
  };
}

/** When a day of the reader's begins, or the one after it. */
export function beginningOf(day: string, later = 0): string | undefined {
  if (!day) return undefined;
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, date + later).toISOString();
}

/** Who did what, newest first, in pages. */
export function useAudit({ actor, target, action, from, to }: Filters) {
  return useInfiniteQuery({
    queryKey: ["audit", { actor, target, action, from, to }],
    queryFn: ({ pageParam, signal }) => {
      const query = defined({
        actor_id: actor,
        target,
        action,
        since: beginningOf(from),
        until: beginningOf(to, 1),
        limit: PAGE,
        cursor: pageParam,
      });
      return ask(api.GET("/api/v1/admin/audit", { params: { query }, signal }));
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}
