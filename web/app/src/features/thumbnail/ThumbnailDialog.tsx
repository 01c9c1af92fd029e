import { LoadingOutlined, PictureOutlined, UndoOutlined, UploadOutlined } from "@ant-design/icons";
import { Alert, Button, Modal, Popconfirm, Skeleton } from "antd";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Failure } from "../../ui/Failure.tsx";
import { PICTURE_TYPES, tooLarge } from "../../ui/pictures.ts";
import { useSentence } from "../../ui/sentence.ts";
import type { Video } from "../library/useVideos.ts";
import { FrameChooser } from "./FrameChooser.tsx";
import { type Thumbnail, useShowEverywhere, useThumbnail, useThumbnailActions } from "./queries.ts";
import "./thumbnail.css";

/** A video's picture: a frame of it, a file, or the one that was found. */
export default function ThumbnailDialog({ video, onClose }: { video: Video; onClose: () => void }) {
  const { t } = useTranslation();
  const { data, error, isPending, refetch } = useThumbnail(video.video_id);
  return (
    <Modal
      open
      title={t("picture.titleOf", { title: video.title })}
      footer={null}
      width={720}
      onCancel={onClose}
      destroyOnHidden
    >
      {isPending && <Skeleton active title={false} paragraph={{ rows: 6 }} />}
      {error && !data && <Failure error={error} onRetry={() => void refetch()} />}
      {data && <Chooser video={video} thumbnail={data} />}
    </Modal>
  );
}

function Chooser({ video, thumbnail }: { video: Video; thumbnail: Thumbnail }) {
  const { t } = useTranslation();
  const sentence = useSentence("picture");
  const { frame, upload, automatic } = useThumbnailActions(video.video_id);
  const [large, setLarge] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useWherever(video.video_id, thumbnail);
  const busy = frame.isPending || upload.isPending || automatic.isPending || thumbnail.pending;
  const fault = upload.error ?? frame.error ?? automatic.error ?? thumbnail.error;
  const begin = () => {
    setLarge(false);
    for (const one of [frame, upload, automatic]) one.reset();
  };
  const send = (file: File) => {
    begin();
    if (tooLarge(file)) setLarge(true);
    else upload.mutate(file);
  };
  const shown = thumbnail.thumbnails?.large ?? thumbnail.poster_url;
  return (
    <div className="picture">
      <figure className="picture-now">
        <div className="poster" aria-busy={busy}>
          {shown ? (
            <img src={shown} alt={t("picture.now")} />
          ) : (
            <span className="poster-none">
              <PictureOutlined />
            </span>
          )}
          {busy && (
            <span className="picture-busy">
              <LoadingOutlined />
            </span>
          )}
        </div>
        <figcaption className="muted" role="status" data-kind={thumbnail.kind}>
          {t(thumbnail.pending ? "picture.pending" : `picture.kind.${thumbnail.kind}`)}
        </figcaption>
      </figure>
      <div role="alert" className="picture-fault">
        {large && <Alert type="error" showIcon title={t("picture.problem.too_large")} />}
        {!large && fault && <Alert type="error" showIcon title={sentence(fault)} />}
      </div>
      <FrameChooser
        video={video}
        startS={thumbnail.at_s}
        busy={busy}
        onChoose={(atS) => {
          begin();
          frame.mutate(atS);
        }}
      />
      <div className="picture-buttons">
        <Button icon={<UploadOutlined />} disabled={busy} onClick={() => input.current?.click()}>
          {t("picture.upload")}
        </Button>
        <Popconfirm
          title={t("picture.automaticSure")}
          okText={t("picture.automaticYes")}
          okButtonProps={{ danger: true }}
          cancelText={t("cancel")}
          disabled={busy || thumbnail.kind === "automatic"}
          onConfirm={() => {
            begin();
            automatic.mutate();
          }}
        >
          <Button icon={<UndoOutlined />} disabled={busy || thumbnail.kind === "automatic"}>
            {t("picture.automatic")}
          </Button>
        </Popconfirm>
        <span className="muted">{t("picture.hint")}</span>
      </div>
      <input
        ref={input}
        type="file"
        accept={PICTURE_TYPES}
        hidden
        aria-hidden
        tabIndex={-1}
        data-testid="picture-file"
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) send(file);
          // Choosing the same file once more is a change, too.
          event.target.value = "";
        }}
      />
    </div>
  );
}

/** What was changed here is shown on cards and pages, too. */
function useWherever(videoId: number, thumbnail: Thumbnail): void {
  const show = useShowEverywhere(videoId);
  const first = useRef(thumbnail);
  // biome-ignore lint/correctness/useExhaustiveDependencies: with each picture
  useEffect(() => {
    if (thumbnail !== first.current && !thumbnail.pending) show(thumbnail);
  }, [thumbnail]);
}
