import { type RefObject, useEffect } from "react";
import { api, type Schema } from "../../api/client.ts";

/** A position is remembered so often. */
const EVERY_S = 10;
/** Nearer to the end than this it counts as watched to the end. */
const END_S = 5;

interface Options {
  video: RefObject<HTMLVideoElement | null>;
  videoId: number;
  share: string | undefined;
  durationS: number;
  /** Nobody's position is remembered for who is not signed in. */
  signedIn: boolean;
}

/** Remembers where somebody is, and counts the view. Failures change nothing for who watches. */
export function useWatching({ video, videoId, share, durationS, signedIn }: Options): void {
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    const params = { path: { video_id: videoId }, query: share ? { share } : {} };
    const ignore = () => {};
    let savedS = -1;
    let play: Promise<Schema<"Play"> | undefined> | null = null;
    let playedS = 0;
    let lastS: number | null = null;
    let counted = false;

    const save = () => {
      if (!signedIn || !element.currentTime) return;
      const atEnd = element.ended || (durationS > 0 && durationS - element.currentTime < END_S);
      const positionS = atEnd ? 0 : element.currentTime;
      if (Math.abs(positionS - savedS) < 1) return;
      savedS = positionS;
      const body = { position_s: Math.round(positionS * 10) / 10 };
      api.PUT("/api/v1/videos/{video_id}/position", { params, body, keepalive: true }).catch(ignore);
    };
    const began = () => {
      play ??= api.POST("/api/v1/videos/{video_id}/plays", { params }).then(
        ({ data }) => data,
        () => undefined,
      );
    };
    const moved = () => {
      const nowS = element.currentTime;
      // Seeking is not playing.
      if (lastS !== null && nowS > lastS && nowS - lastS < 2) playedS += nowS - lastS;
      lastS = nowS;
      if (Math.abs(nowS - savedS) >= EVERY_S) save();
      if (play && !counted) void count();
    };
    const count = async () => {
      const begun = await play;
      if (counted || !begun || playedS < begun.count_after_s) return;
      counted = true;
      const body = { play_token: begun.play_token };
      api.POST("/api/v1/videos/{video_id}/views", { params, body }).catch(ignore);
    };
    const hidden = () => document.visibilityState === "hidden" && save();
    element.addEventListener("play", began);
    element.addEventListener("timeupdate", moved);
    element.addEventListener("pause", save);
    document.addEventListener("visibilitychange", hidden);
    return () => {
      save();
      element.removeEventListener("play", began);
      element.removeEventListener("timeupdate", moved);
      element.removeEventListener("pause", save);
      document.removeEventListener("visibilitychange", hidden);
    };
  }, [video, videoId, share, durationS, signedIn]);
}
