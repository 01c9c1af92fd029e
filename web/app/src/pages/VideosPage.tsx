import { CloudUploadOutlined } from "@ant-design/icons";
import { Button, Empty } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { Library } from "../features/library/Library.tsx";
import { useTitle } from "../ui/useTitle.ts";

/** One's own videos. */
export function Component() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  useTitle(t("nav.videos"));
  const empty = (
    <Empty description={t("library.none")}>
      <Button type="primary" icon={<CloudUploadOutlined />} onClick={() => void navigate("/upload")}>
        {t("library.first")}
      </Button>
    </Empty>
  );
  return <Library title={t("nav.videos")} scope="own" empty={empty} />;
}
