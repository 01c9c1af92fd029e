import {
  BulbOutlined,
  CheckOutlined,
  GlobalOutlined,
  LoginOutlined,
  LogoutOutlined,
  UserOutlined,
} from "@ant-design/icons";
import { Avatar, Button, Dropdown, type MenuProps } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { useAuth } from "../auth/AuthContext.tsx";
import { signIns } from "../auth/session.ts";
import { LANGUAGE_NAMES, LANGUAGES, preferences, THEMES, usePreferences } from "./preferences.ts";

/** Who is signed in, language, theme, the way out. */
export function AccountMenu() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { status, user } = useAuth();
  const { language, theme } = usePreferences();
  const chosen = (is: boolean) => (is ? <CheckOutlined /> : <span className="menu-gap" />);
  const items: NonNullable<MenuProps["items"]> = [
    {
      key: "language",
      type: "group",
      label: (
        <>
          <GlobalOutlined /> {t("account.language")}
        </>
      ),
      children: LANGUAGES.map((one) => ({
        key: `language:${one}`,
        icon: chosen(one === language),
        label: <span lang={one}>{LANGUAGE_NAMES[one]}</span>,
        onClick: () => preferences.change({ language: one }),
      })),
    },
    {
      key: "theme",
      type: "group",
      label: (
        <>
          <BulbOutlined /> {t("account.theme")}
        </>
      ),
      children: THEMES.map((one) => ({
        key: `theme:${one}`,
        icon: chosen(one === theme),
        label: t(`theme.${one}`),
        onClick: () => preferences.change({ theme: one }),
      })),
    },
    { type: "divider" },
  ];
  if (status === "signed_out") {
    items.push({
      key: "in",
      icon: <LoginOutlined />,
      label: t("account.signIn"),
      onClick: () => navigate("/sign-in"),
    });
  } else {
    if (user) {
      items.unshift({
        key: "who",
        type: "group",
        label: (
          <span className="menu-who">
            <strong>{user.display_name ?? user.email}</strong>
            <span>{t("account.role", { role: user.role })}</span>
          </span>
        ),
      });
    }
    items.push({
      key: "account",
      icon: <UserOutlined />,
      label: t("account.yours"),
      onClick: () => navigate("/account"),
    });
    items.push({
      key: "out",
      icon: <LogoutOutlined />,
      label: t("account.signOut"),
      onClick: () => {
        // The server's answer changes nothing here, and may come when somebody else has signed in.
        signIns.signOut().catch(() => {});
        void navigate("/sign-in");
      },
    });
  }
  return (
    <Dropdown menu={{ items }} trigger={["click"]} placement="bottomRight">
      <Button type="text" aria-label={t("account.menu")} className="bar-account">
        <Avatar size={28} src={user?.avatar_url ?? undefined} icon={<UserOutlined />} alt="" />
      </Button>
    </Dropdown>
  );
}
