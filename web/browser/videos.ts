import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { type APIRequestContext, expect } from "@playwright/test";

/** The real clip, and the same in one small size with two languages. */
export const CLIP = process.env.VIDEOSITE_CLIP ?? "";
export const SMALL_CLIP = process.env.VIDEOSITE_SMALL_CLIP ?? "";

interface Created {
  video: { video_id: number };
  upload: { kind: "post"; url: string; fields: Record<string, string> } | { kind: "multipart" };
}

/** Sends a small file as somebody's video; gives its id. */
export async function upload(
  request: APIRequestContext,
  token: string,
  file: string,
  wanted: { title: string; ladder?: string; visibility?: string; language?: string },
): Promise<number> {
  const headers = { Authorization: `Bearer ${token}` };
  const buffer = await readFile(file);
  const name = basename(file);
  const data = { filename: name, size_bytes: buffer.length, ladder: "h264-only", ...wanted };
  const made = await request.post("/api/v1/videos", { headers, data });
  expect(made.status(), await made.text()).toBe(201);
  const { video, upload: way } = (await made.json()) as Created;
  if (way.kind !== "post") throw new Error(`${name} is too large for a form`);
  const multipart = { ...way.fields, file: { name, mimeType: "video/mp4", buffer } };
  const sent = await request.post(way.url, { multipart });
  expect(sent.ok(), await sent.text()).toBe(true);
  const done = await request.post(`/api/v1/videos/${video.video_id}/upload/complete`, {
    headers,
    data: { parts: [] },
  });
  expect(done.ok(), await done.text()).toBe(true);
  return video.video_id;
}

/** How a video's transcode stands. */
export async function statusOf(request: APIRequestContext, token: string, videoId: number): Promise<string> {
  const headers = { Authorization: `Bearer ${token}` };
  const answer = await request.get(`/api/v1/videos/${videoId}/transcode-status`, { headers });
  return ((await answer.json()) as { status: string }).status;
}

/** A video that is transcoded. */
export async function transcoded(
  request: APIRequestContext,
  token: string,
  wanted: { title: string; ladder?: string; visibility?: string },
): Promise<number> {
  const videoId = await upload(request, token, SMALL_CLIP, wanted);
  await expect
    .poll(() => statusOf(request, token, videoId), { timeout: 120_000, intervals: [500] })
    .toBe("completed");
  return videoId;
}
