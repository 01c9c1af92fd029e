import { Skeleton } from "antd";
import { useTranslation } from "react-i18next";

/** What stands where a page will be. */
export function PageSkeleton() {
  const { t } = useTranslation();
  return (
    <div className="page" role="status" aria-label={t("loading")}>
      <Skeleton active title={{ width: "30%" }} paragraph={{ rows: 6 }} />
    </div>
  );
}
