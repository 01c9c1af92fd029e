import { Tabs } from "antd";
import { useTranslation } from "react-i18next";
import { Roles } from "../features/users/Roles.tsx";
import { Users } from "../features/users/Users.tsx";
import { useAddress } from "../ui/useAddress.ts";
import { useTitle } from "../ui/useTitle.ts";
import "../ui/staff.css";

/** Accounts, and the roles they may have. */
export function Component() {
  const { t } = useTranslation();
  const [parameters, change] = useAddress();
  useTitle(t("staff.users"));
  const panel = (content: React.ReactNode) => <div className="stack">{content}</div>;
  return (
    <div className="page">
      <h1>{t("staff.users")}</h1>
      <Tabs
        activeKey={parameters.get("tab") === "roles" ? "roles" : "users"}
        onChange={(tab) => change({ tab: tab === "users" ? undefined : tab })}
        destroyOnHidden
        items={[
          { key: "users", label: t("users.title"), children: panel(<Users />) },
          { key: "roles", label: t("roles.title"), children: panel(<Roles />) },
        ]}
      />
    </div>
  );
}
