/** An id nobody else has. Browsers keep `crypto.randomUUID` from pages without TLS, as on a local network's address. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
