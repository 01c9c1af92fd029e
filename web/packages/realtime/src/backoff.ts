/** The longest pause between two attempts. */
export const MAX_PAUSE_MS = 60_000;

/**
 * The pause before a retry, in milliseconds: full jitter, anywhere between nothing and a bound that doubles.
 *
 * When a server restarts, all its clients lose their sockets in the same second; fixed pauses would bring
 * all of them back in the same second, too. (AWS Architecture Blog, "Exponential Backoff And Jitter", 2015.)
 *
 * @param intervalMs the bound of the first retry
 * @param retry 0 for the first one
 * @param random in [0, 1)
 */
export function pauseMs(intervalMs: number, retry: number, random: number): number {
  return random * Math.min(MAX_PAUSE_MS, intervalMs * 2 ** retry);
}
