import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, fireEvent, render, screen, waitFor } from "@testing-library/react";
import type { State } from "@videosite/realtime";
import { ConfigProvider } from "antd";
import { expect, test, vi } from "vitest";
import { startI18n } from "../src/i18n/index.ts";
import { type Toasts, useToasts } from "../src/socket/useToasts.tsx";
import { FeedbackProvider } from "../src/ui/feedback.tsx";

let toasts: Toasts;

function Probe() {
  toasts = useToasts({}, "ada");
  return null;
}

const waiting = (attempt: number): State => ({ name: "waiting", attempt, pauseMs: 1000 });
const WARNING = "No live connection";

test("after five failed retries it warns once, offers to reconnect, and is gone with the connection", async () => {
  await startI18n("en");
  render(
    <QueryClientProvider client={new QueryClient()}>
      {/* jsdom ends no animation. */}
      <ConfigProvider theme={{ token: { motion: false } }}>
        <FeedbackProvider>
          <Probe />
        </FeedbackProvider>
      </ConfigProvider>
    </QueryClientProvider>,
  );
  const reconnect = vi.fn();
  const become = (state: State) => act(() => toasts.connection(state, reconnect));
  for (let attempt = 1; attempt <= 5; attempt++) {
    become({ name: "connecting" });
    become(waiting(attempt));
  }
  expect(screen.queryByText(WARNING)).toBeNull();
  become(waiting(6));
  fireEvent.click(await screen.findByRole("button", { name: "Reconnect" }));
  expect(reconnect).toHaveBeenCalledOnce();
  // It keeps trying meanwhile, and who puts the warning away is not told with every attempt.
  fireEvent.click(screen.getByRole("button", { name: /close/i }));
  await waitFor(() => expect(screen.queryByText(WARNING)).toBeNull());
  become(waiting(7));
  expect(screen.queryByText(WARNING)).toBeNull();
  become({ name: "open" });
  // The sixth may fall into a time without a network, in which none is made.
  become(waiting(5));
  become({ name: "paused", reason: "offline" });
  become(waiting(7));
  await screen.findByText(WARNING);
  become({ name: "open" });
  await waitFor(() => expect(screen.queryByText(WARNING)).toBeNull());
});
