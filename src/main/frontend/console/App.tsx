import { useEffect, useRef, useState } from "react";
import { useStore } from "zustand";
import { ConnectionBadge } from "./ConnectionBadge.js";
import { DebugDrawer } from "./DebugDrawer.js";
import type { Desk } from "./desk.js";
import { EventFeed } from "./EventFeed.js";
import { FlashBar } from "./FlashBar.js";
import { FlashForm } from "./FlashForm.js";
import { useRemembered } from "./remembered.js";
import { StaleNotice } from "./StaleNotice.js";
import { VehicleBoard } from "./VehicleBoard.js";

/** The page of a dispatcher. */
export function App({ desk }: { desk: Desk }) {
  const board = useStore(desk.shown);
  const [debugging, setDebugging] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const close = () => {
    setDebugging(false);
    opener.current?.focus();
  };
  return (
    <>
      <div id="page">
        <header className="top">
          <h1>Samband</h1>
          <ConnectionBadge />
          <Appearance />
          <button
            ref={opener}
            type="button"
            aria-expanded={debugging}
            aria-controls="debug-drawer"
            data-testid="debug-toggle"
            onClick={() => (debugging ? close() : setDebugging(true))}
          >
            The line
          </button>
        </header>
        <StaleNotice outdated={board.outdated} loadedAt={board.loadedAt} />
        <FlashBar flashes={board.flashes} />
        <main>
          <FlashForm />
          <div className="columns">
            <VehicleBoard vehicles={board.vehicles} changed={desk.changed} />
            <EventFeed feed={board.feed} />
          </div>
        </main>
      </div>
      {debugging && <DebugDrawer close={close} />}
    </>
  );
}

function Appearance() {
  const [scheme, setScheme] = useRemembered("appearance", "light dark");
  useEffect(() => {
    document.documentElement.style.colorScheme = scheme;
  }, [scheme]);
  return (
    <label className="appearance">
      <span className="only-read">Appearance</span>
      <select
        value={scheme}
        data-testid="appearance"
        onChange={(event) => setScheme(event.target.value)}
      >
        <option value="light dark">As the system</option>
        <option value="light">Day</option>
        <option value="dark">Night</option>
      </select>
    </label>
  );
}
