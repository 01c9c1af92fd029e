import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ProblemError } from "@videosite/api";
import { useCallback, useEffect, useRef } from "react";
import { api, ask, isPassing } from "../../api/client.ts";
import { useAuth } from "../../auth/AuthContext.tsx";
import { useSocket } from "../../socket/WebSocketContext.tsx";
import { isSettled, newer, type Status } from "./status.ts";

/** How much slower it asks while messages come by the socket. */
const SLOWER = 3;
/** Asking again, and retrying, at most so often. */
const DEBOUNCE_MS = 1000;

/** Milliseconds until the status is asked for again; false: no more. */
export function pollInterval(status: Status | undefined, live: boolean, intervalMs: number): number | false {
  if (status && isSettled(status)) return false;
  return live ? intervalMs * SLOWER : intervalMs;
}

/**
 * How a transcode stands: told by the socket, asked for every `refreshInterval` without one, three times slower
 * with one, no more once it has ended. Never backwards.
 */
export function useTranscodeStatus(videoId: number, refreshInterval: number) {
  const { can } = useAuth();
  const { client, state } = useSocket();
  const queries = useQueryClient();
  const staff = can("videos.read_any");
  const admin = can("sockets.admin");
  const live = state.name === "open";
  const key = ["transcode-status", videoId];
  const query = useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => {
      const options = { params: { path: { video_id: videoId } }, signal };
      const next = await (staff
        ? ask(api.GET("/api/v1/admin/videos/{video_id}/transcode-status", options))
        : ask(api.GET("/api/v1/videos/{video_id}/transcode-status", options)));
      return newer(queries.getQueryData<Status>(key), next);
    },
    refetchInterval: ({ state: { data, error } }) =>
      // What is gone, or may not be seen, stays so.
      error instanceof ProblemError && !isPassing(error) ? false : pollInterval(data, live, refreshInterval),
  });
  // Staff hear of others' videos only if they ask to; admins hear of all.
  useEffect(() => {
    if (staff && !admin) return client?.subscribe(videoId);
    return undefined;
  }, [client, videoId, staff, admin]);
  const refreshedAtMs = useRef(0);
  const { refetch } = query;
  const refresh = useCallback(() => {
    if (Date.now() - refreshedAtMs.current < DEBOUNCE_MS) return;
    refreshedAtMs.current = Date.now();
    void refetch();
  }, [refetch]);
  return { ...query, live, refresh };
}

/** Cancelling, and taking up again, a transcode or one of its renditions. */
export function useTranscodeActions(videoId: number) {
  const queries = useQueryClient();
  const path = { video_id: videoId };
  const onSuccess = (status: Status) => {
    queries.setQueryData<Status>(["transcode-status", videoId], (known) => newer(known, status));
    void queries.invalidateQueries({ queryKey: ["video", videoId] });
  };
  const onError = () => queries.invalidateQueries({ queryKey: ["transcode-status", videoId] });
  const cancel = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/videos/{video_id}/cancel", { params: { path } })),
    onSuccess,
    onError,
  });
  const retry = useMutation({
    mutationFn: (rendition: string | null) =>
      rendition
        ? ask(
            api.POST("/api/v1/videos/{video_id}/renditions/{rendition}/retry", {
              params: { path: { ...path, rendition } },
            }),
          )
        : ask(api.POST("/api/v1/videos/{video_id}/retry", { params: { path } })),
    onSuccess,
    onError,
  });
  return { cancel, retry };
}
