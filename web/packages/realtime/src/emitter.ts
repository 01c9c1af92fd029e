type Listeners<Events> = { [Kind in keyof Events]?: Set<(event: Events[Kind]) => void> };

/** Listeners by kind of event. */
export class Emitter<Events extends object> {
  readonly #listeners: Listeners<Events> = {};

  /** Adds a listener; returns how to remove it. */
  on<Kind extends keyof Events>(kind: Kind, listener: (event: Events[Kind]) => void): () => void {
    let listeners = this.#listeners[kind];
    if (!listeners) {
      listeners = new Set();
      this.#listeners[kind] = listeners;
    }
    // A function of its own, so that the same listener may be added twice and removed once.
    const own = (event: Events[Kind]): void => listener(event);
    listeners.add(own);
    return () => listeners.delete(own);
  }

  /** Calls the listeners. One that throws is reported as an uncaught error and harms nobody else. */
  emit<Kind extends keyof Events>(kind: Kind, event: Events[Kind]): void {
    for (const listener of [...(this.#listeners[kind] ?? [])]) {
      try {
        listener(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
