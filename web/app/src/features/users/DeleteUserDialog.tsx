import { Alert, Modal } from "antd";
import { useTranslation } from "react-i18next";
import { useFeedback } from "../../ui/feedback.tsx";
import { useSentence } from "../../ui/sentence.ts";
import { type Account, useDeleteUser } from "./queries.ts";

/** Says what goes with an account before it goes. */
export function DeleteUserDialog({ user, onClose }: { user: Account; onClose: () => void }) {
  const { t } = useTranslation();
  const { message } = useFeedback();
  const sentence = useSentence();
  const { mutate, isPending, error } = useDeleteUser(user.user_id);
  return (
    <Modal
      open
      title={t("users.deleteTitle")}
      okText={t("delete.yes")}
      okButtonProps={{ danger: true }}
      cancelText={t("cancel")}
      confirmLoading={isPending}
      onOk={() =>
        mutate(undefined, {
          onSuccess: () => {
            onClose();
            void message.success(t("users.deleted", { email: user.email }));
          },
        })
      }
      onCancel={onClose}
    >
      {error && <Alert type="error" showIcon title={sentence(error)} role="alert" className="gap-below" />}
      <p>{t("users.deleteWhat", { email: user.email })}</p>
      <p>
        <strong>{t("delete.final")}</strong>
      </p>
    </Modal>
  );
}
