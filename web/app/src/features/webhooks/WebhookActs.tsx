import {
  DeleteOutlined,
  EditOutlined,
  HistoryOutlined,
  KeyOutlined,
  MoreOutlined,
  PoweroffOutlined,
  SendOutlined,
} from "@ant-design/icons";
import { Button, Dropdown, type MenuProps, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFeedback } from "../../ui/feedback.tsx";
import { useSentence } from "../../ui/sentence.ts";
import { DeliveryDrawer } from "./DeliveryDrawer.tsx";
import { useEdit, useRemove, useRotate, useTest, type Webhook } from "./queries.ts";
import { WebhookDialog } from "./WebhookDialog.tsx";

type Open = "edit" | "deliveries" | "rotate" | "remove" | "switchOff";

interface Props {
  webhook: Webhook;
  onSecret: (secret: string) => void;
}

/** What can be done with a webhook. */
export function WebhookActs({ webhook, onSecret }: Props) {
  const { t } = useTranslation();
  const { message } = useFeedback();
  const sentence = useSentence();
  const { webhook_id: id, url, enabled } = webhook;
  const [open, setOpen] = useState<Open | null>(null);
  const [edit, remove, rotate, test] = [useEdit(id), useRemove(id), useRotate(id), useTest(id)];
  const onError = (error: Error) => void message.error(sentence(error));
  const close = () => setOpen(null);
  const items: NonNullable<MenuProps["items"]> = [
    { key: "edit", icon: <EditOutlined />, label: t("video.edit"), onClick: () => setOpen("edit") },
    {
      key: "test",
      icon: <SendOutlined />,
      label: t("hooks.test"),
      disabled: !enabled,
      onClick: () => test.mutate(undefined, { onSuccess: () => setOpen("deliveries"), onError }),
    },
    {
      key: "power",
      icon: <PoweroffOutlined />,
      label: t(enabled ? "hooks.switchOff" : "hooks.switchOn"),
      onClick: () => (enabled ? setOpen("switchOff") : edit.mutate({ enabled: true }, { onError })),
    },
    { key: "rotate", icon: <KeyOutlined />, label: t("hooks.rotate"), onClick: () => setOpen("rotate") },
    { type: "divider" },
    {
      key: "remove",
      icon: <DeleteOutlined />,
      label: t("video.delete"),
      danger: true,
      onClick: () => setOpen("remove"),
    },
  ];
  return (
    <>
      <Button icon={<HistoryOutlined />} onClick={() => setOpen("deliveries")}>
        {t("hooks.deliveries")}
      </Button>
      <Dropdown menu={{ items }} trigger={["click"]} placement="bottomRight">
        <Button type="text" icon={<MoreOutlined />} aria-label={t("video.menuOf", { title: url })} />
      </Dropdown>
      {open === "edit" && <WebhookDialog webhook={webhook} onClose={close} onSecret={onSecret} />}
      {open === "deliveries" && <DeliveryDrawer webhook={webhook} onClose={close} />}
      {open === "switchOff" && (
        <Modal
          open
          title={t("hooks.switchOff")}
          okText={t("hooks.switchOff")}
          okButtonProps={{ danger: true }}
          cancelText={t("cancel")}
          confirmLoading={edit.isPending}
          onCancel={close}
          onOk={() => edit.mutate({ enabled: false }, { onSuccess: close, onError })}
        >
          <p>{t("hooks.switchOffSure", { url })}</p>
        </Modal>
      )}
      {(open === "rotate" || open === "remove") && (
        <Modal
          open
          title={t(`hooks.${open}`)}
          okText={t(`hooks.${open}Yes`)}
          okButtonProps={{ danger: true }}
          cancelText={t("cancel")}
          confirmLoading={rotate.isPending || remove.isPending}
          onCancel={close}
          onOk={() =>
            open === "rotate"
              ? rotate.mutate(undefined, {
                  onSuccess: ({ secret }) => {
                    close();
                    onSecret(secret);
                  },
                  onError,
                })
              : remove.mutate(undefined, { onSuccess: close, onError })
          }
        >
          <p>{t(`hooks.${open}Sure`, { url })}</p>
        </Modal>
      )}
    </>
  );
}
