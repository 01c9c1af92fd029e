import {
  CheckCircleFilled,
  ClockCircleFilled,
  CloseCircleFilled,
  DeleteFilled,
  MinusCircleFilled,
  SyncOutlined,
} from "@ant-design/icons";
import { Tooltip } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schema } from "../api/client.ts";
import { useSentence } from "./sentence.ts";

type Status = Schema<"Video">["status"];

const ICONS: Record<Status, ReactNode> = {
  pending: <ClockCircleFilled />,
  processing: <SyncOutlined spin />,
  completed: <CheckCircleFilled />,
  failed: <CloseCircleFilled />,
  cancelled: <MinusCircleFilled />,
  deleting: <DeleteFilled />,
};

interface Props {
  status: Status;
  /** Why it failed, shown on hover and focus. */
  error?: { code: string; message: string } | null;
}

/** How something stands, as a word with a colour and a sign of its own. */
export function StatusTag({ status, error }: Props) {
  const { t } = useTranslation();
  const sentence = useSentence();
  const tag = (
    <span className={`status ${status}`} {...(error && { tabIndex: 0 })}>
      {ICONS[status]} {t(`status.${status}`)}
    </span>
  );
  return error ? <Tooltip title={sentence(error)}>{tag}</Tooltip> : tag;
}
