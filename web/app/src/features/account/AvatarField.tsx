import { UploadOutlined, UserOutlined } from "@ant-design/icons";
import { Avatar, Button, Popconfirm } from "antd";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import type { User } from "../../auth/AuthContext.tsx";
import { useFeedback } from "../../ui/feedback.tsx";
import { PICTURE_TYPES, tooLarge } from "../../ui/pictures.ts";
import { useSentence } from "../../ui/sentence.ts";
import { useProfileActions } from "./queries.ts";

/** One's picture. */
export function AvatarField({ user }: { user: User }) {
  const { t } = useTranslation();
  const { message } = useFeedback();
  const sentence = useSentence("picture");
  const { avatar, noAvatar } = useProfileActions();
  const input = useRef<HTMLInputElement>(null);
  const onError = (error: Error) => void message.error(sentence(error));
  return (
    <div className="avatar">
      <Avatar
        size={96}
        src={user.avatar_url ?? undefined}
        icon={<UserOutlined />}
        alt={t("profile.avatar")}
      />
      <div className="avatar-buttons">
        <Button icon={<UploadOutlined />} loading={avatar.isPending} onClick={() => input.current?.click()}>
          {t("picture.upload")}
        </Button>
        {user.avatar_url && (
          <Popconfirm
            title={t("profile.avatarSure")}
            okText={t("profile.avatarRemove")}
            cancelText={t("cancel")}
            onConfirm={() => noAvatar.mutate(undefined, { onError })}
          >
            <Button loading={noAvatar.isPending}>{t("profile.avatarRemove")}</Button>
          </Popconfirm>
        )}
        <p className="muted">{t("picture.hint")}</p>
      </div>
      <input
        ref={input}
        type="file"
        accept={PICTURE_TYPES}
        hidden
        aria-hidden
        tabIndex={-1}
        data-testid="avatar-file"
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file && tooLarge(file)) void message.error(t("picture.problem.too_large"));
          else if (file) avatar.mutate(file, { onError });
          event.target.value = "";
        }}
      />
    </div>
  );
}
