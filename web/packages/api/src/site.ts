import createClient, { type Client } from "openapi-fetch";
import type { paths } from "./schema.ts";
import { type Lock, Session } from "./session.ts";
import { inMemory, type TokenStore } from "./store.ts";

export interface SiteOptions {
  /** Where tokens are kept. Default: in memory. */
  store?: TokenStore;
  /** Default: the global one. */
  fetch?: typeof fetch;
  /** How tabs take turns. Default: the browser's locks, where there are any. */
  lock?: Lock;
}

export interface Site {
  /** Every route, typed: `api.GET("/api/v1/videos/{video_id}", …)`. See `ok`. */
  readonly api: Client<paths>;
  readonly session: Session;
}

/** Routes that look at no token: an old one must not keep anybody from signing in. */
const OPEN = /\/api\/v1\/auth\/(?!logout-everywhere$)/;

/**
 * A site's API as one account. Calls bring the session's access token; one that the site refuses is renewed,
 * and the call is sent once more.
 *
 * @param baseUrl address of the site, such as `https://videos.example.org`; `""` on its own pages
 */
export function connect(baseUrl: string, options: SiteOptions = {}): Site {
  const base = baseUrl.replace(/\/+$/, "");
  const send: typeof fetch = options.fetch ?? ((...call) => fetch(...call));
  const session = new Session(base, options.store ?? inMemory(), send, options.lock ?? takeTurns);

  async function authorized(request: Request): Promise<Response> {
    if (OPEN.test(new URL(request.url).pathname)) return send(request);
    const token = await session.accessToken();
    if (!token) return send(request);
    // A request's body can be read once.
    const again = request.clone();
    request.headers.set("Authorization", `Bearer ${token}`);
    const answer = await send(request);
    if (answer.status !== 401) return answer;
    const fresh = await session.renew(token);
    if (!fresh) return answer;
    await answer.body?.cancel();
    again.headers.set("Authorization", `Bearer ${fresh}`);
    return send(again);
  }

  return { api: createClient<paths>({ baseUrl: base, fetch: authorized }), session };
}

async function takeTurns<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  const locks = globalThis.navigator?.locks;
  return locks ? ((await locks.request(name, work)) as Result) : work();
}
