import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import { parseCues } from "../src/features/subtitles/cues.ts";
import { languageOfFile } from "../src/features/subtitles/languages.ts";
import SubtitlesDialog from "../src/features/subtitles/SubtitlesDialog.tsx";
import { Api, becomeSignedIn, ME, problem, show } from "./shown.tsx";
import { VIDEO } from "./videos.ts";

const TRACK = {
  language: "en",
  label: "English",
  default: true,
  format: "srt",
  encoding: "utf-8",
  shift_ms: 0,
  cues: 2,
  size_bytes: 90,
  etag: "e1",
  url: "/m/x",
  url_expires_at: "2026-03-08T10:30:00Z",
  created_at: "2026-03-01T10:30:00Z",
  updated_at: "2026-03-01T10:30:00Z",
};
const GERMAN = { ...TRACK, language: "de", label: "Deutsch", default: false, etag: "d1" };
const VTT = "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\n<b>Hello</b> &amp; welcome\nSecond line\n";

let api: Api;

beforeEach(() => {
  becomeSignedIn();
  api = new Api({
    "GET /users/me": ME,
    "GET /videos/7/subtitles": { subtitles: [GERMAN, TRACK] },
    "GET /videos/7/subtitles/en/vtt": () => new Response(VTT, { headers: { "Content-Type": "text/vtt" } }),
  });
});

const open = () => show([{ path: "/", element: <SubtitlesDialog video={VIDEO} onClose={() => {}} /> }]);
const choose = async (name: string) => {
  const file = new File(["1\n"], name);
  fireEvent.change(await screen.findByTestId("subtitle-file"), { target: { files: [file] } });
};

test("a WebVTT's cues are read without their markup", () => {
  expect(parseCues(VTT)).toEqual([{ startS: 1, endS: 2.5, text: "Hello & welcome\nSecond line" }]);
  expect(parseCues("WEBVTT\n\nNOTE nothing\n")).toEqual([]);
});

test("a file's name may tell its language", () => {
  expect(languageOfFile("film.zh-Hant.srt")).toBe("zh-Hant");
  expect(languageOfFile("film.EN.vtt")).toBe("en");
  expect(languageOfFile("a.film.srt")).toBeUndefined();
  expect(languageOfFile("film.xyz.srt")).toBeUndefined();
});

test("a file goes up as the language that its name tells", async () => {
  const french = { ...GERMAN, language: "fr", label: "Français" };
  api.answers["PUT /videos/7/subtitles/fr"] = french;
  await open();
  await choose("film.fr.srt");
  await screen.findByRole("button", { name: "Preview: Français" });
  const put = api.asked.find(({ method }) => method === "PUT");
  expect(put?.body).toBe("1\n");
  expect(put?.query.get("default")).toBe("false");
});

test("without a language nothing is sent; a broken file's line is told", async () => {
  await open();
  await choose("film.srt");
  await screen.findByText("Name the language first.");
  expect(api.asked.some(({ method }) => method === "PUT")).toBe(false);
  api.answers["PUT /videos/7/subtitles/en"] = () => problem(422, "no_times", { line: 6 });
  await choose("film.en.srt");
  fireEvent.click(await screen.findByRole("button", { name: "Replace" }));
  await screen.findByText("Line 6: The times are missing.");
});

test("a track is not replaced by a file that only its name makes its language's, unless that is wanted", async () => {
  api.answers["PUT /videos/7/subtitles/en"] = TRACK;
  await open();
  await screen.findByText("English");
  await choose("film.en.srt");
  await screen.findByText(/By its name “film.en.srt” is English/);
  fireEvent.click(screen.getByRole("button", { name: "Cancel" }));
  await waitFor(() => expect(screen.queryByText(/By its name/)).toBeNull());
  expect(api.count("PUT /videos/7/subtitles/en")).toBe(0);
  // Now the language stands there, and the button says what it does.
  await screen.findByRole("button", { name: /Upload in place of the old one/ });
  await choose("film.en.srt");
  await waitFor(() => expect(api.count("PUT /videos/7/subtitles/en")).toBe(1));
});

test("one track is shown by default: another one's turn ends the first one's", async () => {
  api.answers["PATCH /videos/7/subtitles/de"] = { ...GERMAN, default: true };
  await open();
  fireEvent.click(await screen.findByRole("button", { name: "Show by default: Deutsch" }));
  await screen.findByRole("button", { name: "Do not show by default: Deutsch" });
  await screen.findByRole("button", { name: "Show by default: English" });
});

test("a track's text is previewed, and its shift is sent in milliseconds", async () => {
  api.answers["PATCH /videos/7/subtitles/en"] = { ...TRACK, shift_ms: -1500, etag: "e2" };
  await open();
  fireEvent.click(await screen.findByRole("button", { name: "Preview: English" }));
  const text = await screen.findByRole("region", { name: "Text of “English”" });
  expect(within(text).getByText("0:01.0")).toBeDefined();
  fireEvent.click(screen.getByRole("button", { name: "Change: English" }));
  fireEvent.change(await screen.findByLabelText("Shift in seconds"), { target: { value: "-1.5" } });
  fireEvent.click(screen.getByRole("button", { name: "Save" }));
  await screen.findByText("-1.5 s");
  const patch = api.asked.find(({ method }) => method === "PATCH");
  expect(JSON.parse(patch?.body ?? "")).toEqual({ label: "English", shift_ms: -1500 });
});

test("a track goes after it was confirmed", async () => {
  api.answers["DELETE /videos/7/subtitles/de"] = () => {
    api.answers["GET /videos/7/subtitles"] = { subtitles: [TRACK] };
    return new Response(null, { status: 204 });
  };
  await open();
  fireEvent.click(await screen.findByRole("button", { name: "Delete: Deutsch" }));
  fireEvent.click(await screen.findByRole("button", { name: "Delete" }));
  await waitFor(() => expect(screen.queryByText("Deutsch")).toBeNull());
  expect(screen.getByText("English")).toBeDefined();
});
