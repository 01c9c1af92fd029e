import { CopyOutlined } from "@ant-design/icons";
import { Button, Modal } from "antd";
import { useTranslation } from "react-i18next";
import { useFeedback } from "../../ui/feedback.tsx";

/** Shows a secret, once: nobody can read it afterwards. */
export function SecretDialog({ secret, onClose }: { secret: string; onClose: () => void }) {
  const { t } = useTranslation();
  const { message } = useFeedback();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(secret);
      void message.success(t("hooks.copied"));
    } catch {
      void message.error(t("video.notCopied"));
    }
  };
  return (
    <Modal
      open
      title={t("hooks.secret")}
      closable={false}
      mask={{ closable: false }}
      keyboard={false}
      footer={
        <Button type="primary" onClick={onClose}>
          {t("hooks.kept")}
        </Button>
      }
    >
      <p className="gap-below">{t("hooks.secretOnce")}</p>
      <p className="secret">
        <code>{secret}</code>
        <Button icon={<CopyOutlined />} onClick={() => void copy()}>
          {t("hooks.copy")}
        </Button>
      </p>
    </Modal>
  );
}
