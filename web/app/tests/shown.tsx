import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { createMemoryRouter, type RouteObject, RouterProvider } from "react-router";
import { vi } from "vitest";
import { AuthProvider } from "../src/auth/AuthContext.tsx";
import { signIns } from "../src/auth/session.ts";
import { startI18n } from "../src/i18n/index.ts";
import { FeedbackProvider } from "../src/ui/feedback.tsx";

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  body: string;
}

type Answer = object | null | ((asked: Asked) => Response | Promise<Response>);

/** The site's API: answers by "METHOD path" below `/api/v1`, which may be changed; what was asked. */
export class Api {
  readonly asked: Asked[] = [];
  readonly answers: Record<string, Answer>;

  constructor(answers: Record<string, Answer> = {}) {
    this.answers = answers;
    vi.stubGlobal("fetch", (request: Request) => this.#answer(request));
  }

  /** How often a route was asked. */
  count(route: string): number {
    return this.asked.filter(({ method, path }) => `${method} ${path}` === route).length;
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, searchParams: query } = new URL(request.url);
    const path = pathname.replace("/api/v1", "");
    const asked = { method: request.method, path, query, body: await request.text() };
    this.asked.push(asked);
    const answer = this.answers[`${asked.method} ${path}`];
    if (answer === undefined) return problem(404, "no_such_route");
    return typeof answer === "function" ? answer(asked) : Response.json(answer);
  }
}

/** A refusal, as the API writes it. */
export function problem(status: number, code: string, more: object = {}): Response {
  return Response.json({ code, status, detail: "Server's words.", ...more }, { status });
}

export const ME = {
  user_id: "ada",
  email: "ada@example.org",
  email_verified: true,
  role: "creator",
  permissions: ["videos.create"],
  display_name: null,
  biography: null,
  locale: null,
  avatar_url: null,
  created_at: "2026-03-01T10:30:00Z",
  updated_at: "2026-03-01T10:30:00Z",
};

/** Has somebody signed in, without asking the site. */
export function becomeSignedIn(): void {
  const tokens = { accessToken: "access", refreshToken: "refresh", expiresAtMs: Date.now() + 900_000 };
  localStorage.setItem("videosite.session", JSON.stringify(tokens));
  localStorage.setItem("videosite.sign-in", "a sign-in");
  window.dispatchEvent(new StorageEvent("storage", { key: "videosite.sign-in" }));
  if (signIns.id === null) throw new Error("nobody is signed in");
}

/** Draws routes in English, with everything pages need around them but the socket. */
export async function show(routes: RouteObject[], path = "/", around?: (page: ReactNode) => ReactNode) {
  await startI18n("en");
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const router = createMemoryRouter(routes, { initialEntries: [path] });
  const page = <RouterProvider router={router} />;
  render(
    <QueryClientProvider client={queries}>
      <FeedbackProvider>
        <AuthProvider>{around ? around(page) : page}</AuthProvider>
      </FeedbackProvider>
    </QueryClientProvider>,
  );
  return { queries, router };
}
