import { UploadOutlined } from "@ant-design/icons";
import { Alert, AutoComplete, Button, Checkbox, Form, Modal } from "antd";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFeedback } from "../../ui/feedback.tsx";
import { useSentence } from "../../ui/sentence.ts";
import { LANGUAGES, languageName, languageOfFile } from "./languages.ts";
import { useSubtitleActions } from "./queries.ts";

const FORMATS = ".srt,.vtt,.ass,.ssa,.sbv,.ttml,.dfxp,.xml";
/** The API's limit (`library/subtitles.py`): a larger file need not be sent. */
const MAX_BYTES = 2 * 1024 * 1024;
const TAG = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/;

interface Fields {
  language: string;
  shownUnasked: boolean;
}

/** Adds a track: its language, then its file. A language's file takes the place of the one before. */
export function AddTrack({ videoId, known }: { videoId: number; known: readonly string[] }) {
  const { t, i18n } = useTranslation();
  const { message } = useFeedback();
  const sentence = useSentence("subtitles");
  const { add } = useSubtitleActions(videoId);
  const [form] = Form.useForm<Fields>();
  const input = useRef<HTMLInputElement>(null);
  const [large, setLarge] = useState(false);
  /** A file that would take the place of a track nobody named. */
  const [unsure, setUnsure] = useState<File | null>(null);
  const language = Form.useWatch("language", form)?.trim();
  const isKnown = (tag: string | undefined) => known.some((one) => one.toLowerCase() === tag?.toLowerCase());

  function choose(file: File): void {
    if (form.getFieldValue("language")) return void send(file);
    const guess = languageOfFile(file.name);
    form.setFieldValue("language", guess);
    if (isKnown(guess)) setUnsure(file);
    else void send(file);
  }

  async function send(file: File): Promise<void> {
    add.reset();
    setLarge(file.size > MAX_BYTES);
    if (file.size > MAX_BYTES) return;
    const wanted = await form.validateFields().catch(() => null);
    if (!wanted) return;
    const { shownUnasked } = wanted;
    add.mutate(
      { file, language: wanted.language.trim(), shownUnasked },
      {
        onSuccess: (track) => {
          form.resetFields();
          void message.success(t("subtitles.added", { label: track.label, count: track.cues }));
        },
      },
    );
  }

  return (
    <Form<Fields>
      form={form}
      layout="vertical"
      requiredMark={false}
      className="add-track"
      initialValues={{ language: "", shownUnasked: false }}
    >
      <Form.Item
        name="language"
        label={t("subtitles.language")}
        extra={t("subtitles.languageHint")}
        rules={[
          { required: true, message: t("subtitles.languageMissing") },
          { pattern: TAG, transform: (text: string) => text?.trim(), message: t("problem.bad_language") },
        ]}
      >
        <AutoComplete
          options={LANGUAGES.map((value) => ({
            value,
            label: `${languageName(value, i18n.language)} (${value})`,
          }))}
          showSearch={{
            filterOption: (text, option) =>
              `${option?.label}`.toLowerCase().includes(text.trim().toLowerCase()),
          }}
          disabled={add.isPending}
        />
      </Form.Item>
      <div className="add-track-file">
        <Button
          type="primary"
          icon={<UploadOutlined />}
          loading={add.isPending}
          onClick={() => input.current?.click()}
        >
          {t(isKnown(language) ? "subtitles.replace" : "subtitles.choose")}
        </Button>
        <Form.Item name="shownUnasked" valuePropName="checked" noStyle>
          <Checkbox disabled={add.isPending}>{t("subtitles.default")}</Checkbox>
        </Form.Item>
      </div>
      <input
        ref={input}
        type="file"
        accept={FORMATS}
        // Ant Design shows files' inputs that are in a form, hidden or not.
        style={{ display: "none" }}
        aria-hidden
        tabIndex={-1}
        data-testid="subtitle-file"
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) choose(file);
          // Choosing the same file once more is a change, too.
          event.target.value = "";
        }}
      />
      {unsure && (
        <Modal
          open
          title={t("subtitles.replaceTitle")}
          okText={t("subtitles.replaceYes")}
          okButtonProps={{ danger: true }}
          cancelText={t("cancel")}
          onCancel={() => setUnsure(null)}
          onOk={() => {
            setUnsure(null);
            void send(unsure);
          }}
        >
          <p>
            {t("subtitles.replaceSure", {
              file: unsure.name,
              language: languageName(language ?? "", i18n.language),
            })}
          </p>
        </Modal>
      )}
      <div role="alert" className="add-track-fault">
        {large && <Alert type="error" showIcon title={t("subtitles.problem.too_large")} />}
        {add.error && <Alert type="error" showIcon title={sentence(add.error)} />}
      </div>
    </Form>
  );
}
