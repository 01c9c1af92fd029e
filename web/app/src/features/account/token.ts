/** The token that a mail's link brings behind `#`, where no server's log sees it. */
export function tokenOf(hash: string): string | null {
  return new URLSearchParams(hash.replace(/^#/, "")).get("token") || null;
}
