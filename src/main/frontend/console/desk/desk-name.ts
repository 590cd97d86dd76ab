import { useCallback } from "react";
import { remember, remembered, useRemembered } from "./remembered.js";

const MOST_CHARACTERS = 64;

/** The name of this desk; until somebody has given one, "Desk" and four characters that tell it from the others. */
export function deskName(prefix: string): string {
  const given = remembered("desk");
  if (given) return given;
  const name = `${prefix} ${Math.random().toString(36).slice(2, 6).toUpperCase().padEnd(4, "0")}`;
  remember("desk", name);
  return name;
}

/** As the server takes it: printable, at most 64 characters; null if nothing is left. */
export function validName(typed: string): string | null {
  const name = typed.replace(/\p{C}/gu, "").trim().slice(0, MOST_CHARACTERS).trim();
  return name === "" ? null : name;
}

export function useDeskName(): [string, (typed: string) => void] {
  const [name, set] = useRemembered("desk", "");
  const change = useCallback(
    (typed: string) => {
      const valid = validName(typed);
      if (valid) set(valid);
    },
    [set],
  );
  return [name, change];
}
