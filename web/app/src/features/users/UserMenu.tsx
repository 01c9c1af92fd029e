import { DeleteOutlined, EditOutlined, MoreOutlined, StopOutlined, UnlockOutlined } from "@ant-design/icons";
import { Button, Dropdown, type MenuProps } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAuth } from "../../auth/AuthContext.tsx";
import { useFeedback } from "../../ui/feedback.tsx";
import { useSentence } from "../../ui/sentence.ts";
import { DeleteUserDialog } from "./DeleteUserDialog.tsx";
import { EditUserDialog } from "./EditUserDialog.tsx";
import { type Account, useRestore } from "./queries.ts";
import { SuspendDialog } from "./SuspendDialog.tsx";

type Dialog = "edit" | "suspend" | "delete";

/** What can be done with an account, for those who may. */
export function UserMenu({ user }: { user: Account }) {
  const { t } = useTranslation();
  const { user: me, can } = useAuth();
  const { message } = useFeedback();
  const sentence = useSentence();
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const restore = useRestore(user.user_id);
  const close = () => setDialog(null);
  if (!can("users.manage")) return null;
  const mine = user.user_id === me?.user_id;
  const items: NonNullable<MenuProps["items"]> = [
    { key: "edit", icon: <EditOutlined />, label: t("users.edit"), onClick: () => setDialog("edit") },
    user.state === "suspended"
      ? {
          key: "restore",
          icon: <UnlockOutlined />,
          label: t("users.restore"),
          onClick: () =>
            restore.mutate(undefined, {
              onSuccess: () => void message.success(t("users.restored", { email: user.email })),
              onError: (error) => void message.error(sentence(error)),
            }),
        }
      : {
          key: "suspend",
          icon: <StopOutlined />,
          label: t("users.suspend"),
          disabled: mine,
          onClick: () => setDialog("suspend"),
        },
    { type: "divider" },
    {
      key: "delete",
      icon: <DeleteOutlined />,
      label: t("video.delete"),
      danger: true,
      disabled: mine,
      onClick: () => setDialog("delete"),
    },
  ];
  return (
    <>
      <Dropdown menu={{ items }} trigger={["click"]} placement="bottomRight">
        <Button
          type="text"
          size="small"
          icon={<MoreOutlined />}
          aria-label={t("video.menuOf", { title: user.email })}
        />
      </Dropdown>
      {dialog === "edit" && <EditUserDialog user={user} onClose={close} />}
      {dialog === "suspend" && <SuspendDialog user={user} onClose={close} />}
      {dialog === "delete" && <DeleteUserDialog user={user} onClose={close} />}
    </>
  );
}
