import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert, Form, Input, Modal, Radio, Select } from "antd";
import { useTranslation } from "react-i18next";
import { api, ask, type Schema } from "../../api/client.ts";
import { changeVideo } from "../../socket/push.ts";
import { useSentence } from "../../ui/sentence.ts";
import { CATEGORIES } from "./categories.ts";
import { Shown } from "./Shown.tsx";
import { VISIBILITIES, type Video } from "./useVideos.ts";

type Change = Schema<"VideoChange">;

/** The API's own limits (`library/names.py`). */
const MAX_TITLE = 200;
const MAX_DESCRIPTION = 5000;
const MAX_TAGS = 20;

/** Changes what is said of a video, and who may see it. */
export default function EditDialog({ video, onClose }: { video: Video; onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const sentence = useSentence();
  const [form] = Form.useForm<Change>();
  const visibility = Form.useWatch("visibility", form);
  const { mutate, isPending, error } = useMutation({
    mutationFn: (body: Change) =>
      ask(api.PATCH("/api/v1/videos/{video_id}", { params: { path: { video_id: video.video_id } }, body })),
    onSuccess: (changed) => {
      changeVideo(queries, video.video_id, () => changed);
      void queries.invalidateQueries({ queryKey: ["videos"] });
      onClose();
    },
  });
  const narrower = visibility && VISIBILITIES.indexOf(visibility) < VISIBILITIES.indexOf(video.visibility);
  return (
    <Modal
      open
      title={t("edit.title")}
      okText={t("save")}
      cancelText={t("cancel")}
      confirmLoading={isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
      width={600}
    >
      {error && <Alert type="error" showIcon title={sentence(error)} role="alert" className="gap-below" />}
      <Form<Change>
        form={form}
        layout="vertical"
        initialValues={{
          title: video.title,
          description: video.description,
          tags: video.tags,
          category: video.category ?? "",
          language: video.language ?? "",
          visibility: video.visibility,
        }}
        onFinish={(values) => mutate({ ...values, category: values.category ?? "" })}
      >
        <Form.Item
          name="title"
          label={t("video.title")}
          rules={[{ required: true, whitespace: true, message: t("edit.titleMissing") }]}
        >
          <Input maxLength={MAX_TITLE} />
        </Form.Item>
        <Form.Item name="description" label={t("video.description")}>
          <Input.TextArea maxLength={MAX_DESCRIPTION} showCount autoSize={{ minRows: 3, maxRows: 10 }} />
        </Form.Item>
        <Form.Item name="tags" label={t("video.tags")} extra={t("edit.tagsHint")}>
          <Select
            mode="tags"
            maxCount={MAX_TAGS}
            tokenSeparators={[",", "，"]}
            open={false}
            suffixIcon={null}
          />
        </Form.Item>
        <div className="columns">
          <Form.Item name="category" label={t("video.category")}>
            <Select
              allowClear
              options={[
                { value: "", label: t("edit.none") },
                ...CATEGORIES.map((value) => ({ value, label: t(`category.${value}`) })),
              ]}
            />
          </Form.Item>
          <Form.Item name="language" label={t("video.language")} extra={t("edit.languageHint")}>
            <Input maxLength={50} />
          </Form.Item>
        </div>
        <Form.Item
          name="visibility"
          label={t("video.visibility")}
          extra={narrower ? <span className="warn">{t("edit.narrower")}</span> : null}
        >
          <Radio.Group
            optionType="button"
            options={VISIBILITIES.map((value) => ({ value, label: <Shown visibility={value} /> }))}
          />
        </Form.Item>
      </Form>
    </Modal>
  );
}
