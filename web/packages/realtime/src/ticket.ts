/** Thrown by a ticket function when only signing in again helps: the client stops. */
export class SignedOutError extends Error {
  override readonly name = "SignedOutError";
}

/**
 * A function that buys tickets, one per socket, at `POST {api}/ws/ticket`.
 *
 * A socket lasts as long as the access token its ticket was bought with, so hand out a fresh one.
 *
 * @param api address up to `/api/v1`
 * @param accessToken called each time; may renew the token first, or throw `SignedOutError`
 */
export function ticketFrom(api: string, accessToken: () => string | Promise<string>): () => Promise<string> {
  return async () => {
    const answer = await fetch(`${api}/ws/ticket`, {
      method: "POST",
      headers: { Authorization: `Bearer ${await accessToken()}` },
    });
    if (answer.status === 401) throw new SignedOutError("The access token is not good any more.");
    if (!answer.ok) throw new Error(`No ticket: HTTP ${answer.status}`);
    const body = (await answer.json()) as { ticket: string };
    return body.ticket;
  };
}
