import { Empty } from "antd";
import { useTranslation } from "react-i18next";
import { Library } from "../features/library/Library.tsx";
import { useTitle } from "../ui/useTitle.ts";

/** Everybody's public videos. */
export function Component() {
  const { t } = useTranslation();
  useTitle(t("nav.browse"));
  return (
    <Library title={t("nav.browse")} scope="public" empty={<Empty description={t("library.nonePublic")} />} />
  );
}
