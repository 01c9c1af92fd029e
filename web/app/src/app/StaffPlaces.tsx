import {
  ApiOutlined,
  AuditOutlined,
  DashboardOutlined,
  NotificationOutlined,
  ProfileOutlined,
  TeamOutlined,
} from "@ant-design/icons";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import { useAuth } from "../auth/AuthContext.tsx";

interface Place {
  to: string;
  name: "dashboard" | "jobs" | "users" | "messages" | "audit" | "webhooks";
  icon: ReactNode;
  permission: string;
}

const PLACES: readonly Place[] = [
  {
    to: "/admin/dashboard",
    name: "dashboard",
    icon: <DashboardOutlined />,
    permission: "statistics.read",
  },
  { to: "/admin/jobs", name: "jobs", icon: <ProfileOutlined />, permission: "videos.read_any" },
  { to: "/admin/users", name: "users", icon: <TeamOutlined />, permission: "users.read" },
  {
    to: "/admin/messages",
    name: "messages",
    icon: <NotificationOutlined />,
    permission: "messages.announce",
  },
  { to: "/admin/audit", name: "audit", icon: <AuditOutlined />, permission: "audit.read" },
  { to: "/webhooks", name: "webhooks", icon: <ApiOutlined />, permission: "webhooks.manage" },
];

/** Where those may go who look after the site; fetched after everybody's places. */
export default function StaffPlaces() {
  const { t } = useTranslation();
  const { can } = useAuth();
  const places = PLACES.filter((place) => can(place.permission));
  if (!places.length) return null;
  return (
    <>
      <h2 className="places-title muted" id="staff-places">
        {t("staff.title")}
      </h2>
      <ul className="places" aria-labelledby="staff-places">
        {places.map((place) => (
          <li key={place.to}>
            <NavLink to={place.to} className="place">
              {place.icon}
              <span>{t(`staff.${place.name}`)}</span>
            </NavLink>
          </li>
        ))}
      </ul>
    </>
  );
}
