import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type { Language } from "../app/preferences.ts";
import type { StaffMessages } from "./admin/en.ts";
import type { Messages } from "./en.ts";

/** Fetched when they are wanted. */
const MESSAGES: Record<Language, () => Promise<Messages>> = {
  en: () => import("./en.ts").then((module) => module.en),
  "zh-CN": () => import("./zh.ts").then((module) => module.zh),
};
const STAFF: Record<Language, () => Promise<StaffMessages>> = {
  en: () => import("./admin/en.ts").then((module) => module.adminEn),
  "zh-CN": () => import("./admin/zh.ts").then((module) => module.adminZh),
};

let staffWanted = false;
let ready = () => {};
/** Pages are fetched before the first language is there. */
const started = new Promise<void>((resolve) => {
  ready = resolve;
});

/** Makes the texts of a language available, and this language the one in use. */
export async function startI18n(language: Language): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: language,
    resources: { [language]: { translation: await MESSAGES[language]() } },
    fallbackLng: false,
    // React escapes.
    interpolation: { escapeValue: false },
  });
  ready();
}

/** Switches to a language. */
export async function changeLanguage(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language, "translation")) {
    i18next.addResourceBundle(language, "translation", await MESSAGES[language]());
  }
  if (staffWanted) await addStaffTexts(language);
  if (i18next.language !== language) await i18next.changeLanguage(language);
}

/** What a page for staff gives, once the texts of those pages are there. */
export async function withStaffTexts<Page>(page: Promise<Page>): Promise<Page> {
  staffWanted = true;
  await started;
  await addStaffTexts(i18next.language as Language);
  return page;
}

async function addStaffTexts(language: Language): Promise<void> {
  if (i18next.exists("updated.ago", { lng: language })) return;
  i18next.addResourceBundle(language, "translation", await STAFF[language](), true);
}

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: Messages & StaffMessages };
  }
}
