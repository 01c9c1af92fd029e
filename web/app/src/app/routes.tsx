import { createBrowserRouter } from "react-router";
import { withStaffTexts } from "../i18n/index.ts";
import { FaultPage } from "../pages/FaultPage.tsx";
import { NotFoundPage } from "../pages/NotFoundPage.tsx";
import { PageSkeleton } from "../ui/PageSkeleton.tsx";
import { Home } from "./Home.tsx";
import { Need } from "./Need.tsx";
import { Shell } from "./Shell.tsx";

/** Pages are fetched when they are gone to. */
export const router = createBrowserRouter([
  {
    path: "/",
    element: <Shell />,
    errorElement: <FaultPage />,
    HydrateFallback: PageSkeleton,
    children: [
      {
        errorElement: <FaultPage />,
        children: [
          { index: true, element: <Home /> },
          { path: "sign-in", lazy: () => import("../pages/SignInPage.tsx") },
          { path: "browse", lazy: () => import("../pages/BrowsePage.tsx") },
          { path: "watch/:videoId", lazy: () => import("../pages/WatchPage.tsx") },
          { path: "register", lazy: () => import("../pages/RegisterPage.tsx") },
          { path: "verify-email", lazy: () => import("../pages/VerifyEmailPage.tsx") },
          { path: "forgot-password", lazy: () => import("../pages/ForgotPasswordPage.tsx") },
          { path: "reset-password", lazy: () => import("../pages/ResetPasswordPage.tsx") },
          {
            element: <Need />,
            children: [
              { path: "account", lazy: () => import("../pages/AccountPage.tsx") },
              { path: "history", lazy: () => import("../pages/HistoryPage.tsx") },
            ],
          },
          {
            element: <Need permission="videos.create" />,
            children: [
              { path: "videos", lazy: () => import("../pages/VideosPage.tsx") },
              { path: "upload", lazy: () => import("../pages/UploadPage.tsx") },
            ],
          },
          {
            element: <Need permission="videos.read_any" />,
            children: [
              { path: "admin/videos", lazy: () => import("../pages/AllVideosPage.tsx") },
              { path: "admin/jobs", lazy: () => withStaffTexts(import("../pages/JobsPage.tsx")) },
            ],
          },
          {
            element: <Need permission="users.read" />,
            children: [{ path: "admin/users", lazy: () => withStaffTexts(import("../pages/UsersPage.tsx")) }],
          },
          {
            element: <Need permission="statistics.read" />,
            children: [
              {
                path: "admin/dashboard",
                lazy: () => withStaffTexts(import("../pages/DashboardPage.tsx")),
              },
            ],
          },
          {
            element: <Need permission="messages.announce" />,
            children: [
              {
                path: "admin/messages",
                lazy: () => withStaffTexts(import("../pages/SystemMessagesPage.tsx")),
              },
            ],
          },
          {
            element: <Need permission="audit.read" />,
            children: [{ path: "admin/audit", lazy: () => withStaffTexts(import("../pages/AuditPage.tsx")) }],
          },
          {
            element: <Need permission="webhooks.manage" />,
            children: [{ path: "webhooks", lazy: () => withStaffTexts(import("../pages/WebhooksPage.tsx")) }],
          },
          { path: "*", element: <NotFoundPage /> },
        ],
      },
    ],
  },
]);
