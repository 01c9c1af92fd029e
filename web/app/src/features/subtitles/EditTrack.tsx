import { Button, Form, Input, InputNumber, Select } from "antd";
import { useTranslation } from "react-i18next";
import type { Schema } from "../../api/client.ts";
import type { Subtitle } from "./queries.ts";

/** Those that files come in, by the API's names (`media/encodings.py`). */
const ENCODINGS = [
  "utf-8",
  "utf-16le",
  "utf-16be",
  "gb18030",
  "big5",
  "shift_jis",
  "euc-jp",
  "euc-kr",
  ...Array.from({ length: 9 }, (_, index) => `windows-${1250 + index}`),
  "windows-874",
  "koi8-r",
  "iso-8859-1",
  "iso-8859-2",
  "iso-8859-15",
];
const MOST_S = 3600;

interface Fields {
  label: string;
  shiftS: number;
  encoding: string;
}

interface Props {
  track: Subtitle;
  busy: boolean;
  onSave: (change: Schema<"SubtitleChange">) => void;
}

/** A track's name, its shift, and the encoding if it was guessed wrong. */
export function EditTrack({ track, busy, onSave }: Props) {
  const { t } = useTranslation();
  const encodings = [...new Set([track.encoding, ...ENCODINGS])];
  return (
    <Form<Fields>
      layout="vertical"
      requiredMark={false}
      disabled={busy}
      className="edit-track"
      initialValues={{ label: track.label, shiftS: track.shift_ms / 1000, encoding: track.encoding }}
      onFinish={({ label, shiftS, encoding }) =>
        onSave({
          label: label.trim(),
          shift_ms: Math.round((shiftS ?? 0) * 1000),
          // Named, it is read anew.
          ...(encoding !== track.encoding && { encoding }),
        })
      }
    >
      <Form.Item
        name="label"
        label={t("subtitles.label")}
        rules={[{ required: true, whitespace: true, message: t("subtitles.labelMissing") }]}
      >
        <Input maxLength={200} />
      </Form.Item>
      <Form.Item name="shiftS" label={t("subtitles.shift")} extra={t("subtitles.shiftHint")}>
        <InputNumber min={-MOST_S} max={MOST_S} step={0.1} />
      </Form.Item>
      <Form.Item name="encoding" label={t("subtitles.encoding")} extra={t("subtitles.encodingHint")}>
        <Select showSearch options={encodings.map((value) => ({ value, label: value }))} />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={busy}>
        {t("save")}
      </Button>
    </Form>
  );
}
