import { LoadingOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { type KeyboardEvent, useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Controls } from "./Controls.tsx";
import type { Codec } from "./codecs.ts";
import { type Engine, startEngine, type Tracks } from "./engine.ts";
import { type Command, commandOf, SPEEDS } from "./keys.ts";
import { useIdle } from "./useIdle.ts";
import { useMedia } from "./useMedia.ts";
import { useStills } from "./useStills.ts";
import { useSubtitlePlace } from "./useSubtitlePlace.ts";
import { useWatching } from "./useWatching.ts";

export interface PlayerProps {
  videoId: number;
  title: string;
  hls: string;
  /** Of the whole video: a growing list's end comes earlier. */
  durationS: number;
  poster: string | null;
  storyboard: string | null;
  /** Where to begin. */
  startS: number;
  share?: string | undefined;
  signedIn: boolean;
}

/** Plays a video. Fetched when it is needed: hls.js is as large as the rest of the page. */
export default function Player(props: PlayerProps) {
  const { videoId, title, hls, durationS, poster, startS, share, signedIn } = props;
  const { t } = useTranslation();
  const frame = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const engine = useRef<Engine | null>(null);
  const [tracks, setTracks] = useState<Tracks | null>(null);
  const [codec, setCodec] = useState<Codec | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [attempt, setAttempt] = useState(0);
  /** Restored by unmuting: a drag to nothing passes all that is quieter. */
  const chosenVolume = useRef(1);
  const media = useMedia(video);
  const stills = useStills(props.storyboard);
  const idle = useIdle(frame, !media.paused);
  useSubtitlePlace(video, !idle);
  useWatching({ video, videoId, share, durationS, signedIn });

  // The token in an address changes with each reading of the video; what plays goes on with the one it has.
  const asset = hls.replace(/^.*\/m\/[^/]+\//, "");
  const address = useRef(hls);
  useEffect(() => {
    address.current = hls;
  }, [hls]);
  const beginS = useRef(startS);
  // biome-ignore lint/correctness/useExhaustiveDependencies: by the asset, not by its token
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    let current = true;
    let made: Engine | null = null;
    const wasPlaying = !element.paused;
    setFault(null);
    void startEngine(element, address.current, codec, beginS.current, {
      onTracks: (found) => current && setTracks(found),
      onFatal: (code) => current && setFault(code),
    }).then((started) => {
      if (!current) {
        started.destroy();
        return;
      }
      made = started;
      engine.current = started;
      if (wasPlaying) void element.play().catch(() => {});
    });
    return () => {
      current = false;
      beginS.current = element.currentTime || beginS.current;
      engine.current = null;
      made?.destroy();
    };
  }, [asset, codec, attempt]);

  const run = useCallback(
    (command: Command) => {
      const element = video.current;
      if (!element) return;
      if (command.do === "volume" && element.volume > 0) chosenVolume.current = element.volume;
      if (command.do === "mute") mute(element, chosenVolume.current);
      else obey(command, element, frame.current, tracks, engine.current);
    },
    [tracks],
  );
  const onKeyDown = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    // A button's own keys, and those of menus and of the volume, are theirs.
    if ((event.key === " " || event.key === "Enter") && target.closest("button, [role=menu]")) return;
    if (target.closest("[role=menu]")) return;
    if (target.closest(".player-volume") && /^(Arrow|Home|End|Page)/.test(event.key)) return;
    const command = commandOf(event.nativeEvent);
    if (!command) return;
    event.preventDefault();
    run(command);
  };
  const readyS = media.durationS || durationS;
  return (
    <section
      ref={frame}
      className={idle ? "player idle" : "player"}
      aria-label={t("player.name", { title })}
      onKeyDown={onKeyDown}
      data-codec={tracks?.codec}
    >
      {/* biome-ignore lint/a11y/useMediaCaption: hls.js adds the tracks there are */}
      <video
        ref={video}
        poster={poster ?? undefined}
        playsInline
        tabIndex={-1}
        onClick={() => run({ do: "toggle" })}
        onDoubleClick={() => run({ do: "fullscreen" })}
      />
      {media.waiting && !fault && (
        <span className="player-waiting" role="status" aria-label={t("player.loading")}>
          <LoadingOutlined />
        </span>
      )}
      {fault ? (
        <div className="player-fault" role="alert">
          <p>{t("player.fault")}</p>
          <Button type="primary" onClick={() => setAttempt((count) => count + 1)}>
            {t("retry")}
          </Button>
        </div>
      ) : (
        <Controls
          media={media}
          durationS={Math.max(durationS, media.durationS)}
          readyS={readyS}
          stills={stills}
          tracks={tracks}
          frame={frame}
          onCommand={run}
          onSeek={(timeS) => {
            if (video.current) video.current.currentTime = timeS;
          }}
          onVolume={(volume) => {
            if (!video.current) return;
            video.current.volume = volume;
            video.current.muted = volume === 0;
          }}
          onVolumeChosen={(volume) => {
            if (volume > 0) chosenVolume.current = volume;
          }}
          onSpeed={(rate) => {
            if (video.current) video.current.playbackRate = rate;
          }}
          onQuality={(index) => engine.current?.chooseQuality(index)}
          onCodec={setCodec}
          onAudio={(index) => engine.current?.chooseAudio(index)}
          onSubtitle={(index) => engine.current?.chooseSubtitle(index)}
        />
      )}
    </section>
  );
}

/** Silences a video, or has it heard again: also where its volume, too, is at nothing. */
function mute(video: HTMLVideoElement, chosenVolume: number): void {
  video.muted = !video.muted && video.volume > 0;
  if (!video.muted && video.volume === 0) video.volume = chosenVolume;
}

function obey(
  command: Exclude<Command, { do: "mute" }>,
  video: HTMLVideoElement,
  frame: HTMLElement | null,
  tracks: Tracks | null,
  engine: Engine | null,
): void {
  const end = Number.isFinite(video.duration) ? video.duration : 0;
  const seek = (timeS: number) => {
    video.currentTime = Math.min(Math.max(0, timeS), end);
  };
  switch (command.do) {
    case "toggle":
      if (video.paused) void video.play().catch(() => {});
      else video.pause();
      break;
    case "seek":
      seek(video.currentTime + command.byS);
      break;
    case "seekTo":
      seek(end * command.fraction);
      break;
    case "volume":
      video.muted = false;
      video.volume = Math.min(1, Math.max(0, video.volume + command.by));
      break;
    case "speed": {
      const place = SPEEDS.indexOf(video.playbackRate);
      video.playbackRate = SPEEDS[place + command.by] ?? video.playbackRate;
      break;
    }
    case "fullscreen":
      if (document.fullscreenElement) void document.exitFullscreen();
      else void frame?.requestFullscreen().catch(() => {});
      break;
    case "picture":
      if (document.pictureInPictureElement) void document.exitPictureInPicture();
      else void video.requestPictureInPicture?.().catch(() => {});
      break;
    case "captions":
      if (tracks?.subtitles.length) engine?.chooseSubtitle(tracks.subtitle >= 0 ? -1 : 0);
      break;
  }
}
