import { MenuOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, Outlet, ScrollRestoration, useLocation, useNavigation } from "react-router";
import { useAuth } from "../auth/AuthContext.tsx";
import { NotificationBadge } from "../features/notifications/NotificationBadge.tsx";
import { UploadIndicator } from "../features/upload/UploadIndicator.tsx";
import { PageSkeleton } from "../ui/PageSkeleton.tsx";
import { AccountMenu } from "./AccountMenu.tsx";
import { Navigation } from "./Navigation.tsx";
import { OfflineBanner } from "./OfflineBanner.tsx";

const SideDrawer = lazy(() => import("./SideDrawer.tsx"));

/** What surrounds every page: header, navigation, the page itself. */
export function Shell() {
  const { t } = useTranslation();
  const { status } = useAuth();
  const [open, setOpen] = useState(false);
  const { pathname } = useLocation();
  const { state } = useNavigation();
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: with each page
  useEffect(() => {
    setOpen(false);
    // Screen readers and keyboards go on from the new page, not from the link that led there.
    // A field of it that has taken the focus itself keeps it.
    const taken = main.current?.contains(document.activeElement);
    if (!first.current && !taken) main.current?.focus({ preventScroll: true });
    first.current = false;
  }, [pathname]);
  return (
    <div className="shell">
      <a className="skip" href="#main">
        {t("shell.skip")}
      </a>
      <header className="bar">
        <Button
          className="bar-menu"
          type="text"
          icon={<MenuOutlined />}
          aria-label={t("shell.menu")}
          aria-expanded={open}
          onClick={() => setOpen(true)}
        />
        <Link to="/" className="brand">
          <img src="/icon.svg" alt="" width={28} height={28} />
          <span>VideoSite</span>
        </Link>
        <span className="grow" />
        {status === "signed_in" && (
          <>
            <UploadIndicator />
            <NotificationBadge />
          </>
        )}
        <AccountMenu />
      </header>
      <OfflineBanner />
      <div className="body">
        <aside className="side">
          <Navigation />
        </aside>
        <Suspense>{open && <SideDrawer onClose={() => setOpen(false)} />}</Suspense>
        <main id="main" ref={main} tabIndex={-1} aria-busy={state === "loading"}>
          <Suspense fallback={<PageSkeleton />}>
            <Outlet />
          </Suspense>
        </main>
      </div>
      <ScrollRestoration />
    </div>
  );
}
