import { Alert, Input, Modal } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFeedback } from "../../ui/feedback.tsx";
import { useSentence } from "../../ui/sentence.ts";
import { type Account, useSuspend } from "./queries.ts";

const MOST = 500;

/** Keeps somebody out, after saying what that means. */
export function SuspendDialog({ user, onClose }: { user: Account; onClose: () => void }) {
  const { t } = useTranslation();
  const { message } = useFeedback();
  const sentence = useSentence();
  const id = useId();
  const [reason, setReason] = useState("");
  const { mutate, isPending, error } = useSuspend(user.user_id);
  return (
    <Modal
      open
      title={t("users.suspendTitle", { email: user.email })}
      okText={t("users.suspend")}
      okButtonProps={{ danger: true }}
      cancelText={t("cancel")}
      confirmLoading={isPending}
      onOk={() =>
        mutate(reason, {
          onSuccess: () => {
            onClose();
            void message.success(t("users.suspended", { email: user.email }));
          },
        })
      }
      onCancel={onClose}
    >
      {error && <Alert type="error" showIcon title={sentence(error)} role="alert" className="gap-below" />}
      <p className="gap-below">{t("users.suspendWhat")}</p>
      <label htmlFor={id}>{t("users.reason")}</label>
      <Input.TextArea
        id={id}
        value={reason}
        maxLength={MOST}
        autoSize={{ minRows: 2, maxRows: 6 }}
        onChange={(event) => setReason(event.target.value)}
      />
    </Modal>
  );
}
