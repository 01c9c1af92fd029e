import { WarningOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Outcome } from "./Outcome.tsx";
import { useSentence } from "./sentence.ts";

interface Props {
  error: Error;
  onRetry: () => void;
  /** Of nothing else on the page there is a heading. */
  page?: boolean;
}

/** Something could not be read: why, and how to try again. */
export function Failure({ error, onRetry, page }: Props) {
  const { t } = useTranslation();
  const sentence = useSentence();
  return (
    <Outcome
      icon={<WarningOutlined className="warn" />}
      title={t("failure.title")}
      text={sentence(error)}
      inside={!page}
    >
      <Button type="primary" onClick={onRetry}>
        {t("retry")}
      </Button>
    </Outcome>
  );
}
