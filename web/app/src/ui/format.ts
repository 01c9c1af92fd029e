/** Bytes as people read them: 1,234,567 → 1.2 MB. */
export function formatBytes(bytes: number, language: string): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit: units[power] as string,
    unitDisplay: power === 0 ? "long" : "short",
    maximumFractionDigits: value < 10 && power > 0 ? 1 : 0,
  }).format(value);
}

/** Seconds as a clock shows them: 75 → 1:15, 3675 → 1:01:15. */
export function formatClock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, index) => (index ? String(part).padStart(2, "0") : String(part))).join(":");
}

/** Time left, rounded to what matters: "45 sec", "12 min", "3 hr". */
export function formatLeft(seconds: number, language: string): string {
  const [value, unit] =
    seconds < 90
      ? [Math.max(1, Math.round(seconds)), "second"]
      : seconds < 5400
        ? [Math.round(seconds / 60), "minute"]
        : [Math.round(seconds / 3600), "hour"];
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit: unit as string,
    unitDisplay: "short",
  }).format(value as number);
}

/** How long ago something was: "3 minutes ago"; the date if it is more than a week. */
export function formatAgo(moment: string, language: string, nowMs: number = Date.now()): string {
  const seconds = (Date.parse(moment) - nowMs) / 1000;
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  if (seconds > -60) return relative.format(0, "second");
  if (seconds > -3600) return relative.format(Math.round(seconds / 60), "minute");
  if (seconds > -86_400) return relative.format(Math.round(seconds / 3600), "hour");
  if (seconds > -604_800) return relative.format(Math.round(seconds / 86_400), "day");
  return new Intl.DateTimeFormat(language, { dateStyle: "medium" }).format(Date.parse(moment));
}

/** How long ago something was, to the second below a minute: "5 seconds ago". */
export function formatSecondsAgo(ms: number, language: string): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  if (seconds < 60) return relative.format(-seconds, "second");
  if (seconds < 3600) return relative.format(-Math.floor(seconds / 60), "minute");
  return relative.format(-Math.floor(seconds / 3600), "hour");
}

/** Dollars, to what can be seen of small ones: $0.0021. */
export function formatDollars(dollars: number, language: string): string {
  return new Intl.NumberFormat(language, {
    style: "currency",
    currency: "USD",
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: dollars >= 1 ? 2 : 4,
    maximumFractionDigits: dollars >= 1 ? 2 : 4,
  }).format(dollars);
}

/** A moment with its time of day. */
export function formatMoment(moment: string | number, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" }).format(
    typeof moment === "number" ? moment : Date.parse(moment),
  );
}
