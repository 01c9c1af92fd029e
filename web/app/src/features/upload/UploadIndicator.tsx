import { CloudUploadOutlined } from "@ant-design/icons";
import { Badge, Tooltip } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useUploads } from "./UploadContext.tsx";

/** In the header, while something is uploaded: how far all of it is. */
export function UploadIndicator() {
  const { t } = useTranslation();
  const uploads = useUploads().filter((one) => one.status === "sending" || one.status === "waiting");
  if (!uploads.length) return null;
  const total = uploads.reduce((sum, one) => sum + one.sizeBytes, 0);
  const sent = uploads.reduce((sum, one) => sum + one.sentBytes, 0);
  const percent = total ? Math.floor((100 * sent) / total) : 0;
  const text = t("upload.indicator", { count: uploads.length, percent });
  return (
    <Tooltip title={text}>
      <Link to="/upload" className="uploading" aria-label={text}>
        <Badge count={uploads.length} size="small" color="var(--primary)">
          <CloudUploadOutlined />
        </Badge>
        <span>{percent}%</span>
      </Link>
    </Tooltip>
  );
}
