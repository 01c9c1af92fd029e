import { DeleteOutlined } from "@ant-design/icons";
import { Button, Empty, Popconfirm } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { HistoryCard } from "../features/history/HistoryCard.tsx";
import { useHistory, useHistoryActions } from "../features/history/queries.ts";
import { CardSkeletons } from "../features/library/VideoCard.tsx";
import { Failure } from "../ui/Failure.tsx";
import { useFeedback } from "../ui/feedback.tsx";
import { useSentence } from "../ui/sentence.ts";
import { useTitle } from "../ui/useTitle.ts";

/** What one watched. */
export function Component() {
  const { t } = useTranslation();
  const { message } = useFeedback();
  const sentence = useSentence();
  const list = useHistory();
  const { clear } = useHistoryActions();
  useTitle(t("nav.history"));
  const entries = list.data?.pages.flatMap((page) => page.entries) ?? [];
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t("nav.history")}</h1>
        {entries.length > 0 && (
          <Popconfirm
            title={t("history.clearSure")}
            okText={t("history.clear")}
            okButtonProps={{ danger: true }}
            cancelText={t("cancel")}
            onConfirm={() =>
              clear.mutate(undefined, { onError: (error) => void message.error(sentence(error)) })
            }
          >
            <Button icon={<DeleteOutlined />} loading={clear.isPending}>
              {t("history.clear")}
            </Button>
          </Popconfirm>
        )}
      </div>
      {list.isPending && <CardSkeletons />}
      {list.error && !list.data && <Failure error={list.error} onRetry={() => void list.refetch()} />}
      {list.isSuccess && !entries.length && !list.hasNextPage && (
        <Empty description={t("history.none")}>
          <Link to="/browse">{t("nav.browse")}</Link>
        </Empty>
      )}
      {entries.length > 0 && (
        <ul className="grid" aria-label={t("nav.history")}>
          {entries.map((entry) => (
            <HistoryCard key={entry.video.video_id} entry={entry} />
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <div className="center padded">
          <Button onClick={() => void list.fetchNextPage()} loading={list.isFetchingNextPage}>
            {t("more")}
          </Button>
        </div>
      )}
    </div>
  );
}
