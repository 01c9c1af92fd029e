/** Storage answered with a failure, or (0) did not answer. */
export class StorageError extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`storage: ${status || "no answer"}`);
    this.status = status;
  }
}

/** A silent connection is dead: a part takes longer, but not without a byte in between. */
const SILENCE_MS = 60_000;

/**
 * Sends bytes to storage. XMLHttpRequest, since fetch does not tell how far it is.
 *
 * @param onSent bytes sent so far, of this request
 * @throws StorageError, or what the signal was aborted with
 */
export function send(
  method: "PUT" | "POST",
  url: string,
  body: Blob | FormData,
  onSent: (bytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let silence: ReturnType<typeof setTimeout> | undefined;
    const listen = () => {
      clearTimeout(silence);
      silence = setTimeout(() => request.abort(), SILENCE_MS);
    };
    const stop = () => request.abort();
    request.upload.onprogress = (event) => {
      listen();
      onSent(event.loaded);
    };
    request.onloadend = () => {
      clearTimeout(silence);
      signal.removeEventListener("abort", stop);
      if (signal.aborted) reject(signal.reason);
      else if (request.status >= 200 && request.status < 300) resolve();
      else reject(new StorageError(request.status));
    };
    signal.throwIfAborted();
    signal.addEventListener("abort", stop);
    request.open(method, url);
    listen();
    request.send(body);
  });
}
