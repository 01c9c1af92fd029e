import type { components } from "./schema.d.ts";

type Problem = components["schemas"]["Problem"];

/** A request that was not followed. `code` is the server's, or `offline` where no answer came. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly status: number;
  readonly code: string;
  readonly retryAfterS: number | null;
  /** Field of the request to what is wrong with it. */
  readonly fields: Readonly<Record<string, string>>;

  constructor(status: number, problem: Pick<Problem, "code" | "detail" | "errors">, retryAfterS?: number) {
    super(problem.detail);
    this.status = status;
    this.code = problem.code;
    this.retryAfterS = retryAfterS ?? null;
    this.fields = Object.fromEntries((problem.errors ?? []).map((one) => [one.field, one.message]));
  }

  /** Whether the same request may work later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** No answer came. */
export function offline(): ProblemError {
  return new ProblemError(0, { code: "offline", detail: "There is no answer from the server." });
}

/** What an answer says is wrong. Gateways and proxies answer in other words than the API. */
export async function problemOf(answer: Response): Promise<ProblemError> {
  const body = (await answer.json().catch(() => null)) as Partial<Problem> | null;
  const retryAfter = Number(answer.headers.get("Retry-After"));
  return new ProblemError(
    answer.status,
    {
      code: body?.code ?? `http_${answer.status}`,
      detail: body?.detail ?? `HTTP ${answer.status}`,
      errors: body?.errors ?? null,
    },
    Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : undefined,
  );
}
