import { ProblemError } from "@videosite/api";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";

/**
 * A failure as a sentence for the reader: by the server's code in their language, else in the server's words.
 *
 * @param scope texts that go first: the same code means one thing of a video, another of a subtitle file
 */
export function useSentence(
  scope?: "subtitles" | "picture",
): (error: { code?: string; message: string } | Error) => string {
  const { t, i18n } = useTranslation();
  return useCallback(
    (error) => {
      const code = "code" in error ? error.code : undefined;
      const key = [`${scope}.problem.${code}`, `problem.${code}`].find((one) => i18n.exists(one));
      const text =
        code && key
          ? t(key as "problem.offline")
          : error instanceof ProblemError || code
            ? error.message
            : t("problem.unknown");
      // Where the server's own words are shown, they name the line already.
      return key && error instanceof ProblemError && error.line !== null
        ? t("problem.atLine", { line: error.line, text })
        : text;
    },
    [t, i18n, scope],
  );
}
