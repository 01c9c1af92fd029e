import { Drawer } from "antd";
import { useState } from "react";
import { Navigation } from "./Navigation.tsx";

/** The navigation of narrow windows; fetched when it is opened for the first time. */
export default function SideDrawer({ onClose }: { onClose: () => void }) {
  const [open, setOpen] = useState(true);
  return (
    <Drawer
      open={open}
      onClose={() => setOpen(false)}
      afterOpenChange={(now) => !now && onClose()}
      placement="left"
      size={260}
      title="VideoSite"
      styles={{ body: { padding: 8 } }}
    >
      <Navigation />
    </Drawer>
  );
}
