import { CloseCircleOutlined, LoadingOutlined, VideoCameraOutlined } from "@ant-design/icons";
import { useState } from "react";
import { formatClock } from "../../ui/format.ts";
import type { Video } from "./useVideos.ts";

/** A video's picture, which moves under the pointer; its length; how far its transcode is. */
export function Poster({ video }: { video: Video }) {
  const [hover, setHover] = useState(false);
  const { thumbnails, poster_url, preview_url, duration_s, status, progress } = video;
  const still = thumbnails?.medium ?? poster_url;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: decoration, the title says what it is
    <div className="poster" onMouseEnter={() => setHover(true)} onMouseLeave={() => setHover(false)}>
      {still ? <img src={still} alt="" loading="lazy" decoding="async" /> : <Placeholder status={status} />}
      {hover && preview_url && <img src={preview_url} alt="" className="poster-preview" />}
      {duration_s !== null && <span className="poster-time">{formatClock(duration_s)}</span>}
      {status === "processing" && (
        <span className="poster-bar">
          <span style={{ width: `${progress}%` }} />
        </span>
      )}
    </div>
  );
}

function Placeholder({ status }: { status: Video["status"] }) {
  const icon =
    status === "failed" ? (
      <CloseCircleOutlined />
    ) : status === "processing" ? (
      <LoadingOutlined />
    ) : (
      <VideoCameraOutlined />
    );
  return <span className="poster-none">{icon}</span>;
}
