import {
  AppstoreOutlined,
  CloudUploadOutlined,
  CompassOutlined,
  HistoryOutlined,
  PlaySquareOutlined,
} from "@ant-design/icons";
import { lazy, type ReactNode, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import { useAuth } from "../auth/AuthContext.tsx";

const StaffPlaces = lazy(() => import("./StaffPlaces.tsx"));

interface Place {
  to: string;
  name: "browse" | "history" | "videos" | "upload" | "allVideos";
  icon: ReactNode;
  /** Shown to those who have it; to everybody without one. */
  permission?: string;
  /** Shown to those who are signed in. */
  signedIn?: true;
}

const PLACES: readonly Place[] = [
  { to: "/browse", name: "browse", icon: <CompassOutlined /> },
  { to: "/history", name: "history", icon: <HistoryOutlined />, signedIn: true },
  { to: "/videos", name: "videos", icon: <PlaySquareOutlined />, permission: "videos.create" },
  { to: "/upload", name: "upload", icon: <CloudUploadOutlined />, permission: "videos.create" },
  { to: "/admin/videos", name: "allVideos", icon: <AppstoreOutlined />, permission: "videos.read_any" },
];

/** Where one may go. */
export function Navigation() {
  const { t } = useTranslation();
  const { status, can } = useAuth();
  return (
    <nav aria-label={t("shell.navigation")}>
      <ul className="places">
        {PLACES.filter(
          (place) =>
            (!place.permission || can(place.permission)) && (!place.signedIn || status === "signed_in"),
        ).map((place) => (
          <li key={place.to}>
            <NavLink to={place.to} className="place">
              {place.icon}
              <span>{t(`nav.${place.name}`)}</span>
            </NavLink>
          </li>
        ))}
      </ul>
      {status === "signed_in" && (
        <Suspense>
          <StaffPlaces />
        </Suspense>
      )}
    </nav>
  );
}
