import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask, fileBody, type Schema } from "../../api/client.ts";

export type Subtitle = Schema<"Subtitle">;
type List = Schema<"SubtitleList">;

export interface NewTrack {
  file: File;
  language: string;
  shownUnasked: boolean;
}

const keyOf = (videoId: number) => ["subtitles", videoId];

/** A video's uploaded tracks. */
export function useSubtitles(videoId: number) {
  return useQuery({
    queryKey: keyOf(videoId),
    queryFn: async ({ signal }) => {
      const params = { path: { video_id: videoId } };
      return ask(api.GET("/api/v1/videos/{video_id}/subtitles", { params, signal }));
    },
    select: (list) => list.subtitles,
  });
}

/** A track's WebVTT. Its ETag tells one text from another. */
export function useVtt(videoId: number, { language, etag }: Subtitle) {
  return useQuery({
    queryKey: [...keyOf(videoId), language, etag],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/v1/videos/{video_id}/subtitles/{language}/vtt", {
          params: { path: { video_id: videoId, language } },
          parseAs: "text",
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Adding, changing and removing tracks. */
export function useSubtitleActions(videoId: number) {
  const queries = useQueryClient();
  const path = { video_id: videoId };
  const put = (track: Subtitle) =>
    queries.setQueryData<List>(keyOf(videoId), (list) => list && { subtitles: withTrack(list, track) });
  const again = () => queries.invalidateQueries({ queryKey: keyOf(videoId), exact: true });
  const add = useMutation({
    mutationFn: ({ file, language, shownUnasked }: NewTrack) =>
      ask(
        api.PUT("/api/v1/videos/{video_id}/subtitles/{language}", {
          params: { path: { ...path, language }, query: { default: shownUnasked } },
          ...fileBody(file, "application/octet-stream"),
        }),
      ),
    onSuccess: put,
  });
  const change = useMutation({
    mutationFn: ({ language, ...body }: { language: string } & Schema<"SubtitleChange">) =>
      ask(
        api.PATCH("/api/v1/videos/{video_id}/subtitles/{language}", {
          params: { path: { ...path, language } },
          body,
        }),
      ),
    onSuccess: put,
    onError: again,
  });
  const remove = useMutation({
    mutationFn: (language: string) =>
      ask(
        api.DELETE("/api/v1/videos/{video_id}/subtitles/{language}", {
          params: { path: { ...path, language } },
        }),
      ),
    onSettled: again,
  });
  return { add, change, remove };
}

/** At most one track is shown unasked: another one's turn ends the first one's. */
function withTrack({ subtitles }: List, track: Subtitle): Subtitle[] {
  const others = subtitles
    .filter((one) => one.language !== track.language)
    .map((one) => (track.default ? { ...one, default: false } : one));
  return [...others, track].sort((one, other) => one.language.localeCompare(other.language));
}
