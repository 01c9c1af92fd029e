import { DisconnectOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { useOnline } from "../ui/useOnline.ts";

/** Says that there is no network. */
export function OfflineBanner() {
  const { t } = useTranslation();
  const online = useOnline();
  return (
    <div aria-live="polite">
      {!online && (
        <p className="offline">
          <DisconnectOutlined /> {t("shell.offline")}
        </p>
      )}
    </div>
  );
}
