/** The server's own limit (`pipeline/ingest.py`). */
export const MAX_BYTES = 5 * 1024 ** 3;
/** So many bytes from the start tell what a file is not. */
export const HEAD_BYTES = 16;

export type Refusal = "empty" | "too_large" | "picture" | "sound" | "playlist" | "document";

const PICTURES = ["\xff\xd8\xff", "\x89PNG", "GIF8", "BM"];
const SOUNDS = ["ID3", "fLaC"];
const PLAYLISTS = ["#EXTM3U", "ffconcat"];
const DOCUMENTS = ["%PDF", "PK\x03\x04", "<?xml", "<!DOCTYPE", "<html"];

/**
 * Why the server would refuse a file, as far as that shows before it is sent; null if nothing speaks against it.
 *
 * By content, as the server decides, and never by the name: a video with an odd name is transcoded.
 */
export function refusalOf(sizeBytes: number, head: Uint8Array): Refusal | null {
  if (sizeBytes === 0) return "empty";
  if (sizeBytes > MAX_BYTES) return "too_large";
  const text = String.fromCharCode(...head);
  const starts = (marks: readonly string[]) => marks.some((mark) => text.startsWith(mark));
  const kind = text.slice(8, 12);
  if (starts(PICTURES) || (text.startsWith("RIFF") && kind === "WEBP")) return "picture";
  if (starts(SOUNDS) || (text.startsWith("RIFF") && kind === "WAVE")) return "sound";
  if (starts(PLAYLISTS)) return "playlist";
  if (starts(DOCUMENTS)) return "document";
  return null;
}

/** The same for a file of the browser. One that cannot be read (a folder, for one) is empty. */
export async function checkFile(file: File): Promise<Refusal | null> {
  try {
    return refusalOf(file.size, new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer()));
  } catch {
    return "empty";
  }
}
