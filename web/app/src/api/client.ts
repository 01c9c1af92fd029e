import { type components, connect, inLocalStorage, ok, ProblemError } from "@videosite/api";

/** A document of the API, by its name in the OpenAPI description. */
export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

/** This site, as who is signed in. */
export const site = connect("", { store: inLocalStorage() });

export const { api } = site;

/** No answer came: the only code that is not the server's. */
export const OFFLINE = "offline";

/** The failure of a request that was not answered. */
export function offline(): ProblemError {
  return new ProblemError(Response.error(), { code: OFFLINE, detail: "There is no answer from the server." });
}

/** Whether the same request may work later. */
export function isPassing({ status }: ProblemError): boolean {
  return status === 0 || status === 429 || status >= 500;
}

/**
 * What a call gives.
 *
 * @throws ProblemError; with the code `offline` where no answer came
 */
export async function ask<Data>(
  call: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<Data> {
  try {
    return await ok(call);
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    // That it was given up is no problem of the server's.
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw offline();
  }
}

/** A file as a call's whole body: the generated types take it for text. */
export function fileBody(file: Blob, contentType: string) {
  return {
    body: file as unknown as string,
    bodySerializer: (body: unknown) => body as Blob,
    headers: { "Content-Type": contentType },
  };
}

/** A picture as a call's body: what it is the API finds out itself; it only must not be called a text. */
export function pictureBody(file: File) {
  return fileBody(file, file.type.startsWith("image/") ? file.type : "image/jpeg");
}
