import { Button, Empty, Popconfirm, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Failure } from "../../ui/Failure.tsx";
import { useFeedback } from "../../ui/feedback.tsx";
import { formatAgo } from "../../ui/format.ts";
import { useSentence } from "../../ui/sentence.ts";
import { Updated } from "../../ui/Updated.tsx";
import { type Depth, type Handling, type Letter, useHandling, useLetters, useQueues } from "./queries.ts";

/** Messages that no worker could handle, by queue; they go back, or away. */
export function DeadLetters() {
  const { t } = useTranslation();
  const queues = useQueues();
  const found = queues.data?.dead_letters.filter((one) => one.waiting + one.in_flight > 0) ?? [];
  if (queues.isPending) return <Skeleton active paragraph={{ rows: 4 }} />;
  if (!queues.data) {
    return <Failure error={queues.error ?? new Error()} onRetry={() => void queues.refetch()} />;
  }
  return (
    <>
      <div className="list-head">
        <p className="muted">{t("letters.text")}</p>
        <span className="grow" />
        <Updated
          atMs={queues.dataUpdatedAt}
          busy={queues.isFetching}
          onRefresh={() => void queues.refetch()}
        />
      </div>
      {!found.length && <Empty description={t("letters.none")} />}
      {found.map((queue) => (
        <QueueLetters key={queue.name} queue={queue} />
      ))}
    </>
  );
}

function QueueLetters({ queue: { name, waiting, in_flight } }: { queue: Depth }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const count = waiting + in_flight;
  return (
    <section className="card letters" aria-label={name} data-queue={name}>
      <div className="letters-head">
        <h2>{name}</h2>
        <span className="muted">{t("letters.count", { count })}</span>
        <span className="grow" />
        <Button aria-expanded={open} onClick={() => setOpen(!open)}>
          {t(open ? "letters.hide" : "letters.look")}
        </Button>
        <Acts queue={name} count={count} />
      </div>
      {open && <Letters queue={name} />}
    </section>
  );
}

function Letters({ queue }: { queue: string }) {
  const { t, i18n } = useTranslation();
  const { data, error, isPending, refetch } = useLetters(queue);
  if (isPending) return <Skeleton active title={false} />;
  if (!data) return <Failure error={error ?? new Error()} onRetry={() => void refetch()} />;
  return (
    <ul className="letter-list">
      {data.letters.map((letter: Letter) => (
        <li key={letter.message_id} className="letter">
          <p className="muted letter-facts">
            <code>{letter.message_id}</code>
            <time dateTime={letter.sent_at}>{formatAgo(letter.sent_at, i18n.language)}</time>
            <span>{t("letters.receives", { count: letter.receives })}</span>
          </p>
          <pre>{JSON.stringify(letter.body, null, 2)}</pre>
          <Acts queue={queue} messageId={letter.message_id} count={1} />
        </li>
      ))}
      {!data.letters.length && <li className="muted">{t("letters.busy")}</li>}
    </ul>
  );
}

/** Sending back and deleting: one letter, or all of a queue. */
function Acts({ queue, messageId, count }: { queue: string; messageId?: string; count: number }) {
  const { t } = useTranslation();
  const { message } = useFeedback();
  const sentence = useSentence();
  const { mutate, isPending, variables } = useHandling(queue);
  const handle = (act: Handling["act"]) =>
    mutate(
      { act, ...(messageId && { messageId }) },
      {
        onSuccess: (done) => void message.success(t(`letters.${act}Done`, { count: done.count })),
        onError: (error) => void message.error(sentence(error)),
      },
    );
  return (
    <span className="acts">
      <Popconfirm
        title={t("letters.redriveSure", { count, queue })}
        okText={t("letters.redrive")}
        cancelText={t("keep")}
        onConfirm={() => handle("redrive")}
      >
        <Button loading={isPending && variables.act === "redrive"}>{t("letters.redrive")}</Button>
      </Popconfirm>
      <Popconfirm
        title={t("letters.deleteSure", { count })}
        okText={t("video.delete")}
        okButtonProps={{ danger: true }}
        cancelText={t("keep")}
        onConfirm={() => handle("delete")}
      >
        <Button danger loading={isPending && variables.act === "delete"}>
          {t("video.delete")}
        </Button>
      </Popconfirm>
    </span>
  );
}
