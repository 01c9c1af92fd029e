import { Button, Empty, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAuth } from "../../auth/AuthContext.tsx";
import { Failure } from "../../ui/Failure.tsx";
import { Updated } from "../../ui/Updated.tsx";
import { BulkBar } from "./BulkBar.tsx";
import { JobFilters } from "./JobFilters.tsx";
import { JobTable, keyOf } from "./JobTable.tsx";
import { useLiveJobs } from "./live.ts";
import { sorted } from "./sorted.ts";
import { Tiles } from "./Tiles.tsx";
import { useFilters, useJobs, useLive, useSummary } from "./useJobs.ts";

/** All transcodes: how many stand how, a list that moves by itself, and what can be done with them. */
export function Jobs() {
  const { t, i18n } = useTranslation();
  const { can } = useAuth();
  const [filters, change] = useFilters();
  const [chosen, setChosen] = useState<React.Key[]>([]);
  const list = useJobs(filters);
  const summary = useSummary();
  const live = useLive();
  useLiveJobs();
  const found = list.data?.pages.flatMap((page) => page.jobs) ?? [];
  const jobs = sorted(found, filters.sort, filters.descending, i18n.language);
  const filtered = Boolean(filters.q || filters.state || filters.type || filters.owner || filters.within);
  const nothing = list.data && !jobs.length && !list.hasNextPage;
  const picked = jobs.filter((job) => chosen.includes(keyOf(job)));
  return (
    <>
      <Tiles filters={filters} onChange={change} />
      <JobFilters filters={filters} onChange={change} />
      <div className="list-head">
        {filters.sort && list.hasNextPage && (
          <span className="muted">{t("jobs.sortedLoaded", { count: jobs.length })}</span>
        )}
        <span className="grow" />
        <Updated
          atMs={list.dataUpdatedAt}
          live={live}
          busy={list.isFetching}
          onRefresh={() => {
            void list.refetch();
            void summary.refetch();
          }}
        />
      </div>
      {picked.length > 0 && <BulkBar jobs={picked} onDone={() => setChosen([])} />}
      {list.isPending && <Skeleton active paragraph={{ rows: 8 }} />}
      {list.error && !list.data && <Failure error={list.error} onRetry={() => void list.refetch()} />}
      {nothing && (
        <Empty description={t(filtered ? "jobs.noMatch" : "jobs.none")}>
          {filtered && (
            <Button
              onClick={() =>
                change({ q: "", state: undefined, type: undefined, owner: undefined, within: undefined })
              }
            >
              {t("library.clear")}
            </Button>
          )}
        </Empty>
      )}
      {jobs.length > 0 && (
        <JobTable
          jobs={jobs}
          filters={filters}
          onChange={change}
          chosen={can("videos.manage_any") ? chosen : null}
          onChoose={setChosen}
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
