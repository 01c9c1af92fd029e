import { BellOutlined } from "@ant-design/icons";
import { Badge, Button, Tooltip } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSocket } from "../../socket/WebSocketContext.tsx";
import { useMarkAllRead } from "./queries.ts";

const NotificationDrawer = lazy(() => import("./NotificationDrawer.tsx"));

/** The bell: whether live messages come, how many notifications are unread. A click shows and reads them. */
export function NotificationBadge() {
  const { t } = useTranslation();
  const { client, state, unread, arrivals } = useSocket();
  const [open, setOpen] = useState(false);
  const { mutate: markAllRead } = useMarkAllRead(client);
  const live = state.name === "open";
  const connection = t(live ? "bell.live" : "bell.notLive");
  return (
    <>
      <Tooltip title={connection}>
        <Button
          type="text"
          className="bell"
          aria-label={`${t("bell.name", { count: unread })}. ${connection}`}
          aria-haspopup="dialog"
          data-state={state.name}
          data-unread={unread}
          onClick={() => setOpen(true)}
          icon={
            <Badge count={unread} size="small" overflowCount={99} offset={[2, -2]}>
              {/* Each arrival starts the pulse anew. */}
              <span key={arrivals} className={arrivals ? "bell-icon pulse" : "bell-icon"}>
                <BellOutlined />
              </span>
              <span className={live ? "bell-dot live" : "bell-dot"} />
            </Badge>
          }
        />
      </Tooltip>
      <Suspense>
        {open && <NotificationDrawer onClose={() => setOpen(false)} onShown={markAllRead} />}
      </Suspense>
    </>
  );
}
