import { ProblemError } from "@videosite/api";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";

/** A failure as a sentence for the reader: by the server's code in their language, else in the server's words. */
export function useSentence(): (error: { code?: string; message: string } | Error) => string {
  const { t, i18n } = useTranslation();
  return useCallback(
    (error) => {
      const code = "code" in error ? error.code : undefined;
      const key = `problem.${code}`;
      if (code && i18n.exists(key)) return t(key as "problem.offline");
      return error instanceof ProblemError || code ? error.message : t("problem.unknown");
    },
    [t, i18n],
  );
}
