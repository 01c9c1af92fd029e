import { CheckOutlined, SettingOutlined } from "@ant-design/icons";
import { Dropdown, type MenuProps } from "antd";
import { useTranslation } from "react-i18next";
import { codecName } from "../../ui/names.ts";
import type { ControlsProps } from "./Controls.tsx";
import { SPEEDS } from "./keys.ts";

type Items = NonNullable<MenuProps["items"]>;
type Props = Pick<
  ControlsProps,
  "media" | "tracks" | "onSpeed" | "onQuality" | "onCodec" | "onAudio" | "onSubtitle"
> & { container: () => HTMLElement };

/** Quality, codec, sound, subtitles, speed. */
export function SettingsMenu({ media, tracks, container, ...on }: Props) {
  const { t } = useTranslation();
  const choice = (key: string, label: string, chosen: boolean, onClick: () => void): Items[number] => ({
    key,
    label,
    icon: chosen ? <CheckOutlined /> : <span className="menu-gap" />,
    onClick,
  });
  const group = (key: string, label: string, value: string, children: Items): Items[number] => ({
    key,
    label: (
      <span className="menu-row">
        {label} <span className="muted">{value}</span>
      </span>
    ),
    children,
    popupClassName: "player-menu",
  });
  const items: Items = [];
  if (tracks) {
    const automatic = tracks.playing ? t("player.autoNow", { height: tracks.playing }) : t("player.auto");
    items.push(
      group("quality", t("player.quality"), tracks.quality ? `${tracks.quality}p` : automatic, [
        choice("quality:-1", t("player.auto"), tracks.quality === null, () => on.onQuality(-1)),
        ...tracks.qualities.map(({ index, height, kbps }) =>
          choice(`quality:${index}`, `${height}p · ${kbps} kbit/s`, tracks.quality === height, () =>
            on.onQuality(index),
          ),
        ),
      ]),
    );
    if (tracks.codecs.length > 1) {
      items.push(
        group(
          "codec",
          t("player.codec"),
          codecName(tracks.codec),
          tracks.codecs.map((one) =>
            choice(`codec:${one}`, codecName(one), one === tracks.codec, () => on.onCodec(one)),
          ),
        ),
      );
    }
    if (tracks.audio.length > 1) {
      items.push(
        group(
          "audio",
          t("player.audio"),
          tracks.audio[tracks.audioTrack]?.name ?? "",
          tracks.audio.map((one) =>
            choice(`audio:${one.index}`, one.name, one.index === tracks.audioTrack, () =>
              on.onAudio(one.index),
            ),
          ),
        ),
      );
    }
    if (tracks.subtitles.length) {
      items.push(
        group(
          "subtitles",
          t("player.subtitles"),
          tracks.subtitles[tracks.subtitle]?.name ?? t("player.off"),
          [
            choice("subtitle:-1", t("player.off"), tracks.subtitle < 0, () => on.onSubtitle(-1)),
            ...tracks.subtitles.map((one) =>
              choice(`subtitle:${one.index}`, one.name, one.index === tracks.subtitle, () =>
                on.onSubtitle(one.index),
              ),
            ),
          ],
        ),
      );
    }
  }
  items.push(
    group(
      "speed",
      t("player.speed"),
      `${media.rate}×`,
      SPEEDS.map((speed) =>
        choice(`speed:${speed}`, `${speed}×`, speed === media.rate, () => on.onSpeed(speed)),
      ),
    ),
  );
  return (
    <Dropdown
      menu={{ items, getPopupContainer: container }}
      trigger={["click"]}
      placement="topRight"
      getPopupContainer={container}
    >
      <button type="button" className="player-button" aria-label={t("player.settings")}>
        <SettingOutlined />
      </button>
    </Dropdown>
  );
}
