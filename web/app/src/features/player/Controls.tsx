import {
  CaretRightFilled,
  FullscreenOutlined,
  MutedOutlined,
  PauseOutlined,
  PictureOutlined,
  SoundOutlined,
} from "@ant-design/icons";
import { Slider, Tooltip } from "antd";
import type { ReactNode, RefObject } from "react";
import { useTranslation } from "react-i18next";
import { formatClock } from "../../ui/format.ts";
import type { Codec } from "./codecs.ts";
import type { Tracks } from "./engine.ts";
import type { Command } from "./keys.ts";
import { SeekBar } from "./SeekBar.tsx";
import { SettingsMenu } from "./SettingsMenu.tsx";
import type { Still } from "./storyboard.ts";
import type { MediaState } from "./useMedia.ts";

export interface ControlsProps {
  media: MediaState;
  durationS: number;
  readyS: number;
  stills: readonly Still[];
  tracks: Tracks | null;
  /** Menus are drawn inside of it, or they would not be seen in full screen. */
  frame: RefObject<HTMLElement | null>;
  onCommand: (command: Command) => void;
  onSeek: (timeS: number) => void;
  onVolume: (volume: number) => void;
  /** Where a drag ended. */
  onVolumeChosen: (volume: number) => void;
  onSpeed: (rate: number) => void;
  onQuality: (index: number) => void;
  onCodec: (codec: Codec) => void;
  onAudio: (index: number) => void;
  onSubtitle: (index: number) => void;
}

/** What is drawn over a video. */
export function Controls(props: ControlsProps) {
  const { media, durationS, readyS, stills, frame, onCommand, onSeek, onVolume, onVolumeChosen } = props;
  const { t } = useTranslation();
  const silent = media.muted || media.volume === 0;
  const container = () => frame.current ?? document.body;
  const button = (name: string, icon: ReactNode, command: Command) => (
    <Tooltip title={name} getPopupContainer={container}>
      <button type="button" className="player-button" aria-label={name} onClick={() => onCommand(command)}>
        {icon}
      </button>
    </Tooltip>
  );
  return (
    <>
      {media.paused && !media.waiting && (
        <button
          type="button"
          className="player-start"
          aria-label={t("player.play")}
          onClick={() => onCommand({ do: "toggle" })}
        >
          <CaretRightFilled />
        </button>
      )}
      <div className="player-bar">
        <SeekBar
          timeS={media.timeS}
          bufferedS={media.bufferedS}
          readyS={readyS}
          durationS={durationS}
          stills={stills}
          onSeek={onSeek}
        />
        <div className="player-buttons">
          {media.paused
            ? button(t("player.play"), <CaretRightFilled />, { do: "toggle" })
            : button(t("player.pause"), <PauseOutlined />, { do: "toggle" })}
          {button(
            t(silent ? "player.unmute" : "player.mute"),
            silent ? <MutedOutlined /> : <SoundOutlined />,
            {
              do: "mute",
            },
          )}
          <Slider
            className="player-volume"
            min={0}
            max={1}
            step={0.05}
            value={media.muted ? 0 : media.volume}
            onChange={onVolume}
            onChangeComplete={onVolumeChosen}
            tooltip={{ open: false }}
            ariaLabelForHandle={t("player.volume")}
          />
          <span className="player-time">
            {formatClock(media.timeS)} / {formatClock(durationS)}
          </span>
          <span className="grow" />
          <SettingsMenu {...props} container={container} />
          {document.pictureInPictureEnabled &&
            button(t("player.picture"), <PictureOutlined />, { do: "picture" })}
          {button(t("player.fullscreen"), <FullscreenOutlined />, { do: "fullscreen" })}
        </div>
      </div>
    </>
  );
}
