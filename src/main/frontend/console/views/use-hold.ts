import { type FocusEvent, useEffect, useMemo, useRef, useState } from "react";
import { heldOrder } from "../model/arrangement.js";

/** So long things keep still after the pointer has left: a finger that taps twice leaves in between. */
const STILL_MILLIS = 1_500;

/** Whether somebody may be about to click or press something here: then nothing in it may move. */
export function useHold() {
  const [held, setHeld] = useState(false);
  const inside = useRef({ pointer: false, keyboard: false });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const handlers = useMemo(() => {
    const is = (change: Partial<typeof inside.current>) => {
      Object.assign(inside.current, change);
      clearTimeout(timer.current);
      if (inside.current.pointer || inside.current.keyboard) setHeld(true);
      else timer.current = setTimeout(() => setHeld(false), STILL_MILLIS);
    };
    return {
      onPointerEnter: () => is({ pointer: true }),
      onPointerLeave: () => is({ pointer: false }),
      // Focus that a click leaves behind holds nothing: the pointer does, for as long as it is there.
      onFocus: ({ target }: FocusEvent) => is({ keyboard: target.matches(":focus-visible") }),
      onBlur: ({ currentTarget, relatedTarget }: FocusEvent) => {
        if (!currentTarget.contains(relatedTarget)) is({ keyboard: false });
      },
    };
  }, []);
  const release = () => {
    inside.current = { pointer: false, keyboard: false };
    setHeld(false);
  };
  return { held, handlers, release };
}

/** The value as it was when it began to be held. */
export function useHeld<T>(value: T, held: boolean): T {
  const kept = useRef(value);
  if (!held) kept.current = value;
  return kept.current;
}

/** While held, everything stays where it is, also what is gone by now; what is new comes after it. */
export function useHeldOrder(ids: readonly string[], held: boolean): readonly string[] {
  const kept = useRef(ids);
  kept.current = held ? heldOrder(kept.current, ids) : ids;
  return kept.current;
}
