import { Button, Result } from "antd";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useRouteError } from "react-router";

/** A page broke. What is around it goes on working. */
export function FaultPage() {
  const { t } = useTranslation();
  const error = useRouteError();
  useEffect(() => console.error(error), [error]);
  return (
    <Result
      status="error"
      title={<h1 className="result-title">{t("fault.title")}</h1>}
      subTitle={t("fault.text")}
      extra={
        <Button type="primary" onClick={() => location.reload()}>
          {t("fault.reload")}
        </Button>
      }
    />
  );
}
