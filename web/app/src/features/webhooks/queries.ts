import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask, type Schema } from "../../api/client.ts";
import { useAuth } from "../../auth/AuthContext.tsx";
import { defined } from "../../ui/useAddress.ts";

export type Webhook = Schema<"Webhook">;
export type Delivery = Schema<"Delivery">;
export type NewWebhook = Schema<"NewWebhook">;
export type Scope = Webhook["scope"];
export type Status = Delivery["status"];

export const EVENTS = [
  "transcode_complete",
  "transcode_failed",
  "transcode_cancelled",
  "system_message",
] as const;
export const STATUSES = ["pending", "delivered", "failed"] as const;

const PAGE = 20;
const WEEK_MS = 604_800_000;
/** While something is on its way, its end is asked for. */
const PENDING_MS = 3000;

/** One's own webhooks; for those who may, everybody's too. */
export function useWebhooks() {
  const { can } = useAuth();
  const global = can("webhooks.manage_global");
  return useQuery({
    queryKey: ["webhooks", global],
    queryFn: async ({ signal }) => {
      const [own, everybodys] = await Promise.all([
        ask(api.GET("/api/v1/webhooks", { signal })),
        global ? ask(api.GET("/api/v1/admin/webhooks", { signal })) : { webhooks: [] },
      ]);
      return [...everybodys.webhooks, ...own.webhooks];
    },
  });
}

/** Something that changes webhooks; the list is read anew after it. */
function useChange<Input, Result>(work: (input: Input) => Promise<Result>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: work,
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ["webhooks"] });
      void queries.invalidateQueries({ queryKey: ["deliveries"] });
    },
  });
}

export function useCreate() {
  return useChange(({ scope, ...body }: NewWebhook & { scope: Scope }) =>
    scope === "global"
      ? ask(api.POST("/api/v1/admin/webhooks", { body }))
      : ask(api.POST("/api/v1/webhooks", { body })),
  );
}

export function useEdit(id: string) {
  return useChange((body: Schema<"WebhookChange">) =>
    ask(api.PATCH("/api/v1/webhooks/{webhook_id}", { params: { path: { webhook_id: id } }, body })),
  );
}

export function useRemove(id: string) {
  return useChange(() =>
    ask(api.DELETE("/api/v1/webhooks/{webhook_id}", { params: { path: { webhook_id: id } } })),
  );
}

export function useRotate(id: string) {
  return useChange(() =>
    ask(api.POST("/api/v1/webhooks/{webhook_id}/secret", { params: { path: { webhook_id: id } } })),
  );
}

export function useTest(id: string) {
  return useChange(() =>
    ask(api.POST("/api/v1/webhooks/{webhook_id}/test", { params: { path: { webhook_id: id } } })),
  );
}

/** What was posted in the last seven days, newest first. */
export function useDeliveries(id: string, status: Status | undefined) {
  return useInfiniteQuery({
    queryKey: ["deliveries", id, status ?? ""],
    queryFn: ({ pageParam, signal }) =>
      ask(
        api.GET("/api/v1/webhooks/{webhook_id}/deliveries", {
          params: { path: { webhook_id: id }, query: defined({ status, limit: PAGE, cursor: pageParam }) },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: ({ state: { data } }) =>
      data?.pages.some((page) => page.deliveries.some((one) => one.status === "pending")) && PENDING_MS,
  });
}

/** What exactly is posted. */
export function useBody(id: string, messageId: string) {
  return useQuery({
    queryKey: ["deliveries", id, "body", messageId],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/v1/webhooks/{webhook_id}/deliveries/{message_id}", {
          params: { path: { webhook_id: id, message_id: messageId } },
          signal,
        }),
      ).then((delivery) => delivery.body),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function useReplay(id: string) {
  return useChange((messageId: string) =>
    ask(
      api.POST("/api/v1/webhooks/{webhook_id}/deliveries/{message_id}/replay", {
        params: { path: { webhook_id: id, message_id: messageId } },
      }),
    ),
  );
}

/** Posts everything of the week again that failed, a hundred at a time. Gives how many there were. */
export function useReplayFailed(id: string) {
  return useChange(async () => {
    const since = new Date(Date.now() - WEEK_MS).toISOString();
    let total = 0;
    for (let more = true; more; ) {
      const done = await ask(
        api.POST("/api/v1/webhooks/{webhook_id}/replay-failed", {
          params: { path: { webhook_id: id } },
          body: { since },
        }),
      );
      total += done.replayed;
      more = done.more;
    }
    return total;
  });
}
