import { Button, Empty, Skeleton, Table, type TableColumnsType } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Failure } from "../../ui/Failure.tsx";
import { formatMoment } from "../../ui/format.ts";
import { SearchBox } from "../../ui/SearchBox.tsx";
import { useAddress } from "../../ui/useAddress.ts";
import { type Entry, filtersOf, useAudit } from "./queries.ts";

/** Who did what to which object. */
export function Audit() {
  const { t, i18n } = useTranslation();
  const [parameters, change] = useAddress();
  const filters = useMemo(() => filtersOf(parameters), [parameters]);
  const list = useAudit(filters);
  const entries = list.data?.pages.flatMap((page) => page.entries) ?? [];
  const filtered = Object.values(filters).some(Boolean);
  /** A value that leads to what else there is of it. */
  const link = (name: "actor" | "action" | "target", value: string) => (
    <button type="button" className="value" onClick={() => change({ [name]: value })}>
      {value}
    </button>
  );
  const columns: TableColumnsType<Entry> = [
    {
      title: t("audit.at"),
      key: "at",
      width: 190,
      render: (_, { at }) => <time dateTime={at}>{formatMoment(at, i18n.language)}</time>,
    },
    { title: t("audit.action"), key: "action", render: (_, { action }) => link("action", action) },
    {
      title: t("audit.target"),
      key: "target",
      responsive: ["sm"],
      render: (_, { target }) => link("target", target),
    },
    {
      title: t("audit.actor"),
      key: "actor",
      responsive: ["md"],
      render: (_, { actor_id }) => link("actor", actor_id),
    },
  ];
  return (
    <>
      <search className="filters">
        {(["actor", "action", "target"] as const).map((name) => (
          <SearchBox
            key={name}
            value={filters[name]}
            label={t(`audit.by.${name}`)}
            onChange={(text) => change({ [name]: text })}
          />
        ))}
        {(["from", "to"] as const).map((name) => (
          <label key={name} className="day">
            <span className="muted">{t(`audit.${name}`)}</span>
            <input
              type="date"
              value={filters[name]}
              onChange={(event) => change({ [name]: event.target.value })}
            />
          </label>
        ))}
      </search>
      {list.isPending && <Skeleton active paragraph={{ rows: 8 }} />}
      {list.error && !list.data && <Failure error={list.error} onRetry={() => void list.refetch()} />}
      {list.data && !entries.length && !list.hasNextPage && (
        <Empty description={t(filtered ? "audit.noMatch" : "audit.none")}>
          {filtered && (
            <Button onClick={() => change({ actor: "", action: "", target: "", from: "", to: "" })}>
              {t("library.clear")}
            </Button>
          )}
        </Empty>
      )}
      {entries.length > 0 && (
        <Table<Entry>
          rowKey="entry_id"
          columns={columns}
          dataSource={entries}
          pagination={false}
          size="middle"
          aria-label={t("staff.audit")}
          expandable={{
            expandedRowRender: (entry) => <Details entry={entry} />,
            expandIcon: ({ expanded, onExpand, record }) => (
              <button
                type="button"
                className={expanded ? "expand open" : "expand"}
                aria-expanded={expanded}
                aria-label={t("jobs.details", { title: `${record.action} ${record.target}` })}
                onClick={(event) => onExpand(record, event)}
              />
            ),
          }}
        />
      )}
      {list.hasNextPage && (
        <div className="center padded">
          <Button onClick={() => void list.fetchNextPage()} loading={list.isFetchingNextPage}>
            {t("more")}
          </Button>
        </div>
      )}
    </>
  );
}

function Details({ entry }: { entry: Entry }) {
  const { t } = useTranslation();
  const shown = (value: Entry["before"]) => (value ? JSON.stringify(value, null, 2) : "–");
  return (
    <div className="audit-entry">
      <dl className="facts">
        <dt>{t("audit.target")}</dt>
        <dd>{entry.target}</dd>
        <dt>{t("audit.actor")}</dt>
        <dd>{entry.actor_id}</dd>
        <dt>{t("audit.address")}</dt>
        <dd>{entry.address ?? "–"}</dd>
        <dt>{t("audit.request")}</dt>
        <dd>{entry.request_id ?? "–"}</dd>
      </dl>
      <div className="columns">
        <div>
          <h3>{t("audit.before")}</h3>
          <pre className="json">{shown(entry.before)}</pre>
        </div>
        <div>
          <h3>{t("audit.after")}</h3>
          <pre className="json">{shown(entry.after)}</pre>
        </div>
      </div>
    </div>
  );
}
