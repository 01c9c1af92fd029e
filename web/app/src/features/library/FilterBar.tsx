import { AppstoreOutlined, BarsOutlined } from "@ant-design/icons";
import { Segmented, Select } from "antd";
import { useTranslation } from "react-i18next";
import { SearchBox } from "../../ui/SearchBox.tsx";
import type { Change } from "../../ui/useAddress.ts";
import { CATEGORIES } from "./categories.ts";
import { type Filters, type Scope, SORTS, STATUSES, VISIBILITIES } from "./useVideos.ts";

interface Props {
  filters: Filters;
  scope: Scope;
  onChange: (change: Change) => void;
}

/** What a list of videos is filtered and sorted by, and how it is laid out. */
export function FilterBar({ filters, scope, onChange }: Props) {
  const { t } = useTranslation();
  return (
    <search className="filters">
      <SearchBox value={filters.q} label={t("library.search")} onChange={(q) => onChange({ q })} />
      {scope !== "public" && (
        <>
          <Select
            aria-label={t("video.status")}
            value={filters.status}
            onChange={(status) => onChange({ status })}
            allowClear
            placeholder={t("video.status")}
            options={STATUSES.map((value) => ({ value, label: t(`status.${value}`) }))}
          />
          <Select
            aria-label={t("video.visibility")}
            value={filters.visibility}
            onChange={(visibility) => onChange({ visibility })}
            allowClear
            placeholder={t("video.visibility")}
            options={VISIBILITIES.map((value) => ({ value, label: t(`visibility.${value}`) }))}
          />
        </>
      )}
      <Select
        aria-label={t("video.category")}
        value={filters.category}
        onChange={(category) => onChange({ category: category ?? undefined })}
        allowClear
        placeholder={t("video.category")}
        options={CATEGORIES.map((value) => ({ value, label: t(`category.${value}`) }))}
      />
      <Select
        aria-label={t("library.sort")}
        value={filters.sort}
        disabled={Boolean(filters.q)}
        onChange={(sort) => onChange({ sort: sort === "newest" ? undefined : sort })}
        options={SORTS.map((value) => ({ value, label: t(`sort.${value}`) }))}
      />
      <span className="grow" />
      <Segmented
        aria-label={t("library.layout")}
        value={filters.layout}
        onChange={(view) => onChange({ view: view === "grid" ? undefined : view })}
        options={[
          { value: "grid", icon: <AppstoreOutlined />, title: t("library.grid") },
          { value: "table", icon: <BarsOutlined />, title: t("library.table") },
        ]}
      />
    </search>
  );
}
