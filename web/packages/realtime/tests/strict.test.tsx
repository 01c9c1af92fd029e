// @vitest-environment jsdom
import "./dom.ts";
import { act, StrictMode, useEffect, useState, useSyncExternalStore } from "react";
import { createRoot } from "react-dom/client";
import { expect, test, vi } from "vitest";
import type { RealtimeClient } from "../src/index.ts";
import { quiet, settle, withSite } from "./fixture.ts";

const site = withSite();
vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);

/** The client lives as long as the component; effects open and close it. */
function Kept() {
  const [client] = useState(() => site.client({ autoConnect: false }));
  useEffect(() => {
    client.connect();
    return () => client.close();
  }, [client]);
  return <Light client={client} />;
}

/** Each effect makes a client of its own. */
function Made() {
  const [client, setClient] = useState<RealtimeClient | null>(null);
  useEffect(() => {
    const made = site.client();
    setClient(made);
    return () => made.close();
  }, []);
  return client && <Light client={client} />;
}

function Light({ client }: { client: RealtimeClient }) {
  const state = useSyncExternalStore(
    (changed) => client.on("state", changed),
    () => client.state,
  );
  return <>{state.name}</>;
}

test.each([
  ["kept", <Kept key="kept" />],
  ["made", <Made key="made" />],
])("under StrictMode there is one socket, of one ticket (%s)", async (_, element) => {
  const page = document.createElement("div");
  const root = createRoot(page);
  await act(async () => root.render(<StrictMode>{element}</StrictMode>));
  await act(async () => {
    await settle(() => site.clients.some((client) => client.state.name === "open"));
    await quiet();
  });
  expect(page.textContent).toBe("open");
  expect(site.server.connections).toHaveLength(1);
  await act(async () => root.unmount());
  await settle(() => site.server.open.length === 0);
  await quiet();
  expect(site.tickets).toBe(1);
});
