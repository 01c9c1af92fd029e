import { Button, Result } from "antd";
import { useTranslation } from "react-i18next";
import { useSentence } from "./sentence.ts";

/** Something could not be read: why, and how to try again. */
export function Failure({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const { t } = useTranslation();
  const sentence = useSentence();
  return (
    <Result
      status="warning"
      title={t("failure.title")}
      subTitle={sentence(error)}
      extra={
        <Button type="primary" onClick={onRetry}>
          {t("retry")}
        </Button>
      }
    />
  );
}
