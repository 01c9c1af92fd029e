import { CODES, type Code, type components } from "./schema.ts";

type Document = components["schemas"]["Problem"];

/** What a route answered instead of what was asked for (RFC 9457). Decide by `code`. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly status: number;
  /** Stable. `unexpected_answer` if there was no problem document: a proxy's page, say. */
  readonly code: Code | "unexpected_answer";
  /** Which fields were not valid, of `validation_failed`. */
  readonly fields: readonly { readonly field: string; readonly message: string }[];
  /** Where a text file is broken, counted from 1. */
  readonly line: number | null;
  /** When it may work, in seconds. */
  readonly retryAfterS: number | null;

  constructor(response: Response, body: unknown) {
    const document = isDocument(body) ? body : null;
    super(document?.detail ?? `HTTP ${response.status}`);
    this.status = response.status;
    this.code = document ? (document.code as Code) : "unexpected_answer";
    this.fields = document?.errors ?? [];
    this.line = document?.line ?? null;
    const seconds = Number(response.headers.get("Retry-After") || Number.NaN);
    this.retryAfterS = Number.isFinite(seconds) ? seconds : null;
  }
}

/** Whether this version of the client knows a code; a newer server may have others. */
export function isKnownCode(code: string): code is Code {
  return (CODES as readonly string[]).includes(code);
}

interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/**
 * What a call gives, or else a `ProblemError`:
 *
 *     const video = await ok(site.api.GET("/api/v1/videos/{video_id}", { params: { path: { video_id } } }));
 *
 * Without it a call gives `{ data, error, response }`, whose `error.code` is typed by route.
 */
export async function ok<Data>(call: Promise<Answer<Data>>): Promise<Data> {
  const { data, error, response } = await call;
  if (!response.ok) throw new ProblemError(response, error);
  return data as Data;
}

function isDocument(body: unknown): body is Document {
  return typeof body === "object" && body !== null && typeof (body as Document).code === "string";
}
