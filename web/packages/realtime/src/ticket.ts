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
 * @param accessToken called each time; may renew the token first, or throw `SignedOutError`. Called once more with
 *   a token that was refused, for another one: a new password ends sockets before its tokens are there
 */
export function ticketFrom(
  api: string,
  accessToken: (refused?: string) => string | Promise<string>,
): () => Promise<string> {
  const buy = (token: string) =>
    fetch(`${api}/ws/ticket`, { method: "POST", headers: { Authorization: `Bearer ${token}` } });
  return async () => {
    const token = await accessToken();
    let answer = await buy(token);
    if (answer.status === 401) {
      const other = await accessToken(token);
      if (other !== token) answer = await buy(other);
    }
    if (answer.status === 401) throw new SignedOutError("The access token is not good any more.");
    if (!answer.ok) throw new Error(`No ticket: HTTP ${answer.status}`);
    const body = (await answer.json()) as { ticket: string };
    return body.ticket;
  };
}
