import { describe, expect, it } from "vitest";
import { DEVELOPER_WORDS } from "../developer/words.js";
import { en } from "./en.js";
import { preferredLanguage, typeName, wordsOf } from "./language.js";
import { nb } from "./nb.js";

/** Every text of a dictionary by its path; what has parameters is asked with some. */
function texts(dictionary: object, path = ""): Map<string, string> {
  const all = new Map<string, string>();
  for (const [name, value] of Object.entries(dictionary)) {
    const here = path ? `${path}.${name}` : name;
    const said = typeof value === "function" ? value(...argumentsFor(here)) : value;
    if (typeof said === "string") all.set(here, said);
    else for (const [key, text] of texts(said, here)) all.set(key, text);
  }
  return all;
}

function argumentsFor(path: string): readonly unknown[] {
  if (path.startsWith("doubt.")) return [{ heard: "40 s", since: "14:00:00", events: 7 }];
  return [7, 9, 11];
}

/** Abbreviations and names that both languages share. */
const SAME = new Set([
  "units.lessThanAMinute",
  "units.second",
  "units.minute",
  "units.day",
  "vehicles.statusLabel",
  "send.send",
  "events.acknowledged",
]);

describe.each([
  ["the page", en, nb],
  ["the developer tools", DEVELOPER_WORDS.en, DEVELOPER_WORDS.nb],
])("the words of %s", (_, english, norwegian) => {
  const both = [texts(english), texts(norwegian)] as const;

  it("are complete in both languages", () => {
    const [inEnglish, inNorwegian] = both;
    expect([...inNorwegian.keys()].sort()).toEqual([...inEnglish.keys()].sort());
    for (const said of both) {
      for (const [path, text] of said) expect(text.trim(), path).not.toBe("");
    }
  });

  it("are translated", () => {
    const [inEnglish, inNorwegian] = both;
    const untranslated = [...inEnglish].filter(
      ([path, text]) =>
        !SAME.has(path) && !path.startsWith("sendMany") && inNorwegian.get(path) === text,
    );
    expect(untranslated.map(([path]) => path)).toEqual([]);
  });

  it("say everything that they are told", () => {
    for (const said of both) {
      for (const [path, text] of said) expect(text, path).not.toMatch(/undefined|null|\[object/);
    }
  });
});

it.each([
  [["nb-NO", "en"], "nb"],
  [["no"], "nb"],
  [["nn-NO"], "nb"],
  [["en-US", "nb"], "en"],
  [["de", "nb"], "nb"],
  [["de"], "en"],
  [[], "en"],
] as const)("a browser that prefers %j gets %s", (preferred, language) => {
  expect(preferredLanguage(preferred)).toBe(language);
});

it("a language that is not known is English", () => expect(wordsOf("xx")).toBe(en));

it("a known event type has words, and one that a module made up its own name", () => {
  expect(typeName(nb, "bilstatus_update")).toBe("Bilstatus");
  expect(typeName(en, "bilstatus_update")).toBe("Vehicle status");
  expect(typeName(en, "shift_report")).toBe("shift report");
});
