import {
  ApiOutlined,
  AppstoreOutlined,
  AuditOutlined,
  CloudUploadOutlined,
  CompassOutlined,
  DashboardOutlined,
  NotificationOutlined,
  PlaySquareOutlined,
  ProfileOutlined,
  TeamOutlined,
} from "@ant-design/icons";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import { useAuth } from "../auth/AuthContext.tsx";

interface Place {
  to: string;
  name: "browse" | "videos" | "upload" | "allVideos";
  icon: ReactNode;
  /** Shown to those who have it; to everybody without one. */
  permission?: string;
}

const PLACES: readonly Place[] = [
  { to: "/browse", name: "browse", icon: <CompassOutlined /> },
  { to: "/videos", name: "videos", icon: <PlaySquareOutlined />, permission: "videos.create" },
  { to: "/upload", name: "upload", icon: <CloudUploadOutlined />, permission: "videos.create" },
  { to: "/admin/videos", name: "allVideos", icon: <AppstoreOutlined />, permission: "videos.read_any" },
];

interface StaffPlace {
  to: string;
  name: "dashboard" | "jobs" | "users" | "messages" | "audit" | "webhooks";
  icon: ReactNode;
  permission: string;
}

const STAFF_PLACES: readonly StaffPlace[] = [
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

/** Where one may go. */
export function Navigation() {
  const { t } = useTranslation();
  const { can } = useAuth();
  const staffPlaces = STAFF_PLACES.filter((place) => can(place.permission));
  return (
    <nav aria-label={t("shell.navigation")}>
      <ul className="places">
        {PLACES.filter((place) => !place.permission || can(place.permission)).map((place) => (
          <li key={place.to}>
            <NavLink to={place.to} className="place">
              {place.icon}
              <span>{t(`nav.${place.name}`)}</span>
            </NavLink>
          </li>
        ))}
      </ul>
      {staffPlaces.length > 0 && (
        <>
          <h2 className="places-title muted" id="staff-places">
            {t("staff.title")}
          </h2>
          <ul className="places" aria-labelledby="staff-places">
            {staffPlaces.map((place) => (
              <li key={place.to}>
                <NavLink to={place.to} className="place">
                  {place.icon}
                  <span>{t(`staff.${place.name}`)}</span>
                </NavLink>
              </li>
            ))}
          </ul>
        </>
      )}
    </nav>
  );
}
