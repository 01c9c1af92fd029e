import type { QueryClient } from "@tanstack/react-query";
import { api, ask, type Schema } from "../api/client.ts";
import type { Message } from "./useWebSocket.ts";

/** A video, as it was read before or else is read now. */
export function knownVideo(queries: QueryClient, id: number): Promise<Schema<"Video">> {
  return queries.ensureQueryData({
    queryKey: ["video", id],
    queryFn: () => ask(api.GET("/api/v1/videos/{video_id}", { params: { path: { video_id: id } } })),
  });
}

/**
 * Calls back, at once where that is possible, if a message is for a user. Admins hear of everybody's transcodes, staff
 * of those that they look at: only the video itself says whose it is.
 */
export function ifOwn(queries: QueryClient, userId: string, message: Message, callback: () => void): void {
  if (message.type === "system_message" || message.channel === `user#${userId}`) {
    callback();
    return;
  }
  void knownVideo(queries, message.video_id).then(
    (video) => video.owner_id === userId && callback(),
    // It is gone, or cannot be asked about: nothing to tell.
    () => {},
  );
}
