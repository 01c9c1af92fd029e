import { Form, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { DropZone } from "../features/upload/DropZone.tsx";
import type { NewVideo } from "../features/upload/manager.ts";
import { useUploadManager, useUploads } from "../features/upload/UploadContext.tsx";
import { UploadRow } from "../features/upload/UploadRow.tsx";
import { useTitle } from "../ui/useTitle.ts";

const VISIBILITIES = ["private", "unlisted", "public"] as const;
const LADDERS = ["standard", "h264-only", "av1-only", "fast"] as const;

/** Files go up here, and become videos. */
export function Component() {
  const { t } = useTranslation();
  const manager = useUploadManager();
  const uploads = useUploads();
  const [wanted, setWanted] = useState<NewVideo>({ visibility: "private", ladder: "standard" });
  useTitle(t("nav.upload"));
  return (
    <div className="page narrow">
      <h1>{t("nav.upload")}</h1>
      <Form layout="vertical" className="upload-wanted">
        <Form.Item label={t("video.visibility")} htmlFor="visibility">
          <Select
            id="visibility"
            value={wanted.visibility}
            onChange={(visibility) => setWanted({ ...wanted, visibility })}
            options={VISIBILITIES.map((value) => ({ value, label: t(`visibility.${value}`) }))}
          />
        </Form.Item>
        <Form.Item label={t("upload.ladder")} htmlFor="ladder">
          <Select
            id="ladder"
            value={wanted.ladder}
            onChange={(ladder) => setWanted({ ...wanted, ladder })}
            options={LADDERS.map((value) => ({ value, label: t(`ladder.${value}`) }))}
          />
        </Form.Item>
      </Form>
      <DropZone onFiles={(files) => void manager?.add(files, wanted)} />
      <ul className="uploads" aria-label={t("upload.list")}>
        {manager && uploads.map((one) => <UploadRow key={one.key} upload={one} manager={manager} />)}
      </ul>
    </div>
  );
}
