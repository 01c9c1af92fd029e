import { LoadingOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { ProblemError } from "@videosite/api";
import { Alert, Tag } from "antd";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";
import { api, ask, type Schema } from "../api/client.ts";
import { useAuth } from "../auth/AuthContext.tsx";
import { Shown } from "../features/library/Shown.tsx";
import { VideoMenu } from "../features/library/VideoMenu.tsx";
import { hasEnded } from "../features/transcode/status.ts";
import { TranscodeStatus } from "../features/transcode/TranscodeStatus/index.tsx";
import { Failure } from "../ui/Failure.tsx";
import { PageSkeleton } from "../ui/PageSkeleton.tsx";
import { useTitle } from "../ui/useTitle.ts";
import { NotFoundPage } from "./NotFoundPage.tsx";

const Player = lazy(() => import("../features/player/Player.tsx"));

type Video = Schema<"Video">;

/** Until something can be played the video is asked for so often, should no message come. */
const WAITING_MS = 5000;

/** A video, played. */
export function Component() {
  const { videoId: text = "" } = useParams();
  const videoId = Number(text);
  if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(videoId)) return <NotFoundPage />;
  return <Watch key={videoId} videoId={videoId} />;
}

function Watch({ videoId }: { videoId: number }) {
  const { status, error: unread } = useAuth();
  const [parameters] = useSearchParams();
  const share = parameters.get("share") ?? undefined;
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["video", videoId],
    queryFn: ({ signal }) =>
      ask(
        api.GET("/api/v1/videos/{video_id}", {
          params: { path: { video_id: videoId }, query: share ? { share } : {} } as {
            path: { video_id: number };
          },
          signal,
        }),
      ),
    refetchInterval: ({ state: { data: video } }) =>
      video && !video.playback && !hasEnded(video.status) ? WAITING_MS : false,
    // Whether it may be seen depends on who asks. Where that cannot be read, the site still knows.
    enabled: status !== "unknown" || unread !== null,
  });
  useTitle(data?.title);
  if (error instanceof ProblemError && error.status === 404) return <NotFoundPage />;
  if (error && !data) return <Failure page error={error} onRetry={() => void refetch()} />;
  if (isPending) return <PageSkeleton />;
  return <Found video={data as Video} share={share} />;
}

function Found({ video, share }: { video: Video; share: string | undefined }) {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const { user, can } = useAuth();
  const mine = video.owner_id === user?.user_id || can("videos.read_any");
  const date = new Intl.DateTimeFormat(i18n.language, { dateStyle: "long" }).format(
    Date.parse(video.created_at),
  );
  return (
    <article className="watch">
      <Stage video={video} share={share} />
      <div className="watch-head">
        <h1>{video.title}</h1>
        <VideoMenu video={video} onDeleted={() => void navigate("/", { replace: true })} />
      </div>
      <p className="video-facts muted">
        <span>{t("video.views", { count: video.views })}</span>
        <time dateTime={video.created_at}>{date}</time>
        {video.category && <span>{t(`category.${video.category}`)}</span>}
        {mine && <Shown visibility={video.visibility} />}
      </p>
      {video.description && <p className="watch-text">{video.description}</p>}
      {video.tags.length > 0 && (
        <p className="watch-tags">
          {video.tags.map((tag) => (
            <Link key={tag} to={`/browse?q=${encodeURIComponent(tag)}`}>
              <Tag>{tag}</Tag>
            </Link>
          ))}
        </p>
      )}
      {mine && (
        <div className="card">
          <h2>{t("transcode.title")}</h2>
          <TranscodeStatus
            videoId={video.video_id}
            readOnly={video.owner_id !== user?.user_id && !can("videos.manage_any")}
          />
        </div>
      )}
    </article>
  );
}

/** The player; or why there is none yet. */
function Stage({ video, share }: { video: Video; share: string | undefined }) {
  const { t } = useTranslation();
  const { user } = useAuth();
  const position = usePosition(video.video_id, share, user !== null);
  const { playback, status } = video;
  if (playback && position !== undefined) {
    return (
      <>
        {status === "processing" && (
          <Alert banner type="info" title={t("player.whileTranscoding")} className="watch-notice" />
        )}
        <Suspense fallback={<div className="player" />}>
          <Player
            videoId={video.video_id}
            title={video.title}
            hls={playback.hls}
            durationS={video.duration_s ?? 0}
            poster={video.poster_url}
            storyboard={video.storyboard_url}
            startS={position}
            share={share}
            signedIn={user !== null}
          />
        </Suspense>
      </>
    );
  }
  const ended = hasEnded(status);
  return (
    <div
      className="player none"
      style={{ backgroundImage: video.poster_url ? `url("${video.poster_url}")` : "" }}
    >
      <p role="status">
        {!ended && <LoadingOutlined />} {t(ended ? "player.nothing" : "player.soon")}
      </p>
    </div>
  );
}

/** Where one stopped watching, read once; undefined while it is read. */
function usePosition(videoId: number, share: string | undefined, signedIn: boolean): number | undefined {
  const { data, isPending } = useQuery({
    queryKey: ["position", videoId],
    queryFn: async () => {
      const { data: found } = await api.GET("/api/v1/videos/{video_id}/position", {
        params: { path: { video_id: videoId }, query: share ? { share } : {} },
      });
      // A failure is no reason not to play.
      return found?.position_s ?? 0;
    },
    enabled: signedIn,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
  if (!signedIn) return 0;
  return isPending ? undefined : (data ?? 0);
}
