import { expect, test } from "vitest";
import { preferredLanguage } from "../src/app/preferences.ts";
import { adminEn } from "../src/i18n/admin/en.ts";
import { adminZh } from "../src/i18n/admin/zh.ts";
import { en } from "../src/i18n/en.ts";
import { zh } from "../src/i18n/zh.ts";
import { formatAgo, formatBytes, formatClock, formatLeft } from "../src/ui/format.ts";

type Texts = { readonly [key: string]: string | Texts };

function entries(texts: Texts, prefix = ""): [string, string][] {
  return Object.entries(texts).flatMap(([key, value]) =>
    typeof value === "string"
      ? [[prefix + key, value] as [string, string]]
      : entries(value, `${prefix}${key}.`),
  );
}

test.each([
  ["everybody's pages", en, zh],
  ["staff's pages", adminEn, adminZh],
])("both languages say the same in %s, with the same parameters", (_, english, translated) => {
  const chinese = new Map(entries(translated));
  expect(entries(english).map(([key]) => key)).toEqual([...chinese.keys()]);
  const parameters = (text = "") => [...text.matchAll(/{{(\w+)}}/g)].map(([, name]) => name).sort();
  for (const [key, text] of entries(english))
    expect(parameters(chinese.get(key)), key).toEqual(parameters(text));
});

test("the first language that there is counts", () => {
  expect(preferredLanguage(["fr", "zh-TW", "en"])).toBe("zh-CN");
  expect(preferredLanguage(["en-GB", "zh"])).toBe("en");
  expect(preferredLanguage(["fr"])).toBe("en");
});

test("numbers are written as the reader writes them", () => {
  expect(formatClock(75)).toBe("1:15");
  expect(formatClock(3675)).toBe("1:01:15");
  expect(formatBytes(1_234_567, "en")).toBe("1.2 MB");
  expect(formatBytes(999, "en")).toBe("999 bytes");
  expect(formatLeft(45, "en")).toBe("45 sec");
  expect(formatLeft(720, "en")).toBe("12 min");
  const now = Date.parse("2026-03-01T10:30:00Z");
  expect(formatAgo("2026-03-01T10:27:00Z", "en", now)).toBe("3 minutes ago");
  expect(formatAgo("2026-03-01T10:27:00Z", "zh-CN", now)).toBe("3分钟前");
});
