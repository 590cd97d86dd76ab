import { createContext, useContext } from "react";
import { useStore } from "zustand";
import type { Alerts } from "../alerts/alerts.js";
import type { Acknowledged, Acknowledging } from "../desk/acknowledging.js";
import type { Desk } from "../desk/desk.js";
import type { Board } from "../model/board.js";

/** What the page is made of, beside the connection. */
export interface Console {
  readonly desk: Desk;
  readonly acknowledging: Acknowledging;
  readonly alerts: Alerts;
}

export const ConsoleContext = createContext<Console | null>(null);

export function useConsole(): Console {
  const console = useContext(ConsoleContext);
  if (!console) throw new Error("there is no ConsoleContext above this component");
  return console;
}

/** What the selector picks from the board, kept up to date. */
export function useBoard<T>(selector: (board: Board) => T): T {
  return useStore(useConsole().desk.shown, selector);
}

export function useAcknowledged(): Acknowledged {
  return useStore(useConsole().acknowledging.store);
}
