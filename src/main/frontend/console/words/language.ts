import { useEffect } from "react";
import { useRemembered } from "../desk/remembered.js";
import { en } from "./en.js";
import { nb } from "./nb.js";
import { KNOWN_TYPES, type KnownType, type Language, type Words } from "./words.js";

export const LANGUAGES: readonly Words[] = [nb, en];

/** The first language of the browser's list that there are words for: nb, nn and no are Norwegian, all others English. */
export function preferredLanguage(preferred: readonly string[]): Language {
  for (const tag of preferred) {
    const language = tag.toLowerCase().split("-")[0] ?? "";
    if (["nb", "nn", "no"].includes(language)) return "nb";
    if (language === "en") return "en";
  }
  return "en";
}

export function wordsOf(language: string): Words {
  return LANGUAGES.find((words) => words.language === language) ?? en;
}

/** The words of the language that was chosen, or else of the browser's. */
export function useWords(): Words {
  return useLanguage()[0];
}

export function useLanguage(): [Words, (language: string) => void] {
  const [language, set] = useRemembered("language", preferredLanguage(navigator.languages));
  return [wordsOf(language), set];
}

/** Tells the browser, and with it screen readers, which language the page has. */
export function usePageLanguage(): void {
  const { language } = useWords();
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
}

/** A type that a module has made up has no words: its name with spaces has to do. */
export function typeName(words: Words, type: string): string {
  return isKnown(type) ? words.types[type] : type.replaceAll("_", " ");
}

function isKnown(type: string): type is KnownType {
  return (KNOWN_TYPES as readonly string[]).includes(type);
}
