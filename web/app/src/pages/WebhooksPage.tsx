import { useTranslation } from "react-i18next";
import { Webhooks } from "../features/webhooks/Webhooks.tsx";
import { useTitle } from "../ui/useTitle.ts";
import "../ui/staff.css";

/** Webhooks, one's own and everybody's. */
export function Component() {
  const { t } = useTranslation();
  useTitle(t("staff.webhooks"));
  return (
    <div className="page narrow">
      <h1>{t("staff.webhooks")}</h1>
      <Webhooks />
    </div>
  );
}
