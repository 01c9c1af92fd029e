import { useTranslation } from "react-i18next";
import { Announcements } from "../features/announcements/Announcements.tsx";
import { useTitle } from "../ui/useTitle.ts";
import "../ui/staff.css";

/** What operators say to people. */
export function Component() {
  const { t } = useTranslation();
  useTitle(t("staff.messages"));
  return (
    <div className="page narrow">
      <h1>{t("staff.messages")}</h1>
      <Announcements />
    </div>
  );
}
