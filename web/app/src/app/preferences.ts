import { useSyncExternalStore } from "react";

export const LANGUAGES = ["zh-CN", "en"] as const;
export type Language = (typeof LANGUAGES)[number];
/** Each language in its own words, whichever is in use. */
export const LANGUAGE_NAMES: Record<Language, string> = { "zh-CN": "简体中文", en: "English" };
export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

/** What somebody chose on this device. */
export interface Preferences {
  language: Language;
  theme: Theme;
}

const KEY = "videosite.preferences";

/** The first of a reader's languages that there is; English if there is none. */
export function preferredLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    if (tag.toLowerCase().startsWith("zh")) return "zh-CN";
    if (tag.toLowerCase().startsWith("en")) return "en";
  }
  return "en";
}

function read(): Preferences {
  const found: Preferences = { language: preferredLanguage(navigator.languages), theme: "system" };
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Preferences>;
    if (LANGUAGES.some((one) => one === stored.language)) found.language = stored.language as Language;
    if (THEMES.some((one) => one === stored.theme)) found.theme = stored.theme as Theme;
  } catch {
    // Unreadable: as if nothing had been chosen.
  }
  return found;
}

/** Preferences as they are, and as other tabs change them. */
class PreferenceStore {
  #value = read();
  readonly #listeners = new Set<() => void>();

  constructor() {
    window.addEventListener("storage", (event) => {
      if (event.key === KEY) this.#become(read());
    });
  }

  get value(): Preferences {
    return this.#value;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  change(wanted: Partial<Preferences>): void {
    this.#become({ ...this.#value, ...wanted });
    localStorage.setItem(KEY, JSON.stringify(this.#value));
  }

  #become(value: Preferences): void {
    this.#value = value;
    for (const listener of this.#listeners) listener();
  }
}

export const preferences = new PreferenceStore();

/** The preferences, for components. */
export function usePreferences(): Preferences {
  return useSyncExternalStore(preferences.subscribe, () => preferences.value);
}

const dark = window.matchMedia("(prefers-color-scheme: dark)");

function onSystemTheme(listener: () => void): () => void {
  dark.addEventListener("change", listener);
  return () => dark.removeEventListener("change", listener);
}

/** Whether to draw light on dark: as chosen, or as the system has it. */
export function useDark(): boolean {
  const system = useSyncExternalStore(onSystemTheme, () => dark.matches);
  const { theme } = usePreferences();
  return theme === "system" ? system : theme === "dark";
}
