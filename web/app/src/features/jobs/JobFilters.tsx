import { Button, Select } from "antd";
import { useTranslation } from "react-i18next";
import { codecName } from "../../ui/names.ts";
import { SearchBox } from "../../ui/SearchBox.tsx";
import type { Change } from "../../ui/useAddress.ts";
import { CODECS, type Filters, SPANS, type Span, STATES } from "./useJobs.ts";

interface Props {
  filters: Filters;
  onChange: (change: Change) => void;
}

/** What the list of transcodes is filtered by. */
export function JobFilters({ filters, onChange }: Props) {
  const { t } = useTranslation();
  return (
    <search className="filters">
      <SearchBox value={filters.q} label={t("jobs.search")} onChange={(q) => onChange({ q })} />
      <Select
        aria-label={t("video.status")}
        value={filters.state}
        onChange={(state) => onChange({ state })}
        allowClear
        placeholder={t("video.status")}
        options={STATES.map((value) => ({ value, label: t(`jobs.state.${value}`) }))}
      />
      <Select
        aria-label={t("player.codec")}
        value={filters.type}
        onChange={(type) => onChange({ type })}
        allowClear
        placeholder={t("player.codec")}
        options={CODECS.map((value) => ({ value, label: codecName(value) }))}
      />
      <Select
        aria-label={t("jobs.within")}
        value={filters.within}
        onChange={(within) => onChange({ within })}
        allowClear
        placeholder={t("jobs.within")}
        options={(Object.keys(SPANS) as Span[]).map((value) => ({ value, label: t(`jobs.span.${value}`) }))}
      />
      {filters.owner && (
        <Button onClick={() => onChange({ owner: undefined })}>
          {t("jobs.ofOwner", { owner: filters.owner })} ✕
        </Button>
      )}
    </search>
  );
}
