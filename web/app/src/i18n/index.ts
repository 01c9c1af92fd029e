import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type { Language } from "../app/preferences.ts";
import type { Messages } from "./en.ts";

/** Fetched when they are wanted. */
const MESSAGES: Record<Language, () => Promise<Messages>> = {
  en: () => import("./en.ts").then((module) => module.en),
  "zh-CN": () => import("./zh.ts").then((module) => module.zh),
};

/** Makes the texts of a language available, and this language the one in use. */
export async function startI18n(language: Language): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: language,
    resources: { [language]: { translation: await MESSAGES[language]() } },
    fallbackLng: false,
    // React escapes.
    interpolation: { escapeValue: false },
  });
}

/** Switches to a language. */
export async function changeLanguage(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language, "translation")) {
    i18next.addResourceBundle(language, "translation", await MESSAGES[language]());
  }
  if (i18next.language !== language) await i18next.changeLanguage(language);
}

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: Messages };
  }
}
