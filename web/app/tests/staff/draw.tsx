import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { createMemoryRouter, RouterProvider } from "react-router";
import { vi } from "vitest";
import { startI18n, withStaffTexts } from "../../src/i18n/index.ts";
import type { Message } from "../../src/socket/useWebSocket.ts";
import { FeedbackProvider } from "../../src/ui/feedback.tsx";
import { world } from "./world.ts";

/** "GET /admin/jobs" → what is answered; a function gets the address and the body. */
export type Answers = Record<string, unknown | ((url: URL, body: unknown) => unknown)>;

/** A problem as the site answers it. */
export class Refusal {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string) {
    this.status = status;
    this.code = code;
  }
}

export interface Drawn {
  /** "GET /admin/jobs?limit=50", in order. */
  asked: string[];
  /** The address as it stands. */
  address: () => string;
  say: (message: Message) => void;
}

/** Draws something for staff at an address, over a site that answers so. */
export async function draw(
  element: ReactNode,
  { answers, permissions, at = "/" }: { answers: Answers; permissions: string[]; at?: string },
): Promise<Drawn> {
  world.permissions.clear();
  for (const one of permissions) world.permissions.add(one);
  world.listeners.clear();
  const asked: string[] = [];
  // jsdom lays nothing out: the window counts as a wide one.
  const observer = class {
    observe() {}
    unobserve() {}
    disconnect() {}
  };
  vi.stubGlobal("IntersectionObserver", observer);
  vi.stubGlobal("ResizeObserver", observer);
  const { matchMedia } = window;
  vi.stubGlobal("matchMedia", (query: string) => ({
    ...matchMedia(query),
    matches: query.includes("min-width"),
  }));
  vi.stubGlobal("fetch", async (request: Request) => {
    const url = new URL(request.url);
    const path = url.pathname.replace("/api/v1", "");
    asked.push(`${request.method} ${path}${url.search}`);
    const text = await request.text();
    const answer = answers[`${request.method} ${path}`];
    const value = typeof answer === "function" ? await answer(url, text && JSON.parse(text)) : answer;
    if (value instanceof Refusal) {
      const { status, code } = value;
      return Response.json({ type: "", title: "", status, detail: code, code }, { status });
    }
    if (value === undefined) throw new Error(`nobody answers ${request.method} ${path}`);
    return value === null ? new Response(null, { status: 204 }) : Response.json(value);
  });
  await startI18n("en");
  await withStaffTexts(Promise.resolve());
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const router = createMemoryRouter([{ path: "*", element }], { initialEntries: [at] });
  render(
    <QueryClientProvider client={queries}>
      <FeedbackProvider>
        <RouterProvider router={router} />
      </FeedbackProvider>
    </QueryClientProvider>,
  );
  return {
    asked,
    address: () => `${router.state.location.pathname}${router.state.location.search}`,
    say: (message) => {
      for (const listener of world.listeners) listener(message);
    },
  };
}
