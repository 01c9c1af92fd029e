import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask, pictureBody, type Schema } from "../../api/client.ts";
import { changeVideo } from "../../socket/push.ts";

export type Thumbnail = Schema<"Thumbnail">;

/** While a frame is cut out it is asked so often whether it is there. */
const PENDING_MS = 1000;

/** What is shown as a video's picture; asked for again until a chosen frame is there. */
export function useThumbnail(videoId: number) {
  return useQuery({
    queryKey: ["thumbnail", videoId],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/v1/videos/{video_id}/thumbnail", { params: { path: { video_id: videoId } }, signal }),
      ),
    refetchInterval: ({ state: { data } }) => (data?.pending ? PENDING_MS : false),
  });
}

/** Choosing another picture. */
export function useThumbnailActions(videoId: number) {
  const queries = useQueryClient();
  const key = ["thumbnail", videoId];
  const params = { path: { video_id: videoId } };
  const onSuccess = (thumbnail: Thumbnail) => queries.setQueryData(key, thumbnail);
  const frame = useMutation({
    mutationFn: (at_s: number) =>
      ask(api.POST("/api/v1/videos/{video_id}/thumbnail/frame", { params, body: { at_s } })),
    onSuccess,
  });
  const upload = useMutation({
    mutationFn: (file: File) =>
      ask(api.PUT("/api/v1/videos/{video_id}/thumbnail", { params, ...pictureBody(file) })),
    onSuccess,
  });
  const automatic = useMutation({
    mutationFn: () => ask(api.DELETE("/api/v1/videos/{video_id}/thumbnail", { params })),
    onSettled: () => queries.invalidateQueries({ queryKey: key }),
  });
  return { frame, upload, automatic };
}

/** Puts a video's new picture wherever it is shown. */
export function useShowEverywhere(videoId: number): (thumbnail: Thumbnail) => void {
  const queries = useQueryClient();
  return ({ poster_url, thumbnails }) =>
    changeVideo(queries, videoId, (video) => ({ ...video, poster_url, thumbnails }));
}
