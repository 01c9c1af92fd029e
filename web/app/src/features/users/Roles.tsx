import { DeleteOutlined, EditOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Popconfirm, Skeleton, Tag } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAuth } from "../../auth/AuthContext.tsx";
import { Failure } from "../../ui/Failure.tsx";
import { useFeedback } from "../../ui/feedback.tsx";
import { useSentence } from "../../ui/sentence.ts";
import { type Role, useRemoveRole, useRoles } from "./queries.ts";
import { RoleDialog } from "./RoleDialog.tsx";

/** The roles there are, and what each may do. */
export function Roles() {
  const { t } = useTranslation();
  const { can } = useAuth();
  const { data, error, isPending, refetch } = useRoles();
  const [dialog, setDialog] = useState<Role | "new" | null>(null);
  if (isPending) return <Skeleton active paragraph={{ rows: 6 }} />;
  if (!data) return <Failure error={error ?? new Error()} onRetry={() => void refetch()} />;
  const manages = can("roles.manage");
  return (
    <>
      <div className="list-head">
        <p className="muted">{t("roles.text")}</p>
        <span className="grow" />
        {manages && (
          <Button type="primary" icon={<PlusOutlined />} onClick={() => setDialog("new")}>
            {t("roles.create")}
          </Button>
        )}
      </div>
      <ul className="roles" aria-label={t("roles.title")}>
        {data.roles.map((role) => (
          <li key={role.role} className="card role" data-role={role.role}>
            <div className="letters-head">
              <h2>{role.role}</h2>
              {role.built_in && <Tag>{t("roles.builtIn")}</Tag>}
              <span className="grow" />
              {manages && !role.built_in && <RoleActs role={role} onEdit={() => setDialog(role)} />}
            </div>
            {role.description && <p className="muted">{role.description}</p>}
            <p className="permissions">
              {role.permissions.map((one) => (
                <Tag key={one}>{one}</Tag>
              ))}
              {!role.permissions.length && <span className="muted">{t("roles.nothing")}</span>}
            </p>
          </li>
        ))}
      </ul>
      {dialog && (
        <RoleDialog
          role={dialog === "new" ? null : dialog}
          permissions={data.permissions}
          taken={data.roles.map(({ role }) => role)}
          onClose={() => setDialog(null)}
        />
      )}
    </>
  );
}

function RoleActs({ role, onEdit }: { role: Role; onEdit: () => void }) {
  const { t } = useTranslation();
  const { message } = useFeedback();
  const sentence = useSentence();
  const { mutate, isPending } = useRemoveRole(role.role);
  return (
    <>
      <Button
        size="small"
        icon={<EditOutlined />}
        aria-label={t("roles.edit", { role: role.role })}
        onClick={onEdit}
      />
      <Popconfirm
        title={t("roles.deleteSure", { role: role.role })}
        okText={t("video.delete")}
        okButtonProps={{ danger: true }}
        cancelText={t("keep")}
        onConfirm={() => mutate(undefined, { onError: (error) => void message.error(sentence(error)) })}
      >
        <Button
          size="small"
          danger
          icon={<DeleteOutlined />}
          loading={isPending}
          aria-label={t("roles.delete", { role: role.role })}
        />
      </Popconfirm>
    </>
  );
}
