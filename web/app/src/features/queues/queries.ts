import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask, type Schema } from "../../api/client.ts";

export type Depth = Schema<"Depth">;
export type Letter = Schema<"Letter">;

/** Between two questions. */
const ASKING_MS = 15_000;
const MOST_SHOWN = 100;

/** How much waits in each queue, and how many dead letters there are. */
export function useQueues(enabled = true) {
  return useQuery({
    queryKey: ["queues"],
    queryFn: ({ signal }) => ask(api.GET("/api/v1/admin/queues", { signal })),
    refetchInterval: ASKING_MS,
    enabled,
  });
}

/** Some dead letters of a queue. Looking counts as handing out, so it is done only when asked for. */
export function useLetters(queue: string) {
  return useQuery({
    queryKey: ["letters", queue],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/v1/admin/queues/{queue}/dead-letters", {
          params: { path: { queue }, query: { limit: MOST_SHOWN } },
          signal,
        }),
      ),
    refetchOnWindowFocus: false,
    staleTime: 60_000,
  });
}

export interface Handling {
  act: "redrive" | "delete";
  /** One letter; all of them without. */
  messageId?: string;
}

/** Sends dead letters back, or deletes them. */
export function useHandling(queue: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ act, messageId }: Handling) => {
      const all = { params: { path: { queue } } };
      if (!messageId) {
        return act === "redrive"
          ? ask(api.POST("/api/v1/admin/queues/{queue}/dead-letters/redrive", all))
          : ask(api.DELETE("/api/v1/admin/queues/{queue}/dead-letters", all));
      }
      const one = { params: { path: { queue, message_id: messageId } } };
      return act === "redrive"
        ? ask(api.POST("/api/v1/admin/queues/{queue}/dead-letters/{message_id}/redrive", one))
        : ask(api.DELETE("/api/v1/admin/queues/{queue}/dead-letters/{message_id}", one));
    },
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ["queues"] });
      void queries.invalidateQueries({ queryKey: ["letters", queue] });
    },
  });
}
