import { AppstoreOutlined, BarsOutlined, SearchOutlined } from "@ant-design/icons";
import { Segmented, Select } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { CATEGORIES } from "./categories.ts";
import { type Filters, type Scope, SORTS, STATUSES, VISIBILITIES } from "./useVideos.ts";

interface Props {
  filters: Filters;
  scope: Scope;
  onChange: (change: Partial<Record<string, string | undefined>>) => void;
}

const TYPED_MS = 350;

/** What a list of videos is filtered and sorted by, and how it is laid out. */
export function FilterBar({ filters, scope, onChange }: Props) {
  const { t } = useTranslation();
  return (
    <search className="filters">
      <Search value={filters.q} onChange={(q) => onChange({ q })} />
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

/** Searches when typing pauses, and at once with Enter. */
function Search({ value, onChange }: { value: string; onChange: (text: string) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState(value);
  // The address may change by itself, as when one goes back.
  useEffect(() => setText(value), [value]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only typing starts it
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onChange(text), TYPED_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    // Ant Design's Input brings its whole family into the first load.
    <label className="search">
      <SearchOutlined />
      <input
        type="search"
        aria-label={t("library.search")}
        placeholder={t("library.search")}
        value={text}
        maxLength={200}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => event.key === "Enter" && onChange(text)}
      />
    </label>
  );
}
