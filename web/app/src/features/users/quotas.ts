import type { Quotas } from "./queries.ts";

/** Quotas as the form has them: storage in gigabytes; null: the installation's default. */
export interface QuotaFields {
  storageGb: number | null;
  minutes: number | null;
  parallelJobs: number | null;
}

const GB = 1_000_000_000;

export function fieldsOf(quota: Quotas): QuotaFields {
  return {
    storageGb: quota.storage_bytes == null ? null : quota.storage_bytes / GB,
    minutes: quota.minutes ?? null,
    parallelJobs: quota.parallel_jobs ?? null,
  };
}

export function quotaOf(fields: QuotaFields): Required<Quotas> {
  return {
    storage_bytes: fields.storageGb === null ? null : Math.round(fields.storageGb * GB),
    minutes: fields.minutes,
    parallel_jobs: fields.parallelJobs,
  };
}
