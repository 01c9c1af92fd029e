import { useTranslation } from "react-i18next";
import { Audit } from "../features/audit/Audit.tsx";
import { useTitle } from "../ui/useTitle.ts";
import "../ui/staff.css";

/** The audit log. */
export function Component() {
  const { t } = useTranslation();
  useTitle(t("staff.audit"));
  return (
    <div className="page">
      <h1>{t("staff.audit")}</h1>
      <Audit />
    </div>
  );
}
