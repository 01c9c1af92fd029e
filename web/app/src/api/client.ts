import createClient from "openapi-fetch";
import { session } from "../auth/session.ts";
import { offline, problemOf } from "./problem.ts";
import type { components, paths } from "./schema.d.ts";

/** A document of the API, by its name in the OpenAPI description. */
export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

/** Sends a request as who is signed in; once more, with a new token, if the token was refused. */
async function send(request: Request): Promise<Response> {
  const token = await session.accessToken();
  if (!token) return fetch(request);
  const again = request.clone();
  const answer = await fetch(signed(request, token));
  if (answer.status !== 401) return answer;
  const fresh = await session.renew();
  return fresh ? fetch(signed(again, fresh)) : answer;
}

function signed(request: Request, token: string): Request {
  request.headers.set("Authorization", `Bearer ${token}`);
  return request;
}

/** The API, typed by its own description. */
export const api = createClient<paths>({ baseUrl: location.origin, fetch: send });

/**
 * What a call gives.
 *
 * @throws ProblemError
 */
export async function ask<Data>(
  call: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<Data> {
  let result: Awaited<typeof call>;
  try {
    result = await call;
  } catch (error) {
    // That it was given up is no problem of the server's.
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw offline();
  }
  if (result.response.ok) return result.data as Data;
  throw await problemOf(rebuilt(result.response, result.error));
}

/** An answer whose body was read already. */
function rebuilt(answer: Response, body: unknown): Response {
  return new Response(typeof body === "string" ? body : JSON.stringify(body ?? null), {
    status: answer.status,
    headers: answer.headers,
  });
}
