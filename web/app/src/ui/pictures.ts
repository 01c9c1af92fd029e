/** What the API takes for pictures (`library/thumbnails.py`). */
export const PICTURE_TYPES = "image/jpeg,image/png,image/webp,image/gif,image/avif";
const MAX_BYTES = 4 * 1024 * 1024;

/** Whether a picture is larger than the API takes: it need not be sent. */
export function tooLarge(file: File): boolean {
  return file.size > MAX_BYTES;
}
