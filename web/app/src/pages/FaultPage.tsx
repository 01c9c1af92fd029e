import { CloseCircleOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useRouteError } from "react-router";
import { Outcome } from "../ui/Outcome.tsx";

/** A page broke. What is around it goes on working. */
export function FaultPage() {
  const { t } = useTranslation();
  const error = useRouteError();
  useEffect(() => console.error(error), [error]);
  return (
    <Outcome icon={<CloseCircleOutlined className="bad" />} title={t("fault.title")} text={t("fault.text")}>
      <Button type="primary" onClick={() => location.reload()}>
        {t("fault.reload")}
      </Button>
    </Outcome>
  );
}
