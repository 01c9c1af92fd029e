import { Alert, Form, Input, Modal, Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFeedback } from "../../ui/feedback.tsx";
import { useSentence } from "../../ui/sentence.ts";
import { defined } from "../../ui/useAddress.ts";
import { momentOf, type NewAnnouncement, useAnnounce } from "./queries.ts";

type Fields = Pick<
  NewAnnouncement,
  "message" | "level" | "audience" | "user_id" | "starts_at" | "expires_at"
>;

const LEVELS = ["info", "warning", "error"] as const;
const AUDIENCES = ["all", "admins", "user"] as const;
const LONGEST = 2000;

/** Writes a system message, for now or for later. */
export function AnnounceDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const { message } = useFeedback();
  const sentence = useSentence();
  const [form] = Form.useForm<Fields>();
  const audience = Form.useWatch("audience", form);
  const [key] = useState(() => crypto.randomUUID());
  const { mutate, isPending, error } = useAnnounce(key);
  const send = ({ starts_at, expires_at, ...rest }: Fields) =>
    mutate(
      {
        message: rest.message,
        ...defined({
          ...rest,
          starts_at: momentOf(starts_at ?? undefined),
          expires_at: momentOf(expires_at ?? undefined),
        }),
      },
      {
        onSuccess: () => {
          onClose();
          void message.success(t(starts_at ? "announce.scheduled" : "announce.sent"));
        },
      },
    );
  return (
    <Modal
      open
      title={t("announce.new")}
      okText={t("announce.send")}
      cancelText={t("cancel")}
      confirmLoading={isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      {error && <Alert type="error" showIcon title={sentence(error)} role="alert" className="gap-below" />}
      <Form<Fields>
        form={form}
        layout="vertical"
        initialValues={{ level: "info", audience: "all" }}
        onFinish={send}
      >
        <Form.Item
          name="message"
          label={t("announce.message")}
          rules={[{ required: true, whitespace: true, message: t("announce.missing") }]}
        >
          <Input.TextArea maxLength={LONGEST} showCount autoSize={{ minRows: 3, maxRows: 8 }} />
        </Form.Item>
        <Form.Item name="level" label={t("announce.levelName")}>
          <Radio.Group
            optionType="button"
            options={LEVELS.map((value) => ({ value, label: t(`announce.level.${value}`) }))}
          />
        </Form.Item>
        <Form.Item name="audience" label={t("announce.audience")}>
          <Radio.Group
            optionType="button"
            options={AUDIENCES.map((value) => ({ value, label: t(`announce.to.${value}`) }))}
          />
        </Form.Item>
        {audience === "user" && (
          <Form.Item
            name="user_id"
            label={t("announce.userId")}
            rules={[{ required: true, message: t("announce.userId") }]}
          >
            <Input />
          </Form.Item>
        )}
        <div className="columns">
          <Form.Item name="starts_at" label={t("announce.starts")} extra={t("announce.startsHint")}>
            <Input type="datetime-local" />
          </Form.Item>
          <Form.Item name="expires_at" label={t("announce.expires")} extra={t("announce.expiresHint")}>
            <Input type="datetime-local" />
          </Form.Item>
        </div>
      </Form>
    </Modal>
  );
}
