import { Empty } from "antd";
import { useTranslation } from "react-i18next";
import { Library } from "../features/library/Library.tsx";
import { useTitle } from "../ui/useTitle.ts";

/** Everybody's videos, for staff. */
export function Component() {
  const { t } = useTranslation();
  useTitle(t("nav.allVideos"));
  return (
    <Library title={t("nav.allVideos")} scope="all" empty={<Empty description={t("library.noneAtAll")} />} />
  );
}
