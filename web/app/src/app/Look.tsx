import { ConfigProvider, theme } from "antd";
import type { Locale } from "antd/es/locale";
import { type ReactNode, useEffect, useState } from "react";
import { changeLanguage } from "../i18n/index.ts";
import { FeedbackProvider } from "../ui/feedback.tsx";
import { type Language, useDark, usePreferences } from "./preferences.ts";

/** Ant Design's own words, fetched with the language; its English comes with it. */
const LOCALES: Record<Language, () => Promise<Locale | undefined>> = {
  en: () => Promise.resolve(undefined),
  "zh-CN": () => import("antd/locale/zh_CN").then((module) => module.default),
};

/** Texts that Ant Design draws too pale to be read (WCAG 1.4.3 wants 4.5:1). */
const READABLE = {
  light: {
    colorPrimary: "#4f46e5",
    colorInfo: "#4f46e5",
    colorError: "#c62828",
    // Darker under the pointer: lighter ones are too pale for white text.
    colorPrimaryHover: "#4338ca",
    colorErrorHover: "#b71c1c",
    colorLink: "#4338ca",
    colorTextSecondary: "rgba(0, 0, 0, 0.7)",
    colorTextTertiary: "rgba(0, 0, 0, 0.62)",
    colorTextQuaternary: "rgba(0, 0, 0, 0.6)",
    colorTextPlaceholder: "rgba(0, 0, 0, 0.58)",
    colorBgLayout: "#f6f7f9",
  },
  dark: {
    colorPrimary: "#5b5fe8",
    colorInfo: "#5b5fe8",
    colorError: "#cf3a3f",
    colorPrimaryHover: "#4f46e5",
    colorErrorHover: "#b71c1c",
    colorLink: "#a5b4fc",
    colorTextSecondary: "rgba(255, 255, 255, 0.75)",
    colorTextTertiary: "rgba(255, 255, 255, 0.65)",
    colorTextQuaternary: "rgba(255, 255, 255, 0.6)",
    colorTextPlaceholder: "rgba(255, 255, 255, 0.58)",
    colorBgBase: "#0f1115",
    colorBgLayout: "#0b0d11",
    colorBgContainer: "#15181e",
    colorBgElevated: "#1d2129",
    colorBorder: "#3a404b",
    colorBorderSecondary: "#2a2f38",
  },
} as const;

/** Theme and language, as chosen, for everything inside. */
export function Look({ children }: { children: ReactNode }) {
  const dark = useDark();
  const { language } = usePreferences();
  const [locale, setLocale] = useState<Locale | undefined>();
  useEffect(() => {
    document.documentElement.dataset.theme = dark ? "dark" : "light";
  }, [dark]);
  useEffect(() => {
    let current = true;
    document.documentElement.lang = language;
    void Promise.all([changeLanguage(language), LOCALES[language]()]).then(([, found]) => {
      if (current) setLocale(found);
    });
    return () => {
      current = false;
    };
  }, [language]);
  return (
    <ConfigProvider
      {...(locale && { locale })}
      theme={{
        algorithm: dark ? theme.darkAlgorithm : theme.defaultAlgorithm,
        token: {
          ...(dark ? READABLE.dark : READABLE.light),
          borderRadius: 8,
          fontFamily: "var(--font)",
        },
      }}
    >
      <FeedbackProvider>{children}</FeedbackProvider>
    </ConfigProvider>
  );
}
