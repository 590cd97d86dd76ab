import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { isOpen } from "../desk/acknowledging.js";
import { deskName, useDeskName } from "../desk/desk-name.js";
import { useRemembered } from "../desk/remembered.js";
import { usePageLanguage, useWords } from "../words/language.js";
import { useAcknowledged, useBoard, useConsole } from "./context.js";
import { EventFeed } from "./EventFeed.js";
import { Header } from "./Header.js";
import { MessagesPanel } from "./MessagesPanel.js";
import { OpenNotice } from "./OpenNotice.js";
import { useTheme } from "./Settings.js";
import { useMark } from "./use-mark.js";
import { useServerClock } from "./use-now.js";
import { useShortcuts } from "./use-shortcuts.js";
import { VehicleBoard } from "./VehicleBoard.js";

/** Loaded when somebody asks for it: dispatchers do not. */
const DebugDrawer = lazy(async () => {
  const { DebugDrawer: Drawer } = await import("../developer/DebugDrawer.js");
  return { default: Drawer };
});

/** The page of a dispatcher. */
export function App() {
  const words = useWords();
  const { desk, acknowledging, alerts } = useConsole();
  const board = useBoard((shown) => shown);
  const { here } = useAcknowledged();
  const own = useOwnName(words.language === "nb" ? "Pult" : "Desk");
  const open = useMemo(
    () => board.flashes.filter((flash) => isOpen(flash, own, here, board.settled)),
    [board.flashes, board.settled, own, here],
  );
  const urgent = open.filter(({ priority }) => priority === "high").length;
  const acknowledge = useCallback(
    (ids: readonly string[]) => acknowledging.acknowledge(ids, own),
    [acknowledging, own],
  );
  const tools = useTools();
  useTheme();
  usePageLanguage();
  useShortcuts();
  useServerClock();
  useMark(open.length, urgent);
  const { title } = words.notify;
  useEffect(() => desk.onUrgent((flash) => alerts.urgent(flash, title)), [desk, alerts, title]);
  return (
    <div id="page" data-drawer={tools.shown}>
      <Header
        own={own}
        open={open}
        showMessages={showFirstMessage}
        tools={tools.allowed ? tools : null}
      />
      <main>
        <MessagesPanel flashes={board.flashes} open={open} own={own} acknowledge={acknowledge} />
        <VehicleBoard vehicles={board.vehicles} changed={desk.changed} />
        <EventFeed feed={board.feed} flashes={board.flashes} technical={tools.allowed} />
      </main>
      {tools.shown && (
        <Suspense>
          <DebugDrawer close={tools.toggle} />
        </Suspense>
      )}
      <OpenNotice />
    </div>
  );
}

/** The name of this desk; one is made up until somebody gives one. */
function useOwnName(prefix: string): string {
  const [name] = useDeskName();
  const [made] = useState(() => name || deskName(prefix));
  return name || made;
}

function useTools() {
  const [developer] = useRemembered("developer", "off");
  const [wanted, setWanted] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const allowed = developer === "on";
  const shown = allowed && wanted;
  const toggle = () => {
    if (shown) button.current?.focus();
    setWanted(!shown);
  };
  return { allowed, shown, toggle, button };
}

function showFirstMessage(): void {
  const card = document.querySelector<HTMLElement>(
    '[data-testid="flash-message"][data-open="true"]',
  );
  const scroll = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
  card?.scrollIntoView({ block: "center", behavior: scroll });
  card?.focus({ preventScroll: true });
}
