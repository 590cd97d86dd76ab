import { useEffect } from "react";
import { useRemembered } from "../desk/remembered.js";
import type { Shortcut } from "../words/words.js";

/** Single keys; they can be turned off, and do nothing while somebody types. */
export const SHORTCUT_KEYS: Record<Shortcut, string> = {
  messages: "m",
  write: "n",
  vehicles: "v",
  search: "/",
  settings: "?",
};

/** Where a shortcut leads: to the first of these that is there. */
const TARGETS: Record<Shortcut, readonly string[]> = {
  messages: ['[data-testid="flash-message"][data-open="true"] button', "#flash-text"],
  write: ["#flash-text"],
  vehicles: ["[data-testid=vehicle] button", "#vehicles-heading"],
  search: ["#event-search"],
  settings: ["#settings-button"],
};

export function useShortcuts(): void {
  const [setting] = useRemembered("shortcuts", "on");
  useEffect(() => {
    if (setting !== "on") return;
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
      const shortcut = shortcutOf(event.key);
      const target = shortcut && targetOf(shortcut);
      if (!target || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      target.focus();
      target.scrollIntoView({ block: "nearest" });
      if (shortcut === "settings") target.click();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [setting]);
}

function shortcutOf(key: string): Shortcut | undefined {
  const entries = Object.entries(SHORTCUT_KEYS) as [Shortcut, string][];
  return entries.find(([, one]) => one === key)?.[0];
}

function targetOf(shortcut: Shortcut): HTMLElement | undefined {
  return TARGETS[shortcut].flatMap((one) => document.querySelector<HTMLElement>(one) ?? [])[0];
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, select, textarea") !== null;
}
