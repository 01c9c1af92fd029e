/** Languages that are offered; any other tag can be typed. */
export const LANGUAGES = [
  "zh-Hans",
  "zh-Hant",
  "en",
  "ar",
  "bn",
  "cs",
  "da",
  "de",
  "el",
  "es",
  "fa",
  "fi",
  "fr",
  "he",
  "hi",
  "hu",
  "id",
  "it",
  "ja",
  "ko",
  "ms",
  "nl",
  "no",
  "pl",
  "pt",
  "pt-BR",
  "ro",
  "ru",
  "sv",
  "th",
  "tr",
  "uk",
  "vi",
] as const;

/** What a language is called in the reader's; its tag where that is not known. */
export function languageName(tag: string, reader: string): string {
  try {
    return new Intl.DisplayNames(reader, { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

/** The language that a file's name tells, as in `film.zh-Hant.srt`; none if it tells none. */
export function languageOfFile(name: string): string | undefined {
  const tag = /[._-]([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})?)\.[A-Za-z]+$/.exec(name)?.[1]?.toLowerCase();
  return LANGUAGES.find((one) => one.toLowerCase() === tag);
}
