import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask, type Schema } from "../../api/client.ts";

export type Announcement = Schema<"SystemMessage">;
export type NewAnnouncement = Schema<"NewSystemMessage">;
export type Stage = "scheduled" | "valid" | "past";

const KEY = ["announcements"];

/** Whether a message is to come, is valid, or was. */
export function stageOf({ starts_at, expires_at }: Announcement, nowMs: number): Stage {
  if (nowMs < Date.parse(starts_at)) return "scheduled";
  return nowMs < Date.parse(expires_at) ? "valid" : "past";
}

/** A time as the browser's field has it, in the reader's zone → as the API takes it; nothing if left out. */
export function momentOf(local: string | undefined): string | undefined {
  return local ? new Date(local).toISOString() : undefined;
}

/** System messages to come, valid and past, newest first. */
export function useAnnouncements() {
  return useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => ask(api.GET("/api/v1/admin/system-messages", { signal })),
  });
}

/** Says something; said once, however often it is tried with the same key. */
export function useAnnounce(key: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: NewAnnouncement) =>
      ask(
        api.POST("/api/v1/admin/system-messages", {
          params: { header: { "Idempotency-Key": key } },
          body,
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}

/** Takes a message back. */
export function useWithdraw() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: number) =>
      ask(api.DELETE("/api/v1/admin/system-messages/{message_id}", { params: { path: { message_id: id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}
