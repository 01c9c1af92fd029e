import { Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import type { Change } from "../../ui/useAddress.ts";
import { type Filters, STATES, type State, useSummary } from "./useJobs.ts";

interface Props {
  filters: Filters;
  onChange: (change: Change) => void;
}

/** How many stand how; each leads to those. */
export function Tiles({ filters, onChange }: Props) {
  const { t, i18n } = useTranslation();
  const { data } = useSummary();
  const number = new Intl.NumberFormat(i18n.language);
  const counts = data && { ...data, processing: data.processing + data.waiting };
  const choose = (state: State, chosen: boolean) => {
    const ended = state !== "waiting" && state !== "processing";
    onChange({ state: chosen ? undefined : state, within: ended && !chosen ? "day" : undefined });
  };
  return (
    <ul className="tiles" aria-label={t("jobs.summary")}>
      {STATES.map((state) => {
        const chosen = filters.state === state;
        return (
          <li key={state}>
            <button
              type="button"
              className={`tile ${state}`}
              aria-pressed={chosen}
              onClick={() => choose(state, chosen)}
              data-state={state}
            >
              <span className="tile-name">{t(`jobs.tile.${state}`)}</span>{" "}
              {counts ? (
                <strong>{number.format(counts[state])}</strong>
              ) : (
                <Skeleton.Button active size="small" />
              )}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
