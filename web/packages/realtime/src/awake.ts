/**
 * Whether it makes sense to open a socket: there is a network, and somebody may be looking.
 *
 * Outside of browsers both are taken for granted.
 */
export function isAwake(): boolean {
  return isOnline() && globalThis.document?.visibilityState !== "hidden";
}

/** Whether there is a network, as far as the browser knows. */
export function isOnline(): boolean {
  return globalThis.navigator?.onLine !== false;
}

/** Calls back whenever one of the two may have changed; returns how to end that. */
export function onAwakeChange(listener: () => void): () => void {
  const page = globalThis.document;
  const events = ["online", "offline"] as const;
  for (const event of events) globalThis.window?.addEventListener(event, listener);
  page?.addEventListener("visibilitychange", listener);
  return () => {
    for (const event of events) globalThis.window?.removeEventListener(event, listener);
    page?.removeEventListener("visibilitychange", listener);
  };
}
