import type { Video } from "./useVideos.ts";

/** What a video may be about: those of the API, each once, which the type checks. */
export const CATEGORIES = [
  "animals",
  "arts",
  "comedy",
  "education",
  "entertainment",
  "film",
  "food",
  "gaming",
  "howto",
  "kids",
  "music",
  "news",
  "people",
  "politics",
  "science",
  "sports",
  "technology",
  "travel",
  "vehicles",
  "other",
] as const satisfies readonly NonNullable<Video["category"]>[];
