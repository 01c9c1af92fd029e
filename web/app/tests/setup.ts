import { cleanup, configure } from "@testing-library/react";
import { afterEach, vi } from "vitest";

// On a busy machine.
configure({ asyncUtilTimeout: 10_000 });

afterEach(() => {
  cleanup();
  localStorage.clear();
  sessionStorage.clear();
});

// jsdom lays nothing out.
vi.stubGlobal("matchMedia", (query: string) => ({
  matches: false,
  media: query,
  addEventListener: () => {},
  removeEventListener: () => {},
  addListener: () => {},
  removeListener: () => {},
}));

// Node's has no page that relative addresses could be of, and knows no signals of jsdom.
const Real = globalThis.Request;
vi.stubGlobal(
  "Request",
  class extends Real {
    constructor(input: RequestInfo | URL, { signal: _, ...init }: RequestInit = {}) {
      super(typeof input === "string" ? new URL(input, "http://site.test") : input, init);
    }
  },
);

vi.stubGlobal(
  "IntersectionObserver",
  class {
    observe() {}
    disconnect() {}
  },
);
vi.stubGlobal(
  "ResizeObserver",
  class {
    observe() {}
    unobserve() {}
    disconnect() {}
  },
);
vi.stubGlobal("scrollTo", () => {});
