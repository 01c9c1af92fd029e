import { Progress } from "antd";
import { useTranslation } from "react-i18next";
import { hasEnded } from "../status.ts";

/** A bar; its number is text, for those who do not see it. */
export function Bar({ status, progress }: { status: string; progress: number }) {
  const { t } = useTranslation();
  const look =
    { failed: "exception", completed: "success" }[status] ?? (hasEnded(status) ? "normal" : "active");
  return (
    <Progress
      percent={progress}
      status={look as "exception" | "success" | "normal" | "active"}
      aria-label={t("transcode.progress")}
      format={(percent) => `${percent ?? 0}%`}
    />
  );
}
